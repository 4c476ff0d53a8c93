//! The chain on disk: opened after any crash, appended to, cut at its old end by retention.
//!
//! Order of an append: records, sync, anchor, sync. Whatever a crash leaves is one of: a torn
//! record behind the anchor (cut off at the next start, nobody was told that it is written), whole
//! records behind the anchor (kept), nothing. A chain that ends before its anchor is none of these.
//! It is then left as it is, as evidence, and goes on in a new file behind the anchor.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use hearth_model::WallTime;
use hearth_vault::{create_private_directory, create_private_file, sync_directory};

use crate::{
    AuditError,
    anchor::{Anchor, AnchorFile},
    entry::Entry,
    files::{self, ChainFile, FILE_BYTES_MAX},
    keys::Keys,
    record::{Found, Head, Link, Walk, append},
};

/// In what state the log was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// There was none.
    Fresh,
    /// Whole.
    Sound,
    /// A crash left part of a record behind the end; it was cut off.
    Torn {
        /// Bytes of it.
        bytes: u64,
    },
    /// Records that were written are missing or altered. They are left as they are; the chain goes
    /// on behind them.
    Broken {
        /// From this number on.
        seq: u64,
    },
}

/// How long old entries stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub days_max: u32,
    /// Bytes of all files together.
    pub bytes_max: u64,
}

/// The open chain. One thread has it.
pub(crate) struct Chain {
    folder: PathBuf,
    keys: Keys,
    anchor: Anchor,
    anchor_file: AnchorFile,
    file: File,
    number: u64,
    /// Bytes of the file that are whole records.
    bytes: u64,
    /// The day of the file's first entry, counted from 1970.
    day: Option<i64>,
}

/// Whether a folder's chain reaches its anchor.
enum Reach {
    /// It does, and ends here.
    End(End),
    /// Nothing was ever written, and nothing is there.
    Nothing,
    /// It does not.
    Short,
}

struct End {
    number: u64,
    link: Link,
    bytes: u64,
    torn_bytes: u64,
    /// The day of the file's first entry.
    day: Option<i64>,
}

impl Chain {
    /// Opens the chain in `folder`, or begins one. `known` is the copy of the anchor that was kept
    /// elsewhere.
    pub(crate) fn open(
        folder: &Path,
        keys: Keys,
        known: Option<Anchor>,
    ) -> Result<(Self, Opening), AuditError> {
        let failed = AuditError::io;
        create_private_directory(folder).map_err(failed("make its folder"))?;
        let found = AnchorFile::read(folder, &keys.anchor).map_err(failed("read its anchor"))?;
        let files = files::list(folder).map_err(failed("list its files"))?;
        let mut anchor = match (found, known) {
            (Some(found), Some(known)) => found.later(known),
            (found, known) => found.or(known).unwrap_or(Anchor::START),
        };
        let is_fresh = found.is_none() && known.is_none() && files.is_empty();
        let lost_anchor = found.is_none() && !is_fresh;
        if lost_anchor && let Some(head) = files.iter().find_map(|file| file.head(&keys.head)) {
            anchor.dropped = head.before;
        }
        let reach = find_end(&keys, &files, anchor).map_err(failed("read its newest file"))?;
        let opening = match &reach {
            _ if is_fresh => Opening::Fresh,
            // Without an anchor nobody knows whether the end is the end.
            Reach::End(end) if lost_anchor => {
                Opening::Broken { seq: end.link.seq.saturating_add(1) }
            }
            Reach::End(end) if end.torn_bytes > 0 => Opening::Torn { bytes: end.torn_bytes },
            Reach::Nothing if lost_anchor => Opening::Broken { seq: 1 },
            Reach::End(_) | Reach::Nothing => Opening::Sound,
            Reach::Short => Opening::Broken { seq: anchor.dropped.seq.saturating_add(1) },
        };
        let anchor_file = AnchorFile::open(folder).map_err(failed("open its anchor"))?;
        let chain = match reach {
            Reach::End(end) => Self::resume(folder, keys, anchor, anchor_file, end)?,
            Reach::Nothing | Reach::Short => {
                // The anchor first: a file without one would look like a log whose anchor was taken.
                let written =
                    anchor_file.write(&keys.anchor, anchor.moved(anchor.dropped, anchor.written));
                written.map_err(failed("write its anchor"))?;
                let last = files.last().map_or(0, |file| file.number);
                let head = Head { number: last.saturating_add(1), before: anchor.written };
                let file = begin_file(folder, &keys, head).map_err(failed("begin a file"))?;
                let (number, bytes) = (head.number, Head::BYTES as u64);
                let anchor = anchor.moved(anchor.dropped, anchor.written);
                let folder = folder.to_owned();
                Self { folder, keys, anchor, anchor_file, file, number, bytes, day: None }
            }
        };
        chain.write_anchor().map_err(failed("write its anchor"))?;
        Ok((chain, opening))
    }

