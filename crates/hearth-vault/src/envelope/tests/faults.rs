//! A disk that writes short, fills up and fails: an append is whole or it did not happen.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex},
};

use super::*;

/// A disk in memory that fails on command.
#[derive(Clone, Default)]
struct FaultyDisk(Arc<Mutex<Faults>>);

#[derive(Default)]
struct Faults {
    content: Vec<u8>,
    /// Most bytes that one write takes.
    write_bytes_max: Option<usize>,
    /// Bytes until the disk is full.
    room: Option<usize>,
    fail_cut: bool,
    fail_sync: bool,
    /// Every buffer that was offered, with its place, continued writes left out.
    offered: Vec<Vec<u8>>,
    /// Where a continued write would begin.
    continues_at: Option<u64>,
    writes: usize,
}

impl FaultyDisk {
    fn set(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.lock().expect("no panic"));
    }

    fn content(&self) -> Vec<u8> {
        self.0.lock().expect("no panic").content.clone()
    }

    fn writer(&self) -> SealedWriter<Self> {
        SealedWriter::create_on(self.clone(), &key(), FILE).expect("creates")
    }

    fn read(&self) -> SealedReader {
        Place::new().read_bytes(&self.content()).expect("opens")
    }
}

impl Disk for FaultyDisk {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut faults = self.0.lock().expect("no panic");
        faults.writes += 1;
        if faults.continues_at.take() != Some(offset) {
            faults.offered.push(bytes.to_vec());
        }
        let mut taken = bytes.len().min(faults.write_bytes_max.unwrap_or(usize::MAX));
        if let Some(room) = &mut faults.room {
            if *room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            taken = taken.min(*room);
            *room -= taken;
        }
        let at = usize::try_from(offset).expect("small");
        let length = faults.content.len().max(at + taken);
        faults.content.resize(length, 0);
        faults.content[at..at + taken].copy_from_slice(&bytes[..taken]);
        faults.continues_at = (taken < bytes.len()).then_some(offset + taken as u64);
        Ok(taken)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        let mut faults = self.0.lock().expect("no panic");
        if faults.fail_cut {
            return Err(io::Error::other("cut"));
        }
        faults.content.resize(usize::try_from(length).expect("small"), 0);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.0.lock().expect("no panic").fail_sync {
            return Err(io::Error::other("sync"));
        }
        Ok(())
    }
}

#[test]
fn short_writes_are_continued() {
    let disk = FaultyDisk::default();
    disk.set(|faults| faults.write_bytes_max = Some(7));
    let mut writer = disk.writer();
    writer.append(RecordKind::Data, &[&pattern(1000)]).expect("appends");
    writer.finish().expect("finishes");
    assert_eq!(all_data(&disk.read()), pattern(1000));
}

#[test]
fn one_append_is_one_write() {
    let disk = FaultyDisk::default();
    let mut writer = disk.writer();
    disk.set(|faults| faults.writes = 0);
    for piece in [1_usize, 65_536, 250_000, 4_000_000] {
        let data = pattern(piece);
        writer.append(RecordKind::Data, &[&data[..1], &data[1..]]).expect("appends");
    }
    assert_eq!(disk.0.lock().expect("no panic").writes, 4);
}

