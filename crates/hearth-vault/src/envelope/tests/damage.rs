//! Torn, flipped, moved and foreign bytes: never returned as data.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// Data of the whole records within the first `length` bytes of a file.
fn whole_records(bytes: &[u8], pieces: &[&[u8]], length: usize) -> Vec<u8> {
    let mut at = FILE_HEADER_BYTES;
    let mut pieces = pieces.iter();
    let mut data = Vec::new();
    for (header, record) in split(bytes) {
        at += record.len();
        if header.kind == Kind::DATA {
            let piece = pieces.next().expect("one record a piece");
            if at <= length {
                data.extend_from_slice(piece);
            }
        }
    }
    data
}

#[test]
fn a_file_cut_at_any_byte_reads_as_its_whole_records() {
    let place = Place::new();
    let pieces: [&[u8]; 4] = [b"first", b"second", &pattern(300), b"last"];
    let bytes = finished(&place.path(), &pieces);
    for length in 0..bytes.len() {
        match place.read_bytes(&bytes[..length]) {
            Ok(reader) => {
                assert!(!reader.is_finished(), "cut at {length}");
                assert_eq!(all_data(&reader), whole_records(&bytes, &pieces, length));
                assert!(matches!(reader.state(), Ok(FileState::Unfinished { .. })));
            }
            Err(error) => {
                assert!(matches!(error, VaultError::NotSealed), "cut at {length}: {error}");
                assert!(length < FILE_HEADER_BYTES, "cut at {length}");
            }
        }
    }
}

#[test]
fn writing_goes_on_after_a_cut_at_any_byte() {
    let place = Place::new();
    let pieces: [&[u8]; 3] = [b"first", b"second", b"third"];
    let bytes = finished(&place.path(), &pieces);
    for length in FILE_HEADER_BYTES..bytes.len() {
        fs::write(place.path(), &bytes[..length]).expect("cuts");
        let mut writer = SealedWriter::reopen(&place.path(), &key()).expect("reopens");
        let mut expected = whole_records(&bytes, &pieces, length);
        assert_eq!(writer.plain_len(), expected.len() as u64);
        writer.append(RecordKind::Data, &[b"more"]).expect("appends");
        writer.finish().expect("finishes");
        expected.extend_from_slice(b"more");
        let reader = place.reader();
        assert!(reader.is_finished());
        assert_eq!(all_data(&reader), expected, "cut at {length}");
        reader.verify().expect("is sound");
    }
    fs::write(place.path(), &bytes).expect("restores");
    let whole = SealedWriter::reopen(&place.path(), &key());
    assert!(matches!(whole, Err(VaultError::Finished)));
}

#[test]
fn no_flipped_bit_is_ever_returned_as_data() {
    let place = Place::new();
    let pieces: [&[u8]; 3] = [b"first", &pattern(90), b"last"];
    let data = pieces.concat();
    let bytes = finished(&place.path(), &pieces);
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let Ok(reader) = place.read_bytes(&altered) else { continue };
        let mut buffer = vec![0; data.len() + 1];
        if let Ok(read) = reader.read_at(0, &mut buffer) {
            assert_eq!(buffer[..read], data[..read], "bit {bit}");
        }
        for (kind, whole) in [(RecordKind::Meta, b"meta" as &[u8]), (RecordKind::Index, b"index")] {
            if let Ok(items) = reader.records(kind) {
                assert!(items.iter().all(|item| item == whole), "bit {bit}");
            }
        }
        let is_sound = reader.verify().is_ok() && reader.is_finished();
        assert!(!is_sound, "bit {bit} went unnoticed");
    }
}

