//! Appends records to a sealed file.
//!
//! Invariant: an append is whole or it did not happen. After a failure the file is cut back to
//! where the append began and the next one starts a new epoch, so no nonce meets two plaintexts.

use std::{fs, path::Path};

use super::{
    disk::{Disk, DiskFile, write_all_at},
    layout::{END_BYTES, Layout},
    record::{
        EPOCHS_MAX, EpochKey, FileHeader, Kind, OVERHEAD_BYTES, RECORD_BYTES_MAX, RECORDS_MAX,
        RecordHeader, RecordKind, SALT_BYTES,
    },
    table::Table,
};
use crate::{FileId, FileKey, VaultError, key::random};

/// Bytes gathered before they are written. Larger than any group of pictures that a camera sends
/// in two seconds at 16 Mbit/s, so that an append is one write; bounds the buffer of an append.
const WRITE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Records that items may fill: the rest is kept for epochs, the table and the end, so that a file
/// can always be mended and finished.
const ITEM_RECORDS_MAX: u64 = RECORDS_MAX as u64 - EPOCHS_MAX as u64 - 2;

/// Writes a sealed file record by record.
pub struct SealedWriter<D: Disk = DiskFile> {
    disk: D,
    file_key: FileKey,
    header: FileHeader,
    epoch: Epoch,
    /// The end of what is written; an append moves it only when it succeeds.
    end: Position,
    /// Sealed records on their way to the disk. Empty and without memory between appends: a writer
    /// a camera waits most of each second, and its last append would be resident meanwhile.
    buffer: Vec<u8>,
    table: Table,
    state: State,
}

/// An epoch and its key.
struct Epoch {
    number: u32,
    key: EpochKey,
}

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    file: u64,
    data: u64,
    /// Number of the next record.
    record: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The file ends at `end`.
    Ready,
    /// There may be bytes beyond `end`, and nonces are spent: cut, and begin a new epoch.
    Torn,
    /// A sync failed. The kernel reports that once and may have dropped the pages, so a later
    /// success would prove nothing.
    Abandoned,
    Finished,
}

impl SealedWriter<DiskFile> {
    /// Creates a file that must not exist. `file_id` is bound into everything written.
    ///
    /// Its name is durable after the first [`sync`](Self::sync).
    pub fn create(path: &Path, key: &FileKey, file_id: FileId) -> Result<Self, VaultError> {
        let disk = DiskFile::create(path).map_err(VaultError::io("create a sealed file"))?;
        Self::create_on(disk, key, file_id).inspect_err(|_| {
            // An empty file would be in the way of the next attempt.
            drop(fs::remove_file(path));
        })
    }

    /// Opens an unfinished file after a crash: the torn tail is cut off, writing goes on behind
    /// the last whole record.
    ///
    /// [`VaultError::Finished`] if there is nothing to continue, [`VaultError::NotSealed`] if the
    /// crash came before the file's first bytes (it holds nothing then).
    pub fn reopen(path: &Path, key: &FileKey) -> Result<Self, VaultError> {
        let mut disk = DiskFile::open(path).map_err(VaultError::io("open a sealed file"))?;
        // Walked, not taken from a table: a file with a table is finished.
        let mut layout = Layout::read_walking(disk.file(), key)?;
        if layout.is_finished {
            return Err(VaultError::Finished);
        }
        layout.drop_torn_tail(disk.file())?;
        let end = Position {
            file: layout.end(),
            data: layout.data_length(),
            record: layout.entries.len() as u64,
        };
        disk.set_length(end.file).map_err(VaultError::io("cut a sealed file"))?;
        let header = layout.file_header;
        let (salt, epoch) = Epoch::after(layout.epoch(), key, header)?;
        let (buffer, table) = (Vec::new(), Table::default());
        let (file_key, state) = (key.clone(), State::Ready);
        let mut writer = Self { disk, file_key, header, epoch, end, buffer, table, state };
        writer.append_with(|append| append.push_epoch(&salt))?;
        Ok(writer)
    }
}

