//! Words of the house: ids, times, geometry, events and settings as plain data.
//!
//! Pure data and the checks that make invalid values impossible. No I/O, no clock, no thread.

#![forbid(unsafe_code)]

mod activity;
mod address;
mod camera;
mod event;
mod fault;
mod geometry;
mod id;
mod review;
mod role;
mod schedule;
mod source_url;
mod time;
mod visit;

pub use activity::{DetectionSettings, Direction, Label, Zone};
pub use address::{AddressKind, AddressPolicy, AddressRange, AddressRangeError, AddressRefused};
pub use camera::{
    CameraName, CameraSettings, CameraState, CameraStatus, EyesState, Retention, StateReason,
    Transport,
};
pub use event::{Event, EventBody, EventKind, GapCause, Severity};
pub use fault::{Fault, FaultKind};
pub use geometry::{GeometryError, Point, Polygon, Rect};
pub use id::{
    ApprovalId, CameraId, ChannelId, ConversationId, DeviceId, DeviceRuleId, EventId, FamilyId,
    GroupId, HoldId, IdError, IncidentId, NotificationId, PasskeyId, PersonId, RecipientId,
    ReplyId, ReviewId, RuleId, SampleId, SavedSearchId, SegmentId, SessionId, TokenId, UserId,
    VisitId, WatchedId, ZoneId,
};
pub use review::{ReviewReason, ReviewState};
pub use role::Role;
pub use schedule::{RecordMode, RecordSchedule, ScheduleError, ScheduleRule, Weekday};
pub use source_url::{SourceScheme, SourceUrl, SourceUrlError, UserInfo};
pub use time::{TimeRange, WallTime, WallTimeError};
pub use visit::{VisitState, VisitTrigger};