#[test]
fn a_disk_that_fills_at_any_byte_loses_no_whole_append_and_a_retry_succeeds() {
    let pieces: [&[u8]; 3] = [b"first", &pattern(150), b"third"];
    for fail_cut in [false, true] {
        for room in 0..450 {
            let disk = FaultyDisk::default();
            let mut writer = disk.writer();
            disk.set(|faults| (faults.room, faults.fail_cut) = (Some(room), fail_cut));
            let mut whole = Vec::new();
            for piece in pieces {
                let before = writer.file_len();
                if let Err(error) = writer.append(RecordKind::Data, &[piece]) {
                    assert!(error.is_disk_full(), "{error}");
                    assert_eq!(writer.file_len(), before);
                    if !fail_cut {
                        assert_eq!(disk.content().len() as u64, before, "cut back");
                    }
                    // What is whole can be read, and a repeated failure changes nothing.
                    assert_eq!(all_data(&disk.read()), whole);
                    assert!(writer.append(RecordKind::Data, &[piece]).is_err());
                    assert_eq!(all_data(&disk.read()), whole);
                    disk.set(|faults| (faults.room, faults.fail_cut) = (None, false));
                    writer.append(RecordKind::Data, &[piece]).expect("room again");
                }
                whole.extend_from_slice(piece);
                assert_eq!(writer.plain_len(), whole.len() as u64);
            }
            if writer.finish().is_err() {
                disk.set(|faults| (faults.room, faults.fail_cut) = (None, false));
                writer.finish().expect("room again");
            }
            let reader = disk.read();
            assert_eq!(all_data(&reader), whole, "room {room}");
            assert_eq!(reader.state().expect("known"), FileState::Finished, "room {room}");
            reader.verify().expect("is sound");
        }
    }
}

#[test]
fn no_nonce_meets_two_plaintexts_when_appends_fail() {
    let disk = FaultyDisk::default();
    let mut writer = disk.writer();
    for round in 0..40_u8 {
        // Fails in the epoch record, in the data, in its tag, or not at all.
        disk.set(|faults| faults.room = Some(usize::from(round) * 5));
        let failed = writer.append(RecordKind::Data, &[&[round; 60]]).is_err();
        disk.set(|faults| faults.room = None);
        if failed && round % 3 == 0 {
            writer.append(RecordKind::Data, &[&[round ^ 0xff; 60]]).expect("room again");
        }
    }
    let mut seen: HashMap<(u32, u64), Vec<u8>> = HashMap::new();
    for offered in &disk.0.lock().expect("no panic").offered {
        let has_header = offered.starts_with(b"HWSEAL1\0");
        let padding = if has_header { 0 } else { FILE_HEADER_BYTES };
        let records = [vec![0; padding], offered.clone()].concat();
        for (header, record) in split(&records) {
            let first = seen.insert((header.epoch, header.number), record);
            assert!(first.is_none(), "{header:?} was sealed twice");
        }
    }
    assert!(seen.len() > 40);
}

#[test]
fn after_a_failed_sync_the_file_takes_no_more() {
    let disk = FaultyDisk::default();
    let mut writer = disk.writer();
    writer.append(RecordKind::Data, &[b"first"]).expect("appends");
    disk.set(|faults| faults.fail_sync = true);
    assert!(matches!(writer.sync(), Err(VaultError::Io { .. })));
    disk.set(|faults| faults.fail_sync = false);
    assert!(matches!(writer.sync(), Err(VaultError::Abandoned)));
    assert!(matches!(writer.append(RecordKind::Data, &[b"x"]), Err(VaultError::Abandoned)));
    assert!(matches!(writer.finish(), Err(VaultError::Abandoned)));
    assert_eq!(all_data(&disk.read()), b"first");
}

#[test]
fn a_large_append_that_fails_midway_is_undone_whole() {
    let disk = FaultyDisk::default();
    let mut writer = disk.writer();
    writer.append(RecordKind::Data, &[b"first"]).expect("appends");
    disk.set(|faults| faults.room = Some(5 * 1024 * 1024));
    let large = pattern(9 * 1024 * 1024);
    assert!(writer.append(RecordKind::Data, &[&large]).is_err());
    assert_eq!(writer.plain_len(), 5);
    assert_eq!(all_data(&disk.read()), b"first");
    disk.set(|faults| faults.room = None);
    writer.append(RecordKind::Data, &[&large]).expect("room again");
    assert_eq!(disk.read().plain_len(), 5 + large.len() as u64);
}

#[test]
fn an_append_after_every_epoch_is_spent_is_refused() {
    let disk = FaultyDisk::default();
    let mut writer = disk.writer();
    disk.set(|faults| faults.room = Some(0));
    let spent = (0..2000).find_map(|_| match writer.append(RecordKind::Data, &[b"x"]) {
        Err(VaultError::LimitReached { .. }) => Some(()),
        _ => None,
    });
    assert!(spent.is_some());
}
