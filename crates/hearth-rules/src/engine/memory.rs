//! What a rule remembers between facts. Bounded by the rule's own limits.

use std::collections::{BTreeMap, VecDeque};

use hearth_model::{EventId, WallTime};

use super::judge::Moment;
use crate::{Absent, Condition, Count, Rule, known::Groups};

/// A rule runs at most so often in a minute, so that a loop through devices does not become a storm.
pub(super) const RUNS_A_MINUTE_MAX: usize = 60;

const MINUTE_MICROS: i64 = 60_000_000;

/// What a rule remembers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Memory {
    /// Of which condition; what is remembered of another one means nothing.
    pub(super) fingerprint: u64,
    /// Since when it is in force.
    pub(super) in_force_since: WallTime,
    /// Whether it was never judged.
    pub(super) is_new: bool,
    /// Since when its condition holds.
    pub(super) held_since: Option<WallTime>,
    /// It ran for what holds, and that has not been false since.
    pub(super) ran_for_it: bool,
    /// When it ran last.
    pub(super) last_run: Option<WallTime>,
    /// Its runs of the last minute.
    runs: VecDeque<WallTime>,
    /// Somebody was told that it runs too often.
    pub(super) is_storming: bool,
    /// Times in a row that it could not be judged.
    pub(super) errors: u8,
    /// It is not judged any more.
    pub(super) is_suspended: bool,
    /// When what a test counts happened, by the test's number.
    counted: BTreeMap<u16, VecDeque<WallTime>>,
    /// When what a test waits for in vain happened last.
    last: BTreeMap<u16, (WallTime, Option<EventId>)>,
}

impl Memory {
    pub(super) fn new(rule: &Rule, now: WallTime) -> Self {
        Self {
            fingerprint: fingerprint(rule),
            in_force_since: now,
            is_new: true,
            held_since: None,
            ran_for_it: false,
            last_run: None,
            runs: VecDeque::new(),
            is_storming: false,
            errors: 0,
            is_suspended: false,
            counted: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// Takes note of what happened, after the rule was judged by it.
    pub(super) fn note(
        &mut self,
        rule: &Rule,
        moment: &Moment<'_>,
        groups: &Groups,
        now: WallTime,
    ) {
        for (test, number) in rule.when.tests().into_iter().zip(0_u16..) {
            let is = |of: &crate::Happens| moment.is(of, groups) == Some(true);
            match test {
                Condition::Count(Count { of, at_least, .. }) if is(of) => {
                    let times = self.counted.entry(number).or_default();
                    times.push_back(now);
                    while times.len() >= usize::from(*at_least) {
                        times.pop_front();
                    }
                }
                Condition::Absent(Absent { of, .. }) if is(of) => {
                    self.last.insert(number, (now, moment.event));
                }
                _ => {}
            }
        }
    }

    /// How often what a test counts happened within a time before now, as far as it matters.
    pub(super) fn count(&self, number: u16, seconds: u32, now: WallTime) -> usize {
        let oldest = now.plus_micros(-i64::from(seconds) * 1_000_000);
        let times = self.counted.get(&number).into_iter().flatten();
        times.filter(|time| **time >= oldest).count()
    }

    /// Since when something has not happened, and what happened last.
    pub(super) fn absent_since(&self, number: u16) -> (WallTime, Option<EventId>) {
        let last = self.last.get(&number).copied();
        last.unwrap_or((self.in_force_since, None))
    }

    /// Notes a run, unless there were too many.
    pub(super) fn run(&mut self, now: WallTime) -> bool {
        let oldest = now.plus_micros(-MINUTE_MICROS);
        self.runs.retain(|run| *run > oldest);
        if self.runs.len() >= RUNS_A_MINUTE_MAX {
            return false;
        }
        self.runs.push_back(now);
        self.last_run = Some(now);
        self.is_storming = false;
        true
    }

    /// No time that is remembered lies in the future.
    pub(super) fn clock_went_back(&mut self, now: WallTime) {
        let clamp = |at: &mut WallTime| *at = now.min(*at);
        clamp(&mut self.in_force_since);
        self.held_since.iter_mut().for_each(clamp);
        self.last_run.iter_mut().for_each(clamp);
        self.runs.iter_mut().for_each(clamp);
        self.counted.values_mut().flatten().for_each(clamp);
        self.last.values_mut().for_each(|(at, _)| clamp(at));
    }
}

/// Tells conditions apart; not for anything that somebody might want to forge.
pub(super) fn fingerprint(rule: &Rule) -> u64 {
    let json = serde_json::to_vec(&(&rule.when, rule.for_seconds)).unwrap_or_default();
    // FNV-1a, which is the same in every run and on every machine.
    json.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
