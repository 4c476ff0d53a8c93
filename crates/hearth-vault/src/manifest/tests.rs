//! What `vault.json` promises: distinct answers for wrong, damaged, newer and outdated.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::RecoveryKey;

const ID: VaultId = VaultId::from_bytes([7; 16]);

fn passphrase(text: &str) -> MasterKeySource {
    MasterKeySource::Passphrase(text.into())
}

struct House {
    _folder: tempfile::TempDir,
    key: PathBuf,
    manifest: Manifest,
}

fn sealed(source: &MasterKeySource) -> Result<Manifest, VaultError> {
    let masters = Masters::first(Key256::new([5; 32]));
    Manifest::seal(ID, &masters, &UnlockKey::obtain(source, ID)?, None)
}

fn master(opened: Result<Opened, VaultError>) -> [u8; 32] {
    *opened.expect("opens").masters.current.expose()
}

fn with_key_file() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    let source = MasterKeySource::KeyFile(key.clone());
    let manifest = sealed(&source).expect("seals");
    House { _folder: folder, key, manifest }
}

#[test]
fn the_master_key_survives_its_json_form() {
    let house = with_key_file();
    let text = serde_json::to_vec(&house.manifest).expect("json");
    let manifest = Manifest::parse(&text).expect("parses");
    let source = MasterKeySource::KeyFile(house.key.clone());
    assert_eq!(master(manifest.open(&source)), [5; 32]);
    assert_eq!(manifest.id().expect("an id"), ID);
}

#[test]
fn a_passphrase_opens_and_a_wrong_one_is_told_apart() {
    let manifest = sealed(&passphrase("tulip")).expect("seals");
    assert_eq!(master(manifest.open(&passphrase("tulip"))), [5; 32]);
    assert!(matches!(manifest.open(&passphrase("Tulip")), Err(VaultError::WrongKey)));
    assert!(!manifest.is_outdated());
}

#[test]
fn an_empty_passphrase_is_refused() {
    let refused = sealed(&passphrase(""));
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
    let parsed = Manifest::parse(br#"{"format":3,"keys":[]}"#);
    assert!(matches!(parsed, Err(VaultError::TooNew { found: 3, supported: 2 })));
}

#[test]
fn weaker_stretching_is_noticed_and_absurd_stretching_refused() {
    let mut manifest = with_key_file().manifest;
    manifest.unlock = Unlock::Passphrase { argon2id: Stretching::weak() };
    assert!(manifest.is_outdated());
    manifest.unlock = Unlock::Passphrase { argon2id: Stretching::absurd() };
    assert!(matches!(manifest.open(&passphrase("x")), Err(VaultError::Damaged { .. })));
}

/// What the first release wrote still opens.
#[test]
fn a_description_of_format_1_opens() {
    let house = with_key_file();
    let mut json = serde_json::to_value(&house.manifest).expect("json");
    let fields = json.as_object_mut().expect("an object");
    fields.remove("generation");
    fields.insert("format".into(), 1.into());
    let old = Manifest::parse(json.to_string().as_bytes()).expect("parses");
    let opened = old.open(&MasterKeySource::KeyFile(house.key.clone())).expect("opens");
    assert_eq!(opened.masters.generation, 1);
    assert!(opened.masters.previous.is_none() && opened.recovery.is_none());
}

/// Who can only write to the disk cannot put a recovery key of theirs into the vault.
#[test]
fn a_foreign_recovery_key_is_not_taken_for_ours() {
    let house = with_key_file();
    let source = MasterKeySource::KeyFile(house.key.clone());
    let (ours, theirs) = (RecoveryKey::random().expect("a"), RecoveryKey::random().expect("b"));
    let with = |master: [u8; 32], key: &RecoveryKey| {
        let (masters, public) = (Masters::first(Key256::new(master)), key.public().expect("half"));
        let unlock = UnlockKey::obtain(&source, ID).expect("the key file");
        Manifest::seal(ID, &masters, &unlock, Some(&public)).expect("seals")
    };
    let mut manifest = with([5; 32], &ours);
    let public = ours.public().expect("a public half");
    assert_eq!(manifest.open(&source).expect("opens").recovery, Some(public));
    assert_eq!(master(manifest.open(&MasterKeySource::Recovery(ours.clone()))), [5; 32]);
    let other = manifest.open(&MasterKeySource::Recovery(theirs.clone()));
    assert!(matches!(other, Err(VaultError::WrongKey)));

    manifest.recovery = with([6; 32], &theirs).recovery;
    assert_eq!(manifest.open(&source).expect("opens").recovery, None);
    manifest.recovery = None;
    let none = manifest.open(&MasterKeySource::Recovery(ours));
    assert!(matches!(none, Err(VaultError::NoRecoveryKey)));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_never_a_vault_and_never_panic(bytes: Vec<u8>) {
        prop_assert!(Manifest::parse(&bytes).is_err());
    }
}
