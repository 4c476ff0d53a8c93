//! The states of an alarm, and how it gets from one to another.

use hearth_model::{DeviceId, Label, WallTime};
use hearth_secret::SecretString;
use jiff::tz::TimeZone;

use super::{
    AlarmCause, AlarmChange, AlarmEvent, AlarmRefused, AlarmSettings, PinMatch, PinVerifier,
    Reaction, Sensor, SettingsError,
    pin::{Attempts, Wrong},
    schedule,
};
use crate::Mode;

/// The form of snapshots.
const SNAPSHOT_VERSION: u8 = 1;

/// Sirens sound again when something else is noticed, but not all night.
const SIREN_ROUNDS_MAX: u8 = 3;

/// Where an alarm is. What is secret does not show here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AlarmState {
    /// Nothing is watched.
    Disarmed,
    /// There is time to leave.
    Arming {
        /// What will be set.
        mode: Mode,
        /// When.
        until: WallTime,
        /// What was not ready, and accepted.
        not_ready: Vec<String>,
    },
    /// Sensors are watched.
    Armed {
        /// How.
        mode: Mode,
    },
    /// Somebody came in, and has time to disarm.
    Entering {
        /// How it was armed.
        mode: Mode,
        /// Until when.
        until: WallTime,
        /// What noticed it: nobody is told that a delay broke in.
        #[serde(default)]
        sensor: Option<Sensor>,
    },
    /// The alarm went off, and nobody has ended it.
    Triggered {
        /// How it was armed; disarmed for a cry for help.
        mode: Mode,
        /// Until when sirens sound, if they do.
        siren_until: Option<WallTime>,
        /// How often they began to.
        siren_rounds: u8,
        /// Whether somebody looks into it.
        is_acknowledged: bool,
    },
}

/// The wish to set a mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// Which; disarmed is one of them.
    pub mode: Mode,
    /// Whose wish. Only a person ends an alarm that is under way.
    pub by: AlarmCause,
    /// What does not answer or is open, in words.
    pub not_ready: Vec<String>,
    /// Whether to arm although something is not ready.
    pub anyway: bool,
}

/// What a PIN is entered for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PinFor {
    /// To disarm.
    Disarm,
    /// To end an alarm that was for nothing, which disarms too.
    FalseAlarm,
}

/// What an alarm is told.
pub enum AlarmInput<'a> {
    /// Somebody or something sets a mode.
    Arm(Arm),
    /// Somebody enters a PIN.
    Pin {
        /// The PIN.
        pin: &'a SecretString,
        /// What for.
        purpose: PinFor,
        /// Who checks it.
        verifier: &'a dyn PinVerifier,
    },
    /// A sensor or a camera noticed something.
    Noticed {
        /// Which.
        sensor: Sensor,
        /// What, for a camera.
        label: Option<&'a Label>,
    },
    /// Somebody tampers with a device.
    Tampered(DeviceId),
    /// Somebody cries for help.
    Panic {
        /// Who.
        by: AlarmCause,
        /// Without a sound or a sign.
        is_silent: bool,
    },
    /// Somebody looks into it; sirens fall silent.
    Acknowledge {
        /// Who.
        by: AlarmCause,
    },
    /// Time went on.
    Tick,
}

/// What an input led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// What changed, oldest first; to be kept and told also if the input itself is refused.
    pub events: Vec<AlarmEvent>,
    /// Whether the input was taken.
    pub result: Result<(), AlarmRefused>,
}

/// Everything an alarm remembers, to be kept over a restart. Holds no PIN.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AlarmSnapshot {
    version: u8,
    state: AlarmState,
    attempts: Attempts,
    now: WallTime,
}

/// Why a snapshot cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Unknown version.
    #[error("the state of the alarm has an unknown version")]
    Version,
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// An alarm.
#[derive(Clone, Debug)]
pub struct Alarm {
    settings: AlarmSettings,
    zone: TimeZone,
    state: AlarmState,
    attempts: Attempts,
    now: WallTime,
    told: Vec<AlarmEvent>,
}

