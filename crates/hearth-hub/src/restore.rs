//! Restoring: a new data directory out of a backup, and checking one without writing anything.
//!
//! Everything is put into a hidden folder beside the new directory and takes its place in one step,
//! so a restore that fails, or a crash, leaves no half house. Nothing is ever restored over
//! something, and nothing of the index is ever on the disk in clear, also if its backup is of a
//! release that did not seal it. The vault gets a key of its own; sign-ins and tokens of programs are
//! not restored; footage that the index knows and the backup does not hold is forgotten.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use hearth_model::WallTime;
use hearth_recorder::segment_name;
use hearth_sealed_sqlite::{ArrivingDatabase, change_key};
use hearth_secret::Key512;
use hearth_store::{Store, StoreError};
use hearth_vault::{
    ArchiveReader, BackupHead, BackupKey, BackupReader, Entry, EntryKind, KeyCopy, MasterKeySource,
    Vault, VaultError, create_private_directory, create_private_file, default_key_file,
    sync_directory,
};
use zeroize::Zeroize as _;

use crate::{
    backup::{BackupMedia, contents::About},
    error::Chain,
    start::INDEX_FILE,
};

/// Bytes of a backup's keys, or of its description: 4,096 scopes have some 430 kB.
const SMALL_BYTES_MAX: usize = 1 << 20;

/// Where a backup is restored to.
#[derive(Clone, Debug)]
pub struct RestoreConfig {
    /// The new data directory: one that does not exist, or is empty.
    pub data: PathBuf,
    /// The new vault's key; `None` takes the default key file of the user.
    pub key: Option<MasterKeySource>,
}

/// What a backup holds.
#[derive(Clone, Debug, serde::Serialize)]
pub struct BackupReport {
    /// Whose it is.
    pub vault: String,
    /// When it was begun.
    pub made_at: WallTime,
    /// The version that made it.
    pub version: String,
    /// Which footage is in it.
    pub media: BackupMedia,
    /// Contents in it, all whole and authentic.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files of footage in it.
    pub segments: u64,
}

/// Why a backup is not restored. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is something where the new directory should be.
    #[error("{} is not empty; a backup is restored into a new folder only", .0.display())]
    NotEmpty(PathBuf),
    /// It is not known where the new key should lie.
    #[error("there is no home directory for the key file; name one with --key-file")]
    NoKeyPlace,
    /// The backup.
    #[error("{}", told(.0))]
    Backup(#[from] VaultError),
    /// Something in it is not what it should be, although it is authentic.
    #[error("the backup holds no {0}; it was made by another version, use that one")]
    Missing(&'static str),
    /// The disk.
    #[error("{} could not be written: {source}", path.display())]
    Disk {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The index.
    #[error("the index in the backup can't be used: {}", Chain(.0))]
    Index(#[from] StoreError),
}

/// The vault's words about a backup speak of sealed data in general.
fn told(error: &VaultError) -> String {
    match error {
        VaultError::WrongKey => "this passphrase or recovery key does not open the backup".into(),
        VaultError::Altered => "the backup was altered or is damaged; use another one".into(),
        other => Chain(other).to_string(),
    }
}

/// Reads a backup to its end and checks every byte; writes nothing.
///
/// # Errors
/// [`RestoreError`].
pub fn verify_backup(input: impl Read, with: &BackupKey) -> Result<BackupReport, RestoreError> {
    unpack(input, with, &mut Nowhere).map(|unpacked| unpacked.report)
}

/// Makes a data directory out of a backup.
///
/// # Errors
/// [`RestoreError`]; nothing is left then but, perhaps, a key file without a house.
pub async fn restore_backup(
    input: impl Read + Send + 'static,
    with: BackupKey,
    config: RestoreConfig,
) -> Result<BackupReport, RestoreError> {
    let place = Place::prepare(&config.data)?;
    let folder = place.folder.clone();
    let unpacking = tokio::task::spawn_blocking(move || {
        let mut target = Folder::new(&folder)?;
        let unpacked = unpack(input, &with, &mut target)?;
        let source = match config.key {
            Some(key) => key,
            None => default_key_file(unpacked.keys.vault())
                .map(MasterKeySource::KeyFile)
                .ok_or(RestoreError::NoKeyPlace)?,
        };
        Vault::restore(&folder, &unpacked.keys, &source)?;
        let key = Vault::open(&folder, &source)?.index_key()?;
        target.seal_index(&key)?;
        Ok::<_, RestoreError>((unpacked.report, key))
    });
    let (report, key) = unpacking.await.map_err(|error| RestoreError::Disk {
        path: config.data.clone(),
        source: io::Error::other(error),
    })??;
    tidy_index(&place.folder, &key).await?;
    place.keep()?;
    Ok(report)
}

/// What is true of a house is not all true of its copy.
async fn tidy_index(folder: &Path, key: &Key512) -> Result<(), RestoreError> {
    let store = Store::open(&folder.join(INDEX_FILE), key).await?;
    let tidied = async {
        store.quick_check().await?;
        store.end_all_access().await?;
        let path = |segment: &hearth_store::Segment| {
            folder.join(segment_name(segment.camera, segment.day(), segment.id))
        };
        store.keep_segments(|segment| path(segment).is_file()).await
    };
    let tidied = tidied.await;
    store.close().await?;
    Ok(tidied.map(drop)?)
}

/// The folder in which the new house grows; removed unless it is kept.
struct Place {
    target: PathBuf,
    folder: PathBuf,
    is_kept: bool,
}

impl Place {
    fn prepare(target: &Path) -> Result<Self, RestoreError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RestoreError::Disk { path, source }
        };
        let target = std::path::absolute(target).map_err(failed(target))?;
        let is_free = match fs::read_dir(&target) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        let (Some(parent), Some(name), true) = (target.parent(), target.file_name(), is_free)
        else {
            return Err(RestoreError::NotEmpty(target));
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".restoring");
        let folder = parent.join(hidden);
        // Left by a restore that was killed: nobody else uses this name.
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&folder)(error));
            }
            _ => {}
        }
        fs::create_dir_all(parent).map_err(failed(parent))?;
        create_private_directory(&folder).map_err(failed(&folder))?;
        Ok(Self { target, folder, is_kept: false })
    }

    /// Makes all of it durable and puts it in its place.
    fn keep(mut self) -> Result<(), RestoreError> {
        let parent = self.target.parent().unwrap_or(Path::new("/"));
        File::open(&self.folder)
            .and_then(|folder| Ok(rustix::fs::syncfs(folder)?))
            .and_then(|()| fs::rename(&self.folder, &self.target))
            .and_then(|()| sync_directory(parent))
            .map_err(|source| RestoreError::Disk { path: self.target.clone(), source })?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_kept {
            // What led here is the error to report.
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// What becomes of the files in a backup.
trait Target {
    fn take<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        name: &str,
    ) -> Result<(), RestoreError>;
}

/// They are read, and that is all.
struct Nowhere;

impl Target for Nowhere {
    fn take<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        _: &str,
    ) -> Result<(), RestoreError> {
        Ok(archive.copy_to(io::sink()).map(drop)?)
    }
}

