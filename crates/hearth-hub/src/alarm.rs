//! The alarm of the house: arm, disarm, PINs, what is watched, and what happens then.
//!
//! The states and delays are those of `hearth_rules::alarm`. Here is who may change them, what it
//! takes to be true (a file that is written before anybody is told), what the sensors and cameras of
//! this house tell it, and who and what is told by it.

mod panel;
mod pins;
mod presence;
mod sensors;
mod telling;

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{FaultKind, WallTime};
use hearth_rules::{
    Mode,
    alarm::{AlarmCause, AlarmInput, AlarmRefused, AlarmState, Arm, PinFor, PresenceView, Stepped},
};
use hearth_secret::SecretString;

use crate::{
    Hub,
    devices::name_of,
    error::{Result, UseCaseError, sentence},
    house::House,
    name::PersonName,
};

pub(crate) use panel::AlarmPanel;
pub use panel::AlarmSetup;
pub use pins::PinView;
pub(crate) use sensors::run;
pub(crate) use telling::tell;

/// A mode that can be set.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AlarmModeView {
    /// Which.
    pub mode: Mode,
    /// Time to leave, in seconds.
    pub exit_seconds: u32,
    /// Time to disarm after coming in, in seconds.
    pub entry_seconds: u32,
    /// How many sensors and cameras are watched.
    pub watches: usize,
    /// What keeps it from being set, unless it is set anyway.
    pub not_ready: Vec<String>,
}

/// How the alarm stands.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct AlarmView {
    /// Where it is.
    #[serde(flatten)]
    pub state: AlarmState,
    /// The modes that this house has.
    pub modes: Vec<AlarmModeView>,
    /// Whether somebody has a PIN, so that programs can disarm.
    pub has_pins: bool,
    /// Who is at home, by the devices that were chosen.
    pub presence: PresenceView,
    /// The hub's time, to count delays by.
    pub now: WallTime,
}

impl Hub {
    /// How the alarm stands.
    pub async fn alarm(&self, _grant: &HouseGrant<ask::ReadDevices>) -> AlarmView {
        self.house().alarm_view().await
    }

    /// Arms the house, or disarms it. Only a person who has just shown who they are disarms without
    /// a PIN: a page that was left open is no key.
    ///
    /// # Errors
    /// `not_ready` with what is not, unless `anyway`; `proof_needed`, for a program `pin_needed`;
    /// `no_such_mode`; `alarm_under_way`.
    pub async fn arm(
        &self,
        grant: &HouseGrant<ask::Arm>,
        mode: Mode,
        anyway: bool,
    ) -> Result<AlarmView> {
        let house = self.house();
        if mode == Mode::Disarmed {
            if matches!(grant.principal(), Principal::Machine { .. }) {
                let text = "A program disarms by somebody's PIN.";
                return Err(UseCaseError::new(FaultKind::Denied, "pin_needed", text));
            }
            self.proved(grant.principal()).await?;
        }
        house.arm(mode, cause_of(grant.principal()), anyway).await?;
        Ok(house.alarm_view().await)
    }

    /// Disarms by a PIN.
    ///
    /// # Errors
    /// `pin_wrong`, `pin_locked` with the time until the next may be tried.
    pub async fn enter_pin(
        &self,
        _grant: &HouseGrant<ask::Arm>,
        pin: SecretString,
        purpose: PinFor,
    ) -> Result<AlarmView> {
        let house = self.house();
        let stepped = house
            .step_alarm(move |alarm, pins, now| {
                alarm.step(now, AlarmInput::Pin { pin: &pin, purpose, verifier: pins })
            })
            .await?;
        self.taken_at(stepped)?;
        Ok(house.alarm_view().await)
    }

    /// Calls for help: at once, and without a sound or a sign if `is_silent`.
    ///
    /// # Errors
    /// If the hub cannot take it, which it says.
    pub async fn panic(&self, grant: &HouseGrant<ask::Arm>, is_silent: bool) -> Result<()> {
        let by = cause_of(grant.principal());
        let panic = self
            .house()
            .step_alarm(move |alarm, _, now| alarm.step(now, AlarmInput::Panic { by, is_silent }));
        taken(panic.await?)
    }

    /// Somebody looks into an alarm; sirens fall silent, and it stays an alarm until it is ended.
    ///
    /// # Errors
    /// If the hub cannot take it.
    pub async fn acknowledge_alarm(&self, grant: &HouseGrant<ask::Arm>) -> Result<AlarmView> {
        let by = cause_of(grant.principal());
        let house = self.house();
        let acknowledge =
            house.step_alarm(move |alarm, _, now| alarm.step(now, AlarmInput::Acknowledge { by }));
        taken(acknowledge.await?)?;
        Ok(house.alarm_view().await)
    }

