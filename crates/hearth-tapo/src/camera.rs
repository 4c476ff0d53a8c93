//! Commands of Tapo cameras, doorbells and hubs: one file a family of commands.
//!
//! Each function returns a [`crate::Call`]: what is sent and how the answer is read. Nothing is
//! sent here. A function whose values have a range returns `Result`, and a value outside it never
//! becomes a request (K-02).

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
