//! Session descriptions (RFC 8866), as far as a receiver of camera streams needs them.
//!
//! Pure. Reads media, formats and control URLs; steps over everything else.
//! Invariant: at most [`SessionDescription::MEDIA_MAX`] media with
//! [`SessionDescription::FORMATS_MAX`] formats each, whatever came.

/// Why a text is not a session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// More lines than [`SessionDescription::LINES_MAX`].
    #[error("a session description has more than {} lines", SessionDescription::LINES_MAX)]
    TooLong,
    /// Not one media line.
    #[error("a session description names no media")]
    NoMedia,
}

/// A session description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionDescription {
    /// The aggregate control URL as it was written.
    pub control: Option<String>,
    /// The media in their order.
    pub media: Vec<MediaDescription>,
}

/// What kind of media it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Metadata and the like.
    Other,
}

/// One media line with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaDescription {
    /// What kind.
    pub kind: MediaKind,
    /// Its control URL as it was written.
    pub control: Option<String>,
    /// Its formats, the preferred one first.
    pub formats: Vec<Format>,
    /// Goes from the hub to the camera: a loudspeaker.
    pub is_backchannel: bool,
}

/// One payload type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// The number in RTP headers.
    pub payload_type: u8,
    /// The encoding name in upper case; empty if it was not told.
    pub encoding: String,
    /// Units of the RTP clock a second.
    pub clock_rate: u32,
    /// Audio channels; 1 if it was not told.
    pub channels: u8,
    /// Format parameters: names in lower case.
    pub parameters: Vec<(String, String)>,
}

impl Format {
    /// A format parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A payload type of RFC 3551, 6, which needs no `rtpmap`.
    fn of_type(payload_type: u8) -> Self {
        let (encoding, clock_rate) = match payload_type {
            0 => ("PCMU", 8_000),
            3 => ("GSM", 8_000),
            8 => ("PCMA", 8_000),
            9 => ("G722", 8_000),
            14 => ("MPA", 90_000),
            26 => ("JPEG", 90_000),
            _ => ("", 0),
        };
        let encoding = encoding.to_owned();
        Self { payload_type, encoding, clock_rate, channels: 1, parameters: Vec::new() }
    }
}

impl SessionDescription {
    /// Cameras send 10 to 60.
    pub const LINES_MAX: usize = 2_048;
    /// Cameras send 1 to 4.
    pub const MEDIA_MAX: usize = 16;
    /// Cameras send 1.
    pub const FORMATS_MAX: usize = 16;
    /// Parameters of a format; cameras send up to 10.
    pub const PARAMETERS_MAX: usize = 32;

    /// Reads a description.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        let mut description = Self::default();
        for (count, line) in text.lines().enumerate() {
            if count == Self::LINES_MAX {
                return Err(SdpError::TooLong);
            }
            match line.trim().split_once('=') {
                Some(("m", value)) if description.media.len() < Self::MEDIA_MAX => {
                    description.media.extend(parse_media(value));
                }
                Some(("a", value)) => description.attribute(value),
                _ => {}
            }
        }
        if description.media.is_empty() { Err(SdpError::NoMedia) } else { Ok(description) }
    }

    fn attribute(&mut self, text: &str) {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let (name, value) = (name.trim(), value.trim());
        let Some(media) = self.media.last_mut() else {
            if name.eq_ignore_ascii_case("control") {
                self.control = Some(value.to_owned());
            }
            return;
        };
        match name.to_ascii_lowercase().as_str() {
            "control" => media.control = Some(value.to_owned()),
            // Seen from the camera that describes itself, `sendonly` is its loudspeaker in ONVIF's
            // backchannel (ONVIF Streaming Specification, 5.3.1); microphones are `recvonly`.
            "sendonly" => media.is_backchannel = media.kind == MediaKind::Audio,
            "rtpmap" => media.map_format(value),
            "fmtp" => media.add_parameters(value),
            _ => {}
        }
    }
}

impl MediaDescription {
    fn format_mut(&mut self, payload_type: &str) -> Option<&mut Format> {
        let payload_type: u8 = payload_type.trim().parse().ok()?;
        self.formats.iter_mut().find(|format| format.payload_type == payload_type)
    }

