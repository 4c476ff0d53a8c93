//! Tells a lasting change of a detector's scores from single odd ones.
//!
//! For each camera and label one [`Drift`] hears the best score of every activity that ended. What is
//! usual is learned as mean and spread; two sums (CUSUM, Page 1954), one for scores that fall and one
//! for scores that rise, grow with every score that lies off by more than chance explains, and fall
//! back with every usual one. One odd score moves a sum by a bounded step and is an outlier; only a
//! row of them reaches the limit and is a shift.
//! Invariant: scores that raised a sum are held back and become part of what is usual only when both
//! sums are back at zero, and during a shift nothing does. So a shift never makes itself usual.

use std::collections::VecDeque;

use hearth_model::WallTime;

/// Below this many scores nothing is said.
pub const DRIFT_SAMPLES_MIN: u64 = 10;

/// Until so many scores are known, all of them are taken as usual: of ten the mean is off by a third
/// of their spread, which would look like a shift soon.
const LEARNED_MIN: u64 = 30;

/// Newest scores that are looked at together.
const RECENT: usize = 30;

/// Older scores count less beyond this many: lenses get dirty and summers end.
const BASELINE_WEIGHT_MAX: f64 = 500.0;

/// Scores of a detector spread about this much where nothing else is known, and that counts as many
/// scores: the spread of the first ten says little.
const SPREAD_USUAL: f64 = 0.12;
const SPREAD_USUAL_WEIGHT: f64 = 10.0;

/// A smaller spread is not believed; scores that are all the same have none.
const SPREAD_MIN: f64 = 0.05;

/// A single score moves a sum by at most so many spreads: an outlier alone must not be a shift.
const STEP_MAX: f64 = 3.0;

/// A score further off than this, in spreads, is an outlier.
const OUTLIER_MIN: f64 = 3.5;

/// What chance explains, in spreads: half the shift of one spread that is looked for.
const SLACK: f64 = 0.5;

/// The same in scores, where the spread is small: nobody minds a shift below twice this.
const SLACK_SCORE: f64 = 0.05;

/// What is usual is known the worse the fewer scores there are; its error falls with the root of
/// their number.
const SLACK_UNSURE: f64 = 2.0;

/// A sum above this is a shift. With normal scores one comes by chance once in some 400,000.
const LIMIT: f64 = 12.0;

/// Scores held back; a longer row that leads to no shift is counted in part only.
const HELD_MAX: usize = 64;

/// A shift is over when the newest scores together are this close again, in spreads and at least in
/// scores.
const BACK: f64 = 0.25;
const BACK_SCORE: f64 = 0.03;

/// How the scores of one label at one camera stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftState {
    /// As usual.
    Steady,
    /// They are lastingly different.
    Shifted,
    /// As usual, but for single odd ones.
    Outliers,
    /// Too few to say anything.
    InsufficientData,
}

/// Scores became lastingly different.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DriftShift {
    /// Since about when.
    pub since: WallTime,
    /// What was usual.
    pub mean: f32,
    /// What is now.
    pub recent_mean: f32,
}

/// What is usual of the scores of one label at one camera, and whether they still are.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Drift {
    samples: u64,
    baseline: Baseline,
    falling: f64,
    rising: f64,
    /// Since when a sum is above zero.
    suspected_at: Option<WallTime>,
    held: Vec<f64>,
    recent: VecDeque<Recent>,
    shifted_at: Option<WallTime>,
    /// Scores since the shift was noticed.
    since_shift: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Recent {
    score: f64,
    is_outlier: bool,
}

impl Drift {
    /// Hears the best score, 0 to 1, of an activity that ended then. Tells of a shift once, when it is
    /// noticed. A score that is no number is passed over.
    pub fn note(&mut self, at: WallTime, score: f32) -> Option<DriftShift> {
        if !score.is_finite() {
            return None;
        }
        let score = f64::from(score.clamp(0.0, 1.0));
        let is_learned = self.samples >= LEARNED_MIN;
        self.samples = self.samples.saturating_add(1);
        let distance = (score - self.baseline.mean) / self.baseline.spread();
        self.remember(Recent { score, is_outlier: is_learned && distance.abs() > OUTLIER_MIN });
        if !is_learned {
            self.baseline.learn(score);
            return None;
        }
        if self.shifted_at.is_some() {
            self.look_for_return();
            return None;
        }
        self.add_up(distance.clamp(-STEP_MAX, STEP_MAX));
        if self.falling + self.rising == 0.0 {
            self.learn_held(score);
            return None;
        }
        let suspected_at = *self.suspected_at.get_or_insert(at);
        if self.held.len() < HELD_MAX {
            self.held.push(score);
        }
        if self.falling.max(self.rising) <= LIMIT {
            return None;
        }
        self.held.clear();
        self.shifted_at = Some(suspected_at);
        self.since_shift = 0;
        Some(DriftShift {
            since: suspected_at,
            mean: self.mean(),
            recent_mean: self.mean_since_suspicion(),
        })
    }

