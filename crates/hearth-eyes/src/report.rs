//! What the eyes tell the hub.

use std::fmt;

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_model::{CameraId, Direction, EyesState, Label, Rect, ZoneId};

use crate::SeenFace;

/// Something the eyes tell the hub.
///
/// Of one track comes `ActivityStarted`, then perhaps `ActivityUpdated`, then `ActivityEnded`, also
/// when the worker dies in between. Track numbers are never used twice while the hub runs.
#[derive(Clone, Debug)]
pub enum EyesReport {
    /// Something moves, confirmed by at least two looks.
    ActivityStarted {
        /// Where.
        camera: CameraId,
        /// Which one.
        track: u64,
        /// When it was first seen.
        at: MediaTime,
        /// What it is; [`Label::motion`] if no detector said.
        label: Label,
        /// How sure, 0 to 1; for motion the share of the box that changed.
        score: f32,
        /// Where in the picture.
        area: Rect,
        /// Zones it stands in.
        zones: Vec<ZoneId>,
    },
    /// Its label became known, or it was seen clearly better, or it entered another zone, or it goes
    /// another way.
    ActivityUpdated {
        /// Where.
        camera: CameraId,
        /// Which one.
        track: u64,
        /// When.
        at: MediaTime,
        /// What it is.
        label: Label,
        /// Best score so far.
        score: f32,
        /// Where in the picture.
        area: Rect,
        /// All zones it stood in so far.
        zones: Vec<ZoneId>,
        /// Which way it goes, or went last.
        directions: Vec<Direction>,
    },
    /// It is gone.
    ActivityEnded {
        /// Where.
        camera: CameraId,
        /// Which one.
        track: u64,
        /// When it was last seen.
        at: MediaTime,
        /// What it was.
        label: Label,
        /// Best score.
        score: f32,
        /// Where it was at its best look.
        area: Rect,
        /// The whole picture at its best look, a JPEG at most 480 px wide; `None` if the worker
        /// died first.
        thumbnail: Option<Bytes>,
    },
    /// The face of a track was seen.
    FaceSeen {
        /// Where.
        camera: CameraId,
        /// Whose.
        track: u64,
        /// When.
        at: MediaTime,
        /// What it looks like.
        face: Box<SeenFace>,
    },
    /// Once a second for each camera that had frames.
    Counters {
        /// Whose.
        camera: CameraId,
        /// All since the feed began.
        counters: CameraCounters,
    },
    /// What the eyes do with a camera changed.
    State {
        /// Whose.
        camera: CameraId,
        /// What they do now.
        state: EyesState,
        /// Why, if it is [`EyesState::Undecodable`].
        undecodable: Option<UndecodableReason>,
    },
    /// The worker is ready.
    WorkerStarted,
    /// The worker is gone and will be started again.
    WorkerStopped {
        /// Why.
        cause: StopCause,
    },
}

/// What happened to the frames of one camera, since its feed began. Every frame is counted in
/// `received` and then in at most one of `dropped`, `gate_skipped`, `decoded` and `failed`; the
/// rest waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CameraCounters {
    /// Video frames offered.
    pub received: u64,
    /// Left out because a queue was full, the worker was down, or a key frame was awaited.
    pub dropped: u64,
    /// Left out because the gate saw no reason to decode.
    pub gate_skipped: u64,
    /// Decoded.
    pub decoded: u64,
    /// Refused by the decoder.
    pub failed: u64,
    /// Compared with the background.
    pub analysed: u64,
    /// Runs of the object detector.
    pub detector_runs: u64,
    /// Wake-ups because access units grew.
    pub wakeups_size: u64,
    /// Wake-ups because a key frame looked different.
    pub wakeups_key: u64,
    /// Wake-ups after which nothing was found.
    pub wakeups_false: u64,
}

/// Why the worker stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// It could not be started at all.
    NotStarted,
    /// It ended by itself with this exit code.
    Exited(i32),
    /// A signal ended it.
    Signal(i32),
    /// It did not answer and was killed.
    Hung,
    /// It sent something that it must not send, and was killed.
    Misbehaved,
    /// The hub asked it to stop.
    Asked,
}

impl StopCause {
    /// Whether the bytes the worker had in hand are to blame. A kill signal comes from outside: the
    /// worker's own limits end it in other ways.
    pub(crate) fn is_the_streams_fault(self) -> bool {
        match self {
            Self::Exited(code) => code != 0,
            Self::Signal(signal) => signal != rustix::process::Signal::KILL.as_raw(),
            Self::Hung | Self::Misbehaved => true,
            Self::NotStarted | Self::Asked => false,
        }
    }
}

/// Why a stream cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UndecodableReason {
    /// Pictures are coded as fields.
    Interlaced,
    /// More than 8 bits a sample.
    BitDepth,
    /// Colour is not subsampled 4:2:0.
    Chroma,
    /// More pixels than the eyes take.
    TooLarge,
    /// A coding tool the decoder does not have.
    Tool,
    /// The parameter sets make no sense.
    Malformed,
}

impl fmt::Display for UndecodableReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interlaced => "interlaced video",
            Self::BitDepth => "more than 8 bits a sample",
            Self::Chroma => "colour other than 4:2:0",
            Self::TooLarge => "pictures too large",
            Self::Tool => "a coding tool that the decoder lacks",
            Self::Malformed => "malformed parameter sets",
        })
    }
}