impl<D: Disk> SealedWriter<D> {
    /// Begins an empty file on any kind of disk.
    pub fn create_on(disk: D, key: &FileKey, file_id: FileId) -> Result<Self, VaultError> {
        let header = FileHeader { file: file_id };
        let (salt, epoch) = Epoch::after(0, key, header)?;
        let mut writer = Self {
            disk,
            file_key: key.clone(),
            header,
            epoch,
            end: Position { file: 0, data: 0, record: 0 },
            buffer: Vec::new(),
            table: Table::default(),
            state: State::Ready,
        };
        writer.append_with(|append| {
            append.writer.buffer.extend_from_slice(&header.to_bytes());
            append.push_epoch(&salt)
        })?;
        Ok(writer)
    }

    /// Appends one item: `parts` one after the other.
    ///
    /// Data continues the one stream of data; [`Meta`](RecordKind::Meta) and
    /// [`Index`](RecordKind::Index) are items of their own. After an error nothing was appended,
    /// and the call may be repeated (the disk was full) or the file abandoned. Durable only after
    /// [`sync`](Self::sync).
    pub fn append(&mut self, kind: RecordKind, parts: &[&[u8]]) -> Result<(), VaultError> {
        self.append_with(|append| append.push_item(kind, parts))
    }

    /// Bytes of the data stream so far.
    pub fn plain_len(&self) -> u64 {
        self.end.data
    }

    /// Bytes of the file so far.
    pub fn file_len(&self) -> u64 {
        self.end.file
    }

    /// Returns when all that was appended survives a power cut. After an error the file takes no
    /// more: [`VaultError::Abandoned`].
    pub fn sync(&mut self) -> Result<(), VaultError> {
        if self.state == State::Abandoned {
            return Err(VaultError::Abandoned);
        }
        self.disk.sync().map_err(|error| {
            self.state = State::Abandoned;
            VaultError::io("sync a sealed file")(error)
        })
    }

    /// Appends the end record and syncs. Repeatable after an error of the append.
    pub fn finish(&mut self) -> Result<(), VaultError> {
        self.append_with(|append| append.push_end())?;
        self.sync()?;
        self.state = State::Finished;
        Ok(())
    }

    /// Runs one append: whole, or undone.
    fn append_with(
        &mut self,
        fill: impl FnOnce(&mut Append<'_, D>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        match self.state {
            State::Ready | State::Torn => {}
            State::Abandoned => return Err(VaultError::Abandoned),
            State::Finished => return Err(VaultError::Finished),
        }
        let entries = self.table.len();
        let mut append = Append { at: self.end, written: self.end.file, writer: self };
        let filled = append.mend().and_then(|()| fill(&mut append)).and_then(|()| append.write());
        let at = append.at;
        self.buffer = Vec::new();
        match filled {
            Ok(()) => {
                self.end = at;
                self.state = State::Ready;
            }
            Err(_) => {
                self.table.truncate(entries);
                self.state = State::Torn;
                // Tried now so that readers see a clean end; tried again before the next write.
                drop(self.disk.set_length(self.end.file));
            }
        }
        filled
    }
}

impl Epoch {
    /// The epoch after `last`, with the salt that its record carries.
    fn after(
        last: u32,
        key: &FileKey,
        header: FileHeader,
    ) -> Result<([u8; SALT_BYTES], Self), VaultError> {
        let number = last + 1;
        if number > EPOCHS_MAX {
            return Err(VaultError::LimitReached { what: "epochs in a sealed file" });
        }
        let salt = random()?;
        Ok((salt, Self { number, key: EpochKey::derive(key, header, number, &salt)? }))
    }
}

/// An append in progress.
struct Append<'a, D: Disk> {
    writer: &'a mut SealedWriter<D>,
    /// The end of the file with all that was pushed.
    at: Position,
    /// The end of what went to the disk.
    written: u64,
}

