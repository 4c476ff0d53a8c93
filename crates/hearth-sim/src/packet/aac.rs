//! AAC in RTP (RFC 3640, mode `AAC-hbr`): one frame a packet, split if it is large.

use super::{PAYLOAD_MAX, Payloads};

/// Bits of the length in an access unit header; three more hold the index (3.3.6).
const SIZE_MAX: usize = (1 << 13) - 1;

/// Splits a raw frame. One that is longer than the header can say is left out.
pub(super) fn split(data: &[u8], payloads: &mut Payloads) {
    if data.is_empty() || data.len() > SIZE_MAX {
        return;
    }
    // One header of 16 bits: the size of the whole frame, index 0.
    let size = ((data.len() as u16) << 3).to_be_bytes();
    for piece in data.chunks(PAYLOAD_MAX - 4) {
        payloads.push(&[&[0, 16], &size, piece]);
    }
}
