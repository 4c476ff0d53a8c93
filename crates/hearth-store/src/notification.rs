//! The outbox: what recipients are to be told, kept until it was delivered or given up.
//!
//! There is one row for each matter, recipient and step of escalation, so nothing is queued twice;
//! news of a matter replaces what is still waiting, and updates what was delivered. Rows go out in
//! the order in which they came. What a row says is sealed by the hub and opaque here; it is erased
//! when it was delivered.

mod attempt;
mod matter;
mod page;
mod queue;
mod room;

use hearth_model::{CameraId, NotificationId, RecipientId, Severity, WallTime};
use sqlx::any::AnyRow;

use crate::StoreError;
use crate::row::get;

pub use attempt::WaitingWords;
pub use page::NotificationFilter;
pub use queue::{Queued, RecentMatter};

/// Waiting for one recipient: a day of trouble at a busy house. Beyond it the oldest that is not
/// critical is given up.
pub const WAITING_PER_RECIPIENT_MAX: u64 = 200;

/// Bytes of what all rows say, pictures included: some hundred pictures. Beyond it what was given up
/// is erased first, then the oldest that waits and is not critical.
pub const OUTBOX_BYTES_MAX: u64 = 64 << 20;

/// Matters kept; beyond it the oldest go, whatever their age.
pub const MATTERS_MAX: u64 = 5_000;

/// Rows in one answer.
pub const NOTIFICATIONS_PER_PAGE_MAX: u32 = 200;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// It goes out when its time has come.
    Waiting,
    /// A service took it.
    Sent,
    /// It was given up; a person may have it tried again.
    Dead,
    /// Somebody acknowledged its matter before it went out.
    Acknowledged,
}

impl NotificationState {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Waiting, "waiting"),
        (Self::Sent, "sent"),
        (Self::Dead, "dead"),
        (Self::Acknowledged, "acknowledged"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

/// Something that people are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMatter {
    /// Its correlation id.
    pub id: String,
    /// What kind; the hub knows the kinds.
    pub kind: String,
    /// How bad by now.
    pub severity: Severity,
    /// At which camera.
    pub camera: Option<CameraId>,
    /// Whether somebody should acknowledge it.
    pub needs_answer: bool,
    /// When it was told first.
    pub opened_at: WallTime,
    /// When there was news of it last.
    pub updated_at: WallTime,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<WallTime>,
    /// Who.
    pub acknowledged_by: Option<String>,
}

/// What one recipient is told of a matter.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredNotification {
    /// Its place in the queue.
    pub seq: i64,
    /// Its id, the same for every attempt.
    pub id: NotificationId,
    /// Of which matter.
    pub matter: String,
    /// What kind of matter.
    pub kind: String,
    /// At which camera.
    pub camera: Option<CameraId>,
    /// Whom.
    pub recipient: RecipientId,
    /// 0 for who is subscribed; the number of the step for who is told because nobody answered.
    pub step: u32,
    /// How bad.
    pub severity: Severity,
    /// Where it stands.
    pub state: NotificationState,
    /// Whether what it says is kept; not once it was delivered, is too old, or must not be said.
    pub has_words: bool,
    /// A keyed hash of what it says: the same words are not told twice.
    pub digest: Vec<u8>,
    /// What the service calls the message that is replaced.
    pub reference: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: WallTime,
    /// When it may go out.
    pub due_at: WallTime,
    /// When it is given up.
    pub expires_at: WallTime,
    /// When a service took it.
    pub sent_at: Option<WallTime>,
    /// Why the last attempt failed, or why less was told than was queued.
    pub error: Option<String>,
}

impl std::fmt::Debug for StoredNotification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredNotification")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A row to queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    /// Its id, if there is no row yet.
    pub id: NotificationId,
    /// Whom.
    pub recipient: RecipientId,
    /// See [`StoredNotification::step`].
    pub step: u32,
    /// What it says, sealed.
    pub payload: Vec<u8>,
    /// See [`StoredNotification::digest`].
    pub digest: Vec<u8>,
    /// When it may go out.
    pub due_at: WallTime,
    /// When it is given up.
    pub expires_at: WallTime,
}

/// A row with what it belongs to, but without what it says: that may be a picture.
const SELECT: &str =
    "SELECT n.seq, n.id, n.matter, n.recipient, n.step, n.severity, n.state, n.digest,
                          n.reference, n.attempts, n.created_us, n.due_us, n.expires_us, n.sent_us,
                          n.error, n.payload IS NOT NULL AS has_words,
                          m.kind AS kind, m.camera AS camera
                      FROM notifications AS n JOIN notification_matters AS m ON m.id = n.matter";

impl StoredNotification {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let state: String = get(row, "state")?;
        let unknown = || StoreError::corrupt("a notification is in an unknown state");
        Ok(Self {
            seq: get(row, "seq")?,
            id: get(row, "id")?,
            matter: get(row, "matter")?,
            kind: get(row, "kind")?,
            camera: get(row, "camera")?,
            recipient: get(row, "recipient")?,
            step: small(get(row, "step")?)?,
            severity: severity(get(row, "severity")?)?,
            state: NotificationState::from_name(&state).ok_or_else(unknown)?,
            has_words: get::<i64>(row, "has_words")? != 0,
            digest: get(row, "digest")?,
            reference: get(row, "reference")?,
            attempts: small(get(row, "attempts")?)?,
            created_at: get(row, "created_us")?,
            due_at: get(row, "due_us")?,
            expires_at: get(row, "expires_us")?,
            sent_at: get(row, "sent_us")?,
            error: get(row, "error")?,
        })
    }
}

impl StoredMatter {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: get(row, "id")?,
            kind: get(row, "kind")?,
            severity: severity(get(row, "severity")?)?,
            camera: get(row, "camera")?,
            needs_answer: get::<i64>(row, "needs_answer")? != 0,
            opened_at: get(row, "opened_us")?,
            updated_at: get(row, "updated_us")?,
            acknowledged_at: get(row, "acknowledged_us")?,
            acknowledged_by: get(row, "acknowledged_by")?,
        })
    }
}

fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::corrupt("a count is none"))
}

fn severity(number: i64) -> Result<Severity, StoreError> {
    match number {
        0 => Ok(Severity::Info),
        1 => Ok(Severity::Warning),
        2 => Ok(Severity::Critical),
        _ => Err(StoreError::corrupt("a severity is unknown")),
    }
}

fn number(severity: Severity) -> i64 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Critical => 2,
    }
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what: "notification" }) } else { Ok(()) }
}
