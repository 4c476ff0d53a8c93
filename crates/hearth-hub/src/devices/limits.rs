//! Limits: what happens when something that a device measures stays beyond a value.
//!
//! A limit acts once, and again only after the reading was back within it by a margin. It looks at
//! readings as they come and never at an old one: a device that does not answer does not reach a
//! limit, and what was not watched does not count as having lasted.

use std::sync::Arc;

use hearth_audit::Class;
use hearth_device::{ControlValue, Standing};
use hearth_model::{DeviceRuleId, EventBody, Severity, WallTime};

use super::KeptDevice;
use crate::house::House;

/// The control that a limit turns off.
pub(crate) const POWER: &str = "power";

/// Longest time that a limit waits.
pub(super) const SECONDS_MAX: u32 = 86_400;

/// A reading must be back within the limit by this share of it before the limit can act again.
const MARGIN: f64 = 0.05;

/// A limit acts at most once in this time, so that somebody who switches a plug on again and again
/// does not make a storm.
const COOL_DOWN_MICROS: i64 = 60_000_000;

/// A device is asked this often before what it said is old.
const LOOKS_MISSED_MAX: u32 = 3;

/// What a limit does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitAction {
    /// It is told.
    Event,
    /// The device is turned off, and it is told.
    TurnOff,
}

/// Watches a reading. Energy of a day is a limit on `energy_today` that waits for nothing.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What is measured.
    pub reading: String,
    /// It acts above this; either this or `below`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// It acts below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// How long the reading has to stay there, in seconds.
    pub for_seconds: u32,
    /// What it does.
    pub then: LimitAction,
    /// Whether it is watched.
    pub is_on: bool,
}

impl Limit {
    /// Where it is; `None` if it says neither or both.
    pub(super) fn edge(&self) -> Option<f64> {
        match (self.above, self.below) {
            (Some(edge), None) | (None, Some(edge)) if edge.is_finite() => Some(edge),
            _ => None,
        }
    }

    fn is_beyond(&self, value: f64) -> bool {
        self.above.is_some_and(|edge| value > edge) || self.below.is_some_and(|edge| value < edge)
    }

    fn is_back(&self, value: f64) -> bool {
        let margin = |edge: f64| edge.abs() * MARGIN;
        self.above.is_some_and(|edge| value <= edge - margin(edge))
            || self.below.is_some_and(|edge| value >= edge + margin(edge))
    }

    /// In words, e.g. `power above 1500`.
    fn words(&self) -> String {
        let (side, edge) =
            if self.above.is_some() { ("above", self.above) } else { ("below", self.below) };
        format!("{} {side} {}", self.reading, edge.unwrap_or_default())
    }
}

/// How a limit fares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LimitWatch {
    seen_at: Option<WallTime>,
    beyond_since: Option<WallTime>,
    /// It acted, and the reading was not back within it since.
    acted: bool,
    acted_at: Option<WallTime>,
    /// Somebody was told that the device does not turn off.
    told_failure: bool,
}

/// What a reading led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    /// It acts.
    Act,
    /// The reading is back; it can act again.
    Back,
}

impl LimitWatch {
    /// As a run before left it.
    pub(super) fn after_start(acted: bool) -> Self {
        Self { acted, ..Self::default() }
    }

    /// Looks at a reading that the device gave at a time. What came before counts only if it is not
    /// older than `stale_micros`.
    pub(super) fn see(
        &mut self,
        limit: &Limit,
        value: f64,
        at: WallTime,
        stale_micros: i64,
    ) -> Step {
        if !value.is_finite() || self.seen_at.is_some_and(|seen| seen >= at) {
            return Step::Nothing;
        }
        let was_away = self.seen_at.is_none_or(|seen| at.micros_since(seen) > stale_micros);
        self.seen_at = Some(at);
        if !limit.is_beyond(value) {
            self.beyond_since = None;
            let is_back = self.acted && limit.is_back(value);
            if is_back {
                (self.acted, self.told_failure) = (false, false);
            }
            return if is_back { Step::Back } else { Step::Nothing };
        }
        let since = match self.beyond_since {
            Some(since) if !was_away => since,
            _ => at,
        };
        self.beyond_since = Some(since);
        let has_lasted = at.micros_since(since) >= i64::from(limit.for_seconds) * 1_000_000;
        let is_cool = self.acted_at.is_none_or(|acted| at.micros_since(acted) >= COOL_DOWN_MICROS);
        if self.acted || !has_lasted || !is_cool {
            return Step::Nothing;
        }
        (self.acted, self.acted_at) = (true, Some(at));
        Step::Act
    }

