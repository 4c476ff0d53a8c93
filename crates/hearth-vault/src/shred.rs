//! Overwriting a small key file in place.
//!
//! Limit: on flash, and on file systems that write copies (btrfs, ZFS, snapshots), the old block
//! may live on until the device reuses it. The key hierarchy keeps that small (one wrapped key)
//! and useless without the master key; a stolen disk without the key file opens none of it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use aws_lc_rs::rand;

use crate::{VaultError, private_file::write_atomically};

/// What an overwritten file begins with, so that a half-done removal is recognised.
pub(crate) const DEAD: &[u8; 8] = b"HWDEAD1\0";

/// Bytes overwritten at once.
const PIECE_BYTES: usize = 4096;

/// Overwrites the whole file with [`DEAD`] and random bytes; durable on return.
pub(crate) fn overwrite(path: &Path) -> io::Result<()> {
    overwrite_open(OpenOptions::new().write(true).open(path)?)
}

/// Replaces the content of `path` in one step, then overwrites the blocks of the old content.
///
/// A crash in between leaves the old blocks as free space of the disk, like any deleted file.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    // Held open over the rename, which takes away its name but not its blocks.
    let old = OpenOptions::new().write(true).open(path);
    write_atomically(path, content)?;
    match old {
        Ok(old) => overwrite_open(old).map_err(VaultError::io("overwrite an old key")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(VaultError::io("overwrite an old key")(error)),
    }
}

fn overwrite_open(mut file: File) -> io::Result<()> {
    let mut left = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let mut piece = [0; PIECE_BYTES];
    let mut mark: &[u8] = DEAD;
    while left > 0 {
        rand::fill(&mut piece).map_err(io::Error::other)?;
        piece.iter_mut().zip(mark).for_each(|(byte, mark)| *byte = *mark);
        mark = &[];
        let piece = piece.get(..left.min(PIECE_BYTES)).unwrap_or(&piece);
        file.write_all(piece)?;
        left -= piece.len();
    }
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// promise: D-04. What a file held before it was replaced is overwritten, not only unlinked: a
    /// second name of the old file shows it.
    #[test]
    fn replaced_content_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, witness) = (folder.path().join("key"), folder.path().join("witness"));
        replace(&path, &[0xa5; 200]).expect("writes");
        fs::hard_link(&path, &witness).expect("a second name");
        replace(&path, b"new").expect("replaces");
        assert_eq!(fs::read(&path).expect("reads"), b"new");
        let old = fs::read(&witness).expect("reads");
        assert!(old.starts_with(DEAD) && !old.windows(8).any(|run| run == [0xa5; 8]));
    }

    /// promise: D-04. No run of the old content survives, at any length.
    #[test]
    fn nothing_of_the_old_content_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        for length in [0, 1, 68, PIECE_BYTES, PIECE_BYTES * 2 + 5] {
            fs::write(&path, vec![0xa5; length]).expect("writes");
            overwrite(&path).expect("overwrites");
            let after = fs::read(&path).expect("reads");
            assert_eq!(after.len(), length);
            assert!(!after.windows(8).any(|run| run == [0xa5; 8]));
        }
    }
}
