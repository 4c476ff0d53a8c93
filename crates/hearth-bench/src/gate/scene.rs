//! Scenes with known truth: quiet ones, and ones that somebody crosses. Pure but for the encoding.

use std::sync::Arc;

use hearth_media::{Frame, StreamParameters};
use hearth_model::{Point, Rect};
use hearth_sim::{Crossing, Light, ReelSpec, Scene, SceneKind, SceneSpec, Subject};

use crate::{dice::Dice, figures::Sample, footage::Footage};

/// What the eyes usually get: a camera's second stream.
const WIDTH: usize = 640;
const HEIGHT: usize = 360;
/// Its frames a second. With two seconds between key frames, these are 5 % of all.
pub(super) const FPS: u32 = 10;

/// With a constant bitrate sizes tell least about what is in the picture.
const BITRATE: u32 = 500_000;

/// Nothing happens before this, so that the background is known: no camera looks at a scene for
/// the first time when somebody comes by.
const QUIET_SECONDS: f64 = 30.0;

/// From the end of one episode to the begin of the next: longer than anything is followed after it
/// is gone, so that each has to be found by itself.
const PAUSE_SECONDS: (f64, f64) = (6.0, 9.0);

/// Something that happens in a scene.
#[derive(Clone, Debug)]
pub(super) struct Episode {
    /// First and last frame in which any of it is in the picture, in microseconds.
    pub(super) from: i64,
    pub(super) to: i64,
    /// How long at least half of it is, in seconds.
    pub(super) seconds: f64,
    /// Part of the picture that it takes, as its median while it is there.
    pub(super) area: f64,
    /// Around everywhere it was.
    pub(super) swept: Rect,
}

/// One stream to look at, with what really happens in it.
pub(super) struct Feed {
    pub(super) name: String,
    pub(super) parameters: Arc<StreamParameters>,
    pub(super) frames: Vec<Frame>,
    pub(super) episodes: Vec<Episode>,
}

/// How a feed is made.
pub(super) struct FeedSpec {
    name: String,
    reel: ReelSpec,
}

impl FeedSpec {
    /// Scenes in which nobody moves: trees do, and at night the noise.
    pub(super) fn quiet(seconds: u32) -> Vec<Self> {
        all(seconds, |_, _| Vec::new())
    }

    /// The same places with people and cars of all sizes, fast and slow.
    pub(super) fn busy(seconds: u32) -> Vec<Self> {
        all(seconds, crossings)
    }

    /// Draws and encodes it: some milliseconds a picture.
    pub(super) fn make(self) -> anyhow::Result<Feed> {
        let scene = Scene::new(self.reel.scene.clone());
        let footage = Footage::drawn(self.reel)?;
        let episodes = episodes(&scene);
        let Footage { parameters, frames, .. } = footage;
        Ok(Feed { name: self.name, parameters, frames, episodes })
    }
}

/// Each place by day and by night, with constant quality and constant bitrate by turns.
fn all(seconds: u32, script: impl Fn(&mut Dice, f64) -> Vec<Crossing>) -> Vec<FeedSpec> {
    let kinds = [SceneKind::Street, SceneKind::FrontDoor, SceneKind::Garden, SceneKind::Garage];
    let mut specs = Vec::new();
    for light in [Light::Day, Light::Night] {
        for kind in kinds {
            let number = specs.len() as u64;
            let mut dice = Dice::new(100 + number);
            let mut scene = SceneSpec::new(kind, WIDTH, HEIGHT, FPS);
            (scene.light, scene.seconds, scene.seed) = (light, seconds, 40 + number);
            scene.crossings = Some(script(&mut dice, f64::from(seconds)));
            let constant_rate = (number + u64::from(light == Light::Night)) % 2 == 1;
            let bitrate = if constant_rate { BITRATE } else { 0 };
            let coding = if constant_rate { "constant rate" } else { "constant quality" };
            let name = format!("{kind:?} {light:?}, {coding}").to_lowercase();
            specs.push(FeedSpec { name, reel: ReelSpec::new(scene, bitrate) });
        }
    }
    specs
}

