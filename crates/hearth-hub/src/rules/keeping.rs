//! Rules in force, what they say under the seal of the house, and what the engine remembers.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use hearth_model::{DeviceId, GroupId, RuleId, WallTime};
use hearth_rules::{Engine, EngineState, Execution, Fact, Firing, Groups, Rule, RuleFault, WhoIs};
use hearth_store::{Store, StoreError};
use hearth_vault::{KeyScope, Vault};
use jiff::tz::TimeZone;

use super::{
    bad_rule,
    timers::{Timer, Timers},
};
use crate::{
    error::{Result, UseCaseError},
    house::{House, zeroizing_json},
    last_words::LastWords,
};

/// Contexts under which rules, their runs and the memory of the engine are sealed.
const RULE_CONTEXT: &[u8] = b"rule v1";
const RUN_CONTEXT: &[u8] = b"rule run v1";
const STATE_CONTEXT: &[u8] = b"rules state v1";

/// File of that memory, in the data directory.
const STATE_FILE: &str = "rules.sealed";

/// A rule that is kept.
pub(super) struct KeptRule {
    pub(super) rule: Rule,
    pub(super) created_at: WallTime,
    pub(super) changed_at: WallTime,
    pub(super) last_run: Option<WallTime>,
}

/// All rules and the engine that judges them.
pub(crate) struct HouseRules {
    in_force: Mutex<InForce>,
    /// The task that judges: it writes down what it remembers.
    pub(crate) judging: LastWords,
    /// One writes at a time, or an older memory would replace a newer one.
    writing: tokio::sync::Mutex<()>,
}

struct InForce {
    rules: BTreeMap<RuleId, KeptRule>,
    engine: Engine,
    timers: Timers,
}

/// What survives a restart.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptState {
    engine: EngineState,
    timers: Timers,
}

