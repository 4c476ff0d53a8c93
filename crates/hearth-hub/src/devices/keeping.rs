//! Turns what a device says into facts, alarms and, where somebody wants it, a history.

use std::{sync::Arc, time::Duration};

use hearth_audit::{Finding, IncidentKind};
use hearth_device::{DeviceError, DeviceState, Standing};
use hearth_model::{EventBody, Severity, WallTime};
use hearth_store::StoredReading;

use super::{KeptDevice, view::ReadingsView};
use crate::house::House;

/// What listeners hear of readings; nothing of it is kept.
pub(crate) type DeviceReadings = tokio::sync::broadcast::Sender<Arc<ReadingsView>>;

/// What is kept of what a device measures, where that is switched on.
const KEPT_READINGS: [&str; 4] = ["power", "energy_today", "temperature", "set_point"];

/// How often; enough for hours and days of energy, and for the curve of a room.
const KEEP_EVERY: Duration = Duration::from_secs(300);

/// Follows a device until it is stopped.
pub(crate) async fn follow_device(house: Arc<House>, device: Arc<KeptDevice>) {
    let mut changes = device.supervised().changes();
    let mut told = changes.borrow_and_update().clone();
    let mut kept_at: Option<WallTime> = None;
    while changes.changed().await.is_ok() {
        let now = changes.borrow_and_update().clone();
        if now.memory != told.memory {
            house.keep_memory(&device).await;
        }
        if now.state != told.state {
            tell_state(&house, &device, &told, &now).await;
        }
        if now.answered_at != told.answered_at {
            tell_readings(&house, &device, &now);
            house.check_limits(&device, &now);
            keep_readings(&house, &device, &now, &mut kept_at).await;
        }
        told = now;
    }
}

async fn tell_state(house: &House, device: &KeptDevice, before: &Standing, now: &Standing) {
    let first_answer =
        before.state == DeviceState::NotAskedYet && now.state == DeviceState::Answering;
    if first_answer {
        // Nothing happened: the hub only began to ask.
        return;
    }
    let state = serde_json::to_value(now.state).unwrap_or_default();
    let needs_person = now.failure.as_ref().is_some_and(DeviceError::needs_person);
    let body = EventBody::DeviceStateChanged {
        device: device.id(),
        name: device.name(),
        camera: device.settings().camera,
        state: state.as_str().unwrap_or_default().to_owned(),
        reason: now.reason(),
        needs_person,
    };
    house.note(body).await;
    if now.state == DeviceState::CertificateChanged {
        // promise: K-01. An alarm, and not only a state.
        house.watchtower.find([Finding {
            kind: IncidentKind::ChangedDevice,
            severity: Severity::Critical,
            subject: device.id().to_string(),
            title: format!("{} is not the device it was", device.name()),
            detail: now.reason().unwrap_or_default(),
        }]);
    }
}

fn tell_readings(house: &House, device: &KeptDevice, now: &Standing) {
    let readings = now.look.as_ref().map(|look| look.readings.clone()).unwrap_or_default();
    if !readings.is_empty() {
        // Nobody listening is not a failure.
        house.readings.send(Arc::new(ReadingsView { device: device.id(), readings })).ok();
    }
}

async fn keep_readings(
    house: &House,
    device: &KeptDevice,
    now: &Standing,
    kept_at: &mut Option<WallTime>,
) {
    let (Some(at), Some(look), true) =
        (now.answered_at, &now.look, device.settings().history && now.failure.is_none())
    else {
        return;
    };
    let every = i64::try_from(KEEP_EVERY.as_micros()).unwrap_or(i64::MAX);
    if kept_at.is_some_and(|kept| at.micros_since(kept) < every) {
        return;
    }
    let wanted = look.readings.iter().filter(|one| KEPT_READINGS.contains(&one.key.as_ref()));
    let readings: Vec<StoredReading> = wanted
        .map(|reading| StoredReading {
            device: device.id(),
            key: reading.key.clone().into_owned(),
            at,
            value: reading.value,
        })
        .collect();
    match house.store.add_readings(&readings).await {
        Ok(()) => *kept_at = Some(at),
        Err(error) => tracing::warn!(%error, "readings were not kept"),
    }
}
