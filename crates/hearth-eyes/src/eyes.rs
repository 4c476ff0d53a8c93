//! The hub's handle on the eyes.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};
use hearth_model::{CameraId, DetectionSettings};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    EyesConfig, EyesError, EyesFeed, EyesReport,
    feed::{FeedLoad, QUEUE_FRAMES_MAX, Queued},
    supervisor::{Registry, StillJob, Supervisor},
    wire::{StillFault, StillRequest},
};

/// Stills that may wait at once; each may hold some megabytes.
const STILLS_MAX: usize = 8;

/// A still that is not there after this is not coming: the worker needs at most four seconds for
/// each, and somebody waits for it.
const STILL_DEADLINE: Duration = Duration::from_secs(8);

/// The worker is killed at the latest two seconds after it was asked to end.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(5);

/// The eyes of the house. Cheap to clone; the worker ends with the last clone.
#[derive(Clone, Debug)]
pub struct Eyes {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Arc<Registry>,
    frames: mpsc::Sender<Queued>,
    stills: mpsc::Sender<StillJob>,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// How the worker is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EyesStatus {
    /// Whether a worker is ready now.
    pub running: bool,
    /// Process id of the worker.
    pub pid: Option<u32>,
    /// Name and SHA-256 of the object model in use; `None` if none is installed or it was refused.
    pub model: Option<(String, [u8; 32])>,
    /// How often it had to be started again.
    pub restarts: u64,
    /// What holds the worker in; `None` before the first one said so.
    pub sandbox: Option<SandboxStatus>,
}

/// Which locks hold the worker in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxStatus {
    /// The kernel denies every file (Landlock); `false` on kernels without it.
    pub landlock: bool,
    /// The kernel allows only the listed system calls (seccomp).
    pub seccomp: bool,
}

/// A still picture.
#[derive(Clone, Debug)]
pub struct Jpeg {
    /// The image.
    pub bytes: Bytes,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
    /// When the frame was shown.
    pub at: MediaTime,
}

impl Eyes {
    /// More frames than one group of pictures has.
    pub const STILL_FRAMES_MAX: usize = 600;
    /// A group of pictures of a 4K camera has about 10 MB.
    pub const STILL_BYTES_MAX: usize = 32 * 1024 * 1024;

    /// Starts the worker and keeps it running, on a thread of its own. Reports that find `reports`
    /// full for a second are lost, and logged.
    pub fn start(config: EyesConfig, reports: mpsc::Sender<EyesReport>) -> Self {
        let registry = Arc::new(Registry::default());
        let (frames, frames_queue) = mpsc::channel(QUEUE_FRAMES_MAX);
        let (stills, stills_queue) = mpsc::channel(STILLS_MAX);
        let (stop, stopping) = watch::channel(false);
        let (ending, ended) = watch::channel(false);
        let supervisor = Supervisor {
            config,
            registry: Arc::clone(&registry),
            frames: frames_queue,
            stills: stills_queue,
            reports,
            stopping,
        };
        supervisor.start(ending);
        Self { inner: Arc::new(Inner { registry, frames, stills, stop, ended }) }
    }

    /// Looks at a camera from now on. A second feed of the same camera works beside the first.
    pub fn watch(&self, camera: CameraId, settings: DetectionSettings) -> EyesFeed {
        let load = Arc::new(FeedLoad::default());
        let slot = self.inner.registry.add(camera, settings, Arc::clone(&load));
        EyesFeed::new(slot, Arc::clone(&self.inner.registry), self.inner.frames.clone(), load)
    }

    /// Decodes `frames`, which begin with a key frame, and gives the last one as a JPEG at most
    /// `width_max` pixels wide. Sound among the frames is passed over. Takes at most some seconds;
    /// dropping the future is safe.
    pub async fn still(
        &self,
        parameters: Arc<StreamParameters>,
        frames: Vec<Frame>,
        width_max: Option<u16>,
    ) -> Result<Jpeg, EyesError> {
        let video = parameters.video.clone().ok_or(EyesError::NoKeyFrame)?;
        let frames: Vec<Frame> =
            frames.into_iter().filter(|frame| frame.track == TrackKind::Video).collect();
        if !frames.first().is_some_and(|first| first.is_key) {
            return Err(EyesError::NoKeyFrame);
        }
        let bytes: usize = frames.iter().map(|frame| frame.data.len()).sum();
        if frames.len() > Self::STILL_FRAMES_MAX || bytes > Self::STILL_BYTES_MAX {
            return Err(EyesError::TooLarge);
        }
        let frames = frames.into_iter().map(|frame| (frame.pts, frame.data)).collect();
        let (answer, answered) = oneshot::channel();
        let request = StillRequest { id: 0, video, width_max, frames };
        let job = StillJob { request, answer };
        self.inner.stills.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EyesError::Busy,
            mpsc::error::TrySendError::Closed(_) => EyesError::Down,
        })?;
        let answer = tokio::time::timeout(STILL_DEADLINE, answered).await;
        let result = answer.map_err(|_| EyesError::Timeout)?.map_err(|_| EyesError::Down)?;
        let (width, height, at, bytes) = result.map_err(|fault| match fault {
            StillFault::Undecodable(reason) => EyesError::Undecodable(reason),
            StillFault::Damaged => EyesError::Damaged,
            StillFault::Timeout => EyesError::Timeout,
        })?;
        Ok(Jpeg { bytes, width, height, at })
    }

    /// How the worker is.
    pub fn status(&self) -> EyesStatus {
        self.inner.registry.status()
    }

    /// Ends the worker and waits until it is gone, at most a few seconds. Open activities end, with
    /// their thumbnails if the worker is well.
    pub async fn shutdown(&self) {
        self.inner.stop.send_replace(true);
        let mut ended = self.inner.ended.clone();
        let gone = ended.wait_for(|ended| *ended);
        if tokio::time::timeout(SHUTDOWN_DEADLINE, gone).await.is_err() {
            tracing::warn!("the eyes did not end in time");
        }
    }
}
