//! Carries out what rules decide, and says of each thing whether it was done.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use hearth_audit::{Class, Finding, IncidentKind};
use hearth_device::ControlValue;
use hearth_model::{CameraId, DeviceId, EventBody, HoldId, RecordMode, Severity};
use hearth_rules::{Action, Execution, Firing, Outcome, Value, alarm::AlarmCause};
use hearth_store::Hold;
use tokio::time::{sleep, timeout};

use super::{known::PRESET, timers::Timer};
use crate::{
    devices::{KeptDevice, POWER},
    error::Result,
    house::House,
    notifications::{Called, Matter, MatterKind},
};

/// An action that takes longer has failed; devices answer within seconds.
const ACTION_LIMIT: Duration = Duration::from_secs(15);

/// What came of an action: why it was not done, for a person.
type Acted = std::result::Result<(), String>;

/// A rule that runs.
struct Run<'a> {
    firing: &'a Firing,
    name: String,
}

impl Run<'_> {
    /// Who it was, for a fact.
    fn by(&self) -> String {
        format!("rule {}", self.name)
    }
}

impl House {
    /// Does what a rule wants, one thing after the other, and writes down what came of each.
    pub(super) async fn run_rule(self: Arc<Self>, firing: Firing) {
        let Some(name) = self.rules.name(firing.rule) else { return };
        let run = Run { firing: &firing, name };
        let mut execution = Execution::begin(&firing);
        let number = self.begin_run(&execution).await;
        for (index, action) in firing.actions.iter().enumerate() {
            let acted = timeout(ACTION_LIMIT, self.act(&run, action)).await;
            let acted = acted.unwrap_or_else(|_| Err("It did not answer in time.".to_owned()));
            let at = self.clock.wall_now();
            let outcome = match acted {
                Ok(()) => Outcome::Done(at),
                Err(reason) => Outcome::Failed { at, reason },
            };
            execution.note(index, outcome);
        }
        self.end_run(number, &execution).await;
        let is_done =
            !execution.actions.iter().any(|entry| matches!(entry.outcome, Outcome::Failed { .. }));
        let (rule, camera, name) = (firing.rule, firing.camera, run.name);
        self.note(EventBody::RuleRan { rule, name, camera, is_done }).await;
    }

    async fn begin_run(&self, execution: &Execution) -> Option<i64> {
        let sealed = self.seal_run(execution).ok()?;
        let kept = self.store.add_rule_run(execution.rule, execution.at, &sealed).await;
        kept.inspect_err(|error| tracing::error!(%error, "a run of a rule was not kept")).ok()
    }

    async fn end_run(&self, number: Option<i64>, execution: &Execution) {
        let Some((number, sealed)) = number.zip(self.seal_run(execution).ok()) else { return };
        if let Err(error) = self.store.update_rule_run(number, &sealed).await {
            tracing::error!(%error, "what came of a rule was not kept");
        }
    }

    async fn act(self: &Arc<Self>, run: &Run<'_>, action: &Action) -> Acted {
        match action {
            Action::Notify { to, severity, picture, text } => {
                self.tell_of_rule(run, to, *severity, *picture, text.as_deref()).await
            }
            Action::Record { cameras, seconds } => self.record_for(run, cameras, *seconds),
            Action::HoldClip { before_seconds, after_seconds, days } => {
                self.hold_clip(run, *before_seconds, *after_seconds, *days).await
            }
            Action::Alert { severity, title } => {
                self.watchtower.find([alert(run, *severity, title)]);
                Ok(())
            }
            Action::Siren { devices, seconds } => self.siren_for(run, devices, *seconds).await,
            Action::Switch { device, on, for_seconds } => {
                let device = self.acting_device(*device)?;
                self.switch_for(run, &device, POWER, *on, *for_seconds).await
            }
            Action::Set { device, control, value } => {
                let device = self.acting_device(*device)?;
                told(self.set_by(&device, control, control_value(value), run.by()).await)
            }
            Action::Preset { camera, preset } => {
                let device = self.turning(*camera).ok_or("The camera does not turn.")?;
                let preset = ControlValue::Word(preset.clone());
                told(self.set_by(&device, PRESET, preset, run.by()).await)
            }
            Action::Privacy { on, for_seconds } => {
                let now = self.clock.wall_now();
                let until =
                    for_seconds.filter(|_| *on).map(|seconds| now.plus_micros(micros(seconds)));
                told(self.switch_privacy(*on, until, run.by()).await)
            }
            Action::Arm { mode } => {
                told(self.arm(*mode, AlarmCause::Rule(run.firing.rule), false).await)
            }
            Action::Webhook { channel } => {
                self.call_channel(*channel, Called::Words { title: &run.name }).await
            }
            Action::Mqtt { channel, topic, payload } => {
                self.call_channel(*channel, Called::Published { topic, payload }).await
            }
            Action::Log { text } => {
                let text = text.as_deref().unwrap_or(&run.name);
                self.record_own(Class::System, "rule_noted", Severity::Info, text);
                Ok(())
            }
        }
    }