impl<D: Disk> Append<'_, D> {
    /// After a failure: cuts what it left and begins a new epoch.
    fn mend(&mut self) -> Result<(), VaultError> {
        if self.writer.state != State::Torn {
            return Ok(());
        }
        let end = self.writer.end.file;
        self.writer.disk.set_length(end).map_err(VaultError::io("cut a sealed file"))?;
        let writer = &mut *self.writer;
        let (salt, epoch) = Epoch::after(writer.epoch.number, &writer.file_key, writer.header)?;
        writer.epoch = epoch;
        self.push_epoch(&salt)
    }

    fn push_epoch(&mut self, salt: &[u8; SALT_BYTES]) -> Result<(), VaultError> {
        let header = self.next_header(Kind::Epoch, SALT_BYTES);
        let tag = header.seal(&self.writer.epoch.key, 0, &mut [])?;
        for part in [&header.to_bytes()[..], salt, &tag] {
            self.writer.buffer.extend_from_slice(part);
        }
        self.advance(&header);
        Ok(())
    }

    fn push_item(&mut self, kind: RecordKind, parts: &[&[u8]]) -> Result<(), VaultError> {
        let mut left: usize = parts.iter().map(|part| part.len()).sum();
        if left == 0 && kind == RecordKind::Data {
            return Ok(());
        }
        let records = left.div_ceil(RECORD_BYTES_MAX).max(1);
        let sealed = left + records * OVERHEAD_BYTES;
        self.writer.buffer.reserve(sealed.min(WRITE_BYTES_MAX + RECORD_BYTES_MAX));
        let mut source = parts.iter().copied();
        let mut part: &[u8] = &[];
        loop {
            let length = left.min(RECORD_BYTES_MAX);
            left -= length;
            let more = left > 0 && kind != RecordKind::Data;
            let header = self.next_header(Kind::User { kind, more }, length);
            if header.number >= ITEM_RECORDS_MAX {
                return Err(VaultError::LimitReached { what: "records in a sealed file" });
            }
            let plain = self.begin_record(&header);
            let mut wanted = length;
            while wanted > 0 {
                let (now, rest) = part.split_at(wanted.min(part.len()));
                self.writer.buffer.extend_from_slice(now);
                wanted -= now.len();
                part = rest;
                if wanted > 0 {
                    part = source.next().expect("the parts add up to the sum of their lengths");
                }
            }
            self.seal_record(&header, plain)?;
            if left == 0 {
                return Ok(());
            }
            if self.writer.buffer.len() >= WRITE_BYTES_MAX {
                self.write()?;
            }
        }
    }

    fn push_end(&mut self) -> Result<(), VaultError> {
        // A table describes files of one epoch only: it has no room for the others' salts.
        let table = (self.writer.epoch.number == 1).then(|| self.writer.table.encode()).flatten();
        let mut table_offset = 0;
        if let Some(table) = table {
            table_offset = self.at.file;
            self.push_record(Kind::Table, &table)?;
        }
        let end: [u8; END_BYTES] = table_offset.to_le_bytes();
        self.push_record(Kind::End, &end)
    }

    fn push_record(&mut self, kind: Kind, plaintext: &[u8]) -> Result<(), VaultError> {
        let header = self.next_header(kind, plaintext.len());
        let plain = self.begin_record(&header);
        self.writer.buffer.extend_from_slice(plaintext);
        self.seal_record(&header, plain)
    }

    fn next_header(&self, kind: Kind, length: usize) -> RecordHeader {
        let length = u32::try_from(length).expect("a record is at most 64 KiB");
        let epoch = self.writer.epoch.number;
        RecordHeader { length, epoch, number: self.at.record, kind }
    }

    /// Writes the header and returns where in the buffer the plaintext begins.
    fn begin_record(&mut self, header: &RecordHeader) -> usize {
        self.writer.buffer.extend_from_slice(&header.to_bytes());
        self.writer.buffer.len()
    }

    fn seal_record(&mut self, header: &RecordHeader, plain: usize) -> Result<(), VaultError> {
        let writer = &mut *self.writer;
        let plaintext = writer.buffer.get_mut(plain..).expect("begin_record returned its end");
        let tag = header.seal(&writer.epoch.key, self.at.data, plaintext)?;
        writer.buffer.extend_from_slice(&tag);
        self.advance(header);
        Ok(())
    }

    fn advance(&mut self, header: &RecordHeader) {
        self.writer.table.push(header.kind, header.length);
        self.at.record += 1;
        if header.kind == Kind::DATA {
            self.at.data += u64::from(header.length);
        }
        self.at.file = self.written + self.writer.buffer.len() as u64;
    }

    /// Sends the gathered records to the disk.
    fn write(&mut self) -> Result<(), VaultError> {
        let writer = &mut *self.writer;
        write_all_at(&mut writer.disk, &writer.buffer, self.written)
            .map_err(VaultError::io("write a sealed file"))?;
        self.written += writer.buffer.len() as u64;
        writer.buffer.clear();
        Ok(())
    }
}
