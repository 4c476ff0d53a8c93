//! The camera's own stream on TCP port 8800: live, recordings, thumbnails, two-way talk.
//!
//! An HTTP-like exchange in clear text with a Digest login, then multipart parts in both
//! directions, their bodies under AES-128-CBC. Pure: [`MediaSession`] takes bytes and gives bytes
//! and events. There is no TLS and nothing is authenticated, so it is for the house's own network
//! only; what comes is an MPEG transport stream as the camera made it.

mod head;
mod key;
mod part;
mod request;
mod session;
mod talk;

pub use part::{Part, PartReader};
pub use request::{MediaRequest, Quality, Thumbnail};
pub use session::{MediaError, MediaEvent, MediaSession};
pub use talk::{AlawMuxer, TS_PACKET_BYTES};

#[doc(hidden)]
pub use head::Head;
