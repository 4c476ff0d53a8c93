//! Scenes are the same every time, and what they say about themselves is true.

use super::*;

const KINDS: [SceneKind; 4] =
    [SceneKind::Street, SceneKind::FrontDoor, SceneKind::Garden, SceneKind::Garage];

fn small(kind: SceneKind) -> SceneSpec {
    SceneSpec::new(kind, 320, 180, 10)
}

fn drawn(scene: &Scene, frame: u64) -> Picture {
    let mut picture = scene.picture();
    scene.draw(frame, &mut picture);
    picture
}

#[test]
fn the_same_frame_is_drawn_the_same_way_whatever_came_before() {
    for kind in KINDS {
        for light in [Light::Day, Light::Night] {
            let spec = SceneSpec { light, ..small(kind) };
            let (one, other) = (Scene::new(spec.clone()), Scene::new(spec));
            let mut reused = one.picture();
            one.draw(3, &mut reused);
            one.draw(57, &mut reused);
            assert!(reused == drawn(&other, 57), "{kind:?} {light:?}");
            assert!(reused == drawn(&other, 57 + other.frames()), "{kind:?} {light:?}");
        }
    }
}

#[test]
fn what_the_truth_names_changes_pixels_inside_its_box_only() {
    for kind in KINDS {
        let busy = Scene::new(small(kind));
        let quiet = Scene::new(SceneSpec { crossings: Some(Vec::new()), ..small(kind) });
        let mut seen = 0;
        for frame in (0..busy.frames()).step_by(7) {
            let (with, without) = (drawn(&busy, frame), drawn(&quiet, frame));
            for mover in busy.truth(frame) {
                let changed = changed_in(&with, &without, &mover.rect);
                assert!(changed > 0.05, "{kind:?} {frame}: {changed} of {mover:?}");
                assert!(mover.from_frame <= frame && frame < mover.to_frame);
                seen += 1;
            }
            if busy.truth(frame).is_empty() {
                // A whole picture in the message of a failed test helps nobody.
                assert!(with == without, "{kind:?} {frame}: something moves that is not named");
            }
        }
        assert!(seen > 10, "{kind:?} is too quiet");
    }
}

/// How much of a box differs between two pictures, leaving out slivers at the edge.
fn changed_in(one: &Picture, other: &Picture, rect: &Rect) -> f32 {
    let columns = canvas::pixel_range(
        rect.x * one.width as f32,
        (rect.x + rect.w) * one.width as f32,
        one.width,
    );
    let rows = canvas::pixel_range(
        rect.y * one.height as f32,
        (rect.y + rect.h) * one.height as f32,
        one.height,
    );
    let all = columns.len() * rows.len();
    if all < 60 {
        return 1.0;
    }
    let pixels = rows.flat_map(|row| columns.clone().map(move |column| row * one.width + column));
    let changed = pixels.filter(|&pixel| one.y[pixel].abs_diff(other.y[pixel]) > 3).count();
    changed as f32 / all as f32
}

#[test]
fn a_quiet_scene_names_nobody() {
    let scene = Scene::new(SceneSpec { crossings: Some(Vec::new()), ..small(SceneKind::Street) });
    assert!((0..scene.frames()).all(|frame| scene.truth(frame).is_empty()));
}

#[test]
fn odd_and_tiny_sizes_are_drawn() {
    for (width, height) in [(0, 0), (1, 1), (33, 17), (322, 242)] {
        let scene = Scene::new(SceneSpec { width, height, ..small(SceneKind::FrontDoor) });
        let picture = drawn(&scene, 60);
        assert_eq!(picture.y.len(), picture.width * picture.height);
        assert!(picture.width.is_multiple_of(2) && picture.height.is_multiple_of(2));
    }
}

#[test]
fn the_clock_is_drawn_only_when_asked_for() {
    let plain = Scene::new(small(SceneKind::Garage));
    let timed = Scene::new(SceneSpec { clock: true, ..small(SceneKind::Garage) });
    assert!(drawn(&plain, 0) != drawn(&timed, 0));
    assert!(drawn(&timed, 0) != drawn(&timed, 10));
}
