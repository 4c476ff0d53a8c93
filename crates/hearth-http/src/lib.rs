//! One HTTP request to a device or a service: bounded in time and bytes, certificate checked.
//!
//! Every driver that speaks HTTP asks through [`Client`], so that the rules are in one place:
//! a deadline around everything (promise T-10), bounded heads and bodies, HTTPS unless plain HTTP
//! was asked for (N-04, T-07), a certificate that public authorities signed or that is pinned
//! (T-08, K-01), addresses only where the caller expects them (K-04), no redirects followed, no
//! proxy, no cookies, no compression.
//!
//! One connection a request: a device that was restarted meanwhile never sees half of one, and
//! there is no idle connection to find dead. Dropping the future closes the connection.
//!
//! TLS 1.2 and 1.3 with forward secrecy, as rustls has them. Firmware that offers nothing but
//! static RSA key exchange or CBC cannot be reached; that is [`Error::Handshake`].
//!
//! Not here: answers that never end (`hearth-stream`), retries and sessions (the drivers), logs
//! (whoever knows the device's name).
//!
//! ```no_run
//! use hearth_http::{AddressPolicy, Client, HeaderMap, Method, Trust};
//! use std::time::Duration;
//!
//! # async fn example() -> Result<(), hearth_http::Error> {
//! let client = Client::builder()
//!     .deadline(Duration::from_secs(5))
//!     .trust(Trust::FirstUse)
//!     .address_policy(AddressPolicy::Private)
//!     .build();
//! let url = "https://192.168.1.20/stok=0/ds";
//! let response = client.request(Method::POST, url, HeaderMap::new(), "{}").await?;
//! println!("{} from {:?}", response.status, response.certificate);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod address;
mod certificate;
mod client;
mod connection;
mod error;
mod exchange;
mod fingerprint;

pub use address::AddressPolicy;
pub use certificate::{Trust, agree};
pub use client::{Client, ClientBuilder, Response};
pub use connection::dial;
pub use error::Error;
pub use fingerprint::{Fingerprint, NotAFingerprint};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
