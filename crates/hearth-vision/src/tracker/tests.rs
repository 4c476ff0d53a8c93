//! What a tracker makes of walkers, gaps and crossings.

use proptest::prelude::*;

use super::*;

const STEP: i64 = 200_000;

fn seen(label: &str, x: f32, score: f32) -> Sighting {
    let label = Label::new(label).expect("a label");
    Sighting { label, score, area: Rect { x, y: 0.4, w: 0.1, h: 0.3 }, sharpness: 3.0 }
}

#[test]
fn one_sighting_is_not_enough() {
    let mut tracker = Tracker::new();
    assert!(tracker.observe(vec![seen("person", 0.1, 0.9)], 0).confirmed.is_empty());
    assert_eq!(tracker.observe(vec![seen("person", 0.12, 0.9)], STEP).confirmed.len(), 1);
}

#[test]
fn a_walker_keeps_his_number_through_missed_pictures() {
    let mut tracker = Tracker::new();
    let mut confirmed = 0;
    for step in 0..40i64 {
        let missed = step % 5 == 4;
        let sightings =
            if missed { Vec::new() } else { vec![seen("person", 0.02 * step as f32, 0.8)] };
        confirmed += tracker.observe(sightings, step * STEP).confirmed.len();
    }
    assert_eq!(confirmed, 1);
    assert_eq!(tracker.confirmed().count(), 1);
}

#[test]
fn a_track_ends_after_two_and_a_half_seconds_with_its_last_time() {
    let mut tracker = Tracker::new();
    for step in 0..4 {
        tracker.observe(vec![seen("person", 0.1, 0.8)], step * STEP);
    }
    let mut ended = Vec::new();
    for step in 4..20 {
        ended.extend(tracker.observe(Vec::new(), step * STEP).ended);
    }
    let [track] = &ended[..] else { panic!("one ended: {ended:?}") };
    assert_eq!((track.first_micros, track.last_micros), (0, 3 * STEP));
}

#[test]
fn the_label_with_most_score_wins() {
    let mut tracker = Tracker::new();
    for (step, label) in ["dog", "person", "person", "person"].into_iter().enumerate() {
        tracker.observe(vec![seen(label, 0.1, 0.8)], step as i64 * STEP);
    }
    let track = tracker.confirmed().next().expect("confirmed");
    assert_eq!(track.label.as_str(), "person");
}

#[test]
fn two_people_side_by_side_are_two_tracks() {
    let mut tracker = Tracker::new();
    for step in 0..10 {
        let both = vec![seen("person", 0.1, 0.8), seen("person", 0.3, 0.9)];
        tracker.observe(both, step * STEP);
    }
    assert_eq!(tracker.confirmed().count(), 2);
}

#[test]
fn a_clearly_better_look_is_told_and_a_slightly_better_one_is_not() {
    let mut tracker = Tracker::new();
    tracker.observe(vec![seen("person", 0.1, 0.6)], 0);
    assert!(tracker.observe(vec![seen("person", 0.1, 0.62)], STEP).better_looks.is_empty());
    assert_eq!(tracker.observe(vec![seen("person", 0.1, 0.9)], 2 * STEP).better_looks.len(), 1);
}

proptest! {
    #[test]
    fn arbitrary_sightings_never_panic_and_every_confirmed_track_ends_once(
        steps in prop::collection::vec(
            prop::collection::vec((0.0f32..1.0, 0.0f32..1.0), 0..6), 1..30),
    ) {
        let mut tracker = Tracker::new();
        let (mut began, mut ended) = (Vec::new(), Vec::new());
        for (step, things) in steps.iter().enumerate() {
            let sightings = things.iter().map(|&(x, score)| seen("person", x, score)).collect();
            let output = tracker.observe(sightings, step as i64 * STEP);
            began.extend(output.confirmed);
            ended.extend(output.ended.iter().map(|track| track.id));
        }
        ended.extend(tracker.end_all().iter().map(|track| track.id));
        began.sort();
        ended.sort();
        prop_assert_eq!(began, ended);
    }
}
