//! Where each record of a sealed file lies, found by its table or by walking the headers.
//!
//! Invariants: records are numbered without a gap; every epoch record in it is authenticated, so
//! every epoch has its key; it ends before the first byte that is not part of a whole record.

use std::{fs::File, io, os::unix::fs::FileExt as _};

use zeroize::Zeroizing;

use super::{
    record::{
        EPOCHS_MAX, EpochKey, FILE_HEADER_BYTES, FileHeader, HEADER_BYTES, Kind, OVERHEAD_BYTES,
        RECORDS_MAX, RecordHeader, SALT_BYTES,
    },
    table,
};
use crate::{FileKey, VaultError, key::TAG_BYTES};

/// Bytes of the plaintext of an end record: where the table begins, 0 for no table.
pub(crate) const END_BYTES: usize = 8;
/// Bytes of an end record on disk.
const END_RECORD_BYTES: u64 = (END_BYTES + OVERHEAD_BYTES) as u64;

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) header: RecordHeader,
    /// Where the header begins in the file.
    pub(crate) offset: u64,
    /// Bytes of the data stream before this record.
    pub(crate) data_offset: u64,
}

impl Entry {
    /// Bytes of the data stream up to the end of this record.
    pub(crate) fn data_end(&self) -> u64 {
        self.data_offset + u64::from(self.data_length())
    }

    fn data_length(&self) -> u32 {
        if self.header.kind == Kind::DATA { self.header.length } else { 0 }
    }

    /// Where the next record begins in the file.
    pub(crate) fn end(&self) -> u64 {
        self.offset + u64::from(self.header.length) + OVERHEAD_BYTES as u64
    }
}

/// All whole records of a file.
pub(crate) struct Layout {
    file_key: FileKey,
    pub(crate) file_header: FileHeader,
    pub(crate) entries: Vec<Entry>,
    /// Keys by epoch, in order.
    keys: Vec<(u32, EpochKey)>,
    /// Whether the end record is there.
    pub(crate) is_finished: bool,
}

impl Layout {
    /// Reads a file's layout, by its table if it is finished.
    pub(crate) fn read(file: &File, key: &FileKey) -> Result<Self, VaultError> {
        let mut layout = Self::read_header(file, key)?;
        let length = file_length(file)?;
        if !layout.read_table(file, length)? {
            layout.walk(file, length)?;
        }
        Ok(layout)
    }

    /// As [`Layout::read`], but always walks the headers as they lie on disk.
    pub(crate) fn read_walking(file: &File, key: &FileKey) -> Result<Self, VaultError> {
        let mut layout = Self::read_header(file, key)?;
        layout.walk(file, file_length(file)?)?;
        Ok(layout)
    }

