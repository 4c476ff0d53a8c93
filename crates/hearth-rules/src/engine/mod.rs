//! Judges all rules by each fact.
//!
//! A rule whose condition is true in the moment runs then. One whose condition holds runs when that
//! begins, or has lasted long enough, and again only after it was false. A rule that comes into force
//! while its condition holds does not run for that. Same facts, same times: same runs.

mod judge;
mod memory;
mod truth;
mod world;

use std::{cmp::Reverse, collections::BTreeMap};

use hearth_model::{CameraId, EventId, GroupId, RuleId, WallTime};
use jiff::tz::TimeZone;

pub use self::judge::Because;
use self::{
    judge::{Judge, Moment},
    memory::Memory,
    world::World,
};
use crate::{
    Action, Rule, RuleError,
    fact::{Fact, FactBody},
    known::Groups,
};

/// Rules in force at one time. With [`crate::NODES_MAX`] it bounds the time of a step.
pub const RULES_MAX: usize = 500;

/// A rule that cannot be judged so often in a row is not judged any more.
const ERRORS_MAX: u8 = 5;

/// Reports that wait to be taken; the newest stay.
const FAULTS_MAX: usize = 100;

/// The form of snapshots.
const STATE_VERSION: u8 = 1;

/// A rule runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    /// Which.
    pub rule: RuleId,
    /// When.
    pub at: WallTime,
    /// Its priority; those of one step come in its order.
    pub priority: u8,
    /// What is to be done.
    pub actions: Vec<Action>,
    /// What is not done, because a rule before it sets the same thing to something else.
    pub overruled: Vec<Action>,
    /// Where it happened.
    pub camera: Option<CameraId>,
    /// The fact by which it runs.
    pub event: Option<EventId>,
    /// Which tests were so, and by which facts.
    pub because: Vec<Because>,
}

/// Why a rule could not be judged, or did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultCause {
    /// The time is beyond the calendar.
    #[error("the time of the house is beyond the calendar")]
    Calendar,
    /// It names a group that there is not.
    #[error("the group {0} is not known")]
    GroupUnknown(GroupId),
    /// It runs too often.
    #[error("it would have run more than {} times in a minute", memory::RUNS_A_MINUTE_MAX)]
    Storm,
}

/// Something is wrong with a rule. The others go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// Which.
    pub rule: RuleId,
    /// Since when.
    pub at: WallTime,
    /// What.
    pub cause: FaultCause,
    /// Whether it is not judged any more, until it is changed or resumed.
    pub is_suspended: bool,
}

/// Everything that the engine remembers, to be kept over a restart.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EngineState {
    version: u8,
    at: WallTime,
    world: World,
    rules: BTreeMap<RuleId, Memory>,
}

/// Why a snapshot cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state of the rules has an unknown version")]
pub struct StateError;

struct Loaded {
    rule: Rule,
    /// Whether it can be true between moments.
    can_hold: bool,
    memory: Memory,
}

/// All rules in force.
pub struct Engine {
    zone: TimeZone,
    groups: Groups,
    rules: BTreeMap<RuleId, Loaded>,
    world: World,
    now: WallTime,
    faults: Vec<RuleFault>,
}

impl Engine {
    /// An engine that knows nothing yet.
    pub fn new(zone: TimeZone, groups: Groups) -> Self {
        let (rules, world) = (BTreeMap::new(), World::default());
        Self { zone, groups, rules, world, now: WallTime::default(), faults: Vec::new() }
    }

    /// Goes on where another run ended. Rules that the snapshot does not know, or knows otherwise,
    /// begin anew when they are put.
    ///
    /// # Errors
    /// If the snapshot is of another version; the engine is as before.
    pub fn restore(
        &mut self,
        state: EngineState,
        rules: Vec<(RuleId, Rule)>,
    ) -> Result<(), StateError> {
        if state.version != STATE_VERSION {
            return Err(StateError);
        }
        (self.world, self.now) = (state.world, state.at);
        let mut memories = state.rules;
        for (id, rule) in rules {
            let kept = memories.remove(&id);
            let kept = kept.filter(|kept| kept.fingerprint == memory::fingerprint(&rule));
            let fresh = Memory::new(&rule, state.at);
            self.load(id, rule, kept.unwrap_or(fresh));
        }
        Ok(())
    }

