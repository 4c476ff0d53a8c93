//! Commands of plugs, in the two languages that plugs speak.
//!
//! [`smart`] is spoken by Tapo plugs (P100, P110, P115...) over KLAP version 2 or the AES
//! pass-through, [`iot`] by Kasa plugs over XOR or KLAP version 1. Both give the same readings, with
//! their units in the names; what a plug does not measure is absent, never zero.

pub mod iot;
mod reading;
pub mod schedule;
pub mod smart;

pub use reading::{Energy, PlugFacts, Power};
pub use schedule::{Rule, Schedule, TimeOfDay, Weekdays};
