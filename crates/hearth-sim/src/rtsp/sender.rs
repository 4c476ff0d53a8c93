//! Makes the RTP and RTCP packets of one track for one client, and spoils them on command.
//!
//! Pure: bytes come out, who sends them is elsewhere.

use hearth_rtsp::{
    rtcp::{SenderReport, sender_report},
    rtp::RtpHeader,
};

use super::sdp::RtpFormat;
use crate::{Breakage, chance::Chance, fault::Conditions, stream::Delivery};

/// One packet in this many is broken by [`Fault::Malformed`](crate::Fault::Malformed).
const BROKEN_EVERY: u64 = 10;

/// Seconds from 1900 to 1970 (RFC 5905, figure 4).
const NTP_OFFSET_SECONDS: u64 = 2_208_988_800;

/// The sending end of one track.
#[derive(Debug)]
pub(super) struct TrackSender {
    format: RtpFormat,
    ssrc: u32,
    sequence: u16,
    timestamp_base: u32,
    packets: u32,
    payload_bytes: u32,
    chance: Chance,
}

impl TrackSender {
    /// Starts at random numbers, as it should (RFC 3550, 5.1).
    pub(super) fn new(format: RtpFormat, mut chance: Chance) -> Self {
        Self {
            format,
            ssrc: chance.next() as u32,
            sequence: chance.next() as u16,
            timestamp_base: chance.next() as u32,
            packets: 0,
            payload_bytes: 0,
            chance,
        }
    }

    /// Who sends.
    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The sequence number of the next packet.
    pub(super) fn sequence(&self) -> u16 {
        self.sequence
    }

    /// The RTP time of a moment of the stream.
    pub(super) fn timestamp(&self, stream_us: i64) -> u32 {
        let rate = i128::from(self.format.clock_rate);
        let ticks = (i128::from(stream_us) * rate + 500_000).div_euclid(1_000_000);
        // RTP time wraps; the cast keeps the lower 32 bits.
        self.timestamp_base.wrapping_add(ticks as u32)
    }

    /// Gives each packet of a delivery that does not get lost to `emit`, as header and payload.
    pub(super) fn send(
        &mut self,
        delivery: &Delivery,
        conditions: &Conditions,
        mut emit: impl FnMut(&[u8], &[u8]),
    ) {
        let timestamp = self.timestamp(delivery.pts_us.saturating_add(conditions.clock_offset_us));
        let is_video = delivery.unit.track == hearth_media::TrackKind::Video;
        let count = delivery.payloads.len();
        for (place, payload) in delivery.payloads.iter().enumerate() {
            let header = RtpHeader {
                // Sound has a mark at the start of talk only (RFC 3551, 4.1), AAC at the end of
                // each frame (RFC 3640, 3.1).
                marker: place + 1 == count && (is_video || self.format.payload_type >= 96),
                payload_type: self.format.payload_type,
                sequence: self.sequence,
                timestamp,
                ssrc: self.ssrc,
            };
            self.sequence = self.sequence.wrapping_add(1);
            self.packets = self.packets.wrapping_add(1);
            self.payload_bytes = self.payload_bytes.wrapping_add(payload.len() as u32);
            if self.chance.percent(conditions.loss_percent) {
                continue;
            }
            match conditions.breakage {
                Some(breakage) if self.chance.next().is_multiple_of(BROKEN_EVERY) => {
                    let (header, payload) = self.broken(breakage, header, payload);
                    emit(&header, &payload);
                }
                _ => emit(&header.encode(), payload),
            }
        }
    }

    fn broken(
        &mut self,
        breakage: Breakage,
        header: RtpHeader,
        payload: &[u8],
    ) -> (Vec<u8>, Vec<u8>) {
        let (mut header, mut payload) = (header.encode().to_vec(), payload.to_vec());
        let choice = self.chance.next();
        match (breakage, choice % 3) {
            (Breakage::Payload, _) | (Breakage::Any, 0) => self.chance.fill(&mut payload),
            (Breakage::Rtp, _) | (Breakage::Any, 1) => match (choice >> 8) % 5 {
                0 => header[0] = 0x40,
                // An extension and fifteen sources that are not there, padding without end.
                1 => header[0] = 0x9F,
                2 => header[0] = 0xA0,
                3 => payload.clear(),
                _ => header.truncate((choice >> 16) as usize % header.len()),
            },
            (Breakage::Nal | Breakage::Any, _) => {
                let types = [0, 30, 31, 24, 25, 26, 27, 28, 29, 0x9C, 0xFC, 48 << 1, 49 << 1];
                let place = (choice >> 8) as usize % types.len();
                if let (Some(first), Some(kind)) = (payload.first_mut(), types.get(place)) {
                    *first = *kind;
                }
                payload.truncate(1 + (choice >> 16) as usize % 40);
            }
        }
        (header, payload)
    }

    /// A sender report for a moment of the stream that is `wall` since 1970.
    pub(super) fn report(
        &self,
        stream_us: i64,
        wall: std::time::Duration,
        conditions: &Conditions,
    ) -> Vec<u8> {
        let offset = conditions.clock_offset_us;
        let wall_us = i128::try_from(wall.as_micros()).unwrap_or(0) + i128::from(offset);
        let wall_us = wall_us.max(0).unsigned_abs();
        let seconds = (wall_us / 1_000_000) as u64 + NTP_OFFSET_SECONDS;
        let fraction = (wall_us % 1_000_000) as u64 * (1 << 32) / 1_000_000;
        let report = SenderReport {
            ssrc: self.ssrc,
            ntp: (seconds << 32) | fraction,
            rtp_timestamp: self.timestamp(stream_us.saturating_add(offset)),
        };
        sender_report(&report, self.packets, self.payload_bytes)
    }
}
