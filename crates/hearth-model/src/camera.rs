//! A camera's settings and what is known about its state.

use std::fmt;

use crate::{CameraId, DetectionSettings, RecordMode, RecordSchedule, SourceUrl, WallTime};

/// What people call a camera.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct CameraName(String);

impl CameraName {
    /// Fits a tile.
    pub const CHARACTERS_MAX: usize = 64;

    /// One line of 1 to 64 characters, no control characters, no space at the ends.
    pub fn new(text: &str) -> Option<Self> {
        let length = text.chars().count();
        let valid = (1..=Self::CHARACTERS_MAX).contains(&length)
            && text.trim() == text
            && !text.chars().any(char::is_control);
        valid.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CameraName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CameraName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'de> serde::Deserialize<'de> for CameraName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "a name is one line of 1 to 64 characters without control characters",
            )
        })
    }
}

/// How RTP reaches the hub.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Inside the RTSP connection: nothing is lost, nothing needs a port.
    #[default]
    Tcp,
    /// In datagrams.
    Udp,
}

/// How long footage stays.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Oldest footage kept, in days; `None` keeps it until space runs out.
    pub days_max: Option<u32>,
    /// Most bytes kept; `None` sets no limit of its own.
    pub bytes_max: Option<u64>,
    /// Days that pictures of events are kept, and of visits if the house keeps any, 0 to 3650;
    /// absent: as the house says.
    pub pictures_days_max: Option<u32>,
    /// Days that events and visits are kept, 1 to 3650; absent: as the house says. Pictures go with
    /// them at the latest.
    pub events_days_max: Option<u32>,
}

impl Retention {
    /// Ten years: whoever means longer means for ever, which is what a hold is for.
    pub const DAYS_MAX: u32 = 3_650;
}

impl Default for Retention {
    fn default() -> Self {
        Self { days_max: Some(14), bytes_max: None, pictures_days_max: None, events_days_max: None }
    }
}

/// All settings of one camera. Credentials are not among them: they live in the vault.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraSettings {
    /// Its name.
    pub name: CameraName,
    /// Where its stream comes from.
    #[schema(value_type = String)]
    pub url: SourceUrl,
    /// A smaller stream of the same picture for the eyes, if there is one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub sub_url: Option<SourceUrl>,
    /// How RTP travels.
    #[serde(default)]
    pub transport: Transport,
    /// SHA-256 of the certificate pinned for RTSPS or HTTPS, in hexadecimal; `None` pins the next one seen.
    #[serde(default)]
    pub certificate_pin: Option<String>,
    /// Whether its source may be on the hub's own machine: a loopback address or a file. True if the
    /// machine's own user named the source; whoever signs in over the network cannot set it.
    #[serde(default)]
    pub this_machine: bool,
    /// When it records.
    #[serde(default)]
    pub record: RecordSchedule,
    /// Seconds kept before an event, 0 to 60.
    #[serde(default = "default_roll")]
    pub pre_roll_seconds: u16,
    /// Seconds kept after an event, 0 to 600.
    #[serde(default = "default_roll")]
    pub post_roll_seconds: u16,
    /// How long footage stays.
    #[serde(default)]
    pub retention: Retention,
    /// What the eyes do.
    #[serde(default)]
    pub detection: DetectionSettings,
}

const fn default_roll() -> u16 {
    5
}

impl CameraSettings {
    /// Longest pre-roll: it is kept in memory.
    pub const PRE_ROLL_SECONDS_MAX: u16 = 60;
    /// Longest post-roll.
    pub const POST_ROLL_SECONDS_MAX: u16 = 600;

    /// Settings with the defaults for everything but name and source.
    pub fn new(name: CameraName, url: SourceUrl) -> Self {
        Self {
            name,
            url,
            sub_url: None,
            transport: Transport::default(),
            certificate_pin: None,
            this_machine: false,
            record: RecordSchedule::default(),
            pre_roll_seconds: default_roll(),
            post_roll_seconds: default_roll(),
            retention: Retention::default(),
            detection: DetectionSettings::default(),
        }
    }
}

/// Where a camera stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CameraState {
    /// Not contacted yet, or being contacted for the first time.
    Connecting,
    /// Frames arrive.
    Live,
    /// Was live, and is being contacted again.
    Reconnecting,
    /// Cannot be used as it is; `reason` says why.
    Offline,
}

