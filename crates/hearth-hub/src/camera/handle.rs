//! One camera while the hub runs: its tasks, and everything others may ask or tell it.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use hearth_eyes::{CameraCounters, Eyes, EyesFeed};
use hearth_media::{AudioParameters, MediaTime, VideoParameters};
use hearth_model::{
    AddressPolicy, CameraId, CameraSettings, CameraState, CameraStatus, DetectionSettings,
    EyesState, Label, RecordMode, SourceUrl,
};
use hearth_recorder::{
    CoverageChange, CoverageKeeper, CoverageState, Recorder, RecorderControl, RecorderCounters,
    RecorderError,
};
use hearth_stream::{Credentials, SourceSpec, rtsps_offer};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    camera::{
        live::{self, LiveSender},
        offer::LastOffer,
        session::{PinSender, StreamSession},
        state::{Standing, StreamCounters},
    },
    clock::HouseClock,
};

/// What all cameras share.
pub(crate) struct CameraParts {
    pub(crate) clock: Arc<HouseClock>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) eyes: Option<Eyes>,
    pub(crate) pins: PinSender,
    /// Whether the house's privacy switch is on.
    pub(crate) privacy: watch::Receiver<bool>,
    /// Its devices are simulated, on this machine.
    pub(crate) is_simulated: bool,
}

/// A camera with its running tasks.
pub(crate) struct Camera {
    id: CameraId,
    settings: RwLock<Arc<CameraSettings>>,
    clock: Arc<HouseClock>,
    control: Arc<RecorderControl>,
    recorded: Arc<RecorderCounters>,
    stream: Arc<StreamCounters>,
    sub_stream: Option<Arc<StreamCounters>>,
    standing: watch::Receiver<Standing>,
    live: LiveSender,
    spec: Mutex<Option<watch::Sender<SourceSpec>>>,
    sub_spec: Mutex<Option<watch::Sender<SourceSpec>>>,
    sessions: Mutex<Vec<JoinHandle<()>>>,
    detection_task: Mutex<Option<JoinHandle<()>>>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
    coverage: Mutex<CoverageKeeper>,
    expected_micros: AtomicU64,
    eyes_state: Mutex<EyesState>,
    eyes_counters: Mutex<CameraCounters>,
    detection: DetectionSender,
    activities: AtomicUsize,
    /// Whether footage of this run was seen.
    has_footage: AtomicBool,
    watchers: Arc<AtomicUsize>,
    privacy: watch::Receiver<bool>,
    offer: LastOffer,
    is_simulated: bool,
}

type DetectionSender = watch::Sender<DetectionSettings>;

impl Camera {
    /// Makes a camera with its tasks; its streams wait for [`Camera::begin`].
    pub(crate) fn start(
        id: CameraId,
        settings: CameraSettings,
        credentials: Option<Credentials>,
        parts: &CameraParts,
    ) -> Result<Arc<Self>, RecorderError> {
        let clock = Arc::clone(&parts.clock);
        let control =
            Arc::new(RecorderControl::new(settings.pre_roll_seconds, clock.wall_offset()));
        let recorded = Arc::new(RecorderCounters::default());
        let (recorder, writer) =
            parts.recorder.camera(id, Arc::clone(&control), Arc::clone(&recorded))?;
        let stream = Arc::new(StreamCounters::default());
        let (standing_tx, standing) = watch::channel(Standing::connecting(clock.wall_now()));
        let live = live::spawn(Arc::clone(&clock));
        let main = StreamSession {
            camera: id,
            clock: Arc::clone(&clock),
            recorder: Some(recorder),
            live: live.clone(),
            counters: Arc::clone(&stream),
            standing: standing_tx,
            pin: parts.pins.clone(),
            privacy: parts.privacy.clone(),
        };
        let (spec, spec_rx) =
            watch::channel(parts.source_spec(&settings, &settings.url, credentials.clone()));
        let mut sessions = vec![tokio::spawn(main.run(spec_rx))];

        let sub_stream = settings.sub_url.is_some().then(Arc::<StreamCounters>::default);
        let (sub_spec, sub_live) = match &settings.sub_url {
            None => (None, None),
            Some(url) => {
                let live = live::spawn(Arc::clone(&clock));
                let (spec, spec_rx) =
                    watch::channel(parts.source_spec(&settings, url, credentials));
                let counters = sub_stream.clone().unwrap_or_default();
                let sub = sub_session(id, parts, live.clone(), counters);
                sessions.push(tokio::spawn(sub.run(spec_rx)));
                (Some(spec), Some(live))
            }
        };
        let (detection, detection_rx) = watch::channel(settings.detection.clone());
        let eyes_state = if parts.eyes.is_some() { EyesState::Down } else { EyesState::Off };
        let detection_task = parts.eyes.clone().map(|eyes| {
            let seen = sub_live.unwrap_or_else(|| live.clone());
            tokio::spawn(follow_detection(id, eyes, seen, detection_rx))
        });
        Ok(Arc::new(Self {
            id,
            settings: RwLock::new(Arc::new(settings)),
            clock,
            control,
            recorded,
            stream,
            sub_stream,
            standing,
            live,
            spec: Mutex::new(Some(spec)),
            sub_spec: Mutex::new(sub_spec),
            sessions: Mutex::new(sessions),
            detection_task: Mutex::new(detection_task),
            writer: Mutex::new(Some(writer)),
            coverage: Mutex::default(),
            expected_micros: AtomicU64::new(0),
            eyes_state: Mutex::new(eyes_state),
            eyes_counters: Mutex::default(),
            detection,
            activities: AtomicUsize::new(0),
            has_footage: AtomicBool::new(false),
            watchers: Arc::default(),
            privacy: parts.privacy.clone(),
            offer: LastOffer::default(),
            is_simulated: parts.is_simulated,
        }))
    }

