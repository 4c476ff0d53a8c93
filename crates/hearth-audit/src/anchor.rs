//! How far the chain goes, written down apart from the chain: what makes a cut visible.
//!
//! A chain alone can lose its end without a trace. The anchor says up to which record entries were
//! dropped by retention, and up to which they were written. It is updated after each append, so
//! after a crash the chain may be ahead of it, and never behind: a chain that ends before its
//! anchor was cut. It lies in two slots written in turn, so a torn write leaves the other one, and
//! a copy of it goes to a second place (the hub's index), against somebody who puts back both the
//! older log and the older anchor.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
};

use hearth_vault::{MAC_BYTES, MacKey, create_private_file};

use crate::record::Link;

/// File name in the audit folder.
pub(crate) const ANCHOR_FILE: &str = "anchor";

/// Bytes between the slots: no sector or page holds both.
const SLOT_SPACING: u64 = 4096;

/// What the chain must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Grows with each update.
    generation: u64,
    /// The last record that retention dropped.
    pub(crate) dropped: Link,
    /// The last record that was written.
    pub(crate) written: Link,
}

impl Anchor {
    pub(crate) const BYTES: usize = 8 + 2 * (8 + MAC_BYTES) + MAC_BYTES;

    pub(crate) const START: Self =
        Self { generation: 0, dropped: Link::START, written: Link::START };

    /// The next one.
    pub(crate) fn moved(self, dropped: Link, written: Link) -> Self {
        Self { generation: self.generation.saturating_add(1), dropped, written }
    }

    /// Number of the last record that was written.
    pub fn seq(&self) -> u64 {
        self.written.seq
    }

    /// The later of two.
    pub(crate) fn later(self, other: Self) -> Self {
        let rank = |anchor: &Self| (anchor.written.seq, anchor.dropped.seq, anchor.generation);
        if rank(&other) > rank(&self) { other } else { self }
    }

    pub(crate) fn to_bytes(self, key: &MacKey) -> Vec<u8> {
        let mut bytes = self.generation.to_le_bytes().to_vec();
        for link in [self.dropped, self.written] {
            bytes.extend_from_slice(&link.seq.to_le_bytes());
            bytes.extend_from_slice(&link.mac);
        }
        bytes.extend_from_slice(&key.tag(&[&bytes]));
        bytes
    }

    /// `None` if it is torn, altered or somebody else's.
    pub(crate) fn from_bytes(key: &MacKey, bytes: &[u8]) -> Option<Self> {
        let (content, tag) = bytes.split_at_checked(Self::BYTES - MAC_BYTES)?;
        if !key.verify(&[content], tag) {
            return None;
        }
        let (generation, rest) = content.split_first_chunk()?;
        let (dropped, rest) = link(rest)?;
        let (written, _) = link(rest)?;
        Some(Self { generation: u64::from_le_bytes(*generation), dropped, written })
    }
}

fn link(bytes: &[u8]) -> Option<(Link, &[u8])> {
    let (seq, rest) = bytes.split_first_chunk()?;
    let (mac, rest) = rest.split_first_chunk()?;
    Some((Link { seq: u64::from_le_bytes(*seq), mac: *mac }, rest))
}

/// The file with both slots.
pub(crate) struct AnchorFile {
    file: File,
}

impl AnchorFile {
    /// Reads what lies in `folder`; `None` if there is no valid slot.
    pub(crate) fn read(folder: &Path, key: &MacKey) -> io::Result<Option<Anchor>> {
        let file = match File::open(folder.join(ANCHOR_FILE)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let slot = |number: u64| {
            let mut bytes = [0; Anchor::BYTES];
            file.read_exact_at(&mut bytes, number * SLOT_SPACING).ok()?;
            Anchor::from_bytes(key, &bytes)
        };
        Ok([slot(0), slot(1)].into_iter().flatten().max_by_key(|anchor| anchor.generation))
    }

    /// Opens it for writing; makes it if it is not there.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(ANCHOR_FILE);
        let opened = OpenOptions::new().read(true).write(true).mode(0o600).open(&path);
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = create_private_file(&path)?;
                hearth_vault::sync_directory(folder)?;
                file
            }
            opened => opened?,
        };
        Ok(Self { file })
    }

    /// Writes the slot whose turn it is; durable on return.
    pub(crate) fn write(&self, key: &MacKey, anchor: Anchor) -> io::Result<()> {
        let slot = anchor.generation % 2;
        self.file.write_all_at(&anchor.to_bytes(key), slot * SLOT_SPACING)?;
        self.file.sync_data()
    }
}
