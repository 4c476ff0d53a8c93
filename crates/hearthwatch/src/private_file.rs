//! A file that appears completely or not at all, and that nobody else can read meanwhile.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// A file being written beside its target. Dropping it removes it. promise: T-16.
pub(crate) struct PrivateFile {
    target: PathBuf,
    beside: PathBuf,
    file: File,
    is_kept: bool,
}

impl PrivateFile {
    /// Begins a file that will stand at `target`.
    pub(crate) fn begin(target: &Path) -> Result<Self, Failure> {
        let failed = |source| Failure::File { path: target.to_owned(), source };
        let name = target.file_name().ok_or_else(|| {
            Failure::Usage(format!("{} is no name for a file.", target.display()))
        })?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let beside = target.with_file_name(hidden);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)
            .map_err(failed)?;
        Ok(Self { target: target.to_owned(), beside, file, is_kept: false })
    }

    /// Appends.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|source| self.failed(source))
    }

    /// Puts it in its place, on the disk.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|source| self.failed(source))?;
        std::fs::rename(&self.beside, &self.target).map_err(|source| self.failed(source))?;
        self.is_kept = true;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Failure {
        Failure::File { path: self.target.clone(), source }
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = std::fs::remove_file(&self.beside)
        {
            eprintln!("hearthwatch: {} could not be removed: {error}", self.beside.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// promise: T-16. What was not finished leaves nothing behind, and the old file stays.
    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("clip.mp4");
        std::fs::write(&target, "old").expect("written");
        let mut file = PrivateFile::begin(&target).expect("begun");
        file.append(b"half").expect("written");
        drop(file);
        assert_eq!(std::fs::read(&target).expect("there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[test]
    fn a_finished_file_is_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("clip.mp4");
        let mut file = PrivateFile::begin(&target).expect("begun");
        file.append(b"whole").expect("written");
        file.keep().expect("kept");
        assert_eq!(std::fs::read(&target).expect("there"), b"whole");
        let mode = std::fs::metadata(&target).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
