//! Packets that came before their turn.

use hearth_media::MediaTime;

/// Longer than any detour on a home network; short enough not to be seen in a live picture.
const WAIT_MICROS_MAX: i64 = 100_000;
/// Two key frames' worth of packets.
const PACKETS_MAX: usize = 512;
/// As many of the largest common size.
const BYTES_MAX: usize = 768 * 1024;

/// See the module. Sorted by sequence number, counted from the next one to hand out.
#[derive(Debug, Default)]
pub(super) struct Reorder {
    waiting: Vec<Waiting>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    sequence: u16,
    arrived: MediaTime,
    packet: Vec<u8>,
}

impl Reorder {
    /// Keeps a packet; a second one with the same number is dropped.
    pub(super) fn insert(&mut self, sequence: u16, arrived: MediaTime, packet: &[u8]) {
        let is_before = |waiting: &Waiting| waiting.sequence.wrapping_sub(sequence) >= 0x8000;
        let at = self.waiting.partition_point(is_before);
        if self.waiting.get(at).is_some_and(|waiting| waiting.sequence == sequence) {
            return;
        }
        self.bytes += packet.len();
        self.waiting.insert(at, Waiting { sequence, arrived, packet: packet.to_vec() });
    }

    /// The packet with this number, if it is the first.
    pub(super) fn take(&mut self, sequence: u16) -> Option<Vec<u8>> {
        if self.waiting.first()?.sequence != sequence {
            return None;
        }
        let packet = self.waiting.remove(0).packet;
        self.bytes -= packet.len();
        Some(packet)
    }

    /// The number of the first packet, if waiting for those before it is no longer worth it.
    pub(super) fn overdue(&self, now: MediaTime) -> Option<u16> {
        let first = self.waiting.first()?;
        let is_full = self.waiting.len() > PACKETS_MAX || self.bytes > BYTES_MAX;
        let oldest = self.waiting.iter().map(|waiting| waiting.arrived).min()?;
        (is_full || now.micros_since(oldest) > WAIT_MICROS_MAX).then_some(first.sequence)
    }

    /// Forgets all packets.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }
}
