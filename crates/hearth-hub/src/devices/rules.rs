//! Rules that the hub keeps for devices: who may make them, what they may say, and where they are
//! while the hub runs. When a schedule is due and when a limit is reached is in their own files.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hearth_auth::{HouseGrant, ask};
use hearth_device::{Control, ControlKind, DeviceError, Standing};
use hearth_model::{DeviceId, DeviceRuleId, WallTime};
use hearth_store::{StoreError, StoredDeviceRule};
use jiff::tz::TimeZone;

use super::{
    device_error,
    limits::{Limit, LimitAction, LimitWatch, POWER, Reached, SECONDS_MAX, Step},
    schedules::{Due, Schedule},
    to_value,
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// A clock that was this far ahead was wrong, and what it led to does not count.
const AHEAD_MAX_MICROS: i64 = 3_600_000_000;

/// What the hub does with a device by itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeviceRule {
    /// Sets it at a time.
    Schedule(Schedule),
    /// Watches what it measures.
    Limit(Limit),
}

impl DeviceRule {
    fn is_same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What is wrong with it, whatever the device can do.
    fn check(&self) -> Result<()> {
        match self {
            Self::Schedule(schedule) => {
                let mut days = schedule.days.clone();
                days.sort_unstable();
                days.dedup();
                if days.is_empty() || days.len() < schedule.days.len() {
                    let text = "A schedule has at least one day, and each day once.";
                    return Err(UseCaseError::bad_input("bad_schedule", text));
                }
            }
            Self::Limit(limit) => {
                if limit.edge().is_none() || limit.for_seconds > SECONDS_MAX {
                    let text = "A limit is above or below a number, for at most a day.";
                    return Err(UseCaseError::bad_input("bad_limit", text));
                }
            }
        }
        Ok(())
    }

