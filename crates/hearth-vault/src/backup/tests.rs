//! What a backup promises: it opens with what it was made for, and nothing in it can change.

use proptest::prelude::*;

use super::*;
use crate::MasterKeySource;

const PLANTED: &[u8] = b"the postman came at nine with a parcel";

struct House {
    _root: tempfile::TempDir,
    vault: Vault,
}

fn house() -> House {
    let root = tempfile::tempdir().expect("a folder");
    let source = MasterKeySource::KeyFile(root.path().join("key"));
    let vault = Vault::create(&root.path().join("data"), &source).expect("creates");
    House { _root: root, vault }
}

fn phrase(text: &str) -> BackupKey {
    BackupKey::Passphrase(text.into())
}

fn made(vault: &Vault, passphrase: Option<&str>, content: &[u8]) -> Vec<u8> {
    let passphrase = passphrase.map(SecretString::from);
    let begun = vault.begin_backup(Vec::new(), WallTime::from_micros(7), passphrase.as_ref());
    let mut writer = begun.expect("begins");
    writer.write_all(content).expect("writes");
    writer.finish().expect("finishes")
}

fn read(backup: &[u8], key: &BackupKey) -> Result<Vec<u8>, VaultError> {
    let mut content = Vec::new();
    let mut reader = BackupReader::open(backup, key)?;
    reader.read_to_end(&mut content).map_err(VaultError::of_io)?;
    Ok(content)
}

/// A backup whose opening needs no stretching, for tests that open it thousands of times.
struct Quick {
    house: House,
    key: BackupKey,
}

impl Quick {
    fn new() -> Self {
        let house = house();
        let key = BackupKey::Recovery(house.vault.make_recovery_key(false).expect("makes"));
        Self { house, key }
    }

    fn made(&self, content: &[u8]) -> Vec<u8> {
        made(&self.house.vault, None, content)
    }
}

/// promise: V-18. A backup opens with its passphrase and with the recovery key; a wrong one, and
/// what is no backup, have their own answers.
#[test]
fn a_backup_opens_with_its_passphrase_and_the_recovery_key() {
    let house = house();
    let nobody = house.vault.begin_backup(Vec::new(), WallTime::from_micros(7), None);
    assert!(matches!(nobody.err(), Some(VaultError::NoRecoveryKey)));
    let recovery = house.vault.make_recovery_key(false).expect("makes");
    let backup = made(&house.vault, Some("nine red tulips"), PLANTED);
    assert_eq!(read(&backup, &phrase("nine red tulips")).expect("opens"), PLANTED);
    assert_eq!(read(&backup, &BackupKey::Recovery(recovery)).expect("opens"), PLANTED);
    assert!(matches!(read(&backup, &phrase("nine red roses")), Err(VaultError::WrongKey)));
    let other = RecoveryKey::random().expect("random");
    assert!(matches!(read(&backup, &BackupKey::Recovery(other)), Err(VaultError::WrongKey)));
    assert!(matches!(read(b"PK\x03\x04", &phrase("x")), Err(VaultError::NotABackup)));
    assert!(matches!(read(&[b'x'; 5000], &phrase("x")), Err(VaultError::NotABackup)));

    let head = BackupReader::peek(&*backup).expect("a head");
    assert_eq!((head.vault, head.made_at.as_micros()), (house.vault.id(), 7));
    assert!(head.has_passphrase && head.has_recovery);
    let without = made(&house.vault, None, b"");
    assert!(matches!(read(&without, &phrase("nine red tulips")), Err(VaultError::WrongKey)));
}

/// promise: V-07. Nothing of the content is in a backup in clear.
#[test]
fn a_backup_shows_nothing_of_its_content() {
    let content = PLANTED.repeat(4000);
    let backup = Quick::new().made(&content);
    assert!(backup.len() > content.len());
    for run in PLANTED.windows(8) {
        assert!(!backup.windows(8).any(|window| window == run));
    }
}

#[test]
fn content_of_every_length_around_a_piece_comes_back() {
    let quick = Quick::new();
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, PIECE_BYTES * 3] {
        let content: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        assert!(read(&quick.made(&content), &quick.key).expect("opens") == content, "{length}");
    }
}

/// promise: V-18. A backup in which any bit changed does not pass.
#[test]
fn no_flipped_bit_goes_unnoticed() {
    let quick = Quick::new();
    let backup = quick.made(PLANTED);
    for bit in 0..backup.len() * 8 {
        let mut altered = backup.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&altered, &quick.key).is_err(), "bit {bit}");
    }
}

/// promise: V-18. A backup that ends early, anywhere, does not pass for a whole one; nor does one
/// with something behind its end.
#[test]
fn no_missing_end_and_no_added_one_goes_unnoticed() {
    let quick = Quick::new();
    let backup = quick.made(&vec![7; PIECE_BYTES * 2 + 3]);
    let first = backup.len() - 3 - TAG_BYTES - 2 * SEALED_BYTES;
    for end in [first + SEALED_BYTES, first + 2 * SEALED_BYTES] {
        let cut = read(&backup[..end], &quick.key);
        assert!(matches!(cut, Err(VaultError::Truncated)), "at the end of a piece");
    }
    for end in (0..backup.len()).step_by(97) {
        assert!(read(&backup[..end], &quick.key).is_err(), "{end}");
    }
    assert!(read(&[&backup[..], b"x"].concat(), &quick.key).is_err());
    assert!(read(&[&backup[..], &backup[first..]].concat(), &quick.key).is_err());
}

#[test]
fn pieces_cannot_change_places_or_backups() {
    let quick = Quick::new();
    let content: Vec<u8> = (0..PIECE_BYTES * 3).map(|n| (n / PIECE_BYTES) as u8).collect();
    let backup = quick.made(&content);
    let first = backup.len() - 3 * SEALED_BYTES;
    let (a, b) = (first..first + SEALED_BYTES, first + SEALED_BYTES..first + 2 * SEALED_BYTES);
    let swapped =
        [&backup[..first], &backup[b.clone()], &backup[a.clone()], &backup[b.end..]].concat();
    assert!(matches!(read(&swapped, &quick.key), Err(VaultError::Altered)));
    let other = quick.made(&content);
    let mixed = [&backup[..a.end], &other[a.end..]].concat();
    assert!(matches!(read(&mixed, &quick.key), Err(VaultError::Altered)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_never_a_backup_and_never_panic(bytes: Vec<u8>, framed: bool) {
        let mut input = bytes;
        if framed {
            let length = (input.len() as u32).to_le_bytes();
            input.splice(0..0, MAGIC.iter().copied().chain(length));
        }
        prop_assert!(BackupReader::open(&*input, &phrase("x")).is_err());
    }

    #[test]
    fn content_written_in_any_pieces_comes_back(parts in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..40_000), 0..8,
    )) {
        let quick = Quick::new();
        let begun = quick.house.vault.begin_backup(Vec::new(), WallTime::from_micros(1), None);
        let mut writer = begun.expect("begins");
        parts.iter().for_each(|part| writer.write_all(part).expect("writes"));
        let backup = writer.finish().expect("finishes");
        prop_assert!(read(&backup, &quick.key).expect("opens") == parts.concat());
    }
}
