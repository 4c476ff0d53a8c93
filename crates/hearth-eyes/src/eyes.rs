//! The hub's handle on the eyes.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind};
use hearth_model::{CameraId, DetectionSettings, Label, Rect};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    EyesConfig, EyesError, EyesFeed, EyesReport, FacesIn, PHOTO_BYTES_MAX, PhotoRefused, SeenFace,
    feed::{FeedLoad, QUEUE_FRAMES_MAX, Queued},
    supervisor::{Job, Registry, Supervisor},
    wire::{AnonymousRequest, FaceSource, FacesRequest, Group, StillRequest},
};

/// Pictures that may be asked for at once; each may hold some megabytes.
const JOBS_MAX: usize = 8;

/// An answer that is not there after this is not coming: the worker needs at most four seconds for
/// each, and somebody waits for it.
const JOB_DEADLINE: Duration = Duration::from_secs(8);

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
    jobs: mpsc::Sender<Job>,
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

/// What a still picture is to be like.
#[derive(Clone, Debug, Default)]
pub struct StillWish {
    /// At most so many pixels wide.
    pub width_max: Option<u16>,
    /// Where nobody is to be recognised; of more than 32 areas only the first are hidden.
    pub hidden: Vec<Rect>,
}

/// A still picture in which nobody can be recognised, and what the object model sees in it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnonymousStill {
    /// The picture. What was where a face or a head is, is gone from it and not covered.
    pub jpeg: Jpeg,
    /// What is in it, surest first, at most [`Eyes::THINGS_MAX`].
    pub things: Vec<SeenThing>,
}

/// Something that the object model saw.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenThing {
    /// What.
    pub label: Label,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Where.
    pub area: Rect,
}

/// A still picture.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Faces of one picture that are described, the largest first.
    pub const FACES_MAX: usize = 8;
    /// Things of one picture that are told, the surest first.
    pub const THINGS_MAX: usize = 32;
    /// A group of pictures of a 4K camera has about 10 MB.
    pub const STILL_BYTES_MAX: usize = 32 * 1024 * 1024;

    /// Starts the worker and keeps it running, on a thread of its own. Reports that find `reports`
    /// full for a second are lost, and logged.
    pub fn start(config: EyesConfig, reports: mpsc::Sender<EyesReport>) -> Self {
        let registry = Arc::new(Registry::default());
        let (frames, frames_queue) = mpsc::channel(QUEUE_FRAMES_MAX);
        let (jobs, jobs_queue) = mpsc::channel(JOBS_MAX);
        let (stop, stopping) = watch::channel(false);
        let (ending, ended) = watch::channel(false);
        let supervisor = Supervisor {
            config,
            registry: Arc::clone(&registry),
            frames: frames_queue,
            jobs: jobs_queue,
            reports,
            stopping,
        };
        supervisor.start(ending);
        Self { inner: Arc::new(Inner { registry, frames, jobs, stop, ended }) }
    }

    /// Looks at a camera from now on. A second feed of the same camera works beside the first.
    pub fn watch(&self, camera: CameraId, settings: DetectionSettings) -> EyesFeed {
        let load = Arc::new(FeedLoad::default());
        let slot = self.inner.registry.add(camera, settings, Arc::clone(&load));
        EyesFeed::new(slot, Arc::clone(&self.inner.registry), self.inner.frames.clone(), load)
    }

    /// Decodes `frames`, which begin with a key frame, and gives the last one as a JPEG. Sound among
    /// the frames is passed over. Takes at most some seconds; dropping the future is safe.
    pub async fn still(
        &self,
        parameters: &StreamParameters,
        frames: Vec<Frame>,
        wish: &StillWish,
    ) -> Result<Jpeg, EyesError> {
        let group = group(parameters, frames)?;
        let StillWish { width_max, hidden } = wish.clone();
        let request = StillRequest { id: 0, group, width_max, hidden };
        let result = self.ask(|answer| Job::Still(request, answer)).await?;
        let (width, height, at, bytes) = result?;
        Ok(Jpeg { bytes, width, height, at })
    }

    /// Describes the faces in one picture, at most [`Self::FACES_MAX`], the largest first. The worker reads
    /// photographs, so that a hostile file meets the sandbox. Dropping the future is safe.
    pub async fn faces(&self, source: FacesIn) -> Result<Vec<SeenFace>, EyesError> {
        let source = match source {
            FacesIn::Photo(file) if file.len() > PHOTO_BYTES_MAX => {
                return Err(EyesError::Photo(PhotoRefused::TooLarge));
            }
            FacesIn::Photo(file) => FaceSource::Photo(file),
            FacesIn::Frames(parameters, frames) => FaceSource::Group(group(&parameters, frames)?),
        };
        let request = FacesRequest { id: 0, source };
        let result = self.ask(|answer| Job::Faces(request, answer)).await?;
        Ok(result?)
    }

    /// Decodes `frames`, which begin with a key frame, and gives the last one at most `width_max`
    /// pixels wide, with every face and the head of everybody made unrecognisable inside the worker.
    /// `people` says where people are known to be; of more than 32 only the first count. Dropping
    /// the future is safe.
    ///
    /// # Errors
    /// [`EyesError::NoFaceModel`], [`EyesError::NoObjectModel`] and [`EyesError::TooManyPeople`] where
    /// nobody could say who is to be hidden: there is no picture then.
    pub async fn anonymous_still(
        &self,
        parameters: &StreamParameters,
        frames: Vec<Frame>,
        width_max: u16,
        people: Vec<Rect>,
    ) -> Result<AnonymousStill, EyesError> {
        let group = group(parameters, frames)?;
        let request = AnonymousRequest { id: 0, group, width_max, people };
        let result = self.ask(|answer| Job::Anonymous(request, answer)).await?;
        Ok(result?)
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, EyesError> {
        let (answer, answered) = oneshot::channel();
        self.inner.jobs.try_send(job(answer)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => EyesError::Busy,
            mpsc::error::TrySendError::Closed(_) => EyesError::Down,
        })?;
        let answer = tokio::time::timeout(JOB_DEADLINE, answered).await;
        answer.map_err(|_| EyesError::Timeout)?.map_err(|_| EyesError::Down)
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

/// The pictures among frames, checked against what the worker takes.
fn group(parameters: &StreamParameters, frames: Vec<Frame>) -> Result<Group, EyesError> {
    let video = parameters.video.clone().ok_or(EyesError::NoKeyFrame)?;
    let frames: Vec<Frame> =
        frames.into_iter().filter(|frame| frame.track == TrackKind::Video).collect();
    if !frames.first().is_some_and(|first| first.is_key) {
        return Err(EyesError::NoKeyFrame);
    }
    let bytes: usize = frames.iter().map(|frame| frame.data.len()).sum();
    if frames.len() > Eyes::STILL_FRAMES_MAX || bytes > Eyes::STILL_BYTES_MAX {
        return Err(EyesError::TooLarge);
    }
    let frames = frames.into_iter().map(|frame| (frame.pts, frame.data)).collect();
    Ok(Group { video, frames })
}
