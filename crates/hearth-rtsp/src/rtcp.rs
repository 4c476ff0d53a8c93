//! RTCP: sender reports and goodbyes are read, receiver reports are written (RFC 3550, 6).
//!
//! Pure. Everything else in a compound packet is stepped over.

/// What a compound packet said that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RtcpItem {
    /// Ties the RTP clock to the sender's wall clock.
    SenderReport(SenderReport),
    /// The sender leaves.
    Bye {
        /// The first source that leaves.
        ssrc: u32,
    },
}

/// The sender part of a sender report (6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// Who sends.
    pub ssrc: u32,
    /// Seconds since 1900 in units of 2^-32 s.
    pub ntp: u64,
    /// The same instant on the RTP clock.
    pub rtp_timestamp: u32,
}

/// What a receiver noticed about one sender (6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceptionReport {
    /// About whom.
    pub ssrc: u32,
    /// Share of packets lost since the previous report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost since the start; 24 bits, signed.
    pub lost: i32,
    /// Highest sequence number, with the number of wraps in its upper half.
    pub sequence_max: u32,
    /// Spread of packet spacing, in units of the RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of `ntp` of the last sender report; 0 if none came.
    pub last_report: u32,
    /// Since then, in 1/65,536 s.
    pub since_last_report: u32,
}

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// Reads a compound packet. What is cut short or unknown ends it or is stepped over.
pub fn parse(bytes: &[u8]) -> impl Iterator<Item = RtcpItem> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            let &[first, kind, high, low, ..] = rest else { return None };
            if first >> 6 != 2 {
                return None;
            }
            let length = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
            let (packet, after) = rest.split_at_checked(length)?;
            rest = after;
            if let Some(item) = parse_one(kind, packet) {
                return Some(item);
            }
        }
    })
}

fn parse_one(kind: u8, packet: &[u8]) -> Option<RtcpItem> {
    let word = |index: usize| {
        let bytes = packet.get(index * 4..index * 4 + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    match kind {
        SENDER_REPORT => Some(RtcpItem::SenderReport(SenderReport {
            ssrc: word(1)?,
            ntp: (u64::from(word(2)?) << 32) | u64::from(word(3)?),
            rtp_timestamp: word(4)?,
        })),
        GOODBYE => Some(RtcpItem::Bye { ssrc: word(1)? }),
        _ => None,
    }
}

/// A receiver report about one sender, with the source description that must follow it (6.1).
pub fn receiver_report(own_ssrc: u32, report: &ReceptionReport) -> Vec<u8> {
    let mut bytes = vec![0x81, RECEIVER_REPORT, 0, 7];
    bytes.extend_from_slice(&own_ssrc.to_be_bytes());
    bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    let lost = report.lost.clamp(-0x80_0000, 0x7f_ffff);
    let [_, lost @ ..] = lost.to_be_bytes();
    bytes.push(report.fraction_lost);
    bytes.extend_from_slice(&lost);
    for word in [report.sequence_max, report.jitter, report.last_report, report.since_last_report] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
    // A CNAME item of two letters: a name that says nothing about the house.
    bytes.extend_from_slice(&[0x81, SOURCE_DESCRIPTION, 0, 3]);
    bytes.extend_from_slice(&own_ssrc.to_be_bytes());
    bytes.extend_from_slice(&[1, 2, b'h', b'w', 0, 0, 0, 0]);
    bytes
}

/// A sender report without reception blocks.
pub fn sender_report(report: &SenderReport, packets: u32, payload_bytes: u32) -> Vec<u8> {
    let mut bytes = vec![0x80, SENDER_REPORT, 0, 6];
    bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    bytes.extend_from_slice(&report.ntp.to_be_bytes());
    for word in [report.rtp_timestamp, packets, payload_bytes] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_report_before_a_goodbye_is_read_with_it() {
        let report = SenderReport { ssrc: 5, ntp: 0x1234_5678_9abc_def0, rtp_timestamp: 77 };
        let mut bytes = sender_report(&report, 1, 2);
        bytes.extend_from_slice(&receiver_report(9, &ReceptionReport::default()));
        bytes.extend_from_slice(&[0x81, GOODBYE, 0, 1, 0, 0, 0, 5]);
        let items: Vec<RtcpItem> = parse(&bytes).collect();
        assert_eq!(items, [RtcpItem::SenderReport(report), RtcpItem::Bye { ssrc: 5 }]);
    }

    #[test]
    fn a_receiver_report_has_the_lengths_it_claims() {
        let report = ReceptionReport { ssrc: 5, lost: -3, ..ReceptionReport::default() };
        let bytes = receiver_report(9, &report);
        assert_eq!(bytes.len(), 8 * 4 + 4 * 4);
        assert_eq!(&bytes[12..16], [0, 0xff, 0xff, 0xfd]);
    }

    proptest! {
        /// promise: K-03. A malformed report is an error, never a panic.
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            prop_assert!(parse(&bytes).count() <= bytes.len() / 4);
        }
    }
}
