//! Cuts a stream of bytes into messages.

use bytes::Bytes;

use super::WireError;
use crate::wiped::Wiped;

/// Kind and length.
pub(super) const HEADER: usize = 5;

/// Collects bytes and gives whole messages. Each lies in memory of its own, which is wiped (promise D-03).
pub(crate) struct PacketReader {
    message: Wiped,
    limit: fn(u8) -> Option<usize>,
}

impl PacketReader {
    /// `limit` gives the most payload bytes of a kind; `None` for unknown kinds.
    pub(crate) fn new(limit: fn(u8) -> Option<usize>) -> Self {
        Self { message: Wiped::default(), limit }
    }

    /// Takes bytes off the front of what was read, and gives the message that is whole with them; `None`
    /// once all are taken.
    pub(crate) fn take(&mut self, read: &mut &[u8]) -> Result<Option<(u8, Bytes)>, WireError> {
        self.take_up_to(HEADER, read);
        let Some(&[kind, a, b, c, d]) = self.message.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let limit = (self.limit)(kind).ok_or(WireError::UnknownKind(kind))?;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > limit {
            return Err(WireError::TooLarge(kind));
        }
        self.take_up_to(HEADER + length, read);
        let is_whole = self.message.len() == HEADER + length;
        Ok(is_whole.then(|| (kind, std::mem::take(&mut self.message).share(HEADER))))
    }

    /// Takes as many bytes as the message needs to have so many; large ones grow as their bytes arrive.
    fn take_up_to(&mut self, wanted: usize, read: &mut &[u8]) {
        let missing = wanted.saturating_sub(self.message.len()).min(read.len());
        let (taken, rest) = read.split_at(missing);
        self.message.extend(taken);
        *read = rest;
    }
}
