//! What the hub and its worker say to each other over their pipe.
//!
//! Pure: values become bytes and back. Little-endian; each message is a kind (one byte), a length
//! (four bytes) and so many bytes. Both sides treat the other's bytes as hostile: every kind has a
//! size limit, every field is checked, nothing is allocated on the word of a length alone.
//! Not here: sockets (`supervisor`, `worker`).

mod anonymous;
mod face;
mod fields;
mod from_worker;
mod packet;
mod to_worker;

pub(crate) use face::FacesFault;
#[cfg(test)]
pub(crate) use face::tests::face as a_face;
pub(crate) use from_worker::{Activity, FromWorker, ModelState, StillFault, WorkerCounters};
pub(crate) use packet::PacketReader;
#[cfg(test)]
pub(crate) use packet::put;
pub(crate) use to_worker::{
    AnonymousRequest, FRAME_BYTES_MAX, FaceSource, FacesRequest, Group, StillRequest, ToWorker,
};

/// Names a feed on the pipe; the worker never learns camera ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot(pub(crate) u32);

/// Why bytes from the pipe are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    /// No such kind of message.
    #[error("message of unknown kind {0}")]
    UnknownKind(u8),
    /// More bytes than a message of this kind may have.
    #[error("message of kind {0} is over its limit")]
    TooLarge(u8),
    /// A field is missing, too long, out of range, or bytes are left over.
    #[error("malformed {0}")]
    Malformed(&'static str),
}
