//! The worker as a process.

use std::{io, os::fd::OwnedFd, os::unix::process::ExitStatusExt, process::Stdio, time::Duration};

use tokio::{
    io::AsyncReadExt,
    net::UnixStream,
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
    time::timeout,
};

use super::session::SessionEnd;
use crate::{EyesConfig, StopCause};

/// A worker that was asked to end has this long to tell what it still follows.
const FAREWELL: Duration = Duration::from_secs(2);

/// Last words that are kept for the log; a panic message has less.
const LAST_WORDS_BYTES: usize = 1_024;

/// A running worker.
pub(super) struct Worker {
    child: Child,
    pid: u32,
    last_words: Option<JoinHandle<Vec<u8>>>,
}

impl Worker {
    /// Starts a worker with an empty environment; its standard input is the other end of the
    /// returned socket.
    pub(super) fn start(config: &EyesConfig) -> io::Result<(Self, UnixStream)> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut child = Command::new(&config.program)
            .args(&config.args)
            // Decoders and the inference engine have switches in the environment.
            .env_clear()
            // Inference on one thread: more would take turns with the hub for the same cores.
            .env("RTEN_NUM_THREADS", "1")
            .env("RAYON_NUM_THREADS", "1")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().ok_or_else(|| io::Error::other("the worker ended at once"))?;
        let last_words = child.stderr.take().map(|stderr| tokio::spawn(listen(stderr)));
        Ok((Self { child, pid, last_words }, UnixStream::from_std(ours)?))
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Sees the worker to its end: one that went by itself gets a moment, any other is killed.
    pub(super) async fn end(mut self, end: SessionEnd) -> (StopCause, String) {
        let status = match end {
            SessionEnd::Closed => timeout(FAREWELL, self.child.wait()).await.ok(),
            SessionEnd::Hung | SessionEnd::Misbehaved | SessionEnd::Asked => None,
        };
        let killed = status.is_none();
        if killed && let Err(error) = self.child.start_kill() {
            tracing::debug!(%error, "the worker was gone before it could be killed");
        }
        let status = match status {
            Some(status) => status,
            None => self.child.wait().await,
        };
        let cause = match (end, status) {
            (SessionEnd::Asked, _) => StopCause::Asked,
            (SessionEnd::Hung, _) => StopCause::Hung,
            (SessionEnd::Misbehaved, _) => StopCause::Misbehaved,
            (SessionEnd::Closed, _) if killed => StopCause::Hung,
            (SessionEnd::Closed, Ok(status)) => match (status.code(), status.signal()) {
                (Some(code), _) => StopCause::Exited(code),
                (None, signal) => StopCause::Signal(signal.unwrap_or_default()),
            },
            (SessionEnd::Closed, Err(_)) => StopCause::Hung,
        };
        let words = match self.last_words.take() {
            Some(listening) => listening.await.unwrap_or_default(),
            None => Vec::new(),
        };
        // Escaped: whoever took over the worker must not write to the hub's terminal.
        (cause, String::from_utf8_lossy(&words).escape_debug().to_string())
    }
}

/// Reads to the end and keeps the last bytes.
async fn listen(mut stderr: ChildStderr) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; LAST_WORDS_BYTES];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        kept.extend_from_slice(piece.get(..count).unwrap_or(&[]));
        let surplus = kept.len().saturating_sub(LAST_WORDS_BYTES);
        kept.drain(..surplus);
    }
    kept
}
