//! Rules of the house and its alarm: conditions, decisions, modes.
//!
//! Pure: time, facts and names are arguments, and what is to be done comes out as data. The hub tells
//! the [`Engine`] what happens, carries out what comes out and keeps the snapshots; it does the same
//! with the [`alarm`]. A person writes a rule as JSON or as an English [`sentence`], and [`analysis`]
//! says what is wrong with it before it is in force.
//!
//! Not here: storage, devices, messages, permissions. Who may make a rule for a camera is the hub's.

#![forbid(unsafe_code)]

mod action;
pub mod alarm;
pub mod analysis;
mod comparison;
mod condition;
mod engine;
mod fact;
mod history;
mod hours;
mod known;
mod matching;
mod mode;
mod rule;
pub mod sentence;
mod value;

pub use action::Action;
pub use comparison::Comparison;
pub use condition::{
    Absent, Condition, Count, DetailIs, DeviceIs, Happens, ModeIs, ReadingIs, Stays, WhoIs,
};
pub use engine::{
    Because, Engine, EngineState, FaultCause, Firing, RULES_MAX, RuleFault, StateError,
};
pub use fact::{Fact, FactBody, Happening, Who};
pub use history::{Execution, Outcome, Performed};
pub use hours::{Hours, TimeOfDay, TimeOfDayError, WEEK};
pub use known::{DeviceKind, Groups, Known, KnownCamera, KnownDevice, KnownGroup};
pub use mode::Mode;
pub use rule::{
    ACTIONS_MAX, COUNT_MAX, DEPTH_MAX, FORMAT, HOLD_DAYS_MAX, JSON_BYTES_MAX, LIST_MAX, NODES_MAX,
    PRIORITY_USUAL, Rule, RuleError, SECONDS_MAX, SIREN_SECONDS_MAX, TEXT_MAX,
};
pub use value::Value;
