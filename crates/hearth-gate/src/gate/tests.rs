//! What a gate does with streams made up from sizes and flat pictures.

use proptest::prelude::*;

use super::*;

const FRAME: i64 = 100_000;
const GROUP: i64 = 20;
const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// A camera of 10 frames a second with a key frame every 2 s.
struct Scene {
    gate: Gate,
    frame: i64,
    woken_at: Option<i64>,
}

impl Scene {
    fn new(always: bool) -> Self {
        Self { gate: Gate::new(always), frame: 0, woken_at: None }
    }

    fn pts(&self) -> MediaTime {
        MediaTime::from_micros(self.frame * FRAME)
    }

    fn picture(mover: bool) -> Vec<u8> {
        let mut pixels: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| 90 + (i % 11) as u8).collect();
        if mover {
            for y in 30..50 {
                pixels[y * WIDTH + 60..y * WIDTH + 76].fill(180);
            }
        }
        pixels
    }

    /// Runs `frames` frames whose predicted pictures have `bytes`, with or without a mover.
    fn run(&mut self, frames: i64, bytes: u32, mover: bool) {
        for _ in 0..frames {
            let is_key = self.frame % GROUP == 0;
            let jitter = (self.frame as u32).wrapping_mul(7_919) % (bytes / 10 + 1);
            let bytes = if is_key { 20_000 } else { bytes + jitter };
            let pts = self.pts();
            let pixels = Self::picture(mover);
            let luma = Luma::new(&pixels, WIDTH, HEIGHT, WIDTH).expect("covers the picture");
            match self.gate.offer(AccessUnit { pts, is_key, bytes }) {
                Decision::Skip => {}
                Decision::Look => {
                    self.gate.looked(pts, luma, |_, _| false);
                }
                Decision::Wake(_) | Decision::Decode => self.gate.verified(pts, mover),
            }
            if self.gate.is_awake() && self.woken_at.is_none() {
                self.woken_at = Some(self.frame);
            }
            self.frame += 1;
        }
    }
}

#[test]
fn a_quiet_camera_has_only_its_key_frames_decoded() {
    let mut scene = Scene::new(false);
    scene.run(2_000, 1_000, false);
    let counters = scene.gate.counters();
    assert_eq!(counters.seen, 2_000);
    assert_eq!(counters.decoded, 100);
    assert_eq!(counters.decoded + counters.skipped, counters.seen);
    assert_eq!(scene.woken_at, None);
}

#[test]
fn growing_sizes_wake_within_half_a_second() {
    let mut scene = Scene::new(false);
    scene.run(201, 1_000, false);
    scene.run(10, 4_000, true);
    assert!(scene.woken_at.is_some_and(|frame| frame - 201 <= 5), "{:?}", scene.woken_at);
    assert!(scene.gate.is_confirmed());
    assert_eq!(scene.gate.counters().wakeups_size, 1);
}

#[test]
fn a_mover_that_sizes_do_not_show_is_found_at_the_next_key_frame() {
    for offset in 0..GROUP {
        let mut scene = Scene::new(false);
        scene.run(200 + offset, 1_000, false);
        let appeared = scene.frame;
        scene.run(25, 1_000, true);
        let woken = scene.woken_at.expect("woke");
        assert!(woken - appeared < GROUP, "offset {offset}: {woken}");
        assert_eq!(scene.gate.counters().wakeups_key, 1);
    }
}

#[test]
fn a_camera_sleeps_two_seconds_after_the_last_change() {
    let mut scene = Scene::new(false);
    scene.run(200, 1_000, false);
    scene.run(30, 4_000, true);
    scene.run(19, 1_000, false);
    assert!(scene.gate.is_awake());
    scene.run(5, 1_000, false);
    assert!(!scene.gate.is_awake());
    assert_eq!(scene.gate.counters().wakeups_false, 0);
}

