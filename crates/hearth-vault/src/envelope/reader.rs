//! Reads a sealed file, also while its writer still appends to it.
//!
//! Only authenticated bytes are returned, from the place in the stream where they were written.

use std::{fs::File, ops::Range, path::Path, sync::Mutex, sync::PoisonError};

use zeroize::Zeroizing;

use super::{
    layout::{Entry, Layout, file_length, read_record_header},
    record::{Kind, RecordKind},
};
use crate::{FileId, FileKey, VaultError};

/// Most bytes that one call returns; a longer range is read in pieces.
const RANGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What the end of a file says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// The end record is there.
    Finished,
    /// Being written, or left by a crash.
    Unfinished {
        /// Bytes behind the last whole record.
        torn_bytes: u64,
    },
    /// The file was finished, but the records before its end are damaged from here on.
    Broken {
        /// Bytes of the file that can still be read.
        readable_bytes: u64,
    },
}

/// Reads a sealed file by position.
///
/// Calls may come from several threads; each waits while another decrypts. Give each viewer its
/// own reader.
pub struct SealedReader {
    file: File,
    file_key: FileKey,
    layout: Layout,
    /// The record that was decrypted last: small reads in sequence decrypt each record once.
    last: Mutex<LastRecord>,
}

#[derive(Default)]
struct LastRecord {
    /// Number of the record in `plain`.
    number: Option<u64>,
    plain: Zeroizing<Vec<u8>>,
}

impl SealedReader {
    /// Opens a file; a torn tail is ignored.
    ///
    /// [`VaultError::Altered`] if it was sealed with another key, [`VaultError::NotSealed`] if it
    /// is not a sealed file at all.
    pub fn open(path: &Path, key: &FileKey) -> Result<Self, VaultError> {
        let file = File::open(path).map_err(VaultError::io("open a sealed file"))?;
        let layout = Layout::read(&file, key)?;
        Ok(Self { file, file_key: key.clone(), layout, last: Mutex::default() })
    }

    /// The id that the file was created with.
    pub fn file_id(&self) -> FileId {
        self.layout.file_header.file
    }

    /// Bytes of the data stream.
    pub fn plain_len(&self) -> u64 {
        self.layout.data_length()
    }

    /// Whether the end record was seen.
    pub fn is_finished(&self) -> bool {
        self.layout.is_finished
    }

    /// Whether the file is finished, unfinished or damaged.
    pub fn state(&self) -> Result<FileState, VaultError> {
        let (length, end) = (file_length(&self.file)?, self.layout.end());
        let behind = length.saturating_sub(end);
        if behind == 0 && self.layout.is_finished {
            return Ok(FileState::Finished);
        }
        if self.layout.is_finished || self.layout.has_stray_end(&self.file, length)? {
            return Ok(FileState::Broken { readable_bytes: end });
        }
        Ok(FileState::Unfinished { torn_bytes: behind })
    }

    /// Takes in what the writer appended since; returns whether there was anything.
    pub fn refresh(&mut self) -> Result<bool, VaultError> {
        if self.layout.is_finished {
            return Ok(false);
        }
        let before = self.layout.end();
        // A failed append is cut off again, and what this reader saw of it may be gone.
        let stands = match self.layout.entries.last() {
            Some(last) => read_record_header(&self.file, last.offset)? == Some(last.header),
            None => true,
        };
        let length = file_length(&self.file)?;
        if stands && length >= before {
            self.layout.walk(&self.file, length)?;
        } else {
            self.layout = Layout::read(&self.file, &self.file_key)?;
            self.lock_last().number = None;
        }
        Ok(self.layout.end() != before)
    }

    /// Reads from the data stream; returns how many bytes, fewer than asked only at its end.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, VaultError> {
        let entries = &self.layout.entries;
        let first = entries.partition_point(|entry| entry.data_end() <= offset);
        let mut done = 0;
        let mut last = self.lock_last();
        for entry in entries.get(first..).unwrap_or_default() {
            if entry.header.kind != Kind::DATA {
                continue;
            }
            let Some(left) = buffer.get_mut(done..).filter(|left| !left.is_empty()) else { break };
            let plain = self.open_record(&mut last, entry)?;
            let skip = (offset + done as u64).saturating_sub(entry.data_offset);
            let plain = usize::try_from(skip).ok().and_then(|skip| plain.get(skip..));
            let plain = plain.unwrap_or_default();
            let count = plain.len().min(left.len());
            left.iter_mut().zip(plain).for_each(|(to, from)| *to = *from);
            done += count;
        }
        Ok(done)
    }

    /// Reads a range of the data stream; [`VaultError::OutOfRange`] if it is not all there.
    pub fn read_range(&self, range: Range<u64>) -> Result<Vec<u8>, VaultError> {
        if range.end > self.plain_len() || range.start > range.end {
            return Err(VaultError::OutOfRange);
        }
        let length = range.end - range.start;
        if length > RANGE_BYTES_MAX {
            return Err(VaultError::LimitReached { what: "bytes in one read" });
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| VaultError::OutOfRange)?];
        let read = self.read_at(range.start, &mut bytes)?;
        if read < bytes.len() {
            return Err(VaultError::OutOfRange);
        }
        Ok(bytes)
    }

    /// All whole items of a kind, in order. For data: the pieces that its records hold.
    pub fn records(&self, kind: RecordKind) -> Result<Vec<Vec<u8>>, VaultError> {
        let mut items = Vec::new();
        let mut item = Vec::new();
        let mut total = 0;
        let mut last = self.lock_last();
        for entry in &self.layout.entries {
            let Kind::User { kind: found, more } = entry.header.kind else { continue };
            if found != kind {
                continue;
            }
            total += u64::from(entry.header.length);
            if total > RANGE_BYTES_MAX {
                return Err(VaultError::LimitReached { what: "bytes in one read" });
            }
            item.extend_from_slice(self.open_record(&mut last, entry)?);
            if !more {
                items.push(std::mem::take(&mut item));
            }
        }
        Ok(items)
    }

    /// Reads the whole file as it lies on disk and authenticates every record.
    pub fn verify(&self) -> Result<(), VaultError> {
        let layout = Layout::read_walking(&self.file, &self.file_key)?;
        if self.is_finished() && layout.entries != self.layout.entries {
            return Err(VaultError::Altered);
        }
        if let FileState::Broken { .. } = self.state()? {
            return Err(VaultError::Altered);
        }
        let mut plain = Zeroizing::default();
        // The walk has authenticated the epochs; their plaintext is in clear.
        let sealed = layout.entries.iter().filter(|entry| entry.header.kind != Kind::Epoch);
        sealed.into_iter().try_for_each(|entry| layout.open(&self.file, entry, &mut plain))
    }

    fn open_record<'a>(
        &self,
        last: &'a mut LastRecord,
        entry: &Entry,
    ) -> Result<&'a [u8], VaultError> {
        if last.number != Some(entry.header.number) {
            last.number = None;
            self.layout.open(&self.file, entry, &mut last.plain)?;
            last.number = Some(entry.header.number);
        }
        Ok(&last.plain)
    }

    fn lock_last(&self) -> std::sync::MutexGuard<'_, LastRecord> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for SealedReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedReader")
            .field("plain_len", &self.plain_len())
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
