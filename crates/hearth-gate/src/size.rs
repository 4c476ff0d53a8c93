//! Notices when the access units of a stream grow beyond what they are when nothing happens.
//!
//! Sizes alone catch near movers and miss small, distant or short ones, most of all with a constant
//! bit rate or at night: a fast wake-up, never the guarantee.

use std::collections::VecDeque;

/// Sizes of quiet predicted pictures that are remembered: about 10 s, so that dusk is followed.
const REMEMBERED: usize = 150;

/// Nothing is said before this many were seen.
const LEARNED: usize = 30;

/// Newest pictures looked at together: one large picture alone is a hiccup of the rate control.
const NEWEST: usize = 5;

/// The baseline is sorted afresh after this many pictures; it moves slowly.
const REFRESH: usize = 8;

/// Spread assumed at least, in `ln(bytes)`: quiet streams vary by 10 % without any reason.
const SPREAD_MIN: f32 = 0.10;

/// Deviations of the median of the newest pictures that wake a camera with an unraised threshold.
const DEVIATIONS: f32 = 3.0;

/// Running median and spread of `ln(bytes)` of predicted pictures.
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
        self.newest.push_back(size);
        if self.newest.len() > NEWEST {
            self.newest.pop_front();
        }
        let grown = self.is_grown(factor);
        if quiet && !grown {
            self.learn(size);
        }
        grown
    }

    /// Forgets the newest pictures, e.g. after a gap.
    pub(crate) fn forget_newest(&mut self) {
        self.newest.clear();
    }

    fn is_grown(&self, factor: f32) -> bool {
        if self.quiet.len() < LEARNED || self.newest.len() < NEWEST {
            return false;
        }
        let mut newest: Vec<f32> = self.newest.iter().copied().collect();
        let middle = median(&mut newest);
        middle - self.median > DEVIATIONS * factor * self.spread
    }

    fn learn(&mut self, size: f32) {
        self.quiet.push_back(size);
        if self.quiet.len() > REMEMBERED {
            self.quiet.pop_front();
        }
        self.since_refresh += 1;
        if self.since_refresh < REFRESH && self.quiet.len() != LEARNED {
            return;
        }
        self.since_refresh = 0;
        let mut sizes: Vec<f32> = self.quiet.iter().copied().collect();
        self.median = median(&mut sizes);
        let mut apart: Vec<f32> = sizes.iter().map(|size| (size - self.median).abs()).collect();
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
