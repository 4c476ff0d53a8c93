//! The keys above: recovery, rotation, renewal, and what a full copy of the directory is then worth.

use hearth_vault::{KeyOrigin, KeyRenewal, RecoveryKey};

use super::*;

fn recovery(vault: &Vault) -> RecoveryKey {
    vault.make_recovery_key(false).expect("makes")
}

/// promise: D-36. The recovery key opens the vault when the key file is lost, and then another key
/// can be set; it is nowhere on the disk.
#[test]
fn the_recovery_key_opens_the_vault_when_the_key_file_is_lost() {
    let machine = Machine::new();
    let vault = machine.create();
    let sealed = vault.seal(&KeyScope::House, b"", PLANTED).expect("seals");
    assert!(!vault.key_status().has_recovery);
    let key = recovery(&vault);
    assert!(vault.key_status().has_recovery);
    assert!(matches!(vault.make_recovery_key(false), Err(VaultError::RecoveryKeyExists)));
    let text = key.to_text();
    drop(vault);
    for file in files(&machine.data()) {
        let bytes = fs::read(&file).expect("reads");
        let group = |group: &str| contains(&bytes, group.as_bytes());
        assert!(!text.expose().split('-').all(group), "{file:?}");
    }
    fs::remove_file(machine.key_path()).expect("loses the key file");
    assert!(matches!(machine.try_open(), Err(VaultError::KeyMissing { .. })));

    let paper: RecoveryKey = text.expose().to_lowercase().parse().expect("typed from paper");
    let paper = MasterKeySource::Recovery(paper);
    let vault = Vault::open(&machine.data(), &paper).expect("opens");
    assert_eq!(vault.key_status().origin, KeyOrigin::Recovery);
    vault.unseal(&KeyScope::House, b"", &sealed).expect("opens");
    assert!(matches!(vault.rotate(KeyRenewal::Keep), Err(VaultError::UnlockUnknown)));
    assert!(matches!(vault.change_key(&paper), Err(VaultError::NotAPrimaryKey)));
    vault.change_key(&machine.source()).expect("a new key file");
    vault.rotate(KeyRenewal::Keep).expect("rotates");
    drop(vault);
    let vault = machine.open();
    vault.unseal(&KeyScope::House, b"", &sealed).expect("opens");
    drop(vault);
    drop(Vault::open(&machine.data(), &paper).expect("the paper stays good"));
}

#[test]
fn a_replaced_recovery_key_opens_nothing_any_more() {
    let machine = Machine::new();
    let vault = machine.create();
    let old = recovery(&vault);
    let new = vault.make_recovery_key(true).expect("replaces");
    drop(vault);
    let refused = Vault::open(&machine.data(), &MasterKeySource::Recovery(old));
    assert!(matches!(refused, Err(VaultError::WrongKey)));
    drop(Vault::open(&machine.data(), &MasterKeySource::Recovery(new)).expect("opens"));
}

#[test]
fn a_vault_is_not_made_with_a_recovery_key_alone() {
    let (machine, other) = (Machine::new(), Machine::new());
    let key = MasterKeySource::Recovery(recovery(&other.create()));
    let refused = Vault::create(&machine.data(), &key);
    assert!(matches!(refused, Err(VaultError::NotAPrimaryKey)));
    assert!(!Vault::exists(&machine.data()));
}

/// Footage is written and read while the master key changes under it.
#[test]
fn footage_goes_on_while_keys_are_rotated() {
    let machine = Machine::new();
    let vault = machine.create();
    let camera = camera(&vault);
    let over = std::sync::atomic::AtomicBool::new(false);
    let written = std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let mut count = 0_u64;
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                let mut file = [0; 16];
                file[..8].copy_from_slice(&count.to_le_bytes());
                footage(&vault, camera, file, &machine.root.path().join(count.to_string()));
                count += 1;
            }
            count
        });
        for generation in 2..12 {
            assert_eq!(vault.rotate(KeyRenewal::Keep).expect("rotates"), generation);
        }
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        writer.join().expect("writes")
    });
    drop(vault);
    let vault = machine.open();
    let report = vault.verify().expect("checks");
    assert!(report.is_sound());
    assert_eq!(report.file_keys as u64, written);
}

/// promise: D-04. What a person was erased from is closed even in a full copy of the data directory
/// made before, keys included, once the key file's key is renewed: nothing on the machine opens it.
#[test]
fn a_full_copy_of_the_directory_is_closed_by_renewing_the_key_file() {
    let machine = Machine::new();
    let vault = machine.create();
    let person = KeyScope::Person(hearth_model::PersonId::new());
    vault.create_scope(&person).expect("creates");
    let sealed = vault.seal(&person, b"template", PLANTED).expect("seals");
    let stolen = machine.root.path().join("copy");
    copy(&machine.data(), &stolen);
    vault.destroy_scope(&person).expect("destroys");

    // Until then the copy, which has the person's key, opens with the key of the house.
    let opened = Vault::open(&stolen, &machine.source()).expect("opens");
    assert_eq!(opened.unseal(&person, b"template", &sealed).expect("opens").expose(), PLANTED);
    drop(opened);
    let old = fs::read(machine.key_path()).expect("reads");
    vault.rotate(KeyRenewal::KeyFile).expect("rotates");
    assert_ne!(fs::read(machine.key_path()).expect("reads"), old);
    assert!(matches!(Vault::open(&stolen, &machine.source()), Err(VaultError::WrongKey)));
    drop(vault);
    machine.open().unseal(&person, b"template", &sealed).expect_err("erased here as well");
}

#[test]
fn only_a_key_file_can_be_renewed() {
    let machine = Machine::new();
    let phrase = MasterKeySource::Passphrase("nine red tulips".into());
    let vault = Vault::create(&machine.data(), &phrase).expect("creates");
    assert!(matches!(vault.rotate(KeyRenewal::KeyFile), Err(VaultError::NotAKeyFile)));
    vault.rotate(KeyRenewal::Keep).expect("rotates");
    drop(vault);
    drop(Vault::open(&machine.data(), &phrase).expect("opens as before"));
}
