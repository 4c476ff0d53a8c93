//! When a camera records, by weekday and local time.

/// How a camera records.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RecordMode {
    /// Everything.
    #[default]
    Continuous,
    /// Activity, with pre-roll and post-roll.
    Event,
    /// Nothing: live only, no byte on disk (promise T-14).
    Off,
}

impl std::str::FromStr for RecordMode {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        match text {
            "continuous" => Ok(Self::Continuous),
            "event" => Ok(Self::Event),
            "off" => Ok(Self::Off),
            _ => Err(ScheduleError::Mode),
        }
    }
}

/// A day of the week.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The day before.
    pub const fn previous(self) -> Self {
        match self {
            Self::Monday => Self::Sunday,
            Self::Tuesday => Self::Monday,
            Self::Wednesday => Self::Tuesday,
            Self::Thursday => Self::Wednesday,
            Self::Friday => Self::Thursday,
            Self::Saturday => Self::Friday,
            Self::Sunday => Self::Saturday,
        }
    }
}

/// Why a schedule is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Unknown mode.
    #[error("the recording mode is one of continuous, event, off")]
    Mode,
    /// A minute past the end of the day.
    #[error("a time of day is between 0 and 1440 minutes")]
    Minute,
    /// A rule on no day.
    #[error("a schedule rule names at least one day")]
    NoDay,
    /// Too many rules.
    #[error("a schedule has at most {} rules", RecordSchedule::RULES_MAX)]
    RuleCount,
}

/// One exception from the usual mode.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRule {
    /// On which days it begins.
    pub days: Vec<Weekday>,
    /// From this minute of the local day, 0 to 1439.
    pub from_minute: u16,
    /// Until this minute, 1 to 1440; not later than `from_minute` means on the next day.
    pub to_minute: u16,
    /// The mode meanwhile.
    pub mode: RecordMode,
}

/// The usual mode and its exceptions; the first rule that fits wins.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct RecordSchedule {
    /// The mode when no rule fits.
    pub usual: RecordMode,
    /// Exceptions in order.
    #[serde(default)]
    pub rules: Vec<ScheduleRule>,
}

impl RecordSchedule {
    /// More rules than a week needs.
    pub const RULES_MAX: usize = 50;

    /// The same mode at all times.
    pub const fn always(mode: RecordMode) -> Self {
        Self { usual: mode, rules: Vec::new() }
    }

    /// Checks the rules.
    pub fn check(&self) -> Result<(), ScheduleError> {
        if self.rules.len() > Self::RULES_MAX {
            return Err(ScheduleError::RuleCount);
        }
        for rule in &self.rules {
            if rule.days.is_empty() {
                return Err(ScheduleError::NoDay);
            }
            if rule.from_minute >= 1440 || !(1..=1440).contains(&rule.to_minute) {
                return Err(ScheduleError::Minute);
            }
        }
        Ok(())
    }

    /// The mode at a local weekday and minute of the day.
    pub fn mode_at(&self, day: Weekday, minute: u16) -> RecordMode {
        self.rules.iter().find(|rule| rule.covers(day, minute)).map_or(self.usual, |rule| rule.mode)
    }

    /// Whether any part of the week records.
    pub fn ever_records(&self) -> bool {
        self.usual != RecordMode::Off || self.rules.iter().any(|rule| rule.mode != RecordMode::Off)
    }
}

impl ScheduleRule {
    fn covers(&self, day: Weekday, minute: u16) -> bool {
        if self.from_minute < self.to_minute {
            return self.days.contains(&day)
                && (self.from_minute..self.to_minute).contains(&minute);
        }
        let evening = self.days.contains(&day) && minute >= self.from_minute;
        let morning = self.days.contains(&day.previous()) && minute < self.to_minute;
        evening || morning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_over_midnight_covers_the_next_morning() {
        let night = ScheduleRule {
            days: vec![Weekday::Friday],
            from_minute: 22 * 60,
            to_minute: 6 * 60,
            mode: RecordMode::Continuous,
        };
        let schedule = RecordSchedule { usual: RecordMode::Off, rules: vec![night] };
        assert_eq!(schedule.mode_at(Weekday::Friday, 23 * 60), RecordMode::Continuous);
        assert_eq!(schedule.mode_at(Weekday::Saturday, 5 * 60), RecordMode::Continuous);
        assert_eq!(schedule.mode_at(Weekday::Saturday, 23 * 60), RecordMode::Off);
        assert_eq!(schedule.mode_at(Weekday::Friday, 5 * 60), RecordMode::Off);
    }
}
