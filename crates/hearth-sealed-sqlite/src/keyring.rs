//! Which database lies under which key, for as long as somebody holds it open.
//!
//! SQLite hands the VFS a path and nothing else, and a VFS must outlive every connection, also one
//! whose thread is still closing it. So there is one VFS for the life of the process, which holds
//! nothing, and this ring, from which keys go as soon as they are not needed.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hearth_secret::Key512;

use crate::{
    vfs,
    xts::{BLOCK_BYTES, Xts},
};

/// Databases unlocked at once. A hub has one, and a copy of it during a backup.
pub const PLACES_MAX: usize = 256;

/// Why a database is not unlocked.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// The file is not there, or its path can't be followed.
    #[error("the database file can't be found")]
    Path(#[source] io::Error),
    /// It is open under another key.
    #[error("the database is open under another key")]
    OtherKey,
    /// Too many are open.
    #[error("{PLACES_MAX} databases are open")]
    TooMany,
    /// SQLite refused the VFS.
    #[error("SQLite takes no sealed files (code {0})")]
    Engine(i32),
}

static PLACES: Mutex<BTreeMap<PathBuf, Place>> = Mutex::new(BTreeMap::new());

struct Place {
    cipher: Arc<Xts>,
    holders: usize,
}

/// A database that may be opened, until this is dropped. Files that are open then stay so.
#[derive(Debug)]
#[must_use = "the database is locked again when this is dropped"]
pub struct Unlocked {
    path: PathBuf,
    cipher: Arc<Xts>,
}

impl Unlocked {
    /// As [`unlock`], for another database under the same key.
    ///
    /// # Errors
    /// [`UnlockError`].
    pub fn unlock_other(&self, path: &Path) -> Result<Self, UnlockError> {
        admit(path, Arc::clone(&self.cipher))
    }
}

/// Lets connections through [`VFS_NAME`](crate::VFS_NAME) open the database at `path`, which
/// exists (it may be empty), under `key`. Several may hold it under the same key.
///
/// # Errors
/// [`UnlockError`].
pub fn unlock(path: &Path, key: &Key512) -> Result<Unlocked, UnlockError> {
    vfs::register().map_err(UnlockError::Engine)?;
    admit(path, Arc::new(Xts::new(key)))
}

fn admit(path: &Path, cipher: Arc<Xts>) -> Result<Unlocked, UnlockError> {
    // As the system's VFS gives it to ours.
    let path = path.canonicalize().map_err(UnlockError::Path)?;
    let mut places = places();
    let is_full = places.len() >= PLACES_MAX;
    let cipher = match places.get_mut(&path) {
        Some(place) if mark(&place.cipher) != mark(&cipher) => return Err(UnlockError::OtherKey),
        Some(place) => {
            place.holders += 1;
            Arc::clone(&place.cipher)
        }
        None if is_full => return Err(UnlockError::TooMany),
        None => {
            places.insert(path.clone(), Place { cipher: Arc::clone(&cipher), holders: 1 });
            cipher
        }
    };
    Ok(Unlocked { path, cipher })
}

/// The cipher of a database that somebody has unlocked.
pub(crate) fn cipher_of(path: &[u8]) -> Option<Arc<Xts>> {
    places().get(Path::new(OsStr::from_bytes(path))).map(|place| Arc::clone(&place.cipher))
}

impl Drop for Unlocked {
    fn drop(&mut self) {
        let mut places = places();
        if let Some(place) = places.get_mut(&self.path) {
            place.holders -= 1;
            if place.holders == 0 {
                places.remove(&self.path);
            }
        }
    }
}

fn places() -> MutexGuard<'static, BTreeMap<PathBuf, Place>> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By which two ciphers of one key are known to be the same; never leaves this file.
fn mark(cipher: &Xts) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    cipher.seal(u128::MAX, 0, &mut block);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key512 {
        Key512::new([byte; 64])
    }

    /// promise: T-15. A key is held as long as somebody needs it, and not longer.
    #[test]
    fn a_database_is_unlocked_until_its_last_holder_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path").join("index.db");
        assert!(matches!(unlock(&path, &key(1)), Err(UnlockError::Path(_))));
        std::fs::write(&path, "").expect("made");
        let bytes = path.as_os_str().as_bytes();
        let first = unlock(&path, &key(1)).expect("unlocked");
        let second = unlock(&path, &key(1)).expect("unlocked again");
        assert!(matches!(unlock(&path, &key(2)), Err(UnlockError::OtherKey)));
        drop(first);
        assert!(cipher_of(bytes).is_some());
        drop(second);
        assert!(cipher_of(bytes).is_none());
        drop(unlock(&path, &key(2)).expect("nobody holds it"));
    }
}
