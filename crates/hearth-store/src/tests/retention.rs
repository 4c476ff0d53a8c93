use hearth_model::{CameraId, HoldId, WallTime};

use super::{House, at, puts, segment};
use crate::{Erasable, Hold, Segment, SegmentState, StoreError};

fn hold(camera: CameraId, from: i64, to: i64, until: Option<WallTime>) -> Hold {
    Hold {
        id: HoldId::new(),
        camera,
        from: at(from),
        to: at(to),
        reason: "the parcel".to_owned(),
        until,
        created_at: at(0),
        created_by: None,
    }
}

fn starts(found: &[Segment]) -> Vec<i64> {
    found.iter().map(|segment| segment.wall_start.micros_since(at(0)) / 1_000_000).collect()
}

async fn ten_minutes(house: &House) -> CameraId {
    let camera = CameraId::new();
    let mut segments: Vec<Segment> =
        (0..10).map(|minute| segment(camera, minute * 60, minute * 60 + 60)).collect();
    segments[9].state = SegmentState::Open;
    house.store.commit_segments(&puts(&segments)).await.expect("written");
    camera
}

/// promise: V-15. The oldest complete footage goes first.
#[tokio::test]
async fn the_oldest_complete_segments_come_first() {
    let house = House::new().await;
    let (one, _two) = (ten_minutes(&house).await, ten_minutes(&house).await);
    let all = house.store.erasable(Erasable::default(), at(0), 5).await.expect("read");
    assert_eq!(starts(&all), [0, 0, 60, 60, 120]);
    let of_one = Erasable { camera: Some(one), ended_by: None };
    let all = house.store.erasable(of_one, at(0), 100).await.expect("read");
    assert_eq!(starts(&all), [0, 60, 120, 180, 240, 300, 360, 420, 480], "the open one stays");
    let by_age = Erasable { camera: Some(one), ended_by: Some(at(180)) };
    let old = house.store.erasable(by_age, at(0), 100).await.expect("read");
    assert_eq!(starts(&old), [0, 60, 120]);
}

/// promise: V-15. What a hold touches is never offered, until the hold runs out.
#[tokio::test]
async fn held_footage_is_passed_over() {
    let house = House::new().await;
    let camera = ten_minutes(&house).await;
    for hold in [
        hold(camera, 0, 61, None),
        hold(camera, 200, 250, None),
        hold(camera, 240, 260, Some(at(1000))),
        hold(camera, 300, 600, Some(at(900))),
        hold(CameraId::new(), 0, 600, None),
    ] {
        house.store.add_hold(&hold).await.expect("added");
    }
    let free = |now, limit| house.store.erasable(Erasable::default(), at(now), limit);
    assert_eq!(starts(&free(0, 100).await.expect("read")), [120]);
    assert_eq!(starts(&free(900, 100).await.expect("read")), [120, 300, 360, 420, 480]);
    assert_eq!(starts(&free(900, 2).await.expect("read")), [120, 300]);
    assert_eq!(free(0, 0).await.expect("read"), []);
}

#[tokio::test]
async fn holds_are_listed_and_removed() {
    let house = House::new().await;
    let hold = hold(CameraId::new(), 0, 60, Some(at(5)));
    house.store.add_hold(&hold).await.expect("added");
    assert_eq!(house.store.holds().await.expect("read"), std::slice::from_ref(&hold));
    assert!(matches!(house.store.add_hold(&hold).await, Err(StoreError::Conflict { .. })));
    let empty = Hold { id: HoldId::new(), to: hold.from, ..hold.clone() };
    assert!(matches!(house.store.add_hold(&empty).await, Err(StoreError::Invalid { .. })));
    house.store.remove_hold(hold.id).await.expect("removed");
    let again = house.store.remove_hold(hold.id).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })));
}

/// promise: D-04. Nothing of an erased camera's footage stays in the index.
#[tokio::test]
async fn erasing_a_camera_erases_its_rows_and_no_others() {
    let house = House::new().await;
    let (camera, other) = (CameraId::new(), ten_minutes(&house).await);
    let many: Vec<Segment> = (0..1200).map(|at| segment(camera, at, at + 1)).collect();
    house.store.commit_segments(&puts(&many)).await.expect("written");
    let cause = hearth_model::GapCause::Camera;
    house.store.begin_gap(camera, at(0), cause).await.expect("begun");
    let erased = house.store.erase_footage(camera).await.expect("erased");
    assert_eq!(erased, (1200, 1_200_000));
    let usage = house.store.usage().await.expect("read");
    assert_eq!(usage.iter().map(|usage| usage.camera).collect::<Vec<_>>(), [other]);
    assert!(house.store.open_gaps().await.expect("read").is_empty());
    assert!(house.store.recount_usage().await.expect("counted"));
    assert_eq!(house.store.erase_footage(camera).await.expect("again"), (0, 0));
    house.store.compact().await.expect("compacted");
}
