//! The envelope: an append-only file of sealed records that survives a crash at any byte.
//!
//! ```text
//! file    = "HWSEAL1\0" | file id 16 | record ...
//! record  = length u32 | epoch u32 | number u64 | kind u8 | zero 3 | ciphertext | tag 16
//! ```
//!
//! Little-endian. A record holds at most 64 KiB, so a range read decrypts only what it touches.
//! In clear are only the length, epoch, number and kind of each record.
//!
//! - **Keys.** An epoch begins with a record that carries a random salt. Its key is HKDF(file key,
//!   salt, file header and epoch). A new epoch begins whenever a file is opened again and after
//!   every failed append.
//! - **Nonces.** Nonce = epoch | record number, under the epoch's own key. Within an epoch a number
//!   is used once. Should a crash take the epoch record itself off the disk, so that its number
//!   comes back, the new salt still makes another key: no pair of key and nonce repeats.
//! - **Order.** Numbers count 0, 1, 2... through the file without a gap, and each record
//!   authenticates its header and, for data, its place in the stream. A record that is removed,
//!   repeated, moved or taken from another file does not open.
//! - **End.** `finish` appends a table of all records and an end record that points to it, so that
//!   a finished file opens with three reads. Without them the headers are walked.
//!
//! Limit: who can write to the disk can cut an *unfinished* file shorter unnoticed; the index of
//! the recorder knows what should be there.

mod disk;
mod layout;
mod reader;
mod record;
mod table;
mod writer;

pub use disk::{Disk, DiskFile};
pub use reader::{FileState, SealedReader};
pub use record::RecordKind;
pub use writer::SealedWriter;

#[cfg(test)]
mod tests;
