//! The vault as its users see it: a data directory, a key somewhere else, and what is left after
//! copies, thefts, erasures and crashes.

mod erasure;
mod keys;
mod opening;
mod theft;
mod threads;

use std::{
    fs,
    path::{Path, PathBuf},
};

use hearth_model::CameraId;
use hearth_vault::{KeyScope, MasterKeySource, RecordKind, SealedWriter, Vault, VaultError};

/// What is planted into everything sealed, and must not be found on disk.
pub(crate) const PLANTED: &[u8] = b"the postman came at nine with a parcel";
/// Some day of 2024.
pub(crate) const DAY: u32 = 20_000;

/// A machine: a data directory and, elsewhere, a key file.
pub(crate) struct Machine {
    pub(crate) root: tempfile::TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub(crate) fn key_path(&self) -> PathBuf {
        self.root.path().join("config/house.key")
    }

    pub(crate) fn source(&self) -> MasterKeySource {
        MasterKeySource::KeyFile(self.key_path())
    }

    pub(crate) fn create(&self) -> Vault {
        Vault::create(&self.data(), &self.source()).expect("creates")
    }

    pub(crate) fn open(&self) -> Vault {
        Vault::open(&self.data(), &self.source()).expect("opens")
    }

    pub(crate) fn try_open(&self) -> Result<Vault, VaultError> {
        Vault::open(&self.data(), &self.source())
    }
}

/// A new camera with its scope.
pub(crate) fn camera(vault: &Vault) -> CameraId {
    let camera = CameraId::new();
    vault.create_scope(&KeyScope::Camera(camera)).expect("creates");
    camera
}

/// Writes a finished file of footage that holds [`PLANTED`].
pub(crate) fn footage(vault: &Vault, camera: CameraId, file: [u8; 16], path: &Path) {
    let key = vault.create_file_key(camera, DAY, file).expect("a key");
    let mut writer = SealedWriter::create(path, &key, file).expect("creates");
    writer.append(RecordKind::Data, &[PLANTED]).expect("appends");
    writer.finish().expect("finishes");
}

/// Every file under `root`, at any depth.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).expect("lists");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// Whether `needle` is anywhere in `bytes`.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
