//! SQLite files whose bytes on disk are sealed.
//!
//! A VFS (SQLite's layer over the operating system) that stands on the platform's own: locks,
//! shared memory and syncs go through as they are, bytes are encrypted on their way to the file and
//! decrypted on their way back. SQLite itself knows nothing of it, so its transactions, recovery
//! and checks hold as they do for plain files. promise: V-07, D-35.
//!
//! - AES-256-XTS (IEEE 1619): it keeps lengths, so a write of SQLite's is one write of the same
//!   bytes, and what SQLite relies on when power fails stays true. A block of 16 bytes never holds
//!   parts of two frames of the write-ahead log ([`FileKind`] says where units lie), because a
//!   reader may look at one frame while the next one is written.
//! - [`unlock`] says under which key a database lies. A file nobody has unlocked is not opened. The
//!   key is wiped when the last [`Unlocked`] and the last open file are gone.
//! - Nothing but a database, its log and its rollback journal is ever opened: temporary files are
//!   refused, so a query that would spill to the disk fails instead. The `-shm` file is the
//!   system's own: it holds numbers of pages, and nothing of their content.
//!
//! What it does not do: XTS hides content and does not authenticate it. Whoever can write to the
//! disk can garble blocks of 16 bytes or put older ones back in the same place, and whoever sees
//! the disk twice learns which blocks changed. SQLite's checks and `quick_check` notice most of it.
//! Authentication would take 28 bytes at the end of each page (SQLite can reserve them): one more
//! pass over each page, and a log whose last frame fails to authenticate after a crash. It would
//! still not notice a page that was put back whole.

#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod content;
mod copying;
mod geometry;
mod keyring;
mod sealed;
mod vfs;
mod vfs_file;
mod xts;

pub use content::{Content, content_of, is_plain_log};
pub use copying::{ArrivingDatabase, SealingFile, change_key};
pub use geometry::{FileKind, PAGE_BYTES};
pub use keyring::{PLACES_MAX, UnlockError, Unlocked, unlock};
pub use sealed::{Disk, GAP_BYTES_MAX, Sealed};
pub use vfs::VFS_NAME;
pub use xts::Xts;
