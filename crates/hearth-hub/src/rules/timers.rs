//! What a rule switched for a while is switched back, also if the hub was not running then: a heater
//! that was on for ten minutes must not stay on for a night because of a power cut.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use hearth_audit::Class;
use hearth_device::ControlValue;
use hearth_model::{DeviceId, Severity, WallTime};
use tokio::time::{MissedTickBehavior, interval};

use crate::house::House;

/// Things that are switched back later; one for each control of each device that is.
const TIMERS_MAX: usize = 1_000;

/// Tried again for this long if the device does not answer.
const LATE_MICROS_MAX: i64 = 3_600 * 1_000_000;

/// How often somebody looks.
const TICK: Duration = Duration::from_secs(1);

/// One thing to be done later.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Timer {
    pub(super) device: DeviceId,
    pub(super) control: String,
    pub(super) is_on: bool,
    pub(super) at: WallTime,
    pub(super) by: String,
}

/// All of them.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Timers(Vec<Timer>);

impl Timers {
    /// Adds one in place of what was to be done with the same control.
    pub(super) fn set(&mut self, timer: Timer) {
        self.clear(timer.device, &timer.control);
        if self.0.len() >= TIMERS_MAX {
            tracing::error!("too many devices are to be switched back");
            return;
        }
        self.0.push(timer);
    }

    /// Nothing is to be done with a control any more. Says whether something was.
    pub(super) fn clear(&mut self, device: DeviceId, control: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|other| (other.device, other.control.as_str()) != (device, control));
        self.0.len() < before
    }

    /// Those that are due.
    pub(super) fn due(&self, now: WallTime) -> Vec<Timer> {
        self.0.iter().filter(|timer| timer.at <= now).cloned().collect()
    }

    /// One is done, unless it was set anew meanwhile.
    pub(super) fn done(&mut self, timer: &Timer) {
        self.0.retain(|other| other != timer);
    }
}

/// Switches back what is due, until the hub ends. Devices take their time, so it is a task of its own.
pub(crate) async fn switch_back(house: Arc<House>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = house.ended() => return,
            _ = ticks.tick() => house.end_rule_timers().await,
        }
    }
}

impl House {
    /// What does not answer is tried again at the next tick.
    async fn end_rule_timers(&self) {
        let now = self.clock.wall_now();
        let due = self.rules.due_timers(now);
        let ended = join_all(due.iter().map(|timer| self.end_rule_timer(timer, now))).await;
        if ended.contains(&true) {
            self.keep_rules_state().await;
        }
    }

    /// Whether there is nothing more to be done about it.
    async fn end_rule_timer(&self, timer: &Timer, now: WallTime) -> bool {
        let Some(device) = self.devices.get(timer.device) else {
            self.rules.timer_done(timer);
            return true;
        };
        let back = ControlValue::Switch(timer.is_on);
        let set = self.set_by(&device, &timer.control, back, timer.by.clone()).await;
        let is_late = now.micros_since(timer.at) > LATE_MICROS_MAX;
        if let (Err(error), true) = (&set, is_late) {
            let (by, name, reason) = (&timer.by, device.name(), &error.fault.message);
            let text = format!("{by}: {name} was not switched back: {reason}");
            self.record_own(Class::System, "rule_timer_failed", Severity::Critical, text);
        }
        let is_over = set.is_ok() || is_late;
        if is_over {
            self.rules.timer_done(timer);
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer(device: DeviceId, at: i64) -> Timer {
        let (control, by) = ("power".to_owned(), "rule Test".to_owned());
        Timer { device, control, is_on: false, at: WallTime::from_micros(at), by }
    }

    #[test]
    fn the_newest_wish_for_a_control_counts() {
        let (mut timers, lamp, heater) = (Timers::default(), DeviceId::new(), DeviceId::new());
        let (first, later) = (timer(lamp, 10), timer(lamp, 20));
        timers.set(first.clone());
        timers.set(timer(heater, 15));
        timers.set(later.clone());
        let due = |timers: &Timers, at| timers.due(WallTime::from_micros(at));
        assert!(due(&timers, 14).is_empty());
        assert_eq!(due(&timers, 15), [timer(heater, 15)]);
        // Somebody who was slow to do the first does not take the second away.
        timers.done(&first);
        assert_eq!(due(&timers, 20).len(), 2);
        timers.done(&later);
        assert_eq!(due(&timers, 20), [timer(heater, 15)]);
        // Switched for good: nothing switches it back.
        assert!(timers.clear(heater, "power"));
        assert!(!timers.clear(heater, "power"));
        assert!(due(&timers, 20).is_empty());
    }
}