    /// How they stand.
    pub fn state(&self) -> DriftState {
        if self.samples < DRIFT_SAMPLES_MIN {
            DriftState::InsufficientData
        } else if self.shifted_at.is_some() {
            DriftState::Shifted
        } else if self.recent.iter().any(|recent| recent.is_outlier) {
            DriftState::Outliers
        } else {
            DriftState::Steady
        }
    }

    /// Scores heard so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// What is usual; 0 before the first score.
    pub fn mean(&self) -> f32 {
        self.baseline.mean as f32
    }

    /// The mean of the newest scores; 0 before the first.
    pub fn recent_mean(&self) -> f32 {
        mean(self.recent.iter()) as f32
    }

    /// Since when they are different.
    pub fn since(&self) -> Option<WallTime> {
        self.shifted_at
    }

    /// The newest scores may reach back before the shift; those that raised the sum do not.
    fn mean_since_suspicion(&self) -> f32 {
        let steps = self.falling.max(self.rising) / STEP_MAX;
        let newest = (steps.ceil() as usize).clamp(1, self.recent.len().max(1));
        mean(self.recent.iter().rev().take(newest)) as f32
    }

    fn remember(&mut self, recent: Recent) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
    }

    fn add_up(&mut self, distance: f64) {
        let spread = self.baseline.spread();
        let unsure = SLACK_UNSURE / self.baseline.weight.max(1.0).sqrt();
        let slack = SLACK.max(SLACK_SCORE / spread) + unsure;
        self.falling = (self.falling - distance - slack).max(0.0);
        self.rising = (self.rising + distance - slack).max(0.0);
    }

    /// Nothing is suspected any more: what was held back was chance.
    fn learn_held(&mut self, score: f64) {
        let (mean, reach) = (self.baseline.mean, STEP_MAX * self.baseline.spread());
        self.suspected_at = None;
        for held in self.held.drain(..).chain([score]) {
            // An outlier must not widen what is usual without end.
            self.baseline.learn(held.clamp(mean - reach, mean + reach));
        }
    }

    fn look_for_return(&mut self) {
        self.since_shift = self.since_shift.saturating_add(1);
        let away = (mean(self.recent.iter()) - self.baseline.mean).abs();
        let near = (BACK * self.baseline.spread()).max(BACK_SCORE);
        if self.since_shift < RECENT as u64 || away > near {
            return;
        }
        self.shifted_at = None;
        self.suspected_at = None;
        (self.falling, self.rising) = (0.0, 0.0);
    }
}

fn mean<'a>(scores: impl ExactSizeIterator<Item = &'a Recent>) -> f64 {
    let count = scores.len().max(1) as f64;
    scores.map(|recent| recent.score).sum::<f64>() / count
}

/// Mean and spread of what is usual, the older the less (Welford 1962).
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Baseline {
    weight: f64,
    mean: f64,
    /// Squared distances from the mean, added up.
    squares: f64,
}

impl Baseline {
    fn learn(&mut self, score: f64) {
        if self.weight >= BASELINE_WEIGHT_MAX {
            self.squares *= (BASELINE_WEIGHT_MAX - 1.0) / self.weight;
            self.weight = BASELINE_WEIGHT_MAX - 1.0;
        }
        self.weight += 1.0;
        let off = score - self.mean;
        self.mean += off / self.weight;
        self.squares += off * (score - self.mean);
    }

    /// Standard deviation, never 0.
    fn spread(&self) -> f64 {
        let usual = SPREAD_USUAL_WEIGHT * SPREAD_USUAL * SPREAD_USUAL;
        let variance = (self.squares.max(0.0) + usual) / (self.weight + SPREAD_USUAL_WEIGHT);
        variance.sqrt().max(SPREAD_MIN)
    }
}

#[cfg(test)]
mod tests;
