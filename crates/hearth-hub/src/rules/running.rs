//! The task that tells the engine what happens, and has done what comes out.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hearth_audit::Class;
use hearth_model::{DeviceId, Severity, WallTime};
use hearth_rules::{Fact, FactBody, Firing, RuleFault, Value};
use tokio::{
    sync::broadcast::error::RecvError,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{devices::ReadingsView, house::House};

/// Hours, absences and dwells are seen this late at most.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between two times that what the engine remembers is written down.
const SAVE_TICKS: u64 = 30;

/// Runs that are carried out at once. Devices answer within seconds, so more than these are a storm.
const RUNS_MAX: usize = 64;

/// Runs under way when the hub ends are waited for this long: footage is still being written.
const FINISH_MAX: Duration = Duration::from_secs(3);

/// How the controls of devices stand, as the engine was told.
type Controls = BTreeMap<(DeviceId, String), String>;

/// Judges until the hub ends, then writes down what is remembered.
pub(crate) async fn run(house: Arc<House>) {
    let mut runner =
        Runner { house: Arc::clone(&house), runs: JoinSet::new(), controls: Controls::new() };
    let mut heard = house.events.listen();
    let mut readings = house.readings.subscribe();
    let mut mode = house.alarm.mode();
    mode.mark_changed();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ticked: u64 = 0;
    loop {
        tokio::select! {
            () = house.ended() => break,
            Ok(()) = mode.changed() => {
                let now_set = *mode.borrow_and_update();
                runner.tell(FactBody::Mode(now_set));
            }
            row = heard.recv() => match row {
                Ok(row) => {
                    for fact in house.facts_of(&row.event).await {
                        runner.step(&fact);
                    }
                }
                // What was missed is over.
                Err(RecvError::Lagged(lost)) => tracing::warn!(lost, "rules missed facts"),
                Err(RecvError::Closed) => break,
            },
            heard = readings.recv() => match heard {
                Ok(view) => runner.tell_readings(&view),
                Err(RecvError::Lagged(lost)) => tracing::debug!(lost, "rules missed readings"),
                Err(RecvError::Closed) => break,
            },
            _ = ticks.tick() => {
                ticked += 1;
                runner.tell_controls();
                runner.tell(FactBody::Tick);
                if ticked.is_multiple_of(SAVE_TICKS) {
                    house.keep_rules_state().await;
                }
            }
        }
    }
    runner.finish().await;
    house.keep_rules_state().await;
}

struct Runner {
    house: Arc<House>,
    runs: JoinSet<()>,
    controls: Controls,
}

impl Runner {
    fn tell(&mut self, body: FactBody) {
        let at = self.house.clock.wall_now();
        self.step(&Fact { event: None, at, body });
    }

    fn step(&mut self, fact: &Fact) {
        let now = self.house.clock.wall_now();
        let (firings, faults) = self.house.rules.step(now, fact);
        for fault in &faults {
            self.house.note_fault(fault);
        }
        for firing in firings {
            self.begin(firing, now);
        }
    }

    fn begin(&mut self, firing: Firing, now: WallTime) {
        // Reaped here, where their number counts.
        while self.runs.try_join_next().is_some() {}
        if self.runs.len() >= RUNS_MAX {
            tracing::warn!(rule.id = %firing.rule, at = %now, "too many rules run at once");
            self.house.note_overload(firing.rule);
            return;
        }
        self.runs.spawn(Arc::clone(&self.house).run_rule(firing));
    }

    /// Lets what is half done be done, as long as a hub that ends may take.
    async fn finish(&mut self) {
        let all = async { while self.runs.join_next().await.is_some() {} };
        if timeout(FINISH_MAX, all).await.is_err() {
            tracing::warn!(runs = self.runs.len(), "rules are not carried out to their end");
        }
    }

    fn tell_readings(&mut self, view: &ReadingsView) {
        for reading in &view.readings {
            let (device, value) = (view.device, reading.value);
            self.tell(FactBody::Reading { device, reading: reading.key.to_string(), value });
        }
    }

    /// Tells how controls stand that stand otherwise than before, whoever set them.
    fn tell_controls(&mut self) {
        let mut changed = Vec::new();
        for device in self.house.devices.all() {
            let standing = device.supervised().standing();
            for control in standing.look.iter().flat_map(|look| &look.controls) {
                let Some(value) = control.value.as_ref().map(ToString::to_string) else { continue };
                let key = (device.id(), control.key.to_string());
                if self.controls.get(&key) != Some(&value) {
                    changed.push((key, value));
                }
            }
        }
        for ((device, control), value) in changed {
            let told = Value::told(&value);
            self.controls.insert((device, control.clone()), value);
            self.tell(FactBody::Control { device, control, value: told });
        }
    }
}

impl House {
    /// Says what is wrong with a rule; the others go on.
    fn note_fault(&self, fault: &RuleFault) {
        let name = self.rules.name(fault.rule).unwrap_or_else(|| fault.rule.to_string());
        let end = if fault.is_suspended { "; it is not judged any more" } else { "" };
        let text = format!("{name}: {}{end}", fault.cause);
        self.record_own(Class::System, "rule_failed", Severity::Warning, text);
        self.status_changed();
    }

    fn note_overload(&self, rule: hearth_model::RuleId) {
        let name = self.rules.name(rule).unwrap_or_else(|| rule.to_string());
        let text = format!("{name} was not carried out: {RUNS_MAX} rules run already");
        self.record_own(Class::System, "rule_skipped", Severity::Warning, text);
    }
}