#[test]
fn false_wake_ups_raise_the_threshold_and_cost_less_and_less() {
    let mut scene = Scene::new(false);
    scene.run(200, 1_000, false);
    for _ in 0..30 {
        scene.run(10, 2_000, false);
        scene.run(30, 1_000, false);
    }
    let counters = scene.gate.counters();
    assert!(counters.wakeups_false >= 1);
    assert!(counters.wakeups_size <= 8, "{counters:?}");
}

#[test]
fn what_a_key_frame_showed_is_no_mere_hint() {
    let mut scene = Scene::new(false);
    scene.run(200, 1_000, false);
    let pixels = Scene::picture(true);
    let luma = Luma::new(&pixels, WIDTH, HEIGHT, WIDTH).expect("covers the picture");
    let mut hinted = scene.gate.clone();
    scene.gate.looked(scene.pts(), luma, |_, _| false);
    assert_eq!(scene.gate.need(), Need::Follow);
    hinted.wake(Cause::Size, scene.pts());
    assert_eq!(hinted.need(), Need::Verify);
    hinted.verified(scene.pts(), true);
    assert_eq!(hinted.need(), Need::Follow);
}

#[test]
fn a_wake_up_that_nobody_looked_at_was_not_for_nothing() {
    let mut scene = Scene::new(false);
    scene.run(200, 1_000, false);
    scene.gate.wake(Cause::Key, scene.pts());
    for frame in 200..230 {
        let pts = MediaTime::from_micros(frame * FRAME);
        scene.gate.offer(AccessUnit { pts, is_key: frame % GROUP == 0, bytes: 1_000 });
    }
    assert!(!scene.gate.is_awake());
    assert_eq!(scene.gate.counters().wakeups_false, 0);
    assert_eq!(scene.gate.key_raise.factor(scene.pts()), 1.0);
}

#[test]
fn an_entrance_is_always_decoded() {
    let mut scene = Scene::new(true);
    scene.run(300, 1_000, false);
    assert_eq!(scene.gate.counters().decoded, 300);
}

#[test]
fn the_cameras_own_word_wakes_at_once() {
    let mut scene = Scene::new(false);
    scene.run(205, 1_000, false);
    scene.gate.camera_event();
    scene.run(1, 1_000, true);
    assert_eq!(scene.woken_at, Some(205));
    assert_eq!(scene.gate.counters().wakeups_camera, 1);
}

#[test]
fn nothing_is_decoded_between_a_loss_and_the_next_key_frame() {
    let mut scene = Scene::new(true);
    scene.run(25, 1_000, false);
    scene.gate.interrupted();
    let before = scene.gate.counters().decoded;
    scene.run(15, 1_000, false);
    assert_eq!(scene.gate.counters().decoded, before);
    scene.run(1, 1_000, false);
    assert_eq!(scene.gate.counters().decoded, before + 1);
}

#[test]
fn between_rare_key_frames_everything_is_decoded() {
    let mut gate = Gate::new(false);
    let mut decoded_late = 0;
    for frame in 0..200i64 {
        let pts = MediaTime::from_micros(frame * FRAME);
        let unit = AccessUnit { pts, is_key: frame == 0, bytes: 900 };
        let decision = gate.offer(unit);
        decoded_late += i64::from(frame > 50 && decision != Decision::Skip);
    }
    assert_eq!(decoded_late, 149);
}

proptest! {
    #[test]
    fn any_stream_is_counted_without_a_rest(
        units in prop::collection::vec((any::<bool>(), 0u32..100_000, -50i64..200, any::<bool>()), 1..300),
        always: bool,
    ) {
        let mut gate = Gate::new(always);
        let mut now = 0i64;
        for (is_key, bytes, step, changed) in &units {
            now += step * 1_000;
            let pts = MediaTime::from_micros(now);
            match gate.offer(AccessUnit { pts, is_key: *is_key, bytes: *bytes }) {
                Decision::Wake(_) | Decision::Decode => gate.verified(pts, *changed),
                Decision::Look | Decision::Skip => {}
            }
        }
        let counters = gate.counters();
        prop_assert_eq!(counters.seen, units.len() as u64);
        prop_assert_eq!(counters.decoded + counters.skipped, counters.seen);
    }
}
