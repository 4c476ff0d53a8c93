//! The camera's own stream on TCP port 8800: live, recordings, thumbnails, two-way talk.
//!
//! An HTTP-like exchange in clear text with a Digest login, then multipart parts in both
//! directions, their bodies under AES-128-CBC. Pure: [`MediaSession`] takes bytes and gives bytes
//! and events. There is no TLS and nothing is authenticated, so it is for the house's own network
//! only; what comes is an MPEG transport stream as the camera made it.
//!
//! ```
//! use hearth_tapo::media::{MediaRequest, MediaSession, Quality};
//!
//! let request = MediaRequest::Live(Quality::High);
//! let mut session = MediaSession::begin(request, "secret".into(), None, [7; 24]);
//! assert!(session.take_output().starts_with(b"POST /stream HTTP/1.1\r\n"));
//!
//! // The camera asks for a proof, and gets a digest.
//! let challenge = b"HTTP/1.1 401 \r\nWWW-Authenticate: Digest nonce=\"n\"\r\n\r\n";
//! session.receive(challenge)?;
//! let answer = String::from_utf8(session.take_output()).expect("text");
//! assert!(answer.contains("Authorization: Digest username=\"admin\""));
//! # Ok::<(), hearth_tapo::media::MediaError>(())
//! ```

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
