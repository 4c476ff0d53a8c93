//! What use cases answer, as surfaces show it.

use bytes::Bytes;
use hearth_media::VideoParameters;
use hearth_model::{
    CameraId, CameraName, CameraSettings, CameraStatus, Event, EventId, EventKind, GapCause,
    HoldId, Label, Severity, SourceUrl, WallTime,
};

use crate::retention::RetentionRun;

/// What anybody may know before signing in.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Welcome {
    /// No account exists yet: the claim code from the terminal makes the first one.
    pub claim_needed: bool,
    /// Version of the product.
    pub version: &'static str,
    /// What the house is called.
    pub house_name: String,
    /// The devices are simulated.
    pub simulated: bool,
    /// The hub's clock.
    pub time: WallTime,
    /// IANA name of the house's time zone, if it has one.
    pub time_zone: Option<String>,
}

/// A camera with its settings.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct CameraView {
    /// How it fares.
    pub status: CameraStatus,
    /// How it is set up.
    pub settings: CameraSettings,
    /// Whether the vault holds a user name and password for it; they are never shown.
    pub has_credentials: bool,
    /// Where it sends the same encrypted, if it said so when `doctor` asked it lately; for those who set
    /// it up (promise V-10).
    #[schema(value_type = Option<String>)]
    pub rtsps_url: Option<SourceUrl>,
    /// What is recorded of it.
    pub footage: FootageView,
}

/// What is recorded of a camera.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, utoipa::ToSchema)]
pub struct FootageView {
    /// Segment files.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest begins.
    pub from: Option<WallTime>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, utoipa::ToSchema)]
pub struct ErasedView {
    /// Segment files.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Still {
    /// JPEG.
    pub jpeg: Bytes,
    /// When it was taken.
    pub at: WallTime,
}

/// A key frame as it was recorded.
#[derive(Clone, Debug)]
pub struct KeyFrameView {
    /// When it was taken.
    pub at: WallTime,
    /// What a decoder must know.
    pub video: VideoParameters,
    /// Length-prefixed NAL units, or a JPEG.
    pub data: Bytes,
}

/// A run of footage without a hole.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Span {
    /// First instant.
    pub from: WallTime,
    /// First instant after.
    pub to: WallTime,
}

/// A hole in the footage.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Gap {
    /// First instant without footage.
    pub from: WallTime,
    /// First instant with footage again.
    pub to: WallTime,
    /// Why.
    pub cause: GapCause,
}

/// Something that was noticed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ActivityView {
    /// The event that noticed it.
    pub id: EventId,
    /// When it began.
    pub from: WallTime,
    /// When it ended; absent while it goes on.
    pub to: Option<WallTime>,
    /// What it was.
    pub label: Label,
    /// How sure.
    pub score: f32,
    /// Whether a picture is kept.
    pub thumbnail: bool,
}

/// What there is of one camera over a time.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct TimelineView {
    /// As asked.
    pub from: WallTime,
    /// As asked.
    pub to: WallTime,
    /// Footage, in order.
    pub spans: Vec<Span>,
    /// Holes where footage should be, in order.
    pub gaps: Vec<Gap>,
    /// What was noticed, in order.
    pub activities: Vec<ActivityView>,
}

/// A fact as surfaces show it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct EventView {
    /// Its id.
    pub id: EventId,
    /// Its place in the order in which facts were stored.
    pub seq: u64,
    /// Its kind.
    pub kind: EventKind,
    /// When it happened.
    pub at: WallTime,
    /// Which camera it is about.
    pub camera: Option<CameraId>,
    /// What that camera is called.
    pub camera_name: Option<CameraName>,
    /// What was seen.
    pub label: Option<Label>,
    /// How sure.
    pub score: Option<f32>,
    /// For activities: when it ended.
    pub end: Option<WallTime>,
    /// For activities: whether a picture is kept.
    pub thumbnail: bool,
    /// Where to fetch its footage, if there is any.
    pub clip: Option<String>,
    /// How much attention it wants.
    pub severity: Severity,
    /// All of it.
    pub detail: Event,
}

/// One page of facts, newest first.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct EventPage {
    /// The facts.
    pub events: Vec<EventView>,
    /// Pass as `before` for the next page.
    pub next: Option<String>,
}

/// Which facts to list.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// Only these kinds; empty means all.
    pub kinds: Vec<EventKind>,
    /// Only this camera.
    pub camera: Option<CameraId>,
    /// Only this label.
    pub label: Option<Label>,
    /// Not before.
    pub from: Option<WallTime>,
    /// Before.
    pub to: Option<WallTime>,
    /// Continue a listing.
    pub before: Option<String>,
    /// At most so many; 0 means the default of 100.
    pub limit: u32,
}

/// A protection from retention.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// Whose footage.
    pub camera: CameraId,
    /// From when.
    pub from: WallTime,
    /// Until when.
    pub to: WallTime,
    /// Why.
    pub reason: String,
    /// When the protection itself ends.
    pub until: Option<WallTime>,
}

/// How the hub fares.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SystemView {
    /// Version of the product.
    pub version: &'static str,
    /// When the hub started.
    pub started_at: WallTime,
    /// Seconds since.
    pub uptime_seconds: u64,
    /// Disk space.
    pub storage: StorageView,
    /// The worker that looks at pictures.
    pub eyes: EyesView,
    /// The clock.
    pub clock: ClockView,
}

/// Disk space.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct StorageView {
    /// Footage of all cameras.
    pub bytes_recorded: u64,
    /// Free for the hub.
    pub bytes_free: u64,
    /// Size of the disk.
    pub bytes_total: u64,
    /// Days until the oldest footage must go for space, at the measured rate; absent while too
    /// little has been measured.
    pub days_left: Option<f64>,
    /// When retention last ran.
    pub swept_at: Option<WallTime>,
    /// What it did then; absent before the first run since the start.
    pub last_sweep: Option<RetentionRun>,
}

/// The worker that looks at pictures.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct EyesView {
    /// Whether it runs.
    pub running: bool,
    /// The object model; absent means motion only.
    pub model: Option<ModelView>,
    /// How often it was started again.
    pub restarts: u64,
    /// What confines it.
    pub sandbox: Vec<&'static str>,
}

/// An installed model.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ModelView {
    /// File name.
    pub name: String,
    /// Hash of its content, hexadecimal.
    pub sha256: String,
}

/// The clock.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ClockView {
    /// Now.
    pub now: WallTime,
    /// Wall time minus the streams' timeline; changes when the wall clock steps.
    pub wall_offset_us: i64,
}
