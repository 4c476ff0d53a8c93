//! Where the sealed files begin: under which key a database is opened, and one that an earlier
//! release left in clear is sealed first. promise: V-07, D-35.
//!
//! Sealing takes these steps, each durable before the next: a sealed copy beside it; the copy takes
//! its place; what was in clear is overwritten. Cut anywhere, the database is the old one or the
//! new one. Limit: on flash, overwritten blocks may live on until the device reuses them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use hearth_sealed_sqlite::{
    Content, FileKind, SealingFile, Unlocked, content_of, is_plain_log, unlock,
};
use hearth_secret::Key512;
use sqlx::Connection as _;

use crate::{StoreError, engine};

/// Bytes overwritten at once.
const PIECE_BYTES: usize = 1 << 20;

/// Makes sure that the file at `path`, which exists, is sealed under `key` or empty, and lets
/// connections open it.
///
/// # Errors
/// [`StoreError::WrongKey`] if it is neither; [`StoreError::Corrupt`] if it was.
pub(crate) async fn unlocked(path: &Path, key: &Key512) -> Result<Unlocked, StoreError> {
    unlocked_step_by_step(path, key, &mut || {}).await
}

/// As [`unlocked`], and calls `step` whenever the disk has changed.
pub(crate) async fn unlocked_step_by_step(
    path: &Path,
    key: &Key512,
    step: &mut (dyn FnMut() + Send),
) -> Result<Unlocked, StoreError> {
    remove_half_made(path)?;
    seal_aside(path, key)?;
    match content_of(path, key)? {
        Content::Empty | Content::Sealed => {}
        Content::Plain => seal(path, key, step).await?,
        Content::Damaged | Content::PlainDamaged => {
            return Err(StoreError::corrupt("its first bytes are damaged"));
        }
        Content::Unknown => return Err(StoreError::WrongKey),
    }
    // Left by a crash after the copy had taken its place; all of it is in the copy.
    let [_, log, _] = engine::files(path);
    if is_there(is_plain_log(&log))?.unwrap_or(false) {
        overwrite(OpenOptions::new().write(true).open(&log)?)?;
        std::fs::remove_file(&log)?;
    }
    Ok(unlock(path, key)?)
}

/// Takes the place of a database in clear by a sealed copy of it.
async fn seal(
    path: &Path,
    key: &Key512,
    step: &mut (dyn FnMut() + Send),
) -> Result<(), StoreError> {
    let copy = beside(path, ".sealing");
    private_file(&copy)?;
    step();
    let unlocked = unlock(&copy, key)?;
    let mut plain = engine::plain(path).await?;
    let copied = sqlx::query("VACUUM INTO $1").bind(engine::sealed_address(&copy)?);
    let copied = copied.execute(&mut plain).await;
    // The last connection: it empties the log into the database, and removes it.
    let closed = plain.close().await;
    copied?;
    closed?;
    drop(unlocked);
    step();
    File::open(&copy)?.sync_all()?;
    replace(path, &copy)?;
    step();
    Ok(())
}

/// Puts `new` into the place of `path` and overwrites what was there.
fn replace(path: &Path, new: &Path) -> io::Result<()> {
    // Held open over the rename, which takes away its name but not its blocks.
    let old = OpenOptions::new().write(true).open(path)?;
    std::fs::rename(new, path)?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()?;
    overwrite(old)
}

fn overwrite(mut file: File) -> io::Result<()> {
    let mut left = file.metadata()?.len();
    let zeros = vec![0; PIECE_BYTES];
    while left > 0 {
        let now = usize::try_from(left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        file.write_all(zeros.get(..now).unwrap_or(&zeros))?;
        left -= now as u64;
    }
    file.sync_data()
}

/// Seals a database that was set aside and that an earlier release left in clear, however damaged,
/// byte for byte. What is sealed under whatever key stays as it is.
pub(crate) fn seal_aside(path: &Path, key: &Key512) -> Result<(), StoreError> {
    let [database, log, _] = engine::files(&engine::aside(path));
    let content = is_there(content_of(&database, key))?;
    if matches!(content, Some(Content::Plain | Content::PlainDamaged)) {
        seal_bytes(&database, FileKind::Database, key)?;
    }
    if is_there(is_plain_log(&log))?.unwrap_or(false) {
        seal_bytes(&log, FileKind::Log, key)?;
    }
    Ok(())
}

fn seal_bytes(path: &Path, kind: FileKind, key: &Key512) -> Result<(), StoreError> {
    let copy = beside(path, ".sealing");
    let mut sealing = SealingFile::new(private_file(&copy)?, kind, key);
    io::copy(&mut File::open(path)?, &mut sealing)?;
    sealing.finish()?;
    Ok(replace(path, &copy)?)
}

/// Removes what a crash left of a copy.
fn remove_half_made(path: &Path) -> Result<(), StoreError> {
    let [aside, aside_log, _] = engine::files(&engine::aside(path));
    for made in [path, &*aside, &*aside_log] {
        for suffix in [".sealing", ".sealing-journal"] {
            is_there(std::fs::remove_file(beside(made, suffix)))?;
        }
    }
    Ok(())
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// `None` if the file is not there.
fn is_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
