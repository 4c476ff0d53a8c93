//! REST, events, live media and the dashboard's files on one listener, and the same on the owner's
//! control socket.
//!
//! The path of a request: `server` accepts, `listener` secures, `gate` asks who it is and whether
//! they may, a row of the table in `route` names the handler, and that calls one use case of
//! `hearth-hub`. Handlers reach media and settings only with a grant from the hub's policy.
//! Not here: use cases (`hearth-hub`), who may do what (`hearth-auth`), the dashboard's source
//! (`web`).

#![forbid(unsafe_code)]

mod acme;
mod api;
mod assets;
mod audit;
mod bearer;
mod certificate;
mod connection;
mod control;
mod cookie;
mod cors;
mod doc;
mod error;
mod extract;
mod forwarded;
mod gate;
mod headers;
mod identity;
mod limits;
mod listener;
mod listener_checks;
mod openapi;
mod range;
mod rate;
mod request_counts;
mod route;
mod routes;
mod server;
mod site;
mod slots;
mod stop;
mod tls;
mod validity;

pub use acme::AcmeSettings;
pub use certificate::{Certificate, CertificateError, CertificateSource, Seal};
pub use control::{CONTROL_SOCKET, ControlError};
pub use identity::IdentityError;
pub use limits::Limits;
pub use openapi::openapi_json;
pub use rate::Rates;
pub use server::{Server, ServerConfig, ServerError};
pub use tls::TlsError;