    /// The device could not be turned off: it is tried again after the cool-down. Returns whether
    /// that is news.
    pub(super) fn failed(&mut self) -> bool {
        self.acted = false;
        !std::mem::replace(&mut self.told_failure, true)
    }
}

/// A limit that acts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reached {
    pub(super) rule: DeviceRuleId,
    pub(super) limit: Limit,
    pub(super) value: f64,
    pub(super) at: WallTime,
}

impl House {
    /// Shows limits what a device just said. Waits for nothing.
    pub(super) fn check_limits(self: &Arc<Self>, device: &Arc<KeptDevice>, now: &Standing) {
        let (Some(look), None) = (&now.look, &now.failure) else { return };
        let stale = device.settings().family.look_every() * LOOKS_MISSED_MAX;
        let stale = i64::try_from(stale.as_micros()).unwrap_or(i64::MAX);
        let wall = self.clock.wall_now();
        let fresh: Vec<(&str, f64, WallTime)> = look
            .readings
            .iter()
            .filter_map(|one| Some((one.key.as_ref(), one.value, one.as_of?)))
            .filter(|(_, _, at)| wall.micros_since(*at) <= stale)
            .collect();
        let (reached, back) = self.device_rules.see(device.id(), &fresh, stale);
        if reached.is_empty() && back.is_empty() {
            return;
        }
        let (house, device) = (Arc::clone(self), Arc::clone(device));
        tokio::spawn(async move {
            for rule in back {
                house.note_limit(rule, None).await;
            }
            for reached in reached {
                house.act_on(&device, reached).await;
            }
        });
    }

    async fn act_on(&self, device: &KeptDevice, reached: Reached) {
        let Reached { rule, limit, value, at } = reached;
        let words = limit.words();
        let turned_off = match limit.then {
            LimitAction::Event => None,
            LimitAction::TurnOff => Some(self.turn_off(device, &words).await),
        };
        let name = device.name();
        let end = match &turned_off {
            None => String::new(),
            Some(Ok(())) => ", and it was turned off".to_owned(),
            Some(Err(reason)) => format!(", and it was not turned off: {reason}"),
        };
        let is_news = match &turned_off {
            Some(Err(_)) => self.device_rules.limit_failed(rule),
            _ => {
                self.note_limit(rule, Some(at)).await;
                true
            }
        };
        if !is_news {
            return;
        }
        let severity =
            if matches!(turned_off, Some(Err(_))) { Severity::Critical } else { Severity::Warning };
        let text = format!("{name}: {words} (it was {value}){end}");
        self.record_own(Class::Control, "limit_reached", severity, text);
        let body = EventBody::DeviceLimitReached {
            device: device.id(),
            name,
            camera: device.settings().camera,
            reading: limit.reading.clone(),
            value,
            limit: limit.edge().unwrap_or_default(),
            turned_off: turned_off.map(|done| done.is_ok()),
        };
        self.note(body).await;
    }

    async fn turn_off(&self, device: &KeptDevice, words: &str) -> Result<(), String> {
        let off = ControlValue::Switch(false);
        let set = self.set_by(device, POWER, off, format!("limit {words}")).await;
        set.map_err(|error| error.fault.message)
    }