#[test]
fn a_finished_file_with_a_damaged_middle_is_told_from_a_crash() {
    let place = Place::new();
    let mut bytes = finished(&place.path(), &[b"first", b"second", b"third"]);
    let records = split(&bytes);
    let before: usize = records.iter().take(3).map(|(_, record)| record.len()).sum();
    // The number in the header of the second piece; the table still finds the others.
    bytes[FILE_HEADER_BYTES + before + 8] ^= 1;
    let reader = place.read_bytes(&bytes).expect("opens by its table");
    assert_eq!(all_data(&reader), b"firstsecondthird");
    assert!(reader.verify().is_err());
    // And the table too.
    let table = bytes.len() - (records.last().expect("the end").1.len() + 1);
    bytes[table] ^= 1;
    let reader = place.read_bytes(&bytes).expect("opens by walking");
    assert_eq!(all_data(&reader), b"first");
    let readable_bytes = (FILE_HEADER_BYTES + before) as u64;
    assert_eq!(reader.state().expect("known"), FileState::Broken { readable_bytes });
}

#[test]
fn bytes_behind_the_end_are_noticed() {
    let place = Place::new();
    let mut bytes = finished(&place.path(), &[b"first"]);
    bytes.extend_from_slice(b"more");
    let reader = place.read_bytes(&bytes).expect("opens");
    assert_eq!(all_data(&reader), b"first");
    assert!(matches!(reader.state(), Ok(FileState::Broken { .. })));
    assert!(reader.verify().is_err());
}

/// Reads all that the reader gives and checks that it is a prefix of `data`, in order.
fn check_rearranged(place: &Place, bytes: &[u8], data: &[u8], what: &str) {
    let Ok(reader) = place.read_bytes(bytes) else { return };
    let mut buffer = vec![0; data.len() * 2];
    match reader.read_at(0, &mut buffer) {
        Ok(read) => assert_eq!(buffer[..read], data[..read], "{what}"),
        Err(error) => assert!(matches!(error, VaultError::Altered), "{what}: {error}"),
    }
    let is_sound = reader.verify().is_ok() && reader.is_finished();
    assert!(!is_sound, "{what} went unnoticed");
}

#[test]
fn moved_repeated_removed_and_foreign_records_are_noticed() {
    let place = Place::new();
    let pieces: [&[u8]; 4] = [b"aaaa", b"bbbb", b"cccc", b"dddd"];
    let data = pieces.concat();
    let bytes = finished(&place.path(), &pieces);
    let foreign = Place::new();
    let foreign = split(&finished(&foreign.path(), &[b"xxxx", b"yyyy", b"zzzz", b"ffff"]));
    let records: Vec<_> = split(&bytes);
    let join = |records: &[(RecordHeader, Vec<u8>)]| {
        let mut file = bytes[..FILE_HEADER_BYTES].to_vec();
        records.iter().for_each(|(_, record)| file.extend_from_slice(record));
        file
    };
    assert_eq!(join(&records), bytes);
    for a in 0..records.len() {
        let mut removed = records.clone();
        removed.remove(a);
        if a + 1 < records.len() {
            check_rearranged(&place, &join(&removed), &data, "a removed record");
        }
        let mut repeated = records.clone();
        repeated.insert(a, records[a].clone());
        check_rearranged(&place, &join(&repeated), &data, "a repeated record");
        let mut spliced = records.clone();
        spliced[a] = foreign[a].clone();
        check_rearranged(&place, &join(&spliced), &data, "a foreign record");
        for b in 0..a {
            let mut swapped = records.clone();
            swapped.swap(a, b);
            check_rearranged(&place, &join(&swapped), &data, "swapped records");
            // With the headers left in place, so that the numbers are in order.
            if swapped[a].1.len() == records[a].1.len() {
                swapped[a].1[..HEADER_BYTES].copy_from_slice(&records[a].1[..HEADER_BYTES]);
                swapped[b].1[..HEADER_BYTES].copy_from_slice(&records[b].1[..HEADER_BYTES]);
                check_rearranged(&place, &join(&swapped), &data, "swapped bodies");
            }
        }
    }
}

/// promise: D-04. Without its own key a file gives nothing, not even its length.
#[test]
fn another_key_does_not_open_the_file() {
    let place = Place::new();
    let bytes = finished(&place.path(), &[b"content"]);
    let other = FileKey::new(Key256::new([0x43; 32]));
    for length in [bytes.len(), bytes.len() - 1] {
        fs::write(place.path(), &bytes[..length]).expect("writes");
        let opened = SealedReader::open(&place.path(), &other);
        assert!(matches!(opened, Err(VaultError::Altered)));
        assert!(SealedWriter::reopen(&place.path(), &other).is_err());
    }
    assert_eq!(fs::metadata(place.path()).expect("there").len(), bytes.len() as u64 - 1);
}

