//! Figures as they are printed: distributions, and goals beside what was reached. Pure.

use serde_json::{Map, Value, json};

/// What a measurement found.
pub(crate) struct Report {
    /// What was measured with.
    pub(crate) inputs: Value,
    /// What was measured.
    pub(crate) figures: Value,
    /// What it was hoped to be.
    pub(crate) goals: Vec<Goal>,
}

/// A figure that has a goal.
pub(crate) struct Goal {
    name: &'static str,
    reached: f64,
    bound: Bound,
}

enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    /// The figure should not be larger.
    pub(crate) fn at_most(name: &'static str, limit: f64, reached: f64) -> Self {
        Self { name, reached, bound: Bound::AtMost(limit) }
    }

    /// The figure should not be smaller.
    pub(crate) fn at_least(name: &'static str, limit: f64, reached: f64) -> Self {
        Self { name, reached, bound: Bound::AtLeast(limit) }
    }

    /// Whether it is as hoped; a figure that could not be measured is not.
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.reached <= limit,
            Bound::AtLeast(limit) => self.reached >= limit,
        }
    }
}

/// Goals as an object: each with its bound, what was reached, and whether that is enough.
pub(crate) fn goals(goals: &[Goal]) -> Value {
    let rows = goals.iter().map(|goal| {
        let (bound, limit) = match goal.bound {
            Bound::AtMost(limit) => ("at_most", limit),
            Bound::AtLeast(limit) => ("at_least", limit),
        };
        let row = json!({ bound: limit, "reached": short(goal.reached), "met": goal.is_met() });
        (goal.name.to_owned(), row)
    });
    Value::Object(rows.collect::<Map<_, _>>())
}

/// Many measurements of one thing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    /// Adds a measurement.
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    /// Adds the measurements of another one.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
        self.0.sort_by(f64::total_cmp);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The value that a part of all is at or below (nearest rank); not a number if there is none.
    pub(crate) fn at(&self, part: f64) -> f64 {
        let rank = (self.0.len() as f64 * part).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }

    /// The largest.
    pub(crate) fn max(&self) -> f64 {
        self.at(1.0)
    }

    /// Median, 95th percentile, extremes and number.
    pub(crate) fn json(&self) -> Value {
        json!({
            "min": short(self.at(0.0)), "p50": short(self.at(0.5)), "p95": short(self.at(0.95)),
            "max": short(self.max()), "count": self.count(),
        })
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

/// A figure with as many digits as anyone reads.
pub(crate) fn short(value: f64) -> f64 {
    let digits = if value.abs() < 10.0 { 1e4 } else { 1e2 };
    (value * digits).round() / digits
}

/// A part of a whole; 0 of nothing.
pub(crate) fn part(some: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { some as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_members_of_the_sample() {
        let sample: Sample = (1..=100).map(f64::from).collect();
        assert_eq!((sample.at(0.0), sample.at(0.5), sample.at(0.95)), (1.0, 50.0, 95.0));
        assert_eq!(sample.max(), 100.0);
        assert!(Sample::default().at(0.5).is_nan());
    }

    #[test]
    fn a_figure_that_is_missing_meets_no_goal() {
        assert!(!Goal::at_most("x", 1.0, f64::NAN).is_met());
        assert!(!Goal::at_least("x", 1.0, f64::NAN).is_met());
        assert!(Goal::at_most("x", 1.0, 1.0).is_met());
    }
}