    /// `96 H264/90000` or `97 MPEG4-GENERIC/16000/1`.
    fn map_format(&mut self, text: &str) {
        let Some((payload_type, rest)) = text.split_once([' ', '\t']) else { return };
        let Some(format) = self.format_mut(payload_type) else { return };
        let mut parts = rest.trim().split('/');
        format.encoding = parts.next().unwrap_or_default().trim().to_ascii_uppercase();
        format.clock_rate = parts.next().and_then(|rate| rate.trim().parse().ok()).unwrap_or(0);
        format.channels = parts.next().and_then(|count| count.trim().parse().ok()).unwrap_or(1);
    }

    /// `96 packetization-mode=1; sprop-parameter-sets=Z0I,aM4=`.
    fn add_parameters(&mut self, text: &str) {
        let Some((payload_type, rest)) = text.split_once([' ', '\t']) else { return };
        let Some(format) = self.format_mut(payload_type) else { return };
        for part in rest.split(';') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim().to_ascii_lowercase();
            if !name.is_empty() && format.parameters.len() < SessionDescription::PARAMETERS_MAX {
                format.parameters.push((name, value.trim().to_owned()));
            }
        }
    }
}

/// `video 0 RTP/AVP 96 97`.
fn parse_media(text: &str) -> Option<MediaDescription> {
    let mut words = text.split_ascii_whitespace();
    let kind = match words.next()?.to_ascii_lowercase().as_str() {
        "video" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        _ => MediaKind::Other,
    };
    let formats = words
        .skip(2)
        .filter_map(|word| word.parse().ok().filter(|number| *number < 128))
        .take(SessionDescription::FORMATS_MAX)
        .map(Format::of_type)
        .collect();
    Some(MediaDescription { kind, control: None, formats, is_backchannel: false })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAMERA: &str = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\na=control:*\r\n\
        m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\
        a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHtkD,aMuMsg==; Profile=1\r\n\
        a=control:trackID=1\r\nm=audio 0 RTP/AVP 97 0\r\n\
        a=rtpmap:97 mpeg4-generic/16000/2\r\na=control:trackID=2\r\n\
        m=audio 0 RTP/AVP 8\r\na=sendonly\r\n";

    #[test]
    fn a_camera_s_description_is_read() {
        let description = SessionDescription::parse(CAMERA).expect("valid");
        assert_eq!(description.control.as_deref(), Some("*"));
        let [video, audio, speaker] = &description.media[..] else { panic!("three media") };
        let format = &video.formats[0];
        assert_eq!((format.encoding.as_str(), format.clock_rate), ("H264", 90_000));
        assert_eq!(format.parameter("sprop-parameter-sets"), Some("Z0LAHtkD,aMuMsg=="));
        assert_eq!(format.parameter("profile"), Some("1"));
        assert_eq!(video.control.as_deref(), Some("trackID=1"));
        assert_eq!((audio.formats[0].channels, audio.formats[1].encoding.as_str()), (2, "PCMU"));
        assert!(speaker.is_backchannel && !audio.is_backchannel);
    }

    #[test]
    fn a_description_without_media_is_refused() {
        assert_eq!(SessionDescription::parse("v=0\n"), Err(SdpError::NoMedia));
        let long = "a=x\n".repeat(SessionDescription::LINES_MAX + 1);
        assert_eq!(SessionDescription::parse(&long), Err(SdpError::TooLong));
    }

    proptest! {
        /// promise: K-03. A malformed description is an error, never a panic.
        #[test]
        fn arbitrary_text_never_panics(text in "([amvc]=)?[ -~\n]{0,200}") {
            SessionDescription::parse(&text).ok();
        }

        #[test]
        fn damaged_descriptions_stay_bounded(at in 0usize..400, byte in 32u8..127) {
            let mut bytes = CAMERA.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(read) = SessionDescription::parse(&String::from_utf8_lossy(&bytes)) {
                // A line that happens to become an `m=` line begins one more than there were.
                prop_assert!(read.media.len() <= 4);
            }
        }
    }
}
