//! The noise of a sensor in the dark.
//!
//! Pure. A strip of noise is made once; each row of each frame takes another piece of it.

use super::noise::{chance, hash};
use crate::Picture;

/// Strongest deviation of a pixel, in luma steps. What a small sensor shows at high gain.
const STRENGTH: f32 = 11.0;

/// Length of the strip; longer than a row, so that pieces differ.
const STRIP: usize = 16_384;

/// Noise ready to be added.
#[derive(Debug)]
pub(crate) struct Grain {
    seed: u64,
    strip: Vec<i16>,
}

impl Grain {
    /// Prepares the noise.
    pub(crate) fn new(seed: u64) -> Self {
        let sample = |place: usize| {
            // The sum of three is close enough to the bell curve of shot noise.
            let sum: f32 = (0..3).map(|salt| chance(seed, place as i32, salt) - 0.5).sum();
            (sum / 1.5 * STRENGTH).round() as i16
        };
        Self { seed, strip: (0..STRIP).map(sample).collect() }
    }

    /// Adds the noise of a frame.
    pub(crate) fn add(&self, picture: &mut Picture, frame: u64) {
        let width = picture.width;
        let room = STRIP.saturating_sub(width).max(1);
        for (row, line) in picture.y.chunks_exact_mut(width).enumerate() {
            let start = hash(self.seed ^ 0x6AA1, frame as i32, row as i32) as usize % room;
            let noise = self.strip.get(start..).unwrap_or_default();
            for (sample, noise) in line.iter_mut().zip(noise) {
                *sample = (i16::from(*sample) + noise).clamp(16, 235) as u8;
            }
        }
    }
}
