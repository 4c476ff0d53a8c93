//! Power cuts, lost and damaged indexes, damaged files.

use std::fs;

use hearth_secret::Key512;
use hearth_store::Store;

use crate::house::{House, at, picture};

/// Whatever second the power goes, at most the newest fragments are missing, and everything that is
/// there opens, plays and verifies.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_at_most_two_seconds() {
    let house = House::new().await;
    let mut camera = house.camera();
    let id = camera.id;
    for second in 0..70 {
        camera.send(second..second + 1);
        if second % 7 != 3 {
            continue;
        }
        camera.settle();
        let after = house.after_power_cut().await;
        let survey = after.recorder.survey(&[id]).await.expect("surveyed");
        after.recorder.recover(survey).await.expect("recovered");
        let kept = after.seconds_kept(id).await;
        assert!(second + 1 - kept <= 2, "cut after {} s, {kept} s kept", second + 1);
        let report = after.recorder.verify(|_| {}).await.expect("verified");
        assert!(report.is_clean(), "{report:?}");
        let last = after.recorder.footage().key_frame(id, at(second + 10)).await;
        let last = last.expect("the newest key frame is there");
        assert_eq!(last.data, picture((kept - 1) / 2 * 20));
    }
    camera.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_tail_is_cut_off_and_the_rest_is_kept() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..30);
    camera.settle();
    let id = camera.id;
    let after = house.after_power_cut().await;
    let file = &after.files(".hws")[0];
    let bytes = fs::read(file).expect("readable");
    fs::write(file, &bytes[..bytes.len() - 100]).expect("torn");
    let survey = after.recorder.survey(&[id]).await.expect("surveyed");
    after.recorder.recover(survey).await.expect("recovered");
    let kept = after.seconds_kept(id).await;
    assert!((27..=29).contains(&kept), "{kept} s kept");
    assert!(after.recorder.verify(|_| {}).await.expect("verified").is_clean());
    camera.end();
}

/// The index is a copy: without it, everything is found again from the files alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_index_is_made_anew_from_the_files() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..200);
    let id = camera.end();
    assert_eq!(house.seconds_kept(id).await, 200);
    let before = house.store.segments_in(id, crate::house::range(0, 300), 100).await.expect("rows");
    let forget: Vec<_> =
        before.iter().map(|row| hearth_store::SegmentChange::Erase(row.id)).collect();
    house.store.commit_segments(&forget).await.expect("forgotten");
    assert_eq!(house.seconds_kept(id).await, 0);
    let report = house.recorder.rebuild_index().await.expect("made anew");
    assert_eq!((report.segments, report.damaged), (4, 0));
    let after = house.store.segments_in(id, crate::house::range(0, 300), 100).await.expect("rows");
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_the_index_never_heard_of_are_found_at_start() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..10);
    camera.settle();
    let id = camera.id;
    let after = house.after_power_cut().await;
    let rows = after.store.segments_in(id, crate::house::range(0, 300), 100).await.expect("rows");
    for row in rows {
        let forget = [hearth_store::SegmentChange::Erase(row.id)];
        after.store.commit_segments(&forget).await.expect("forgotten");
    }
    let survey = after.recorder.survey(&[id]).await.expect("surveyed");
    let recovered = after.recorder.recover(survey).await.expect("recovered");
    assert_eq!(recovered.found, 1, "{recovered:?}");
    assert!(after.seconds_kept(id).await >= 8);
    camera.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_damaged_missing_and_unknown_files() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..200);
    let id = camera.end();
    house.recorder.flush_index().await;
    let files = house.files(".hws");
    let mut bytes = fs::read(&files[0]).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&files[0], bytes).expect("one bit flipped");
    fs::remove_file(&files[1]).expect("one file removed");
    let stranger = files[2].with_file_name(format!("{}.hws", hearth_model::SegmentId::new()));
    fs::copy(&files[2], stranger).expect("a copy under another name");
    let mut last = None;
    let report = house.recorder.verify(|progress| last = Some(progress)).await.expect("checked");
    assert_eq!(report.damaged.len(), 1, "{report:?}");
    assert_eq!(report.missing.len(), 1, "{report:?}");
    assert_eq!(report.unknown.len(), 1, "{report:?}");
    assert_eq!(last.expect("progress was told").bad, 3);
    let kept = house.store.footage_spans(id, crate::house::range(0, 300), 0).await;
    assert!(!kept.expect("spans").is_empty());
}

/// A database that is not one is told apart from an empty one.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_index_is_recognised() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.db");
    fs::write(&path, vec![0x5a; 20_000]).expect("written");
    let error = Store::open(&path, &Key512::new([1; 64])).await.expect_err("no database");
    assert!(matches!(error, hearth_store::StoreError::WrongKey), "{error:?}");
}
