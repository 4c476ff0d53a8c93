//! Schedules: what a device is set to at which time of the house.
//!
//! When one is due is arithmetic on the house's time zone. A time that the clocks skip is due when
//! they go on, and one that they repeat is due the first time only. What could not be carried out in
//! time is not made up for, but said: nobody wants a heater to go on hours late.

use std::{sync::Arc, time::Duration};

use hearth_audit::Class;
use hearth_device::{ControlValue, DeviceError, DeviceState};
use hearth_model::{DeviceId, DeviceRuleId, EventBody, Severity, WallTime};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};
use tokio::time::{sleep, timeout};

use super::{KeptDevice, device_error};
use crate::house::House;

/// One that is later than this is not carried out.
const LATE_MAX: Duration = Duration::from_secs(5 * 60);

/// A device that is well and still refuses is asked again after this time.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Every schedule is due at least once within this time; looking further back is of no use.
const DAYS_LOOKED_AT: i64 = 9;

/// A day of the week.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "they are the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

/// A time of day, like `22:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

impl std::str::FromStr for TimeOfDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a time of day is like 22:30";
        let digits = |at: usize, below: i8| {
            let two = text.get(at..at + 2).filter(|two| two.bytes().all(|b| b.is_ascii_digit()))?;
            two.parse::<i8>().ok().filter(|number| *number < below)
        };
        if text.len() != 5 || text.as_bytes().get(2) != Some(&b':') {
            return Err(wrong);
        }
        let (hour, minute) = digits(0, 24).zip(digits(3, 60)).ok_or(wrong)?;
        Ok(Self { hour, minute })
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl serde::Serialize for TimeOfDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a device is set to, and when.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// When, by the clocks of the house.
    #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "22:30")]
    pub at: TimeOfDay,
    /// On which days; at least one.
    pub days: Vec<Day>,
    /// Which control.
    pub control: String,
    /// To what.
    pub value: ControlValue,
    /// Whether it is carried out.
    pub is_on: bool,
}

impl Schedule {
    /// When it is due after one time and up to another, oldest first; of a long span only the end.
    fn between(&self, zone: &TimeZone, after: WallTime, until: WallTime) -> Vec<WallTime> {
        let after = after.max(until.plus_micros(-DAYS_LOOKED_AT * WallTime::MICROS_A_DAY));
        let date = |at: WallTime| {
            let at = Timestamp::from_microsecond(at.as_micros()).ok()?;
            Some(zone.to_datetime(at).date())
        };
        let (Some(first), Some(last)) = (date(after), date(until)) else { return Vec::new() };
        // A time that the clocks skip may be due on the day after its own.
        let first = first.checked_sub(1.day()).unwrap_or(first);
        first
            .series(1.day())
            .take_while(|date| *date <= last)
            .filter(|date| self.days.contains(&Day::of(*date)))
            .filter_map(|date| self.on(zone, date))
            .filter(|due| *due > after && *due <= until)
            .collect()
    }

    /// When it is due next.
    pub(super) fn next_after(&self, zone: &TimeZone, after: WallTime) -> Option<WallTime> {
        let until = after.plus_micros(DAYS_LOOKED_AT * WallTime::MICROS_A_DAY);
        self.between(zone, after, until).first().copied()
    }

    /// The instant at which it is due on a day.
    fn on(&self, zone: &TimeZone, date: Date) -> Option<WallTime> {
        let local = date.at(self.at.hour, self.at.minute, 0, 0);
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let is_skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let first = ambiguous.earlier().ok()?;
        // In a gap that lies before it: it is due when the clocks go on.
        let due = if is_skipped { zone.following(first).next()?.timestamp() } else { first };
        Some(WallTime::from_micros(due.as_microsecond()))
    }
}

/// What is to be done about a schedule now.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Due {
    pub(super) rule: DeviceRuleId,
    pub(super) device: DeviceId,
    pub(super) schedule: Schedule,
    /// The newest time at which it was due and is not carried out any more.
    pub(super) missed: Option<WallTime>,
    /// The time at which it was due and is carried out.
    pub(super) run: Option<WallTime>,
}

impl Due {
    /// What a schedule that went up to `handled` asks for at `now`.
    pub(super) fn of(
        (rule, device, schedule): (DeviceRuleId, DeviceId, &Schedule),
        zone: &TimeZone,
        handled: WallTime,
        now: WallTime,
    ) -> Option<Self> {
        let due = schedule.between(zone, handled, now);
        let oldest = now.plus_micros(-micros(LATE_MAX));
        let (late, timely): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| *due < oldest);
        let (missed, run) = (late.last().copied(), timely.last().copied());
        let schedule = schedule.clone();
        (missed.or(run).is_some()).then_some(Self { rule, device, schedule, missed, run })
    }
}