    fn resume(
        folder: &Path,
        keys: Keys,
        anchor: Anchor,
        anchor_file: AnchorFile,
        end: End,
    ) -> Result<Self, AuditError> {
        let path = ChainFile::new(folder, end.number).path;
        let opened = OpenOptions::new().append(true).open(path);
        let file = opened.map_err(AuditError::io("open its newest file"))?;
        if end.torn_bytes > 0 {
            let cut = file.set_len(end.bytes).and_then(|()| file.sync_all());
            cut.map_err(AuditError::io("cut off a torn record"))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            anchor: anchor.moved(anchor.dropped, end.link),
            keys,
            anchor_file,
            file,
            number: end.number,
            bytes: end.bytes,
            day: end.day,
        })
    }

    /// Where the chain is.
    pub(crate) fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// The number that the next entry gets.
    pub(crate) fn next_seq(&self) -> u64 {
        self.anchor.written.seq.saturating_add(1)
    }

    /// Appends entries, all of them or none; durable on return.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), AuditError> {
        let Some(first) = entries.first() else { return Ok(()) };
        let day = day_of(first);
        let is_old = self.day.is_some_and(|of_file| of_file != day);
        let has_records = self.bytes > Head::BYTES as u64;
        if has_records && (is_old || self.bytes >= FILE_BYTES_MAX) {
            self.begin_next()?;
        }
        let mut bytes = Vec::new();
        let mut link = self.anchor.written;
        for entry in entries {
            let sealed = self.keys.seal(link.seq.saturating_add(1), entry)?;
            link = append(&mut bytes, &self.keys.chain, link, &sealed);
        }
        let written = self.file.write_all(&bytes).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Part of it may be there; the next attempt begins where the chain ends.
            self.file.set_len(self.bytes).map_err(AuditError::io("undo an append"))?;
            return Err(AuditError::io("append")(error));
        }
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.day = self.day.or(Some(day));
        self.anchor = self.anchor.moved(self.anchor.dropped, link);
        // The records are there whether this works or not; the next append tries again.
        if let Err(error) = self.write_anchor() {
            tracing::warn!(%error, "the audit log's anchor was not moved");
        }
        Ok(())
    }

    fn begin_next(&mut self) -> Result<(), AuditError> {
        let number = self.number.saturating_add(1);
        let head = Head { number, before: self.anchor.written };
        let begun = begin_file(&self.folder, &self.keys, head);
        self.file = begun.map_err(AuditError::io("begin a file"))?;
        (self.number, self.bytes, self.day) = (number, Head::BYTES as u64, None);
        Ok(())
    }

    fn write_anchor(&self) -> io::Result<()> {
        self.anchor_file.write(&self.keys.anchor, self.anchor)
    }

    /// Drops the oldest files while they are too old or too many; says the number of the last entry
    /// that went. The anchor says so first, so that a crash in between leaves files that are
    /// dropped at the next call, and no hole.
    pub(crate) fn drop_old(
        &mut self,
        keep: Keep,
        now: WallTime,
    ) -> Result<Option<u64>, AuditError> {
        let failed = AuditError::io;
        let mut files = files::list(&self.folder).map_err(failed("list its files"))?;
        let mut total: u64 = files.iter().map(ChainFile::bytes).sum();
        let oldest = now.minus_days(keep.days_max);
        let before = self.anchor.dropped.seq;
        // Files up to the next one whose head can be read go together: there is no checkpoint
        // between them.
        while let Some((at, head)) = first_head(files.get(1..).unwrap_or_default(), &self.keys) {
            let is_leftover = head.before.seq <= self.anchor.dropped.seq;
            let newest = files.get(at).expect("`at` counts from the second file");
            if !is_leftover && total <= keep.bytes_max && !self.is_older(newest, oldest) {
                break;
            }
            if !is_leftover {
                self.anchor = self.anchor.moved(head.before, self.anchor.written);
                self.write_anchor().map_err(failed("write its anchor"))?;
            }
            for file in files.drain(..=at) {
                total = total.saturating_sub(file.bytes());
                fs::remove_file(&file.path).map_err(failed("drop a file"))?;
            }
        }
        sync_directory(&self.folder).map_err(failed("sync its folder"))?;
        let dropped = self.anchor.dropped.seq;
        Ok((dropped > before).then_some(dropped))
    }

    /// Whether the newest entry of a file is from before some time.
    fn is_older(&self, file: &ChainFile, oldest: WallTime) -> bool {
        let Ok(bytes) = file.read() else { return false };
        let Some(head) = Head::from_bytes(&self.keys.head, &bytes) else { return false };
        let last = Walk::new(&self.keys.chain, head, &bytes).filter_map(|found| match found {
            Found::Record { link, sealed } => Some((link, sealed)),
            Found::Altered { .. } | Found::Torn { .. } => None,
        });
        let newest = last.last().and_then(|(link, sealed)| self.keys.open(link, sealed));
        newest.is_none_or(|entry| entry.at < oldest)
    }
}

