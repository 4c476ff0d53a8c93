//! Nothing readable on disk, and nothing at all after erasure.

use std::fs;

use hearth_model::HoldId;
use hearth_store::Hold;

use crate::house::{House, PLANTED, at, copy_folder, range};

/// promise: V-07, D-02. No byte of a picture, no box and no parameter set is on disk in clear.
#[tokio::test(flavor = "multi_thread")]
async fn footage_on_disk_shows_nothing() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..70);
    let id = camera.end();
    let event = hearth_model::EventId::new();
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe0];
    jpeg.extend_from_slice(PLANTED);
    house.recorder.keep_picture(id, event, &jpeg).expect("kept");
    house.recorder.flush_index().await;
    assert_eq!(house.recorder.picture(id, event).expect("readable"), jpeg);
    for path in house.files("") {
        let bytes = fs::read(&path).expect("readable");
        let marks: [&[u8]; 5] = [PLANTED, b"ftyp", b"moof", b"avcC", &[0xff, 0xd8, 0xff, 0xe0]];
        for mark in marks {
            let found = bytes.windows(mark.len()).any(|window| window == mark);
            assert!(!found, "{mark:?} in {path:?}");
        }
    }
}

/// promise: D-04. After a camera is erased, not even a copy of its files made before can be read.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_camera_cannot_be_read_from_a_copy() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..70);
    let id = camera.end();
    house.recorder.flush_index().await;
    let copies = house.data.with_file_name("copy");
    copy_folder(&house.data.join("media"), &copies);
    let erased = house.recorder.erase_camera(id).await.expect("erased");
    assert_eq!(erased.segments, 2);
    assert!(house.files(".hws").is_empty());
    // Put the ciphertext back where it was: without its keys it stays unreadable.
    fs::remove_dir_all(house.data.join("media")).expect("removed");
    copy_folder(&copies, &house.data.join("media"));
    let report = house.recorder.rebuild_index().await.expect("tried");
    assert_eq!((report.segments, report.damaged), (0, 2));
    assert!(house.recorder.footage().key_frame(id, at(5)).await.is_err());
}

/// promise: V-16, D-04. Of a range whole segments go, from copies too; what is held or still written stays,
/// and is counted.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_range_cannot_be_read_from_a_copy() {
    let house = House::new().await;
    let mut camera = house.camera();
    camera.send(0..310);
    camera.settle();
    house.recorder.flush_index().await;
    let id = camera.id;
    let hold = Hold {
        id: HoldId::new(),
        camera: id,
        from: at(130),
        to: at(140),
        reason: "evidence".to_owned(),
        until: None,
        created_at: at(0),
        created_by: None,
    };
    house.store.add_hold(&hold).await.expect("held");
    let copies = house.data.with_file_name("copy");
    copy_folder(&house.data.join("media"), &copies);
    let erased = house.recorder.erase_between(id, range(70, 230)).await.expect("erased");
    assert_eq!((erased.segments, erased.left), (2, 1), "{erased:?}");
    let again = house.recorder.erase_between(id, range(70, 230)).await.expect("erased");
    assert_eq!((again.segments, again.bytes, again.left), (0, 0, 1));
    let open = house.recorder.erase_between(id, range(305, 400)).await.expect("nothing");
    assert_eq!((open.segments, open.left), (0, 1), "what is being written");
    let id = camera.end();
    house.recorder.flush_index().await;
    assert_eq!(house.seconds_kept(id).await, 310 - 120);
    fs::remove_dir_all(house.data.join("media")).expect("removed");
    copy_folder(&copies, &house.data.join("media"));
    house.recorder.rebuild_index().await.expect("tried");
    let kept = house.seconds_kept(id).await;
    assert!((185..=190).contains(&kept), "the copy of what was erased cannot be read: {kept}");
}

/// promise: D-04, D-06. An erased picture is gone from disk and from copies.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_picture_cannot_be_read_again() {
    let house = House::new().await;
    let id = house.camera().end();
    let event = hearth_model::EventId::new();
    house.recorder.keep_picture(id, event, b"a picture").expect("kept");
    let path = house.files("stills").remove(0);
    let copy = fs::read(&path).expect("readable");
    house.recorder.erase_picture(id, event).expect("erased");
    assert!(!path.exists());
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(&path, copy).expect("put back");
    assert!(house.recorder.picture(id, event).is_err());
}
