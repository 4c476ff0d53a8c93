//! Which of the media offered are received, and how.

use hearth_media::TrackKind;

use super::{SessionError, control};
use crate::{
    depacketize::Depacketizer,
    receive::{Ordering, TrackReceiver},
    sdp::{Format, MediaKind, SessionDescription},
};

/// Where a track's packets come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackRoute {
    /// Inside the RTSP connection.
    Interleaved {
        /// Channel of RTP.
        rtp: u8,
        /// Channel of RTCP.
        rtcp: u8,
    },
    /// At a pair of own ports.
    Udp {
        /// Which of `SessionConfig::udp_ports`.
        socket: usize,
        /// The camera's ports for RTP and RTCP, if it told them.
        server_ports: Option<(u16, u16)>,
    },
}

/// A track that is set up.
#[derive(Debug)]
pub struct Track {
    /// Pictures or sound.
    pub kind: TrackKind,
    /// Units of its RTP clock a second.
    pub clock_rate: u32,
    /// Where its packets come in.
    pub route: TrackRoute,
    /// Takes its packets.
    pub receiver: TrackReceiver,
}

/// A track that may be set up.
#[derive(Debug)]
pub(super) struct Offer {
    kind: TrackKind,
    format: Format,
    depacketizer: Option<Depacketizer>,
    pub(super) uri: String,
}

impl Offer {
    /// The track, the first time.
    pub(super) fn accept(&mut self, route: TrackRoute) -> Option<Track> {
        let depacketizer = self.depacketizer.take()?;
        let ordering = match route {
            TrackRoute::Interleaved { .. } => Ordering::Reliable,
            TrackRoute::Udp { .. } => Ordering::Datagrams,
        };
        let Format { payload_type, clock_rate, .. } = self.format;
        let receiver = TrackReceiver::new(payload_type, clock_rate, depacketizer, ordering);
        Some(Track { kind: self.kind, clock_rate, route, receiver })
    }
}

/// The first video and the first sound that can be recorded, video first. A stream that has video
/// only in other codecs is refused; its sound alone would be mistaken for a working camera.
pub(super) fn choose_tracks(
    description: &SessionDescription,
    base: &str,
) -> Result<Vec<Offer>, SessionError> {
    let find = |kind: TrackKind, wanted: MediaKind| {
        let mut fit =
            description.media.iter().filter(|media| media.kind == wanted && !media.is_backchannel);
        fit.find_map(|media| {
            let (format, depacketizer) = Depacketizer::choose(media)?;
            let uri = control::resolve(base, media.control.as_deref());
            Some(Offer { kind, format, depacketizer: Some(depacketizer), uri })
        })
    };
    let video = find(TrackKind::Video, MediaKind::Video);
    let audio = find(TrackKind::Audio, MediaKind::Audio);
    let has_other_video =
        video.is_none() && description.media.iter().any(|media| media.kind == MediaKind::Video);
    let offers: Vec<Offer> = video.into_iter().chain(audio).collect();
    if offers.is_empty() || has_other_video {
        return Err(SessionError::UnsupportedCodec { encodings: encodings(description) });
    }
    Ok(offers)
}

/// Names for the log, shortened: they came from outside.
fn encodings(description: &SessionDescription) -> String {
    const CHARACTERS_MAX: usize = 80;
    let formats = description.media.iter().flat_map(|media| &media.formats);
    let names: Vec<&str> = formats.map(|format| format.encoding.as_str()).collect();
    names.join(", ").chars().filter(|c| !c.is_control()).take(CHARACTERS_MAX).collect()
}