    /// Lets its streams begin.
    pub(crate) fn begin(&self) {
        for spec in [&self.spec, &self.sub_spec] {
            if let Some(spec) = &*lock(spec) {
                spec.send_modify(|_| {});
            }
        }
    }

    /// Ends its tasks and waits until everything is written.
    pub(crate) async fn stop(&self) {
        drop(lock(&self.spec).take());
        drop(lock(&self.sub_spec).take());
        if let Some(task) = lock(&self.detection_task).take() {
            task.abort();
        }
        let sessions = std::mem::take(&mut *lock(&self.sessions));
        for session in sessions {
            // A session that panicked has ended too; its panic is in the log.
            session.await.ok();
        }
        self.live.end().await;
        let Some(writer) = lock(&self.writer).take() else { return };
        let joined = tokio::task::spawn_blocking(move || writer.join().is_ok()).await;
        if !joined.unwrap_or(false) {
            tracing::error!(camera.id = %self.id, "the recorder's thread failed");
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> CameraId {
        self.id
    }

    /// Its settings now.
    pub(crate) fn settings(&self) -> Arc<CameraSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts new settings in force that need no other tasks: anything but the sub stream.
    pub(crate) fn apply(&self, settings: CameraSettings, credentials: Option<Credentials>) {
        self.control.set_pre_roll(settings.pre_roll_seconds);
        self.detection.send_replace(settings.detection.clone());
        let old = self.settings();
        let same_source = old.url == settings.url
            && old.transport == settings.transport
            && old.certificate_pin == settings.certificate_pin
            && old.this_machine == settings.this_machine;
        let settings = Arc::new(settings);
        // In force before the sessions hear of them: one may report a certificate at once.
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&settings);
        if same_source && credentials.is_none() {
            return;
        }
        let streams =
            [(&self.spec, Some(&settings.url)), (&self.sub_spec, settings.sub_url.as_ref())];
        for (spec, url) in streams {
            if let (Some(spec), Some(url)) = (&*lock(spec), url) {
                let mut new = source_spec(&settings, url, credentials.clone(), self.is_simulated);
                spec.send_modify(|spec| {
                    new.credentials = new.credentials.take().or(spec.credentials.take());
                    *spec = new;
                });
            }
        }
    }

    /// Notes the certificate that was seen first. The session that saw it goes on; the next one
    /// must see the same (promise K-01).
    pub(crate) fn set_pin(&self, pin: String) {
        for spec in [&self.spec, &self.sub_spec] {
            if let Some(spec) = &*lock(spec) {
                spec.send_if_modified(|spec| {
                    spec.certificate_pin = parse_pin(&pin);
                    // Telling the session would end it.
                    false
                });
            }
        }
        let mut settings = CameraSettings::clone(&self.settings());
        settings.certificate_pin = Some(pin);
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// What [`Camera::rtsps_offer`] found, if it was asked lately.
    pub(crate) fn known_offer(&self) -> Option<SourceUrl> {
        self.offer.get(&self.settings().url, self.clock.stream_now()).flatten()
    }

    /// The address of the same stream by RTSPS, if it is plain and the camera offered that when it
    /// was asked last (promise V-10).
    pub(crate) async fn rtsps_offer(&self, ports: &[u16]) -> Option<SourceUrl> {
        let settings = self.settings();
        let now = self.clock.stream_now();
        if let Some(answered) = self.offer.get(&settings.url, now) {
            return answered;
        }
        // Its account is not needed for this.
        let spec = source_spec(&settings, &settings.url, None, self.is_simulated);
        let offer = rtsps_offer(&spec, ports).await;
        self.offer.set(spec.url, now, offer.clone());
        offer
    }

    /// Where its stream comes from, and when that changes; `None` once the camera ends.
    pub(crate) fn source(&self) -> Option<watch::Receiver<SourceSpec>> {
        lock(&self.spec).as_ref().map(watch::Sender::subscribe)
    }

    /// Whether the house is closed, and when that changes.
    pub(crate) fn privacy(&self) -> watch::Receiver<bool> {
        self.privacy.clone()
    }

    /// The viewers' side.
    pub(crate) fn live(&self) -> &LiveSender {
        &self.live
    }

    /// Changes of its state.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Counts somebody who watches until the returned value is dropped.
    pub(crate) fn watch(&self) -> Watching {
        self.watchers.fetch_add(1, Ordering::Relaxed);
        Watching(Arc::clone(&self.watchers))
    }

    /// Whether activities with this label become events.
    pub(crate) fn wants(&self, label: &Label) -> bool {
        let settings = self.settings();
        let labels = &settings.detection.labels;
        labels.is_empty() || labels.contains(label)
    }

    /// Something goes on: in event mode, keep what comes.
    pub(crate) fn activity_began(&self) {
        self.activities.fetch_add(1, Ordering::Relaxed);
        self.control.keep_until(MediaTime::from_micros(i64::MAX));
    }

    /// It is over: keep the post-roll, unless something else goes on.
    pub(crate) fn activity_ended(&self, at: MediaTime) {
        let before = self
            .activities
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .unwrap_or(0);
        if before <= 1 {
            let post_roll = i64::from(self.settings().post_roll_seconds) * 1_000_000;
            self.control.keep_until(at.plus_micros(post_roll));
        }
    }

    pub(crate) fn set_eyes_state(&self, state: EyesState) {
        *lock(&self.eyes_state) = state;
    }

    pub(crate) fn set_eyes_counters(&self, counters: CameraCounters) {
        *lock(&self.eyes_counters) = counters;
    }

    /// Once a second: the mode in force, the clock's offset, and whether footage is missing.
    ///
    /// Behind the house's privacy switch nothing is recorded, and nothing is missed (promise T-12).
    pub(crate) fn tick(&self, scheduled: RecordMode) -> Option<CoverageChange> {
        let mode = if *self.privacy.borrow() { RecordMode::Off } else { scheduled };
        self.control.set_wall_offset(self.clock.wall_offset());
        self.control.set_mode(mode);
        let keeps = mode == RecordMode::Continuous
            || (mode == RecordMode::Event && self.activities.load(Ordering::Relaxed) > 0);
        let state = CoverageState {
            now: self.clock.stream_now(),
            expected: keeps,
            live: self.standing.borrow().state == CameraState::Live,
            fault: self.recorded.fault(),
            last_end: self.recorded.last_end(),
        };
        let mut coverage = lock(&self.coverage);
        let change = coverage.observe(state);
        self.expected_micros.store(coverage.expected_micros(), Ordering::Relaxed);
        change
    }

    /// Whether it has been live for so long without footage reaching the disk, although it should.
    pub(crate) fn is_writer_stuck(&self, after_micros: i64) -> bool {
        let standing = self.standing.borrow();
        let is_expected = self.control.mode() == RecordMode::Continuous;
        if standing.state != CameraState::Live || !is_expected {
            return false;
        }
        let live_for = self.clock.wall_now().micros_since(standing.since);
        let newest = self.recorded.last_end();
        let age = newest.map_or(i64::MAX, |end| self.clock.stream_now().micros_since(end));
        self.recorded.fault().is_some() || (live_for > after_micros && age > after_micros)
    }

    /// Whether footage was seen for the first time in this run; says so once.
    pub(crate) fn first_footage(&self) -> bool {
        self.recorded.last_end().is_some() && !self.has_footage.swap(true, Ordering::Relaxed)
    }

    /// Bytes written in this run.
    pub(crate) fn bytes_written(&self) -> u64 {
        self.recorded.bytes_written()
    }

    /// Bytes that wait for the disk.
    pub(crate) fn bytes_queued(&self) -> usize {
        self.recorded.bytes_queued()
    }

    /// Fragments that were not written in this run.
    pub(crate) fn fragments_dropped(&self) -> u64 {
        self.recorded.fragments_dropped()
    }

    /// What the eyes did with its frames.
    pub(crate) fn eyes_counters(&self) -> CameraCounters {
        *lock(&self.eyes_counters)
    }

    /// All that is known about it now.
    pub(crate) fn status(&self) -> CameraStatus {
        let settings = self.settings();
        let standing = self.standing.borrow().clone();
        let parameters = standing.parameters.as_deref();
        let video = parameters.and_then(|parameters| parameters.video.as_ref());
        let audio = parameters.and_then(|parameters| parameters.audio.as_ref());
        let eyes = *lock(&self.eyes_counters);
        CameraStatus {
            id: self.id,
            name: settings.name.clone(),
            state: standing.state,
            reason: standing.reason,
            message: standing.reason.map(|reason| reason.message().to_owned()),
            since: standing.since,
            retry_at: standing.retry_at,
            last_frame_at: self.stream.last_frame().map(|at| self.clock.wall_at(at)),
            record_mode: self.control.mode(),
            recording: self.recorded.is_writing(),
            recorded_seconds: seconds(self.recorded.recorded_micros()),
            expected_seconds: seconds(self.expected_micros.load(Ordering::Relaxed)),
            codec: video.map(|video: &VideoParameters| video.rfc6381.clone()),
            width: video.map(|video| video.width),
            height: video.map(|video| video.height),
            audio_codec: audio.map(|audio: &AudioParameters| audio.rfc6381.clone()),
            encrypted_transport: settings.url.scheme().is_encrypted(),
            password_exposed: [Some(&self.stream), self.sub_stream.as_ref()]
                .into_iter()
                .flatten()
                .any(|stream| stream.is_password_exposed.load(Ordering::Relaxed)),
            frames_received: self.stream.frames.load(Ordering::Relaxed),
            frames_decoded: eyes.decoded,
            frames_analysed: eyes.analysed,
            frames_dropped: eyes.dropped.saturating_add(self.live.dropped()),
            bytes_received: self.stream.bytes.load(Ordering::Relaxed),
            losses: self.stream.losses.load(Ordering::Relaxed),
            eyes: *lock(&self.eyes_state),
            watchers: u32::try_from(self.watchers.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
        }
    }
}

/// Somebody watches as long as this lives.
#[derive(Debug)]
pub(crate) struct Watching(Arc<AtomicUsize>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl CameraParts {
    /// What a source needs from the settings.
    pub(crate) fn source_spec(
        &self,
        settings: &CameraSettings,
        url: &SourceUrl,
        credentials: Option<Credentials>,
    ) -> SourceSpec {
        source_spec(settings, url, credentials, self.is_simulated)
    }
}

fn source_spec(
    settings: &CameraSettings,
    url: &SourceUrl,
    credentials: Option<Credentials>,
    is_simulated: bool,
) -> SourceSpec {
    let devices = AddressPolicy::DEVICES;
    let here = is_simulated || settings.this_machine;
    SourceSpec {
        addresses: if here { devices.with_this_machine() } else { devices },
        url: url.clone(),
        credentials,
        transport: settings.transport,
        certificate_pin: settings.certificate_pin.as_deref().and_then(parse_pin),
    }
}

/// Reads 64 hexadecimal digits, colons allowed.
pub(crate) fn parse_pin(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let mut pin = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in pin.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(pin)
}

/// The sub stream feeds the eyes only: it records nothing, and its state is not the camera's.
fn sub_session(
    camera: CameraId,
    parts: &CameraParts,
    live: LiveSender,
    counters: Arc<StreamCounters>,
) -> StreamSession {
    let (standing, _) = watch::channel(Standing::connecting(parts.clock.wall_now()));
    StreamSession {
        camera,
        clock: Arc::clone(&parts.clock),
        recorder: None,
        live,
        counters,
        standing,
        pin: parts.pins.clone(),
        privacy: parts.privacy.clone(),
    }
}

/// Gives the eyes a feed while detection is on, and takes it away when it is switched off.
async fn follow_detection(
    camera: CameraId,
    eyes: Eyes,
    live: LiveSender,
    mut settings: watch::Receiver<DetectionSettings>,
) {
    loop {
        let current = settings.borrow_and_update().clone();
        let feed: Option<EyesFeed> = current.enabled.then(|| eyes.watch(camera, current));
        live.set_eyes(feed).await;
        if settings.changed().await.is_err() {
            return;
        }
    }
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// A lock whose holder panicked still holds plain data.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
