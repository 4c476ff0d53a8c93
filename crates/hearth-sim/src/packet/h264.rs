//! H.264 in RTP (RFC 6184): single NAL units, STAP-A for parameter sets, FU-A for what is large.

use bytes::Bytes;
use hearth_media::nal;

use super::{PAYLOAD_MAX, Payloads};

/// Type of an aggregate without decoding order numbers (5.7.1).
const STAP_A: u8 = 24;
/// Type of a fragment without decoding order number (5.8).
const FU_A: u8 = 28;

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

/// All parameter sets in one packet, as most cameras send them before each key frame.
fn aggregate(sets: &[Bytes], payloads: &mut Payloads) {
    let size: usize = 1 + sets.iter().map(|set| set.len() + 2).sum::<usize>();
    if sets.len() < 2 || size > PAYLOAD_MAX {
        sets.iter().for_each(|set| payloads.push(&[set]));
        return;
    }
    // The highest importance of all that are inside (5.7).
    let importance = sets.iter().filter_map(|set| set.first()).map(|first| first & 0x60).max();
    let mut packet = vec![importance.unwrap_or(0) | STAP_A];
    for set in sets {
        // The size was checked above, so it fits.
        packet.extend_from_slice(&(set.len() as u16).to_be_bytes());
        packet.extend_from_slice(set);
    }
    payloads.push(&[&packet]);
}

fn fragment(unit: &[u8], payloads: &mut Payloads) {
    let Some((&head, body)) = unit.split_first() else { return };
    let indicator = (head & 0xE0) | FU_A;
    let pieces = body.len().div_ceil(PAYLOAD_MAX - 2);
    for (place, piece) in body.chunks(PAYLOAD_MAX - 2).enumerate() {
        let start = if place == 0 { 0x80 } else { 0 };
        let end = if place + 1 == pieces { 0x40 } else { 0 };
        payloads.push(&[&[indicator, start | end | (head & 0x1F)], piece]);
    }
}
