//! What is known about a camera now: counters without locks, and its state.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use hearth_media::{MediaTime, StreamParameters};
use hearth_model::{CameraState, StateReason, WallTime};
use tokio::sync::watch;

/// Where a camera stands, replaced as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) state: CameraState,
    pub(crate) reason: Option<StateReason>,
    pub(crate) since: WallTime,
    pub(crate) retry_at: Option<WallTime>,
    pub(crate) parameters: Option<Arc<StreamParameters>>,
}

impl Standing {
    pub(crate) fn connecting(since: WallTime) -> Self {
        let state = CameraState::Connecting;
        Self { state, reason: None, since, retry_at: None, parameters: None }
    }
}

/// Counted by the stream task, read by anyone.
#[derive(Debug)]
pub(crate) struct StreamCounters {
    pub(crate) frames: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) losses: AtomicU64,
    /// Whether the session in progress sent the password readably (promise T-07).
    pub(crate) is_password_exposed: AtomicBool,
    last_frame: AtomicI64,
}

impl Default for StreamCounters {
    fn default() -> Self {
        Self {
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            losses: AtomicU64::new(0),
            is_password_exposed: AtomicBool::new(false),
            last_frame: AtomicI64::new(i64::MIN),
        }
    }
}

impl StreamCounters {
    pub(crate) fn note_frame(&self, pts: MediaTime) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.last_frame.store(pts.as_micros(), Ordering::Relaxed);
    }

    pub(crate) fn last_frame(&self) -> Option<MediaTime> {
        let micros = self.last_frame.load(Ordering::Relaxed);
        (micros != i64::MIN).then(|| MediaTime::from_micros(micros))
    }
}

/// A camera's state, told to whoever waits for changes.
pub(crate) type StandingSender = watch::Sender<Standing>;
