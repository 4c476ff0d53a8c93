//! Cuts a stream of bytes into messages.

use bytes::{Buf, Bytes, BytesMut};

use super::WireError;

/// Kind and length.
pub(super) const HEADER: usize = 5;

/// Collects bytes and gives whole messages.
#[derive(Debug)]
pub(crate) struct PacketReader {
    buffer: BytesMut,
    limit: fn(u8) -> Option<usize>,
}

impl PacketReader {
    /// `limit` gives the most payload bytes of a kind; `None` for unknown kinds.
    pub(crate) fn new(limit: fn(u8) -> Option<usize>) -> Self {
        Self { buffer: BytesMut::new(), limit }
    }

    /// Where to read into, at least a few KiB; what was read is taken into account by itself.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        // Large messages grow the buffer as their bytes really arrive.
        self.buffer.reserve(64 * 1024);
        &mut self.buffer
    }

    /// The next whole message, or `None` if more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<(u8, Bytes)>, WireError> {
        let Some(&[kind, a, b, c, d]) = self.buffer.first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let limit = (self.limit)(kind).ok_or(WireError::UnknownKind(kind))?;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length > limit {
            return Err(WireError::TooLarge(kind));
        }
        if self.buffer.len() < HEADER + length {
            return Ok(None);
        }
        self.buffer.advance(HEADER);
        Ok(Some((kind, self.buffer.split_to(length).freeze())))
    }
}
