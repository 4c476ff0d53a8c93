//! Creating and opening: each way it can fail has its own answer.

use std::os::unix::fs::PermissionsExt as _;

use hearth_secret::SecretString;
use hearth_vault::VaultId;

use super::*;

fn passphrase(text: &str) -> MasterKeySource {
    MasterKeySource::Passphrase(SecretString::from(text))
}

#[test]
fn a_vault_opens_again_and_keeps_its_identity() {
    let machine = Machine::new();
    assert!(!Vault::exists(&machine.data()));
    let vault = machine.create();
    let (id, camera) = (vault.id(), camera(&vault));
    let sealed = vault.seal(&KeyScope::House, b"wifi", PLANTED).expect("seals");
    drop(vault);

    assert!(Vault::exists(&machine.data()));
    assert_eq!(Vault::id_of(&machine.data()).expect("an id"), id);
    let vault = machine.open();
    assert_eq!(vault.id(), id);
    assert_eq!(vault.scopes().expect("lists"), [KeyScope::House, KeyScope::Camera(camera)]);
    let opened = vault.unseal(&KeyScope::House, b"wifi", &sealed).expect("opens");
    assert_eq!(opened.expose(), PLANTED);
}

#[test]
fn a_vault_is_never_overwritten() {
    let machine = Machine::new();
    drop(machine.create());
    let again = Vault::create(&machine.data(), &machine.source());
    assert!(matches!(again, Err(VaultError::AlreadyAVault)));
    // Nor when only its description is lost: a backup may have it.
    fs::remove_file(machine.data().join("vault/vault.json")).expect("removes");
    let again = Vault::create(&machine.data(), &machine.source());
    assert!(matches!(again, Err(VaultError::Damaged { .. })));
    assert!(matches!(machine.try_open(), Err(VaultError::NotAVault)));
}

#[test]
fn one_process_at_a_time_has_the_vault() {
    let machine = Machine::new();
    let vault = machine.create();
    assert!(matches!(machine.try_open(), Err(VaultError::InUse)));
    let clone = vault.clone();
    drop(vault);
    assert!(matches!(machine.try_open(), Err(VaultError::InUse)));
    drop(clone);
    machine.open();
}

#[test]
fn a_missing_a_wrong_and_a_foreign_key_are_told_apart() {
    let (machine, other) = (Machine::new(), Machine::new());
    let id = machine.create().id();
    let other_id = other.create().id();
    let open_with = |path: PathBuf| {
        Vault::open(&machine.data(), &MasterKeySource::KeyFile(path)).expect_err("does not open")
    };
    assert!(matches!(open_with("/nowhere/key".into()), VaultError::KeyMissing { .. }));
    let foreign = open_with(other.key_path());
    assert!(matches!(foreign, VaultError::OtherVault { expected, found }
        if expected == other_id && found == id));
    let wrong = machine.root.path().join("wrong");
    fs::write(&wrong, [7; 32]).expect("writes");
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o600)).expect("restricts");
    assert!(matches!(open_with(wrong), VaultError::WrongKey));
}

#[test]
fn the_wrong_data_directory_is_recognised_by_its_identity() {
    let machine = Machine::new();
    let vault = machine.create();
    vault.require_id(vault.id()).expect("is itself");
    let expected = VaultId::random().expect("random");
    assert!(matches!(vault.require_id(expected), Err(VaultError::OtherVault { .. })));
}

