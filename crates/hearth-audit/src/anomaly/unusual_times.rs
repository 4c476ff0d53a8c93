//! Use of an account at an hour of the day at which it is never used. Pure; learned by account.

use std::collections::BTreeMap;

use hearth_model::Severity;

use super::{Finding, IncidentKind};

/// Days with use before anything is unusual: two weeks, so that a weekend was in it twice.
const LEARNED_DAYS_MIN: u32 = 14;

/// An hour counts as usual if the account was used in it, or next to it, on one day in this many.
const USUAL_ONE_DAY_IN: u32 = 20;

/// Accounts remembered.
const ACCOUNTS_MAX: usize = 64;

const HOURS: usize = 24;

/// When one account is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Habit {
    /// Days with any use.
    days: u32,
    /// The last of them, counted from 1970.
    day: i64,
    /// The day each hour was last used, so that a day counts once.
    last: [i64; HOURS],
    /// Days on which each hour was used.
    hours: [u32; HOURS],
    /// The day of the last finding: one a day is enough.
    told: Option<i64>,
}

/// When accounts are used. Kept over restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UnusualTimes {
    habits: BTreeMap<String, Habit>,
}

impl UnusualTimes {
    /// An account was used on a day (counted from 1970) at an hour, both of the house's own zone.
    pub fn used(&mut self, account: &str, day: i64, hour: u8) -> Option<Finding> {
        if !self.habits.contains_key(account) && self.habits.len() >= ACCOUNTS_MAX {
            return None;
        }
        let hour = usize::from(hour).checked_rem(HOURS)?;
        let habit = self.habits.entry(account.to_owned()).or_default();
        let unusual = habit.is_unusual(hour) && habit.told != Some(day);
        habit.learn(day, hour);
        if !unusual {
            return None;
        }
        habit.told = Some(day);
        Some(Finding {
            kind: IncidentKind::UnusualTime,
            severity: Severity::Warning,
            subject: format!("account {account}"),
            title: format!("{account} is active at an unusual time"),
            detail: format!(
                "Around {hour}:00, at which this account was hardly ever used in {} days. Ask \
                 {account}; if it was somebody else, end the account's sessions.",
                habit.days
            ),
        })
    }
}

impl Habit {
    fn is_unusual(&self, hour: usize) -> bool {
        let near = [hour + HOURS - 1, hour, hour + 1];
        let used: u32 = near.iter().filter_map(|near| self.hours.get(near % HOURS)).sum();
        self.days >= LEARNED_DAYS_MIN && used.saturating_mul(USUAL_ONE_DAY_IN) < self.days
    }

    fn learn(&mut self, day: i64, hour: usize) {
        if self.days == 0 || self.day != day {
            self.days = self.days.saturating_add(1);
            self.day = day;
        }
        if let (Some(last), Some(count)) = (self.last.get_mut(hour), self.hours.get_mut(hour))
            && (*count == 0 || *last != day)
        {
            *last = day;
            *count = count.saturating_add(1);
        }
    }
}
