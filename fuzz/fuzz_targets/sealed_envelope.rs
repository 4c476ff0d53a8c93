//! A sealed file that somebody else wrote: without the key nothing in it passes as content.
#![no_main]

use std::sync::LazyLock;

use hearth_model::CameraId;
use hearth_vault::{FileKey, KeyScope, MasterKeySource, RecordKind, SealedReader, Vault};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

struct Place {
    folder: TempDir,
    key: FileKey,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let (folder, outside) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let source = MasterKeySource::KeyFile(outside.path().join("key"));
    let vault = Vault::create(folder.path(), &source).expect("a new vault");
    let camera = CameraId::new();
    vault.create_scope(&KeyScope::Camera(camera)).expect("a new scope");
    let key = vault.create_file_key(camera, 0, [0; 16]).expect("a new key");
    Place { folder, key }
});

fuzz_target!(|data: &[u8]| {
    let path = PLACE.folder.path().join("file");
    std::fs::write(&path, data).expect("a private folder");
    let Ok(reader) = SealedReader::open(&path, &PLACE.key) else { return };
    assert_eq!(reader.plain_len(), 0);
    assert!(!reader.is_finished());
    for kind in [RecordKind::Meta, RecordKind::Data, RecordKind::Index] {
        assert!(reader.records(kind).is_ok_and(|records| records.is_empty()));
    }
});
