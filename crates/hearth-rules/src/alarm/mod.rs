//! The alarm of a house: modes, delays, sirens, PINs. A state machine without a clock.
//!
//! Times are arguments; each transition comes out as an [`AlarmEvent`] with its cause, and the hub
//! sounds, tells and keeps the [`AlarmSnapshot`] before it does. A delay that ended while the hub was
//! down has ended: the alarm goes off at the next step, it does not start again.
//!
//! A PIN is seen by the verifier only. One that is entered under duress looks like any other: state,
//! answer and told events are the same, and one more event, marked secret, raises a silent alarm.

mod event;
mod machine;
mod pin;
mod presence;
mod schedule;
mod settings;

pub use event::{AlarmCause, AlarmChange, AlarmEvent, AlarmRefused};
pub use machine::{
    Alarm, AlarmInput, AlarmSnapshot, AlarmState, Arm, PinFor, SnapshotError, Stepped,
};
pub use pin::{PinMatch, PinVerifier};
pub use presence::{Presence, PresenceEvent, PresenceSettings, PresenceView, Welcome, WhenEmpty};
pub use schedule::ModeChange;
pub use settings::{AlarmSettings, ModeSettings, Reaction, Sensor, SettingsError, Watch};

#[cfg(test)]
mod tests;