#[test]
fn a_crash_that_left_the_length_but_not_the_bytes_loses_only_the_tail() {
    let place = Place::new();
    let mut writer = place.create();
    writer.append(RecordKind::Data, &[b"good"]).expect("appends");
    let good = usize::try_from(writer.file_len()).expect("small");
    writer.append(RecordKind::Data, &[b"never reached the disk"]).expect("appends");
    writer.append(RecordKind::Index, &[&pattern(100_000)]).expect("appends");
    drop(writer);
    let mut bytes = fs::read(place.path()).expect("reads");
    bytes[good + HEADER_BYTES..].iter_mut().for_each(|byte| *byte = 0);
    fs::write(place.path(), &bytes).expect("writes");
    let mut writer = SealedWriter::reopen(&place.path(), &key()).expect("reopens");
    assert_eq!(writer.plain_len(), 4);
    writer.append(RecordKind::Data, &[b" again"]).expect("appends");
    assert_eq!(all_data(&place.reader()), b"good again");
}

#[test]
fn half_an_index_is_dropped_by_reader_and_writer() {
    let place = Place::new();
    let mut writer = place.create();
    writer.append(RecordKind::Index, &[b"old"]).expect("appends");
    writer.append(RecordKind::Index, &[&pattern(100_000)]).expect("appends");
    drop(writer);
    let bytes = fs::read(place.path()).expect("reads");
    let reader = place.read_bytes(&bytes[..bytes.len() - 1]).expect("opens");
    assert_eq!(reader.records(RecordKind::Index).expect("reads"), [b"old"]);
    let mut writer = SealedWriter::reopen(&place.path(), &key()).expect("reopens");
    writer.append(RecordKind::Index, &[b"new"]).expect("appends");
    assert_eq!(place.reader().records(RecordKind::Index).expect("reads"), [b"old", b"new"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_never_panic_and_never_open(
        has_header: bool,
        tail in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let place = Place::new();
        let mut bytes = if has_header { b"HWSEAL1\0".to_vec() } else { Vec::new() };
        bytes.extend(tail);
        if let Ok(reader) = place.read_bytes(&bytes) {
            prop_assert_eq!(reader.plain_len(), 0);
            prop_assert!(!reader.is_finished());
        }
    }

    /// A life of appends, crashes that cut the file anywhere, and reopenings: no nonce of a key
    /// ever meets two plaintexts, and what is read is what was whole.
    #[test]
    fn no_nonce_is_used_twice_through_crashes(
        steps in prop::collection::vec((0..60_usize, any::<prop::sample::Index>()), 1..12),
    ) {
        let place = Place::new();
        drop(place.create());
        let mut seen: HashMap<([u8; 32], u32, u64), Vec<u8>> = HashMap::new();
        for (length, cut) in steps {
            let mut writer = SealedWriter::reopen(&place.path(), &key()).expect("reopens");
            writer.append(RecordKind::Data, &[&pattern(length)]).expect("appends");
            writer.append(RecordKind::Meta, &[b"x"]).expect("appends");
            drop(writer);
            let bytes = fs::read(place.path()).expect("reads");
            let mut salt = [0; 32];
            for (header, record) in split(&bytes) {
                if header.kind == Kind::Epoch {
                    salt.copy_from_slice(&record[HEADER_BYTES..HEADER_BYTES + 32]);
                }
                let used = seen.entry((salt, header.epoch, header.number)).or_insert(record.clone());
                prop_assert_eq!(&*used, &record);
            }
            let length = FILE_HEADER_BYTES + cut.index(bytes.len() - FILE_HEADER_BYTES + 1);
            fs::write(place.path(), &bytes[..length]).expect("crashes");
        }
    }
}
