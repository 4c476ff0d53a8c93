//! What slot files promise: durable keys, torn slots tolerated, destroyed keys gone.

use hearth_secret::Key256;
use proptest::prelude::*;

use super::*;
use crate::key::Purpose;

struct Day {
    folder: tempfile::TempDir,
    wraps: AeadKey,
    day: SlotDay,
}

impl Day {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let wraps = AeadKey::derive(&Key256::new([4; 32]), Purpose::ScopeWrapsFiles, &[], &[]);
        let day = SlotDay { camera: CameraId::from_bytes([8; 16]), day: 20_000 };
        Self { folder, wraps: wraps.expect("derives"), day }
    }

    fn open(&self) -> DaySlots {
        DaySlots::open_or_create(self.folder.path(), self.day).expect("opens")
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("20000.slots")
    }

    fn with_keys(count: u8) -> (Self, Vec<FileKey>) {
        let day = Self::new();
        let mut slots = day.open();
        let keys =
            (0..count).map(|file| slots.create(&day.wraps, [file; 16]).expect("creates")).collect();
        (day, keys)
    }
}

fn raw(key: &FileKey) -> [u8; 32] {
    *key.raw().expose()
}

#[test]
fn keys_are_found_again_after_a_restart() {
    let (day, keys) = Day::with_keys(5);
    let slots = day.open();
    for (file, key) in (0..).zip(&keys) {
        assert_eq!(raw(&slots.key(&day.wraps, &[file; 16]).expect("there")), raw(key));
    }
    assert!(matches!(slots.key(&day.wraps, &[9; 16]), Err(VaultError::FileKeyMissing)));
}

#[test]
fn a_file_has_one_key_in_its_life() {
    let (day, _) = Day::with_keys(1);
    let again = day.open().create(&day.wraps, [0; 16]);
    assert!(matches!(again, Err(VaultError::FileKeyExists)));
}

/// promise: D-04. The bytes of a destroyed key are no longer in the file, and a restart does not
/// bring it back.
#[test]
fn a_destroyed_key_is_overwritten_in_place() {
    let (day, _) = Day::with_keys(3);
    let before = fs::read(day.path()).expect("reads");
    let wrapped = before[SLOT_BYTES + 20..SLOT_BYTES + 80].to_vec();
    assert!(day.open().destroy(&[1; 16]).expect("destroys"), "others are left");
    let after = fs::read(day.path()).expect("reads");
    assert_eq!(after.len(), before.len());
    assert!(!after.windows(8).any(|run| wrapped.windows(8).any(|old| old == run)));
    assert!(matches!(day.open().key(&day.wraps, &[1; 16]), Err(VaultError::FileKeyMissing)));
    for file in [0, 2] {
        day.open().key(&day.wraps, &[file; 16]).expect("its neighbours are untouched");
    }
}

#[test]
fn a_slot_torn_at_any_byte_costs_only_itself() {
    let (day, keys) = Day::with_keys(3);
    let whole = fs::read(day.path()).expect("reads");
    for length in SLOT_BYTES * 2..SLOT_BYTES * 3 {
        fs::write(day.path(), &whole[..length]).expect("tears");
        let mut slots = day.open();
        for (file, key) in (0..2).zip(&keys) {
            assert_eq!(raw(&slots.key(&day.wraps, &[file; 16]).expect("there")), raw(key));
        }
        assert!(slots.key(&day.wraps, &[2; 16]).is_err());
        let key = slots.create(&day.wraps, [2; 16]).expect("takes the torn slot's place");
        assert_eq!(raw(&day.open().key(&day.wraps, &[2; 16]).expect("there")), raw(&key));
        assert_eq!(fs::read(day.path()).expect("reads").len(), whole.len());
    }
}

#[test]
fn a_slot_opens_only_where_it_was_made() {
    let (day, _) = Day::with_keys(2);
    let mut bytes = fs::read(day.path()).expect("reads");
    fs::write(day.folder.path().join("20001.slots"), &bytes).expect("copies to another day");
    let other = SlotDay { day: 20_001, ..day.day };
    let slots = DaySlots::open(day.folder.path(), other).expect("opens").expect("is there");
    assert!(matches!(slots.key(&day.wraps, &[0; 16]), Err(VaultError::Damaged { .. })));

    bytes[4..20].copy_from_slice(&[7; 16]);
    fs::write(day.path(), &bytes).expect("renames a slot");
    assert!(matches!(day.open().key(&day.wraps, &[7; 16]), Err(VaultError::Damaged { .. })));
}

#[test]
fn no_flipped_bit_gives_a_key() {
    let (day, _) = Day::with_keys(1);
    let whole = fs::read(day.path()).expect("reads");
    // The reserved tail means nothing.
    for bit in 0..(20 + WrappedKey::BYTES) * 8 {
        let mut altered = whole.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        fs::write(day.path(), &altered).expect("alters");
        assert!(day.open().key(&day.wraps, &[0; 16]).is_err(), "bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_as_a_slot_file_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let day = Day::new();
        fs::write(day.path(), bytes).expect("writes");
        let slots = day.open();
        for file in slots.files().collect::<Vec<_>>() {
            prop_assert!(slots.key(&day.wraps, &file).is_err());
        }
    }
}
