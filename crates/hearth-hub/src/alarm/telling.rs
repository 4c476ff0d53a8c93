//! What follows from a change of the alarm: a fact, a line in the audit log, sirens, messages, an
//! incident. In the order in which things happened.

use std::{sync::Arc, time::Duration};

use hearth_audit::{Class, Entry, Finding, IncidentKind};
use hearth_device::ControlValue;
use hearth_model::{EventBody, Severity, WallTime};
use hearth_rules::{
    Mode,
    alarm::{AlarmCause, AlarmChange, AlarmEvent, Sensor},
};
use tokio::{sync::mpsc, time::sleep};

use crate::{
    devices::KeptDevice,
    house::House,
    notifications::{Matter, MatterKind},
};

/// Who sets a siren, for a fact.
const ALARM: &str = "alarm";

/// A siren that does not answer is asked again, as long as it is to sound.
const SIREN_ATTEMPTS: u32 = 5;
const SIREN_PAUSE: Duration = Duration::from_secs(2);

/// Tells what changes, until the hub ends.
pub(crate) async fn tell(house: Arc<House>, mut told: mpsc::Receiver<AlarmEvent>) {
    if house.alarm.is_lost {
        house.watchtower.find([lost()]);
    }
    loop {
        tokio::select! {
            // What waits when the hub ends is told first.
            biased;
            Some(event) = told.recv() => house.tell_of_alarm(&event).await,
            () = house.ended() => return,
        }
    }
}

/// Writes down what was secret.
pub(super) fn record_secret(house: &House, event: &AlarmEvent) {
    let text = format!("{}, at {}", cause(house, &event.cause), event.at);
    house.record_own(Class::Security, "alarm_called_silently", Severity::Critical, text);
}

fn lost() -> Finding {
    Finding {
        kind: IncidentKind::Alarm,
        severity: Severity::Critical,
        subject: "alarm".to_owned(),
        title: "The alarm begins anew, disarmed".to_owned(),
        detail: "What was kept of it cannot be read. Set it up again, and look for who changed \
                 its file."
            .to_owned(),
    }
}

impl House {
    async fn tell_of_alarm(self: &Arc<Self>, event: &AlarmEvent) {
        if event.is_secret {
            // Nothing that could be seen or heard in the house.
            self.notify(silent_call(event)).await;
            return;
        }
        let by = cause(self, &event.cause);
        let words = words(&event.change);
        let detail = format!("by {by}{}", more(&event.change));
        let entry = Entry::by_hub(event.at, class(&event.change), format!("alarm_{}", words.name));
        self.record(entry.detail(detail).weighs(words.severity));
        match event.change {
            AlarmChange::SirenOn { .. } => self.sound_sirens(true),
            AlarmChange::SirenOff => self.sound_sirens(false),
            AlarmChange::Triggered => self.watchtower.find([intrusion(&by)]),
            _ => {}
        }
        let mode = *self.alarm.mode().borrow();
        self.note(EventBody::AlarmChanged {
            change: words.name.to_owned(),
            mode: mode_after(&event.change).unwrap_or(mode).name().to_owned(),
            until: until(&event.change),
            by: by.clone(),
            severity: words.severity,
        })
        .await;
        if let Some((kind, title)) = words.message {
            self.notify(Matter {
                kind,
                severity: words.severity,
                camera: None,
                to: Vec::new(),
                title: title.to_owned(),
                text: format!("By {by}{}.", more(&event.change)),
                picture: None,
                correlation: correlation(event),
                link: Some("/alarm".to_owned()),
            })
            .await;
        }
        self.status_changed();
    }

    /// Sounds what sounds, or silences it; each by itself.
    fn sound_sirens(self: &Arc<Self>, is_on: bool) {
        self.alarm.siren.send_replace(is_on);
        let named = self.alarm.sirens.borrow().clone();
        for siren in self.sirens(&named) {
            tokio::spawn(Arc::clone(self).sound(siren, is_on));
        }
    }

    async fn sound(self: Arc<Self>, siren: Arc<KeptDevice>, is_on: bool) {
        let value = ControlValue::Switch(is_on);
        for _ in 0..SIREN_ATTEMPTS {
            // Meanwhile somebody may have ended it, or it went off again.
            if *self.alarm.siren.borrow() != is_on {
                return;
            }
            let set = self.set_by(&siren, siren.sounding(), value.clone(), ALARM.to_owned());
            match set.await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, is_on, "a siren does not answer"),
            }
            sleep(SIREN_PAUSE).await;
        }
        let text = format!("{} could not be set to {value}", siren.name());
        self.record_own(Class::Security, "siren_failed", Severity::Critical, text);
    }
}

