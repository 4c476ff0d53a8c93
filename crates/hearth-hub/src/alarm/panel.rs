//! The alarm while the hub runs: one step after the other, each kept before it is told.
//!
//! What it is set to, its PINs and where it stands lie in one sealed file, because they must never
//! be of different times: a hub that lost its power while the house was armed is armed when it is
//! back.

use std::{io::ErrorKind, path::Path, sync::Arc};

use hearth_model::{DeviceId, WallTime};
use hearth_rules::{
    Mode,
    alarm::{
        Alarm, AlarmEvent, AlarmSettings, AlarmSnapshot, ModeSettings, Presence, PresenceSettings,
        SettingsError, Stepped, WhenEmpty,
    },
};
use hearth_vault::{KeyScope, Vault, VaultError};
use jiff::tz::TimeZone;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, watch};

use super::pins::Pins;
use crate::{
    error::{Result, UseCaseError},
    house::House,
    last_words::LastWords,
};

/// File name in the data directory.
const FILE: &str = "alarm.sealed";

/// Context under which it is sealed.
const CONTEXT: &[u8] = b"alarm v1";

/// What happened and is on its way to those who are told. A house that makes more in a moment than
/// anybody takes waits.
const TOLD_MAX: usize = 64;

/// What was secret stays out of the audit log for this long: whoever forced somebody to disarm may
/// make them show it.
const SECRET_MICROS: i64 = 24 * 3_600_000_000;

/// Secret things that wait; more of them are one cry for help.
const SECRETS_MAX: usize = 16;

/// What an alarm watches, and what it sounds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmSetup {
    /// Modes, delays and schedule.
    pub settings: AlarmSettings,
    /// What sounds; empty means whatever has a siren.
    #[serde(default)]
    pub sirens: Vec<DeviceId>,
    /// Which devices say that somebody is at home, and what follows; nothing unless somebody says so.
    #[serde(default)]
    pub presence: PresenceSettings,
}

impl Default for AlarmSetup {
    /// The usual delays of panels. Nothing is watched until somebody says what.
    fn default() -> Self {
        let delays = |exit_seconds, entry_seconds| ModeSettings {
            exit_seconds,
            entry_seconds,
            watches: Vec::new(),
        };
        let modes = [
            (Mode::Home, delays(0, 30)),
            (Mode::Away, delays(60, 30)),
            (Mode::Night, delays(0, 30)),
            (Mode::Vacation, delays(60, 30)),
        ];
        let modes = modes.into_iter().collect();
        let settings = AlarmSettings { modes, siren_seconds: 180, schedule: Vec::new() };
        Self { settings, sirens: Vec::new(), presence: PresenceSettings::default() }
    }
}

/// What survives a restart.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Kept {
    setup: AlarmSetup,
    pins: Pins,
    snapshot: Option<AlarmSnapshot>,
    /// Secret, and not in the audit log yet; oldest first.
    secrets: Vec<AlarmEvent>,
    /// Whether what follows from an empty house has followed.
    is_absence_settled: bool,
}

/// The alarm with all that belongs to it.
pub(super) struct Panel {
    alarm: Alarm,
    pub(super) setup: AlarmSetup,
    pub(super) pins: Arc<Pins>,
    secrets: Vec<AlarmEvent>,
    pub(super) is_absence_settled: bool,
}

impl Panel {
    pub(super) fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Changes what is watched.
    pub(super) fn set_setup(
        &mut self,
        setup: AlarmSetup,
    ) -> std::result::Result<AlarmSetup, SettingsError> {
        let PresenceSettings { when_empty, .. } = setup.presence;
        let has_away = setup.settings.modes.contains_key(&Mode::Away);
        if !setup.presence.is_sound() || (when_empty == WhenEmpty::ArmAway && !has_away) {
            return Err(SettingsError::Presence);
        }
        self.alarm.set_settings(setup.settings.clone())?;
        self.setup = setup;
        Ok(self.setup.clone())
    }