    fn record_for(self: &Arc<Self>, run: &Run<'_>, cameras: &[CameraId], seconds: u32) -> Acted {
        let here = || run.firing.camera.into_iter().collect();
        let named: Vec<CameraId> = if cameras.is_empty() { here() } else { cameras.to_vec() };
        if named.is_empty() {
            return Err("It happened at no camera.".to_owned());
        }
        for id in named {
            let camera = self.cameras.get(id).ok_or("The camera was removed.")?;
            if camera.status().record_mode == RecordMode::Off {
                return Err(format!("{} is set to record nothing now.", camera.settings().name));
            }
            camera.activity_began();
            let house = Arc::clone(self);
            tokio::spawn(async move {
                tokio::select! {
                    () = sleep(Duration::from_secs(seconds.into())) => {}
                    () = house.ended() => {}
                }
                camera.activity_ended(house.clock.stream_now());
            });
        }
        Ok(())
    }

    async fn hold_clip(&self, run: &Run<'_>, before: u32, after: u32, days: u16) -> Acted {
        let camera = run.firing.camera.ok_or("It happened at no camera.")?;
        let (at, now) = (run.firing.at, self.clock.wall_now());
        let hold = Hold {
            id: HoldId::new(),
            camera,
            from: at.plus_micros(-micros(before)),
            to: at.plus_micros(micros(after)),
            reason: run.by().chars().take(Hold::REASON_CHARACTERS_MAX).collect(),
            until: Some(now.plus_micros(micros(86_400) * i64::from(days))),
            created_at: now,
            created_by: None,
        };
        let kept = self.store.add_hold(&hold).await;
        kept.map_err(|error| crate::identity::store_error(error).fault.message)?;
        self.keep_snapshot().await;
        Ok(())
    }

    /// Sounds what sounds, all at once; zero seconds silence it.
    async fn siren_for(&self, run: &Run<'_>, named: &[DeviceId], seconds: u32) -> Acted {
        let sirens = self.sirens(named);
        if sirens.is_empty() {
            return Err("There is no siren.".to_owned());
        }
        let sounds = seconds > 0;
        let switched = sirens.iter().map(|siren| {
            self.switch_for(run, siren, siren.sounding(), sounds, sounds.then_some(seconds))
        });
        // One that does not answer keeps no other silent; the first reason is told.
        join_all(switched).await.into_iter().collect()
    }

    fn acting_device(&self, id: DeviceId) -> std::result::Result<Arc<KeptDevice>, String> {
        self.devices.get(id).ok_or_else(|| "The device was removed.".to_owned())
    }

    /// Switches a control, and has it switched back after so many seconds, if any. What was to be
    /// done with it before is not done any more.
    async fn switch_for(
        &self,
        run: &Run<'_>,
        device: &KeptDevice,
        control: &str,
        is_on: bool,
        seconds: Option<u32>,
    ) -> Acted {
        let timer = seconds.map(|seconds| Timer {
            device: device.id(),
            control: control.to_owned(),
            is_on: !is_on,
            at: self.clock.wall_now().plus_micros(micros(seconds)),
            by: run.by(),
        });
        // Kept before the device is asked: whatever ends the hub in between, it is switched back.
        if let Some(timer) = timer {
            self.rules.set_timer(timer);
            self.keep_rules_state().await;
        }
        let set = self.set_by(device, control, ControlValue::Switch(is_on), run.by()).await;
        // One whose answer got lost may have done it: then the timer stays.
        if seconds.is_none() && set.is_ok() && self.rules.clear_timer(device.id(), control) {
            self.keep_rules_state().await;
        }
        told(set)
    }

    async fn tell_of_rule(
        &self,
        run: &Run<'_>,
        to: &[hearth_model::RecipientId],
        severity: Severity,
        picture: bool,
        text: Option<&str>,
    ) -> Acted {
        let camera = run.firing.camera;
        let picture = match camera.filter(|_| picture) {
            Some(camera) => self.picture_now(camera).await,
            None => None,
        };
        let place = camera.and_then(|camera| self.camera_name(camera));
        let told = self.notify(Matter {
            kind: MatterKind::Rule,
            severity,
            camera,
            to: to.to_vec(),
            title: text.unwrap_or(&run.name).to_owned(),
            text: place.map(|place| place.to_string()).unwrap_or_default(),
            picture,
            correlation: format!("{}:{}", run.firing.rule, run.firing.at.as_micros()),
            link: camera.map(|camera| format!("/cameras/{camera}")),
        });
        match told.await {
            Some(0) => Err("Nobody was told: no recipient wants this, or may see it.".to_owned()),
            Some(_) => Ok(()),
            None => Err("The message could not be queued.".to_owned()),
        }
    }
}

fn told<T>(result: Result<T>) -> Acted {
    result.map(drop).map_err(|error| error.fault.message)
}

fn micros(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000_000
}

fn control_value(value: &Value) -> ControlValue {
    match value {
        Value::Switch(is_on) => ControlValue::Switch(*is_on),
        Value::Number(number) => ControlValue::Number(*number),
        Value::Word(word) => ControlValue::Word(word.clone()),
    }
}

fn alert(run: &Run<'_>, severity: Severity, title: &str) -> Finding {
    Finding {
        kind: IncidentKind::Rule,
        severity,
        subject: run.by(),
        title: title.to_owned(),
        detail: "A rule of the house wants somebody to look into it.".to_owned(),
    }
}