/// They are written below a folder.
struct Folder<'a> {
    path: &'a Path,
    /// Under which an index of an earlier release, in clear in its backup, lies until the house's
    /// own key is known: keys come last.
    passing: Key512,
    came_in_clear: bool,
}

impl<'a> Folder<'a> {
    fn new(path: &'a Path) -> Result<Self, RestoreError> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(|error| RestoreError::Disk {
            path: path.to_owned(),
            source: io::Error::other(error),
        })?;
        let passing = Key512::new(bytes);
        bytes.zeroize();
        Ok(Self { path, passing, came_in_clear: false })
    }

    /// Puts the index under the house's key.
    fn seal_index(&self, key: &Key512) -> Result<(), RestoreError> {
        if !self.came_in_clear {
            return Ok(());
        }
        let path = self.path.join(INDEX_FILE);
        change_key(&path, &self.passing, key).map_err(|source| RestoreError::Disk { path, source })
    }
}

impl Target for Folder<'_> {
    fn take<R: Read>(
        &mut self,
        archive: &mut ArchiveReader<R>,
        name: &str,
    ) -> Result<(), RestoreError> {
        // The archive gives names of plain components only.
        let path = self.path.join(name);
        let failed = |source| RestoreError::Disk { path: path.clone(), source };
        if let Some(folder) = path.parent() {
            create_private_directory(folder).map_err(failed)?;
        }
        let file = create_private_file(&path).map_err(failed)?;
        let copied = if name == INDEX_FILE {
            let mut arriving = ArrivingDatabase::new(file, &self.passing);
            let copied = archive.copy_to(&mut arriving);
            self.came_in_clear = arriving.finish().map_err(failed)?;
            copied
        } else {
            archive.copy_to(file)
        };
        match copied {
            Err(VaultError::Io { source, .. }) => Err(failed(source)),
            other => Ok(other.map(drop)?),
        }
    }
}

struct Unpacked {
    report: BackupReport,
    keys: KeyCopy,
}

fn unpack(
    input: impl Read,
    with: &BackupKey,
    target: &mut impl Target,
) -> Result<Unpacked, RestoreError> {
    let sealed = BackupReader::open(input, with)?;
    let head = sealed.head().clone();
    let mut archive = ArchiveReader::new(sealed)?;
    let (mut about, mut keys, mut segments, mut has_index) = (None, None, 0, false);
    while let Some(Entry { kind, name }) = archive.next_entry()? {
        match kind {
            EntryKind::About => {
                let text = small(&mut archive)?;
                about = serde_json::from_slice::<About>(&text).ok();
            }
            EntryKind::Keys => keys = Some(KeyCopy::from_bytes(&small(&mut archive)?)?),
            EntryKind::File => {
                segments += u64::from(is_segment(&name));
                has_index |= name == INDEX_FILE;
                target.take(&mut archive, &name)?;
            }
        }
    }
    if !has_index {
        return Err(RestoreError::Missing("index"));
    }
    let about = about.ok_or(RestoreError::Missing("description"))?;
    let keys = keys.filter(|keys| keys.vault() == head.vault);
    let keys = keys.ok_or(RestoreError::Missing("keys"))?;
    let BackupHead { vault, made_at, .. } = head;
    let totals = archive.totals();
    let report = BackupReport {
        vault: vault.to_string(),
        made_at,
        version: about.version,
        media: about.media,
        entries: totals.entries,
        bytes: totals.bytes,
        segments,
    };
    Ok(Unpacked { report, keys })
}

fn is_segment(name: &str) -> bool {
    name.starts_with("media/") && name.split('/').count() == 4
}

/// Reads a content into memory that is wiped; reserved whole, so that it never moves.
fn small<R: Read>(
    archive: &mut ArchiveReader<R>,
) -> Result<zeroize::Zeroizing<Vec<u8>>, RestoreError> {
    let mut bounded = Bounded(zeroize::Zeroizing::new(Vec::with_capacity(SMALL_BYTES_MAX)));
    archive.copy_to(&mut bounded)?;
    Ok(bounded.0)
}

struct Bounded(zeroize::Zeroizing<Vec<u8>>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > SMALL_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