impl Alarm {
    /// A disarmed alarm. What was due before `now` is not made up for.
    ///
    /// # Errors
    /// If the settings break a limit.
    pub fn new(
        settings: AlarmSettings,
        zone: TimeZone,
        now: WallTime,
    ) -> Result<Self, SettingsError> {
        settings.check()?;
        let (state, attempts) = (AlarmState::Disarmed, Attempts::default());
        Ok(Self { settings, zone, state, attempts, now, told: Vec::new() })
    }

    /// Goes on where another run ended. The next step ends what has ended meanwhile.
    ///
    /// # Errors
    /// If the snapshot is of another version, or the settings break a limit.
    pub fn restore(
        settings: AlarmSettings,
        zone: TimeZone,
        snapshot: AlarmSnapshot,
    ) -> Result<Self, SnapshotError> {
        if snapshot.version != SNAPSHOT_VERSION {
            return Err(SnapshotError::Version);
        }
        let AlarmSnapshot { state, attempts, now, .. } = snapshot;
        let fresh = Self::new(settings, zone, now)?;
        Ok(Self { state, attempts, ..fresh })
    }

    /// What [`Alarm::restore`] takes.
    pub fn snapshot(&self) -> AlarmSnapshot {
        let (state, attempts) = (self.state.clone(), self.attempts.clone());
        AlarmSnapshot { version: SNAPSHOT_VERSION, state, attempts, now: self.now }
    }

    /// Where it is.
    pub fn state(&self) -> &AlarmState {
        &self.state
    }

    /// What it is set to, for rules: while there is time to leave, it is not set yet.
    pub fn mode(&self) -> Mode {
        match self.state {
            AlarmState::Disarmed | AlarmState::Arming { .. } => Mode::Disarmed,
            AlarmState::Armed { mode }
            | AlarmState::Entering { mode, .. }
            | AlarmState::Triggered { mode, .. } => mode,
        }
    }

    /// Changes what is watched. A mode that is in force and does not exist any more stays in force,
    /// and watches nothing, until another is set.
    ///
    /// # Errors
    /// If the settings break a limit; the old ones stay.
    pub fn set_settings(&mut self, settings: AlarmSettings) -> Result<(), SettingsError> {
        settings.check()?;
        self.settings = settings;
        Ok(())
    }

    /// Lets time go on, then takes an input.
    pub fn step(&mut self, now: WallTime, input: AlarmInput<'_>) -> Stepped {
        self.advance(now);
        let result = match input {
            AlarmInput::Arm(arm) => self.arm(arm),
            AlarmInput::Pin { pin, purpose, verifier } => self.pin(pin, purpose, verifier),
            AlarmInput::Noticed { sensor, label } => {
                self.noticed(sensor, label);
                Ok(())
            }
            AlarmInput::Tampered(device) => {
                let cause = AlarmCause::Tamper(device);
                self.tell(AlarmChange::Tampered, &cause);
                if self.state != AlarmState::Disarmed {
                    self.trigger(&cause);
                }
                Ok(())
            }
            AlarmInput::Panic { by, is_silent: true } => {
                self.tell_secretly(&by);
                Ok(())
            }
            AlarmInput::Panic { by, is_silent: false } => {
                self.trigger(&by);
                Ok(())
            }
            AlarmInput::Acknowledge { by } => {
                self.acknowledge(&by);
                Ok(())
            }
            AlarmInput::Tick => Ok(()),
        };
        Stepped { events: std::mem::take(&mut self.told), result }
    }

