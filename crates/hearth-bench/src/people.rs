//! People of labelled photographs: some agree to be known, the others are strangers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::{dice::Dice, house::Hub, test_data::test_data};

/// Of those who could be known, how many stay strangers.
const STRANGERS: f64 = 0.3;

/// Photographs of the face package, in its folder.
const SAMPLES: [&str; 2] = ["sample1.jpg", "sample2.jpg"];

const PHOTO_ENDINGS: [&str; 3] = ["jpg", "jpeg", "png"];

/// Somebody who comes.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// What they are called.
    pub(crate) name: String,
    /// What they are known from; a stranger has none.
    enrolled: Vec<PathBuf>,
    /// As what they come: photographs by their place among those of the simulated house.
    pub(crate) faces: Vec<usize>,
}

impl Person {
    /// Somebody, for tests.
    #[cfg(test)]
    pub(crate) fn somebody(name: &str, is_known: bool) -> Self {
        let enrolled = is_known.then(PathBuf::new).into_iter().collect();
        Self { name: name.to_owned(), enrolled, faces: Vec::new() }
    }

    /// Whether they agreed to be known.
    pub(crate) fn is_known(&self) -> bool {
        !self.enrolled.is_empty()
    }
}

/// Everybody, and the photographs of those who come.
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    pub(crate) photos: Vec<PathBuf>,
    /// What kind of photographs, as it stands in a report.
    pub(crate) source: &'static str,
}

impl People {
    /// Those of a folder with one folder a person, or of the test data; without either, two people
    /// of the face package, of whom the known one comes as they were photographed.
    ///
    /// Who has several photographs is known from one half of them and comes with the other; who has
    /// one, and a part of the others, is a stranger.
    pub(crate) fn read(folder: Option<&Path>, dice: &mut Dice) -> anyhow::Result<Self> {
        let folder = folder.map_or_else(|| test_data("faces/people"), Path::to_owned);
        if !folder.is_dir() {
            return Self::samples();
        }
        let mut people = Self { all: Vec::new(), photos: Vec::new(), source: "labelled, held out" };
        let mut several = Vec::new();
        for own in sorted(&folder)?.into_iter().filter(|path| path.is_dir()) {
            let name = own.file_name().context("a folder without a name")?;
            let name = name.to_string_lossy().replace('_', " ");
            let photos: Vec<PathBuf> =
                sorted(&own)?.into_iter().filter(|path| is_photo(path)).collect();
            match photos.len() {
                0 => {}
                1 => people.add(name, Vec::new(), photos),
                _ => several.push((name, dice.shuffled(photos))),
            }
        }
        let strangers = (several.len() as f64 * STRANGERS).ceil() as usize;
        for (number, (name, mut photos)) in dice.shuffled(several).into_iter().enumerate() {
            let half = if number < strangers { 0 } else { photos.len().div_ceil(2) };
            let others = photos.split_off(half);
            people.add(name, photos, others);
        }
        ensure!(people.all.iter().any(Person::is_known), "nobody has two photographs");
        Ok(people)
    }

    fn samples() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = root.join("models/node_modules/@vladmandic/face-api/demo");
        let [known, stranger] = SAMPLES.map(|name| folder.join(name));
        ensure!(known.is_file() && stranger.is_file(), "no photographs: cargo xtask models");
        let source = "two samples; who is known comes as they were photographed";
        let mut people = Self { all: Vec::new(), photos: Vec::new(), source };
        people.add("sample".to_owned(), vec![known.clone()], vec![known]);
        people.add("stranger".to_owned(), Vec::new(), vec![stranger]);
        Ok(people)
    }

    fn add(&mut self, name: String, enrolled: Vec<PathBuf>, comes_as: Vec<PathBuf>) {
        let first = self.photos.len();
        self.photos.extend(comes_as);
        self.all.push(Person { name, enrolled, faces: (first..self.photos.len()).collect() });
    }

    /// Makes the hub know those who agreed to it.
    pub(crate) async fn enrol(&self, hub: &Hub) -> anyhow::Result<()> {
        for Person { name, enrolled, .. } in self.all.iter().filter(|person| person.is_known()) {
            let consent = json!({ "given_by": name, "text": "A photograph of the test data." });
            let person = json!({ "name": name, "consent": consent });
            let person = hub.control.post("/api/v1/people", &person).await?;
            let id = person["id"].as_str().context("a person without an id")?;
            for photo in enrolled {
                // Of several faces the first one is the largest.
                let target = format!("/api/v1/people/{id}/samples?face=0");
                let added = hub.control.post_photo(&target, fs::read(photo)?).await;
                added.with_context(|| photo.display().to_string())?;
            }
        }
        Ok(())
    }

    /// As it stands in a report.
    pub(crate) fn json(&self) -> Value {
        let known = self.all.iter().filter(|person| person.is_known());
        json!({
            "source": self.source,
            "known": known.clone().count(),
            "strangers": self.all.len() - known.clone().count(),
            "photographs_known_from": known.map(|person| person.enrolled.len()).sum::<usize>(),
            "photographs_of_those_who_come": self.photos.len(),
        })
    }
}

fn sorted(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn is_photo(path: &Path) -> bool {
    path.extension().is_some_and(|ending| PHOTO_ENDINGS.iter().any(|photo| ending == *photo))
}
