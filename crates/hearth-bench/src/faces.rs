//! `faces`: how well and how fast faces are recognised.
//!
//! How well is measured by the product itself (`people eval`), on the labelled pictures of the test
//! data; how fast by running its networks here, on one thread, in processor time: what others do on
//! the machine meanwhile does not count.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use hearth_eyes::read_photo;
use hearth_face::{
    FACE_MODEL_SHA256, FaceFinder, FaceModel, Gallery, Picture, TEMPLATE_NUMBERS, Template,
    embedded_face_model,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    Bench,
    dice::Dice,
    figures::{Goal, Report, Sample, short},
    test_data::test_data,
};

/// One face found and described, on one core.
const FACE_MS_MAX: f64 = 150.0;

/// One face looked for among so many.
const TEMPLATES: usize = 10_000;
const MATCH_MS_MAX: f64 = 5.0;

/// Templates of one person in that gallery.
const TEMPLATES_A_PERSON: usize = 5;

const ACCURACY_MIN: f64 = 0.99;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Labelled pictures, as `people eval` takes them; without it, those of the test data.
    #[arg(long)]
    pictures: Option<PathBuf>,
    /// A YuNet model to find faces with; without it, the built-in detector.
    #[arg(long)]
    detector: Option<PathBuf>,
    /// How often each time is measured.
    #[arg(long, default_value_t = 40)]
    rounds: usize,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let pictures = inputs.pictures.clone().unwrap_or_else(|| test_data("faces/people"));
    ensure!(pictures.exists(), "no labelled pictures in {}", pictures.display());
    let accuracy = evaluate(bench, &pictures, inputs.detector.as_deref()).await?;
    let (rounds, photo) = (inputs.rounds.clamp(1, 10_000), first_photo(&pictures)?);
    let times = tokio::task::spawn_blocking(move || Times::measure(&photo, rounds)).await??;
    let goals = vec![
        Goal::at_least("accuracy", ACCURACY_MIN, accuracy["accuracy"].as_f64().unwrap_or(f64::NAN)),
        Goal::at_most("face_ms_p50", FACE_MS_MAX, times.both.at(0.5)),
        Goal::at_most("match_ms_p95", MATCH_MS_MAX, times.search.at(0.95)),
    ];
    Ok(Report {
        inputs: json!({
            "pictures": pictures.file_name().map(|name| name.to_string_lossy()),
            "detector": inputs.detector.as_ref().map_or("built-in", |_| "yunet"),
            "picture": [times.size.0, times.size.1],
            "rounds": rounds,
            "templates": TEMPLATES,
        }),
        figures: json!({
            "recognition": accuracy,
            "processor_ms": {
                "find": times.find.json(),
                "describe": times.describe.json(),
                "find_and_describe": times.both.json(),
                "match": times.search.json(),
            },
            "load_model_ms": short(times.load_ms),
        }),
        goals,
    })
}

/// What the product says of these pictures.
async fn evaluate(
    bench: &Bench,
    pictures: &Path,
    detector: Option<&Path>,
) -> anyhow::Result<Value> {
    let mut command = Command::new(&bench.binary);
    command.args(["--json", "people", "eval"]).arg(pictures);
    if let Some(detector) = detector {
        command.arg("--detector").arg(detector);
    }
    let output = command.output().await.context("could not start the product")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Processor time of each step, in milliseconds.
#[derive(Default)]
struct Times {
    size: (usize, usize),
    find: Sample,
    describe: Sample,
    both: Sample,
    search: Sample,
    load_ms: f64,
}

impl Times {
    fn measure(photo: &Path, rounds: usize) -> anyhow::Result<Self> {
        let picture = read_photo(&std::fs::read(photo)?)?;
        let file =
            embedded_face_model().context("built without a face model: cargo xtask models")?;
        let started = Instant::now();
        let model = FaceModel::load(file, &FACE_MODEL_SHA256)?;
        let mut times = Self {
            size: (picture.width(), picture.height()),
            load_ms: milliseconds(started.elapsed()),
            ..Self::default()
        };
        // The first one warms the caches.
        let face = times.one_face(&model, &picture)?;
        let gallery = gallery(&face)?;
        (times.find, times.describe, times.both) = Default::default();
        for _ in 0..rounds {
            let face = times.one_face(&model, &picture)?;
            let (found, time) = timed(|| gallery.nearest(&face));
            ensure!(
                found[0].is_some_and(|nearest| nearest.person == 0),
                "somebody else was nearer"
            );
            times.search.push(milliseconds(time));
        }
        Ok(times)
    }

    fn one_face(&mut self, model: &FaceModel, picture: &Picture) -> anyhow::Result<Template> {
        let (found, finding) = timed(|| model.finder.find(picture));
        let face = found.first().context("no face in the first picture")?;
        let (reading, describing) = timed(|| model.reader.read(picture, face));
        self.find.push(milliseconds(finding));
        self.describe.push(milliseconds(describing));
        self.both.push(milliseconds(finding + describing));
        Ok(reading?.template)
    }
}

/// A gallery with one face in it among thousands of invented ones as far apart as real ones.
fn gallery(face: &Template) -> anyhow::Result<Gallery<usize>> {
    let mut dice = Dice::new(7);
    let mut gallery = Gallery::default();
    gallery.insert(0, face)?;
    for number in 1..TEMPLATES {
        let mut bytes = Vec::with_capacity(TEMPLATE_NUMBERS * 4);
        for _ in 0..TEMPLATE_NUMBERS {
            // Differences of such numbers add up to distances of about 0.8.
            let number = dice.between(-0.085, 0.085) as f32;
            bytes.extend(number.to_le_bytes());
        }
        gallery.insert(1 + number / TEMPLATES_A_PERSON, &Template::from_bytes(&bytes)?)?;
    }
    Ok(gallery)
}

/// A result, and the time this thread's processor took for it.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    let before = now();
    let result = work();
    (result, now().saturating_sub(before))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The first JPEG below a folder, or beside a list.
fn first_photo(pictures: &Path) -> anyhow::Result<PathBuf> {
    let start = if pictures.is_dir() { pictures } else { pictures.parent().unwrap_or(pictures) };
    let mut folders = vec![start.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        let is_jpeg = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "jpg");
        if let Some(photo) = paths.iter().find(is_jpeg) {
            return Ok(photo.clone());
        }
        folders.extend(paths.into_iter().rev().filter(|path| path.is_dir()));
    }
    anyhow::bail!("there is no JPEG in {}", start.display())
}