    /// Ends what has ended, and does what is due.
    fn advance(&mut self, now: WallTime) {
        let before = std::mem::replace(&mut self.now, now);
        if now < before {
            self.clock_went_back(now.micros_since(before));
            return;
        }
        match self.state.clone() {
            AlarmState::Arming { mode, until, not_ready } if now >= until => {
                self.state = AlarmState::Armed { mode };
                self.tell(AlarmChange::Armed { mode, not_ready }, &AlarmCause::Time);
            }
            AlarmState::Entering { until, sensor, .. } if now >= until => {
                self.trigger(&sensor.map_or(AlarmCause::Time, AlarmCause::Sensor));
            }
            AlarmState::Triggered { siren_until: Some(until), .. } if now >= until => {
                self.silence(&AlarmCause::Time);
            }
            _ => {}
        }
        let due = schedule::due(&self.settings.schedule, &self.zone, before, now);
        let Some(due) = due else { return };
        let by = AlarmCause::Schedule;
        let arm = Arm { mode: due.mode, by, not_ready: Vec::new(), anyway: true };
        let result = if due.is_late { Err(AlarmRefused::Late) } else { self.arm(arm) };
        if let Err(reason) = result {
            let change = AlarmChange::ScheduleMissed { mode: due.mode, due: due.at, reason };
            self.tell(change, &AlarmCause::Schedule);
        }
    }

    /// Delays last as long as they were to, whatever the clock says.
    fn clock_went_back(&mut self, by_micros: i64) {
        let shift = |until: &mut WallTime| *until = until.plus_micros(by_micros);
        match &mut self.state {
            AlarmState::Arming { until, .. } | AlarmState::Entering { until, .. } => shift(until),
            AlarmState::Triggered { siren_until, .. } => siren_until.iter_mut().for_each(shift),
            AlarmState::Disarmed | AlarmState::Armed { .. } => {}
        }
        self.attempts.locked_until.iter_mut().for_each(shift);
    }

    fn arm(&mut self, arm: Arm) -> Result<(), AlarmRefused> {
        let Arm { mode, by, not_ready, anyway } = arm;
        let is_under_way =
            matches!(self.state, AlarmState::Entering { .. } | AlarmState::Triggered { .. });
        if mode == Mode::Disarmed {
            if is_under_way && !matches!(by, AlarmCause::Person(_) | AlarmCause::Pin(_)) {
                return Err(AlarmRefused::UnderWay);
            }
            self.disarm(&by);
            return Ok(());
        }
        let exit = self.settings.modes.get(&mode).ok_or(AlarmRefused::NoSuchMode)?.exit_seconds;
        if is_under_way {
            return Err(AlarmRefused::UnderWay);
        }
        match self.state {
            AlarmState::Armed { mode: now } | AlarmState::Arming { mode: now, .. }
                if now == mode =>
            {
                return Ok(());
            }
            _ => {}
        }
        if !not_ready.is_empty() && !anyway {
            return Err(AlarmRefused::NotReady(not_ready));
        }
        if exit == 0 {
            self.state = AlarmState::Armed { mode };
            self.tell(AlarmChange::Armed { mode, not_ready }, &by);
        } else {
            let until = self.after(exit);
            self.state = AlarmState::Arming { mode, until, not_ready: not_ready.clone() };
            self.tell(AlarmChange::Arming { mode, until, not_ready }, &by);
        }
        Ok(())
    }

    fn disarm(&mut self, by: &AlarmCause) {
        if self.state == AlarmState::Disarmed {
            return;
        }
        self.silence(by);
        self.state = AlarmState::Disarmed;
        self.tell(AlarmChange::Disarmed, by);
    }

    fn pin(
        &mut self,
        pin: &SecretString,
        purpose: PinFor,
        verifier: &dyn PinVerifier,
    ) -> Result<(), AlarmRefused> {
        if let Some(until) = self.attempts.lock(self.now) {
            return Err(AlarmRefused::PinLocked { until });
        }
        let (holder, is_duress) = match verifier.verify(pin) {
            PinMatch::Wrong => return Err(self.wrong_pin()),
            PinMatch::Right { holder } => (holder, false),
            PinMatch::Duress { holder } => (holder, true),
        };
        self.attempts.right();
        let by = AlarmCause::Pin(holder);
        let is_under_way =
            matches!(self.state, AlarmState::Entering { .. } | AlarmState::Triggered { .. });
        match purpose {
            PinFor::FalseAlarm if is_under_way => {
                self.tell(AlarmChange::FalseAlarm, &by);
                self.disarm(&by);
            }
            // There is no alarm that could be false.
            PinFor::FalseAlarm => {}
            PinFor::Disarm => self.disarm(&by),
        }
        if is_duress {
            self.tell_secretly(&by);
        }
        Ok(())
    }