/// Why a camera is not live, as a code that programs can branch on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StateReason {
    /// The name does not resolve, or nothing answers there.
    Unreachable,
    /// The connection was refused.
    Refused,
    /// User name or password is wrong or missing.
    WrongPassword,
    /// The path does not exist on the camera.
    NoSuchStream,
    /// No codec that can be recorded.
    UnsupportedCodec,
    /// Nothing arrived within the time its frame rate allows.
    Silent,
    /// It closed the connection.
    Closed,
    /// It sent something that is not the protocol.
    Malformed,
    /// It sent more than the limits allow.
    Flooding,
    /// Its certificate is not the pinned one (promise K-01).
    CertificateChanged,
    /// TLS failed.
    TlsFailed,
    /// The replayed file cannot be read.
    FileUnreadable,
    /// Its name or URL leads to a place that a camera's URL may not lead to.
    AddressRefused,
    /// It takes the password in the clear only, and is not in a private network (promise K-04).
    PasswordInClear,
    /// A part of the hub failed; the log has the detail.
    Internal,
    /// The house's privacy switch is on (promise T-12).
    Privacy,
}

impl StateReason {
    /// What happened and what to do about it, for a person.
    pub fn message(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "The camera does not answer. Check its power, network and address."
            }
            Self::Refused => {
                "The camera refuses the connection. Check the port, and that RTSP is on."
            }
            Self::WrongPassword => "The camera refuses the user name or password.",
            Self::NoSuchStream => "The camera has no stream at this path. Check the URL.",
            Self::UnsupportedCodec => {
                "The camera sends no codec that can be recorded (H.264, H.265 or MJPEG)."
            }
            Self::Silent => "The connection is open, but no pictures arrive.",
            Self::Closed => "The camera closed the connection.",
            Self::Malformed => "The camera sent something that is not the protocol.",
            Self::Flooding => "The camera sends more than the limits allow.",
            Self::CertificateChanged => {
                "The camera's certificate is not the pinned one. Confirm the new one if you changed it."
            }
            Self::TlsFailed => "No encrypted connection could be made to the camera.",
            Self::FileUnreadable => "The file to replay cannot be read as MP4.",
            Self::AddressRefused => {
                "This address is not used for cameras. A source on the hub's own machine is added \
                 there, with `hearthwatch camera add`."
            }
            Self::PasswordInClear => {
                "The camera wants its password in the clear, outside a private network. Use \
                 rtsps:// or https://, or reach it through a VPN."
            }
            Self::Internal => "A part of the hub failed. The log has the detail.",
            Self::Privacy => {
                "The house's privacy switch is on: nothing of this camera is watched or kept."
            }
        }
    }
}

/// What is known about a camera now. Counters run since the hub's start.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct CameraStatus {
    /// Which camera.
    pub id: CameraId,
    /// Its name.
    pub name: CameraName,
    /// Where it stands.
    pub state: CameraState,
    /// Why it is not live.
    pub reason: Option<StateReason>,
    /// The reason in words.
    pub message: Option<String>,
    /// Since when it is in this state.
    pub since: WallTime,
    /// When it is contacted again.
    pub retry_at: Option<WallTime>,
    /// When the last frame arrived.
    pub last_frame_at: Option<WallTime>,
    /// The mode in force now.
    pub record_mode: RecordMode,
    /// Whether a segment is being written now.
    pub recording: bool,
    /// Seconds on disk since the hub's start.
    pub recorded_seconds: f64,
    /// Seconds that should be on disk since the hub's start.
    pub expected_seconds: f64,
    /// Video codec, e.g. `avc1.64001f`.
    pub codec: Option<String>,
    /// Picture width.
    pub width: Option<u16>,
    /// Picture height.
    pub height: Option<u16>,
    /// Audio codec, if there is sound.
    pub audio_codec: Option<String>,
    /// Whether the bytes from the camera travel encrypted (promise V-10).
    pub encrypted_transport: bool,
    /// Whether the camera took its password readably over a connection that is not encrypted
    /// (promises T-07, K-04).
    #[serde(default)]
    pub password_exposed: bool,
    /// Video frames that arrived.
    pub frames_received: u64,
    /// Of those, handed to the decoder.
    pub frames_decoded: u64,
    /// Of those, looked at for motion.
    pub frames_analysed: u64,
    /// Video frames that did not reach the eyes, because these were busy or down.
    pub frames_dropped: u64,
    /// Bytes of media that arrived.
    pub bytes_received: u64,
    /// Times packets were lost on the way.
    pub losses: u64,
    /// Whether the eyes look at this camera now, and if not, why.
    pub eyes: EyesState,
    /// How many people and programs watch it now.
    pub watchers: u32,
}

/// Whether the eyes look at a camera.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EyesState {
    /// Switched off in the settings.
    Off,
    /// Looking, with an object model.
    Objects,
    /// Looking for motion only: no object model is installed.
    MotionOnly,
    /// The worker is down and is being started again.
    Down,
    /// This codec or profile cannot be decoded; nothing is guessed.
    Undecodable,
    /// Suspended after this camera's stream crashed the worker repeatedly.
    Suspended,
}
