//! The receiving end of one track: order, losses and statistics of RTP packets.
//!
//! Pure; arrival times come from outside. Over TCP packets are in order; over UDP they wait in a
//! small buffer for those that took longer.
//! Invariant: memory is bounded by the reorder buffer's limits and those of the depacketizer.

use hearth_media::MediaTime;

use crate::{
    depacketize::{DepacketizeError, Depacketizer, Output},
    rtcp::{ReceptionReport, SenderReport},
    rtp::RtpPacket,
};

mod reorder;
mod statistics;

use reorder::Reorder;
use statistics::Statistics;

/// Receives the packets of one track.
#[derive(Debug)]
pub struct TrackReceiver {
    payload_type: u8,
    is_payload_type_seen: bool,
    depacketizer: Depacketizer,
    ssrc: Option<u32>,
    foreign_packets: u32,
    expected: Option<u16>,
    has_lost: bool,
    late_packets: u32,
    reorder: Option<Reorder>,
    statistics: Statistics,
    source_changes: u32,
}

/// How packets of a track travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// Inside a TCP connection: what is missing was never sent.
    Reliable,
    /// In datagrams.
    Datagrams,
}

/// A camera that restarted its encoder sends from a new source at once; a stray packet does not.
const FOREIGN_PACKETS_MAX: u32 = 3;
/// So many old packets in a row are not late ones: the numbering started over.
const LATE_PACKETS_MAX: u32 = 16;
/// A step of this size is a new numbering and not a loss (RFC 3550, A.1: MAX_DROPOUT).
const DROPOUT_MAX: u16 = 3_000;

impl TrackReceiver {
    /// Of a track whose packets have this payload type and clock.
    pub fn new(
        payload_type: u8,
        clock_rate: u32,
        depacketizer: Depacketizer,
        ordering: Ordering,
    ) -> Self {
        Self {
            payload_type,
            is_payload_type_seen: false,
            depacketizer,
            ssrc: None,
            foreign_packets: 0,
            expected: None,
            has_lost: false,
            late_packets: 0,
            reorder: (ordering == Ordering::Datagrams).then(Reorder::default),
            statistics: Statistics::new(clock_rate),
            source_changes: 0,
        }
    }

    /// The depacketizer, to ask for parameters.
    pub fn depacketizer(&self) -> &Depacketizer {
        &self.depacketizer
    }

    /// Who sends, once that is known.
    pub fn ssrc(&self) -> Option<u32> {
        self.ssrc
    }

    /// Packets that never came.
    pub fn packets_lost(&self) -> u64 {
        self.statistics.lost()
    }

    /// Times that the sender or its numbering changed; its clock then starts at any value.
    pub fn source_changes(&self) -> u32 {
        self.source_changes
    }

    /// Takes an RTP packet as it came. What is not RTP is ignored.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        now: MediaTime,
        output: &mut Output,
    ) -> Result<(), DepacketizeError> {
        let Ok(packet) = RtpPacket::parse(bytes) else { return Ok(()) };
        if !self.is_from_source(&packet) {
            return Ok(());
        }
        self.statistics.note_arrival(&packet.header, now);
        let expected = *self.expected.get_or_insert(packet.header.sequence);
        let ahead = packet.header.sequence.wrapping_sub(expected);
        match ahead {
            0 => {
                self.deliver(&packet, output)?;
                self.release(output)
            }
            1..DROPOUT_MAX if self.reorder.is_some() => {
                if let Some(reorder) = &mut self.reorder {
                    reorder.insert(packet.header.sequence, now, bytes);
                }
                self.release_overdue(now, output)
            }
            1..DROPOUT_MAX => {
                self.skip_to(packet.header.sequence);
                self.deliver(&packet, output)
            }
            // The same one again, however often.
            u16::MAX => Ok(()),
            _ => {
                self.late_packets += 1;
                if self.late_packets <= LATE_PACKETS_MAX {
                    return Ok(());
                }
                self.start_over(packet.header.ssrc, packet.header.sequence);
                self.deliver(&packet, output)
            }
        }
    }

    /// Stops waiting for packets that are overdue. To be called a few times a second.
    pub fn release_overdue(
        &mut self,
        now: MediaTime,
        output: &mut Output,
    ) -> Result<(), DepacketizeError> {
        while let Some(sequence) = self.reorder.as_ref().and_then(|buffer| buffer.overdue(now)) {
            self.skip_to(sequence);
            self.release(output)?;
        }
        Ok(())
    }

    /// Takes a sender report of this track.
    pub fn note_sender_report(&mut self, report: &SenderReport, now: MediaTime) {
        self.statistics.note_sender_report(report, now);
    }

    /// What to tell the sender; `None` before its first packet.
    pub fn reception_report(&mut self, now: MediaTime) -> Option<ReceptionReport> {
        self.ssrc.map(|ssrc| self.statistics.report(ssrc, now))
    }

    /// Follows a change of the sender, but not a single stray packet.
    fn is_from_source(&mut self, packet: &RtpPacket<'_>) -> bool {
        let header = &packet.header;
        match self.ssrc {
            None => self.ssrc = Some(header.ssrc),
            Some(ssrc) if ssrc == header.ssrc => self.foreign_packets = 0,
            Some(_) => {
                self.foreign_packets += 1;
                if self.foreign_packets <= FOREIGN_PACKETS_MAX {
                    return false;
                }
                self.start_over(header.ssrc, header.sequence);
            }
        }
        true
    }

    fn start_over(&mut self, ssrc: u32, sequence: u16) {
        self.ssrc = Some(ssrc);
        self.foreign_packets = 0;
        self.late_packets = 0;
        self.expected = Some(sequence);
        self.has_lost = true;
        self.source_changes = self.source_changes.saturating_add(1);
        self.statistics.start_over();
        if let Some(reorder) = &mut self.reorder {
            reorder.clear();
        }
    }

    fn skip_to(&mut self, sequence: u16) {
        let expected = self.expected.unwrap_or(sequence);
        self.statistics.note_lost(sequence.wrapping_sub(expected));
        self.expected = Some(sequence);
        self.has_lost = true;
    }

    fn release(&mut self, output: &mut Output) -> Result<(), DepacketizeError> {
        while let Some(bytes) = match (&mut self.reorder, self.expected) {
            (Some(reorder), Some(expected)) => reorder.take(expected),
            _ => None,
        } {
            if let Ok(packet) = RtpPacket::parse(&bytes) {
                self.deliver(&packet, output)?;
            }
        }
        Ok(())
    }

    fn deliver(
        &mut self,
        packet: &RtpPacket<'_>,
        output: &mut Output,
    ) -> Result<(), DepacketizeError> {
        self.expected = Some(packet.header.sequence.wrapping_add(1));
        self.late_packets = 0;
        // Some cameras send another number than they announce, and then always.
        let is_announced = packet.header.payload_type == self.payload_type;
        self.is_payload_type_seen |= is_announced;
        if !is_announced && self.is_payload_type_seen {
            return Ok(());
        }
        let lost_before = std::mem::take(&mut self.has_lost);
        self.depacketizer.push(packet, lost_before, output)
    }
}

#[cfg(test)]
mod tests;
