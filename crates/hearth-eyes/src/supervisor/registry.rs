//! Who is being watched, what the worker was told of it, and what it said.
//!
//! One small lock, never held across a wait and never taken by the path of a frame into its queue.

mod activity;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use hearth_media::{MediaTime, StreamParameters};
use hearth_model::{CameraId, DetectionSettings, EyesState};
use tokio::sync::Notify;

use crate::{
    CameraCounters, EyesReport, EyesStatus, SandboxStatus, StopCause, UndecodableReason,
    feed::{FeedLoad, Queued},
    wire::{Slot, ToWorker, WorkerCounters},
};
use activity::OpenActivity;

/// A stream whose bytes crash the worker this often within [`CRASH_WINDOW`] is suspended.
const CRASHES_MAX: usize = 3;
const CRASH_WINDOW: Duration = Duration::from_secs(600);

/// For how long: a camera may get new firmware, and somebody should not have to remember it.
const SUSPENSION: Duration = Duration::from_secs(3_600);

/// All feeds.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    feeds: BTreeMap<Slot, Feed>,
    next_slot: u32,
    generation: u32,
    busy: Option<Slot>,
    status: EyesStatus,
}

/// One feed.
#[derive(Debug)]
struct Feed {
    camera: CameraId,
    settings: DetectionSettings,
    load: Arc<FeedLoad>,
    /// The hub dropped it; it stays until its activities ended.
    removed: bool,
    /// The worker has it.
    known: bool,
    /// The worker has its newest settings.
    told: bool,
    /// What the worker decodes it with.
    parameters: Option<Arc<StreamParameters>>,
    waiting_for_key: bool,
    /// Earliest and latest time of the frames the worker got.
    span: Option<(MediaTime, MediaTime)>,
    open: BTreeMap<u32, OpenActivity>,
    crashes: Vec<Instant>,
    suspended: Option<Instant>,
    undecodable: Option<UndecodableReason>,
    /// What the hub was told last.
    state: Option<EyesState>,
    /// Frames given to this worker.
    sent: u64,
    /// Counters of workers that are gone, and of this one.
    before: WorkerCounters,
    now: WorkerCounters,
}

impl Registry {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change leaves the data whole, so a panic elsewhere does not make it wrong.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a feed.
    pub(crate) fn add(
        &self,
        camera: CameraId,
        settings: DetectionSettings,
        load: Arc<FeedLoad>,
    ) -> Slot {
        let mut inner = self.lock();
        let slot = Slot(inner.next_slot);
        inner.next_slot = inner.next_slot.wrapping_add(1);
        inner.feeds.insert(slot, Feed::new(camera, settings, load));
        drop(inner);
        self.changed.notify_one();
        slot
    }

    /// Gives a feed other settings and another chance.
    pub(crate) fn update(&self, slot: Slot, settings: DetectionSettings) {
        if let Some(feed) = self.lock().feeds.get_mut(&slot) {
            feed.settings = settings;
            feed.told = false;
            feed.suspended = None;
            feed.crashes.clear();
        }
        self.changed.notify_one();
    }

    /// Ends a feed.
    pub(crate) fn remove(&self, slot: Slot) {
        if let Some(feed) = self.lock().feeds.get_mut(&slot) {
            feed.removed = true;
            feed.told = false;
        }
        self.changed.notify_one();
    }

    /// How the worker is.
    pub(crate) fn status(&self) -> EyesStatus {
        self.lock().status.clone()
    }

    /// Waits for a feed to begin, change or end.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What the worker must be told of feeds that began, changed or ended.
    pub(super) fn news(&self) -> Vec<ToWorker> {
        let mut inner = self.lock();
        let mut messages = Vec::new();
        for (slot, feed) in inner.feeds.iter_mut().filter(|(_, feed)| !feed.told) {
            feed.told = true;
            let wanted = feed.settings.enabled && !feed.removed && feed.suspended.is_none();
            if wanted {
                messages.push(ToWorker::Watch(*slot, Box::new(feed.settings.clone())));
            } else if feed.known {
                messages.push(ToWorker::Unwatch(*slot));
            }
            if wanted != feed.known {
                feed.known = wanted;
                feed.begin_anew();
            }
        }
        inner.forget_removed();
        messages
    }

