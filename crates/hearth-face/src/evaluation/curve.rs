//! Error rates over all thresholds.

use serde::Serialize;

use crate::operating_point::{OperatingPoint, rate_at_most};

/// Thresholds of the printed table: 0.20 to 1.00 in steps of 0.02.
const ROWS: std::ops::RangeInclusive<u32> = 10..=50;

/// Finer steps in which a threshold for a wanted rate is looked for.
const SEARCH_STEPS: u32 = 1_000;
const SEARCH_STEP: f32 = 0.001;

/// Two faces that were compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Whether they are one person's.
    pub is_same: bool,
    /// Their distance.
    pub distance: f32,
}

/// Distances of labelled pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DetCurve {
    same: Vec<f32>,
    different: Vec<f32>,
}

/// Error rates at a threshold; `None` where no pair of that kind was compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DetRow {
    /// Pairs up to this distance are taken for one person.
    pub threshold: f32,
    /// False match rate.
    pub fmr: Option<f64>,
    /// False non-match rate.
    pub fnmr: Option<f64>,
}

impl DetCurve {
    /// The rates of these comparisons. Distances that are no numbers count as infinite.
    pub fn of(comparisons: &[Comparison]) -> Self {
        let pick = |wanted: bool| {
            let mut distances: Vec<f32> = comparisons
                .iter()
                .filter(|one| one.is_same == wanted)
                .map(|one| if one.distance.is_nan() { f32::INFINITY } else { one.distance })
                .collect();
            distances.sort_by(f32::total_cmp);
            distances
        };
        Self { same: pick(true), different: pick(false) }
    }

    /// Pairs of one person, and of different persons.
    pub fn pairs(&self) -> (usize, usize) {
        (self.same.len(), self.different.len())
    }

    /// The rates at a threshold.
    pub fn at(&self, threshold: f32) -> DetRow {
        let fmr = part(self.false_matches(threshold), self.different.len());
        let fnmr = part(self.false_non_matches(threshold), self.same.len());
        DetRow { threshold, fmr, fnmr }
    }

    /// The part of all pairs that is decided rightly.
    pub fn accuracy(&self, threshold: f32) -> Option<f64> {
        let wrong = self.false_matches(threshold) + self.false_non_matches(threshold);
        part(wrong, self.same.len() + self.different.len()).map(|wrong| 1.0 - wrong)
    }

    /// The rates at many thresholds.
    pub fn rows(&self) -> Vec<DetRow> {
        // From whole numbers, so that 0.6 is 0.6.
        ROWS.map(|step| self.at((f64::from(step) * 2.0 / 100.0) as f32)).collect()
    }

    /// The largest threshold at which the false match rate is, with 95 % confidence, not above
    /// `fmr_max`. `None` if there are too few pairs to say that of any: 3,000 without a false match
    /// for 0.1 %.
    pub fn operating_point(&self, fmr_max: f64) -> Option<OperatingPoint> {
        let impostor_pairs = self.different.len() as u64;
        (1..=SEARCH_STEPS)
            .rev()
            .map(|step| step as f32 * SEARCH_STEP)
            .map(|threshold| OperatingPoint {
                threshold,
                false_matches: self.false_matches(threshold) as u64,
                impostor_pairs,
            })
            .find(|point| rate_at_most(point.false_matches, impostor_pairs) <= fmr_max)
    }

    /// What was counted at a threshold.
    pub fn point_at(&self, threshold: f32) -> OperatingPoint {
        let false_matches = self.false_matches(threshold) as u64;
        OperatingPoint { threshold, false_matches, impostor_pairs: self.different.len() as u64 }
    }

    fn false_matches(&self, threshold: f32) -> usize {
        self.different.partition_point(|distance| *distance <= threshold)
    }

    fn false_non_matches(&self, threshold: f32) -> usize {
        self.same.len() - self.same.partition_point(|distance| *distance <= threshold)
    }
}

fn part(some: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| some as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(same: &[f32], different: &[f32]) -> DetCurve {
        let of = |is_same| move |distance: &f32| Comparison { is_same, distance: *distance };
        let all: Vec<_> =
            same.iter().map(of(true)).chain(different.iter().map(of(false))).collect();
        DetCurve::of(&all)
    }

    #[test]
    fn rates_count_what_is_wrong() {
        let curve = curve(&[0.2, 0.4, 0.7, f32::NAN], &[0.5, 0.9]);
        let row = curve.at(0.6);
        assert_eq!((row.fmr, row.fnmr, curve.accuracy(0.6)), (Some(0.5), Some(0.5), Some(0.5)));
        assert_eq!(curve.at(0.2).fnmr, Some(0.75));
        assert_eq!(DetCurve::default().at(0.6).fmr, None);
        assert_eq!(DetCurve::default().accuracy(0.6), None);
    }

    #[test]
    fn the_table_has_the_thresholds_people_ask_for() {
        let thresholds: Vec<f32> =
            DetCurve::default().rows().iter().map(|row| row.threshold).collect();
        assert!(thresholds.contains(&0.6) && thresholds.contains(&0.5));
        assert_eq!((thresholds[0], thresholds[thresholds.len() - 1]), (0.2, 1.0));
    }

    /// promise: D-34. A false match rate is promised only where enough pairs were compared.
    #[test]
    fn few_pairs_promise_no_low_rate() {
        let few = curve(&[0.3], &[0.8; 100]);
        assert_eq!(few.operating_point(0.001), None);
        let many = curve(&[0.3], &[0.8; 3_000]);
        let point = many.operating_point(0.001).expect("enough pairs");
        assert!((0.79..0.8).contains(&point.threshold) && point.false_matches == 0, "{point:?}");
    }

    proptest! {
        #[test]
        fn a_larger_threshold_never_lowers_fmr_nor_raises_fnmr(
            same in prop::collection::vec(0f32..1.2, 1..50),
            different in prop::collection::vec(0f32..1.2, 1..50),
        ) {
            let rows = curve(&same, &different).rows();
            for pair in rows.windows(2) {
                prop_assert!(pair[0].fmr <= pair[1].fmr && pair[0].fnmr >= pair[1].fnmr);
            }
        }
    }
}