    /// Whether the device can do and measure what it names.
    fn check_against(&self, standing: &Standing) -> Result<()> {
        match self {
            Self::Schedule(Schedule { control, value, .. }) => {
                let control = standing.control(control).filter(|control| !control.sensitive);
                let control = control.ok_or_else(|| device_error(DeviceError::NoSuchControl))?;
                control.check(value).map_err(device_error)
            }
            Self::Limit(limit) => {
                let readings = standing.look.iter().flat_map(|look| &look.readings);
                if !readings.into_iter().any(|reading| reading.key == limit.reading) {
                    let text = "The device does not measure that.";
                    return Err(UseCaseError::bad_input("bad_limit", text));
                }
                let turns_off = |power: &Control| power.kind == ControlKind::Toggle;
                match limit.then {
                    LimitAction::TurnOff if !standing.control(POWER).is_some_and(turns_off) => {
                        let text = "The device has no switch; a limit can only tell of it.";
                        Err(UseCaseError::bad_input("bad_limit", text))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Whether it names the same parts of the device, so that what one said of it fits the other.
    fn asks_for_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Schedule(one), Self::Schedule(other)) => {
                (&one.control, &one.value) == (&other.control, &other.value)
            }
            (Self::Limit(one), Self::Limit(other)) => {
                (&one.reading, one.then) == (&other.reading, other.then)
            }
            _ => false,
        }
    }
}

/// How far a rule went.
#[derive(Clone, Debug)]
enum Progress {
    /// Up to when it was looked at, and when it is due next.
    Schedule {
        handled: WallTime,
        next: Option<WallTime>,
    },
    Limit(LimitWatch),
}

#[derive(Clone, Debug)]
struct KeptRule {
    device: DeviceId,
    rule: DeviceRule,
    created_at: WallTime,
    progress: Progress,
}

/// All rules.
#[derive(Default)]
pub(crate) struct DeviceRules(Mutex<RulesInForce>);

#[derive(Default)]
struct RulesInForce {
    rules: BTreeMap<DeviceRuleId, KeptRule>,
    /// When a control was last set by a schedule: what is tried again gives way to what came later.
    newest: BTreeMap<(DeviceId, String), WallTime>,
}

impl DeviceRules {
    fn lock(&self) -> MutexGuard<'_, RulesInForce> {
        // Whoever panicked left plain data.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, device: DeviceId) -> Vec<(DeviceRuleId, DeviceRule)> {
        let inner = self.lock();
        let of_device = inner.rules.iter().filter(|(_, kept)| kept.device == device);
        of_device.map(|(id, kept)| (*id, kept.rule.clone())).collect()
    }

    fn get(&self, device: DeviceId, id: DeviceRuleId) -> Option<KeptRule> {
        self.lock().rules.get(&id).filter(|kept| kept.device == device).cloned()
    }

    /// Puts a rule in force that went as far as `handled`.
    fn put(&self, id: DeviceRuleId, mut kept: KeptRule, zone: &TimeZone) {
        if let (DeviceRule::Schedule(schedule), Progress::Schedule { handled, next }) =
            (&kept.rule, &mut kept.progress)
        {
            *next = schedule.next_after(zone, *handled).filter(|_| schedule.is_on);
        }
        self.lock().rules.insert(id, kept);
    }

    fn remove(&self, id: DeviceRuleId) {
        self.lock().rules.remove(&id);
    }

    /// Forgets the rules of a device.
    pub(super) fn forget(&self, device: DeviceId) {
        let mut inner = self.lock();
        inner.rules.retain(|_, kept| kept.device != device);
        inner.newest.retain(|(of, _), _| *of != device);
    }

    /// Takes the schedules that are due; each is given once.
    pub(super) fn take_due(&self, zone: &TimeZone, now: WallTime) -> Vec<Due> {
        let inner = &mut *self.lock();
        let mut all = Vec::new();
        for (id, kept) in &mut inner.rules {
            let (DeviceRule::Schedule(schedule), Progress::Schedule { handled, next }) =
                (&kept.rule, &mut kept.progress)
            else {
                continue;
            };
            let was_ahead = handled.micros_since(now) > AHEAD_MAX_MICROS;
            if was_ahead {
                (*handled, *next) = (now, schedule.next_after(zone, now));
            }
            if !schedule.is_on || next.is_none_or(|next| next > now) {
                continue;
            }
            let due = Due::of((*id, kept.device, schedule), zone, *handled, now);
            (*handled, *next) = (now, schedule.next_after(zone, now));
            if let Some(at) = due.as_ref().and_then(|due| due.run) {
                let newest = inner.newest.entry((kept.device, schedule.control.clone()));
                let newest = newest.or_insert(at);
                *newest = at.max(*newest);
            }
            all.extend(due);
        }
        // What was due first is done first.
        all.sort_by_key(|due| due.run);
        all
    }

    /// Whether a schedule that was due at `at` still says the same, and no later one set the same
    /// control.
    pub(super) fn still_wants(&self, id: DeviceRuleId, due: &Schedule, at: WallTime) -> bool {
        let inner = self.lock();
        let Some(kept) = inner.rules.get(&id) else { return false };
        let newest = inner.newest.get(&(kept.device, due.control.clone()));
        let is_newest = newest.is_none_or(|newest| *newest <= at);
        is_newest && matches!(&kept.rule, DeviceRule::Schedule(now) if now == due)
    }

    /// Shows a device's limits its readings. Returns those that act, and those that came back.
    pub(super) fn see(
        &self,
        device: DeviceId,
        readings: &[(&str, f64, WallTime)],
        stale_micros: i64,
    ) -> (Vec<Reached>, Vec<DeviceRuleId>) {
        let (mut reached, mut back) = (Vec::new(), Vec::new());
        for (id, kept) in &mut self.lock().rules {
            let (DeviceRule::Limit(limit), Progress::Limit(watch)) =
                (&kept.rule, &mut kept.progress)
            else {
                continue;
            };
            if kept.device != device || !limit.is_on {
                continue;
            }
            let of_limit = readings.iter().filter(|(key, ..)| *key == limit.reading);
            for (_, value, at) in of_limit {
                match watch.see(limit, *value, *at, stale_micros) {
                    Step::Nothing => {}
                    Step::Back => back.push(*id),
                    Step::Act => {
                        let (limit, value, at) = (limit.clone(), *value, *at);
                        reached.push(Reached { rule: *id, limit, value, at });
                    }
                }
            }
        }
        (reached, back)
    }

    /// A limit could not turn its device off. Returns whether that is news.
    pub(super) fn limit_failed(&self, id: DeviceRuleId) -> bool {
        let mut inner = self.lock();
        match inner.rules.get_mut(&id).map(|kept| &mut kept.progress) {
            Some(Progress::Limit(watch)) => watch.failed(),
            _ => false,
        }
    }
}

impl Hub {
    /// What a device is set to at which time.
    ///
    /// # Errors
    /// `not_found`.
    pub fn schedules(
        &self,
        grant: &HouseGrant<ask::ReadDevices>,
        device: DeviceId,
    ) -> Result<Vec<(DeviceRuleId, Schedule)>> {
        let device = self.seen_device(grant.principal(), device)?;
        let schedule = |(id, rule)| match rule {
            DeviceRule::Schedule(schedule) => Some((id, schedule)),
            DeviceRule::Limit(_) => None,
        };
        Ok(self.house().device_rules.of(device.id()).into_iter().filter_map(schedule).collect())
    }

    /// How a device is watched.
    ///
    /// # Errors
    /// `not_found`.
    pub fn limits(
        &self,
        grant: &HouseGrant<ask::ReadDevices>,
        device: DeviceId,
    ) -> Result<Vec<(DeviceRuleId, Limit)>> {
        let device = self.seen_device(grant.principal(), device)?;
        let limit = |(id, rule)| match rule {
            DeviceRule::Limit(limit) => Some((id, limit)),
            DeviceRule::Schedule(_) => None,
        };
        Ok(self.house().device_rules.of(device.id()).into_iter().filter_map(limit).collect())
    }