/// How an attempt to carry one out ended.
enum Ended {
    Done,
    /// It was changed or overtaken by a later one.
    Void,
    Failed(String),
}

impl House {
    /// Carries out what is due. Waits for nothing.
    pub(crate) fn run_schedules(self: &Arc<Self>, now: WallTime) {
        for due in self.device_rules.take_due(&self.zone, now) {
            let house = Arc::clone(self);
            tokio::spawn(async move {
                tokio::select! {
                    // What is not noted as handled is looked at again at the next start.
                    () = house.ended() => {}
                    () = house.carry_out(due) => {}
                }
            });
        }
    }

    async fn carry_out(&self, due: Due) {
        let Some(device) = self.devices.get(due.device) else { return };
        if let Some(missed) = due.missed {
            let reason = if missed < self.started_at {
                "The hub was not running then."
            } else {
                "The hub's clock was set past it."
            };
            self.tell_missed(&device, &due.schedule, missed, reason.to_owned()).await;
        }
        if let Some(at) = due.run {
            match self.try_until_late(&device, &due, at).await {
                Ended::Done => self.tell_carried_out(&device, &due.schedule).await,
                Ended::Failed(reason) => {
                    self.tell_missed(&device, &due.schedule, at, reason).await;
                }
                // Whoever changed it has noted how far it went.
                Ended::Void => return,
            }
        }
        let handled = due.run.or(due.missed);
        if let Err(error) = self.store.note_device_rule(due.rule, handled).await {
            tracing::error!(%error, "how far a schedule was carried out was not noted");
        }
    }

    /// Tries until the device acknowledges it, or it is too late.
    async fn try_until_late(&self, device: &KeptDevice, due: &Due, at: WallTime) -> Ended {
        let schedule = &due.schedule;
        loop {
            if !self.device_rules.still_wants(due.rule, schedule, at) {
                return Ended::Void;
            }
            let set = device.supervised().set(&schedule.control, schedule.value.clone()).await;
            let Err(error) = set else { return Ended::Done };
            let late = self.clock.wall_now().micros_since(at);
            let left = u64::try_from(micros(LATE_MAX) - late).unwrap_or(0);
            let is_final = error.is_about_the_command()
                || error.needs_person()
                || matches!(error, DeviceError::Gone);
            if is_final || left == 0 {
                return Ended::Failed(device_error(error).fault.message);
            }
            let mut changes = device.supervised().changes();
            let returned = async {
                sleep(AGAIN_AFTER).await;
                // A device that is removed meanwhile is found gone by the next attempt.
                changes.wait_for(|now| now.state == DeviceState::Answering).await.map(drop).ok();
            };
            timeout(Duration::from_micros(left), returned).await.ok();
        }
    }

    async fn tell_carried_out(&self, device: &KeptDevice, schedule: &Schedule) {
        let Schedule { at, control, value, .. } = schedule;
        self.note_control(device, control, Some(value), format!("schedule {at}")).await;
        let text =
            format!("{}: {control} was set to {value} by the schedule at {at}", device.name());
        self.record_own(Class::Control, "schedule_carried_out", Severity::Info, text);
    }