/// Somebody crosses from edge to edge, again and again.
fn crossings(dice: &mut Dice, seconds: f64) -> Vec<Crossing> {
    let mut script = Vec::new();
    let mut at = QUIET_SECONDS;
    loop {
        let is_car = dice.between(0.0, 1.0) < 0.3;
        let lasts = if is_car { dice.between(1.6, 5.0) } else { dice.between(2.2, 11.0) };
        if at + lasts + PAUSE_SECONDS.1 > seconds {
            return script;
        }
        script.push(crossing(dice, is_car, at, lasts));
        at += lasts + dice.between(PAUSE_SECONDS.0, PAUSE_SECONDS.1);
    }
}

fn crossing(dice: &mut Dice, is_car: bool, at: f64, lasts: f64) -> Crossing {
    let (height, beyond) = if is_car {
        (dice.between(0.06, 0.24), 0.22)
    } else {
        // Small ones are as frequent as large ones.
        (0.09 * (0.75f64 / 0.09).powf(dice.between(0.0, 1.0)), 0.12)
    };
    let y = dice.between((height + 0.05).max(0.5), 0.97) as f32;
    let (mut start, mut end) = (-beyond, 1.0 + beyond);
    if dice.between(0.0, 1.0) < 0.5 {
        (start, end) = (end, start);
    }
    Crossing {
        subject: if is_car { Subject::Car } else { Subject::Person },
        from_seconds: at as f32,
        to_seconds: (at + lasts) as f32,
        start: Point { x: start as f32, y },
        end: Point { x: end as f32, y },
        start_height: height as f32,
        end_height: height as f32,
        look: dice.between(0.0, 1000.0) as u32,
        portrait: None,
    }
}

/// What the scene itself says happens in it.
fn episodes(scene: &Scene) -> Vec<Episode> {
    let mut seen: Vec<Vec<(u64, Rect)>> = vec![Vec::new(); scene.script().len()];
    for frame in 0..scene.frames() {
        for mover in scene.truth(frame) {
            if let Some(seen) = seen.get_mut(mover.crossing) {
                seen.push((frame, mover.rect));
            }
        }
    }
    seen.iter().filter_map(|seen| episode(seen)).collect()
}

fn episode(seen: &[(u64, Rect)]) -> Option<Episode> {
    let (first, last) = (seen.first()?.0, seen.last()?.0);
    let micros = |frame: u64| (frame * 1_000_000 / u64::from(FPS)) as i64;
    let largest = seen.iter().map(|(_, rect)| rect.area()).fold(0.0, f32::max);
    let mostly = seen.iter().filter(|(_, rect)| rect.area() >= largest / 2.0);
    let areas: Sample = mostly.map(|(_, rect)| f64::from(rect.area())).collect();
    let left = seen.iter().map(|(_, rect)| rect.x).fold(1.0, f32::min);
    let top = seen.iter().map(|(_, rect)| rect.y).fold(1.0, f32::min);
    let right = seen.iter().map(|(_, rect)| rect.x + rect.w).fold(0.0, f32::max);
    let bottom = seen.iter().map(|(_, rect)| rect.y + rect.h).fold(0.0, f32::max);
    Some(Episode {
        from: micros(first),
        to: micros(last + 1),
        seconds: areas.count() as f64 / f64::from(FPS),
        area: areas.at(0.5),
        swept: Rect { x: left, y: top, w: right - left, h: bottom - top },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_are_apart_and_of_all_sizes() {
        let mut all = Vec::new();
        for spec in FeedSpec::busy(240) {
            let episodes = episodes(&Scene::new(spec.reel.scene));
            for pair in episodes.windows(2) {
                assert!(pair[1].from - pair[0].to >= 5_000_000, "{pair:?}");
            }
            all.extend(episodes);
        }
        let count = |wanted: &dyn Fn(&Episode) -> bool| all.iter().filter(|e| wanted(e)).count();
        assert!(count(&|e| e.area >= 0.01 && e.seconds >= 2.0) >= 50, "{all:?}");
        assert!(count(&|e| e.area >= 0.01 && (1.0..2.0).contains(&e.seconds)) >= 10, "{all:?}");
        assert!(count(&|e| e.area < 0.01) >= 30, "{all:?}");
    }

    #[test]
    fn nobody_moves_in_quiet_scenes() {
        for spec in FeedSpec::quiet(10) {
            assert!(episodes(&Scene::new(spec.reel.scene)).is_empty());
        }
    }
}
