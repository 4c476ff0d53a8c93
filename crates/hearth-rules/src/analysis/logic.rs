//! Whether a condition can be true at all.
//!
//! It is taken apart into cases: rows of tests that have to be so or not so together. A case is
//! impossible if two of its tests exclude each other.

use std::collections::BTreeMap;

use super::overlap;
use crate::{
    Condition, DeviceIs, Happens, Hours, Mode, ReadingIs, Value,
    hours::{DAY_MINUTES, day_index},
};

/// More cases are not looked at, and nothing is said.
const CASES_MAX: usize = 512;

const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;

/// A test, and whether it has to be so.
type Literal<'a> = (&'a Condition, bool);

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Possible {
    /// Nothing excludes it.
    Yes,
    /// Proved.
    Never,
    /// It would take too long.
    Unsure,
}

/// Whether a condition can be what it is asked to be.
pub(super) fn possible(condition: &Condition, is: bool) -> Possible {
    match cases(condition, is) {
        None => Possible::Unsure,
        Some(cases) if cases.iter().any(|case| is_possible(case)) => Possible::Yes,
        Some(_) => Possible::Never,
    }
}

/// Whether two conditions can be true in one moment.
pub(super) fn possible_together(one: &Condition, other: &Condition) -> Possible {
    let (Some(ones), Some(others)) = (cases(one, true), cases(other, true)) else {
        return Possible::Unsure;
    };
    if ones.len() * others.len() > CASES_MAX {
        return Possible::Unsure;
    }
    let both = |one: &Vec<_>| {
        others.iter().any(|other| is_possible(&[one.as_slice(), other.as_slice()].concat()))
    };
    if ones.iter().any(both) { Possible::Yes } else { Possible::Never }
}

fn cases(condition: &Condition, is: bool) -> Option<Vec<Vec<Literal<'_>>>> {
    match (condition, is) {
        (Condition::Not(part), _) => cases(part, !is),
        (Condition::All(parts), true) | (Condition::Any(parts), false) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let part = cases(part, is)?;
                if all.len() * part.len() > CASES_MAX {
                    return None;
                }
                all = all
                    .iter()
                    .flat_map(|before| part.iter().map(|case| [before.as_slice(), case].concat()))
                    .collect();
            }
            Some(all)
        }
        (Condition::All(parts) | Condition::Any(parts), _) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(cases(part, is)?);
                if all.len() > CASES_MAX {
                    return None;
                }
            }
            Some(all)
        }
        (test, _) => Some(vec![vec![(test, is)]]),
    }
}

fn is_possible(case: &[Literal<'_>]) -> bool {
    let contradicts =
        |one: &Literal<'_>| case.iter().any(|other| other.1 != one.1 && other.0 == one.0);
    !case.iter().any(contradicts)
        && has_mode(case)
        && has_hour(case)
        && has_settings(case)
        && has_readings(case)
        && has_happening(case)
}

fn has_mode(case: &[Literal<'_>]) -> bool {
    Mode::ALL.into_iter().any(|mode| {
        case.iter().all(|(test, is)| match test {
            Condition::Mode(test) => test.is.contains(&mode) == *is,
            _ => true,
        })
    })
}

/// If there is a minute that fits, there is one at which some hours begin or end.
fn has_hour(case: &[Literal<'_>]) -> bool {
    let hours: Vec<(&Hours, bool)> = case
        .iter()
        .filter_map(|(test, is)| match test {
            Condition::Hours(hours) => Some((hours, *is)),
            _ => None,
        })
        .collect();
    let fits = |minute: u16| hours.iter().all(|(hours, is)| last_in_week(hours, minute) == *is);
    let mut edges = hours.iter().flat_map(|(hours, _)| {
        starts(hours).flat_map(|start| [start, (start + hours.minutes()) % WEEK_MINUTES])
    });
    hours.is_empty() || edges.any(fits)
}

/// When hours begin, in minutes from Monday on.
fn starts(hours: &Hours) -> impl Iterator<Item = u16> {
    let days = if hours.days.is_empty() { &crate::WEEK } else { hours.days.as_slice() };
    days.iter().map(|day| day_index(*day) * DAY_MINUTES + hours.from.minute())
}

fn last_in_week(hours: &Hours, minute: u16) -> bool {
    starts(hours).any(|start| (minute + WEEK_MINUTES - start) % WEEK_MINUTES < hours.minutes())
}

fn has_settings(case: &[Literal<'_>]) -> bool {
    let tests = || {
        case.iter().filter_map(|(test, is)| match test {
            Condition::Device(test) => Some((test, *is)),
            _ => None,
        })
    };
    let same = |one: &DeviceIs, other: &DeviceIs| {
        one.device == other.device && one.control == other.control
    };
    tests().all(|(one, is)| {
        tests().filter(|(other, _)| same(one, other)).all(|(other, other_is)| {
            match (is, other_is, &one.is, &other.is) {
                (true, true, value, other) => value == other,
                // Neither on nor off.
                (false, false, Value::Switch(value), Value::Switch(other)) => value == other,
                _ => true,
            }
        })
    })
}

/// Bounds of a reading, and whether they are excluded themselves.
struct Range {
    low: (f64, bool),
    high: (f64, bool),
}

fn has_readings(case: &[Literal<'_>]) -> bool {
    let mut ranges: BTreeMap<_, Range> = BTreeMap::new();
    for (test, is) in case {
        let Condition::Reading(test) = test else { continue };
        let key = (test.device, test.reading.as_str());
        let everything = Range { low: (f64::NEG_INFINITY, false), high: (f64::INFINITY, false) };
        ranges.entry(key).or_insert(everything).narrow(test, *is);
    }
    ranges.values().all(Range::has_values)
}

impl Range {
    fn narrow(&mut self, test: &ReadingIs, is: bool) {
        match (test.above, test.below, is) {
            (above, below, true) => {
                above.into_iter().for_each(|edge| self.above(edge, true));
                below.into_iter().for_each(|edge| self.below(edge, true));
            }
            (Some(edge), None, false) => self.below(edge, false),
            (None, Some(edge), false) => self.above(edge, false),
            // Outside of a range are two ranges; nothing is said of them.
            _ => {}
        }
    }

    fn above(&mut self, edge: f64, is_excluded: bool) {
        if edge > self.low.0 || (edge == self.low.0 && is_excluded) {
            self.low = (edge, is_excluded);
        }
    }

    fn below(&mut self, edge: f64, is_excluded: bool) {
        if edge < self.high.0 || (edge == self.high.0 && is_excluded) {
            self.high = (edge, is_excluded);
        }
    }

    fn has_values(&self) -> bool {
        let is_point = self.low.0 == self.high.0;
        self.low.0 < self.high.0 || (is_point && !self.low.1 && !self.high.1)
    }
}

/// One thing happens in a moment: all that is asked of it must fit one thing.
fn has_happening(case: &[Literal<'_>]) -> bool {
    let looked_for = |wanted: bool| {
        case.iter().filter(move |(_, is)| *is == wanted).filter_map(move |(test, _)| match test {
            Condition::Happens(of) => Some(of),
            // A count that is not reached says nothing of this moment.
            Condition::Count(count) if wanted => Some(&count.of),
            _ => None,
        })
    };
    let wanted: Vec<&Happens> = looked_for(true).collect();
    wanted.iter().all(|of| overlap::is_possible(of))
        && wanted.iter().all(|one| wanted.iter().all(|other| overlap::overlaps(one, other)))
        && !looked_for(false).any(|not| wanted.iter().any(|of| overlap::covers(not, of)))
}
