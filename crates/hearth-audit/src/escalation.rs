//! What becomes of an incident that nobody acknowledges: it is told again, and louder. Pure.
//!
//! ```text
//! info     after 24 h                      -> warning
//! warning  after  1 h                      -> critical
//! critical after 15 min, 30 min, 1 h, 2 h, and then every 4 h: told again
//! ```
//!
//! promise: D-29. Channels that reach people outside the house are told by the same steps.

use hearth_model::{Severity, WallTime};

const MINUTE: i64 = 60_000_000;

const INFO_WAITS: i64 = 24 * 60 * MINUTE;
const WARNING_WAITS: i64 = 60 * MINUTE;

/// Waits before each repetition of something critical; the last one repeats.
const CRITICAL_WAITS: [i64; 5] =
    [15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE];

/// Where an incident stands on this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Escalation {
    severity: Severity,
    /// When it was told last.
    told_at: WallTime,
    /// How often it was told at this severity, the first time not counted.
    repeats: u32,
}

impl Escalation {
    /// Told for the first time.
    pub(crate) fn begin(severity: Severity, at: WallTime) -> Self {
        Self { severity, told_at: at, repeats: 0 }
    }

    pub(crate) fn severity(self) -> Severity {
        self.severity
    }

    /// When the next step is due unless somebody acknowledges.
    pub(crate) fn due_at(self) -> WallTime {
        let wait = match self.severity {
            Severity::Info => INFO_WAITS,
            Severity::Warning => WARNING_WAITS,
            Severity::Critical => {
                let step = usize::try_from(self.repeats).unwrap_or(usize::MAX);
                let last = CRITICAL_WAITS.last().copied().unwrap_or(MINUTE);
                CRITICAL_WAITS.get(step).copied().unwrap_or(last)
            }
        };
        self.told_at.plus_micros(wait)
    }

    /// The step that is due, if one is. A clock that was set back makes it due, not silent.
    pub(crate) fn step(self, now: WallTime) -> Option<Self> {
        if now < self.due_at() && now >= self.told_at {
            return None;
        }
        Some(match self.severity {
            Severity::Info => Self::begin(Severity::Warning, now),
            Severity::Warning => Self::begin(Severity::Critical, now),
            Severity::Critical => {
                Self { told_at: now, repeats: self.repeats.saturating_add(1), ..self }
            }
        })
    }

    /// It became worse by itself; `None` if it did not.
    pub(crate) fn raised(self, severity: Severity, now: WallTime) -> Option<Self> {
        (severity > self.severity).then(|| Self::begin(severity, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(severity: Severity, hours: i64) -> Vec<(i64, Severity)> {
        let mut escalation = Escalation::begin(severity, WallTime::from_micros(0));
        let mut told = Vec::new();
        for minute in 0..=hours * 60 {
            if let Some(next) = escalation.step(WallTime::from_micros(minute * MINUTE)) {
                escalation = next;
                told.push((minute, next.severity()));
            }
        }
        told
    }

    /// promise: D-29. What nobody acknowledges becomes worse and is told again and again, and never
    /// more than every quarter of an hour.
    #[test]
    fn what_nobody_acknowledges_is_told_again_and_louder() {
        use Severity::{Critical, Warning};
        let critical = [15, 45, 105, 225, 465, 705];
        assert_eq!(told(Critical, 12), critical.map(|minute| (minute, Critical)));
        assert_eq!(told(Warning, 2)[..2], [(60, Critical), (75, Critical)]);
        assert_eq!(told(Severity::Info, 25)[..2], [(1440, Warning), (1500, Critical)]);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_silence_it() {
        let escalation =
            Escalation::begin(Severity::Warning, WallTime::from_micros(1_000 * MINUTE));
        assert!(escalation.step(WallTime::from_micros(0)).is_some());
    }
}