    /// What the worker must be told for a frame: nothing, the frame, or its parameters first.
    pub(super) fn frame(&self, queued: &Queued) -> Vec<ToWorker> {
        let mut inner = self.lock();
        let running = inner.status.running;
        let Some(feed) = inner.feeds.get_mut(&queued.slot) else { return Vec::new() };
        if feed.suspended.is_some_and(|since| since.elapsed() > SUSPENSION) {
            feed.suspended = None;
            feed.told = false;
            self.changed.notify_one();
        }
        let frame = &queued.frame;
        if !running || !feed.known || (feed.waiting_for_key && !frame.is_key) {
            feed.load.dropped.fetch_add(1, Ordering::Relaxed);
            return Vec::new();
        }
        feed.waiting_for_key = false;
        feed.sent += 1;
        let (first, last) = feed.span.unwrap_or((frame.pts, frame.pts));
        feed.span = Some((first.min(frame.pts), last.max(frame.pts)));
        let mut messages = Vec::new();
        let known = feed.parameters.as_ref();
        if !known.is_some_and(|known| Arc::ptr_eq(known, &queued.parameters)) {
            feed.parameters = Some(Arc::clone(&queued.parameters));
            if let Some(video) = &queued.parameters.video {
                messages.push(ToWorker::Parameters(queued.slot, Box::new(video.clone())));
            }
        }
        messages.push(ToWorker::Frame(queued.slot, frame.clone()));
        messages
    }

    /// A worker was started; it knows nothing yet.
    pub(super) fn started(&self, pid: u32) {
        let mut inner = self.lock();
        inner.generation = inner.generation.wrapping_add(1);
        inner.busy = None;
        inner.status.pid = Some(pid);
        for feed in inner.feeds.values_mut() {
            feed.known = false;
            feed.told = false;
            feed.undecodable = None;
            feed.begin_anew();
        }
    }

    /// The worker is locked in.
    pub(super) fn locked_in(&self, sandbox: SandboxStatus) {
        self.lock().status.sandbox = Some(sandbox);
    }

    /// The worker is ready to look, with this model.
    pub(super) fn ready(&self, model: Option<(String, [u8; 32])>) {
        let mut inner = self.lock();
        inner.status.running = true;
        inner.status.model = model;
    }

    /// The worker works on the bytes of this feed from now on.
    pub(super) fn busy(&self, slot: Option<Slot>) {
        self.lock().busy = slot;
    }

    /// Whether the worker can decode a feed.
    pub(super) fn decodable(&self, slot: Slot, undecodable: Option<UndecodableReason>) {
        if let Some(feed) = self.lock().feeds.get_mut(&slot) {
            feed.undecodable = undecodable;
        }
    }

    /// What happened to the frames of a feed.
    pub(super) fn counted(&self, slot: Slot, counters: WorkerCounters) -> Option<EyesReport> {
        let mut inner = self.lock();
        let feed = inner.feeds.get_mut(&slot)?;
        feed.now = counters;
        Some(EyesReport::Counters { camera: feed.camera, counters: feed.counters() })
    }

    /// What changed about what the eyes do with each camera, since this was asked last.
    pub(super) fn state_changes(&self) -> Vec<EyesReport> {
        let mut inner = self.lock();
        let (running, objects) = (inner.status.running, inner.status.model.is_some());
        let mut reports = Vec::new();
        for feed in inner.feeds.values_mut().filter(|feed| !feed.removed) {
            let state = feed.current_state(running, objects);
            if feed.state.replace(state) != Some(state) {
                let undecodable = feed.undecodable.filter(|_| state == EyesState::Undecodable);
                reports.push(EyesReport::State { camera: feed.camera, state, undecodable });
            }
        }
        reports
    }

