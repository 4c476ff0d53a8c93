//! Netatmo: homes and rooms, the true temperature of a room, and weather stations.
//!
//! [`Client`] signs in as the vendor's own app does, because the true temperature has no documented
//! interface, and keeps the session so that it rarely has to. [`WeatherClient`] uses the documented
//! interface with tokens that the owner granted. Both are thin: what is sent and what is understood
//! is decided by pure machines, which know no clock, socket or file.
//!
//! Promises: HTTPS only (N-04); the password is sent at sign-in and never stored (N-05); the
//! session is a JSON file that only its owner reads (N-02, N-03) and holds cookies, nothing about
//! the home (N-10); callers share one session and one sign-in (N-07); after a refusal one
//! new sign-in, then an error (N-06); requests are paced, and a vendor that asks for rest gets it
//! (N-09); room and temperature are checked before anything is sent (N-08); answers are read into
//! types with units, unknown fields are tolerated (N-11).
//!
//! ```no_run
//! use hearth_netatmo::{Client, Credentials, RoomId, TrueTemperature};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::new("me@example.com", std::env::var("NETATMO_PASSWORD")?.as_str().into());
//! let client = Client::builder(credentials)
//!     .session_file("/home-cache/session.json".into())
//!     .build();
//! for room in client.rooms(None).await? {
//!     println!("{}: {}", room.name, room.measured);
//! }
//! let room = RoomId::new("2255031728")?;
//! client.set_true_temperature(None, &room, TrueTemperature::new(20.5)?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Not here: where credentials come from (the environment or the vault: N-01), histories.

#![forbid(unsafe_code)]

mod account;
mod answer;
mod cache_folder;
mod client;
mod cookie;
mod endpoint;
mod error;
mod form;
mod grant_store;
mod home;
mod id;
mod login;
mod oauth;
mod pace;
mod private_file;
mod session;
mod station;
mod temperature;
mod transport;
mod weather;

pub use account::Credentials;
pub use cache_folder::cache_folder;
pub use client::{Client, ClientBuilder, Correction, Outcome};
pub use endpoint::Endpoints;
pub use error::Error;
pub use grant_store::GrantStore;
pub use home::{Home, HomeStatus, Module, Room, RoomReading, RoomStatus};
pub use id::{HomeId, RoomId};
pub use oauth::Application;
pub use station::{Reading, Station, StationModule};
pub use temperature::{Celsius, TrueTemperature};
pub use weather::{WeatherBuilder, WeatherClient};

/// Entry points for fuzzing: each reads what the vendor sends.
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::{
        cookie::CookieJar,
        home::{homes, status},
        oauth::granted,
        session::StoredSession,
        station::stations,
    };
}
