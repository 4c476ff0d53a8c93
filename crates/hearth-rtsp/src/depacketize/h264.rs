//! RTP payloads of H.264 (RFC 6184): single NAL units, STAP-A and FU-A.

use super::video::{MalformedPacket, NalHeader, Piece};

const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Hands out the pieces of NAL units in a payload, in order.
pub(super) fn split<'a>(
    payload: &'a [u8],
    mut put: impl FnMut(Piece<'a>),
) -> Result<(), MalformedPacket> {
    let (&indicator, body) = payload.split_first().ok_or(MalformedPacket)?;
    match indicator & 0x1f {
        // 0 is unspecified: it is how a start code looks that should not be there.
        0..=23 => put(Piece::Whole(payload)),
        STAP_A => {
            let mut rest = body;
            while let Some((size, after)) = rest.split_first_chunk::<2>() {
                let size = usize::from(u16::from_be_bytes(*size));
                let (nal, after) = after.split_at_checked(size).ok_or(MalformedPacket)?;
                put(Piece::Whole(nal));
                rest = after;
            }
        }
        FU_A => {
            // Start, end, reserved, type. The reserved bit is ignored: some cameras set it.
            let (&header, data) = body.split_first().ok_or(MalformedPacket)?;
            let nal_header = (indicator & 0xe0) | (header & 0x1f);
            put(Piece::Fragment {
                header: NalHeader::One([nal_header]),
                data,
                is_first: header & 0x80 != 0,
                is_last: header & 0x40 != 0,
            });
        }
        // STAP-B, MTAP and FU-B belong to the interleaved mode, which no camera offers.
        _ => return Err(MalformedPacket),
    }
    Ok(())
}