/// How a change is called and told.
struct Words {
    name: &'static str,
    severity: Severity,
    message: Option<(MatterKind, &'static str)>,
}

fn words(change: &AlarmChange) -> Words {
    use Severity::{Critical, Info, Warning};
    let quiet = |name| Words { name, severity: Info, message: None };
    let set =
        |name, title| Words { name, severity: Info, message: Some((MatterKind::Arming, title)) };
    let loud =
        |name, severity, title| Words { name, severity, message: Some((MatterKind::Alarm, title)) };
    match change {
        AlarmChange::Arming { .. } => quiet("arming"),
        AlarmChange::Armed { .. } => set("armed", "The house is armed"),
        AlarmChange::Disarmed => set("disarmed", "The house is disarmed"),
        AlarmChange::EntryDelay { .. } => quiet("entry_delay"),
        AlarmChange::Triggered => loud("triggered", Critical, "ALARM"),
        AlarmChange::SirenOn { .. } => quiet("siren_on"),
        AlarmChange::SirenOff => quiet("siren_off"),
        AlarmChange::Acknowledged => loud("acknowledged", Warning, "Somebody looks into the alarm"),
        AlarmChange::FalseAlarm => loud("false_alarm", Warning, "It was a false alarm"),
        AlarmChange::Tampered => loud("tampered", Critical, "Somebody tampers with a device"),
        // Secret; told in other words.
        AlarmChange::SilentAlarm => quiet("called_silently"),
        AlarmChange::PinRefused { .. } => {
            Words { name: "pin_refused", severity: Warning, message: None }
        }
        AlarmChange::PinLocked { .. } => {
            loud("pin_locked", Critical, "Somebody tries PINs: the keypad is locked")
        }
        AlarmChange::ScheduleMissed { .. } => {
            loud("schedule_missed", Warning, "The alarm was not set as planned")
        }
    }
}

fn class(change: &AlarmChange) -> Class {
    match change {
        AlarmChange::Triggered
        | AlarmChange::Tampered
        | AlarmChange::PinRefused { .. }
        | AlarmChange::PinLocked { .. } => Class::Security,
        _ => Class::Control,
    }
}

/// How the house is armed then, or will be; `None` if that stays as it is.
fn mode_after(change: &AlarmChange) -> Option<Mode> {
    match change {
        AlarmChange::Arming { mode, .. } | AlarmChange::Armed { mode, .. } => Some(*mode),
        AlarmChange::Disarmed | AlarmChange::FalseAlarm => Some(Mode::Disarmed),
        _ => None,
    }
}

fn until(change: &AlarmChange) -> Option<WallTime> {
    match change {
        AlarmChange::Arming { until, .. }
        | AlarmChange::EntryDelay { until }
        | AlarmChange::SirenOn { until }
        | AlarmChange::PinLocked { until } => Some(*until),
        _ => None,
    }
}

/// What else is worth a word.
fn more(change: &AlarmChange) -> String {
    match change {
        AlarmChange::Arming { mode, not_ready, .. } | AlarmChange::Armed { mode, not_ready } => {
            let but = match not_ready.as_slice() {
                [] => String::new(),
                some => format!(", although {}", some.join(" and ")),
            };
            format!(" for {}{but}", mode.name())
        }
        AlarmChange::PinRefused { left } => format!(", {left} more may be"),
        AlarmChange::ScheduleMissed { mode, reason, .. } => {
            format!(" to {}: {reason}", mode.name())
        }
        _ => String::new(),
    }
}

fn cause(house: &House, cause: &AlarmCause) -> String {
    let device = |id| house.devices.get(id).map_or("a device".to_owned(), |device| device.name());
    match cause {
        AlarmCause::Person(name) | AlarmCause::Pin(name) => name.clone(),
        AlarmCause::Schedule => "the schedule".to_owned(),
        AlarmCause::Rule(rule) => format!("the rule {rule}"),
        AlarmCause::Sensor(Sensor::Camera(id)) => {
            house.camera_name(*id).map_or("a camera".to_owned(), |name| name.to_string())
        }
        AlarmCause::Sensor(Sensor::Device(id)) | AlarmCause::Tamper(id) => device(*id),
        AlarmCause::Time => "the end of a delay".to_owned(),
        AlarmCause::Presence => "an empty house".to_owned(),
    }
}

fn intrusion(by: &str) -> Finding {
    Finding {
        kind: IncidentKind::Alarm,
        severity: Severity::Critical,
        subject: by.to_owned(),
        title: "The alarm went off".to_owned(),
        detail: format!("Noticed by {by}. Look at the footage of that time."),
    }
}

/// An alarm and what follows from it are one matter each: nobody may miss that it went off because
/// it was armed in the same message.
fn correlation(event: &AlarmEvent) -> String {
    format!("alarm:{}:{}", words(&event.change).name, event.at.as_micros())
}

/// A cry for help: to those outside, at any hour, in words that tell whoever holds the phone little.
fn silent_call(event: &AlarmEvent) -> Matter {
    Matter {
        kind: MatterKind::Duress,
        severity: Severity::Critical,
        camera: None,
        to: Vec::new(),
        title: "Somebody needs help".to_owned(),
        text: "A silent call from the house. Do not call back; send help.".to_owned(),
        picture: None,
        correlation: format!("duress:{}", event.at.as_micros()),
        link: None,
    }
}
