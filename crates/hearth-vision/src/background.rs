//! Learns how a scene looks when nothing happens, and tells what differs.
//!
//! Each cell keeps a mean and a mean deviation. A change of the light as a whole (sun, exposure)
//! is taken out first. Cells that differ are learned slowly, so that somebody who stands still
//! stays visible, and a parked car becomes background after a while.
//! Pure: the time between pictures is an argument.

use crate::{Grid, GridSize};

/// Brightness steps (of 255) below which a difference is never more than noise: at 4 px cells
/// compression artefacts of a quiet 640x360 stream stay below 4.
const DIFFERENCE_MIN: f32 = 7.0;

/// A cell differs when it is this many mean deviations away. For Gaussian noise the mean deviation
/// is 0.8 sigma, so 5 is 4 sigma: about one false cell in 16,000.
const DEVIATIONS: f32 = 5.0;

/// Quiet cells follow the scene with this time constant.
const QUIET_SECONDS: f32 = 6.0;

/// Differing cells follow with this one: somebody who stands still is seen for half a minute.
const BUSY_SECONDS: f32 = 40.0;

/// The first pictures are averaged evenly.
const PICTURES_TO_LEARN: u32 = 3;

/// If more of the picture differs than this, the scene itself changed (lamp switched, infrared
/// filter moved, camera turned): it is learned afresh instead of reported.
const SCENE_CHANGE_SHARE: f32 = 0.6;

/// Added before brightness ratios are taken, so that dark cells do not dominate them.
const RATIO_OFFSET: f32 = 16.0;

/// The gain is estimated from at most about this many cells.
const GAIN_SAMPLES: usize = 2_000;

/// What differs between a picture and the background.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// For each cell, by how many times its threshold it differs; above 1 it counts. All zero while
    /// learning or after a change of the whole scene.
    pub strength: Vec<f32>,
    /// Share of cells that count, 0 to 1.
    pub share: f32,
    /// The whole scene changed and is learned afresh.
    pub scene_changed: bool,
    /// Still learning: nothing can be said yet.
    pub learning: bool,
}

/// How a scene looks when nothing happens.
#[derive(Clone, Debug)]
pub struct Background {
    size: GridSize,
    mean: Vec<f32>,
    deviation: Vec<f32>,
    pictures: u32,
}

impl Background {
    /// Nothing learned yet.
    pub fn new(size: GridSize) -> Self {
        let cells = size.cells();
        Self { size, mean: vec![0.0; cells], deviation: vec![0.0; cells], pictures: 0 }
    }

    /// How many cells.
    pub fn size(&self) -> GridSize {
        self.size
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.pictures = 0;
    }

    /// Whether enough was seen to compare with.
    pub fn is_learned(&self) -> bool {
        self.pictures >= PICTURES_TO_LEARN
    }

    /// Compares a picture with the background, then learns from it. `seconds` is the time since the
    /// previous picture. A grid of another size starts afresh.
    pub fn observe(&mut self, grid: &Grid, seconds: f32) -> Change {
        if grid.size() != self.size {
            *self = Self::new(grid.size());
        }
        let gain = if self.pictures == 0 { 1.0 } else { self.gain(grid.cells()) };
        let mut strength = self.strength(grid.cells(), gain);
        let busy = strength.iter().filter(|&&value| value > 1.0).count();
        let share = busy as f32 / strength.len().max(1) as f32;
        let learning = !self.is_learned();
        let scene_changed = !learning && share > SCENE_CHANGE_SHARE;
        if scene_changed {
            self.reset();
        }
        if learning || scene_changed {
            strength.fill(0.0);
        }
        self.learn(grid.cells(), &strength, gain, seconds.clamp(0.0, 60.0));
        let share = if learning || scene_changed { 0.0 } else { share };
        Change { strength, share, scene_changed, learning }
    }

    /// Median brightness ratio between the picture and the background.
    fn gain(&self, cells: &[f32]) -> f32 {
        let step = (cells.len() / GAIN_SAMPLES).max(1);
        let pairs = cells.iter().zip(&self.mean).step_by(step);
        let mut ratios: Vec<f32> =
            pairs.map(|(cell, mean)| (cell + RATIO_OFFSET) / (mean + RATIO_OFFSET)).collect();
        let middle = ratios.len() / 2;
        if ratios.is_empty() {
            return 1.0;
        }
        let (_, median, _) = ratios.select_nth_unstable_by(middle, f32::total_cmp);
        median.clamp(0.25, 4.0)
    }

