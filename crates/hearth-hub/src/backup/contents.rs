//! What goes into a backup, in which order, and under which names.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use hearth_recorder::FootageChoice;
use hearth_vault::{
    ArchiveWriter, BackupWriter, EntryKind, TEMPORARY_SUFFIX, Vault, VaultError,
    create_private_directory, temporary_sibling,
};
use tokio::runtime::Handle;

use super::{BackupMedia, stream::Pipe};
use crate::{
    error::Chain,
    house::House,
    start::{INDEX_DAMAGED_FILE, INDEX_FILE},
};

/// Name of the description.
pub(crate) const ABOUT: &str = "about.json";
/// Name of the keys.
pub(crate) const KEYS: &str = "keys";

/// What lies in the data directory and does not go into a backup as it is: what has its own way
/// (index, vault, footage), and what belongs to a running process.
const LEFT_OUT: [&str; 7] =
    ["media", "stills", "vault", INDEX_DAMAGED_FILE, "hub.lock", "control.sock", "lost+found"];

/// Whether something directly in the data directory is left out. SQLite's own files, and those of
/// an index that was set aside, begin like the index.
fn is_left_out(name: &OsStr) -> bool {
    let text = name.to_string_lossy();
    LEFT_OUT.contains(&&*text) || text.starts_with(INDEX_FILE)
}

/// The mark by which footage is known to be this vault's.
const VOLUME_MARK: &str = "media/volume.json";

/// Depth of the data directory.
const DEPTH_MAX: usize = 6;

/// What a backup says of itself inside.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct About {
    /// Of the program that made it.
    pub(crate) version: String,
    /// Which footage is in it.
    pub(crate) media: BackupMedia,
}

type Archive = ArchiveWriter<BackupWriter<Pipe>>;

/// Writes everything, and hands back the pipe behind the end.
pub(super) fn write(
    house: &House,
    runtime: &Handle,
    sealed: BackupWriter<Pipe>,
    media: BackupMedia,
    footage: Option<&FootageChoice>,
) -> Result<Pipe, VaultError> {
    let mut archive = ArchiveWriter::new(sealed)?;
    let about = About { version: env!("CARGO_PKG_VERSION").to_owned(), media };
    let about = serde_json::to_vec(&about).unwrap_or_default();
    archive.add(EntryKind::About, ABOUT, &about[..])?;
    add_index(house, runtime, &mut archive)?;
    add_folder(&mut archive, &house.data, &house.data, is_left_out, DEPTH_MAX)?;
    add_file(&mut archive, VOLUME_MARK, &house.data.join(VOLUME_MARK))?;
    if let Some(choice) = footage {
        add_footage(house, runtime, &mut archive, choice)?;
    }
    add_keys(house, &mut archive)?;
    let (sealed, totals) = archive.finish()?;
    tracing::info!(entries = totals.entries, bytes = totals.bytes, "a backup was made");
    sealed.finish()
}

/// The index, copied to a private folder first: it changes all the time. The copy is sealed as the
/// index is.
fn add_index(house: &House, runtime: &Handle, archive: &mut Archive) -> Result<(), VaultError> {
    let folder = TemporaryFolder::make(&house.data)?;
    let path = folder.0.join(INDEX_FILE);
    // What was recorded until now is to be in it.
    runtime.block_on(house.recorder.flush_index());
    runtime.block_on(house.store.copy_to(&path)).map_err(|error| VaultError::Io {
        action: "copy the index",
        source: io::Error::other(Chain(&error).to_string()),
    })?;
    add_file(archive, INDEX_FILE, &path).map(drop)
}

/// A folder that goes with this value, or at the next start.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make(data: &Path) -> Result<Self, VaultError> {
        let path = temporary_sibling(&data.join(INDEX_FILE))?;
        let made = create_private_directory(&path);
        made.map(|()| Self(path))
            .map_err(|source| VaultError::Io { action: "make a folder for the backup", source })
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a temporary folder was not removed");
        }
    }
}

/// Keys and slots last: by then every file in the backup has its key, unless it was erased.
fn add_keys(house: &House, archive: &mut Archive) -> Result<(), VaultError> {
    let slots = Vault::slots_folder(&house.data);
    add_folder(archive, &house.data, &slots, |_| false, DEPTH_MAX)?;
    let keys = house.vault.copy_keys()?.to_bytes();
    archive.add(EntryKind::Keys, KEYS, &keys.expose()[..]).map(drop)
}

fn add_footage(
    house: &House,
    runtime: &Handle,
    archive: &mut Archive,
    choice: &FootageChoice,
) -> Result<(), VaultError> {
    let failed = |error: hearth_recorder::RecorderError| VaultError::Io {
        action: "list the footage",
        source: io::Error::other(Chain(&error).to_string()),
    };
    for (camera, day) in house.recorder.days_of(choice).map_err(failed)? {
        let files = runtime.block_on(house.recorder.files_of(camera, day, choice));
        for file in files.map_err(failed)? {
            add_file(archive, &file.name, &file.path)?;
        }
    }
    Ok(())
}

fn add_folder(
    archive: &mut Archive,
    data: &Path,
    folder: &Path,
    is_left_out: fn(&OsStr) -> bool,
    depth: usize,
) -> Result<(), VaultError> {
    let listed = |source| VaultError::Io { action: "list the data directory", source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(listed)?,
    };
    let mut entries: Vec<_> = entries.collect::<io::Result<_>>().map_err(listed)?;
    // From the last name on: the audit log's anchor before its files, which grow meanwhile. A log
    // that is behind its anchor looks cut.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    for entry in entries {
        let name = entry.file_name();
        if is_left_out(&name) || name.to_string_lossy().ends_with(TEMPORARY_SUFFIX) {
            continue;
        }
        // Links are not followed: what they point to is not the house's.
        let kind = entry.file_type().map_err(listed)?;
        if kind.is_dir() && depth > 0 {
            add_folder(archive, data, &entry.path(), |_| false, depth - 1)?;
        } else if kind.is_file()
            && let Some(name) = entry.path().strip_prefix(data).ok().and_then(Path::to_str)
        {
            add_file(archive, name, &entry.path())?;
        }
    }
    Ok(())
}

/// Adds a file up to the length that it has now; one that is gone meanwhile was erased.
fn add_file(archive: &mut Archive, name: &str, path: &Path) -> Result<(), VaultError> {
    let failed = |source| VaultError::Io { action: "read what is backed up", source };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file.map_err(failed)?,
    };
    let length = file.metadata().map_err(failed)?.len();
    archive.add(EntryKind::File, name, file.take(length)).map(drop)
}
