//! Finds and reads what was recorded.
//!
//! A segment's samples come from its last index record, or, while it is being written or after a
//! crash, from the many small ones. Opened files are kept for a while: scrubbing and clips come
//! back to the same minute again and again.

use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamParameters, TrackKind, VideoParameters};
use hearth_model::{CameraId, TimeRange, WallTime};
use hearth_mp4::{Sample, SegmentIndex, VIDEO_TIMESCALE};
use hearth_store::{Segment, SegmentState};
use hearth_vault::{RecordKind, SealedReader, VaultError};

use crate::{
    error::RecorderError,
    layout::day_of,
    recorder::Shared,
    segment::{INDEX_OF_FILE, INDEX_OF_FRAGMENT},
};

/// Opened segments that are kept: an hour of one camera. Each holds a file and about 40 kB.
const OPENED_MAX: usize = 64;

/// Most segments one answer is made of: a day and a bit of one camera.
pub(crate) const RANGE_SEGMENTS_MAX: u32 = 1_500;

/// How far before the wanted instant a key frame may lie: the longest group of pictures of cameras
/// with "smart" encoding, with reserve.
const KEY_BEFORE_MICROS: i64 = 120_000_000;

/// A key frame as it was recorded.
#[derive(Clone, Debug)]
pub struct KeyFrame {
    /// When it is shown.
    pub at: WallTime,
    /// What a decoder must know.
    pub video: VideoParameters,
    /// The frame.
    pub data: Bytes,
}

/// A segment whose samples are known.
pub(crate) struct OpenedSegment {
    pub(crate) row: Segment,
    pub(crate) index: Arc<SegmentIndex>,
    file: Mutex<SealedReader>,
}

impl OpenedSegment {
    /// Wall time minus stream time.
    pub(crate) fn wall_offset(&self) -> i64 {
        self.row.wall_start.as_micros().saturating_sub(self.row.start.as_micros())
    }

    /// Reads media bytes.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Vec<u8>, RecorderError> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.read_range(range)?)
    }

    fn read_sample(&self, sample: &Sample) -> Result<Bytes, RecorderError> {
        let end = sample.offset.saturating_add(u64::from(sample.bytes));
        self.read(sample.offset..end).map(Bytes::from)
    }

    fn pts(sample: &Sample) -> MediaTime {
        let ticks = sample.dts.saturating_add(i64::from(sample.cts));
        MediaTime::from_scale(ticks, VIDEO_TIMESCALE)
    }
}

/// Reads recorded footage of all cameras.
#[derive(Clone)]
pub struct Footage {
    shared: Arc<Shared>,
    /// Most recently used last.
    opened: Arc<Mutex<Vec<Arc<OpenedSegment>>>>,
}

