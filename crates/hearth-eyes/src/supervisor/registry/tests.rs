//! What the hub believes of its worker, and what it does not.

use bytes::Bytes;
use hearth_media::{Frame, TrackKind, VideoCodec, VideoParameters};
use hearth_model::{Label, Rect};

use super::*;
use crate::wire::Activity;

struct Desk {
    registry: Registry,
    load: Arc<FeedLoad>,
    slot: Slot,
    parameters: Arc<StreamParameters>,
}

impl Desk {
    /// A worker that is ready and knows one feed.
    fn new() -> Self {
        let registry = Registry::default();
        let load = Arc::new(FeedLoad::default());
        let slot = registry.add(CameraId::new(), DetectionSettings::default(), Arc::clone(&load));
        let video = VideoParameters {
            codec: VideoCodec::Mjpeg,
            width: 64,
            height: 48,
            config: Bytes::new(),
            rfc6381: String::new(),
            reorder_frames_max: 0,
        };
        let parameters = Arc::new(StreamParameters { video: Some(video), audio: None });
        let desk = Self { registry, load, slot, parameters };
        desk.restart();
        desk
    }

    fn restart(&self) -> Vec<ToWorker> {
        self.registry.started(1);
        let news = self.registry.news();
        self.registry.ready(None);
        news
    }

    fn send(&self, second: i64, is_key: bool) -> Vec<ToWorker> {
        let frame = Frame {
            track: TrackKind::Video,
            pts: MediaTime::from_micros(second * 1_000_000),
            duration_samples: None,
            is_key,
            after_loss: false,
            data: Bytes::from_static(b"frame"),
        };
        self.registry.frame(&Queued::new(
            self.slot,
            Arc::clone(&self.parameters),
            frame,
            Arc::clone(&self.load),
        ))
    }

    fn activity(&self, track: u32) -> Activity {
        Activity {
            slot: self.slot,
            track,
            at: MediaTime::from_micros(5_000_000),
            label: Label::motion(),
            score: 0.5,
            area: Rect::FULL,
            zones: Vec::new(),
            directions: Vec::new(),
        }
    }

    fn state(&self) -> Option<EyesState> {
        match self.registry.state_changes().pop() {
            Some(EyesReport::State { state, .. }) => Some(state),
            _ => None,
        }
    }
}

#[test]
fn a_new_worker_gets_settings_parameters_and_a_key_frame_first() {
    let desk = Desk::new();
    for _ in 0..2 {
        assert!(matches!(&desk.restart()[..], [ToWorker::Watch(..)]));
        assert!(desk.send(1, false).is_empty());
        let first = desk.send(2, true);
        assert!(matches!(&first[..], [ToWorker::Parameters(..), ToWorker::Frame(..)]));
        assert!(matches!(&desk.send(3, false)[..], [ToWorker::Frame(..)]));
    }
}

#[test]
fn other_settings_do_not_interrupt_the_looking() {
    let desk = Desk::new();
    desk.send(1, true);
    desk.registry.update(desk.slot, DetectionSettings::default());
    assert!(matches!(&desk.registry.news()[..], [ToWorker::Watch(..)]));
    assert!(matches!(&desk.send(2, false)[..], [ToWorker::Frame(..)]));
}

/// promise: D-18. One camera's poisonous stream costs that camera its detection, nothing else.
#[test]
fn three_crashes_suspend_the_camera_until_its_settings_change() {
    let desk = Desk::new();
    let other = desk.registry.add(
        CameraId::new(),
        DetectionSettings::default(),
        Arc::new(FeedLoad::default()),
    );
    for _ in 0..3 {
        desk.restart();
        desk.registry.busy(Some(desk.slot));
        desk.registry.stopped(StopCause::Signal(6));
    }
    let watched = desk.restart();
    assert!(matches!(&watched[..], [ToWorker::Watch(slot, _)] if *slot == other));
    assert!(desk.send(9, true).is_empty());
    let states: Vec<EyesState> = desk
        .registry
        .state_changes()
        .iter()
        .filter_map(|report| match report {
            EyesReport::State { state, .. } => Some(*state),
            _ => None,
        })
        .collect();
    assert_eq!(states, [EyesState::Suspended, EyesState::MotionOnly]);
    desk.registry.update(desk.slot, DetectionSettings::default());
    assert_eq!(desk.registry.news().len(), 1);
    assert_eq!(desk.state(), Some(EyesState::MotionOnly));
}

#[test]
fn a_worker_killed_from_outside_is_nobodys_fault() {
    let desk = Desk::new();
    for _ in 0..5 {
        desk.registry.busy(Some(desk.slot));
        desk.registry.stopped(StopCause::Signal(9));
        desk.restart();
    }
    assert_eq!(desk.state(), Some(EyesState::MotionOnly));
}

#[test]
fn open_activities_end_when_the_worker_dies_and_numbers_are_not_used_again() {
    let desk = Desk::new();
    desk.send(4, true);
    let Ok(Some(EyesReport::ActivityStarted { track: first, at, .. })) =
        desk.registry.activity_started(desk.activity(0))
    else {
        panic!("an activity");
    };
    // It claims second 5, but the last frame it got was of second 4.
    assert_eq!(at, MediaTime::from_micros(4_000_000));
    let ended = desk.registry.stopped(StopCause::Hung);
    assert!(matches!(&ended[..],
        [EyesReport::ActivityEnded { track, thumbnail: None, .. }] if *track == first));
    desk.restart();
    let Ok(Some(EyesReport::ActivityStarted { track: second, .. })) =
        desk.registry.activity_started(desk.activity(0))
    else {
        panic!("an activity");
    };
    assert_ne!(first, second);
}

#[test]
fn a_worker_that_invents_feeds_or_tracks_is_not_believed() {
    let desk = Desk::new();
    desk.send(4, true);
    let unknown = Activity { slot: Slot(77), ..desk.activity(0) };
    assert!(desk.registry.activity_started(unknown).is_err());
    assert!(desk.registry.activity_updated(desk.activity(3)).is_err());
    assert!(desk.registry.activity_ended(desk.activity(3), None).is_err());
    assert!(desk.registry.activity_started(desk.activity(0)).is_ok());
    assert!(desk.registry.activity_started(desk.activity(0)).is_err());
}

#[test]
fn a_dropped_feed_stays_until_its_activities_ended() {
    let desk = Desk::new();
    desk.send(4, true);
    desk.registry.activity_started(desk.activity(0)).expect("plausible");
    desk.registry.remove(desk.slot);
    assert!(matches!(&desk.registry.news()[..], [ToWorker::Unwatch(..)]));
    let ended = desk.registry.activity_ended(desk.activity(0), None).expect("plausible");
    assert!(matches!(ended, Some(EyesReport::ActivityEnded { .. })));
    assert!(desk.registry.lock().feeds.is_empty());
}

#[test]
fn frames_that_went_down_with_the_worker_count_as_dropped() {
    let desk = Desk::new();
    for second in 0..10 {
        desk.send(second, true);
    }
    let counters = WorkerCounters { decoded: 6, ..WorkerCounters::default() };
    desk.registry.counted(desk.slot, counters);
    desk.registry.stopped(StopCause::Signal(11));
    desk.restart();
    let report = desk.registry.counted(desk.slot, WorkerCounters::default());
    let Some(EyesReport::Counters { counters, .. }) = report else { panic!("counters") };
    assert_eq!((counters.decoded, counters.dropped), (6, 4));
}
