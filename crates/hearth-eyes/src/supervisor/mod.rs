//! The hub's side: keeps a worker running and stands between it and the house.
//!
//! Runs on a thread of its own, so that nothing here can hold up the rest of the hub, and because
//! the kernel ties a worker's life to the thread that started it. Law 1 is kept in one place:
//! whatever happens here, frames are taken from a bounded queue or they are dropped at its door.

mod process;
mod registry;
mod session;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    AnonymousStill, EyesConfig, EyesReport, SeenFace, StopCause,
    feed::Queued,
    wire::{AnonymousRequest, FacesFault, FacesRequest, StillFault, StillRequest},
};
use hearth_media::MediaTime;
use process::Worker;
pub(crate) use registry::Registry;
use session::Session;

/// Pauses between starts of a worker that keeps dying: the first, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// A worker that lived this long was well; the next pause is short again.
const STABLE: Duration = Duration::from_secs(30);

/// How long a report waits for room before it is lost.
const REPORT_PATIENCE: Duration = Duration::from_secs(1);

/// What a still is answered with.
pub(crate) type StillAnswer = Result<(u16, u16, MediaTime, bytes::Bytes), StillFault>;

/// What a look for faces is answered with.
pub(crate) type FacesAnswer = Result<Vec<SeenFace>, FacesFault>;

/// What a still without anybody to recognise is answered with.
pub(crate) type AnonymousAnswer = Result<AnonymousStill, FacesFault>;

/// Somebody waits for something about one picture.
#[derive(Debug)]
pub(crate) enum Job {
    /// For the picture.
    Still(StillRequest, oneshot::Sender<StillAnswer>),
    /// For the faces in it.
    Faces(FacesRequest, oneshot::Sender<FacesAnswer>),
    /// For the picture, with nobody to be recognised in it.
    Anonymous(AnonymousRequest, oneshot::Sender<AnonymousAnswer>),
}

/// Keeps a worker running.
pub(crate) struct Supervisor {
    pub(crate) config: EyesConfig,
    pub(crate) registry: Arc<Registry>,
    pub(crate) frames: mpsc::Receiver<Queued>,
    pub(crate) jobs: mpsc::Receiver<Job>,
    pub(crate) reports: mpsc::Sender<EyesReport>,
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Supervisor {
    /// Starts the thread; `ending` becomes true when it is over.
    pub(crate) fn start(self, ending: watch::Sender<bool>) {
        let thread = std::thread::Builder::new().name("eyes".to_owned());
        let started = thread.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(self.run()),
                Err(error) => tracing::error!(%error, "the eyes have no runtime"),
            }
            ending.send_replace(true);
        });
        if let Err(error) = started {
            tracing::error!(%error, "the eyes have no thread");
        }
    }

    async fn run(mut self) {
        let mut pause = PAUSE_MIN;
        while !*self.stopping.borrow() {
            let began = Instant::now();
            let (cause, said) = self.one_worker().await;
            tracing::info!(?cause, worker.said = ?said, "the eyes' worker stopped");
            let ended = self.registry.stopped(cause);
            let changes = self.registry.state_changes();
            for report in ended.into_iter().chain(changes) {
                send(&self.reports, report).await;
            }
            send(&self.reports, EyesReport::WorkerStopped { cause }).await;
            if *self.stopping.borrow() {
                return;
            }
            pause = if began.elapsed() >= STABLE { PAUSE_MIN } else { pause };
            self.wait(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            self.registry.restarting();
        }
    }

    /// Runs one worker to its end; why it ended, and its last words on the standard error stream.
    async fn one_worker(&mut self) -> (StopCause, String) {
        let (worker, socket) = match Worker::start(&self.config) {
            Ok(started) => started,
            Err(error) => {
                tracing::warn!(%error, "the eyes' worker cannot be started");
                return (StopCause::NotStarted, String::new());
            }
        };
        self.registry.started(worker.pid());
        let session = Session {
            config: &self.config,
            registry: &self.registry,
            frames: &mut self.frames,
            jobs: &mut self.jobs,
            reports: &self.reports,
            stopping: self.stopping.clone(),
        };
        let end = session.run(socket).await;
        worker.end(end).await
    }

    /// Waits until the next start. What arrives meanwhile is not kept: it would be stale.
    async fn wait(&mut self, pause: Duration) {
        let until = tokio::time::sleep(pause);
        tokio::pin!(until);
        loop {
            tokio::select! {
                () = &mut until => return,
                _ = self.stopping.changed() => return,
                Some(queued) = self.frames.recv() => {
                    queued.load.dropped.fetch_add(1, Ordering::Relaxed);
                }
                // Dropping the job answers that the eyes are down.
                Some(job) = self.jobs.recv() => drop(job),
            }
        }
    }
}

/// Gives the hub a report, with patience but not for ever.
async fn send(reports: &mpsc::Sender<EyesReport>, report: EyesReport) {
    if reports.send_timeout(report, REPORT_PATIENCE).await.is_err() {
        tracing::warn!("a report of the eyes was lost: nobody took it");
    }
}
