//! What `vault.json` promises: distinct answers for wrong, damaged, newer and outdated.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

const ID: VaultId = VaultId::from_bytes([7; 16]);

fn passphrase(text: &str) -> MasterKeySource {
    MasterKeySource::Passphrase(text.into())
}

struct House {
    _folder: tempfile::TempDir,
    key: PathBuf,
    manifest: Manifest,
}

fn with_key_file() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    let source = MasterKeySource::KeyFile(key.clone());
    let manifest = Manifest::seal(ID, &Key256::new([5; 32]), &source).expect("seals");
    House { _folder: folder, key, manifest }
}

#[test]
fn the_master_key_survives_its_json_form() {
    let house = with_key_file();
    let text = serde_json::to_vec(&house.manifest).expect("json");
    let manifest = Manifest::parse(&text).expect("parses");
    let source = MasterKeySource::KeyFile(house.key.clone());
    assert_eq!(manifest.open(&source).expect("opens").expose(), &[5; 32]);
    assert_eq!(manifest.id().expect("an id"), ID);
}

#[test]
fn a_passphrase_opens_and_a_wrong_one_is_told_apart() {
    let manifest = Manifest::seal(ID, &Key256::new([5; 32]), &passphrase("tulip")).expect("seals");
    assert_eq!(manifest.open(&passphrase("tulip")).expect("opens").expose(), &[5; 32]);
    assert!(matches!(manifest.open(&passphrase("Tulip")), Err(VaultError::WrongKey)));
    assert!(!manifest.is_outdated());
}

#[test]
fn an_empty_passphrase_is_refused() {
    let refused = Manifest::seal(ID, &Key256::new([5; 32]), &passphrase(""));
    assert!(matches!(refused, Err(VaultError::EmptyPassphrase)));
}

#[test]
fn a_passphrase_for_a_vault_with_a_key_is_wrong() {
    let house = with_key_file();
    assert!(matches!(house.manifest.open(&passphrase("tulip")), Err(VaultError::WrongKey)));
}

#[test]
fn a_damaged_master_is_not_called_a_wrong_key() {
    let mut house = with_key_file();
    let flipped = if house.manifest.master.starts_with('0') { "1" } else { "0" };
    house.manifest.master.replace_range(0..1, flipped);
    let opened = house.manifest.open(&MasterKeySource::KeyFile(house.key.clone()));
    assert!(matches!(opened, Err(VaultError::Damaged { .. })));
}

#[test]
fn a_newer_format_is_named_whatever_else_it_holds() {
    let parsed = Manifest::parse(br#"{"format":2,"keys":[]}"#);
    assert!(matches!(parsed, Err(VaultError::TooNew { found: 2, supported: 1 })));
}

#[test]
fn weaker_stretching_is_noticed_and_absurd_stretching_refused() {
    let weaker = Stretching { memory_kib: 1024, passes: 1, lanes: 1, salt: "00".repeat(16) };
    let mut manifest = with_key_file().manifest;
    manifest.unlock = Unlock::Passphrase { argon2id: weaker.clone() };
    assert!(manifest.is_outdated());
    manifest.unlock =
        Unlock::Passphrase { argon2id: Stretching { memory_kib: u32::MAX, ..weaker } };
    assert!(matches!(manifest.open(&passphrase("x")), Err(VaultError::Damaged { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_never_a_vault_and_never_panic(bytes: Vec<u8>) {
        prop_assert!(Manifest::parse(&bytes).is_err());
    }
}