    fn to_json(&self) -> Vec<u8> {
        #[derive(serde::Serialize)]
        struct Borrowed<'a> {
            setup: &'a AlarmSetup,
            pins: &'a Pins,
            snapshot: AlarmSnapshot,
            secrets: &'a [AlarmEvent],
            is_absence_settled: bool,
        }
        let Self { alarm, setup, pins, secrets, is_absence_settled } = self;
        let is_absence_settled = *is_absence_settled;
        let snapshot = alarm.snapshot();
        let kept = Borrowed { setup, pins, snapshot, secrets, is_absence_settled };
        // Plain data: JSON can always say it.
        serde_json::to_vec(&kept).unwrap_or_default()
    }

    fn keep_secrets(&mut self, events: &[AlarmEvent]) {
        let secret = events.iter().filter(|event| event.is_secret).cloned();
        self.secrets.extend(secret);
        let over = self.secrets.len().saturating_sub(SECRETS_MAX);
        self.secrets.drain(..over);
    }

    /// Takes what has been secret for long enough.
    fn take_old_secrets(&mut self, now: WallTime) -> Vec<AlarmEvent> {
        let old = self.secrets.iter().take_while(|event| is_old(event, now)).count();
        self.secrets.drain(..old).collect()
    }
}

fn is_old(secret: &AlarmEvent, now: WallTime) -> bool {
    now.micros_since(secret.at) >= SECRET_MICROS
}

/// The alarm of the running house.
pub(crate) struct AlarmPanel {
    panel: Arc<Mutex<Panel>>,
    told: mpsc::Sender<AlarmEvent>,
    mode: watch::Sender<Mode>,
    /// Whether sirens are to sound.
    pub(super) siren: watch::Sender<bool>,
    /// Which; outside the lock, because whoever holds it waits for those who sound them.
    pub(super) sirens: watch::Sender<Vec<DeviceId>>,
    /// Whether it begins anew because what was kept cannot be read.
    pub(super) is_lost: bool,
    /// Who is at home.
    pub(super) presence: std::sync::Mutex<Presence>,
    /// The task that tells.
    pub(crate) telling: LastWords,
}

impl AlarmPanel {
    /// Goes on where the last run ended. The receiver is for the task that tells.
    pub(crate) fn open(
        vault: &Vault,
        data: &Path,
        zone: &TimeZone,
        now: WallTime,
    ) -> (Self, mpsc::Receiver<AlarmEvent>) {
        let read = read(vault, data);
        let is_readable = read.is_some();
        let kept = read.unwrap_or_default();
        let Kept { setup, pins, snapshot, secrets, is_absence_settled } = kept;
        let restored = restored(&setup, snapshot, zone, now);
        let is_lost = !is_readable || restored.is_none();
        let (alarm, setup) = match restored {
            Some(alarm) => (alarm, setup),
            None => anew(zone, now),
        };
        let (told, receiver) = mpsc::channel(TOLD_MAX);
        let mode = watch::Sender::new(alarm.mode());
        let presence = std::sync::Mutex::new(Presence::new(is_absence_settled));
        let panel = Panel { alarm, setup, pins: Arc::new(pins), secrets, is_absence_settled };
        let (siren, sirens) =
            (watch::Sender::new(false), watch::Sender::new(panel.setup.sirens.clone()));
        let panel = Arc::new(Mutex::new(panel));
        let telling = LastWords::default();
        (Self { panel, told, mode, siren, sirens, is_lost, presence, telling }, receiver)
    }

    /// What it is set to, and each change of that.
    pub(crate) fn mode(&self) -> watch::Receiver<Mode> {
        self.mode.subscribe()
    }

    pub(super) async fn lock(&self) -> OwnedMutexGuard<Panel> {
        Arc::clone(&self.panel).lock_owned().await
    }
}

/// `None` if there is something that cannot be read.
fn read(vault: &Vault, data: &Path) -> Option<Kept> {
    let plain = match vault.read_sealed_file(&data.join(FILE), &KeyScope::House, CONTEXT) {
        Ok(plain) => plain,
        Err(VaultError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            return Some(Kept::default());
        }
        Err(error) => {
            tracing::error!(%error, "what was kept of the alarm cannot be read");
            return None;
        }
    };
    let kept = serde_json::from_slice(plain.expose());
    kept.inspect_err(|error| tracing::error!(%error, "the alarm's file is of another form")).ok()
}

