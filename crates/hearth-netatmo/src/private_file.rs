//! Small files that only their owner reads. promise: N-02, T-16.
//!
//! Written beside their place with mode 0600 and then moved there, so that a reader sees the old
//! file or the new one, and nobody else sees either.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hearth_secret::SecretString;
use rustix::fs::OFlags;

/// A session has about ten cookies of some hundred bytes.
const BYTES_MAX: u64 = 64 << 10;

/// Reads a file, unless somebody else could have read or written it: such a file is removed, since
/// what is in it may be known by now. `None` if there is nothing to read.
pub(crate) fn read(path: &Path) -> Option<SecretString> {
    // No symbolic link: it would lead to a file that this was not meant to touch.
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(no_follow).open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let is_private = metadata.is_file()
        && metadata.mode() & 0o077 == 0
        && metadata.uid() == rustix::process::geteuid().as_raw();
    let mut text = String::new();
    let is_read = is_private
        && metadata.len() <= BYTES_MAX
        && file.take(BYTES_MAX).read_to_string(&mut text).is_ok();
    if !is_read {
        remove(path);
    }
    is_read.then(|| SecretString::new(text))
}

/// Replaces a file. Folders that are missing are made, for their owner alone.
pub(crate) fn write(path: &Path, text: &SecretString) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(hidden);
    let written = begin(&beside).and_then(|file| finish(file, &beside, path, text));
    if written.is_err() {
        remove(&beside);
    }
    written
}

fn begin(beside: &PathBuf) -> io::Result<File> {
    // Left by a process of the same number that did not get to its end.
    remove(beside);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)
}

fn finish(mut file: File, beside: &Path, path: &Path, text: &SecretString) -> io::Result<()> {
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}

/// Removes a file if it is there.
pub(crate) fn remove(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "a private file could not be removed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    /// promise: N-02. The file is its owner's alone, and so is the folder made for it.
    #[test]
    fn what_is_written_is_private_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b/session.json");
        for text in ["first", "second"] {
            write(&path, &text.into()).expect("written");
            assert_eq!(read(&path).map(|text| text.expose().clone()).as_deref(), Some(text));
        }
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        assert_eq!(std::fs::read_dir(folder.path().join("a/b")).expect("listed").count(), 1);
    }

    /// promise: N-02. What others could read or write is not believed, and does not stay.
    #[test]
    fn what_others_could_read_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("session.json");
        for mode in [0o644, 0o620, 0o604] {
            write(&path, &"text".into()).expect("written");
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("set");
            assert!(read(&path).is_none());
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write(&real, &"text".into()).expect("written");
        symlink(&real, &link).expect("linked");
        assert!(read(&link).is_none());
        // Writing replaces the link and leaves alone what it led to.
        write(&link, &"other".into()).expect("written");
        assert_eq!(std::fs::read_to_string(&real).expect("there"), "text");
    }

    #[test]
    fn what_is_too_large_or_no_text_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("session.json");
        write(&path, &SecretString::new("x".repeat(65 << 10))).expect("written");
        assert!(read(&path).is_none());
        write(&path, &"".into()).expect("written");
        std::fs::write(&path, [0xff, 0xfe]).expect("written");
        assert!(read(&path).is_none());
        assert!(!path.exists());
    }
}
