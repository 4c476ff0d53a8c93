//! Erasing is destroying a key: what was copied before stays closed.

use hearth_vault::SealedReader;

use super::*;

/// A vault with a camera, a file of its footage, and a copy of that file made in time.
struct Copied {
    machine: Machine,
    vault: Vault,
    camera: CameraId,
    file: PathBuf,
}

fn copied() -> Copied {
    let machine = Machine::new();
    let vault = machine.create();
    let camera = camera(&vault);
    let original = machine.root.path().join("original");
    footage(&vault, camera, [1; 16], &original);
    footage(&vault, camera, [2; 16], &machine.root.path().join("other"));
    let file = machine.root.path().join("copy");
    fs::copy(original, &file).expect("copies");
    Copied { machine, vault, camera, file }
}

impl Copied {
    fn read(&self, file: [u8; 16]) -> Result<Vec<u8>, VaultError> {
        let key = self.vault.file_key(self.camera, DAY, file)?;
        let reader = SealedReader::open(&self.file, &key)?;
        reader.read_range(0..reader.plain_len())
    }

    /// After a restart, with everything that the vault still has.
    fn restart(self) -> Self {
        let Self { machine, vault, camera, file } = self;
        drop(vault);
        let vault = machine.open();
        Self { machine, vault, camera, file }
    }
}

/// promise: D-04. Deleting a clip: its copy cannot be read with all that is left, other clips can.
#[test]
fn a_copy_of_a_file_is_unreadable_once_its_key_is_destroyed() {
    let copied = copied();
    assert_eq!(copied.read([1; 16]).expect("reads"), PLANTED);
    copied.vault.destroy_file_key(copied.camera, DAY, [1; 16]).expect("destroys");
    let missing = |copied: &Copied| {
        matches!(copied.read([1; 16]), Err(VaultError::FileKeyMissing))
            && matches!(copied.read([2; 16]), Err(VaultError::Altered))
    };
    assert!(missing(&copied));
    let copied = copied.restart();
    assert!(missing(&copied));
    let again = copied.vault.destroy_file_key(copied.camera, DAY, [1; 16]);
    assert!(matches!(again, Err(VaultError::FileKeyMissing)));
}

/// promise: D-04. The wrapped key is gone from every file of the data directory.
#[test]
fn destroyed_keys_leave_no_bytes_behind() {
    let copied = copied();
    let slots = copied.machine.data().join("vault/slots").join(copied.camera.to_string());
    let slots = slots.join(format!("{DAY}.slots"));
    let scope = format!("vault/scopes/{}.key", copied.camera);
    let scope = fs::read(copied.machine.data().join(scope)).expect("reads")[8..].to_vec();
    let slot = fs::read(&slots).expect("reads")[20..80].to_vec();
    let is_gone = |key: &[u8]| {
        let files = files(&copied.machine.data());
        files.iter().all(|file| {
            let bytes = fs::read(file).expect("reads");
            !key.windows(8).any(|run| contains(&bytes, run))
        })
    };
    assert!(!is_gone(&slot) && !is_gone(&scope));
    copied.vault.destroy_file_key(copied.camera, DAY, [1; 16]).expect("destroys");
    assert!(is_gone(&slot));
    copied.vault.destroy_scope(&KeyScope::Camera(copied.camera)).expect("destroys");
    assert!(is_gone(&scope));
}

/// promise: D-04. Deleting a camera: its footage, and all that was sealed for it, stays closed.
#[test]
fn a_destroyed_camera_is_unreadable_in_every_copy() {
    let copied = copied();
    let scope = KeyScope::Camera(copied.camera);
    let sealed = copied.vault.seal(&scope, b"password", PLANTED).expect("seals");
    copied.vault.destroy_scope(&scope).expect("destroys");
    let is_erased = |copied: &Copied| {
        assert!(matches!(copied.read([1; 16]), Err(VaultError::ScopeMissing(_))));
        let opened = copied.vault.unseal(&scope, b"password", &sealed);
        assert!(matches!(opened, Err(VaultError::ScopeMissing(_))));
        let created = copied.vault.create_file_key(copied.camera, DAY, [3; 16]);
        assert!(matches!(created, Err(VaultError::ScopeMissing(_))));
        assert_eq!(copied.vault.scopes().expect("lists"), [KeyScope::House]);
        let slots = copied.machine.data().join("vault/slots").join(copied.camera.to_string());
        assert!(!slots.exists());
    };
    is_erased(&copied);
    let copied = copied.restart();
    is_erased(&copied);
    // The same camera again gets another key.
    copied.vault.create_scope(&scope).expect("creates");
    let opened = copied.vault.unseal(&scope, b"password", &sealed);
    assert!(matches!(opened, Err(VaultError::Altered)));
    copied.vault.create_file_key(copied.camera, DAY, [1; 16]).expect("a new key");
    assert!(matches!(copied.read([1; 16]), Err(VaultError::Altered)));
}

