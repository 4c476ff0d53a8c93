//! Files and directories that only the owner can read, written so that a crash leaves the old or
//! the new content and nothing else.
//!
//! promise: D-05, T-16. Modes are set explicitly and do not depend on the umask. Temporary files
//! lie next to their target (a rename does not cross file systems), are 0600, end in
//! [`TEMPORARY_SUFFIX`], and are removed on failure; those of a crash are removed by
//! [`remove_temporary_files`] at the next start.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::{VaultError, hex, key::random};

/// How every temporary file of the vault ends; nothing else may.
pub const TEMPORARY_SUFFIX: &str = ".hwtmp";

/// Depth to which leftovers are looked for: deeper than any layout of the product, and an end to
/// a loop of mounts.
const SWEEP_DEPTH_MAX: usize = 8;

/// More than any key file or `vault.json` has.
const READ_BYTES_FIRST: usize = 2048;

/// Makes a directory (and its parents) and sets its mode to 0700, also when it was there before.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if fs::metadata(path)?.permissions().mode() & 0o777 != 0o700 {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Creates a file that must not exist, mode 0600, for reading and writing.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    // The umask can only have taken bits away; a file its owner cannot read helps nobody.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Makes the names in a directory durable.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Replaces the content of `path` in one step: temporary file, fsync, rename, fsync of the folder.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let directory = path.parent().ok_or(VaultError::OutOfRange)?;
    let temporary = temporary_sibling(path)?;
    let written = create_private_file(&temporary)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        // The first error is the one to report; a leftover is removed at the next start.
        drop(fs::remove_file(&temporary));
        return Err(VaultError::Io { action: "write a private file", source: error });
    }
    sync_directory(directory).map_err(VaultError::io("sync a folder"))
}

/// A name for a temporary file or folder next to `path`.
pub fn temporary_sibling(path: &Path) -> Result<PathBuf, VaultError> {
    let mark: [u8; 8] = random()?;
    let process = process_mark()?;
    Ok(path.with_file_name(format!(".{process}{}{TEMPORARY_SUFFIX}", hex::encode(&mark))))
}

/// Marks the temporary files of this process, so that a sweep leaves those alone that are in use.
fn process_mark() -> Result<&'static str, VaultError> {
    static MARK: OnceLock<String> = OnceLock::new();
    if let Some(mark) = MARK.get() {
        return Ok(mark);
    }
    let mark: [u8; 8] = random()?;
    Ok(MARK.get_or_init(|| hex::encode(&mark)))
}

/// Reads a file of at most `bytes_max`; a longer one is an error, not a cut.
pub(crate) fn read_bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    // Room for any key file, so that reading one does not grow, and leave, an unwiped buffer.
    let mut bytes = Vec::with_capacity(READ_BYTES_FIRST);
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than such a file can be"));
    }
    Ok(bytes)
}

/// Removes temporary files that a crash left anywhere under `root`; returns how many.
///
/// The vault does this for its own folder when it opens. Whoever keeps files written with
/// [`write_sealed_file`](crate::write_sealed_file) elsewhere calls it for that folder at start or
/// later: what this process itself is writing is left alone.
pub fn remove_temporary_files(root: &Path) -> io::Result<usize> {
    sweep(root, SWEEP_DEPTH_MAX)
}

/// As [`remove_temporary_files`], but only directly in `directory`.
pub fn remove_temporary_children(directory: &Path) -> io::Result<usize> {
    sweep(directory, 0)
}

fn sweep(directory: &Path, depth: usize) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        // `file_type` does not follow links, so the sweep stays inside the root.
        let is_directory = entry.file_type()?.is_dir();
        let is_temporary = is_leftover(&entry.file_name());
        match (is_temporary, is_directory) {
            (true, true) => fs::remove_dir_all(entry.path())?,
            (true, false) => fs::remove_file(entry.path())?,
            (false, true) if depth > 0 => removed += sweep(&entry.path(), depth - 1)?,
            (false, _) => {}
        }
        removed += usize::from(is_temporary);
    }
    Ok(removed)
}

/// Whether a file's name says that a process which is gone left it half-written.
pub fn is_leftover(name: &OsStr) -> bool {
    let own = process_mark().unwrap_or_default();
    name.to_str().and_then(|name| name.strip_prefix('.')).is_some_and(|name| {
        name.ends_with(TEMPORARY_SUFFIX) && (own.is_empty() || !name.starts_with(own))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("exists").permissions().mode() & 0o777
    }

    /// promise: D-05. Folders are 0700 and files 0600, also where looser ones were before.
    #[test]
    fn modes_are_owner_only() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("a/b");
        create_private_directory(&folder).expect("creates");
        assert_eq!((mode(&folder), mode(&root.path().join("a"))), (0o700, 0o700));
        fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("loosens");
        create_private_directory(&folder).expect("exists");
        assert_eq!(mode(&folder), 0o700);

        let file = folder.join("file");
        write_atomically(&file, b"one").expect("writes");
        fs::set_permissions(&file, Permissions::from_mode(0o644)).expect("loosens");
        write_atomically(&file, b"two").expect("writes");
        assert_eq!(mode(&file), 0o600);
        assert_eq!(fs::read(&file).expect("reads"), b"two");
    }

    /// promise: T-16. A write that fails leaves no temporary file and the old content.
    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let root = tempfile::tempdir().expect("a folder");
        let target = root.path().join("taken");
        fs::create_dir(&target).expect("a folder where the file should go");
        assert!(write_atomically(&target, b"content").is_err());
        let names: Vec<_> = fs::read_dir(root.path()).expect("lists").collect();
        assert_eq!(names.len(), 1);
    }

    /// promise: T-16. What a crash left is removed at the next start, and nothing else is.
    #[test]
    fn leftovers_of_a_crash_are_removed_at_any_depth() {
        let root = tempfile::tempdir().expect("a folder");
        let deep = root.path().join("a/b");
        create_private_directory(&deep).expect("creates");
        let leftover = deep.join(".0011223344556677.hwtmp");
        fs::write(&leftover, b"half").expect("writes");
        let own = temporary_sibling(&deep.join("x")).expect("random");
        let kept = [deep.join("x"), deep.join("x.hwtmp"), deep.join(".hidden"), own];
        kept.iter().for_each(|path| fs::write(path, b"keep").expect("writes"));
        assert_eq!(remove_temporary_files(root.path()).expect("sweeps"), 1);
        assert!(!leftover.exists() && kept.iter().all(|path| path.exists()));
    }
}
