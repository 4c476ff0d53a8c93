//! Keeps one stream of a camera open: connect, hand on, and after a failure try again.
//!
//! This task is the camera's way to the disk. It hands each item to the recorder first, and offers
//! a copy to the fan-out; neither can make it wait.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use hearth_media::{StreamItem, TrackKind};
use hearth_model::{CameraId, CameraState, StateReason};
use hearth_recorder::CameraRecorder;
use hearth_stream::{Backoff, Source, SourceError, SourceSpec};
use tokio::sync::watch;

use crate::{
    camera::{
        caught::{Panicked, caught},
        live::LiveSender,
        state::{Standing, StandingSender, StreamCounters},
    },
    clock::HouseClock,
};

/// Cameras lock accounts after a few wrong passwords: leave them time between two tries.
const WRONG_PASSWORD_DELAY: Duration = Duration::from_secs(60);

/// What a session needs; all of it belongs to one stream of one camera.
pub(crate) struct StreamSession {
    pub(crate) camera: CameraId,
    pub(crate) clock: Arc<HouseClock>,
    pub(crate) recorder: Option<CameraRecorder>,
    pub(crate) live: LiveSender,
    pub(crate) counters: Arc<StreamCounters>,
    pub(crate) standing: StandingSender,
    pub(crate) pin: PinSender,
    /// Whether the house's privacy switch is on.
    pub(crate) privacy: watch::Receiver<bool>,
}

/// Reports the certificate that a camera showed when none was pinned yet.
pub(crate) type PinSender = tokio::sync::mpsc::Sender<(CameraId, [u8; 32])>;

impl StreamSession {
    /// Runs until `spec` is closed; each value sent, the same one too, begins a new session with it.
    pub(crate) async fn run(mut self, mut spec: watch::Receiver<SourceSpec>) {
        if spec.changed().await.is_err() {
            return;
        }
        let mut backoff = Backoff::new();
        let mut privacy = self.privacy.clone();
        loop {
            if *privacy.borrow_and_update() {
                self.close().await;
                tokio::select! {
                    biased;
                    changed = spec.changed() => if changed.is_err() { break },
                    // The switch lives as long as the house.
                    opened = privacy.changed() => if opened.is_err() { break },
                }
                backoff.reset();
                continue;
            }
            self.open();
            let current = spec.borrow_and_update().clone();
            let opened = Instant::now();
            let mut lived = Duration::ZERO;
            let ended = tokio::select! {
                // New settings first: they may be the reason why nothing works.
                biased;
                changed = spec.changed() => if changed.is_err() { break } else { None },
                closed = privacy.changed() => if closed.is_err() { break } else { None },
                // A panic is a bug, and it ends one session of one camera (promise D-18).
                error = caught(self.session(&current, &mut lived)) => {
                    Some(error.unwrap_or_else(|Panicked| panicked()))
                }
            };
            self.end_session();
            let Some(error) = ended else {
                backoff.reset();
                continue;
            };
            tracing::info!(
                camera.id = %self.camera,
                reason = ?error.reason,
                detail = %error.detail,
                lived_s = opened.elapsed().as_secs(),
                "the stream ended"
            );
            let mut delay = backoff.next_delay(lived, random());
            if error.reason == StateReason::WrongPassword {
                delay = delay.max(WRONG_PASSWORD_DELAY);
            }
            self.wait_for_retry(error.reason, delay);
            tokio::select! {
                biased;
                changed = spec.changed() => {
                    if changed.is_err() { break }
                    backoff.reset();
                }
                closed = privacy.changed() => if closed.is_err() { break },
                () = tokio::time::sleep(delay) => {}
            }
        }
        self.end_session();
    }

    /// One session from connect to failure.
    async fn session(&mut self, spec: &SourceSpec, lived: &mut Duration) -> SourceError {
        let timeline = Arc::clone(&self.clock) as Arc<dyn hearth_stream::Timeline>;
        let mut source = match hearth_stream::connect(spec, timeline).await {
            Ok(source) => source,
            Err(error) => return error,
        };
        if let (None, Some(pin)) = (spec.certificate_pin, source.certificate()) {
            // A full queue only means that it is reported at the next session.
            self.pin.try_send((self.camera, pin)).ok();
        }
        let is_exposed = source.is_password_exposed();
        self.counters.is_password_exposed.store(is_exposed, Ordering::Relaxed);
        let live_since = Instant::now();
        let error = self.pump(&mut source).await;
        *lived = live_since.elapsed();
        source.close().await;
        error
    }

