//! What the hub does by the clock: schedules, gaps, and following what changes; `retention` erases.

use std::{
    collections::VecDeque,
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hearth_media::MediaTime;
use hearth_model::{CameraId, EventBody, WallTime};
use hearth_recorder::CoverageChange;
use hearth_store::StoreError;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    camera::state::Standing, error::Chain, house::House, retention, schedule,
    start::INDEX_DAMAGED_FILE, watch_list,
};

/// How often schedules, clocks and gaps are looked at.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between two sweeps.
const SWEEP_TICKS: u64 = 60;

/// Activities that a crash may have left open.
const OPEN_ACTIVITIES_MAX: u32 = 500;

/// How long ago the newest saved clock may have been, plus reserve.
const CLOCK_RESERVE_MICROS: i64 = 2 * 60_000_000;

/// The streams' timeline as it was last saved, so that it never begins before its own past.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct SavedClock {
    stream_us: i64,
    is_exact: bool,
}

impl SavedClock {
    pub(crate) const KEY: &'static str = "stream_clock";

    /// Where the next run's timeline may begin at the earliest.
    pub(crate) fn not_before_us(self) -> i64 {
        self.stream_us.saturating_add(if self.is_exact { 0 } else { CLOCK_RESERVE_MICROS })
    }
}

/// How fast the disk fills, from what was written lately.
#[derive(Debug, Default)]
pub(crate) struct StorageTrend(Mutex<Trend>);

#[derive(Debug, Default)]
struct Trend {
    /// Stream time and bytes written until then; one entry a sweep.
    samples: VecDeque<(MediaTime, u64)>,
}

impl StorageTrend {
    /// An hour of samples.
    const SAMPLES_MAX: usize = 60;
    /// Less than this says nothing about a day.
    const MEASURED_MICROS_MIN: i64 = 10 * 60_000_000;

    pub(crate) fn note(&self, now: MediaTime, written: u64) {
        let mut trend = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trend.samples.push_back((now, written));
        if trend.samples.len() > Self::SAMPLES_MAX {
            trend.samples.pop_front();
        }
    }

    /// Bytes a day at the measured rate; `None` while too little has been measured.
    pub(crate) fn bytes_a_day(&self) -> Option<f64> {
        let trend = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, last) = (trend.samples.front()?, trend.samples.back()?);
        let micros = last.0.micros_since(first.0);
        let bytes = last.1.checked_sub(first.1)?;
        let measured = micros >= Self::MEASURED_MICROS_MIN && bytes > 0;
        measured.then(|| bytes as f64 / micros as f64 * WallTime::MICROS_A_DAY as f64)
    }
}

/// Runs until the hub ends.
pub(crate) async fn run(house: Arc<House>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut count: u64 = 0;
    loop {
        tokio::select! {
            () = house.ended() => return,
            _ = ticks.tick() => {}
        }
        tick(&house).await;
        count += 1;
        if count % SWEEP_TICKS == 5 {
            // Erasing may take long; schedules and gaps go on meanwhile.
            tokio::spawn(retention::sweep(Arc::clone(&house)));
            watch_list::import_daily(&house);
        }
    }
}

async fn tick(house: &Arc<House>) {
    if let Some(micros) = house.clock.observe() {
        tracing::warn!(micros, "the wall clock stepped");
        house.note(EventBody::ClockStepped { micros }).await;
    }
    let now = house.clock.wall_now();
    house.end_privacy(now);
    house.run_schedules(now);
    for camera in house.cameras.all() {
        let mode = schedule::mode_at(&camera.settings().record, &house.zone, now);
        if let Some(change) = camera.tick(mode) {
            note_coverage(house, camera.id(), change).await;
        } else if camera.first_footage() {
            end_gap(house, camera.id(), now).await;
            // What the last run told of a silence is over too.
            house.tell_of_return(camera.id()).await;
        }
    }
    let reclaimed = house.recorder.take_reclaimed();
    if reclaimed.segments > 0 {
        let (segments, bytes) = (reclaimed.segments, reclaimed.bytes);
        house.note(EventBody::SpaceReclaimed { segments, bytes }).await;
    }
}

async fn note_coverage(house: &Arc<House>, camera: CameraId, change: CoverageChange) {
    match change {
        CoverageChange::Opened { from, cause } => {
            let from = house.clock.wall_at(from);
            if let Err(error) = house.store.begin_gap(camera, from, cause).await {
                tracing::error!(%error, "a gap was not noted");
            }
            house.note(EventBody::RecordingStopped { camera, cause }).await;
            house.tell_of_silence(camera, cause).await;
        }
        CoverageChange::Closed { at } => {
            end_gap(house, camera, house.clock.wall_at(at)).await;
            house.note(EventBody::RecordingResumed { camera }).await;
            house.tell_of_return(camera).await;
        }
    }
    house.status_changed();
}

