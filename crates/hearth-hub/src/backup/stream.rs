//! The way of a backup from a thread of its own to whoever takes it.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use hearth_recorder::FootageChoice;
use hearth_vault::VaultError;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
};

use super::{KeptBackup, NewBackup, contents, lock};
use crate::{error::Chain, house::House};

/// Bytes handed over at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces made ahead of whoever takes them: a megabyte.
const PIECES_MAX: usize = 4;

/// A backup being made.
#[derive(Debug)]
pub struct BackupStream {
    id: String,
    bytes_expected: u64,
    pieces: mpsc::Receiver<Result<Bytes, BackupFailed>>,
}

/// The backup could not be completed; the log says why. What was handed out has no end, and opens
/// as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the backup could not be completed")]
pub struct BackupFailed;

impl BackupStream {
    /// By which [`crate::Hub::backup_kept`] knows it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// About how large it will be, for progress; 0 if that is not known.
    pub fn bytes_expected(&self) -> u64 {
        self.bytes_expected
    }

    /// The next piece; `None` behind the end.
    ///
    /// # Errors
    /// [`BackupFailed`], and nothing follows.
    pub async fn next(&mut self) -> Option<Result<Bytes, BackupFailed>> {
        self.pieces.recv().await
    }
}

/// Starts the thread.
pub(super) fn begin(
    house: &Arc<House>,
    new: NewBackup,
    footage: Option<FootageChoice>,
    bytes_expected: u64,
    turn: OwnedSemaphorePermit,
) -> BackupStream {
    let (sender, pieces) = mpsc::channel(PIECES_MAX);
    let made_at = house.clock.wall_now();
    let id = format!("backup_{}", made_at.as_micros());
    let handed_out = Arc::clone(&house.backups.handed_out);
    let kept = KeptBackup { id: id.clone(), made_at, bytes: 0, media: new.media };
    let (house, runtime) = (Arc::clone(house), Handle::current());
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let pipe =
            Pipe { sender: sender.clone(), piece: Vec::with_capacity(PIECE_BYTES), bytes: 0 };
        let passphrase = new.passphrase.as_ref();
        let made = house.vault.begin_backup(pipe, made_at, passphrase).and_then(|sealed| {
            let mut pipe = contents::write(&house, &runtime, sealed, new.media, footage.as_ref())?;
            pipe.send().map_err(VaultError::of_io)?;
            Ok(pipe.bytes)
        });
        match made {
            // Before the stream ends with its senders: who has all of it finds it noted.
            Ok(bytes) => note(&handed_out, KeptBackup { bytes, ..kept }),
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "a backup was not completed");
                sender.blocking_send(Err(BackupFailed)).ok();
            }
        }
    });
    BackupStream { id, bytes_expected, pieces }
}

fn note(handed_out: &Mutex<Option<KeptBackup>>, kept: KeptBackup) {
    *lock(handed_out) = Some(kept);
}

/// Hands bytes over in pieces; waits for whoever takes them, and fails when they are gone.
pub(super) struct Pipe {
    sender: mpsc::Sender<Result<Bytes, BackupFailed>>,
    piece: Vec<u8>,
    bytes: u64,
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let sent = self.sender.blocking_send(Ok(Bytes::from(piece)));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = PIECE_BYTES - self.piece.len();
        let now = bytes.get(..room).unwrap_or(bytes);
        self.piece.extend_from_slice(now);
        self.bytes = self.bytes.saturating_add(now.len() as u64);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