    async fn pump(&mut self, source: &mut Source) -> SourceError {
        let mut bytes_before = 0;
        let mut losses_before = 0;
        loop {
            let item = match source.next().await {
                Ok(item) => item,
                Err(error) => return error,
            };
            self.note(&item);
            #[cfg(test)]
            tests::panic_if_told(self.camera);
            let is_key_moment = matches!(&item, StreamItem::Frame(frame) if frame.is_key);
            if let Some(recorder) = &mut self.recorder {
                recorder.offer(item.clone());
            }
            self.live.offer(item);
            if is_key_moment {
                let stats = source.stats();
                self.counters.bytes.fetch_add(stats.bytes - bytes_before, Ordering::Relaxed);
                self.counters.losses.fetch_add(stats.losses - losses_before, Ordering::Relaxed);
                (bytes_before, losses_before) = (stats.bytes, stats.losses);
            }
        }
    }

    fn note(&mut self, item: &StreamItem) {
        match item {
            StreamItem::Parameters(parameters) => {
                let parameters = Some(Arc::clone(parameters));
                let since = self.clock.wall_now();
                self.standing.send_modify(|standing| {
                    if standing.state != CameraState::Live {
                        standing.since = since;
                    }
                    *standing = Standing {
                        state: CameraState::Live,
                        reason: None,
                        since: standing.since,
                        retry_at: None,
                        parameters,
                    };
                });
                self.live.state(CameraState::Live, None);
            }
            StreamItem::Frame(frame) if frame.track == TrackKind::Video => {
                self.counters.note_frame(frame.pts);
            }
            StreamItem::Frame(_) => {}
        }
    }

    /// Behind the privacy switch: no connection, and no picture in memory.
    async fn close(&mut self) {
        self.end_session();
        self.live.close(CameraState::Offline, StateReason::Privacy).await;
        self.stand(CameraState::Offline, Some(StateReason::Privacy));
    }

    /// Ends what [`StreamSession::close`] began.
    fn open(&mut self) {
        if self.standing.borrow().reason == Some(StateReason::Privacy) {
            self.stand(CameraState::Connecting, None);
            self.live.state(CameraState::Connecting, None);
        }
    }

    fn stand(&self, state: CameraState, reason: Option<StateReason>) {
        let since = self.clock.wall_now();
        self.standing.send_replace(Standing {
            state,
            reason,
            since,
            retry_at: None,
            parameters: None,
        });
    }

    fn end_session(&mut self) {
        if let Some(recorder) = &mut self.recorder {
            recorder.end_session();
        }
    }

    fn wait_for_retry(&self, reason: StateReason, delay: Duration) {
        let now = self.clock.wall_now();
        let micros = i64::try_from(delay.as_micros()).unwrap_or(i64::MAX);
        let needs_person = needs_person(reason);
        self.standing.send_modify(|standing| {
            let was = standing.state;
            let state = match was {
                _ if needs_person => CameraState::Offline,
                CameraState::Live | CameraState::Reconnecting => CameraState::Reconnecting,
                CameraState::Connecting | CameraState::Offline => CameraState::Offline,
            };
            if state != was {
                standing.since = now;
            }
            standing.state = state;
            standing.reason = Some(reason);
            standing.retry_at = Some(now.plus_micros(micros));
        });
        let state = self.standing.borrow().state;
        self.live.state(state, Some(reason));
    }
}

/// Trying again alone will not help: somebody has to change something.
fn needs_person(reason: StateReason) -> bool {
    use StateReason::{
        AddressRefused, CertificateChanged, FileUnreadable, NoSuchStream, PasswordInClear,
        UnsupportedCodec, WrongPassword,
    };
    matches!(
        reason,
        AddressRefused
            | CertificateChanged
            | FileUnreadable
            | NoSuchStream
            | PasswordInClear
            | UnsupportedCodec
            | WrongPassword
    )
}

/// Looks like every failure of the hub's own: `internal`, tried again with back-off.
fn panicked() -> SourceError {
    SourceError::new(StateReason::Internal, "the stream's task panicked")
}

fn random() -> u32 {
    // Without randomness the cameras only lose their jitter.
    getrandom::u32().unwrap_or(0)
}

#[cfg(test)]
mod tests;