async fn end_gap(house: &Arc<House>, camera: CameraId, at: WallTime) {
    if let Err(error) = house.store.end_gap(camera, at).await {
        tracing::error!(%error, "the end of a gap was not noted");
    }
}

/// Saves where the timeline is.
pub(crate) async fn save_clock(house: &Arc<House>) {
    let is_exact = *house.ending.borrow();
    let saved = SavedClock { stream_us: house.clock.stream_now().as_micros(), is_exact };
    if let Err(error) = house.store.put_setting(SavedClock::KEY, &saved).await {
        tracing::warn!(%error, "the timeline was not saved");
    }
}

/// Turns changes of a camera's state into facts, from the one on that is known already.
pub(crate) async fn follow_camera(
    house: Arc<House>,
    id: CameraId,
    mut standing: watch::Receiver<Standing>,
    mut told: Standing,
) {
    while standing.changed().await.is_ok() {
        let now = standing.borrow_and_update().clone();
        if (now.state, now.reason) != (told.state, told.reason) {
            let (state, reason) = (now.state, now.reason);
            house.note(EventBody::CameraStateChanged { camera: id, state, reason }).await;
        }
        let video =
            |of: &Standing| of.parameters.as_ref().and_then(|parameters| parameters.video.clone());
        if let (Some(before), Some(after)) = (video(&told), video(&now))
            && before != after
        {
            let (codec, width, height) = (after.rfc6381, after.width, after.height);
            house.note(EventBody::StreamChanged { camera: id, codec, width, height }).await;
        }
        told = now;
        house.status_changed();
    }
}

/// Pins certificates that were seen first (promises T-08, K-01).
pub(crate) async fn pin_certificates(
    house: Arc<House>,
    mut pins: mpsc::Receiver<(CameraId, [u8; 32])>,
) {
    // The senders live in the house, and the house as long as this task: it ends by being told.
    loop {
        tokio::select! {
            () = house.ended() => return,
            seen = pins.recv() => match seen {
                Some((id, pin)) => pin_certificate(&house, id, pin).await,
                None => return,
            }
        }
    }
}

async fn pin_certificate(house: &Arc<House>, id: CameraId, pin: [u8; 32]) {
    let Some(camera) = house.cameras.get(id) else { return };
    let mut settings = hearth_model::CameraSettings::clone(&camera.settings());
    if settings.certificate_pin.is_some() {
        // Somebody pinned one meanwhile, or the other stream of the camera was faster.
        return;
    }
    let pin: String = pin.iter().map(|byte| format!("{byte:02x}")).collect();
    settings.certificate_pin = Some(pin.clone());
    match house.store.set_camera_settings(id, &settings).await {
        Ok(()) => {
            camera.set_pin(pin);
            house.keep_snapshot().await;
        }
        Err(error) => tracing::error!(%error, "a certificate was not pinned"),
    }
}

/// Goes on with removals that a crash interrupted.
pub(crate) async fn finish_removals(house: &Arc<House>) {
    let removed = match house.store.removed_cameras().await {
        Ok(removed) => removed,
        Err(error) => return tracing::error!(%error, "removed cameras are not known"),
    };
    for camera in removed {
        match house.recorder.erase_camera(camera).await {
            Ok(_) => {
                if let Err(error) = house.store.forget_camera(camera).await {
                    tracing::error!(%error, "a removed camera was not forgotten");
                }
            }
            Err(error) => tracing::error!(%error, "a removed camera was not erased"),
        }
    }
}

/// Activities that were open when the hub died ended with it, as far as anybody knows.
pub(crate) async fn end_open_activities(house: &Arc<House>) {
    let open = match house.store.unended_activities(OPEN_ACTIVITIES_MAX).await {
        Ok(open) => open,
        Err(error) => return tracing::error!(%error, "open activities are not known"),
    };
    let ending = *house.ending.borrow();
    for row in open.into_iter().filter(|row| ending || row.event.at < house.started_at) {
        let EventBody::ActivityNoticed { camera, label, score, .. } = row.event.body else {
            continue;
        };
        let at = if ending { house.clock.wall_now() } else { row.event.at };
        let activity = row.event.id;
        let body =
            EventBody::ActivityEnded { camera, activity, label, score, thumbnail: row.thumbnail };
        house.events.append(hearth_model::Event::new(at, body)).await;
    }
}

/// Reads the whole index; a damaged one is made anew at the next start.
pub(crate) async fn check_index(house: &Arc<House>) {
    let Err(error) = house.store.quick_check().await else { return };
    tracing::error!(error = %Chain(&error), "the index is damaged; restart the hub to make it anew");
    if matches!(error, StoreError::Corrupt(_))
        && let Err(error) = fs::write(house.data.join(INDEX_DAMAGED_FILE), b"")
    {
        tracing::error!(%error, "the damaged index was not marked");
    }
}
