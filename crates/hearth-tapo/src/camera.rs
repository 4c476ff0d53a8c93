//! Commands of Tapo cameras, doorbells and hubs: one file a family of commands.
//!
//! Each function returns a [`crate::Call`]: what is sent and how the answer is read. Nothing is
//! sent here. A function whose values have a range returns `Result`, and a value outside it never
//! becomes a request (K-02).
//!
//! ```
//! use hearth_tapo::{Percent, Switch, camera::{detection::{self, Detector}, motor::Turn}};
//!
//! let half = Percent::new(50)?;
//! let call = detection::configure(Detector::Person, Switch::On, Some(half))?;
//! let params = &call.request().to_json()["params"]["requests"][0]["params"];
//! assert_eq!(params["people_detection"]["detection"]["sensitivity"], "50");
//!
//! assert!(Turn::degrees(720, 0).is_err(), "no camera turns that far");
//! # Ok::<(), hearth_tapo::OutOfRange>(())
//! ```

pub mod about;
pub mod alarm;
pub mod audio;
pub mod clock;
pub mod detection;
pub mod firmware;
pub mod hub;
pub mod image;
pub mod led;
mod login;
pub mod motor;
pub mod notification;
pub mod preset;
pub mod privacy;
pub mod recording;
mod request;
pub mod storage;
pub mod tracking;

pub use login::{CameraLogin, CameraSession, LoginRandom, Step};
pub use request::{CameraCall, ENTRIES_MAX, Request, Verb, batch};

#[cfg(test)]
mod tests;