    /// What [`Engine::restore`] takes.
    pub fn snapshot(&self) -> EngineState {
        let rules = self.rules.iter().map(|(id, loaded)| (*id, loaded.memory.clone()));
        EngineState {
            version: STATE_VERSION,
            at: self.now,
            world: self.world.clone(),
            rules: rules.collect(),
        }
    }

    /// Puts a rule in force, or a changed one in its place. One whose condition is the same goes on.
    ///
    /// # Errors
    /// What is wrong with it; if there are too many.
    pub fn put(&mut self, now: WallTime, id: RuleId, rule: Rule) -> Result<(), RuleError> {
        rule.check()?;
        if !self.rules.contains_key(&id) && self.rules.len() >= RULES_MAX {
            return Err(RuleError::TooMuch { what: "the number of rules", max: RULES_MAX as u64 });
        }
        let fingerprint = memory::fingerprint(&rule);
        let kept = self.rules.remove(&id).filter(|old| old.rule.is_on && rule.is_on);
        let kept = kept.map(|old| old.memory).filter(|memory| memory.fingerprint == fingerprint);
        let mut memory = kept.unwrap_or_else(|| Memory::new(&rule, now));
        (memory.errors, memory.is_suspended) = (0, false);
        self.load(id, rule, memory);
        self.see_before(now, id);
        Ok(())
    }

    /// Sees whether a new rule's condition holds already, as far as that is known: what begins right
    /// after the rule was put begins, and is acted on.
    fn see_before(&mut self, now: WallTime, id: RuleId) {
        let Some(Loaded { rule, can_hold: true, memory }) = self.rules.get_mut(&id) else { return };
        let (world, groups, zone) = (&self.world, &self.groups, &self.zone);
        let surroundings = Surroundings { world, groups, zone, now };
        if !memory.is_new || !rule.is_on {
            return;
        }
        if let Ok(Some(truth)) = surroundings.judge(memory, None).truth(&rule.when) {
            surroundings.begins(rule, memory, Some(truth.is_true));
        }
    }

    fn load(&mut self, id: RuleId, rule: Rule, memory: Memory) {
        let can_hold = !rule.when.is_momentary();
        self.rules.insert(id, Loaded { rule, can_hold, memory });
    }

    /// Takes a rule out of force. Returns whether there was one.
    pub fn remove(&mut self, id: RuleId) -> bool {
        self.rules.remove(&id).is_some()
    }

    /// Who belongs to which group from now on. Rules that missed a group are judged again.
    pub fn set_groups(&mut self, groups: Groups) {
        self.groups = groups;
        self.suspended().into_iter().for_each(|id| self.resume(id));
    }

    /// Judges a suspended rule again.
    pub fn resume(&mut self, id: RuleId) {
        if let Some(loaded) = self.rules.get_mut(&id) {
            (loaded.memory.errors, loaded.memory.is_suspended) = (0, false);
        }
    }

    /// The rules that are not judged any more.
    pub fn suspended(&self) -> Vec<RuleId> {
        let suspended = self.rules.iter().filter(|(_, loaded)| loaded.memory.is_suspended);
        suspended.map(|(id, _)| *id).collect()
    }

    /// Takes the reports of what is wrong with rules, oldest first.
    pub fn take_faults(&mut self) -> Vec<RuleFault> {
        std::mem::take(&mut self.faults)
    }

    /// Judges all rules by a fact. What runs comes in the order of priority.
    pub fn step(&mut self, now: WallTime, fact: &Fact) -> Vec<Firing> {
        if now < self.now {
            self.world.clock_went_back(now);
            self.rules.values_mut().for_each(|loaded| loaded.memory.clock_went_back(now));
        }
        self.now = now;
        let before = self.world.see(now, fact);
        let moment = match &fact.body {
            FactBody::Happened(happening) => Some(Moment { happening, event: fact.event, before }),
            _ => None,
        };
        let ids: Vec<RuleId> = self.rules.keys().copied().collect();
        let mut firings: Vec<_> =
            ids.into_iter().filter_map(|id| self.judge(id, moment.as_ref(), fact)).collect();
        firings.sort_by_key(|firing| (Reverse(firing.priority), firing.rule));
        overrule(&mut firings);
        firings
    }