    async fn tell_missed(
        &self,
        device: &KeptDevice,
        schedule: &Schedule,
        due: WallTime,
        reason: String,
    ) {
        let Schedule { at, control, value, .. } = schedule;
        let name = device.name();
        let text =
            format!("{name}: {control} was not set to {value} by the schedule at {at}: {reason}");
        self.record_own(Class::Control, "schedule_missed", Severity::Warning, text);
        let body = EventBody::DeviceScheduleMissed {
            device: device.id(),
            name,
            camera: device.settings().camera,
            control: control.clone(),
            value: value.to_string(),
            due,
            reason,
        };
        self.note(body).await;
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEEK: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

    fn at(text: &str) -> WallTime {
        text.parse().expect("a time")
    }

    fn schedule(time: &str, days: &[Day]) -> Schedule {
        Schedule {
            at: time.parse().expect("a time of day"),
            days: days.to_vec(),
            control: "power".to_owned(),
            value: ControlValue::Switch(false),
            is_on: true,
        }
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("known")
    }

    #[test]
    fn a_schedule_follows_the_clocks_of_the_house() {
        let evening = schedule("22:30", &[Day::Sun]);
        // A Sunday in winter, and one in summer.
        for (after, due) in [
            ("2026-11-22T00:00:00Z", "2026-11-22T21:30:00Z"),
            ("2026-11-22T21:30:00Z", "2026-11-29T21:30:00Z"),
            ("2026-07-05T00:00:00Z", "2026-07-05T20:30:00Z"),
        ] {
            assert_eq!(evening.next_after(&berlin(), at(after)), Some(at(due)), "{after}");
        }
    }

    #[test]
    fn a_time_that_does_not_exist_is_due_at_the_next_moment_that_does() {
        let night = schedule("02:30", &WEEK);
        // The clocks go from 02:00 to 03:00.
        let due = night.between(&berlin(), at("2026-03-28T12:00:00Z"), at("2026-03-30T12:00:00Z"));
        assert_eq!(due, [at("2026-03-29T01:00:00Z"), at("2026-03-30T00:30:00Z")]);
        // Samoa went without the whole 30th of December 2011.
        let apia = TimeZone::get("Pacific/Apia").expect("known");
        let friday = schedule("12:00", &[Day::Fri]);
        let due = friday.between(&apia, at("2011-12-29T00:00:00Z"), at("2012-01-02T00:00:00Z"));
        assert_eq!(due, [at("2011-12-30T10:00:00Z")]);
    }

    #[test]
    fn a_time_that_is_repeated_is_due_once() {
        let night = schedule("02:30", &WEEK);
        let due = night.between(&berlin(), at("2026-10-24T12:00:00Z"), at("2026-10-26T12:00:00Z"));
        assert_eq!(due, [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]);
    }

    #[test]
    fn what_is_late_is_missed_and_what_is_not_is_carried_out() {
        let noon = schedule("12:00", &WEEK);
        let ids = (DeviceRuleId::new(), DeviceId::new());
        let due = |handled: &str, now: &str| {
            let due = Due::of((ids.0, ids.1, &noon), &TimeZone::UTC, at(handled), at(now));
            due.map(|due| (due.missed, due.run))
        };
        let yesterday = "2026-11-21T12:00:00Z";
        assert_eq!(due(yesterday, "2026-11-22T11:59:59Z"), None);
        let today = Some(at("2026-11-22T12:00:00Z"));
        assert_eq!(due(yesterday, "2026-11-22T12:00:00Z"), Some((None, today)));
        assert_eq!(due(yesterday, "2026-11-22T12:05:00Z"), Some((None, today)));
        assert_eq!(due(yesterday, "2026-11-22T12:05:01Z"), Some((today, None)));
        // A week without the hub: said once, and today's is still in time.
        let last = Some(at(yesterday));
        assert_eq!(due("2026-11-14T12:00:00Z", "2026-11-22T12:01:00Z"), Some((last, today)));
        assert_eq!(due("2026-11-22T12:00:00Z", "2026-11-22T12:01:00Z"), None, "once");
    }

    #[test]
    fn a_time_of_day_is_two_numbers() {
        for right in ["00:00", "09:05", "23:59"] {
            assert_eq!(
                right.parse::<TimeOfDay>().map(|time| time.to_string()).as_deref(),
                Ok(right)
            );
        }
        for wrong in ["", "24:00", "12:60", "1:00", "+1:00", "12-00", "12:00:00", "1é:0", "aa:bb"]
        {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_of_day_or_refused(text in ".{0,8}") {
            if let Ok(time) = text.parse::<TimeOfDay>() {
                prop_assert_eq!(time.to_string(), text);
            }
        }

        /// Whatever the time zone does, every day has its turn once, in order.
        #[test]
        fn every_day_has_its_turn(hour in 0_i8..24, minute in 0_i8..60, start in 0_i64..20_000) {
            let daily = Schedule { at: TimeOfDay { hour, minute }, ..schedule("00:00", &WEEK) };
            for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] {
                let zone = TimeZone::get(zone).expect("known");
                let mut last = WallTime::from_micros(start * WallTime::MICROS_A_DAY);
                for _ in 0..8 {
                    let next = daily.next_after(&zone, last).expect("there is one");
                    prop_assert!(next.micros_since(last) <= WallTime::MICROS_A_DAY + 3_600_000_000);
                    prop_assert!(next > last);
                    last = next;
                }
            }
        }
    }
}
