//! Spends decoding time over all cameras.
//!
//! Pure: time and costs are arguments. A bucket holds decoding time and fills at the share of a
//! core that decoding may take. When it runs low, wake-ups by sizes alone are put off first, then
//! cameras that used more than their part; looks at key frames are never put off, because they are
//! what nothing may slip past. For the same reason what a key frame showed does not wait until
//! others have nothing to follow: with two busy cameras that may be never.

use std::collections::BTreeMap;

/// The bucket holds what comes in during this time: enough for a few cameras to catch up with a
/// group of pictures at once.
const BURST_SECONDS: f32 = 4.0;

/// Below this fill, wake-ups by sizes alone are put off.
const VERIFY_FILL: f32 = 0.25;

/// A camera's use is forgotten by half in this time.
const USE_HALVED_SECONDS: f32 = 10.0;

/// Why a camera wants to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A key frame is to be looked at.
    Look,
    /// Sizes grew, and nobody has looked yet.
    Verify,
    /// Something moves, a key frame differed, or everything is to be decoded.
    Follow,
}

/// Decoding time of all cameras; `K` names a camera.
#[derive(Clone, Debug)]
pub struct Budget<K> {
    share: f32,
    fill: f32,
    last_micros: Option<i64>,
    used: BTreeMap<K, f32>,
}

impl<K: Ord + Copy> Budget<K> {
    /// `share` of one core may be spent, e.g. 0.8.
    pub fn new(share: f32) -> Self {
        let share = if share.is_finite() { share.clamp(0.01, 64.0) } else { 1.0 };
        Self { share, fill: share * BURST_SECONDS, last_micros: None, used: BTreeMap::new() }
    }

    /// Whether the camera may decode now. `micros` is any monotonic clock.
    pub fn may(&mut self, camera: K, need: Need, micros: i64) -> bool {
        self.advance(micros);
        let capacity = self.share * BURST_SECONDS;
        match need {
            Need::Look => true,
            Need::Verify => self.fill > VERIFY_FILL * capacity,
            Need::Follow if self.fill > 0.0 => true,
            Need::Follow => {
                let total: f32 = self.used.values().sum();
                let part = total / self.used.len().max(1) as f32;
                // In debt only the modest go on; alone, a camera is above nobody's part.
                self.fill > -capacity && self.used.get(&camera).is_none_or(|used| *used < part)
            }
        }
    }

    /// Takes what decoding did cost.
    pub fn spend(&mut self, camera: K, cost_micros: u64) {
        let seconds = cost_micros.min(60_000_000) as f32 / 1e6;
        // Debt is bounded, so that a stall is forgiven within one burst.
        self.fill = (self.fill - seconds).max(-2.0 * self.share * BURST_SECONDS);
        *self.used.entry(camera).or_default() += seconds;
    }

    /// Forgets a camera.
    pub fn forget(&mut self, camera: K) {
        self.used.remove(&camera);
    }

    fn advance(&mut self, micros: i64) {
        let elapsed = self.last_micros.map_or(0, |last| micros.saturating_sub(last).max(0));
        self.last_micros = Some(micros);
        let seconds = elapsed as f32 / 1e6;
        self.fill = (self.fill + seconds * self.share).min(self.share * BURST_SECONDS);
        let kept = 0.5f32.powf(seconds / USE_HALVED_SECONDS);
        for used in self.used.values_mut() {
            *used *= kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wake_ups_by_sizes_are_put_off_first_and_key_frames_never() {
        let mut budget = Budget::new(0.5);
        assert!(budget.may(1, Need::Verify, 0));
        budget.spend(1, 1_600_000);
        assert!(!budget.may(2, Need::Verify, 0));
        assert!(budget.may(1, Need::Follow, 0));
        budget.spend(1, 8_000_000);
        assert!(!budget.may(1, Need::Follow, 0));
        assert!(budget.may(1, Need::Look, 0));
    }

    #[test]
    fn a_modest_camera_goes_on_while_a_greedy_one_waits() {
        let mut budget = Budget::new(0.5);
        budget.may(1, Need::Follow, 0);
        budget.spend(1, 2_400_000);
        budget.spend(2, 200_000);
        assert!(!budget.may(1, Need::Follow, 0));
        assert!(budget.may(2, Need::Follow, 0));
    }

    #[test]
    fn whoever_comes_last_does_not_wait_for_those_that_have_no_end() {
        let mut budget = Budget::new(0.85);
        // Three cameras that want a core and a half between them, for a minute.
        let follow = |budget: &mut Budget<u8>, from: i64, to: i64| {
            for tick in from..to {
                for camera in 1..=3 {
                    if budget.may(camera, Need::Follow, tick * 200_000) {
                        budget.spend(camera, 100_000);
                    }
                }
            }
        };
        follow(&mut budget, 0, 300);
        assert!(!budget.may(4, Need::Verify, 300 * 200_000));
        let waited = (300..400).find(|tick| {
            follow(&mut budget, *tick, *tick + 1);
            budget.may(4, Need::Follow, *tick * 200_000)
        });
        assert!(waited.is_some_and(|tick| tick <= 305), "{waited:?}");
    }

    #[test]
    fn time_fills_the_bucket_again() {
        let mut budget = Budget::new(0.5);
        budget.may(1, Need::Look, 0);
        budget.spend(1, 60_000_000);
        assert!(!budget.may(1, Need::Verify, 1_000_000));
        assert!(budget.may(1, Need::Verify, 20_000_000));
    }
}
