//! What the envelope promises, from whole files to every torn byte.

mod damage;
mod faults;
mod stream;

use std::{
    fs,
    path::{Path, PathBuf},
};

use hearth_secret::Key256;

use super::{
    record::{FILE_HEADER_BYTES, HEADER_BYTES, Kind, OVERHEAD_BYTES, RecordHeader},
    *,
};
use crate::{FileKey, VaultError};

const FILE: [u8; 16] = [0x11; 16];

fn key() -> FileKey {
    FileKey::new(Key256::new([0x42; 32]))
}

/// A folder with one file in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("segment")
    }

    fn create(&self) -> SealedWriter {
        SealedWriter::create(&self.path(), &key(), FILE).expect("creates")
    }

    fn reader(&self) -> SealedReader {
        SealedReader::open(&self.path(), &key()).expect("opens")
    }

    /// A reader of these bytes, or why not.
    fn read_bytes(&self, bytes: &[u8]) -> Result<SealedReader, VaultError> {
        fs::write(self.path(), bytes).expect("writes");
        SealedReader::open(&self.path(), &key())
    }
}

/// Bytes that differ from place to place.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 251) as u8).collect()
}

fn all_data(reader: &SealedReader) -> Vec<u8> {
    reader.read_range(0..reader.plain_len()).expect("reads")
}

/// The records of a file as bytes, with their headers.
fn split(bytes: &[u8]) -> Vec<(RecordHeader, Vec<u8>)> {
    let mut at = FILE_HEADER_BYTES;
    let mut records = Vec::new();
    while at < bytes.len() {
        let header = bytes[at..at + HEADER_BYTES].try_into().expect("a header");
        let header = RecordHeader::from_bytes(header).expect("a record");
        let end = at + header.length as usize + OVERHEAD_BYTES;
        records.push((header, bytes[at..end].to_vec()));
        at = end;
    }
    records
}

/// A finished file with a description, `pieces` of data and an index.
fn finished(path: &Path, pieces: &[&[u8]]) -> Vec<u8> {
    let mut writer = SealedWriter::create(path, &key(), FILE).expect("creates");
    writer.append(RecordKind::Meta, &[b"meta"]).expect("appends");
    for piece in pieces {
        writer.append(RecordKind::Data, &[piece]).expect("appends");
    }
    writer.append(RecordKind::Index, &[b"index"]).expect("appends");
    writer.finish().expect("finishes");
    fs::read(path).expect("reads")
}
