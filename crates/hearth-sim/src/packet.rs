//! Splits frames into RTP payloads, one file a codec.
//!
//! Pure. The RTP header is not here: it differs from client to client (`sender`), the payload does
//! not, so a frame is split once for all of them.

mod aac;
mod g711;
mod h264;
mod h265;

use hearth_media::{AudioCodec, StreamParameters, TrackKind, VideoCodec};

use crate::reel::Unit;

/// Largest RTP payload. With 12 bytes of RTP and 28 of UDP over IPv4 it fits an Ethernet frame,
/// with room for tunnels.
pub(crate) const PAYLOAD_MAX: usize = 1_400;

/// The payloads of one frame, back to back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Payloads {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Payloads {
    /// Adds a payload made of parts.
    pub(crate) fn push(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.ends.iter().enumerate().map(|(place, &end)| {
            let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.bytes[start..end]
        })
    }
}

/// Splits a unit of a reel. MJPEG does not travel in RTP here, and gives none.
pub(crate) fn split(parameters: &StreamParameters, unit: &Unit) -> Payloads {
    let mut payloads = Payloads::default();
    match unit.track {
        TrackKind::Video => {
            let Some(video) = &parameters.video else { return payloads };
            let sets = if unit.is_key { video.parameter_sets() } else { Vec::new() };
            match video.codec {
                VideoCodec::H264 => h264::split(&sets, &unit.data, &mut payloads),
                VideoCodec::H265 => h265::split(&sets, &unit.data, &mut payloads),
                VideoCodec::Mjpeg => {}
            }
        }
        TrackKind::Audio => match parameters.audio.as_ref().map(|audio| audio.codec) {
            Some(AudioCodec::Aac) => aac::split(&unit.data, &mut payloads),
            // Opus travels one packet a payload as well (RFC 7587, 4.2).
            Some(AudioCodec::Pcmu | AudioCodec::Pcma | AudioCodec::Opus) => {
                g711::split(&unit.data, &mut payloads);
            }
            None => {}
        },
    }
    payloads
}

#[cfg(test)]
mod tests;
