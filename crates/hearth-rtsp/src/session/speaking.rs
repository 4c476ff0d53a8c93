//! The way back: a camera's loudspeaker (ONVIF Streaming Specification, 5.3).

use hearth_media::g711::{Law, RATE};

use super::{SessionError, control, track::TrackRoute};
use crate::{
    sdp::{Format, MediaDescription, SessionDescription},
    voice::Speaker,
};

/// What a client names whose requests are about the way back.
pub(super) const REQUIRE: &str = "www.onvif.org/ver20/backchannel";
/// What a camera answers that has none (RFC 2326, 11.3.14).
pub(super) const OPTION_NOT_SUPPORTED: u16 = 551;

/// A loudspeaker that may be set up.
#[derive(Debug)]
pub(super) struct SpeakerOffer {
    law: Law,
    payload_type: u8,
    pub(super) uri: String,
}

impl SpeakerOffer {
    /// The loudspeaker, once the camera said where its packets travel.
    pub(super) fn accept(&self, route: TrackRoute) -> Result<Speaker, SessionError> {
        let TrackRoute::Interleaved { rtp: channel, .. } = route else {
            return Err(SessionError::Malformed("a loudspeaker was set up for datagrams"));
        };
        Ok(Speaker { law: self.law, payload_type: self.payload_type, channel })
    }
}

/// The first loudspeaker that takes what telephones say. Those that only take something else are
/// as good as none: nothing here encodes for them.
pub(super) fn choose_speaker(
    description: &SessionDescription,
    base: &str,
) -> Result<SpeakerOffer, SessionError> {
    let mut speakers = description.media.iter().filter(|media| media.is_backchannel);
    speakers.find_map(|media| offer(media, base)).ok_or(SessionError::NoSpeaker)
}

fn offer(media: &MediaDescription, base: &str) -> Option<SpeakerOffer> {
    let uri = control::resolve(base, media.control.as_deref());
    media.formats.iter().find_map(|format| {
        let law = law(format)?;
        Some(SpeakerOffer { law, payload_type: format.payload_type, uri: uri.clone() })
    })
}

fn law(format: &Format) -> Option<Law> {
    let is_telephone = format.clock_rate == RATE && format.channels == 1;
    match format.encoding.as_str() {
        "PCMU" if is_telephone => Some(Law::Mu),
        "PCMA" if is_telephone => Some(Law::A),
        _ => None,
    }
}
