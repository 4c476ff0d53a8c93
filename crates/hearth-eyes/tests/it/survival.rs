//! The worker dies, hangs, is flooded or poisoned, and the house goes on.

use hearth_eyes::{EyesReport, StopCause};
use hearth_media::StreamItem;
use hearth_model::EyesState;
use rustix::process::{Signal, kill_process};

use crate::rig::{Camera, Rig, frame};

async fn dies_of(signal: Signal, wanted: StopCause) {
    let mut rig = Rig::start("", None).await;
    let camera = Camera::new(&rig.eyes);
    // Offering is a plain call, so frames are taken all the while, whatever the worker does.
    let playing = tokio::spawn(camera.play());
    rig.wait(|report| matches!(report, EyesReport::Counters { .. })).await;
    kill_process(rig.pid(), signal).expect("the worker is there");
    let stopped = rig.wait(|report| matches!(report, EyesReport::WorkerStopped { .. })).await;
    assert!(matches!(stopped, EyesReport::WorkerStopped { cause } if cause == wanted));
    assert!(!playing.is_finished());
    rig.wait(|report| matches!(report, EyesReport::WorkerStarted)).await;
    rig.wait(|report| matches!(report, EyesReport::ActivityStarted { .. })).await;
    assert_eq!(rig.eyes.status().restarts, 1);
    playing.abort();
}

/// promise: D-18. The worker is killed while frames come: they are still taken, it is started
/// again, and it sees again.
#[tokio::test]
async fn a_killed_worker_is_replaced() {
    dies_of(Signal::KILL, StopCause::Signal(9)).await;
}

/// promise: D-18. A worker that hangs is noticed, killed and replaced.
#[tokio::test]
async fn a_hanging_worker_is_replaced() {
    dies_of(Signal::STOP, StopCause::Hung).await;
}

/// promise: D-18. More than the worker can take is dropped at the door and counted.
#[tokio::test]
async fn a_flood_is_dropped_and_counted() {
    let mut rig = Rig::start("", None).await;
    let mut camera = Camera::new(&rig.eyes);
    rig.wait_for_state(camera.id, EyesState::MotionOnly).await;
    let large = bytes::Bytes::from(vec![0; 200_000]);
    for number in 0..5_000 {
        camera.feed.offer(&StreamItem::Frame(frame(number, large.clone())));
    }
    let report = rig
        .wait(|report| match report {
            EyesReport::Counters { counters, .. } => counters.received >= 5_000,
            _ => false,
        })
        .await;
    let EyesReport::Counters { counters, .. } = report else { panic!("checked above") };
    assert!(counters.dropped > 4_000, "{counters:?}");
    // Afterwards it still sees.
    camera.frame = 6_000;
    let playing = tokio::spawn(camera.play());
    rig.wait(|report| matches!(report, EyesReport::ActivityStarted { .. })).await;
    playing.abort();
}

/// promise: D-18. A stream that crashes the decoder costs its own camera the detection only.
#[tokio::test]
async fn a_poisonous_stream_suspends_only_its_own_camera() {
    let mut rig = Rig::start("poison", None).await;
    let mut poisonous = Camera::new(&rig.eyes);
    poisonous.poison = Some(b"hearthwatch poison");
    let healthy = Camera::new(&rig.eyes);
    let (poisoner, victim) = (poisonous.id, healthy.id);
    let playing = [tokio::spawn(poisonous.play()), tokio::spawn(healthy.play())];
    rig.wait_for_state(poisoner, EyesState::Suspended).await;
    rig.wait_for_state(victim, EyesState::MotionOnly).await;
    let sees = |report: &EyesReport| matches!(report, EyesReport::ActivityStarted { camera, .. } if *camera == victim);
    rig.wait(sees).await;
    assert_eq!(rig.eyes.status().restarts, 3);
    playing.iter().for_each(|playing| playing.abort());
}
