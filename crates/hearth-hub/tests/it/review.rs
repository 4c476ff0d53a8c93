//! Pictures that people look at to correct the detector.

use std::{fs, path::PathBuf};

use hearth_auth::{CameraAccess, HouseGrant, Principal, ask};
use hearth_eyes::{Eyes, EyesConfig, FacesIn};
use hearth_hub::{
    DatasetFormat, EventView, Hub, NewUser, ReviewBox, ReviewChange, ReviewItem, ReviewQuery,
    ReviewSettings,
};
use hearth_model::{CameraId, EventBody, Label, RecordMode, Rect, ReviewReason, ReviewState, Role};
use hearth_sim::{CameraSpec, Content};

use crate::{
    home::{HOUR, Home, eyes_worker, files_below},
    identity::{PASSWORD, peer},
    watching::{
        add_as, allowed, allowed_on, described, fact, fact_after, house, new_camera, poll,
        still_camera,
    },
};

/// A file of the shared test data; says so and gives `None` if it is not there.
fn shared(path: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or(beside.into(), PathBuf::from);
    let file = folder.join(path);
    let is_there = file.is_file();
    if !is_there {
        println!("skipped: no {path} in the test data");
    }
    is_there.then_some(file)
}

/// A camera past which people walk, and a model that knows people; both are needed, and a face model.
fn people_walk_by() -> Option<(CameraSpec, PathBuf)> {
    if hearth_face::embedded_face_model().is_none() {
        println!("skipped: cargo xtask models installs the face model");
        return None;
    }
    let clip = shared("media/one-by-one-person-detection.mp4")?;
    let model = shared("models/yolox_nano.onnx")?;
    Some((CameraSpec { main: Content::File(clip), ..still_camera("hall") }, model))
}

async fn start(home: &Home, model: &std::path::Path) -> Hub {
    let mut config = home.config();
    config.settings.eyes.model = Some(model.to_owned());
    let hub = Hub::start(config).await.expect("started");
    poll("pictures can be made", async || {
        hub.review_settings(&allowed(&hub)).available.then_some(())
    })
    .await;
    hub
}

async fn walked_by(hub: &Hub, spec: &hearth_sim::House) -> CameraId {
    let mut new = new_camera(&described(spec, "hall"), RecordMode::Continuous);
    new.settings.detection.always_decode = true;
    add_as(hub, new).await
}

const ON: ReviewSettings =
    ReviewSettings { is_on: true, below_score: 1.0, per_day_max: 2, keep_days: 30 };

async fn set(hub: &Hub, settings: ReviewSettings) {
    hub.set_review_settings(&allowed(hub), settings).await.expect("set");
}

async fn items(hub: &Hub, grant: &HouseGrant<ask::ReadEvents>) -> Vec<ReviewItem> {
    let query = ReviewQuery {
        filter: hearth_hub::ReviewFilter { limit: 50, ..Default::default() },
        ..ReviewQuery::default()
    };
    hub.reviews(grant, query).await.expect("read").items
}

/// Somebody who walked by, and is gone.
async fn somebody(hub: &Hub, after: u64) -> EventView {
    let is_person = |body: &EventBody| match body {
        EventBody::ActivityEnded { label, .. } => label.as_str() == "person",
        _ => false,
    };
    let ended = fact_after(hub, after, "somebody is gone", is_person).await;
    let EventBody::ActivityEnded { activity, .. } = ended.detail.body else { panic!("checked") };
    let is_begin = |body: &EventBody| matches!(body, EventBody::ActivityNoticed { .. });
    let mut seq = 0;
    loop {
        let begun = fact_after(hub, seq, "they came", is_begin).await;
        if begun.id == activity {
            return EventView { seq: ended.seq, ..begun };
        }
        seq = begun.seq;
    }
}

/// Somebody who signed in.
async fn viewer(hub: &Hub) -> Principal {
    let new = NewUser {
        name: "ben".to_owned(),
        role: Role::Viewer,
        password: Some(PASSWORD.into()),
        expires_at: None,
        camera_access: CameraAccess::default(),
    };
    let users = hub.policy().house(&Principal::Owner).expect("the owner may");
    hub.add_user(&users, new).await.expect("added");
    hub.sign_in("ben", PASSWORD.into(), &peer()).await.expect("right").session.principal
}