    fn wrong_pin(&mut self) -> AlarmRefused {
        // Nobody knows who it was.
        let by = AlarmCause::Pin(String::new());
        match self.attempts.wrong(self.now) {
            Wrong::Left(left) => {
                self.tell(AlarmChange::PinRefused { left }, &by);
                AlarmRefused::PinWrong { left }
            }
            Wrong::LockedUntil(until) => {
                self.tell(AlarmChange::PinLocked { until }, &by);
                AlarmRefused::PinLocked { until }
            }
        }
    }

    fn noticed(&mut self, sensor: Sensor, label: Option<&Label>) {
        let cause = AlarmCause::Sensor(sensor);
        let Some(reaction) = self.settings.reaction(self.mode(), sensor, label) else { return };
        match (self.state.clone(), reaction) {
            (AlarmState::Armed { mode }, Reaction::Delayed) => {
                let seconds = self.settings.modes.get(&mode).map_or(0, |mode| mode.entry_seconds);
                let until = self.after(seconds);
                self.state = AlarmState::Entering { mode, until, sensor: Some(sensor) };
                self.tell(AlarmChange::EntryDelay { until }, &cause);
            }
            (AlarmState::Armed { .. } | AlarmState::Entering { .. }, Reaction::Instant)
            | (AlarmState::Triggered { .. }, _) => self.trigger(&cause),
            _ => {}
        }
    }

    /// Goes off, or sounds once more.
    fn trigger(&mut self, cause: &AlarmCause) {
        let until =
            (self.settings.siren_seconds > 0).then(|| self.after(self.settings.siren_seconds));
        if let AlarmState::Triggered { siren_until, siren_rounds, is_acknowledged, .. } =
            &mut self.state
        {
            let may_sound = siren_until.is_none() && *siren_rounds < SIREN_ROUNDS_MAX;
            let Some(until) = until.filter(|_| may_sound) else { return };
            (*siren_until, *is_acknowledged) = (Some(until), false);
            *siren_rounds += 1;
            self.tell(AlarmChange::SirenOn { until }, cause);
            return;
        }
        self.state = AlarmState::Triggered {
            mode: self.mode(),
            siren_until: until,
            siren_rounds: u8::from(until.is_some()),
            is_acknowledged: false,
        };
        self.tell(AlarmChange::Triggered, cause);
        if let Some(until) = until {
            self.tell(AlarmChange::SirenOn { until }, cause);
        }
    }

    fn silence(&mut self, cause: &AlarmCause) {
        if let AlarmState::Triggered { siren_until, .. } = &mut self.state
            && siren_until.take().is_some()
        {
            self.tell(AlarmChange::SirenOff, cause);
        }
    }

    fn acknowledge(&mut self, by: &AlarmCause) {
        let AlarmState::Triggered { is_acknowledged, .. } = &mut self.state else { return };
        if !std::mem::replace(is_acknowledged, true) {
            self.tell(AlarmChange::Acknowledged, by);
        }
        self.silence(by);
    }

    fn after(&self, seconds: u32) -> WallTime {
        self.now.plus_micros(i64::from(seconds) * 1_000_000)
    }

    fn tell(&mut self, change: AlarmChange, cause: &AlarmCause) {
        let (at, cause) = (self.now, cause.clone());
        self.told.push(AlarmEvent { at, change, cause, is_secret: false });
    }

    fn tell_secretly(&mut self, cause: &AlarmCause) {
        let (at, cause) = (self.now, cause.clone());
        let change = AlarmChange::SilentAlarm;
        self.told.push(AlarmEvent { at, change, cause, is_secret: true });
    }
}