/// promise: D-04. Deleting a person: what was sealed for them, here and in copies of the files made
/// before, stays closed; the wrapped key is in no file; other people are as they were.
#[test]
fn a_destroyed_person_is_unreadable_in_every_copy() {
    let machine = Machine::new();
    let vault = machine.create();
    let [gone, other] = [(); 2].map(|()| KeyScope::Person(hearth_model::PersonId::new()));
    for person in [gone, other] {
        vault.create_scope(&person).expect("creates");
        let path = machine.data().join(format!("{person}.template"));
        vault.write_sealed_file(&path, &person, b"template", PLANTED).expect("writes");
    }
    let copied = machine.root.path().join("copy");
    copy(&machine.data(), &copied);
    let key = machine.data().join(format!("vault/scopes/{gone}.key"));
    let wrapped = fs::read(&key).expect("reads")[8..].to_vec();

    vault.destroy_scope(&gone).expect("destroys");
    assert!(!key.exists());
    for file in files(&machine.data()) {
        let bytes = fs::read(&file).expect("reads");
        assert!(!wrapped.windows(8).any(|run| contains(&bytes, run)), "{file:?}");
    }
    let is_erased = |vault: &Vault| {
        for folder in [&machine.data(), &copied] {
            let read = |person: KeyScope| {
                let path = folder.join(format!("{person}.template"));
                vault.read_sealed_file(&path, &person, b"template")
            };
            assert!(matches!(read(gone), Err(VaultError::ScopeMissing(_))));
            assert_eq!(read(other).expect("opens").expose(), PLANTED);
        }
        assert!(matches!(vault.seal(&gone, b"", b""), Err(VaultError::ScopeMissing(_))));
        assert_eq!(vault.scopes().expect("lists"), [KeyScope::House, other]);
    };
    is_erased(&vault);
    drop(vault);
    let vault = machine.open();
    is_erased(&vault);
    // The same person again gets another key.
    vault.create_scope(&gone).expect("creates");
    let path = copied.join(format!("{gone}.template"));
    let again = vault.read_sealed_file(&path, &gone, b"template");
    assert!(matches!(again, Err(VaultError::Altered)));
}

/// promise: D-04. Retention erases a day at once.
#[test]
fn a_destroyed_day_leaves_no_file() {
    let copied = copied();
    copied.vault.create_file_key(copied.camera, DAY + 1, [9; 16]).expect("a key");
    assert_eq!(copied.vault.days(copied.camera).expect("lists"), [DAY, DAY + 1]);
    copied.vault.destroy_day(copied.camera, DAY).expect("destroys");
    copied.vault.destroy_day(copied.camera, DAY).expect("nothing is left to destroy");
    assert!(matches!(copied.read([1; 16]), Err(VaultError::FileKeyMissing)));
    assert_eq!(copied.vault.days(copied.camera).expect("lists"), [DAY + 1]);
    assert_eq!(copied.vault.files(copied.camera, DAY + 1).expect("lists"), [[9; 16]]);
}

#[test]
fn the_last_key_of_a_day_takes_the_slot_file_with_it() {
    let copied = copied();
    for file in [[1; 16], [2; 16]] {
        copied.vault.destroy_file_key(copied.camera, DAY, file).expect("destroys");
    }
    assert_eq!(copied.vault.days(copied.camera).expect("lists"), Vec::<u32>::new());
    copied.vault.create_file_key(copied.camera, DAY, [3; 16]).expect("the day goes on");
    assert_eq!(copied.vault.files(copied.camera, DAY).expect("lists"), [[3; 16]]);
}

#[test]
fn an_erasure_cut_short_is_completed_at_start() {
    let copied = copied();
    let home = copied.machine.data().join("vault");
    let scope = home.join("scopes").join(format!("{}.key", copied.camera));
    let Copied { machine, vault, camera, .. } = copied;
    drop(vault);
    // The key was overwritten, and then the power failed.
    let mut bytes = fs::read(&scope).expect("reads");
    bytes[..8].copy_from_slice(b"HWDEAD1\0");
    fs::write(&scope, bytes).expect("overwrites");
    let vault = machine.open();
    assert_eq!(vault.scopes().expect("lists"), [KeyScope::House]);
    assert!(!scope.exists() && !home.join("slots").join(camera.to_string()).exists());
}

#[test]
fn what_never_existed_is_not_there_to_destroy() {
    let machine = Machine::new();
    let vault = machine.create();
    let stranger = CameraId::new();
    let missing = vault.destroy_scope(&KeyScope::Camera(stranger));
    assert!(matches!(missing, Err(VaultError::ScopeMissing(_))));
    assert!(matches!(vault.file_key(stranger, DAY, [1; 16]), Err(VaultError::ScopeMissing(_))));
    let camera = camera(&vault);
    assert!(matches!(vault.file_key(camera, DAY, [1; 16]), Err(VaultError::FileKeyMissing)));
}
