//! How often an assistant may call: slower than the listener allows, because a model that goes in
//! circles does not notice. The owner's own calls count too.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use hearth_auth::{Principal, Rate, RateLimit, Throttled};
use hearth_model::{TokenId, UserId, WallTime};

use crate::tool::{Cost, Effect, Tool};

/// Callers remembered at a time; more than a house has programs.
const CALLERS_MAX: usize = 1_024;

/// Any call: two a second in the long run, and a minute's worth of them at once.
const CALLS: Rate = Rate { interval: Duration::from_millis(500), burst: 120 };

/// Calls that cost much: a look at every camera, then one each three seconds.
const HEAVY: Rate = Rate { interval: Duration::from_secs(3), burst: 40 };

/// Calls that change something: nobody confirms more than a handful in a row.
const CHANGES: Rate = Rate { interval: Duration::from_secs(6), burst: 20 };

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    User(UserId),
    Token(TokenId),
    Owner,
}

impl From<&Principal> for Caller {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::User { user, .. } => Self::User(*user),
            Principal::Machine { token, .. } => Self::Token(*token),
            Principal::Owner => Self::Owner,
        }
    }
}

/// The buckets of all callers.
pub(crate) struct Pace {
    began: Instant,
    calls: Mutex<RateLimit<Caller>>,
    heavy: Mutex<RateLimit<Caller>>,
    changes: Mutex<RateLimit<Caller>>,
}

impl Pace {
    pub(crate) fn new() -> Self {
        let bucket = |rate| Mutex::new(RateLimit::new(rate, CALLERS_MAX));
        let (calls, heavy, changes) = (bucket(CALLS), bucket(HEAVY), bucket(CHANGES));
        Self { began: Instant::now(), calls, heavy, changes }
    }

    /// Takes a call out of the caller's buckets.
    pub(crate) fn charge(&self, caller: Caller, tool: &Tool) -> Result<(), Throttled> {
        self.take(&self.calls, caller)?;
        if tool.cost == Cost::Heavy {
            self.take(&self.heavy, caller)?;
        }
        if tool.effect == Effect::Reads { Ok(()) } else { self.take(&self.changes, caller) }
    }

    /// Takes a look at a resource.
    pub(crate) fn charge_reading(&self, caller: Caller, cost: Cost) -> Result<(), Throttled> {
        self.take(&self.calls, caller)?;
        if cost == Cost::Heavy { self.take(&self.heavy, caller) } else { Ok(()) }
    }

    fn take(&self, limit: &Mutex<RateLimit<Caller>>, caller: Caller) -> Result<(), Throttled> {
        // The monotonic clock's time, so that a step of the wall clock frees and locks nobody.
        let micros = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.take(caller, WallTime::from_micros(micros))
    }
}
