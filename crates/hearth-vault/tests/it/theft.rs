//! Copies of the data directory: they hold nothing that can be read.

use super::*;

/// promise: D-02, D-35, V-07. A copied data directory opens nothing without the key file, which
/// is not part of it, and shows neither content nor key.
#[test]
fn a_copied_data_directory_reveals_nothing() {
    let machine = Machine::new();
    let vault = machine.create();
    let camera = camera(&vault);
    footage(&vault, camera, [1; 16], &machine.data().join("footage"));
    let thumbnail = machine.data().join("thumbnail");
    let key = vault.file_key(camera, DAY, [1; 16]).expect("a key");
    hearth_vault::write_sealed_file(&thumbnail, &key, b"thumbnail", PLANTED).expect("writes");
    let settings = machine.data().join("settings");
    let house = KeyScope::House;
    vault.write_sealed_file(&settings, &house, b"settings", PLANTED).expect("writes");
    drop(vault);

    let stolen = Machine::new();
    copy(&machine.data(), &stolen.data());
    let key = fs::read_to_string(machine.key_path()).expect("reads");
    let digits = key.lines().last().expect("the key").as_bytes();
    let raw: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16).expect("hex"))
        .collect();
    assert_eq!(raw.len(), 32);
    let copied = files(&stolen.data());
    assert!(copied.len() >= 7, "{copied:?}");
    for file in copied {
        let bytes = fs::read(&file).expect("reads");
        for run in PLANTED.windows(8).chain(raw.windows(8)).chain(digits.windows(8)) {
            assert!(!contains(&bytes, run), "{file:?}");
        }
    }
    assert!(matches!(stolen.try_open(), Err(VaultError::KeyMissing { .. })));
    let guess = stolen.root.path().join("guess");
    let source = MasterKeySource::KeyFile(guess.clone());
    drop(Vault::create(&stolen.root.path().join("other"), &source).expect("makes a key"));
    assert!(Vault::open(&stolen.data(), &source).is_err());

    // With the key all of it opens: the copy was complete.
    let source = machine.source();
    let vault = Vault::open(&stolen.data(), &source).expect("opens");
    let settings = stolen.data().join("settings");
    let opened = vault.read_sealed_file(&settings, &house, b"settings").expect("opens");
    assert_eq!(opened.expose(), PLANTED);
}

/// promise: D-35. The product refuses to keep the key where the data is.
#[test]
fn the_key_file_cannot_lie_inside_the_data_directory() {
    let machine = Machine::new();
    for inside in [machine.data().join("key"), machine.data().join("vault/../deep/key")] {
        let refused = Vault::create(&machine.data(), &MasterKeySource::KeyFile(inside.clone()));
        assert!(matches!(refused, Err(VaultError::KeyInsideData)), "{inside:?}");
        assert!(!inside.exists());
    }
    drop(machine.create());
    let inside = machine.data().join("key");
    fs::rename(machine.key_path(), &inside).expect("moves");
    let refused = Vault::open(&machine.data(), &MasterKeySource::KeyFile(inside));
    assert!(matches!(refused, Err(VaultError::KeyInsideData)));
}

#[test]
fn a_sealed_value_opens_only_in_its_scope_and_context() {
    let machine = Machine::new();
    let vault = machine.create();
    let scopes =
        [KeyScope::House, KeyScope::Camera(camera(&vault)), KeyScope::Camera(camera(&vault))];
    for a in scopes {
        let sealed = vault.seal(&a, b"password", PLANTED).expect("seals");
        for b in scopes {
            assert_eq!(vault.unseal(&b, b"password", &sealed).is_ok(), a == b);
            assert!(matches!(vault.unseal(&b, b"name", &sealed), Err(VaultError::Altered)));
        }
    }
}

/// promise: T-15. Nothing that can be printed shows a key or a passphrase.
#[test]
fn debug_prints_show_no_secret() {
    let machine = Machine::new();
    let vault = machine.create();
    let camera = camera(&vault);
    let key = vault.create_file_key(camera, DAY, [1; 16]).expect("a key");
    let source = MasterKeySource::Passphrase("nine red tulips".into());
    let printed = format!("{vault:?} {key:?} {source:?}");
    assert_eq!(printed, format!("Vault({}) FileKey([secret]) Passphrase([secret])", vault.id()));
}
