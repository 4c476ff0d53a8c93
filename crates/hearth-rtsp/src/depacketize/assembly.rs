//! One access unit in the making: NAL units with length prefixes in a buffer that is kept.
//!
//! The buffer is reused from unit to unit; a finished unit costs one allocation of its exact size.
//! Invariant: neither limit of the module above is exceeded; a unit that would is marked damaged.

use bytes::Bytes;

use super::{ACCESS_UNIT_BYTES_MAX, ACCESS_UNIT_NALS_MAX};

const PREFIX_BYTES: usize = 4;
/// A buffer that grew beyond this for one unit is given back: key frames are large and seldom.
const BUFFER_KEPT_MAX: usize = 32 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    buffer: Vec<u8>,
    nal_count: usize,
    /// Where the prefix of the unit that is being appended to starts.
    open_at: Option<usize>,
    /// A packet of this unit came.
    pub(super) is_begun: bool,
    /// Of its packets.
    pub(super) timestamp: u32,
    /// It holds a piece of a picture.
    pub(super) has_slice: bool,
    /// A part of it is missing.
    pub(super) is_damaged: bool,
}

impl Assembly {
    /// Starts a unit with nothing in it.
    pub(super) fn begin(&mut self, timestamp: u32) {
        self.clear();
        self.is_begun = true;
        self.timestamp = timestamp;
    }

    /// Forgets the unit.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_KEPT_MAX);
        self.nal_count = 0;
        self.open_at = None;
        self.is_begun = false;
        self.has_slice = false;
        self.is_damaged = false;
    }

    /// Adds a whole NAL unit.
    pub(super) fn add(&mut self, nal: &[u8]) {
        self.open(nal);
        self.close();
    }

    /// Starts a NAL unit that comes in pieces.
    pub(super) fn open(&mut self, start: &[u8]) {
        self.close();
        if self.nal_count >= ACCESS_UNIT_NALS_MAX {
            self.is_damaged = true;
            return;
        }
        self.nal_count += 1;
        self.open_at = Some(self.buffer.len());
        self.buffer.extend_from_slice(&[0; PREFIX_BYTES]);
        self.append(start);
    }

    /// Adds to the open NAL unit. Without one, the piece's beginning is missing.
    pub(super) fn append(&mut self, piece: &[u8]) {
        let too_long = self.buffer.len() + piece.len() > ACCESS_UNIT_BYTES_MAX;
        if self.open_at.is_none() || too_long {
            self.is_damaged = true;
            return;
        }
        self.buffer.extend_from_slice(piece);
    }

    /// Whether a NAL unit is open.
    pub(super) fn is_open(&self) -> bool {
        self.open_at.is_some()
    }

    /// The open NAL unit so far.
    pub(super) fn open_nal(&self) -> Option<&[u8]> {
        self.buffer.get(self.open_at? + PREFIX_BYTES..)
    }

    /// Ends the open NAL unit, if there is one.
    pub(super) fn close(&mut self) {
        let Some(at) = self.open_at.take() else { return };
        let length = self.buffer.len().saturating_sub(at + PREFIX_BYTES);
        let prefix = u32::try_from(length).unwrap_or(0).to_be_bytes();
        if let Some(place) = self.buffer.get_mut(at..at + PREFIX_BYTES) {
            place.copy_from_slice(&prefix);
        }
    }

    /// Takes the open NAL unit out again.
    pub(super) fn withdraw(&mut self) -> Vec<u8> {
        let Some(at) = self.open_at.take() else { return Vec::new() };
        let nal = self.buffer.get(at + PREFIX_BYTES..).unwrap_or_default().to_vec();
        self.buffer.truncate(at);
        self.nal_count -= 1;
        nal
    }

    /// What was put together.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// A copy of what was put together, of exactly its size.
    pub(super) fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(&self.buffer)
    }
}
