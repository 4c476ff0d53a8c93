//! H.265 in RTP (RFC 7798): single NAL units, aggregation packets for parameter sets, fragments.

use bytes::Bytes;
use hearth_media::nal;

use super::{PAYLOAD_MAX, Payloads};

/// Type of an aggregation packet (4.4.2).
const AGGREGATION: u8 = 48;
/// Type of a fragmentation unit (4.4.3).
const FRAGMENT: u8 = 49;

/// Splits an access unit with its parameter sets before it.
pub(super) fn split(sets: &[Bytes], data: &[u8], payloads: &mut Payloads) {
    aggregate(sets, payloads);
    for unit in nal::length_prefixed(data) {
        if unit.len() <= PAYLOAD_MAX {
            payloads.push(&[unit]);
        } else {
            fragment(unit, payloads);
        }
    }
}

fn aggregate(sets: &[Bytes], payloads: &mut Payloads) {
    let size: usize = 2 + sets.iter().map(|set| set.len() + 2).sum::<usize>();
    if sets.len() < 2 || size > PAYLOAD_MAX {
        sets.iter().for_each(|set| payloads.push(&[set]));
        return;
    }
    // Layer 0, temporal id 1: the lowest of what is inside (4.4.2).
    let mut packet = vec![AGGREGATION << 1, 1];
    for set in sets {
        // The size was checked above, so it fits.
        packet.extend_from_slice(&(set.len() as u16).to_be_bytes());
        packet.extend_from_slice(set);
    }
    payloads.push(&[&packet]);
}

fn fragment(unit: &[u8], payloads: &mut Payloads) {
    let &[first, second, ref body @ ..] = unit else { return };
    let kind = (first >> 1) & 0x3F;
    let header = [(first & 0x81) | (FRAGMENT << 1), second];
    let pieces = body.len().div_ceil(PAYLOAD_MAX - 3);
    for (place, piece) in body.chunks(PAYLOAD_MAX - 3).enumerate() {
        let start = if place == 0 { 0x80 } else { 0 };
        let end = if place + 1 == pieces { 0x40 } else { 0 };
        payloads.push(&[&header, &[start | end | kind], piece]);
    }
}
