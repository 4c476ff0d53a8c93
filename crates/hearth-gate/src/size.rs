//! Notices when the access units of a stream grow beyond what they are when nothing happens.
//!
//! Sizes alone catch near movers and miss small, distant or short ones, most of all with a constant
//! bit rate or at night: a fast wake-up, never the guarantee. What woke a camera for nothing is
//! learned as usual, so that wind in a tree wakes once and not with each gust.

use std::collections::VecDeque;

/// Smoothed sizes of quiet predicted pictures that are remembered: half a minute to a minute, longer
/// than from gust to gust, and short enough to follow dusk.
const REMEMBERED: usize = 600;

/// Grown averages of one wake-up that are learned if it was for nothing: two seconds of a fast camera.
const SUSPECTS_MAX: usize = 60;

/// This part of the remembered averages is usual; what wakes lies above it.
const USUAL_PART: f32 = 0.99;

/// By how much it lies above at least, in `ln(bytes)`, with an unraised threshold.
const MARGIN: f32 = 0.03;

/// Nothing is said before this many were seen.
const LEARNED: usize = 40;

/// Newest pictures that are averaged: the rate control makes single sizes jump by a factor of two,
/// and averages of eight hardly at all.
const NEWEST: usize = 8;

/// The baseline is sorted afresh after this many pictures; it moves slowly.
const REFRESH: usize = 8;

/// Spread of the averages assumed at least, in `ln(bytes)`.
const SPREAD_MIN: f32 = 0.05;

/// A single size counts at most as this much above the median, so that one large picture, a hiccup
/// of the rate control, does not wake.
const EXCESS_MAX: f32 = 1.0;

/// Deviations of the average that wake a camera with an unraised threshold: just more than one large
/// picture among [`NEWEST`] makes with the least spread.
const DEVIATIONS: f32 = 2.5;

/// Running median and spread of averages of `ln(bytes)` of predicted pictures.
#[derive(Clone, Debug, Default)]
pub(crate) struct SizeBaseline {
    quiet: VecDeque<f32>,
    newest: VecDeque<f32>,
    /// Averages that woke, until it is known whether for nothing.
    suspects: Vec<f32>,
    median: f32,
    spread: f32,
    usual_max: f32,
    since_refresh: usize,
}

impl SizeBaseline {
    /// Takes a predicted picture and tells whether the newest ones are larger than `factor` times
    /// the usual threshold. Pictures are learned only while `quiet`.
    pub(crate) fn observe(&mut self, bytes: u32, quiet: bool, factor: f32) -> bool {
        let size = (bytes.max(1) as f32).ln();
        let learned = self.quiet.len() >= LEARNED;
        let size = if learned { size.min(self.median + EXCESS_MAX) } else { size };
        self.newest.push_back(size);
        if self.newest.len() < NEWEST {
            return false;
        }
        if self.newest.len() > NEWEST {
            self.newest.pop_front();
        }
        let average = self.newest.iter().sum::<f32>() / NEWEST as f32;
        let grown = learned
            && average - self.median > DEVIATIONS * factor * self.spread
            && average - self.usual_max > MARGIN * factor;
        match (quiet, grown) {
            (true, false) => self.learn(average),
            (true, true) if self.suspects.len() < SUSPECTS_MAX => self.suspects.push(average),
            _ => {}
        }
        grown
    }

    /// What woke the camera was looked at and was nothing: such sizes are usual.
    pub(crate) fn was_nothing(&mut self) {
        for average in std::mem::take(&mut self.suspects) {
            self.learn(average);
        }
    }

    /// Forgets the newest pictures, e.g. after a gap.
    pub(crate) fn forget_newest(&mut self) {
        self.newest.clear();
        self.suspects.clear();
    }

    fn learn(&mut self, average: f32) {
        self.quiet.push_back(average);
        if self.quiet.len() > REMEMBERED {
            self.quiet.pop_front();
        }
        self.since_refresh += 1;
        if self.since_refresh < REFRESH && self.quiet.len() != LEARNED {
            return;
        }
        self.since_refresh = 0;
        let mut averages: Vec<f32> = self.quiet.iter().copied().collect();
        self.median = quantile(&mut averages, 0.5);
        self.usual_max = quantile(&mut averages, USUAL_PART);
        let mut apart: Vec<f32> =
            averages.iter().map(|average| (average - self.median).abs()).collect();
        // 1.48 makes the median distance comparable with a standard deviation.
        self.spread = (1.48 * quantile(&mut apart, 0.5)).max(SPREAD_MIN);
    }
}

/// The value below which `part` of all lie; 0 of nothing.
fn quantile(values: &mut [f32], part: f32) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = ((values.len() as f32 * part) as usize).min(last);
    *values.select_nth_unstable_by(place, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned() -> SizeBaseline {
        let mut sizes = SizeBaseline::default();
        for step in 0..100u32 {
            assert!(!sizes.observe(1_000 + step * 37 % 200, true, 1.0));
        }
        sizes
    }

    #[test]
    fn a_lasting_growth_wakes_and_one_large_picture_does_not() {
        let mut sizes = learned();
        assert!(!sizes.observe(20_000, true, 1.0));
        for _ in 0..5 {
            assert!(!sizes.observe(1_050, true, 1.0));
        }
        let woke = (0..5).any(|_| sizes.observe(2_500, true, 1.0));
        assert!(woke);
    }

    #[test]
    fn a_raised_threshold_needs_more() {
        let mut sizes = learned();
        assert!(!(0..5).any(|_| sizes.observe(2_000, true, 3.0)));
        assert!((0..5).any(|_| sizes.observe(6_000, true, 3.0)));
    }

    #[test]
    fn what_was_nothing_does_not_wake_again() {
        let mut sizes = learned();
        let gust =
            |sizes: &mut SizeBaseline| (0..20).filter(|_| sizes.observe(1_700, true, 1.0)).count();
        let calm = |sizes: &mut SizeBaseline| {
            for step in 0..60u32 {
                sizes.observe(1_000 + step * 37 % 200, true, 1.0);
            }
        };
        assert!(gust(&mut sizes) > 0);
        sizes.was_nothing();
        calm(&mut sizes);
        assert_eq!(gust(&mut sizes), 0);
        calm(&mut sizes);
        assert!((0..20).any(|_| sizes.observe(4_000, true, 1.0)), "somebody still wakes it");
    }

    #[test]
    fn nothing_is_said_before_enough_was_seen() {
        let mut sizes = SizeBaseline::default();
        assert!(!(0..20).any(|step| sizes.observe(if step < 10 { 100 } else { 9_000 }, true, 1.0)));
    }
}
