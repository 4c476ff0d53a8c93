//! What sensors and cameras tell the alarm, and whether they are ready to.

use std::{sync::Arc, time::Duration};

use hearth_device::DeviceState;
use hearth_model::{CameraState, Event, EventBody, Label};
use hearth_rules::{
    Mode,
    alarm::{AlarmInput, Sensor, Watch},
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval},
};

use super::{AlarmModeView, AlarmView, telling::record_secret};
use crate::house::House;

/// Delays and schedules are this exact.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between two times that the alarm's own time is written down.
const KEEP_TICKS: u64 = 60;

/// What a device that is tampered with says.
const TAMPER: &str = "tamper";

/// Lets time go on for the alarm and tells it what happens, until the hub ends.
pub(crate) async fn run(house: Arc<House>) {
    let mut heard = house.events.listen();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ticked: u64 = 0;
    loop {
        tokio::select! {
            () = house.ended() => break,
            row = heard.recv() => match row {
                Ok(row) => house.take_noticed(&row.event).await,
                // What was missed is in the index; the alarm lives from what happens now.
                Err(RecvError::Lagged(lost)) => tracing::warn!(lost, "the alarm missed facts"),
                Err(RecvError::Closed) => break,
            },
            _ = ticks.tick() => {
                ticked += 1;
                house.tick_alarm().await;
                house.tick_presence().await;
                if ticked.is_multiple_of(KEEP_TICKS) {
                    house.keep_alarm_time().await;
                }
            }
        }
    }
    house.keep_alarm_time().await;
}

/// What a fact is to the alarm.
enum Noticed {
    By(Sensor, Option<Label>),
    Tampered(hearth_model::DeviceId),
}

fn noticed(event: &Event) -> Option<Noticed> {
    match &event.body {
        EventBody::ActivityNoticed { camera, label, .. }
        | EventBody::ActivityRecognized { camera, label, .. } => {
            Some(Noticed::By(Sensor::Camera(*camera), Some(label.clone())))
        }
        EventBody::DeviceNoticed { device, what, .. } if what == TAMPER => {
            Some(Noticed::Tampered(*device))
        }
        EventBody::DeviceNoticed { device, .. } => Some(Noticed::By(Sensor::Device(*device), None)),
        _ => None,
    }
}

impl House {
    async fn take_noticed(&self, event: &Event) {
        let Some(noticed) = noticed(event) else { return };
        let step = self.step_alarm(move |alarm, _, now| match &noticed {
            Noticed::By(sensor, label) => {
                alarm.step(now, AlarmInput::Noticed { sensor: *sensor, label: label.as_ref() })
            }
            Noticed::Tampered(device) => alarm.step(now, AlarmInput::Tampered(*device)),
        });
        if let Err(error) = step.await {
            tracing::error!(%error, "the alarm did not take what a sensor told");
        }
    }

    async fn tick_alarm(&self) {
        let tick = self.step_alarm(|alarm, _, now| alarm.step(now, AlarmInput::Tick)).await;
        if let Err(error) = tick {
            tracing::error!(%error, "the alarm's time does not go on");
        }
        for secret in self.take_old_alarm_secrets().await {
            record_secret(self, &secret);
        }
    }

    pub(super) async fn alarm_view(&self) -> AlarmView {
        let (state, setup, has_pins) = {
            let panel = self.alarm.lock().await;
            (panel.alarm().state().clone(), panel.setup.clone(), !panel.pins.is_empty())
        };
        let (settings, presence) = (setup.settings, self.presence_view(&setup.presence));
        let modes = settings.modes.iter().map(|(mode, settings)| AlarmModeView {
            mode: *mode,
            exit_seconds: settings.exit_seconds,
            entry_seconds: settings.entry_seconds,
            watches: settings.watches.len(),
            not_ready: self.not_ready_among(&settings.watches),
        });
        AlarmView { state, modes: modes.collect(), has_pins, presence, now: self.clock.wall_now() }
    }

    /// What keeps a mode from being set.
    pub(super) async fn not_ready(&self, mode: Mode) -> Vec<String> {
        let panel = self.alarm.lock().await;
        let settings = panel.setup.settings.modes.get(&mode);
        settings.map_or_else(Vec::new, |settings| self.not_ready_among(&settings.watches))
    }

    fn not_ready_among(&self, watches: &[Watch]) -> Vec<String> {
        if watches.is_empty() {
            return vec!["nothing is watched in this mode".to_owned()];
        }
        let mut all: Vec<String> =
            watches.iter().filter_map(|watch| self.why_not_ready(watch.sensor)).collect();
        all.dedup();
        all
    }

    fn why_not_ready(&self, sensor: Sensor) -> Option<String> {
        match sensor {
            Sensor::Camera(id) => match self.cameras.get(id) {
                None => Some("a camera that was removed".to_owned()),
                Some(camera) => {
                    let is_live = camera.standing().borrow().state == CameraState::Live;
                    let name = || camera.settings().name.clone();
                    (!is_live).then(|| format!("{} sends nothing", name()))
                }
            },
            Sensor::Device(id) => match self.devices.get(id) {
                None => Some("a device that was removed".to_owned()),
                Some(device) => {
                    let is_there = device.supervised().standing().state == DeviceState::Answering;
                    (!is_there).then(|| format!("{} does not answer", device.name()))
                }
            },
        }
    }
}
