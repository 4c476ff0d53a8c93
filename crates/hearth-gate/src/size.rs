//! Notices when the access units of a stream grow beyond what they are when nothing happens.
//!
//! Sizes alone catch near movers and miss small, distant or short ones, most of all with a constant
//! bit rate or at night: a fast wake-up, never the guarantee.

use std::collections::VecDeque;

/// Smoothed sizes of quiet predicted pictures that are remembered: about 10 s, so that dusk is
/// followed.
const REMEMBERED: usize = 150;

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

/// Deviations of the average that wake a camera with an unraised threshold. With x264 at constant
/// quality and heavy noise, quiet footage stays below 2.2, and a textured mover of 1.5 % of the
/// picture passes 3 within 0.6 s; a flat one hardly changes any size. The price is a false wake-up
/// every few minutes at worst, two seconds of decoding each.
const DEVIATIONS: f32 = 2.5;

/// Running median and spread of averages of `ln(bytes)` of predicted pictures.
#[derive(Clone, Debug, Default)]
pub(crate) struct SizeBaseline {
    quiet: VecDeque<f32>,
    newest: VecDeque<f32>,
    median: f32,
    spread: f32,
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
        let grown = learned && average - self.median > DEVIATIONS * factor * self.spread;
        if quiet && !grown {
            self.learn(average);
        }
        grown
    }

    /// Forgets the newest pictures, e.g. after a gap.
    pub(crate) fn forget_newest(&mut self) {
        self.newest.clear();
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
        self.median = median(&mut averages);
        let mut apart: Vec<f32> =
            averages.iter().map(|average| (average - self.median).abs()).collect();
        // 1.48 makes the median distance comparable with a standard deviation.
        self.spread = (1.48 * median(&mut apart)).max(SPREAD_MIN);
    }
}

/// The middle value; 0 of nothing.
fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
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
    fn nothing_is_said_before_enough_was_seen() {
        let mut sizes = SizeBaseline::default();
        assert!(!(0..20).any(|step| sizes.observe(if step < 10 { 100 } else { 9_000 }, true, 1.0)));
    }
}