/// Days since 1970.
fn day_of(entry: &Entry) -> i64 {
    entry.at.as_micros().div_euclid(WallTime::MICROS_A_DAY)
}

/// The first file whose head can be read, and its place.
fn first_head(files: &[ChainFile], keys: &Keys) -> Option<(usize, Head)> {
    files.iter().enumerate().find_map(|(at, file)| Some((at, file.head(&keys.head)?)))
}

fn begin_file(folder: &Path, keys: &Keys, head: Head) -> io::Result<File> {
    let path = ChainFile::new(folder, head.number).path;
    let mut file = match create_private_file(&path) {
        // Begun by an attempt that failed half-way; it holds no record.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(&path)?;
            create_private_file(&path)?
        }
        created => created?,
    };
    file.write_all(&head.to_bytes(&keys.head))?;
    file.sync_all()?;
    sync_directory(folder)?;
    Ok(file)
}

/// Finds where the chain ends. A newest file without a whole head is one that a crash kept from
/// being begun; it is removed.
fn find_end(keys: &Keys, files: &[ChainFile], anchor: Anchor) -> io::Result<Reach> {
    let Some((newest, older)) = files.split_last() else {
        let nothing = anchor.written == anchor.dropped;
        return Ok(if nothing { Reach::Nothing } else { Reach::Short });
    };
    let bytes = newest.read()?;
    let head = Head::from_bytes(&keys.head, &bytes).filter(|head| head.number == newest.number);
    let Some(head) = head else {
        if bytes.len() >= Head::BYTES {
            return Ok(Reach::Short);
        }
        let reach = find_end(keys, older, anchor)?;
        if !matches!(reach, Reach::Short) {
            fs::remove_file(&newest.path)?;
        }
        return Ok(reach);
    };
    let mut reaches = head.before == anchor.written;
    let mut walk = Walk::new(&keys.chain, head, &bytes);
    let mut whole = (head.before, Head::BYTES);
    let mut day = None;
    while let Some(found) = walk.next() {
        match found {
            Found::Record { link, sealed } => {
                day = day.or_else(|| keys.open(link, sealed).map(|entry| day_of(&entry)));
                reaches |= link == anchor.written;
                whole = (link, walk.offset());
            }
            // What follows is behind the anchor, or the chain does not reach it.
            Found::Altered { .. } | Found::Torn { .. } => break,
        }
    }
    let (link, at) = whole;
    // Records of one file only are looked at here; a file that begins behind the anchor was begun
    // after the anchor's record was written, and its head says by which.
    reaches |= head.before.seq > anchor.written.seq;
    let (bytes, torn_bytes) = (at as u64, (bytes.len().saturating_sub(at)) as u64);
    let end = End { number: newest.number, link, bytes, torn_bytes, day };
    Ok(if reaches { Reach::End(end) } else { Reach::Short })
}

#[cfg(test)]
mod tests;