    fn judge(&mut self, id: RuleId, moment: Option<&Moment<'_>>, fact: &Fact) -> Option<Firing> {
        let loaded = self.rules.get_mut(&id)?;
        if !loaded.rule.is_on || loaded.memory.is_suspended {
            return None;
        }
        let Loaded { rule, can_hold, memory } = loaded;
        let (groups, now) = (&self.groups, self.now);
        let surroundings = Surroundings { world: &self.world, groups, zone: &self.zone, now };
        let runs = surroundings.runs(rule, *can_hold, memory, moment);
        if let Some(moment) = moment {
            memory.note(rule, moment, groups, now);
        }
        let because = match runs {
            Ok(because) => {
                memory.errors = 0;
                because?
            }
            Err(cause) => {
                memory.errors += 1;
                memory.is_suspended = memory.errors >= ERRORS_MAX;
                let is_suspended = memory.is_suspended;
                self.report(RuleFault { rule: id, at: now, cause, is_suspended });
                return None;
            }
        };
        if !memory.run(now) {
            if !std::mem::replace(&mut memory.is_storming, true) {
                let cause = FaultCause::Storm;
                self.report(RuleFault { rule: id, at: now, cause, is_suspended: false });
            }
            return None;
        }
        Some(Firing {
            rule: id,
            at: now,
            priority: rule.priority,
            actions: rule.then.clone(),
            overruled: Vec::new(),
            camera: moment.and_then(|moment| moment.happening.camera),
            event: fact.event,
            because,
        })
    }

    fn report(&mut self, fault: RuleFault) {
        if self.faults.len() >= FAULTS_MAX {
            self.faults.remove(0);
        }
        self.faults.push(fault);
    }
}

/// Everything but the rule itself.
struct Surroundings<'a> {
    world: &'a World,
    groups: &'a Groups,
    zone: &'a TimeZone,
    now: WallTime,
}

impl Surroundings<'_> {
    fn judge<'a>(&'a self, memory: &'a Memory, moment: Option<&'a Moment<'a>>) -> Judge<'a> {
        let Self { world, groups, zone, now } = *self;
        Judge { world, memory, groups, zone, moment, now }
    }

    /// Whether a rule runs now, and why.
    fn runs(
        &self,
        rule: &Rule,
        can_hold: bool,
        memory: &mut Memory,
        moment: Option<&Moment<'_>>,
    ) -> Result<Option<Vec<Because>>, FaultCause> {
        let is_silent = memory.last_run.is_some_and(|last| {
            self.now.micros_since(last) < i64::from(rule.cooldown_seconds) * 1_000_000
        });
        let mut because = None;
        if can_hold {
            let holds = self.judge(memory, None).truth(&rule.when)?.map(|truth| truth.is_true);
            let begins = self.begins(rule, memory, holds);
            if begins && !is_silent {
                memory.ran_for_it = true;
                because = Some(self.judge(memory, None).because(&rule.when)?);
            }
        }
        if moment.is_some() && rule.for_seconds == 0 && !is_silent {
            let judge = self.judge(memory, moment);
            let truth = judge.truth(&rule.when)?;
            if truth.is_some_and(|truth| truth.is_true && truth.is_of_moment) {
                because = Some(judge.because(&rule.when)?);
            }
        }
        Ok(because)
    }

    /// Whether what holds is to be acted on, which it is once.
    fn begins(&self, rule: &Rule, memory: &mut Memory, holds: Option<bool>) -> bool {
        let was_new = std::mem::replace(&mut memory.is_new, false);
        match holds {
            // It does not hold for sure, and that it was false is not known either.
            None => {
                memory.held_since = None;
                false
            }
            Some(false) => {
                (memory.held_since, memory.ran_for_it) = (None, false);
                false
            }
            Some(true) => {
                let since = *memory.held_since.get_or_insert(self.now);
                memory.ran_for_it |= was_new && rule.for_seconds == 0;
                let lasted = self.now.micros_since(since);
                !memory.ran_for_it && lasted >= i64::from(rule.for_seconds) * 1_000_000
            }
        }
    }
}

/// Of two opposed actions the one of the earlier firing stands.
fn overrule(firings: &mut [Firing]) {
    let mut standing: Vec<Action> = Vec::new();
    for firing in firings {
        let actions = std::mem::take(&mut firing.actions);
        let is_opposed = |action: &Action| standing.iter().any(|s| s.opposed(action).is_some());
        let (overruled, actions): (Vec<_>, Vec<_>) = actions.into_iter().partition(is_opposed);
        standing.extend(actions.iter().cloned());
        (firing.actions, firing.overruled) = (actions, overruled);
    }
}

#[cfg(test)]
mod tests;
