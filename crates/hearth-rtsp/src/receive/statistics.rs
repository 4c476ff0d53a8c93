//! What a receiver counts for its reports (RFC 3550, 6.4.1, A.3 and A.8).

use hearth_media::MediaTime;

use crate::{
    rtcp::{ReceptionReport, SenderReport},
    rtp::RtpHeader,
};

/// See the module.
#[derive(Debug)]
pub(super) struct Statistics {
    clock_rate: u32,
    first: Option<u16>,
    /// Highest number with its wraps, relative to 0.
    highest: u32,
    received: u32,
    expected_before: u32,
    received_before: u32,
    lost: u64,
    last_transit: Option<i64>,
    /// Times 16, as in A.8.
    jitter_16: i64,
    last_report: Option<(u32, MediaTime)>,
}

impl Statistics {
    pub(super) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            first: None,
            highest: 0,
            received: 0,
            expected_before: 0,
            received_before: 0,
            lost: 0,
            last_transit: None,
            jitter_16: 0,
            last_report: None,
        }
    }

    /// Forgets what belongs to one sender.
    pub(super) fn start_over(&mut self) {
        *self = Self { lost: self.lost, ..Self::new(self.clock_rate) };
    }

    pub(super) fn note_arrival(&mut self, header: &RtpHeader, now: MediaTime) {
        if self.first.is_none() {
            self.first = Some(header.sequence);
            self.highest = u32::from(header.sequence);
        }
        let low = u16::try_from(self.highest & 0xffff).unwrap_or(0);
        let ahead = header.sequence.wrapping_sub(low);
        if ahead < 0x8000 {
            self.highest = self.highest.wrapping_add(u32::from(ahead));
        }
        self.received = self.received.wrapping_add(1);
        // Modulo 2^32, as the RTP clock itself.
        let arrival = now.to_scale(self.clock_rate) & i64::from(u32::MAX);
        let transit = arrival - i64::from(header.timestamp);
        if let Some(last) = self.last_transit.replace(transit) {
            let change = (transit - last).abs();
            if change < i64::from(self.clock_rate) {
                self.jitter_16 += change - ((self.jitter_16 + 8) >> 4);
            }
        }
    }

    pub(super) fn note_lost(&mut self, packets: u16) {
        self.lost += u64::from(packets);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn note_sender_report(&mut self, report: &SenderReport, now: MediaTime) {
        let middle = u32::try_from((report.ntp >> 16) & u64::from(u32::MAX)).unwrap_or(0);
        self.last_report = Some((middle, now));
    }

    pub(super) fn report(&mut self, ssrc: u32, now: MediaTime) -> ReceptionReport {
        let first = u32::from(self.first.unwrap_or(0));
        let expected = self.highest.wrapping_sub(first).wrapping_add(1);
        let lost = i64::from(expected) - i64::from(self.received);
        let expected_since = expected.wrapping_sub(self.expected_before);
        let received_since = self.received.wrapping_sub(self.received_before);
        self.expected_before = expected;
        self.received_before = self.received;
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction = (u64::from(lost_since) << 8) / u64::from(expected_since.max(1));
        let (last_report, since) = self.last_report.map_or((0, 0), |(middle, at)| {
            (middle, MediaTime::from_micros(now.micros_since(at)).to_scale(65_536))
        });
        ReceptionReport {
            ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i32::try_from(lost).unwrap_or(i32::MAX),
            sequence_max: self.highest,
            jitter: u32::try_from(self.jitter_16 >> 4).unwrap_or(0),
            last_report,
            since_last_report: u32::try_from(since).unwrap_or(0),
        }
    }
}
