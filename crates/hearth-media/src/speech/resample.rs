//! Sound at any rate becomes sound at 8 kHz, without what would come out as something else.
//!
//! Tones above half the new rate would be heard as lower ones; a low-pass takes them away first.
//! It is a sinc under a Blackman window, read from a table: sound at any rate falls between its
//! places, and so a line between two of them is what is used.

use std::f32::consts::PI;

use crate::g711::RATE;

/// The middle of the slope of the low-pass, as a share of what 8 kHz can carry. With the length
/// below, it passes up to 3.2 kHz and lets nothing through from 4 kHz on.
const CUTOFF: f32 = 0.9;
/// Periods of the new rate on each side that one sample is made of.
const REACH: usize = 32;
/// Places of the table in one period: a line between two is off by less than a bit of 14.
const PLACES: usize = 256;

/// The same sound at 8 kHz. `rate` is at least that; at 8 kHz nothing changes.
pub(super) fn to_telephone(samples: &[i16], rate: u32) -> Vec<i16> {
    if rate <= RATE {
        return samples.to_vec();
    }
    let table = table();
    let step = f64::from(rate) / f64::from(RATE);
    // At most 15 s.
    let count = (samples.len() as f64 / step) as usize;
    (0..count).map(|at| one(samples, &table, at as f64 * step, step)).collect()
}

/// The sample at a place of the old ones, which lie `step` times as close as the new ones.
fn one(samples: &[i16], table: &[f32], center: f64, step: f64) -> i16 {
    let reach = REACH as f64 * step;
    let first = (center - reach).ceil().max(0.0) as usize;
    let last = ((center + reach).floor() as usize + 1).min(samples.len());
    let near = samples.get(first..last).unwrap_or_default();
    let sum: f32 = near
        .iter()
        .enumerate()
        .map(|(at, sample)| {
            let distance = ((first + at) as f64 - center).abs() / step;
            f32::from(*sample) * weight(table, distance as f32)
        })
        .sum();
    // Saturates: a low-pass may go a little beyond what it was given.
    (sum / step as f32).round() as i16
}

/// The weight at a distance in periods of the new rate.
fn weight(table: &[f32], distance: f32) -> f32 {
    let place = distance * PLACES as f32;
    let index = place as usize;
    let at = |index: usize| table.get(index).copied().unwrap_or(0.0);
    let (here, next) = (at(index), at(index + 1));
    here + (next - here) * (place - index as f32)
}

/// One side of the low-pass.
fn table() -> Vec<f32> {
    (0..=REACH * PLACES)
        .map(|place| {
            let distance = place as f32 / PLACES as f32;
            let angle = PI * CUTOFF * distance;
            let sinc = if place == 0 { 1.0 } else { angle.sin() / angle };
            let turn = PI * distance / REACH as f32;
            // Blackman, "exact enough" as everybody uses it: 0.42, 0.5, 0.08.
            let window = 0.42 + 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos();
            CUTOFF * sinc * window
        })
        .collect()
}
