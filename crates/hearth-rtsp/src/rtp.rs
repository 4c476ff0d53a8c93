//! RTP packets: the fixed header, its extension and padding (RFC 3550, 5.1 and 5.3.1).
//!
//! Pure, without copies.

/// Why bytes are not an RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    /// Shorter than its header, extension or padding says.
    #[error("an RTP packet is shorter than its header says")]
    Truncated,
    /// Not version 2.
    #[error("a packet is not RTP version 2")]
    Version,
}

/// A packet, borrowed from a receive buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpPacket<'a> {
    /// The fixed header.
    pub header: RtpHeader,
    /// What comes after header, extension and before the padding.
    pub payload: &'a [u8],
}

/// The fields of the fixed header that matter to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtpHeader {
    /// For video: the last packet of an access unit.
    pub marker: bool,
    /// Which format, as the session description says; 7 bits.
    pub payload_type: u8,
    /// Goes up by one a packet, and wraps.
    pub sequence: u16,
    /// In units of the track's clock rate; wraps.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
}

impl RtpHeader {
    /// Length without contributing sources and extension.
    pub const BYTES: usize = 12;

    /// As it travels.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = 0x80;
        bytes[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

impl<'a> RtpPacket<'a> {
    /// Reads a packet.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RtpError> {
        let (fixed, rest) =
            bytes.split_first_chunk::<{ RtpHeader::BYTES }>().ok_or(RtpError::Truncated)?;
        let &[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = fixed;
        if first >> 6 != 2 {
            return Err(RtpError::Version);
        }
        let header = RtpHeader {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
        };
        let contributors = usize::from(first & 0x0f) * 4;
        let mut payload = rest.get(contributors..).ok_or(RtpError::Truncated)?;
        if first & 0x10 != 0 {
            let &[_, _, high, low, ref after @ ..] = payload else {
                return Err(RtpError::Truncated);
            };
            let words = usize::from(u16::from_be_bytes([high, low]));
            payload = after.get(words * 4..).ok_or(RtpError::Truncated)?;
        }
        if first & 0x20 != 0 {
            let padding = usize::from(*payload.last().ok_or(RtpError::Truncated)?);
            let length = payload.len().checked_sub(padding.max(1)).ok_or(RtpError::Truncated)?;
            payload = payload.get(..length).ok_or(RtpError::Truncated)?;
        }
        Ok(Self { header, payload })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: RtpHeader =
        RtpHeader { marker: true, payload_type: 96, sequence: 7, timestamp: 9, ssrc: 3 };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.encode().to_vec();
        bytes[0] = first;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn contributors_extension_and_padding_are_left_out() {
        let rest = [1, 1, 1, 1, 0xbe, 0xde, 0, 1, 9, 9, 9, 9, b'o', b'k', 0, 2];
        let bytes = packet(0x80 | 0x20 | 0x10 | 1, &rest);
        assert_eq!(RtpPacket::parse(&bytes), Ok(RtpPacket { header: HEADER, payload: b"ok" }));
    }

    #[test]
    fn lengths_beyond_the_packet_are_refused() {
        for (first, rest) in [(0x8f, &[0; 8][..]), (0x90, &[0, 0, 0, 9]), (0xa0, &[200])] {
            assert_eq!(RtpPacket::parse(&packet(first, rest)), Err(RtpError::Truncated));
        }
        assert_eq!(RtpPacket::parse(&packet(0x40, &[])), Err(RtpError::Version));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(packet) = RtpPacket::parse(&bytes) {
                prop_assert!(packet.payload.len() + RtpHeader::BYTES <= bytes.len());
            }
        }

        #[test]
        fn a_header_is_read_as_it_was_written(
            marker: bool, payload_type in 0u8..128, sequence: u16, timestamp: u32, ssrc: u32,
        ) {
            let header = RtpHeader { marker, payload_type, sequence, timestamp, ssrc };
            let bytes = header.encode();
            prop_assert_eq!(RtpPacket::parse(&bytes), Ok(RtpPacket { header, payload: &[] }));
        }
    }
}
