//! A file as a camera: replayed in real time, over and over, on one continuing timeline.
//!
//! Reading blocks, so it runs on a thread of its own, a few frames ahead.

use std::{fs::File, io::BufReader, sync::Arc, time::Duration};

use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind};
use hearth_model::StateReason;
use hearth_mp4::Reader;
use tokio::sync::mpsc;

use crate::{SourceError, SourceSpec, SourceStats, Timeline};

/// A second of video and sound.
const FRAMES_AHEAD: usize = 64;
/// Reads of the file are as large as this.
const READ_BYTES: usize = 256 * 1024;
/// A file without any length would be replayed without end at once.
const PASS_MICROS_MIN: i64 = 100_000;

type Message = Result<StreamItem, SourceError>;

/// See the module.
#[derive(Debug)]
pub(crate) struct ReplaySource {
    items: mpsc::Receiver<Message>,
    next: Option<StreamItem>,
    error: Option<SourceError>,
    timeline: Arc<dyn Timeline>,
    /// Added to the file's times.
    base: Option<MediaTime>,
    stats: SourceStats,
}

/// Opens a file.
pub(crate) async fn open(
    spec: &SourceSpec,
    timeline: Arc<dyn Timeline>,
) -> Result<ReplaySource, SourceError> {
    if !spec.addresses.admits_this_machine() {
        return Err(SourceError::new(StateReason::AddressRefused, "a file of this machine"));
    }
    let path = spec.url.path().to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        Reader::open(BufReader::with_capacity(READ_BYTES, file)).map_err(|error| unreadable(&error))
    });
    let reader = opened
        .await
        .map_err(|_| SourceError::new(StateReason::Internal, "the reading thread died"))??;
    let (sender, items) = mpsc::channel(FRAMES_AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_on(reader, &sender)
            && sender.blocking_send(Err(error)).is_err()
        {
            tracing::debug!("a replay was closed while it failed");
        }
    });
    let stats = SourceStats::default();
    Ok(ReplaySource { items, next: None, error: None, timeline, base: None, stats })
}

fn unreadable(error: &dyn std::fmt::Display) -> SourceError {
    SourceError::new(StateReason::FileUnreadable, error.to_string())
}

/// Reads until the receiver is gone.
fn read_on(
    mut reader: Reader<BufReader<File>>,
    sender: &mpsc::Sender<Message>,
) -> Result<(), SourceError> {
    let mut told: Option<Arc<StreamParameters>> = None;
    let mut pass_start = 0;
    loop {
        let mut has_begun = false;
        while let Some(mut frame) = reader.next_frame().map_err(|error| unreadable(&error))? {
            // A file that was cut begins in the middle of a group of pictures.
            has_begun |= frame.track == TrackKind::Video && frame.is_key
                || reader.parameters().video.is_none();
            if !has_begun {
                continue;
            }
            let parameters = reader.parameters();
            if told.as_ref() != Some(parameters) {
                told = Some(parameters.clone());
                if sender.blocking_send(Ok(StreamItem::Parameters(parameters.clone()))).is_err() {
                    return Ok(());
                }
            }
            frame.pts = frame.pts.plus_micros(pass_start);
            if sender.blocking_send(Ok(StreamItem::Frame(frame))).is_err() {
                return Ok(());
            }
        }
        if !has_begun {
            return Err(unreadable(&"the file holds no frame to begin with"));
        }
        pass_start += reader.end().as_micros().max(PASS_MICROS_MIN);
        reader.rewind();
    }
}

impl ReplaySource {
    /// The next item at its time. Cancel-safe: an item that waits for its time waits in `self`.
    pub(crate) async fn next(&mut self) -> Result<StreamItem, SourceError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.next.is_none() {
            let received = self.items.recv().await.unwrap_or_else(|| {
                Err(SourceError::new(StateReason::Internal, "the reading thread ended"))
            });
            match received {
                Ok(item) => self.next = Some(item),
                Err(error) => return Err(self.error.insert(error).clone()),
            }
        }
        if let Some(StreamItem::Frame(frame)) = &self.next {
            let now = self.timeline.now();
            let base =
                *self.base.get_or_insert(now.plus_micros(frame.pts.as_micros().saturating_neg()));
            let wait = base.plus_micros(frame.pts.as_micros()).micros_since(now);
            if let Ok(micros @ 1..) = u64::try_from(wait) {
                tokio::time::sleep(Duration::from_micros(micros)).await;
            }
        }
        match self.next.take() {
            Some(StreamItem::Frame(frame)) => Ok(StreamItem::Frame(self.placed(frame))),
            Some(parameters) => Ok(parameters),
            None => Err(SourceError::new(StateReason::Internal, "an item vanished")),
        }
    }

    fn placed(&mut self, mut frame: Frame) -> Frame {
        let base = self.base.unwrap_or_default();
        frame.pts = base.plus_micros(frame.pts.as_micros());
        self.stats.bytes += u64::try_from(frame.data.len()).unwrap_or(0);
        match frame.track {
            TrackKind::Video => self.stats.video_frames += 1,
            TrackKind::Audio => self.stats.audio_frames += 1,
        }
        frame
    }

    pub(crate) fn stats(&self) -> SourceStats {
        self.stats
    }
}
