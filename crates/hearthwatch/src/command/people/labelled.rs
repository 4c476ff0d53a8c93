//! Pictures of which it is known who is in them: a folder of folders, or a list of pairs.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use hearth_face::{LabelledPair, read_pairs};

use crate::failure::Failure;

/// Pictures in a folder: two million pairs.
const FOLDER_PICTURES_MAX: usize = 2_000;

/// Different pictures in a list.
const LIST_PICTURES_MAX: usize = 50_000;

/// Endings of files in a person's folder that are taken for pictures.
const ENDINGS: [&str; 3] = ["jpeg", "jpg", "png"];

/// Two pictures, by their numbers, and whether they show one person.
pub(crate) struct Pair {
    pub(crate) pictures: [usize; 2],
    pub(crate) is_same: bool,
}

/// Pictures and what is known of them.
pub(crate) struct Labelled {
    /// The files.
    pub(crate) pictures: Vec<PathBuf>,
    /// Who is in each, if that is known.
    pub(crate) persons: Option<Vec<usize>>,
    /// The pairs to compare.
    pub(crate) pairs: Vec<Pair>,
}

impl Labelled {
    /// Reads what is at a path.
    ///
    /// # Errors
    /// If it cannot be read, is no such folder or list, or is too large.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let labelled = if path.is_dir() { Self::of_folder(path)? } else { Self::of_list(path)? };
        if labelled.pairs.is_empty() {
            return Err(Failure::Usage(format!(
                "{} has no two pictures to compare: there has to be a folder for each person, with \
                 JPEG or PNG files in it.",
                path.display()
            )));
        }
        Ok(labelled)
    }

    fn of_folder(folder: &Path) -> Result<Self, Failure> {
        let (mut pictures, mut persons) = (Vec::new(), Vec::new());
        let people = sorted(folder)?.into_iter().filter(|path| path.is_dir());
        for (person, of_person) in people.enumerate() {
            for file in sorted(&of_person)?.into_iter().filter(|path| is_picture(path)) {
                pictures.push(file);
                persons.push(person);
            }
        }
        if pictures.len() > FOLDER_PICTURES_MAX {
            return Err(too_many(folder, FOLDER_PICTURES_MAX));
        }
        let all =
            (0..pictures.len()).flat_map(|second| (0..second).map(move |first| [first, second]));
        let pairs = all
            .map(|pictures| Pair {
                pictures,
                is_same: persons[pictures[0]] == persons[pictures[1]],
            })
            .collect();
        Ok(Self { pictures, persons: Some(persons), pairs })
    }

    fn of_list(list: &Path) -> Result<Self, Failure> {
        let text = fs::read(list).map_err(|source| unreadable(list, source))?;
        let rows = read_pairs(&text)
            .map_err(|error| Failure::Usage(format!("{}: {error}.", list.display())))?;
        let folder = list.parent().unwrap_or(Path::new(""));
        let (mut pictures, mut numbers) = (Vec::new(), HashMap::new());
        let mut number = |file: String| {
            *numbers.entry(file).or_insert_with_key(|file| {
                pictures.push(folder.join(file));
                pictures.len() - 1
            })
        };
        let pair = |LabelledPair { first, second, is_same }| Pair {
            pictures: [number(first), number(second)],
            is_same,
        };
        let pairs = rows.into_iter().map(pair).collect();
        if pictures.len() > LIST_PICTURES_MAX {
            return Err(too_many(list, LIST_PICTURES_MAX));
        }
        Ok(Self { pictures, persons: None, pairs })
    }
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| unreadable(folder, source))?;
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    path.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    Failure::Unreadable { path: path.to_owned(), source }
}

fn too_many(path: &Path, limit: usize) -> Failure {
    Failure::Usage(format!("{} has more than {limit} pictures.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_folders_gives_every_pair_once() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in ["a/1.jpg", "a/2.PNG", "b/3.jpeg", "b/notes.txt", "loose.jpg"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
            fs::write(path, b"x").expect("a file");
        }
        let labelled = Labelled::read(folder.path()).expect("a set");
        let pairs: Vec<_> = labelled.pairs.iter().map(|one| (one.pictures, one.is_same)).collect();
        assert_eq!(pairs, [([0, 1], true), ([0, 2], false), ([1, 2], false)]);
        assert_eq!(labelled.persons, Some(vec![0, 0, 1]));
    }

    #[test]
    fn files_of_a_list_lie_beside_it_and_are_read_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let list = folder.path().join("pairs.csv");
        fs::write(&list, "file_x,file_y,Decision\nx/1.jpg,2.jpg,No\n2.jpg,x/1.jpg,Yes\n")
            .expect("a file");
        let labelled = Labelled::read(&list).expect("a set");
        let files = [folder.path().join("x/1.jpg"), folder.path().join("2.jpg")];
        assert_eq!(labelled.pictures, files);
        assert_eq!(labelled.pairs[1].pictures, [1, 0]);
    }

    #[test]
    fn a_folder_without_people_is_wrong_usage() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(Labelled::read(folder.path()), Err(Failure::Usage(_))));
        let missing = folder.path().join("missing");
        assert!(matches!(Labelled::read(&missing), Err(Failure::Unreadable { .. })));
    }
}