    /// The worker is gone: notes whose bytes it died of, and ends what it followed.
    pub(super) fn stopped(&self, cause: StopCause) -> Vec<EyesReport> {
        let mut inner = self.lock();
        inner.status.running = false;
        inner.status.pid = None;
        let busy = inner.busy.take().filter(|_| cause.is_the_streams_fault());
        if let Some(feed) = busy.and_then(|slot| inner.feeds.get_mut(&slot)) {
            feed.crashed();
        }
        let generation = inner.generation;
        let mut reports = Vec::new();
        for feed in inner.feeds.values_mut() {
            reports.extend(feed.end_activities(generation));
            feed.close_account();
        }
        inner.forget_removed();
        reports
    }

    /// A worker is started again.
    pub(super) fn restarting(&self) {
        let mut inner = self.lock();
        inner.status.restarts = inner.status.restarts.saturating_add(1);
    }
}

impl Inner {
    fn forget_removed(&mut self) {
        self.feeds.retain(|_, feed| !feed.removed || !feed.open.is_empty());
    }
}

impl Feed {
    fn new(camera: CameraId, settings: DetectionSettings, load: Arc<FeedLoad>) -> Self {
        Self {
            camera,
            settings,
            load,
            removed: false,
            known: false,
            told: false,
            parameters: None,
            waiting_for_key: true,
            span: None,
            open: BTreeMap::new(),
            crashes: Vec::new(),
            suspended: None,
            undecodable: None,
            state: None,
            sent: 0,
            before: WorkerCounters::default(),
            now: WorkerCounters::default(),
        }
    }

    /// The worker has nothing of it: parameters and a key frame come first.
    fn begin_anew(&mut self) {
        self.parameters = None;
        self.waiting_for_key = true;
        self.close_account();
    }

    fn current_state(&self, running: bool, objects: bool) -> EyesState {
        if !self.settings.enabled {
            EyesState::Off
        } else if self.suspended.is_some() {
            EyesState::Suspended
        } else if !running {
            EyesState::Down
        } else if self.undecodable.is_some() {
            EyesState::Undecodable
        } else if objects {
            EyesState::Objects
        } else {
            EyesState::MotionOnly
        }
    }

    /// The worker died while it worked on this feed.
    fn crashed(&mut self) {
        let now = Instant::now();
        self.crashes.retain(|crash| now.duration_since(*crash) < CRASH_WINDOW);
        self.crashes.push(now);
        if self.crashes.len() >= CRASHES_MAX {
            self.suspended = Some(now);
            self.crashes.clear();
        }
    }

    /// Frames the worker never accounted for went down with it.
    fn close_account(&mut self) {
        let now = std::mem::take(&mut self.now);
        let accounted = [now.dropped, now.gate_skipped, now.decoded, now.failed];
        let accounted = accounted.into_iter().fold(0, u64::saturating_add);
        self.before = sum(&self.before, &now);
        let lost = std::mem::take(&mut self.sent).saturating_sub(accounted);
        self.before.dropped = self.before.dropped.saturating_add(lost);
    }

    fn counters(&self) -> CameraCounters {
        let all = sum(&self.before, &self.now);
        let at_the_door = self.load.dropped.load(Ordering::Relaxed);
        CameraCounters {
            received: self.load.received.load(Ordering::Relaxed),
            dropped: all.dropped.saturating_add(at_the_door),
            ..all
        }
    }
}

fn sum(a: &WorkerCounters, b: &WorkerCounters) -> WorkerCounters {
    WorkerCounters {
        received: a.received.saturating_add(b.received),
        dropped: a.dropped.saturating_add(b.dropped),
        gate_skipped: a.gate_skipped.saturating_add(b.gate_skipped),
        decoded: a.decoded.saturating_add(b.decoded),
        failed: a.failed.saturating_add(b.failed),
        analysed: a.analysed.saturating_add(b.analysed),
        detector_runs: a.detector_runs.saturating_add(b.detector_runs),
        wakeups_size: a.wakeups_size.saturating_add(b.wakeups_size),
        wakeups_key: a.wakeups_key.saturating_add(b.wakeups_key),
        wakeups_false: a.wakeups_false.saturating_add(b.wakeups_false),
    }
}

#[cfg(test)]
mod tests;
