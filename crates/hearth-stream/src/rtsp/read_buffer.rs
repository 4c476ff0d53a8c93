//! Bytes that were read and not yet understood.
//!
//! One buffer a source for its whole life, so that reading allocates nothing.

use hearth_rtsp::framing::Framer;

/// Holds the largest packet, and at home speeds everything that arrives between two wake-ups.
const BYTES_START: usize = 72 * 1024;
/// With less room than this behind the data, the data is moved to the front.
const ROOM_MIN: usize = 24 * 1024;

/// See the module.
#[derive(Debug)]
pub(super) struct ReadBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl ReadBuffer {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; BYTES_START], start: 0, end: 0 }
    }

    /// What was read and not consumed.
    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Drops from the front.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Makes sure that `wanted` bytes fit.
    pub(super) fn expect(&mut self, wanted: usize) {
        let wanted = wanted.min(Framer::BUFFER_MAX);
        if wanted > self.bytes.len() {
            self.bytes.resize(wanted, 0);
        }
        let room = self.bytes.len() - self.end;
        if self.start > 0 && (room < ROOM_MIN || self.start + wanted > self.bytes.len()) {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Where to read to. Never empty as long as everything that can be understood is consumed.
    pub(super) fn room(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// So many bytes were read.
    pub(super) fn add(&mut self, bytes: usize) {
        self.end = (self.end + bytes).min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_consumed_stays_and_room_is_never_gone() {
        let mut buffer = ReadBuffer::new();
        let mut written = 0u8;
        for _ in 0..1_000 {
            buffer.expect(5_000);
            let room = buffer.room();
            let count = room.len().min(1_777);
            assert!(count > 0);
            room[..count].iter_mut().for_each(|byte| {
                *byte = written;
                written = written.wrapping_add(1);
            });
            buffer.add(count);
            let filled = buffer.filled();
            assert!(filled.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));
            let used = filled.len().saturating_sub(4_999);
            buffer.consume(used);
        }
    }

    #[test]
    fn a_large_message_fits() {
        let mut buffer = ReadBuffer::new();
        buffer.add(100);
        buffer.expect(Framer::BUFFER_MAX);
        assert!(buffer.filled().len() + buffer.room().len() >= Framer::BUFFER_MAX);
    }
}