    fn read_header(file: &File, key: &FileKey) -> Result<Self, VaultError> {
        let mut bytes = [0; FILE_HEADER_BYTES];
        let file_header = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => FileHeader::from_bytes(&bytes).ok_or(VaultError::NotSealed)?,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(VaultError::NotSealed);
            }
            Err(error) => return Err(read_error(error)),
        };
        Ok(Self {
            file_key: key.clone(),
            file_header,
            entries: Vec::new(),
            keys: Vec::new(),
            is_finished: false,
        })
    }

    /// Where the next record would begin.
    pub(crate) fn end(&self) -> u64 {
        self.entries.last().map_or(FILE_HEADER_BYTES as u64, Entry::end)
    }

    /// Bytes of the data stream.
    pub(crate) fn data_length(&self) -> u64 {
        self.entries.last().map_or(0, Entry::data_end)
    }

    /// The epoch of the last record, 0 before the first.
    pub(crate) fn epoch(&self) -> u32 {
        self.keys.last().map_or(0, |(epoch, _)| *epoch)
    }

    fn key(&self, epoch: u32) -> Option<&EpochKey> {
        let at = self.keys.binary_search_by_key(&epoch, |(epoch, _)| *epoch).ok()?;
        self.keys.get(at).map(|(_, key)| key)
    }

    /// Walks on from the last known record to the last whole one.
    pub(crate) fn walk(&mut self, file: &File, length: u64) -> Result<(), VaultError> {
        while !self.is_finished {
            let Some(entry) = self.next_entry(file, length)? else { break };
            match entry.header.kind {
                Kind::Epoch => {
                    if !self.begin_epoch(file, &entry)? {
                        break;
                    }
                }
                // What ends a file must be authentic; the rest is authenticated when it is read.
                Kind::End => match self.open(file, &entry, &mut Zeroizing::default()) {
                    Ok(()) => self.is_finished = true,
                    Err(VaultError::Altered) => break,
                    Err(error) => return Err(error),
                },
                Kind::User { .. } | Kind::Table => {}
            }
            self.push(entry)?;
        }
        Ok(())
    }

    fn push(&mut self, entry: Entry) -> Result<(), VaultError> {
        if self.entries.len() >= RECORDS_MAX {
            return Err(VaultError::LimitReached { what: "records in a sealed file" });
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The record at the end of what is known, if it is there, whole and in order.
    fn next_entry(&self, file: &File, length: u64) -> Result<Option<Entry>, VaultError> {
        let offset = self.end();
        if offset + OVERHEAD_BYTES as u64 > length {
            return Ok(None);
        }
        let Some(header) = read_record_header(file, offset)? else { return Ok(None) };
        let in_order = header.number == self.entries.len() as u64
            && match header.kind {
                Kind::Epoch => header.epoch > self.epoch() && header.length == SALT_BYTES as u32,
                _ => header.epoch == self.epoch() && header.epoch > 0,
            };
        let entry = Entry { header, offset, data_offset: self.data_length() };
        Ok((in_order && entry.end() <= length).then_some(entry))
    }

    /// Takes an epoch's salt and checks that it is authentic. A first epoch that is not means that
    /// the file was sealed with another key (or its start is damaged): an error, not an empty file.
    fn begin_epoch(&mut self, file: &File, entry: &Entry) -> Result<bool, VaultError> {
        if self.keys.len() >= EPOCHS_MAX as usize {
            return Err(VaultError::LimitReached { what: "epochs in a sealed file" });
        }
        let mut body = [0; SALT_BYTES + TAG_BYTES];
        read_exact(file, &mut body, entry.offset + HEADER_BYTES as u64)?;
        let (salt, tag) = body.split_first_chunk_mut().expect("the salt is the front part");
        let epoch = entry.header.epoch;
        let key = EpochKey::derive(&self.file_key, self.file_header, epoch, salt)?;
        match entry.header.open(&key, 0, tag) {
            Ok(_) => {
                self.keys.push((epoch, key));
                Ok(true)
            }
            Err(error) if self.keys.is_empty() => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Reads a record from disk and decrypts it into `plain`.
    pub(crate) fn open(
        &self,
        file: &File,
        entry: &Entry,
        plain: &mut Zeroizing<Vec<u8>>,
    ) -> Result<(), VaultError> {
        let key = self.key(entry.header.epoch).ok_or(VaultError::Altered)?;
        let length = entry.header.length as usize;
        plain.resize(length + TAG_BYTES, 0);
        read_exact(file, plain, entry.offset + HEADER_BYTES as u64)?;
        entry.header.open(key, entry.data_offset, plain)?;
        plain.truncate(length);
        Ok(())
    }

    /// Takes the layout from the table of a finished file. `false`: there is none that fits, and
    /// nothing changed.
    fn read_table(&mut self, file: &File, length: u64) -> Result<bool, VaultError> {
        let Some(first) = self.next_entry(file, length)? else { return Ok(false) };
        if first.header.kind != Kind::Epoch || !self.begin_epoch(file, &first)? {
            return Ok(false);
        }
        let entries = match self.read_table_entries(file, length) {
            Ok(entries) => entries,
            // A table that does not open is no reason to give up: the headers may still be fine.
            Err(VaultError::Altered) => None,
            Err(error) => return Err(error),
        };
        match entries {
            Some(entries) => {
                self.entries = entries;
                self.is_finished = true;
                Ok(true)
            }
            None => {
                self.keys.clear();
                Ok(false)
            }
        }
    }

    fn read_table_entries(
        &self,
        file: &File,
        length: u64,
    ) -> Result<Option<Vec<Entry>>, VaultError> {
        let Some(end) = self.end_entry(file, length)? else { return Ok(None) };
        let mut plain = Zeroizing::default();
        self.open(file, &end, &mut plain)?;
        let Some(offset) = plain.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)) else {
            return Ok(None);
        };
        if offset < FILE_HEADER_BYTES as u64 || offset >= end.offset {
            return Ok(None);
        }
        let Some(header) = read_record_header(file, offset)? else { return Ok(None) };
        let table = Entry { header, offset, data_offset: 0 };
        if header.kind != Kind::Table || table.end() != end.offset {
            return Ok(None);
        }
        self.open(file, &table, &mut plain)?;
        Ok(table::decode(&plain).and_then(|records| self.place(&records, table, end)))
    }

    /// Lays the records of a table out one after the other; they must end where the table begins.
    fn place(&self, records: &[(Kind, u32)], table: Entry, end: Entry) -> Option<Vec<Entry>> {
        let (mut offset, mut data_offset) = (FILE_HEADER_BYTES as u64, 0);
        let mut entries = Vec::with_capacity(records.len() + 2);
        for (number, &(kind, length)) in (0..).zip(records) {
            let header = RecordHeader { length, epoch: self.epoch(), number, kind };
            let entry = Entry { header, offset, data_offset };
            (offset, data_offset) = (entry.end(), entry.data_end());
            entries.push(entry);
        }
        let fits = offset == table.offset
            && table.header.number == records.len() as u64
            && end.header.number == table.header.number + 1;
        entries.extend([Entry { data_offset, ..table }, Entry { data_offset, ..end }]);
        fits.then_some(entries)
    }

    /// What looks like an end record in the last bytes of the file.
    fn end_entry(&self, file: &File, length: u64) -> Result<Option<Entry>, VaultError> {
        let Some(offset) = length.checked_sub(END_RECORD_BYTES) else { return Ok(None) };
        let header = read_record_header(file, offset)?;
        let is_end = |h: &RecordHeader| h.kind == Kind::End && h.length as usize == END_BYTES;
        Ok(header.filter(is_end).map(|header| Entry { header, offset, data_offset: 0 }))
    }

    /// Whether the file was finished although the records do not lead to its end: damage, not a
    /// crash.
    pub(crate) fn has_stray_end(&self, file: &File, length: u64) -> Result<bool, VaultError> {
        let Some(end) = self.end_entry(file, length)? else { return Ok(false) };
        match self.open(file, &end, &mut Zeroizing::default()) {
            Ok(()) => Ok(true),
            Err(VaultError::Altered) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Drops records from the end until one opens and completes its item: what a crash left may
    /// be of the right length and yet not the right bytes.
    pub(crate) fn drop_torn_tail(&mut self, file: &File) -> Result<(), VaultError> {
        let mut plain = Zeroizing::default();
        while let Some(last) = self.entries.last() {
            let is_whole = match last.header.kind {
                Kind::Epoch => break,
                Kind::User { more, .. } => !more,
                // They are written with the end record or not at all.
                Kind::Table | Kind::End => false,
            };
            let opened = self.open(file, last, &mut plain);
            match opened {
                Ok(()) if is_whole => break,
                Ok(()) | Err(VaultError::Altered) => {}
                Err(error) => return Err(error),
            }
            self.entries.pop();
        }
        Ok(())
    }
}

/// The length of the file now.
pub(crate) fn file_length(file: &File) -> Result<u64, VaultError> {
    Ok(file.metadata().map_err(read_error)?.len())
}

/// The record header at `offset`; `None` when what lies there is none.
pub(crate) fn read_record_header(
    file: &File,
    offset: u64,
) -> Result<Option<RecordHeader>, VaultError> {
    let mut bytes = [0; HEADER_BYTES];
    match read_exact(file, &mut bytes, offset) {
        Ok(()) => Ok(RecordHeader::from_bytes(&bytes)),
        Err(VaultError::Altered) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file that ends too early (it was cut by its writer, or damaged) is [`VaultError::Altered`].
fn read_exact(file: &File, bytes: &mut [u8], offset: u64) -> Result<(), VaultError> {
    file.read_exact_at(bytes, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => VaultError::Altered,
        _ => read_error(error),
    })
}

fn read_error(error: io::Error) -> VaultError {
    VaultError::io("read a sealed file")(error)
}