impl Footage {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, opened: Arc::default() }
    }

    /// The camera's newest key frame at or before a wall time.
    ///
    /// # Errors
    /// [`RecorderError::NoFootage`] if there is none within two minutes.
    pub async fn key_frame(
        &self,
        camera: CameraId,
        at: WallTime,
    ) -> Result<KeyFrame, RecorderError> {
        let (opened, wanted) = self.segment_at(camera, at).await?;
        blocking(move || {
            let sample = opened.index.key_at_or_before(wanted).ok_or(RecorderError::NoFootage)?;
            let video = opened.index.parameters.video.clone().ok_or(RecorderError::NoFootage)?;
            let at = OpenedSegment::pts(sample).as_micros().saturating_add(opened.wall_offset());
            let data = opened.read_sample(sample)?;
            Ok(KeyFrame { at: WallTime::from_micros(at), video, data })
        })
        .await
    }

    /// The frames from the key frame at or before a wall time up to the one shown then, and when
    /// that is: all that a decoder needs for a picture of that instant.
    ///
    /// # Errors
    /// [`RecorderError::NoFootage`] if there is none.
    pub async fn frames_until(
        &self,
        camera: CameraId,
        at: WallTime,
    ) -> Result<(Arc<StreamParameters>, Vec<Frame>, WallTime), RecorderError> {
        let (opened, wanted) = self.segment_at(camera, at).await?;
        blocking(move || {
            let key = *opened.index.key_at_or_before(wanted).ok_or(RecorderError::NoFootage)?;
            let needed = opened.index.video.iter().filter(|sample| sample.dts >= key.dts);
            // With B-frames, frames shown before the wanted instant may come after it in decoding
            // order; one frame later than `wanted` in that order bounds them.
            let needed: Vec<&Sample> = needed
                .take_while(|sample| MediaTime::from_scale(sample.dts, VIDEO_TIMESCALE) <= wanted)
                .collect();
            let shown = needed.iter().map(|sample| OpenedSegment::pts(sample));
            let shown =
                shown.filter(|pts| *pts <= wanted).max().unwrap_or(OpenedSegment::pts(&key));
            let frames = needed
                .into_iter()
                .map(|sample| {
                    Ok(Frame {
                        track: TrackKind::Video,
                        pts: OpenedSegment::pts(sample),
                        duration_samples: None,
                        is_key: sample.is_key,
                        after_loss: false,
                        data: opened.read_sample(sample)?,
                    })
                })
                .collect::<Result<_, RecorderError>>()?;
            let at = shown.as_micros().saturating_add(opened.wall_offset());
            let parameters = Arc::new(opened.index.parameters.clone());
            Ok((parameters, frames, WallTime::from_micros(at)))
        })
        .await
    }

    /// The newest segment that has a key frame at or before a wall time, and that time on its own
    /// timeline.
    async fn segment_at(
        &self,
        camera: CameraId,
        at: WallTime,
    ) -> Result<(Arc<OpenedSegment>, MediaTime), RecorderError> {
        let range = TimeRange::new(at.plus_micros(-KEY_BEFORE_MICROS), at.plus_micros(1))
            .ok_or(RecorderError::NoFootage)?;
        let mut rows = self.rows(camera, range).await?;
        rows.sort_by_key(|row| row.start);
        for row in rows.into_iter().rev() {
            let Some(opened) = self.open(row).await? else { continue };
            let wanted =
                MediaTime::from_micros(at.as_micros().saturating_sub(opened.wall_offset()));
            if opened.index.key_at_or_before(wanted).is_some() {
                return Ok((opened, wanted));
            }
        }
        Err(RecorderError::NoFootage)
    }

    /// Rows of segments that touch a range.
    pub(crate) async fn rows(
        &self,
        camera: CameraId,
        range: TimeRange,
    ) -> Result<Vec<Segment>, RecorderError> {
        let rows = self.shared.store.segments_in(camera, range, RANGE_SEGMENTS_MAX + 1).await?;
        if rows.len() > RANGE_SEGMENTS_MAX as usize {
            return Err(RecorderError::RangeTooLong(RANGE_SEGMENTS_MAX));
        }
        Ok(rows)
    }

    /// Opens a segment; `None` if it was erased meanwhile.
    pub(crate) async fn open(
        &self,
        row: Segment,
    ) -> Result<Option<Arc<OpenedSegment>>, RecorderError> {
        if let Some(opened) = self.kept(&row) {
            return Ok(Some(opened));
        }
        let shared = Arc::clone(&self.shared);
        let is_final = row.state != SegmentState::Open;
        let opened = blocking(move || open_blocking(&shared, row)).await?;
        if let (Some(opened), true) = (&opened, is_final) {
            self.keep(Arc::clone(opened));
        }
        Ok(opened)
    }

    /// Forgets opened files, after something was erased.
    pub(crate) fn forget(&self, gone: impl Fn(&Segment) -> bool) {
        self.lock().retain(|opened| !gone(&opened.row));
    }

    fn kept(&self, row: &Segment) -> Option<Arc<OpenedSegment>> {
        let mut kept = self.lock();
        let at = kept.iter().position(|opened| opened.row.id == row.id)?;
        let opened = kept.remove(at);
        kept.push(Arc::clone(&opened));
        Some(opened)
    }

    fn keep(&self, opened: Arc<OpenedSegment>) {
        let mut kept = self.lock();
        if kept.len() >= OPENED_MAX {
            kept.remove(0);
        }
        kept.push(opened);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<OpenedSegment>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a segment on the calling thread; `None` if its key or file is gone.
pub(crate) fn open_blocking(
    shared: &Shared,
    row: Segment,
) -> Result<Option<Arc<OpenedSegment>>, RecorderError> {
    let day = day_of(row.wall_start);
    let id = *row.id.as_bytes();
    let key = match shared.vault.file_key(row.camera, day, id) {
        Ok(key) => key,
        Err(VaultError::FileKeyMissing | VaultError::ScopeMissing(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let path = shared.layout.segment(row.camera, day, row.id);
    if !path.try_exists()? {
        return Ok(None);
    }
    let file = SealedReader::open(&path, &key)?;
    let index = Arc::new(read_index(&file)?);
    Ok(Some(Arc::new(OpenedSegment { row, index, file: Mutex::new(file) })))
}

/// The samples of a segment file.
pub(crate) fn read_index(file: &SealedReader) -> Result<SegmentIndex, RecorderError> {
    let records = file.records(RecordKind::Index)?;
    if let Some((&INDEX_OF_FILE, encoded)) = records.last().and_then(|last| last.split_first()) {
        return Ok(SegmentIndex::decode(encoded)?);
    }
    let mut whole: Option<SegmentIndex> = None;
    for record in records {
        let Some((&INDEX_OF_FRAGMENT, encoded)) = record.split_first() else { continue };
        let one = SegmentIndex::decode(encoded)?;
        // A fragment whose data is torn off has no index record: data comes first.
        match &mut whole {
            None => whole = Some(one),
            Some(whole) => {
                whole.fragments.extend(one.fragments);
                whole.video.extend(one.video);
                whole.audio.extend(one.audio);
            }
        }
    }
    whole.ok_or(RecorderError::NoFootage)
}

/// Runs work that waits for the disk or deciphers much, off the event loop.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RecorderError> + Send + 'static,
) -> Result<T, RecorderError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(RecorderError::Io(std::io::Error::other("the task failed"))),
    }
}