    /// Makes a rule for a device that the principal may command.
    ///
    /// # Errors
    /// `bad_schedule`, `bad_limit`, `control_unknown`, `value_out_of_range`; `too_many`; and why the
    /// device has not said yet what it can do.
    pub async fn add_device_rule(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        device: DeviceId,
        rule: DeviceRule,
    ) -> Result<DeviceRuleId> {
        let device = self.controlled_device(grant.principal(), device)?;
        rule.check()?;
        let standing = device.supervised().standing();
        if standing.look.is_none() {
            let failure = standing.failure.clone();
            return Err(device_error(failure.unwrap_or(DeviceError::Timeout)));
        }
        rule.check_against(&standing)?;
        let house = self.house();
        let now = house.clock.wall_now();
        let stored = StoredDeviceRule {
            id: DeviceRuleId::new(),
            device: device.id(),
            rule: to_value(&rule)?,
            created_at: now,
            handled_at: None,
        };
        house.store.add_device_rule(&stored).await.map_err(store_error)?;
        house.put_rule(stored.id, device.id(), rule, (now, None));
        house.keep_snapshot().await;
        Ok(stored.id)
    }

    /// Changes a rule; it begins anew.
    ///
    /// # Errors
    /// As for [`Hub::add_device_rule`]; `not_found`.
    pub async fn change_device_rule(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        device: DeviceId,
        id: DeviceRuleId,
        rule: DeviceRule,
    ) -> Result<()> {
        let device = self.controlled_device(grant.principal(), device)?;
        let before = self.kept_rule(device.id(), id, &rule)?;
        rule.check()?;
        // A device that is away keeps nobody from switching its rules off.
        if !rule.asks_for_the_same(&before.rule) {
            let standing = device.supervised().standing();
            rule.check_against(&standing)?;
        }
        let house = self.house();
        let now = house.clock.wall_now();
        let handled_at = matches!(rule, DeviceRule::Schedule(_)).then_some(now);
        let stored = StoredDeviceRule {
            id,
            device: device.id(),
            rule: to_value(&rule)?,
            created_at: before.created_at,
            handled_at,
        };
        house.store.update_device_rule(&stored).await.map_err(store_error)?;
        house.put_rule(id, device.id(), rule, (before.created_at, handled_at));
        house.keep_snapshot().await;
        Ok(())
    }

    /// Removes a schedule.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_schedule(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        device: DeviceId,
        id: DeviceRuleId,
    ) -> Result<()> {
        let is_schedule = |rule: &DeviceRule| matches!(rule, DeviceRule::Schedule(_));
        self.remove_device_rule(grant, device, id, is_schedule).await
    }

    /// Removes a limit.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_limit(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        device: DeviceId,
        id: DeviceRuleId,
    ) -> Result<()> {
        let is_limit = |rule: &DeviceRule| matches!(rule, DeviceRule::Limit(_));
        self.remove_device_rule(grant, device, id, is_limit).await
    }

    async fn remove_device_rule(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        device: DeviceId,
        id: DeviceRuleId,
        is_wanted: impl Fn(&DeviceRule) -> bool,
    ) -> Result<()> {
        let device = self.controlled_device(grant.principal(), device)?;
        let house = self.house();
        let kept = house.device_rules.get(device.id(), id).filter(|kept| is_wanted(&kept.rule));
        kept.ok_or_else(|| UseCaseError::not_found("rule"))?;
        // First out of force: what is under way finds it gone.
        house.device_rules.remove(id);
        house.store.remove_device_rule(id).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(())
    }

    fn kept_rule(&self, device: DeviceId, id: DeviceRuleId, like: &DeviceRule) -> Result<KeptRule> {
        let kept = self.house().device_rules.get(device, id);
        let kept = kept.filter(|kept| kept.rule.is_same_kind(like));
        kept.ok_or_else(|| UseCaseError::not_found("rule"))
    }
}

impl House {
    /// Puts all rules of the index in force.
    pub(crate) async fn start_device_rules(&self) -> std::result::Result<(), StoreError> {
        for stored in self.store.device_rules().await? {
            match serde_json::from_value::<DeviceRule>(stored.rule) {
                Ok(rule) => {
                    let times = (stored.created_at, stored.handled_at);
                    self.put_rule(stored.id, stored.device, rule, times);
                }
                Err(error) => {
                    tracing::error!(rule.id = %stored.id, %error, "a device's rule cannot be read");
                }
            }
        }
        Ok(())
    }

    fn put_rule(
        &self,
        id: DeviceRuleId,
        device: DeviceId,
        rule: DeviceRule,
        (created_at, handled_at): (WallTime, Option<WallTime>),
    ) {
        let progress = match &rule {
            DeviceRule::Schedule(_) => {
                Progress::Schedule { handled: handled_at.unwrap_or(created_at), next: None }
            }
            DeviceRule::Limit(_) => Progress::Limit(LimitWatch::after_start(handled_at.is_some())),
        };
        self.device_rules.put(id, KeptRule { device, rule, created_at, progress }, &self.zone);
    }
}
