//! A rotation cut short at any step: each state of the disk opens, and the next start completes it.

use std::{fs, path::Path};

use hearth_model::{CameraId, PersonId};
use hearth_secret::Key512;

use super::*;
use crate::{KeyScope, private_file::create_private_directory};

fn copy(from: &Path, to: &Path) {
    create_private_directory(to).expect("creates");
    for entry in fs::read_dir(from).expect("lists") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copies");
        }
    }
}

struct House {
    root: tempfile::TempDir,
    vault: Vault,
    scopes: Vec<KeyScope>,
    sealed: Vec<Vec<u8>>,
    index_key: Key512,
}

impl House {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let home = root.path().join("home");
        let vault = Vault::create(&home.join("data"), &source(&home)).expect("creates");
        let scopes = vec![
            KeyScope::House,
            KeyScope::Camera(CameraId::new()),
            KeyScope::Person(PersonId::new()),
        ];
        scopes.iter().for_each(|scope| vault.create_scope(scope).expect("creates"));
        let seal = |scope| vault.seal(scope, b"test", b"content").expect("seals");
        let sealed = scopes.iter().map(seal).collect();
        let index_key = vault.index_key().expect("derives");
        Self { root, vault, scopes, sealed, index_key }
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    fn require_all(&self, vault: &Vault, when: &str) {
        for (scope, sealed) in self.scopes.iter().zip(&self.sealed) {
            let opened = vault.unseal(scope, b"test", sealed);
            assert_eq!(opened.expect(when).expose(), b"content", "{when}");
        }
        assert_eq!(vault.index_key().expect(when).expose(), self.index_key.expose(), "{when}");
        assert!(vault.verify().expect("checks").is_sound(), "{when}");
    }
}

fn source(home: &Path) -> MasterKeySource {
    MasterKeySource::KeyFile(home.join("config/house.key"))
}

/// Rotates and keeps a copy of data and key file after each durable step.
fn images(house: &House, renewal: KeyRenewal) -> Vec<PathBuf> {
    let mut images = Vec::new();
    let mut keep = || {
        let image = house.root.path().join(format!("image-{}", images.len()));
        copy(&house.home(), &image);
        images.push(image);
    };
    keep();
    house.vault.rotate_step_by_step(renewal, &mut keep).expect("rotates");
    images
}

/// promise: D-36. A rotation of the master key that dies at any step leaves a vault that opens with
/// the key of every day and with the recovery key, and that completes the rotation by itself.
#[test]
fn a_rotation_cut_short_anywhere_opens_and_is_completed() {
    for renewal in [KeyRenewal::Keep, KeyRenewal::KeyFile] {
        let house = House::new();
        let recovery = house.vault.make_recovery_key(false).expect("makes");
        let images = images(&house, renewal);
        assert!(images.len() >= 6, "{} steps", images.len());
        house.require_all(&house.vault, "while it goes on");
        for (step, image) in images.iter().enumerate() {
            let when = format!("{renewal:?}, step {step}");
            let by_paper = image.with_extension("paper");
            copy(image, &by_paper);
            let vault = Vault::open(&image.join("data"), &source(image)).expect(&when);
            house.require_all(&vault, &when);
            assert!(!vault.key_status().is_rotating && vault.key_status().has_recovery, "{when}");
            assert!(!image.join("config/house.key.next").exists(), "{when}");
            drop(vault);
            let vault = Vault::open(&image.join("data"), &source(image)).expect("again");
            house.require_all(&vault, &when);

            let paper = MasterKeySource::Recovery(recovery.clone());
            let vault = Vault::open(&by_paper.join("data"), &paper).expect(&when);
            house.require_all(&vault, &when);
        }
    }
}

/// A crash while the key file itself is replaced: its old key is overwritten, the next one is not
/// in its place yet.
#[test]
fn a_key_file_that_was_only_overwritten_is_replaced_at_start() {
    let house = House::new();
    let key = house.home().join("config/house.key");
    let vault = &house.vault;
    let next = create_next_key(&key, vault.id()).expect("makes");
    let (masters, _) = vault.masters_and_recovery();
    vault.describe(&masters, &UnlockKey::of_key_file(next), None).expect("writes");
    assert!(matches!(vault.rotate(KeyRenewal::Keep), Err(VaultError::OutOfStep)));
    fs::write(&key, [0xfe; 100]).expect("overwrites");
    let House { root, vault, scopes, sealed, index_key } = house;
    drop(vault);
    let home = root.path().join("home");
    let vault = Vault::open(&home.join("data"), &source(&home)).expect("opens");
    let house = House { root, vault: vault.clone(), scopes, sealed, index_key };
    house.require_all(&vault, "after the start");
}

/// A disk that takes the description but no scope key: both master keys stay in use, and the next
/// rotation, or the next start, completes it.
#[test]
fn a_rotation_that_the_disk_refuses_goes_on_later() {
    let house = House::new();
    let scopes = house.home().join("data/vault/scopes");
    let away = house.home().join("data/vault/away");
    let mut steps = 0;
    let refused = house.vault.rotate_step_by_step(KeyRenewal::Keep, &mut || {
        steps += 1;
        if steps == 2 {
            fs::rename(&scopes, &away).expect("takes the folder away");
        }
    });
    assert!(refused.is_err());
    fs::rename(&away, &scopes).expect("puts it back");
    assert!(house.vault.key_status().is_rotating);
    house.require_all(&house.vault, "with both master keys");
    let made = KeyScope::Person(PersonId::new());
    house.vault.create_scope(&made).expect("people come meanwhile");
    assert_eq!(house.vault.rotate(KeyRenewal::Keep).expect("completes, and rotates"), 3);
    assert!(!house.vault.key_status().is_rotating);
    house.require_all(&house.vault, "afterwards");
}
