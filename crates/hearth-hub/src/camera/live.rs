//! Hands a camera's frames to viewers and eyes, apart from the recorder's way.
//!
//! The stream task drops each item into a bounded queue and never looks back; this task keeps the
//! current group of pictures in memory, so that a new viewer starts at once, and packs each frame
//! the moment it comes, with a predicted duration. Viewers that fall behind skip to the next key
//! frame and delay nobody.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use hearth_eyes::EyesFeed;
use hearth_media::{
    AudioCodec, AudioParameters, Frame, MediaTime, StreamItem, StreamParameters, TrackKind,
    VideoCodec,
};
use hearth_model::{CameraState, StateReason};
use hearth_mp4::FragmentBuilder;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::clock::HouseClock;

/// Items between stream and fan-out: 2 s of a camera with sound; beyond, live viewing is behind
/// anyway and catches up at the next key frame.
const QUEUE_ITEMS_MAX: usize = 256;

/// Units a viewer may be behind before it skips: about 4 s at 30 frames a second.
const VIEWER_UNITS_MAX: usize = 128;

/// Most bytes of the current group of pictures that are kept for new viewers. A camera with longer
/// groups makes new viewers wait for the next key frame.
const GROUP_BYTES_MAX: usize = 32 << 20;

/// What a viewer receives.
#[derive(Clone, Debug)]
pub enum LiveItem {
    /// Comes first and after each change of parameters.
    Init {
        /// What is sent from here on.
        parameters: Arc<StreamParameters>,
        /// The init segment; empty for MJPEG.
        init: Bytes,
        /// Type for a media source, e.g. `video/mp4; codecs="avc1.64001f"`.
        mime: String,
        /// Wall time minus stream time in microseconds.
        wall_offset_us: i64,
    },
    /// One or more frames, ready to append.
    Fragment {
        /// Movie fragment and data.
        bytes: Bytes,
        /// A decoder can start here.
        is_key: bool,
        /// Presentation time of its first video frame.
        at: MediaTime,
    },
    /// A whole picture of an MJPEG camera.
    Jpeg(Bytes),
    /// This viewer was too slow; what follows starts with a key frame.
    Skipped {
        /// How many units it missed.
        units: u64,
    },
    /// The camera changed state.
    State {
        /// State now.
        state: CameraState,
        /// Why.
        reason: Option<StateReason>,
    },
}

/// The newest group of pictures up to its newest frame.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) parameters: Arc<StreamParameters>,
    pub(crate) frames: Vec<Frame>,
}

enum Input {
    Item(StreamItem),
    State(CameraState, Option<StateReason>),
    Join(oneshot::Sender<Joined>),
    Group(oneshot::Sender<Option<Group>>),
    Eyes(Option<EyesFeed>),
    End,
}

struct Joined {
    first: Vec<LiveItem>,
    rest: broadcast::Receiver<LiveItem>,
}

/// The stream's end: never waits.
#[derive(Clone, Debug)]
pub(crate) struct LiveSender {
    inputs: mpsc::Sender<Input>,
    dropped: Arc<AtomicU64>,
}