#[test]
fn a_newer_vault_and_no_vault_are_told_apart() {
    let machine = Machine::new();
    assert!(matches!(machine.try_open(), Err(VaultError::NotAVault)));
    drop(machine.create());
    let manifest = machine.data().join("vault/vault.json");
    fs::write(&manifest, br#"{"format": 9}"#).expect("writes");
    assert!(matches!(machine.try_open(), Err(VaultError::TooNew { found: 9, .. })));
}

#[test]
fn a_passphrase_can_replace_a_key_file_and_seals_stay() {
    let machine = Machine::new();
    let vault = machine.create();
    let sealed = vault.seal(&KeyScope::House, b"", PLANTED).expect("seals");
    vault.change_key(&passphrase("nine red tulips")).expect("changes");
    drop(vault);
    assert!(matches!(machine.try_open(), Err(VaultError::WrongKey)));
    let wrong = Vault::open(&machine.data(), &passphrase("nine red roses"));
    assert!(matches!(wrong, Err(VaultError::WrongKey)));
    let vault = Vault::open(&machine.data(), &passphrase("nine red tulips")).expect("opens");
    let opened = vault.unseal(&KeyScope::House, b"", &sealed).expect("opens");
    assert_eq!(opened.expose(), PLANTED);
}

#[test]
fn a_service_credential_opens_the_vault_too() {
    let machine = Machine::new();
    drop(machine.create());
    let credential = machine.root.path().join("credential");
    fs::copy(machine.key_path(), &credential).expect("copies");
    fs::set_permissions(&credential, fs::Permissions::from_mode(0o440)).expect("as systemd does");
    Vault::open(&machine.data(), &MasterKeySource::Credential(credential)).expect("opens");
}

#[test]
fn a_creation_cut_short_is_started_again_with_the_same_key_file() {
    let machine = Machine::new();
    drop(machine.create());
    fs::remove_dir_all(machine.data().join("vault")).expect("as if it had not been renamed");
    let leftover = machine.data().join(".0123456789abcdef.hwtmp");
    fs::create_dir(&leftover).expect("creates");
    let vault = machine.create();
    assert!(!leftover.exists());
    drop(vault);
    machine.open();
}

/// promise: D-05. Owner-only, whatever was there before.
#[test]
fn every_file_and_folder_of_the_vault_is_private() {
    let machine = Machine::new();
    let vault = machine.create();
    let camera = camera(&vault);
    vault.create_file_key(camera, DAY, [1; 16]).expect("a key");
    drop(vault);
    let home = machine.data().join("vault");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("loosens");
    let _vault = machine.open();
    let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
    for file in files(&home) {
        assert_eq!(mode(&file), 0o600, "{file:?}");
        file.ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(machine.data()))
            .for_each(|folder| assert_eq!(mode(folder), 0o700, "{folder:?}"));
    }
    assert_eq!(mode(&machine.key_path()), 0o600);
}

/// promise: T-16. Temporary files of a crash are gone after the next start.
#[test]
fn leftovers_of_a_crash_are_removed_at_start() {
    let machine = Machine::new();
    drop(machine.create());
    let leftovers = ["vault", "vault/scopes"]
        .map(|folder| machine.data().join(folder).join(".00112233445566aa.hwtmp"));
    leftovers.iter().for_each(|path| fs::write(path, b"half").expect("writes"));
    machine.open();
    assert!(leftovers.iter().all(|path| !path.exists()));
}

#[test]
fn a_damaged_key_is_found_by_verify_and_costs_only_itself() {
    let machine = Machine::new();
    let vault = machine.create();
    let (good, bad) = (camera(&vault), camera(&vault));
    for camera in [good, bad] {
        vault.create_file_key(camera, DAY, [1; 16]).expect("a key");
        vault.create_file_key(camera, DAY, [2; 16]).expect("a key");
    }
    vault.destroy_file_key(good, DAY, [2; 16]).expect("destroys");
    let report = vault.verify().expect("checks");
    assert!(report.is_sound());
    assert_eq!((report.scopes, report.file_keys, report.dead_slots), (3, 3, 1));
    drop(vault);

    let home = machine.data().join("vault");
    let slots = home.join("slots").join(bad.to_string()).join(format!("{DAY}.slots"));
    let mut bytes = fs::read(&slots).expect("reads");
    bytes[50] ^= 1;
    fs::write(&slots, bytes).expect("damages");
    let vault = machine.open();
    let report = vault.verify().expect("checks");
    assert_eq!((report.problems.len(), report.file_keys), (1, 2));
    vault.file_key(bad, DAY, [2; 16]).expect("its neighbour opens");
    drop(vault);

    fs::write(home.join("scopes").join(format!("{bad}.key")), b"short").expect("damages");
    let vault = machine.open();
    assert_eq!(vault.verify().expect("checks").problems.len(), 1);
    vault.file_key(good, DAY, [1; 16]).expect("the other camera opens");
}