    fn strength(&self, cells: &[f32], gain: f32) -> Vec<f32> {
        let learned = self.mean.iter().zip(&self.deviation);
        cells
            .iter()
            .zip(learned)
            .map(|(cell, (mean, deviation))| {
                let expected = (mean + RATIO_OFFSET) * gain - RATIO_OFFSET;
                (cell - expected).abs() / (DEVIATIONS * deviation).max(DIFFERENCE_MIN)
            })
            .collect()
    }

    fn learn(&mut self, cells: &[f32], strength: &[f32], gain: f32, seconds: f32) {
        let first = self.pictures == 0;
        let even = 1.0 / (self.pictures + 1) as f32;
        let rate = |constant: f32| 1.0 - (-seconds / constant).exp();
        let (quiet, busy) = (rate(QUIET_SECONDS), rate(BUSY_SECONDS));
        let learned = self.mean.iter_mut().zip(&mut self.deviation);
        for ((cell, strength), (mean, deviation)) in cells.iter().zip(strength).zip(learned) {
            if first {
                *mean = *cell;
                *deviation = 0.0;
                continue;
            }
            let is_busy = *strength > 1.0;
            let rate = if is_busy { busy } else { quiet }.max(if is_busy { 0.0 } else { even });
            let expected = (*mean + RATIO_OFFSET) * gain - RATIO_OFFSET;
            let difference = cell - expected;
            if !is_busy {
                *deviation += rate * (difference.abs() - *deviation);
            }
            *mean = expected + rate * difference;
        }
        self.pictures = self.pictures.saturating_add(1).min(PICTURES_TO_LEARN + 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: GridSize = GridSize { columns: 20, rows: 10 };

    fn scene(gain: f32, noise: f32, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        (0..SIZE.cells())
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let random = (state >> 8) as f32 / 16_777_216.0 - 0.5;
                ((60.0 + (i % 97) as f32) * gain + noise * random).clamp(0.0, 255.0)
            })
            .collect()
    }

    fn grid(cells: Vec<f32>) -> Grid {
        Grid::from_cells(SIZE, cells).expect("right number of cells")
    }

    fn learned() -> Background {
        let mut background = Background::new(SIZE);
        for seed in 0..40 {
            background.observe(&grid(scene(1.0, 4.0, seed)), 0.2);
        }
        background
    }

    #[test]
    fn noise_alone_is_no_change() {
        let change = learned().observe(&grid(scene(1.0, 4.0, 77)), 0.2);
        assert_eq!(change.share, 0.0);
    }

    #[test]
    fn a_change_of_the_light_is_taken_out() {
        for gain in [0.7, 1.3] {
            let change = learned().observe(&grid(scene(gain, 4.0, 78)), 0.2);
            assert_eq!(change.share, 0.0, "gain {gain}");
            assert!(!change.scene_changed);
        }
    }

    #[test]
    fn a_new_thing_differs_and_stays_visible_while_it_stands_still() {
        let mut background = learned();
        for seed in 0..50 {
            let mut cells = scene(1.0, 4.0, 100 + seed);
            cells[105] += 60.0;
            cells[106] += 60.0;
            let change = background.observe(&grid(cells), 0.2);
            assert_eq!(change.share, 2.0 / 200.0, "after {seed} pictures");
        }
    }

    #[test]
    fn a_parked_thing_becomes_background() {
        let mut background = learned();
        let mut last = 1.0;
        for seed in 0..900 {
            let mut cells = scene(1.0, 4.0, 100 + seed);
            cells[105] += 60.0;
            last = background.observe(&grid(cells), 0.2).share;
        }
        assert_eq!(last, 0.0);
    }

    #[test]
    fn a_change_of_the_whole_scene_is_learned_not_reported() {
        let mut background = learned();
        let inverted: Vec<f32> = scene(1.0, 4.0, 5).iter().map(|cell| 255.0 - cell).collect();
        let change = background.observe(&grid(inverted), 0.2);
        assert!(change.scene_changed);
        assert_eq!(change.share, 0.0);
    }
}
