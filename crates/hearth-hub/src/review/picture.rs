//! How a picture comes about in which nobody is recognised, and where it is put.

use hearth_eyes::{AnonymousStill, EyesError, SeenThing};
use hearth_model::{
    CameraId, EventId, FaultKind, Label, Rect, ReviewId, ReviewReason, ReviewState, WallTime,
};
use hearth_store::StoredReview;

use super::{ReviewItem, document::ReviewDocument, picture_id, view::ReviewBox};
use crate::{
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    pictures,
    playback::footage_error,
};

/// Wide enough to correct a box, too small to read a letter in somebody's hand.
const WIDTH_MAX: u16 = 640;

/// What overlaps this much is taken for the same thing.
const SAME_IOU_MIN: f32 = 0.3;

/// An activity that is to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) event: EventId,
    pub(super) camera: CameraId,
    /// When it was seen best, as far as is known.
    pub(super) at: WallTime,
    /// What was said of it then.
    pub(super) label: Label,
    pub(super) score: f32,
    pub(super) area: Rect,
    pub(super) reason: ReviewReason,
}

impl House {
    /// Makes the picture of an activity and keeps it. The row comes first, so that a crash leaves one
    /// that is swept with the others, and never a picture that nobody knows of.
    pub(super) async fn add_review(
        self: &std::sync::Arc<Self>,
        wanted: &Wanted,
        correct: impl FnOnce(&mut Vec<ReviewBox>),
    ) -> Result<ReviewItem> {
        if let Some(reason) = self.why_no_reviews() {
            return Err(UseCaseError::unavailable("review_unavailable", reason));
        }
        let still = self.anonymous_still(wanted).await?;
        // It took its time: the switch may have been thrown meanwhile.
        self.may_queue(wanted.camera)?;
        let mut boxes = boxes_of(wanted, still.things);
        correct(&mut boxes);
        let (width, height) = (still.jpeg.width, still.jpeg.height);
        let document = ReviewDocument { width, height, boxes, by: None };
        let stored = StoredReview {
            id: ReviewId::new(),
            event: wanted.event,
            camera: wanted.camera,
            at: wanted.at,
            queued_at: self.clock.wall_now(),
            reason: wanted.reason,
            state: ReviewState::Waiting,
            sealed: document.seal(self, wanted.camera)?,
        };
        let _hidden = self.review.hide(stored.id);
        self.store.add_review(&stored).await.map_err(store_error)?;
        let picture = picture_id(stored.id);
        if !pictures::keep(self, wanted.camera, picture, still.jpeg.bytes).await {
            self.erase_review(&stored).await?;
            let text = "The picture could not be kept.";
            return Err(UseCaseError::unavailable("not_kept", text));
        }
        Ok(ReviewItem::new(&stored, document))
    }

    /// Whether pictures of a camera may be kept now.
    pub(super) fn may_queue(&self, camera: CameraId) -> Result<()> {
        let refused = |code, text| Err(UseCaseError::new(FaultKind::Conflict, code, text));
        if !self.review.settings().is_on {
            return refused("review_off", "Pictures to look at are switched off.");
        }
        if self.privacy.is_on() {
            return refused("house_private", "The house is private now: nothing is kept.");
        }
        // promise: T-14. A camera that never records keeps no picture either.
        let records = |settings: &hearth_model::CameraSettings| settings.record.ever_records();
        match self.cameras.get(camera) {
            Some(camera) if records(&camera.settings()) => Ok(()),
            Some(_) => refused("never_records", "This camera keeps no pictures."),
            None => Err(UseCaseError::not_found("camera")),
        }
    }

    async fn anonymous_still(&self, wanted: &Wanted) -> Result<AnonymousStill> {
        let down =
            || UseCaseError::unavailable("eyes_down", "Pictures can't be decoded at the moment.");
        let eyes = self.eyes.as_ref().ok_or_else(down)?;
        let found = self.recorder.footage().frames_until(wanted.camera, wanted.at).await;
        let (parameters, frames, _) = found.map_err(footage_error)?;
        // Whatever moved there may be somebody, also if the detector took it for a dog.
        let people = vec![wanted.area];
        let still = eyes.anonymous_still(&parameters, frames, WIDTH_MAX, people).await;
        still.map_err(|error| match error {
            EyesError::Busy | EyesError::Down | EyesError::Timeout => down(),
            EyesError::NoFaceModel | EyesError::NoObjectModel => {
                UseCaseError::unavailable("review_unavailable", "Nobody could be hidden.")
            }
            error => UseCaseError::new(FaultKind::Device, "no_picture", error.to_string()),
        })
    }
}

/// What is in the picture: the activity first, as it was told, where the detector sees it in this very
/// picture; then the rest.
fn boxes_of(wanted: &Wanted, mut things: Vec<SeenThing>) -> Vec<ReviewBox> {
    let overlap = |thing: &SeenThing| thing.area.iou(&wanted.area);
    let near = things.iter().enumerate().filter(|(_, thing)| overlap(thing) >= SAME_IOU_MIN);
    let same = near.max_by(|(_, a), (_, b)| overlap(a).total_cmp(&overlap(b)));
    let same = same.map(|(place, _)| place);
    let area = same.map_or(wanted.area, |place| things.remove(place).area);
    let told = ReviewBox { label: wanted.label.clone(), area, score: Some(wanted.score) };
    let others = things.into_iter().map(|SeenThing { label, score, area }| ReviewBox {
        label,
        area,
        score: Some(score),
    });
    [told].into_iter().chain(others).filter(|one| one.area.area() > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(label: &str, x: f32) -> SeenThing {
        let area = Rect { x, y: 0.2, w: 0.2, h: 0.4 };
        SeenThing { label: Label::new(label).expect("valid"), score: 0.5, area }
    }

    #[test]
    fn the_activity_comes_first_where_it_is_in_this_picture() {
        let wanted = Wanted {
            event: EventId::new(),
            camera: CameraId::new(),
            at: WallTime::from_micros(0),
            label: Label::new("dog").expect("valid"),
            score: 0.41,
            area: Rect { x: 0.32, y: 0.2, w: 0.2, h: 0.4 },
            reason: ReviewReason::Unsure,
        };
        let boxes =
            boxes_of(&wanted, vec![thing("car", 0.8), thing("cat", 0.3), thing("cat", 0.0)]);
        let told: Vec<_> = boxes.iter().map(|one| (one.label.as_str(), one.area.x)).collect();
        assert_eq!(told, [("dog", 0.3), ("car", 0.8), ("cat", 0.0)]);
        assert_eq!(boxes[0].score, Some(0.41));
        let alone = boxes_of(&wanted, Vec::new());
        assert_eq!((alone.len(), alone[0].area), (1, wanted.area));
    }
}
