//! The house for AI assistants: the Model Context Protocol (revisions 2025-06-18 and 2025-11-25).
//!
//! A message comes in through the one listener (`hearth-api`) with the principal that its gate
//! identified; `rpc` reads it, `server` answers it. A tool is a row in `registry`: what it asks of
//! the policy, what it takes, what it does, all as data, and one short function that calls one use
//! case of `hearth-hub` with a grant. There is no second policy here: what is listed and what may be
//! called is asked of the hub's.
//!
//! Assistants read what strangers wrote: the name of a camera, a note at a visit, a text in a
//! picture. `untrusted` keeps such texts apart from what the hub itself says, in every answer.
//!
//! Written by hand rather than on the protocol's SDK: that brings eighteen crates and a transport of
//! its own beside the one listener, and what is needed of the protocol is two thousand lines. It is
//! held against two independent clients in the tests of `hearthwatch`.
//! Not here: sockets, headers, bearer tokens (`hearth-api`), standard input and output
//! (`hearthwatch`), who may do what (`hearth-auth`).

#![forbid(unsafe_code)]

mod alias;
mod arguments;
mod call;
mod document;
mod failure;
mod feed;
mod pace;
mod parameter;
mod prompts;
mod registry;
mod resources;
mod rpc;
mod server;
mod session;
mod tool;
mod tools;
mod untrusted;

pub use document::{llms_txt, reference};
pub use feed::Feed;
pub use rpc::{Message, NOT_SERVED, PARSE_ERROR, failure as rpc_failure};
pub use server::{Asking, Mcp, Refusal, Reply};
pub use tool::{MoreChecks, ToolView};

/// Revisions of the protocol that are spoken, the newest first.
pub const PROTOCOL_VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];
