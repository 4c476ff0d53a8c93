//! Disks that fill, and retention.

use std::sync::atomic::Ordering;

use hearth_model::{HoldId, RecordMode, Retention};
use hearth_recorder::{SweepRule, WriteFault};
use hearth_store::Hold;

use crate::house::{House, PLENTY, at};

/// The oldest goes, the newest stays: on the write path, without waiting for a sweep.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_the_oldest_footage_and_never_the_newest() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..240);
    camera.settle();
    house.recorder.flush_index().await;
    let id = camera.id;
    // Less than the reserve is free from now on, so each fragment must make its own room.
    house.free.store(1 << 20, Ordering::Relaxed);
    camera.send(240..250);
    camera.settle();
    house.free.store(PLENTY, Ordering::Relaxed);
    camera.end();
    house.recorder.flush_index().await;
    let reclaimed = house.recorder.take_reclaimed();
    assert!(reclaimed.segments >= 3, "{reclaimed:?}");
    let newest =
        house.recorder.footage().key_frame(id, at(249)).await.expect("the newest is there");
    assert_eq!(newest.at, at(248));
    assert!(house.recorder.footage().key_frame(id, at(30)).await.is_err(), "the oldest is gone");
}

/// With nothing left to erase, even the reserve is used; only a truly full disk drops footage, says
/// why, and recording goes on by itself when there is space again.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_any_space_is_named_and_recording_comes_back() {
    let house = House::new().await;
    let mut camera = house.camera();
    house.free.store(0, Ordering::Relaxed);
    camera.send(0..6);
    camera.settle();
    assert_eq!(camera.counters.fault(), Some(WriteFault::DiskFull));
    assert!(house.files(".hws").is_empty());
    house.free.store(PLENTY, Ordering::Relaxed);
    camera.send(6..12);
    camera.settle();
    assert_eq!(camera.counters.fault(), None);
    let id = camera.end();
    assert_eq!(house.seconds_kept(id).await, 6);
}

/// promise: V-15. Age and bytes limit what a camera keeps; holds are left alone.
#[tokio::test(flavor = "multi_thread")]
async fn retention_erases_by_age_and_bytes_and_leaves_holds_alone() {
    let house = House::new().await;
    let mut old = house.camera();
    old.send(0..200);
    let old = old.end();
    let mut large = house.camera();
    large.send(0..200);
    let large = large.end();
    house.recorder.flush_index().await;
    let hold = Hold {
        id: HoldId::new(),
        camera: old,
        from: at(70),
        to: at(80),
        reason: "evidence".to_owned(),
        until: None,
        created_at: at(0),
        created_by: None,
    };
    house.store.add_hold(&hold).await.expect("held");
    let bytes = house.store.usage().await.expect("usage");
    let bytes = bytes.iter().find(|usage| usage.camera == large).expect("known").bytes;
    let rules = [
        // The house's clock is a day ahead of this footage.
        SweepRule {
            camera: old,
            retention: Retention { days_max: Some(0), ..Retention::default() },
        },
        SweepRule {
            camera: large,
            retention: Retention {
                days_max: None,
                bytes_max: Some(bytes / 2),
                ..Retention::default()
            },
        },
    ];
    let report = house.recorder.sweep(&rules, None).await.expect("swept");
    assert_eq!(report.segments, 3 + 2, "{report:?}");
    assert_eq!(house.seconds_kept(old).await, 60, "the held minute stays");
    assert!((70..=90).contains(&house.seconds_kept(large).await));
    assert!(house.recorder.footage().key_frame(large, at(199)).await.is_ok(), "the newest stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_keeps_its_pre_roll_and_post_roll_and_nothing_else() {
    let house = House::new().await;
    let mut camera = house.camera_of(hearth_model::CameraId::new(), RecordMode::Event);
    camera.send(0..30);
    camera.control.keep_until(hearth_media::MediaTime::from_micros(at(35).as_micros()));
    camera.send(30..60);
    let id = camera.end();
    let kept = house.seconds_kept(id).await;
    assert!((11..=14).contains(&kept), "5 s before, 5 s after, whole groups: {kept}");
}
