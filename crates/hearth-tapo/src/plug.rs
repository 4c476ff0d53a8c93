//! Commands of plugs, in the two languages that plugs speak.
//!
//! [`smart`] is spoken by Tapo plugs (P100, P110, P115...) over KLAP version 2 or the AES
//! pass-through, [`iot`] by Kasa plugs over XOR or KLAP version 1. Both give the same readings, with
//! their units in the names; what a plug does not measure is absent, never zero.
//!
//! ```
//! use hearth_tapo::{Switch, plug::smart};
//!
//! let call = smart::switch(Switch::On);
//! assert_eq!(call.request().to_json(0, "client")["params"]["device_on"], true);
//! assert!(call.read(&serde_json::json!({"error_code": 0})).is_ok());
//! // Nothing but the plug's own acknowledgement is success.
//! assert!(call.read(&serde_json::json!({})).is_err());
//! assert!(call.read(&serde_json::json!({"error_code": -1008})).is_err());
//! ```

pub mod iot;
mod reading;
pub mod schedule;
pub mod smart;

pub use reading::{Energy, PlugFacts, Power};
pub use schedule::{Rule, Schedule, TimeOfDay, Weekdays};
