use hearth_model::{CameraId, EventId, ReviewId, ReviewReason, ReviewState};

use super::{House, at, settings};
use crate::{ReviewFilter, StoreError, StoredReview};

fn review(second: i64, camera: CameraId) -> StoredReview {
    StoredReview {
        id: ReviewId::new(),
        event: EventId::new(),
        camera,
        at: at(second),
        queued_at: at(second + 5),
        reason: ReviewReason::Unsure,
        state: ReviewState::Waiting,
        sealed: b"sealed boxes".to_vec(),
    }
}

#[tokio::test]
async fn pictures_are_listed_by_what_is_asked_for_page_by_page() {
    let house = House::new().await;
    let (door, yard) = (CameraId::new(), CameraId::new());
    let all: Vec<StoredReview> =
        (0..5).map(|number| review(number, if number % 2 == 0 { door } else { yard })).collect();
    for one in &all {
        house.store.add_review(one).await.expect("added");
    }
    let corrected = StoredReview {
        reason: ReviewReason::Corrected,
        state: ReviewState::Done,
        sealed: b"other boxes".to_vec(),
        ..all[3].clone()
    };
    house.store.update_review(&corrected).await.expect("changed");
    let ask = async |filter: ReviewFilter| {
        let found = house.store.reviews(&ReviewFilter { limit: 2, ..filter }).await.expect("read");
        found.iter().map(|review| review.at).collect::<Vec<_>>()
    };
    assert_eq!(ask(ReviewFilter::default()).await, [at(4), at(3)]);
    let before = Some(corrected.cursor());
    assert_eq!(ask(ReviewFilter { before, ..ReviewFilter::default() }).await, [at(2), at(1)]);
    let camera = Some(yard);
    assert_eq!(ask(ReviewFilter { camera, ..ReviewFilter::default() }).await, [at(3), at(1)]);
    let state = Some(ReviewState::Done);
    assert_eq!(ask(ReviewFilter { state, ..ReviewFilter::default() }).await, [at(3)]);
    let reason = Some(ReviewReason::Corrected);
    assert_eq!(ask(ReviewFilter { reason, ..ReviewFilter::default() }).await, [at(3)]);
    let cursor = corrected.cursor();
    assert_eq!(cursor.to_string().parse(), Ok(cursor));
    assert_eq!(house.store.review(corrected.id).await.expect("read"), corrected);
    assert_eq!(house.store.review_of(corrected.event).await.expect("read"), Some(corrected));
    assert_eq!(house.store.review_of(EventId::new()).await.expect("read"), None);
}

/// What somebody corrected does not use up what the hub may queue by itself in a day.
#[tokio::test]
async fn pictures_are_counted_by_camera_state_and_day() {
    let house = House::new().await;
    let camera = CameraId::new();
    for second in 0..3 {
        house.store.add_review(&review(second, camera)).await.expect("added");
    }
    let corrected = StoredReview { reason: ReviewReason::Corrected, ..review(3, camera) };
    house.store.add_review(&corrected).await.expect("added");
    assert_eq!(house.store.reviews_since(at(6)).await.expect("read"), [(camera, 2)]);
    let counts = house.store.review_counts().await.expect("read");
    assert_eq!(counts, [(camera, ReviewState::Waiting, 4)]);
    let old = house.store.reviews_before(at(7)).await.expect("read");
    assert_eq!(old.iter().map(|review| review.at).collect::<Vec<_>>(), [at(0), at(1)]);
}

#[tokio::test]
async fn an_activity_has_one_picture_and_one_that_is_gone_is_gone() {
    let house = House::new().await;
    let first = review(0, CameraId::new());
    house.store.add_review(&first).await.expect("added");
    let again = StoredReview { id: ReviewId::new(), ..first.clone() };
    let refused = house.store.add_review(&again).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    house.store.remove_review(first.id).await.expect("removed");
    assert!(matches!(house.store.review(first.id).await, Err(StoreError::NotFound { .. })));
    let changed = house.store.update_review(&first).await;
    assert!(matches!(changed, Err(StoreError::NotFound { .. })), "{changed:?}");
    assert!(house.store.remove_review(first.id).await.is_err());
}

/// promise: D-04. With a camera go the pictures of it that somebody was to look at.
#[tokio::test]
async fn pictures_to_look_at_go_with_their_camera() {
    let house = House::new().await;
    let camera = CameraId::new();
    house.store.add_camera(camera, &settings("Door"), None, at(0)).await.expect("added");
    house.store.add_review(&review(0, camera)).await.expect("added");
    house.store.add_review(&review(1, CameraId::new())).await.expect("added");
    house.store.remove_camera(camera, at(9)).await.expect("removed");
    house.store.forget_camera(camera).await.expect("forgotten");
    let left = house.store.reviews(&ReviewFilter { limit: 9, ..Default::default() }).await;
    assert_eq!(left.expect("read").len(), 1);
}
