//! What a camera says about its streams (RFC 8866), as answer to `DESCRIBE`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_media::{
    AudioCodec, AudioParameters, StreamParameters, TrackKind, VideoCodec, VideoParameters,
};

use crate::Sound;

/// How a track is named in RTP headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RtpFormat {
    /// The payload type.
    pub(super) payload_type: u8,
    /// Units of the RTP clock a second.
    pub(super) clock_rate: u32,
}

/// Dynamic payload types (RFC 3551, 6), the ones most cameras use.
const VIDEO_TYPE: u8 = 96;
const AUDIO_TYPE: u8 = 97;

/// How the tracks of a stream are named, video first.
pub(super) fn formats(parameters: &StreamParameters) -> Vec<(TrackKind, RtpFormat)> {
    let video = parameters
        .video
        .as_ref()
        .map(|_| (TrackKind::Video, RtpFormat { payload_type: VIDEO_TYPE, clock_rate: 90_000 }));
    let audio = parameters.audio.as_ref().map(|audio| {
        let payload_type = match audio.codec {
            // Their static types (RFC 3551, table 4) only hold for 8 kHz mono.
            AudioCodec::Pcmu if is_telephone(audio) => 0,
            AudioCodec::Pcma if is_telephone(audio) => 8,
            _ => AUDIO_TYPE,
        };
        (TrackKind::Audio, RtpFormat { payload_type, clock_rate: audio.sample_rate })
    });
    video.into_iter().chain(audio).collect()
}

fn is_telephone(audio: &AudioParameters) -> bool {
    audio.sample_rate == 8_000 && audio.channels == 1
}

/// The loudspeaker behind so many tracks: what the camera plays, seen from itself, is sent to it
/// (ONVIF Streaming Specification, 5.3.1).
pub(super) fn describe_speaker(tracks: usize, takes: Sound) -> String {
    let (payload_type, encoding) = speaker_format(takes);
    format!(
        "m=audio 0 RTP/AVP {payload_type}\r\na=control:trackID={tracks}\r\n\
         a=rtpmap:{payload_type} {encoding}/8000\r\na=sendonly\r\n"
    )
}

/// Payload type and name of what a loudspeaker takes.
pub(super) fn speaker_format(takes: Sound) -> (u8, &'static str) {
    match takes {
        Sound::Pcmu => (0, "PCMU"),
        Sound::Pcma => (8, "PCMA"),
    }
}

/// The whole description. With `wrong_codec` the pictures are called VP8.
pub(super) fn describe(name: &str, parameters: &StreamParameters, wrong_codec: bool) -> String {
    let mut text = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=Simulated camera {name}\r\n\
         c=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\na=range:npt=0-\r\n"
    );
    for (place, (track, format)) in formats(parameters).into_iter().enumerate() {
        let RtpFormat { payload_type, clock_rate } = format;
        let (media, encoding, fmtp) = match (track, &parameters.video, &parameters.audio) {
            (TrackKind::Video, Some(_), _) if wrong_codec => {
                ("video", "VP8/90000".to_owned(), None)
            }
            (TrackKind::Video, Some(video), _) => {
                let (name, fmtp) = video_format(video);
                ("video", format!("{name}/{clock_rate}"), fmtp)
            }
            (TrackKind::Audio, _, Some(audio)) => {
                let (name, fmtp) = audio_format(audio);
                ("audio", format!("{name}/{clock_rate}/{}", audio.channels), fmtp)
            }
            _ => continue,
        };
        text += &format!("m={media} 0 RTP/AVP {payload_type}\r\na=control:trackID={place}\r\n");
        text += &format!("a=rtpmap:{payload_type} {encoding}\r\n");
        if let Some(fmtp) = fmtp {
            text += &format!("a=fmtp:{payload_type} {fmtp}\r\n");
        }
    }
    text
}

fn video_format(video: &VideoParameters) -> (&'static str, Option<String>) {
    let sets = video.parameter_sets();
    let encoded: Vec<String> = sets.iter().map(|set| STANDARD.encode(set)).collect();
    match video.codec {
        VideoCodec::H264 => {
            let profile: String = sets
                .first()
                .and_then(|sps| sps.get(1..4))
                .unwrap_or_default()
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect();
            let sets = encoded.join(",");
            let fmtp = format!(
                "packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets}"
            );
            ("H264", Some(fmtp))
        }
        VideoCodec::H265 => {
            let of_type = |kind: u8| {
                let is_of_type =
                    |(set, _): &(&bytes::Bytes, _)| hearth_media::h265::unit_type(set) == kind;
                sets.iter().zip(&encoded).find(is_of_type).map_or("", |(_, text)| text.as_str())
            };
            let (vps, sps, pps) = (of_type(32), of_type(33), of_type(34));
            ("H265", Some(format!("sprop-vps={vps};sprop-sps={sps};sprop-pps={pps}")))
        }
        VideoCodec::Mjpeg => ("JPEG", None),
    }
}

fn audio_format(audio: &AudioParameters) -> (&'static str, Option<String>) {
    match audio.codec {
        AudioCodec::Pcmu => ("PCMU", None),
        AudioCodec::Pcma => ("PCMA", None),
        AudioCodec::Opus => ("opus", None),
        AudioCodec::Aac => {
            let config: String = audio.config.iter().map(|byte| format!("{byte:02X}")).collect();
            let fmtp = format!(
                "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;\
                 indexdeltalength=3;config={config}"
            );
            ("MPEG4-GENERIC", Some(fmtp))
        }
    }
}
