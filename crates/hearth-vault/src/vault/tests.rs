//! What only the inside can see: raw keys that must not be on disk, and old parameters renewed.

use super::*;
use crate::{SealedReader, SealedWriter};

fn contains(folder: &Path, needle: &[u8]) -> bool {
    fs::read_dir(folder).expect("lists").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return contains(&path, needle);
        }
        let bytes = fs::read(path).expect("reads");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

/// promise: V-07, D-35. No key lies on disk unless it is wrapped.
#[test]
fn no_raw_key_is_on_disk() {
    let root = tempfile::tempdir().expect("a folder");
    let source = MasterKeySource::KeyFile(root.path().join("key"));
    let data = root.path().join("data");
    let vault = Vault::create(&data, &source).expect("creates");
    let camera = CameraId::new();
    vault.create_scope(&KeyScope::Camera(camera)).expect("creates");
    let key = vault.create_file_key(camera, 1, [1; 16]).expect("a key");
    assert!(contains(&data, &[1; 16]), "the search finds what is there");
    vault.rotate(crate::KeyRenewal::Keep).expect("rotates");
    let recovery = vault.make_recovery_key(false).expect("makes").to_text();
    assert!(!contains(&data, recovery.expose().as_bytes()));
    let master = lock(&vault.0.opened).masters.current.clone();
    let index = vault.index_key().expect("derives");
    let other = root.path().join("other");
    let other = Vault::create(&other, &MasterKeySource::KeyFile(root.path().join("key2")));
    let other = other.expect("creates").index_key().expect("derives");
    assert_ne!(index.expose(), other.expose(), "each house has its own");
    assert_ne!(index.expose()[..32], index.expose()[32..]);
    for raw in [&key.raw().expose()[..], master.expose(), index.expose()] {
        for run in raw.windows(8) {
            assert!(!contains(&data, run));
        }
    }
}

/// promise: V-09. Weak stretching of an older version is renewed when the vault is opened.
#[test]
fn an_outdated_passphrase_vault_is_brought_up_to_date() {
    let root = tempfile::tempdir().expect("a folder");
    let source = MasterKeySource::Passphrase("nine red tulips".into());
    let vault = Vault::create(root.path(), &source).expect("creates");
    let sealed = vault.seal(&KeyScope::House, b"", b"content").expect("seals");
    let path = root.path().join(FOLDER).join(MANIFEST);
    let masters = lock(&vault.0.opened).masters.clone();
    let old = Manifest::seal_weakly(vault.id(), &masters, "nine red tulips");
    drop(vault);
    old.write(&path).expect("writes");
    assert!(Manifest::read(&path).expect("reads").is_outdated());

    let vault = Vault::open(root.path(), &source).expect("opens");
    assert!(!Manifest::read(&path).expect("reads").is_outdated());
    vault.unseal(&KeyScope::House, b"", &sealed).expect("opens as before");
    drop(vault);
    Vault::open(root.path(), &source).expect("opens again");
}

/// Recorders, viewers and the eraser share these between threads.
#[test]
fn the_vault_and_its_files_go_from_thread_to_thread() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Vault>();
    shared::<SealedReader>();
    sent::<SealedWriter>();
}
