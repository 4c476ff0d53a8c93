//! G.711 in RTP (RFC 3551, 4.5.14): the samples as they are.

use super::{PAYLOAD_MAX, Payloads};

/// Splits samples; reels never hold more than fits one packet.
pub(super) fn split(data: &[u8], payloads: &mut Payloads) {
    for piece in data.chunks(PAYLOAD_MAX) {
        payloads.push(&[piece]);
    }
}
