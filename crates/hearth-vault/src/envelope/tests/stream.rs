//! Whole files: what was appended is what is read, during and after writing.

use proptest::prelude::*;

use super::{super::layout::Layout, *};

#[test]
fn parts_of_every_kind_come_back() {
    let place = Place::new();
    let mut writer = place.create();
    let long = pattern(200_000);
    writer.append(RecordKind::Meta, &[b"mo", b"", b"ov"]).expect("appends");
    writer.append(RecordKind::Data, &[&long[..70_000], &long[70_000..]]).expect("appends");
    writer.append(RecordKind::Index, &[&long]).expect("appends");
    writer.append(RecordKind::Meta, &[]).expect("appends");
    assert_eq!(writer.plain_len(), 200_000);
    writer.finish().expect("finishes");
    assert!(matches!(writer.append(RecordKind::Data, &[b"x"]), Err(VaultError::Finished)));

    let reader = place.reader();
    assert!(reader.is_finished());
    assert_eq!(reader.state().expect("known"), FileState::Finished);
    assert_eq!(reader.file_id(), FILE);
    assert_eq!(reader.records(RecordKind::Meta).expect("reads"), [&b"moov"[..], b""]);
    assert_eq!(reader.records(RecordKind::Index).expect("reads"), [&long[..]]);
    assert_eq!(all_data(&reader), long);
    reader.verify().expect("is sound");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_range_of_any_pieces_reads_the_same(
        lengths in prop::collection::vec(
            prop_oneof![0..300_usize, 65_530..65_545_usize, 131_000..131_100_usize], 0..8),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 8),
        is_finished: bool,
    ) {
        let place = Place::new();
        let mut writer = place.create();
        let data = pattern(lengths.iter().sum());
        let mut rest = &data[..];
        for length in lengths {
            let (piece, after) = rest.split_at(length);
            writer.append(RecordKind::Data, &[piece]).expect("appends");
            rest = after;
        }
        if is_finished {
            writer.finish().expect("finishes");
        }
        let reader = place.reader();
        prop_assert_eq!(reader.plain_len(), data.len() as u64);
        for (a, b) in cuts {
            let (a, b) = (a.index(data.len() + 1), b.index(data.len() + 1));
            let range = a.min(b)..a.max(b);
            let read = reader.read_range(range.start as u64..range.end as u64).expect("reads");
            prop_assert!(read == data[range]);
        }
    }
}

#[test]
fn ranges_outside_the_data_are_refused() {
    let place = Place::new();
    finished(&place.path(), &[b"0123456789"]);
    let reader = place.reader();
    for range in [0..11, 11..12, u64::MAX - 1..u64::MAX] {
        assert!(matches!(reader.read_range(range), Err(VaultError::OutOfRange)));
    }
    let mut buffer = [0; 20];
    assert_eq!(reader.read_at(5, &mut buffer).expect("reads"), 5);
    assert_eq!(reader.read_at(10, &mut buffer).expect("reads"), 0);
    assert_eq!(reader.read_at(u64::MAX, &mut buffer).expect("reads"), 0);
}

#[test]
fn the_table_says_what_the_walk_finds() {
    let place = Place::new();
    finished(&place.path(), &[&pattern(150_000), b"", &pattern(3)]);
    let file = fs::File::open(place.path()).expect("opens");
    let table = Layout::read(&file, &key()).expect("reads");
    let walk = Layout::read_walking(&file, &key()).expect("walks");
    assert_eq!(table.entries, walk.entries);
    assert!(table.is_finished && walk.is_finished);
}

#[test]
fn a_viewer_follows_the_file_while_it_grows() {
    let place = Place::new();
    let mut writer = place.create();
    let mut reader = place.reader();
    assert!(!reader.refresh().expect("refreshes"));
    for piece in [&b"one "[..], b"two ", b"three"] {
        writer.append(RecordKind::Data, &[piece]).expect("appends");
        assert!(reader.refresh().expect("refreshes"));
        assert_eq!(reader.plain_len(), writer.plain_len());
        let from = writer.plain_len() - piece.len() as u64;
        assert_eq!(reader.read_range(from..writer.plain_len()).expect("reads"), piece);
    }
    assert!(!reader.is_finished());
    writer.finish().expect("finishes");
    assert!(reader.refresh().expect("refreshes"));
    assert!(reader.is_finished());
    assert_eq!(all_data(&reader), b"one two three");
}

#[test]
fn a_viewer_recovers_when_a_failed_append_is_taken_back() {
    let place = Place::new();
    let mut writer = place.create();
    writer.append(RecordKind::Data, &[b"kept"]).expect("appends");
    let kept = fs::read(place.path()).expect("reads");
    writer.append(RecordKind::Data, &[b"lost"]).expect("appends");
    drop(writer);
    let mut reader = place.reader();
    assert_eq!(all_data(&reader), b"keptlost");
    fs::write(place.path(), kept).expect("cuts");
    let mut writer = SealedWriter::reopen(&place.path(), &key()).expect("reopens");
    writer.append(RecordKind::Data, &[b" and longer"]).expect("appends");
    assert!(reader.refresh().expect("refreshes"));
    assert_eq!(all_data(&reader), b"kept and longer");
}

/// promise: V-07. Nothing of the content, and no name, shows in the file.
#[test]
fn the_file_holds_no_plaintext() {
    let place = Place::new();
    let secret = b"a very recognisable plaintext";
    let bytes = finished(&place.path(), &[&secret.repeat(5000)]);
    for run in secret.windows(8) {
        assert!(!bytes.windows(8).any(|window| window == run));
    }
}

/// promise: D-05. Footage is readable by its owner only.
#[test]
fn the_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    drop(place.create());
    let mode = fs::metadata(place.path()).expect("exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_same_content_never_looks_the_same() {
    let (a, b) = (Place::new(), Place::new());
    let (a, b) = (finished(&a.path(), &[b"content"]), finished(&b.path(), &[b"content"]));
    for ((header, a), (_, b)) in split(&a).iter().zip(split(&b)) {
        assert_ne!(a[HEADER_BYTES..], b[HEADER_BYTES..], "{header:?}");
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let place = Place::new();
    let bytes = finished(&place.path(), &[b"content"]);
    assert!(SealedWriter::create(&place.path(), &key(), FILE).is_err());
    assert_eq!(fs::read(place.path()).expect("reads"), bytes);
}