    async fn note_limit(&self, rule: DeviceRuleId, acted_at: Option<WallTime>) {
        if let Err(error) = self.store.note_device_rule(rule, acted_at).await {
            tracing::error!(%error, "whether a limit acted was not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STALE: i64 = 30_000_000;

    fn above(edge: f64, for_seconds: u32) -> Limit {
        Limit {
            reading: "power".to_owned(),
            above: Some(edge),
            below: None,
            for_seconds,
            then: LimitAction::TurnOff,
            is_on: true,
        }
    }

    /// What a row of readings, one every `every` seconds, leads to.
    fn steps(limit: &Limit, every: i64, values: &[f64]) -> Vec<Step> {
        let mut watch = LimitWatch::default();
        let seen = values.iter().zip(0_i64..);
        let at = |number: i64| WallTime::from_micros(number * every * 1_000_000);
        seen.map(|(value, number)| watch.see(limit, *value, at(number), STALE)).collect()
    }

    use Step::{Act, Back, Nothing};

    #[test]
    fn a_limit_acts_once_it_lasted_and_not_before() {
        let values = [2_000.0, 2_000.0, 900.0, 2_000.0, 2_000.0, 2_000.0, 2_000.0];
        let expected = [Nothing, Nothing, Nothing, Nothing, Nothing, Act, Nothing];
        assert_eq!(steps(&above(1_500.0, 20), 10, &values), expected);
        assert_eq!(steps(&above(1_500.0, 0), 10, &[1_500.0, 1_500.1]), [Nothing, Act]);
    }

    #[test]
    fn a_limit_acts_again_only_after_the_reading_was_well_back() {
        let limit = above(1_000.0, 0);
        let values = [1_001.0, 999.0, 1_001.0, 950.0, 1_001.0];
        assert_eq!(steps(&limit, 25, &values), [Act, Nothing, Nothing, Back, Act]);
        // Within the cool-down it waits.
        let values = [1_001.0, 0.0, 1_001.0, 1_001.0];
        assert_eq!(steps(&limit, 25, &values), [Act, Back, Nothing, Act]);
    }

    #[test]
    fn what_was_not_watched_does_not_count_as_lasting() {
        let limit = above(1_000.0, 60);
        assert_eq!(steps(&limit, 31, &[2_000.0; 4]), [Nothing; 4]);
        assert_eq!(steps(&limit, 30, &[2_000.0; 3]), [Nothing, Nothing, Act]);
    }

    #[test]
    fn a_reading_is_looked_at_once_and_nonsense_never() {
        let limit = above(1_000.0, 0);
        let mut watch = LimitWatch::default();
        let at = WallTime::from_micros(9);
        assert_eq!(watch.see(&limit, f64::NAN, at, STALE), Nothing);
        assert_eq!(watch.see(&limit, f64::INFINITY, at, STALE), Nothing);
        assert_eq!(watch.see(&limit, 1.0, at, STALE), Nothing);
        assert_eq!(watch.see(&limit, 2_000.0, at, STALE), Nothing, "the same instant");
        assert_eq!(watch.see(&limit, 2_000.0, WallTime::from_micros(8), STALE), Nothing, "older");
    }

    #[test]
    fn a_device_that_does_not_turn_off_is_tried_again_and_told_once() {
        let limit = above(1_000.0, 0);
        let mut watch = LimitWatch::default();
        let at = |seconds: i64| WallTime::from_micros(seconds * 1_000_000);
        assert_eq!(watch.see(&limit, 2_000.0, at(0), STALE), Act);
        assert!(watch.failed());
        assert_eq!(watch.see(&limit, 2_000.0, at(20), STALE), Nothing);
        assert_eq!(watch.see(&limit, 2_000.0, at(60), STALE), Act);
        assert!(!watch.failed(), "told already");
    }

    #[test]
    fn a_run_before_may_have_acted_already() {
        let limit = above(1_000.0, 0);
        let mut watch = LimitWatch::after_start(true);
        let at = WallTime::from_micros;
        assert_eq!(watch.see(&limit, 2_000.0, at(1), STALE), Nothing);
        assert_eq!(watch.see(&limit, 5.0, at(2), STALE), Back);
        assert_eq!(watch.see(&limit, 2_000.0, at(3), STALE), Act);
    }

    proptest! {
        /// Between two acts the reading was always well back within the limit.
        #[test]
        fn two_acts_have_a_return_between_them(
            values in proptest::collection::vec(-100.0..300.0, 0..80),
            edge in -50.0..250.0,
            below: bool,
            for_seconds in 0_u32..60,
        ) {
            let mut limit = above(edge, for_seconds);
            if below {
                (limit.above, limit.below) = (None, Some(edge));
            }
            let mut armed = true;
            for (step, value) in steps(&limit, 10, &values).into_iter().zip(&values) {
                match step {
                    Act => {
                        prop_assert!(armed && limit.is_beyond(*value));
                        armed = false;
                    }
                    Back => {
                        prop_assert!(!armed && limit.is_back(*value));
                        armed = true;
                    }
                    Nothing => {}
                }
            }
        }
    }
}
