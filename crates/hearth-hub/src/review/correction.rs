//! "This is wrong": what somebody says of an activity.

use hearth_auth::{HouseGrant, ask};
use hearth_model::{EventBody, EventId, FaultKind, Label, Rect, ReviewReason, ReviewState};

use super::{ReviewItem, picture::Wanted, view::ReviewBox};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

impl Hub {
    /// Notes what an activity really was, or with `None` that nothing was there. The fact stays as it
    /// was told; the picture to look at carries the correction.
    ///
    /// # Errors
    /// `not_found` also for an activity one may not know of (promise T-05), `denied` at a camera one
    /// may not set up, `not_an_activity`, `review_off`, `house_private`, `no_footage`, and
    /// `review_unavailable` where nobody could be hidden.
    pub async fn correct_event(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        event: EventId,
        label: Option<Label>,
    ) -> Result<ReviewItem> {
        let (house, who) = (self.house(), grant.principal());
        let missing = || UseCaseError::not_found("event");
        let row = house.store.event(event).await.map_err(|_| missing())?;
        let camera = row.event.body.camera().ok_or_else(missing)?;
        if !house.policy.recalls(who, camera) {
            return Err(missing());
        }
        house.policy.camera::<ask::Configure>(who, camera)?;
        let EventBody::ActivityNoticed { label: told, score, area, .. } = row.event.body else {
            let text = "Only what the eyes noticed can be corrected.";
            return Err(UseCaseError::new(FaultKind::BadInput, "not_an_activity", text));
        };
        house.may_queue(camera)?;
        let wanted = Wanted {
            event,
            camera,
            at: row.event.at,
            label: row.label.unwrap_or(told),
            score: row.score.unwrap_or(score).clamp(0.0, 1.0),
            area,
            reason: ReviewReason::Corrected,
        };
        let known = house.store.review_of(event).await.map_err(store_error)?;
        let Some(mut stored) = known else {
            return house.add_review(&wanted, |boxes| correct(boxes, &area, label)).await;
        };
        let mut document = house.review_document(&stored)?;
        correct(&mut document.boxes, &area, label);
        (stored.reason, stored.state) = (ReviewReason::Corrected, ReviewState::Waiting);
        document.by = None;
        house.put_review(&mut stored, &document).await?;
        Ok(ReviewItem::new(&stored, document))
    }
}

/// Says what was there instead: of all boxes the one that is most where the activity was.
fn correct(boxes: &mut Vec<ReviewBox>, area: &Rect, label: Option<Label>) {
    let Some(label) = label else { return boxes.clear() };
    let overlap = |one: &ReviewBox| one.area.iou(area);
    let nearest = boxes.iter_mut().max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
    match nearest.filter(|nearest| nearest.area.iou(area) > 0.0) {
        Some(nearest) => (nearest.label, nearest.score) = (label, None),
        None => boxes.push(ReviewBox { label, area: *area, score: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(label: &str, x: f32) -> ReviewBox {
        let area = Rect { x, y: 0.2, w: 0.2, h: 0.4 };
        ReviewBox { label: Label::new(label).expect("valid"), area, score: Some(0.5) }
    }

    #[test]
    fn a_correction_is_of_what_is_where_the_activity_was() {
        let area = thing("person", 0.31).area;
        let dog = Label::new("dog");
        let mut boxes = vec![thing("car", 0.7), thing("person", 0.3)];
        correct(&mut boxes, &area, dog.clone());
        assert_eq!(boxes, [thing("car", 0.7), ReviewBox { score: None, ..thing("dog", 0.3) }]);
        let mut elsewhere = vec![thing("car", 0.7)];
        correct(&mut elsewhere, &area, dog);
        assert_eq!(elsewhere[1].area, area);
        correct(&mut boxes, &area, None);
        assert_eq!(boxes, [], "nothing was there");
    }
}
