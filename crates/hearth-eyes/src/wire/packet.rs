//! Cuts a stream of bytes into messages.

use std::ops::Range;

use bytes::Bytes;
use zeroize::{Zeroize, Zeroizing};

use super::WireError;
use crate::wiped::Wiped;

/// Kind and length.
pub(super) const HEADER: usize = 5;

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

/// Reads bytes and gives whole messages. Each lies in memory of its own; that is wiped when nobody holds
/// it any more, and what was read when it was taken (promise D-03).
pub(crate) struct PacketReader {
    read: Zeroizing<Vec<u8>>,
    /// What of it was not taken yet.
    unread: Range<usize>,
    message: Wiped,
    limit: fn(u8) -> Option<usize>,
}

impl PacketReader {
    /// `limit` gives the most payload bytes of a kind; `None` for unknown kinds.
    pub(crate) fn new(limit: fn(u8) -> Option<usize>) -> Self {
        let read = Zeroizing::new(vec![0; READ_BYTES]);
        Self { read, unread: 0..0, message: Wiped::default(), limit }
    }

    /// Where to read into, once [`Self::next`] has nothing more.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        &mut self.read
    }

    /// So many bytes were read.
    pub(crate) fn filled(&mut self, count: usize) {
        self.unread = 0..count.min(self.read.len());
    }

    /// The next whole message, or `None` if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<(u8, Bytes)>, WireError> {
        self.take_up_to(HEADER);
        let Some(&[kind, a, b, c, d]) = self.message.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let limit = (self.limit)(kind).ok_or(WireError::UnknownKind(kind))?;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > limit {
            return Err(WireError::TooLarge(kind));
        }
        self.take_up_to(HEADER + length);
        let is_whole = self.message.len() == HEADER + length;
        Ok(is_whole.then(|| (kind, std::mem::take(&mut self.message).share(HEADER))))
    }

    /// Takes as many bytes as the message needs to have so many; large ones grow as their bytes arrive.
    fn take_up_to(&mut self, wanted: usize) {
        let missing = wanted.saturating_sub(self.message.len()).min(self.unread.len());
        let taken = self.unread.start..self.unread.start + missing;
        self.unread.start = taken.end;
        if let Some(taken) = self.read.get_mut(taken) {
            self.message.extend(taken);
            taken.zeroize();
        }
    }
}

/// Reads these bytes.
#[cfg(test)]
pub(crate) fn put(reader: &mut PacketReader, part: &[u8]) {
    reader.space()[..part.len()].copy_from_slice(part);
    reader.filled(part.len());
}