impl HouseRules {
    /// Puts the rules of the index in force, and goes on where the last run ended. A rule that cannot
    /// be read is left out and said.
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
        data: &Path,
        zone: &TimeZone,
        groups: Groups,
    ) -> std::result::Result<Self, StoreError> {
        let mut rules = BTreeMap::new();
        for stored in store.rules().await? {
            let Some(rule) = open_rule(vault, &stored.sealed) else {
                tracing::error!(rule.id = %stored.id, "a rule cannot be read and is not in force");
                continue;
            };
            let (created_at, changed_at) = (stored.created_at, stored.changed_at);
            let kept = KeptRule { rule, created_at, changed_at, last_run: None };
            rules.insert(stored.id, kept);
        }
        let mut engine = Engine::new(zone.clone(), groups);
        let pairs = || rules.iter().map(|(id, kept)| (*id, kept.rule.clone()));
        let (state, timers) = match read_state(vault, data) {
            Some(KeptState { engine, timers }) => (Some(engine), timers),
            None => (None, Timers::default()),
        };
        let restored = state.is_some_and(|state| engine.restore(state, pairs().collect()).is_ok());
        if !restored {
            for (id, rule) in pairs() {
                // Judged when it was made; what has become too much since is said, and not in force.
                if let Err(error) = engine.put(rules[&id].changed_at, id, rule) {
                    tracing::error!(rule.id = %id, %error, "a rule is not in force");
                }
            }
        }
        let in_force = Mutex::new(InForce { rules, engine, timers });
        Ok(Self { in_force, judging: LastWords::default(), writing: tokio::sync::Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, InForce> {
        // Whoever panicked left plain data.
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn all(&self) -> Vec<(RuleId, Rule)> {
        self.lock().rules.iter().map(|(id, kept)| (*id, kept.rule.clone())).collect()
    }

    pub(super) fn look<T>(&self, look: impl FnMut((&RuleId, &KeptRule)) -> T) -> Vec<T> {
        self.lock().rules.iter().map(look).collect()
    }

    pub(super) fn look_at<T>(&self, id: RuleId, look: impl FnOnce(&KeptRule) -> T) -> Option<T> {
        self.lock().rules.get(&id).map(look)
    }

    pub(super) fn suspended(&self) -> Vec<RuleId> {
        self.lock().engine.suspended()
    }

    pub(super) fn created_at(&self, id: RuleId) -> Option<WallTime> {
        self.lock().rules.get(&id).map(|kept| kept.created_at)
    }

    pub(super) fn name(&self, id: RuleId) -> Option<String> {
        self.lock().rules.get(&id).map(|kept| kept.rule.name.clone())
    }

    pub(super) fn put(
        &self,
        id: RuleId,
        rule: Rule,
        created_at: WallTime,
        changed_at: WallTime,
    ) -> Result<()> {
        let mut inner = self.lock();
        let put = inner.engine.put(changed_at, id, rule.clone());
        put.map_err(|error| bad_rule(error.to_string()))?;
        let last_run = inner.rules.get(&id).and_then(|kept| kept.last_run);
        inner.rules.insert(id, KeptRule { rule, created_at, changed_at, last_run });
        Ok(())
    }

    pub(super) fn remove(&self, id: RuleId) {
        let mut inner = self.lock();
        inner.engine.remove(id);
        inner.rules.remove(&id);
    }

    pub(super) fn resume(&self, id: RuleId) -> bool {
        let mut inner = self.lock();
        inner.engine.resume(id);
        inner.rules.contains_key(&id)
    }

    /// The rules whose conditions name a group, in the order of their ids.
    pub(crate) fn naming_group(&self, group: GroupId) -> Vec<RuleId> {
        let names = |rule: &Rule| {
            let mut looked_for = rule.when.tests().into_iter().filter_map(|test| test.happens());
            looked_for.any(|of| of.who == Some(WhoIs::Group(group)))
        };
        let inner = self.lock();
        let naming = inner.rules.iter().filter(|(_, kept)| names(&kept.rule));
        naming.map(|(id, _)| *id).collect()
    }

    /// Who belongs to which group of people from now on.
    pub(crate) fn set_groups(&self, groups: Groups) {
        self.lock().engine.set_groups(groups);
    }

    /// Tells the engine something. Gives what runs now, and what is wrong.
    pub(super) fn step(&self, now: WallTime, fact: &Fact) -> (Vec<Firing>, Vec<RuleFault>) {
        let mut inner = self.lock();
        let firings = inner.engine.step(now, fact);
        for firing in &firings {
            if let Some(kept) = inner.rules.get_mut(&firing.rule) {
                kept.last_run = Some(firing.at);
            }
        }
        (firings, inner.engine.take_faults())
    }

    pub(super) fn set_timer(&self, timer: Timer) {
        self.lock().timers.set(timer);
    }

    pub(super) fn due_timers(&self, now: WallTime) -> Vec<Timer> {
        self.lock().timers.due(now)
    }

    pub(super) fn timer_done(&self, timer: &Timer) {
        self.lock().timers.done(timer);
    }

    pub(super) fn clear_timer(&self, device: DeviceId, control: &str) -> bool {
        self.lock().timers.clear(device, control)
    }

    fn state(&self) -> KeptState {
        let inner = self.lock();
        KeptState { engine: inner.engine.snapshot(), timers: inner.timers.clone() }
    }
}

impl House {
    pub(super) fn seal_rule(&self, id: RuleId, rule: &Rule) -> Result<Vec<u8>> {
        let sealed = self.sealed_json(RULE_CONTEXT, rule);
        sealed.inspect_err(|_| tracing::error!(rule.id = %id, "a rule was not sealed"))
    }

    pub(super) fn seal_run(&self, run: &Execution) -> Result<Vec<u8>> {
        self.sealed_json(RUN_CONTEXT, run)
    }

    fn sealed_json(&self, context: &[u8], plain: &impl serde::Serialize) -> Result<Vec<u8>> {
        let json = zeroizing_json(plain)?;
        let sealed = self.vault.seal(&KeyScope::House, context, json.expose());
        sealed.map_err(|error| UseCaseError::internal(&error))
    }

    pub(super) fn open_run(&self, sealed: &[u8]) -> Option<Execution> {
        let json = self.vault.unseal(&KeyScope::House, RUN_CONTEXT, sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }

    /// Writes down what the engine remembers: counts, dwells, what was told last.
    pub(crate) async fn keep_rules_state(&self) {
        let _one_at_a_time = self.rules.writing.lock().await;
        let state = self.rules.state();
        let (vault, path) = (self.vault.clone(), self.data.join(STATE_FILE));
        let written = tokio::task::spawn_blocking(move || {
            // Plain data: JSON can always say it.
            let json = serde_json::to_vec(&state).unwrap_or_default();
            vault.write_sealed_file(&path, &KeyScope::House, STATE_CONTEXT, &json)
        });
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what rules remember was not kept"),
            Err(error) => tracing::warn!(%error, "what rules remember was not kept"),
        }
    }
}

fn open_rule(vault: &Vault, sealed: &[u8]) -> Option<Rule> {
    let json = vault.unseal(&KeyScope::House, RULE_CONTEXT, sealed).ok()?;
    Rule::from_json(json.expose()).ok()
}

fn read_state(vault: &Vault, data: &Path) -> Option<KeptState> {
    let plain = vault.read_sealed_file(&data.join(STATE_FILE), &KeyScope::House, STATE_CONTEXT);
    serde_json::from_slice(plain.ok()?.expose()).ok()
}
