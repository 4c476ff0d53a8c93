//! Pictures to look at, as surfaces show them.

use hearth_model::{CameraId, EventId, Label, Rect, ReviewId, ReviewReason, ReviewState, WallTime};
use hearth_store::StoredReview;

use super::document::ReviewDocument;

/// Something in a picture.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewBox {
    /// What.
    pub label: Label,
    /// Where.
    pub area: Rect,
    /// How sure the detector was, 0 to 1; null where a person says so. Passed over when it is sent.
    #[serde(default)]
    pub score: Option<f32>,
}

/// A picture to look at.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ReviewItem {
    /// Its id.
    pub id: ReviewId,
    /// The activity it is of.
    pub event: EventId,
    /// At which camera.
    pub camera: CameraId,
    /// When it was taken.
    pub at: WallTime,
    /// Why it is here.
    pub reason: ReviewReason,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// What is in it.
    pub boxes: Vec<ReviewBox>,
    /// Whether somebody has looked at it.
    pub state: ReviewState,
    /// Who has.
    pub by: Option<String>,
    /// Where the picture is fetched.
    pub picture: String,
}

impl ReviewItem {
    pub(super) fn new(stored: &StoredReview, document: ReviewDocument) -> Self {
        let ReviewDocument { width, height, boxes, by } = document;
        Self {
            id: stored.id,
            event: stored.event,
            camera: stored.camera,
            at: stored.at,
            reason: stored.reason,
            width,
            height,
            boxes,
            state: stored.state,
            by,
            picture: format!("/api/v1/review/{}/picture.jpg", stored.id),
        }
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ReviewCounts {
    /// Nobody has looked at.
    pub waiting: u64,
    /// Whose labels and boxes are right.
    pub done: u64,
    /// Of no use.
    pub skipped: u64,
}

impl ReviewCounts {
    pub(super) fn add(&mut self, state: ReviewState, reviews: u64) {
        match state {
            ReviewState::Waiting => self.waiting += reviews,
            ReviewState::Done => self.done += reviews,
            ReviewState::Skipped => self.skipped += reviews,
        }
    }
}

/// Pictures, newest first.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ReviewPage {
    /// These.
    pub items: Vec<ReviewItem>,
    /// `before` of the next page; null behind the last.
    pub next: Option<String>,
    /// Of all cameras that one may set up.
    pub counts: ReviewCounts,
    /// Whether pictures are queued at all.
    pub is_on: bool,
}
