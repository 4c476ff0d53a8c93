//! ONVIF: finds cameras, asks what they are, where their streams are, moves them, sets how their
//! pictures look, and hears what they notice.
//!
//! Everything but three files is pure: an [`soap::Operation`] is a type that writes its request and
//! reads its answer; [`proof`] decides how the account is proven; time and randomness are arguments.
//! The shells are [`Device`] (HTTP), [`PullPoint`] (the same, again and again) and
//! [`discovery::search`] (UDP).
//!
//! Invariants: what a device sends is bounded while it is read ([`xml`]); addresses that it hands
//! out lead to its own host or are refused ([`address`]); the password never travels, the strongest
//! proof offered is given, and a wrong password is tried once (promise T-04); every wait has a
//! deadline (T-10); values are checked before they are sent (K-02).
//! Not here: supervision of a device, its place in the house (`hearth-hub`).
//!
//! ```no_run
//! use hearth_onvif::{Account, Device, DeviceSpec, media::GetProfiles};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mut spec = DeviceSpec::new("http://192.168.1.9:2020/onvif/device_service".parse()?);
//! spec.account = Some(Account { username: "admin".to_owned(), password: "secret".into() });
//! let device = Device::connect(spec).await?;
//! for profile in device.ask(&GetProfiles).await? {
//!     println!("{} is called {}", profile.token, profile.name);
//! }
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod address;
mod client;
pub mod device;
pub mod discovery;
mod error;
pub mod events;
pub mod imaging;
pub mod media;
pub mod proof;
pub mod ptz;
mod random;
mod range;
pub mod soap;
mod token;
pub mod xml;

pub use client::{Device, DeviceSpec, PullPoint, Security};
pub use error::{AnswerError, Error};
pub use hearth_http::{AddressPolicy, Error as HttpError, Fingerprint};
pub use proof::{Account, ProofError, Prover, Scheme};
pub use random::NoRandomness;
pub use range::{OutOfRange, Range};
pub use soap::Service;
pub use token::{Token, TokenError};
pub use xml::XmlError;