/// Faces that the eyes still find in a picture.
async fn faces_in(jpeg: bytes::Bytes) -> usize {
    let (reports, _taken) = tokio::sync::mpsc::channel(64);
    let program = eyes_worker();
    let eyes = Eyes::start(EyesConfig { program, args: Vec::new(), model: None }, reports);
    let faces = eyes.faces(FacesIn::Photo(jpeg)).await.expect("a picture");
    eyes.shutdown().await;
    faces.len()
}

/// promise: D-06, D-33, V-07. Off by default. Switched on, what the detector was unsure of is queued, at
/// most so many a day, with nobody to be recognised and nothing of it in clear on the disk; people
/// correct it and take it along, and after its time it is gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_detector_was_unsure_of_is_looked_at_taken_along_and_erased() {
    let Some((camera, model)) = people_walk_by() else { return };
    let (home, spec) = (Home::with_eyes(), house(vec![camera]).await);
    let hub = start(&home, &model).await;
    walked_by(&hub, &spec).await;
    let first = somebody(&hub, 0).await;
    assert!(items(&hub, &allowed(&hub)).await.is_empty(), "it is off");
    let refused = hub.correct_event(&allowed(&hub), first.id, None).await;
    assert_eq!(refused.expect_err("off").code, "review_off");

    set(&hub, ON).await;
    let queued = poll("two of this day are queued", async || {
        Some(items(&hub, &allowed(&hub)).await).filter(|items| items.len() == 2)
    })
    .await;
    assert!(queued.iter().all(|item| item.reason == ReviewReason::Unsure), "{queued:?}");
    let unsure = queued[0].clone();
    assert!(unsure.width <= 640 && unsure.state == ReviewState::Waiting && unsure.by.is_none());
    assert!(unsure.boxes.iter().any(|one| one.label.as_str() == "person"), "{unsure:?}");
    let jpeg = hub.review_picture(&allowed(&hub), unsure.id).await.expect("a picture");
    assert!(jpeg.starts_with(&[0xFF, 0xD8, 0xFF]));
    assert_eq!(faces_in(jpeg.clone()).await, 0);

    // Somebody says that it was a dog; what the history says stays.
    let dog = Label::new("dog").expect("valid");
    let corrected = hub.correct_event(&allowed(&hub), first.id, Some(dog.clone())).await;
    let corrected = corrected.expect("queued");
    assert_eq!(
        (corrected.reason, corrected.boxes[0].label.clone()),
        (ReviewReason::Corrected, dog)
    );
    let nothing = hub.correct_event(&allowed(&hub), first.id, None).await.expect("corrected");
    assert_eq!((nothing.id, nothing.boxes.len()), (corrected.id, 0));
    let told = fact(&hub, "the fact", |body| *body == first.detail.body).await;
    assert_eq!(told.label, first.label);

    let area = Rect { x: 0.25, y: 0.25, w: 0.5, h: 0.5 };
    let cat = ReviewBox { label: Label::new("cat").expect("valid"), area, score: Some(1.0) };
    let change = ReviewChange { boxes: vec![cat], state: ReviewState::Done };
    let done = hub.update_review(&allowed(&hub), unsure.id, change).await.expect("changed");
    assert_eq!((done.by.as_deref(), done.boxes[0].score), (Some("owner"), None));
    exported(&hub, &done, &jpeg).await;

    hub.shutdown().await;
    drop(hub);
    for path in files_below(&home.data()) {
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!holds(&jpeg[..64]), "a picture in clear in {}", path.display());
    }
    home.step_clock(31 * 24 * HOUR);
    let hub = start(&home, &model).await;
    poll("they are erased", async || {
        items(&hub, &allowed(&hub)).await.iter().all(|item| item.id != done.id).then_some(())
    })
    .await;
    assert!(hub.review_picture(&allowed(&hub), done.id).await.is_err());
    hub.shutdown().await;
}