    /// What is watched, how long it waits, what sounds.
    pub async fn alarm_setup(&self, _grant: &HouseGrant<ask::ManageRules>) -> AlarmSetup {
        self.house().alarm.lock().await.setup.clone()
    }

    /// Changes that. Only somebody who has just shown who they are may.
    ///
    /// # Errors
    /// `bad_alarm` with what is wrong, `proof_needed`.
    pub async fn set_alarm_setup(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        setup: AlarmSetup,
    ) -> Result<AlarmSetup> {
        self.proved(grant.principal()).await?;
        self.house()
            .change_alarm(move |panel| {
                let wrong = |error| UseCaseError::bad_input("bad_alarm", sentence(&error));
                panel.set_setup(setup).map_err(wrong)
            })
            .await
    }

    /// Who has a PIN.
    pub async fn alarm_pins(&self, _grant: &HouseGrant<ask::ManageRules>) -> Vec<PinView> {
        self.house().alarm.lock().await.pins.views()
    }

    /// Gives somebody a PIN, and another for when they are forced to disarm.
    ///
    /// # Errors
    /// `proof_needed`, `bad_pin`, `weak_pin`, `pin_taken`, `too_many`.
    pub async fn set_alarm_pin(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        holder: PersonName,
        pin: SecretString,
        duress_pin: Option<SecretString>,
    ) -> Result<Vec<PinView>> {
        self.proved(grant.principal()).await?;
        self.house()
            .change_alarm(move |panel| {
                panel.pins = panel.pins.with(holder, &pin, duress_pin.as_ref())?.into();
                Ok(panel.pins.views())
            })
            .await
    }

    /// Takes somebody's PINs away.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`.
    pub async fn remove_alarm_pin(
        &self,
        grant: &HouseGrant<ask::ManageRules>,
        holder: PersonName,
    ) -> Result<()> {
        self.proved(grant.principal()).await?;
        self.house()
            .change_alarm(move |panel| {
                let without = panel.pins.without(&holder);
                panel.pins = without.ok_or_else(|| UseCaseError::not_found("PIN"))?.into();
                Ok(())
            })
            .await
    }

    fn taken_at(&self, stepped: Stepped) -> Result<()> {
        let locked = match &stepped.result {
            Err(AlarmRefused::PinLocked { until }) => Some(*until),
            _ => None,
        };
        let wait = locked.map(|until| until.micros_since(self.house().clock.wall_now()).max(0));
        taken(stepped).map_err(|refused| UseCaseError {
            retry_after: wait.map(|micros| std::time::Duration::from_micros(micros as u64)),
            ..refused
        })
    }
}

impl House {
    /// Sets a mode for somebody or something.
    pub(crate) async fn arm(&self, mode: Mode, by: AlarmCause, anyway: bool) -> Result<()> {
        let not_ready = self.not_ready(mode).await;
        let arm = Arm { mode, by, not_ready, anyway };
        let armed = self.step_alarm(move |alarm, _, now| alarm.step(now, AlarmInput::Arm(arm)));
        taken(armed.await?)
    }
}

/// Whether an input was taken.
fn taken(stepped: Stepped) -> Result<()> {
    stepped.result.map_err(|refused| {
        let text = sentence(&refused);
        match refused {
            AlarmRefused::NotReady(what) => {
                let text = format!("Not everything is ready: {}.", what.join("; "));
                UseCaseError::new(FaultKind::Conflict, "not_ready", text)
            }
            AlarmRefused::NoSuchMode => UseCaseError::bad_input("no_such_mode", text),
            AlarmRefused::UnderWay => {
                UseCaseError::new(FaultKind::Conflict, "alarm_under_way", text)
            }
            AlarmRefused::PinWrong { left } => {
                let text = format!("The PIN is wrong. {left} more may be.");
                UseCaseError::new(FaultKind::Denied, "pin_wrong", text)
            }
            AlarmRefused::PinLocked { .. } => {
                UseCaseError::new(FaultKind::Limited, "pin_locked", text)
            }
            AlarmRefused::Late => UseCaseError::new(FaultKind::Conflict, "late", text),
        }
    })
}

fn cause_of(principal: &Principal) -> AlarmCause {
    AlarmCause::Person(name_of(principal))
}
