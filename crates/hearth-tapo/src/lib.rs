//! Tapo cameras, Tapo and Kasa plugs on the local network.
//!
//! Everything that knows a protocol is pure: bytes, time and randomness are arguments, and what
//! comes out are bytes to send, typed answers or typed errors. [`client`] is the thin shell with
//! the sockets.
//!
//! - [`transport`]: logins and encryption (camera HTTPS, TPAP, KLAP, AES pass-through, XOR).
//! - [`camera`], [`plug`]: typed commands. Values outside their range cannot be built (K-02).
//! - [`media`]: the camera's own stream on port 8800: live, recordings, two-way talk.
//! - [`discovery`]: finding devices by broadcast.
//! - [`tls`]: the TLS of cameras that know only RSA key exchange, which rustls leaves out.
//!
//! Answers are read leniently where firmware differs (unknown fields, numbers in quotes) and
//! strictly where it matters: a command succeeds only with the device's own `error_code` 0.
//!
//! ```
//! use hearth_tapo::{camera, Switch};
//!
//! // A command is a value: what to send, and how to read what comes back.
//! let call = camera::privacy::set(Switch::On);
//! let sent = &call.request().to_json()["params"]["requests"][0];
//! assert_eq!(sent["params"]["lens_mask"]["lens_mask_info"]["enabled"], "on");
//!
//! let answer = serde_json::json!({"error_code": 0, "result": {"responses": [
//!     {"method": "setLensMaskConfig", "error_code": 0, "result": {}}
//! ]}});
//! assert!(call.read(&answer).is_ok());
//! ```

#![forbid(unsafe_code)]

mod call;
pub mod camera;
mod cipher;
pub mod client;
mod code;
pub mod discovery;
mod error;
pub mod media;
pub mod plug;
mod seen;
pub mod tls;
pub mod transport;
mod value;

pub use call::{AnswerError, Call, Envelope, Malformed};
pub use code::{Code, CodeClass};
pub use error::{Failure, TapoError};
pub use seen::{Fingerprint, Login, Security, TlsKind, Trust, Weakness};
pub use value::{Level, Minutes, OutOfRange, Percent, Switch, UnixSeconds};