/// The archive has the picture as it is, and labels that name it.
async fn exported(hub: &Hub, done: &ReviewItem, jpeg: &[u8]) {
    let state = ReviewState::Done;
    let export = hub.export_reviews(&allowed(hub), DatasetFormat::Coco, state).await;
    let (mut archive, mut bytes) = (export.expect("something"), Vec::new());
    while let Some(piece) = archive.next().await {
        bytes.extend_from_slice(&piece.expect("whole"));
    }
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(
        bytes.starts_with(b"PK\x03\x04") && bytes[bytes.len() - 22..].starts_with(b"PK\x05\x06")
    );
    assert!(holds(jpeg) && holds(format!("images/{}.jpg", done.id).as_bytes()));
    assert!(holds(b"annotations.json") && holds(b"\"name\": \"cat\""));
    let none = hub.export_reviews(&allowed(hub), DatasetFormat::Yolo, ReviewState::Skipped).await;
    assert_eq!(none.expect_err("nothing").code, "nothing_to_export");
}

/// promise: T-05, T-12, D-04. Who may not set a camera up sees no picture of it and corrects nothing;
/// while the house is private nothing is kept; and pictures go with their camera.
#[tokio::test(flavor = "multi_thread")]
async fn pictures_to_look_at_are_for_who_sets_the_camera_up_and_go_with_it() {
    let Some((camera, model)) = people_walk_by() else { return };
    let (home, spec) = (Home::with_eyes(), house(vec![camera]).await);
    let hub = start(&home, &model).await;
    let camera = walked_by(&hub, &spec).await;
    set(&hub, ReviewSettings { below_score: 0.0, ..ON }).await;
    let seen = somebody(&hub, 0).await;
    let item = hub.correct_event(&allowed(&hub), seen.id, None).await.expect("queued");
    let ben = viewer(&hub).await;
    let grant: HouseGrant<ask::ReadEvents> = hub.policy().house(&ben).expect("a viewer may");
    assert!(items(&hub, &grant).await.is_empty());
    let hidden = hub.review_picture(&grant, item.id).await.expect_err("hidden");
    assert_eq!(hidden.code, "not_found");
    let change = ReviewChange { boxes: Vec::new(), state: ReviewState::Done };
    let hidden = hub.update_review(&grant, item.id, change).await.expect_err("hidden");
    assert_eq!(hidden.code, "not_found");
    assert_eq!(hub.remove_review(&grant, item.id).await.expect_err("hidden").code, "not_found");
    let denied = hub.correct_event(&grant, seen.id, None).await.expect_err("denied");
    assert_eq!(denied.code, "denied");
    let state = ReviewState::Waiting;
    let none = hub.export_reviews(&grant, DatasetFormat::Coco, state).await.expect_err("nothing");
    assert_eq!(none.code, "nothing_to_export");

    hub.remove_review(&allowed(&hub), item.id).await.expect("erased");
    hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    let private = hub.correct_event(&allowed(&hub), seen.id, None).await.expect_err("private");
    assert_eq!(private.code, "house_private");
    hub.set_privacy(allowed(&hub), false, None).await.expect("open");
    let again = hub.correct_event(&allowed(&hub), seen.id, None).await.expect("queued");
    hub.remove_camera(allowed_on(&hub, camera)).await.expect("removed");
    let gone = hub.review_picture(&allowed(&hub), again.id).await.expect_err("gone");
    assert_eq!(gone.code, "not_found");
    hub.shutdown().await;
}

/// promise: D-33. Where nobody could be hidden nothing is queued, and the settings say why.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_the_settings_say_why_nothing_is_queued() {
    let home = Home::new();
    let hub = home.start().await;
    let view = hub.review_settings(&allowed(&hub));
    assert!(!view.settings.is_on && !view.available && view.reason.is_some(), "{view:?}");
    let wrong = ReviewSettings { keep_days: 0, ..ON };
    let refused = hub.set_review_settings(&allowed(&hub), wrong).await.expect_err("no time");
    assert_eq!(refused.code, "invalid");
    set(&hub, ON).await;
    hub.shutdown().await;
    drop(hub);
    let hub = home.start().await;
    assert_eq!(hub.review_settings(&allowed(&hub)).settings, ON, "it is remembered");
    hub.shutdown().await;
}