impl LiveSender {
    /// Hands on an item, or counts it as dropped.
    pub(crate) fn offer(&self, item: StreamItem) {
        if self.inputs.try_send(Input::Item(item)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells viewers that the camera changed state.
    pub(crate) fn state(&self, state: CameraState, reason: Option<StateReason>) {
        // A full queue means that frames flow; the next change of state will tell.
        self.inputs.try_send(Input::State(state, reason)).ok();
    }

    /// The same when nothing of the camera may be seen any more, not even its last pictures: this
    /// one is never lost (promise T-12).
    pub(crate) async fn close(&self, state: CameraState, reason: StateReason) {
        // It may have ended by itself.
        self.inputs.send(Input::State(state, Some(reason))).await.ok();
    }

    /// Items that did not fit.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Gives the eyes these frames from now on, or takes them away.
    pub(crate) async fn set_eyes(&self, feed: Option<EyesFeed>) {
        self.inputs.send(Input::Eyes(feed)).await.ok();
    }

    /// Ends the fan-out and every viewer's feed: whoever still holds a sender can't keep them.
    pub(crate) async fn end(&self) {
        // It may have ended by itself.
        self.inputs.send(Input::End).await.ok();
    }

    /// A new viewer. `None` when the camera is gone.
    pub(crate) async fn join(&self) -> Option<LiveViewer> {
        let (tx, rx) = oneshot::channel();
        self.inputs.send(Input::Join(tx)).await.ok()?;
        let Joined { first, rest } = rx.await.ok()?;
        Some(LiveViewer { first: first.into(), rest, waits_for_key: false })
    }

    /// The newest group of pictures; `None` while there is none.
    pub(crate) async fn newest_group(&self) -> Option<Group> {
        let (tx, rx) = oneshot::channel();
        self.inputs.send(Input::Group(tx)).await.ok()?;
        rx.await.ok()?
    }
}

/// A viewer's end.
#[derive(Debug)]
pub(crate) struct LiveViewer {
    first: std::collections::VecDeque<LiveItem>,
    rest: broadcast::Receiver<LiveItem>,
    waits_for_key: bool,
}

impl LiveViewer {
    /// The next item; `None` when the camera is gone. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<LiveItem> {
        if let Some(item) = self.first.pop_front() {
            return Some(item);
        }
        loop {
            match self.rest.recv().await {
                Ok(LiveItem::Fragment { is_key: false, .. }) if self.waits_for_key => {}
                Ok(item) => {
                    self.waits_for_key &= !matches!(item, LiveItem::Fragment { .. });
                    return Some(item);
                }
                Err(broadcast::error::RecvError::Lagged(units)) => {
                    self.waits_for_key = true;
                    return Some(LiveItem::Skipped { units });
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

/// Starts the fan-out of one stream; it ends when it is told to or the last sender is dropped.
pub(crate) fn spawn(clock: Arc<HouseClock>) -> LiveSender {
    let (inputs, rx) = mpsc::channel(QUEUE_ITEMS_MAX);
    let (viewers, _) = broadcast::channel(VIEWER_UNITS_MAX);
    let fan_out = FanOut {
        clock,
        viewers,
        eyes: None,
        parameters: None,
        playable: None,
        builder: None,
        group: Vec::new(),
        group_bytes: 0,
        pending: Vec::new(),
        state: None,
    };
    tokio::spawn(fan_out.run(rx));
    LiveSender { inputs, dropped: Arc::default() }
}

struct FanOut {
    clock: Arc<HouseClock>,
    viewers: broadcast::Sender<LiveItem>,
    eyes: Option<EyesFeed>,
    /// As recorded.
    parameters: Option<Arc<StreamParameters>>,
    /// As browsers can play it.
    playable: Option<Playable>,
    builder: Option<FragmentBuilder>,
    group: Vec<Frame>,
    group_bytes: usize,
    /// Frames at the end of the group that are not packed yet.
    pending: Vec<Frame>,
    state: Option<(CameraState, Option<StateReason>)>,
}

impl FanOut {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        while let Some(input) = inputs.recv().await {
            match input {
                Input::Item(item) => self.item(item),
                Input::State(state, reason) => self.change_state(state, reason),
                Input::Join(reply) => {
                    let joined = Joined { first: self.first(), rest: self.viewers.subscribe() };
                    // The viewer may be gone again.
                    reply.send(joined).ok();
                }
                Input::Group(reply) => {
                    reply.send(self.newest_group()).ok();
                }
                Input::Eyes(feed) => self.set_eyes(feed),
                Input::End => return,
            }
        }
    }

    fn item(&mut self, item: StreamItem) {
        if let Some(eyes) = &mut self.eyes {
            eyes.offer(&item);
        }
        match item {
            StreamItem::Parameters(parameters) => self.change_parameters(parameters),
            StreamItem::Frame(frame) => self.frame(frame),
        }
    }

    fn set_eyes(&mut self, feed: Option<EyesFeed>) {
        self.eyes = feed;
        if let (Some(eyes), Some(parameters)) = (&mut self.eyes, &self.parameters) {
            eyes.offer(&StreamItem::Parameters(Arc::clone(parameters)));
            for frame in &self.group {
                eyes.offer(&StreamItem::Frame(frame.clone()));
            }
        }
    }

    fn change_state(&mut self, state: CameraState, reason: Option<StateReason>) {
        self.state = Some((state, reason));
        // The group stays, for stills of a camera that is gone; viewers get none of it.
        self.pending.clear();
        if reason == Some(StateReason::Privacy) {
            self.forget_group();
        }
        self.send(LiveItem::State { state, reason });
    }

    fn change_parameters(&mut self, parameters: Arc<StreamParameters>) {
        self.forget_group();
        let playable = Playable::of(&parameters);
        self.builder = Some(FragmentBuilder::new(Arc::clone(&playable.parameters)));
        self.playable = Some(playable);
        self.parameters = Some(parameters);
        if let Some(init) = self.init() {
            self.send(init);
        }
    }

    fn forget_group(&mut self) {
        self.group.clear();
        self.group_bytes = 0;
        self.pending.clear();
    }

    fn frame(&mut self, frame: Frame) {
        let Some(playable) = self.playable.clone() else { return };
        let is_video = frame.track == TrackKind::Video;
        if !is_video && !playable.has_audio {
            return;
        }
        if is_video && frame.is_key {
            if playable.is_reordered {
                self.flush_pending(Some(frame.pts));
            }
            self.group.clear();
            self.group_bytes = 0;
        }
        let fits = self.group_bytes + frame.data.len() <= GROUP_BYTES_MAX;
        if fits && (!self.group.is_empty() || (is_video && frame.is_key)) {
            self.group_bytes += frame.data.len();
            self.group.push(frame.clone());
        }
        if self.viewers.receiver_count() > 0 {
            self.send_frame(&playable, frame);
        } else {
            self.pending.clear();
        }
    }

    /// Packs a frame for viewers the moment it comes. Sound waits for the next picture and travels
    /// with it: half the messages, in step. Where frames are reordered, those that are shown before
    /// one another wait for each other.
    fn send_frame(&mut self, playable: &Playable, frame: Frame) {
        if playable.is_mjpeg {
            if frame.track == TrackKind::Video {
                self.send(LiveItem::Jpeg(frame.data));
            }
            return;
        }
        let is_video = frame.track == TrackKind::Video;
        if is_video && playable.is_reordered && self.pending_ends_before(&frame) {
            self.flush_pending(Some(frame.pts));
        }
        let waits = if is_video { playable.is_reordered } else { playable.has_video };
        if self.pending.len() < VIEWER_UNITS_MAX {
            self.pending.push(frame);
        }
        if !waits {
            self.flush_pending(None);
        }
    }

    fn pending_ends_before(&self, frame: &Frame) -> bool {
        let pictures = self.pending.iter().filter(|frame| frame.track == TrackKind::Video);
        let latest = pictures.map(|frame| frame.pts).max();
        latest.is_some_and(|latest| hearth_mp4::cut_allowed(latest, frame.pts))
    }

    fn flush_pending(&mut self, next_video_pts: Option<MediaTime>) {
        let frames = std::mem::take(&mut self.pending);
        let picture = frames.iter().find(|frame| frame.track == TrackKind::Video);
        let Some(first) = picture.or(frames.first()) else { return };
        let (is_key, at) = (first.is_key, first.pts);
        let Some(builder) = &mut self.builder else { return };
        match builder.fragment(&frames, next_video_pts) {
            Ok(fragment) => {
                self.send(LiveItem::Fragment { bytes: fragment.to_bytes(), is_key, at });
            }
            Err(error) => tracing::debug!(%error, "a frame was not packed for viewers"),
        }
    }

    /// What a new viewer needs: parameters, and the group of pictures so far in one piece. What
    /// still waits to be packed comes with the next unit.
    fn first(&mut self) -> Vec<LiveItem> {
        let mut first = Vec::with_capacity(3);
        first.extend(self.state.map(|(state, reason)| LiveItem::State { state, reason }));
        let (Some(init), Some(playable)) = (self.init(), &self.playable) else { return first };
        first.push(init);
        if self.state.is_some_and(|(state, _)| state != CameraState::Live) {
            return first;
        }
        let packed = self.group.len().saturating_sub(self.pending.len());
        let group = self.group.get(..packed).unwrap_or_default();
        let Some(key) = group.first() else { return first };
        if playable.is_mjpeg {
            first.extend(group.iter().rev().find(|f| f.track == TrackKind::Video).map(jpeg));
            return first;
        }
        match hearth_mp4::fragment(0, &playable.parameters, group, None) {
            Ok(fragment) => {
                let bytes = fragment.to_bytes();
                first.push(LiveItem::Fragment { bytes, is_key: true, at: key.pts });
            }
            Err(error) => tracing::debug!(%error, "a new viewer waits for the next key frame"),
        }
        first
    }

    fn init(&self) -> Option<LiveItem> {
        let playable = self.playable.as_ref()?;
        let parameters = Arc::clone(&playable.parameters);
        let wall_offset_us = self.clock.wall_offset();
        if playable.is_mjpeg {
            let mime = "image/jpeg".to_owned();
            return Some(LiveItem::Init { parameters, init: Bytes::new(), mime, wall_offset_us });
        }
        let init = hearth_mp4::init_segment(&parameters).ok()?;
        let mime = media_type(&parameters);
        Some(LiveItem::Init { parameters, init, mime, wall_offset_us })
    }

    fn newest_group(&self) -> Option<Group> {
        let parameters = self.parameters.clone()?;
        (!self.group.is_empty()).then(|| Group { parameters, frames: self.group.clone() })
    }

    fn send(&self, item: LiveItem) {
        // Nobody watching is not a failure.
        self.viewers.send(item).ok();
    }
}

fn jpeg(frame: &Frame) -> LiveItem {
    LiveItem::Jpeg(frame.data.clone())
}

/// A stream as browsers can play it.
#[derive(Clone)]
struct Playable {
    parameters: Arc<StreamParameters>,
    has_video: bool,
    has_audio: bool,
    is_mjpeg: bool,
    is_reordered: bool,
}

impl Playable {
    /// Leaves out what media sources of browsers refuse: they would refuse the whole stream for a
    /// G.711 track.
    fn of(parameters: &Arc<StreamParameters>) -> Self {
        let plays =
            |audio: &AudioParameters| matches!(audio.codec, AudioCodec::Aac | AudioCodec::Opus);
        let parameters = if parameters.audio.as_ref().is_none_or(plays) {
            Arc::clone(parameters)
        } else {
            Arc::new(StreamParameters { video: parameters.video.clone(), audio: None })
        };
        let video = parameters.video.as_ref();
        Self {
            has_video: video.is_some(),
            has_audio: parameters.audio.is_some(),
            is_mjpeg: video.is_some_and(|video| video.codec == VideoCodec::Mjpeg),
            is_reordered: video.is_some_and(|video| video.reorder_frames_max > 0),
            parameters,
        }
    }
}

/// The media type with its `codecs` parameter (RFC 6381).
pub(crate) fn media_type(parameters: &StreamParameters) -> String {
    let video = parameters.video.as_ref().map(|video| video.rfc6381.as_str());
    let audio = parameters.audio.as_ref().map(|audio| audio.rfc6381.as_str());
    let codecs: Vec<&str> = video.into_iter().chain(audio).collect();
    let kind = if parameters.video.is_some() { "video" } else { "audio" };
    format!("{kind}/mp4; codecs=\"{}\"", codecs.join(","))
}