/// `None` if this version does not understand what was kept.
fn restored(
    setup: &AlarmSetup,
    snapshot: Option<AlarmSnapshot>,
    zone: &TimeZone,
    now: WallTime,
) -> Option<Alarm> {
    let settings = setup.settings.clone();
    let anew = |error: &dyn std::error::Error| tracing::error!(%error, "the alarm begins anew");
    match snapshot {
        Some(snapshot) => {
            let restored = Alarm::restore(settings, zone.clone(), snapshot);
            restored.inspect_err(|error| anew(error)).ok()
        }
        None => Alarm::new(settings, zone.clone(), now).inspect_err(|error| anew(error)).ok(),
    }
}

fn anew(zone: &TimeZone, now: WallTime) -> (Alarm, AlarmSetup) {
    let setup = AlarmSetup::default();
    let alarm = Alarm::new(setup.settings.clone(), zone.clone(), now);
    (alarm.expect("the default settings are within their limits"), setup)
}

/// What became of the panel.
struct Change<T> {
    value: T,
    /// To be told, oldest first.
    told: Vec<AlarmEvent>,
    /// Whether it must be written down.
    is_kept: bool,
}

impl House {
    /// Takes one step: keeps where it led before anybody is told of it.
    pub(super) async fn step_alarm(
        &self,
        take: impl FnOnce(&mut Alarm, &Pins, WallTime) -> Stepped + Send + 'static,
    ) -> Result<Stepped> {
        let clock = Arc::clone(&self.clock);
        let step = move |panel: &mut Panel| {
            let pins = Arc::clone(&panel.pins);
            let stepped = take(&mut panel.alarm, &pins, clock.wall_now());
            panel.keep_secrets(&stepped.events);
            let told = stepped.events.clone();
            Ok(Change { is_kept: !told.is_empty(), told, value: stepped })
        };
        self.change_panel(step).await
    }

    /// Changes what the alarm is set to watch, or its PINs.
    pub(super) async fn change_alarm<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Panel) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let change = |panel: &mut Panel| {
            Ok(Change { value: change(panel)?, told: Vec::new(), is_kept: true })
        };
        self.change_panel(change).await
    }

    /// Runs a change off the event loop, because checking a PIN takes its time on purpose, and writes
    /// down what came of it.
    async fn change_panel<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Panel) -> Result<Change<T>> + Send + 'static,
    ) -> Result<T> {
        let mut panel = self.alarm.lock().await;
        let (vault, path) = (self.vault.clone(), self.data.join(FILE));
        let changed = tokio::task::spawn_blocking(move || {
            let change = change(&mut panel)?;
            if change.is_kept {
                let json = panel.to_json();
                let written = vault.write_sealed_file(&path, &KeyScope::House, CONTEXT, &json);
                // An alarm that cannot be kept is an alarm all the same.
                if let Err(error) = written {
                    tracing::error!(%error, "where the alarm stands was not written down");
                }
            }
            Ok::<_, UseCaseError>((panel, change))
        });
        let (panel, change) = changed.await.map_err(|error| UseCaseError::internal(&error))??;
        let mode = panel.alarm.mode();
        self.alarm.sirens.send_replace(panel.setup.sirens.clone());
        self.alarm.mode.send_if_modified(|now| std::mem::replace(now, mode) != mode);
        for event in change.told {
            // While the panel is locked: what is told later happened later.
            self.alarm.told.send(event).await.ok();
        }
        drop(panel);
        Ok(change.value)
    }

    /// Writes down how late it is to the alarm, so that a change of the schedule that was made is not
    /// told as missed by the next run.
    pub(super) async fn keep_alarm_time(&self) {
        if self.alarm.lock().await.setup.settings.schedule.is_empty() {
            return;
        }
        // Nothing in it can be refused.
        self.change_alarm(|_| Ok(())).await.ok();
    }

    /// What was secret for long enough.
    pub(super) async fn take_old_alarm_secrets(&self) -> Vec<AlarmEvent> {
        let now = self.clock.wall_now();
        if self.alarm.lock().await.secrets.first().is_none_or(|first| !is_old(first, now)) {
            return Vec::new();
        }
        self.change_alarm(move |panel| Ok(panel.take_old_secrets(now))).await.unwrap_or_default()
    }
}
