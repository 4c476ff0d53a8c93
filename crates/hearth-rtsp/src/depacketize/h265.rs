//! RTP payloads of H.265 (RFC 7798): single NAL units, aggregation packets and fragments, all
//! without decoding order numbers.

use super::video::{MalformedPacket, NalHeader, Piece};

const AGGREGATION: u8 = 48;
const FRAGMENT: u8 = 49;

/// Hands out the pieces of NAL units in a payload, in order.
pub(super) fn split<'a>(
    payload: &'a [u8],
    mut put: impl FnMut(Piece<'a>),
) -> Result<(), MalformedPacket> {
    let &[first, second, ref body @ ..] = payload else { return Err(MalformedPacket) };
    match (first >> 1) & 0x3f {
        AGGREGATION => {
            let mut rest = body;
            while let Some((size, after)) = rest.split_first_chunk::<2>() {
                let size = usize::from(u16::from_be_bytes(*size));
                let (nal, after) = after.split_at_checked(size).ok_or(MalformedPacket)?;
                put(Piece::Whole(nal));
                rest = after;
            }
        }
        FRAGMENT => {
            let (&header, data) = body.split_first().ok_or(MalformedPacket)?;
            let nal_first = (first & 0x81) | ((header & 0x3f) << 1);
            put(Piece::Fragment {
                header: NalHeader::Two([nal_first, second]),
                data,
                is_first: header & 0x80 != 0,
                is_last: header & 0x40 != 0,
            });
        }
        // 50 is PACI (4.4.4), which nobody sends.
        50 => return Err(MalformedPacket),
        _ => put(Piece::Whole(payload)),
    }
    Ok(())
}
