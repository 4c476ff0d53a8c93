//! What the eyes see, and stills.

use hearth_eyes::{EyesError, EyesReport, StillWish, StopCause};
use hearth_media::{MediaTime, StreamItem, StreamParameters, TrackKind};
use hearth_model::{CameraId, DetectionSettings, EyesState};

use crate::rig::{Camera, HEIGHT, Rig, WIDTH, frame, image, parameters};

#[tokio::test]
async fn a_mover_starts_and_ends_an_activity_with_a_thumbnail() {
    let mut rig = Rig::start("", None).await;
    let camera = Camera::new(&rig.eyes);
    let id = camera.id;
    let playing = tokio::spawn(camera.play());
    let started = rig.wait(|report| matches!(report, EyesReport::ActivityStarted { .. })).await;
    let EyesReport::ActivityStarted { camera, track, at, label, .. } = started else {
        panic!("checked above");
    };
    assert_eq!((camera, label.as_str()), (id, "motion"));
    assert!(at >= MediaTime::from_micros(6_000_000), "{at:?}");
    let ended = rig.wait(|report| matches!(report, EyesReport::ActivityEnded { .. })).await;
    let EyesReport::ActivityEnded { track: of, thumbnail: Some(thumbnail), .. } = ended else {
        panic!("an ended activity with a thumbnail: {ended:?}");
    };
    assert_eq!(of, track);
    let size = hearth_media::VideoParameters::from_jpeg(&thumbnail).expect("a JPEG");
    assert_eq!((size.width, size.height), (WIDTH, HEIGHT));
    playing.abort();
}

#[tokio::test]
async fn a_still_is_the_last_frame_at_the_size_asked_for() {
    let rig = Rig::start("", None).await;
    let wish = StillWish { width_max: Some(160), ..StillWish::default() };
    let frames = (0..3).map(|number| frame(number, image(0, None).into())).collect();
    let still = rig.eyes.still(&parameters(), frames, &wish).await.expect("a still");
    assert_eq!((still.width, still.height), (160, 90));
    assert_eq!(still.at, MediaTime::from_micros(200_000));
    assert!(hearth_media::VideoParameters::from_jpeg(&still.bytes).is_ok());
}

#[tokio::test]
async fn stills_of_nonsense_are_refused() {
    let rig = Rig::start("", None).await;
    let good = || frame(0, image(0, None).into());
    let still = async |frames| {
        rig.eyes.still(&parameters(), frames, &StillWish::default()).await.map(|_| ())
    };
    assert_eq!(still(Vec::new()).await, Err(EyesError::NoKeyFrame));
    let late = hearth_media::Frame { is_key: false, ..good() };
    assert_eq!(still(vec![late]).await, Err(EyesError::NoKeyFrame));
    let sound = hearth_media::Frame { track: TrackKind::Audio, ..good() };
    assert_eq!(still(vec![sound]).await, Err(EyesError::NoKeyFrame));
    let broken = frame(0, bytes::Bytes::from_static(b"no image"));
    assert_eq!(still(vec![broken]).await, Err(EyesError::Damaged));
    assert_eq!(still(vec![good(); 601]).await, Err(EyesError::TooLarge));
    let deaf =
        rig.eyes.still(&StreamParameters::default(), vec![good()], &StillWish::default()).await;
    assert_eq!(deaf.map(|_| ()), Err(EyesError::NoKeyFrame));
}

#[tokio::test]
async fn a_camera_that_is_switched_off_is_not_looked_at() {
    let mut rig = Rig::start("", None).await;
    let mut camera = Camera::new(&rig.eyes);
    rig.wait_for_state(camera.id, EyesState::MotionOnly).await;
    let off = DetectionSettings { enabled: false, ..DetectionSettings::default() };
    camera.feed.update(off);
    rig.wait_for_state(camera.id, EyesState::Off).await;
    camera.feed.update(DetectionSettings::default());
    rig.wait_for_state(camera.id, EyesState::MotionOnly).await;
    camera.offer(false);
}

#[tokio::test]
async fn shutdown_ends_the_worker_and_what_it_followed() {
    let mut rig = Rig::start("", None).await;
    let camera = Camera::new(&rig.eyes);
    let playing = tokio::spawn(camera.play());
    rig.wait(|report| matches!(report, EyesReport::ActivityStarted { .. })).await;
    let pid = rig.pid();
    rig.eyes.shutdown().await;
    rig.wait(|report| matches!(report, EyesReport::ActivityEnded { .. })).await;
    let asked = |report: &EyesReport| {
        matches!(report, EyesReport::WorkerStopped { cause: StopCause::Asked })
    };
    rig.wait(asked).await;
    assert!(rustix::process::test_kill_process(pid).is_err(), "the process is gone");
    let frames = vec![frame(0, image(0, None).into())];
    assert_eq!(
        rig.eyes.still(&parameters(), frames, &StillWish::default()).await.map(|_| ()),
        Err(EyesError::Down)
    );
    playing.abort();
}

#[tokio::test]
async fn a_model_that_cannot_be_used_is_refused_and_motion_remains() {
    let nonsense = hearth_eyes::Model::new("nonsense", bytes::Bytes::from_static(b"no model"));
    let mut rig = Rig::start("", nonsense).await;
    assert_eq!(rig.eyes.status().model, None);
    let mut feed = rig.eyes.watch(CameraId::new(), DetectionSettings::default());
    feed.offer(&StreamItem::Parameters(parameters()));
    rig.wait(|report| matches!(report, EyesReport::State { state: EyesState::MotionOnly, .. }))
        .await;
}
