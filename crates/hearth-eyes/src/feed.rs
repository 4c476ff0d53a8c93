//! Hands one camera's frames to the eyes without ever waiting.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use hearth_media::{Frame, StreamItem, StreamParameters, TrackKind};
use hearth_model::DetectionSettings;
use tokio::sync::mpsc;

use crate::{
    supervisor::Registry,
    wire::{FRAME_BYTES_MAX, Slot},
};

/// Frames of one camera that may wait for the worker: 8 s at 15 frames a second.
const FRAMES_MAX: usize = 128;

/// Bytes of one camera that may wait; 8 s at 8 Mbit/s.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Frames of all cameras that may wait; more than 32 cameras fill their own share of.
pub(crate) const QUEUE_FRAMES_MAX: usize = 4_096;

/// One camera's way to the eyes; dropping it ends the looking.
#[derive(Debug)]
pub struct EyesFeed {
    slot: Slot,
    registry: Arc<Registry>,
    frames: mpsc::Sender<Queued>,
    load: Arc<FeedLoad>,
    parameters: Option<Arc<StreamParameters>>,
    waiting_for_key: bool,
}

/// What waits of one feed, and what was left out.
#[derive(Debug, Default)]
pub(crate) struct FeedLoad {
    frames: AtomicUsize,
    bytes: AtomicUsize,
    pub(crate) received: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

/// A frame on its way to the worker, with the parameters it is coded with.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) slot: Slot,
    pub(crate) parameters: Arc<StreamParameters>,
    pub(crate) frame: Frame,
    pub(crate) load: Arc<FeedLoad>,
}

impl Queued {
    /// A frame that waits from now on.
    pub(crate) fn new(
        slot: Slot,
        parameters: Arc<StreamParameters>,
        frame: Frame,
        load: Arc<FeedLoad>,
    ) -> Self {
        load.frames.fetch_add(1, Ordering::Relaxed);
        load.bytes.fetch_add(frame.data.len(), Ordering::Relaxed);
        Self { slot, parameters, frame, load }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.load.frames.fetch_sub(1, Ordering::Relaxed);
        self.load.bytes.fetch_sub(self.frame.data.len(), Ordering::Relaxed);
    }
}

impl EyesFeed {
    pub(crate) fn new(
        slot: Slot,
        registry: Arc<Registry>,
        frames: mpsc::Sender<Queued>,
        load: Arc<FeedLoad>,
    ) -> Self {
        Self { slot, registry, frames, load, parameters: None, waiting_for_key: true }
    }

    /// Hands over the next item of the stream. Never blocks and takes no lock: what does not fit is
    /// dropped up to the next key frame, and counted. Sound is passed over.
    pub fn offer(&mut self, item: &StreamItem) {
        let frame = match item {
            StreamItem::Parameters(parameters) => {
                self.parameters = parameters.video.is_some().then(|| Arc::clone(parameters));
                self.waiting_for_key = true;
                return;
            }
            StreamItem::Frame(frame) if frame.track == TrackKind::Video => frame,
            StreamItem::Frame(_) => return,
        };
        self.load.received.fetch_add(1, Ordering::Relaxed);
        let key_missing = self.waiting_for_key && !frame.is_key;
        let sent = !key_missing && self.send(frame);
        self.waiting_for_key = !sent;
        if !sent {
            self.load.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Looks with other settings from now on. Lifts a suspension.
    pub fn update(&self, settings: DetectionSettings) {
        self.registry.update(self.slot, settings);
    }

    fn send(&self, frame: &Frame) -> bool {
        let Some(parameters) = &self.parameters else { return false };
        let bytes = frame.data.len();
        let full = self.load.frames.load(Ordering::Relaxed) >= FRAMES_MAX
            || self.load.bytes.load(Ordering::Relaxed) + bytes > BYTES_MAX
            || bytes > FRAME_BYTES_MAX;
        if full {
            return false;
        }
        let (parameters, load) = (Arc::clone(parameters), Arc::clone(&self.load));
        let queued = Queued::new(self.slot, parameters, frame.clone(), load);
        // A refused one takes itself off the load when it is dropped.
        self.frames.try_send(queued).is_ok()
    }
}

impl Drop for EyesFeed {
    fn drop(&mut self) {
        self.registry.remove(self.slot);
    }
}
