//! From which distance on two faces are one person's, and how often that is wrong.

use serde::Serialize;

/// A threshold and the false matches that were counted at it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// Largest distance of two faces of one person.
    pub threshold: f32,
    /// Pairs of different persons that were nearer, of those below.
    pub false_matches: u64,
    /// Pairs of different persons it was measured with.
    pub impostor_pairs: u64,
}

impl OperatingPoint {
    /// What decides until the house has measured better: stricter than dlib's 0.6, which is meant
    /// for comparing two pictures, because a face at a door is compared with everybody known.
    /// Counted on `faces/people` of the test data; what that is worth says [`Self::fmr_at_most`].
    pub const DEFAULT: Self = Self { threshold: 0.5, false_matches: 0, impostor_pairs: 91 };

    /// What decides about the watch list. Nobody on it agreed, and everybody who comes is compared with it:
    /// it is stricter, so that few are looked at in vain. On `faces/people` of the test data it misses as
    /// many as [`Self::DEFAULT`] does (2 of 14 pairs), and 5 of 14 at 0.42.
    pub const WATCH_LIST: Self = Self { threshold: 0.44, false_matches: 0, impostor_pairs: 91 };

    /// The threshold dlib's recognition was trained for, to compare two pictures.
    pub const PAIR_THRESHOLD: f32 = 0.6;

    /// The false match rate is not higher than this, with 95 % confidence (one-sided bound of
    /// Clopper and Pearson 1934); 1 if nothing was measured.
    pub fn fmr_at_most(&self) -> f64 {
        rate_at_most(self.false_matches, self.impostor_pairs)
    }

    /// How often at most a stranger is taken for one of so many templates, if their errors are
    /// independent.
    pub fn fpir_at_most(&self, templates: usize) -> f64 {
        1.0 - (1.0 - self.fmr_at_most()).powf(templates as f64)
    }
}

/// Chance of erring that a bound leaves.
const DOUBT: f64 = 0.05;

/// Halvings of the interval: more digits than a double has.
const HALVINGS: usize = 60;

/// The largest rate at which so few events are still not too rare to be chance.
pub(crate) fn rate_at_most(events: u64, trials: u64) -> f64 {
    if events >= trials {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = (low + high) / 2.0;
        if chance_of_at_most(events, trials, middle) > DOUBT { low = middle } else { high = middle }
    }
    high
}

/// The chance of at most so many events (binomial distribution), summed in logarithms.
fn chance_of_at_most(events: u64, trials: u64, rate: f64) -> f64 {
    let (n, log_rate, log_rest) = (trials as f64, rate.ln(), (-rate).ln_1p());
    let mut log_term = n * log_rest;
    let mut sum = log_term.exp();
    for event in 1..=events {
        let k = event as f64;
        log_term += ((n - k + 1.0) / k).ln() + log_rate - log_rest;
        sum += log_term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_tables() {
        // The rule of three, and R's binom.test(k, n, alternative = "less").
        let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-4, "{got}, not {want}");
        close(rate_at_most(0, 3_000), 0.000_998);
        close(rate_at_most(0, 100), 0.029_513);
        close(rate_at_most(1, 100), 0.046_559);
        close(rate_at_most(5, 100), 0.102_253);
        assert_eq!((rate_at_most(0, 0), rate_at_most(7, 7)), (1.0, 1.0));
    }

    /// promise: D-34. What few pictures show is not claimed of many: without measurements the false
    /// match rate is taken to be 1, and a larger gallery makes more mistakes.
    #[test]
    fn a_rate_is_claimed_only_as_far_as_it_was_measured() {
        let unmeasured = OperatingPoint { threshold: 0.5, false_matches: 0, impostor_pairs: 0 };
        assert_eq!(unmeasured.fmr_at_most(), 1.0);
        let default = OperatingPoint::DEFAULT;
        assert!(default.fpir_at_most(10) > default.fpir_at_most(1));
        assert!((default.fpir_at_most(1) - default.fmr_at_most()).abs() < 1e-12);
    }
}
