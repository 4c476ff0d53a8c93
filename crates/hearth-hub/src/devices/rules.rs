//! Rules that the hub keeps for devices: who may make them, what they may say, and where they live
//! while the hub runs.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hearth_auth::{HouseGrant, ask};
use hearth_device::{Control, ControlKind, DeviceError};
use hearth_model::{DeviceId, DeviceRuleId, WallTime};
use hearth_store::{StoreError, StoredDeviceRule};
use jiff::tz::TimeZone;

use super::{
    KeptDevice, device_error,
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

/// A clock that was this far ahead was wrong: what it led to is forgotten.
const AHEAD_MAX_MICROS: i64 = 3_600_000_000;

/// A rule with its id.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Kept<T> {
    /// Its id.
    pub id: DeviceRuleId,
    /// What it says.
    #[serde(flatten)]
    pub rule: T,
}

/// Either kind, as the index keeps it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Rule {
    Schedule(Schedule),
    Limit(Limit),
}

/// A kind of rule: a schedule or a limit.
pub trait DeviceRule: Clone + Sized {
    /// What it is called where it is missing.
    #[doc(hidden)]
    const NAME: &'static str;
    /// As one of both.
    #[doc(hidden)]
    fn into_rule(self) -> AnyRule;
    /// If it is of this kind.
    #[doc(hidden)]
    fn of_rule(rule: &AnyRule) -> Option<Self>;
}

/// A rule of either kind, which only this module looks into.
#[derive(Clone, Debug)]
pub struct AnyRule(Rule);

impl DeviceRule for Schedule {
    const NAME: &'static str = "schedule";

    fn into_rule(self) -> AnyRule {
        AnyRule(Rule::Schedule(self))
    }

    fn of_rule(rule: &AnyRule) -> Option<Self> {
        match &rule.0 {
            Rule::Schedule(schedule) => Some(schedule.clone()),
            Rule::Limit(_) => None,
        }
    }
}

impl DeviceRule for Limit {
    const NAME: &'static str = "limit";

    fn into_rule(self) -> AnyRule {
        AnyRule(Rule::Limit(self))
    }

    fn of_rule(rule: &AnyRule) -> Option<Self> {
        match &rule.0 {
            Rule::Limit(limit) => Some(limit.clone()),
            Rule::Schedule(_) => None,
        }
    }
}
