//! A range of footage as one standard MP4 file that exists nowhere: any byte range of it is put
//! together from sealed segments when it is read.

use std::{collections::HashMap, io, ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use hearth_media::MediaTime;
use hearth_model::{CameraId, SegmentId, TimeRange, WallTime};
use hearth_mp4::{Clip, ClipSpan, Piece};
use hearth_store::{Segment, SegmentState};

use crate::{
    error::RecorderError,
    footage::{Footage, OpenedSegment, blocking},
};

/// How much is deciphered at a time: large enough for a disk, small enough for a slow viewer.
pub const READ_PIECE_BYTES_MAX: u64 = 512 << 10;

/// Where a run of footage lies in the clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipSpanView {
    /// Start on the clip's own timeline, in microseconds.
    pub offset_us: i64,
    /// Wall time of that.
    pub from: WallTime,
    /// Length in microseconds.
    pub duration_us: i64,
}

/// A clip that can be read in any order.
#[derive(Clone)]
pub struct ClipReader {
    footage: Footage,
    clip: Arc<Clip<SegmentId>>,
    rows: Arc<HashMap<SegmentId, Segment>>,
    /// Files that still grow are opened once for the whole clip.
    growing: Arc<[Arc<OpenedSegment>]>,
    spans: Arc<[ClipSpanView]>,
}

impl Footage {
    /// Plans a clip of what was recorded in a range.
    ///
    /// # Errors
    /// [`RecorderError::NoFootage`] if nothing was, [`RecorderError::RangeTooLong`] if it is more
    /// than a day and a bit.
    pub async fn clip(
        &self,
        camera: CameraId,
        range: TimeRange,
    ) -> Result<ClipReader, RecorderError> {
        let mut rows = self.rows(camera, range).await?;
        rows.sort_by_key(|row| row.start);
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            opened.extend(self.open(row).await?);
        }
        let footage = self.clone();
        blocking(move || plan(footage, &opened, range)).await
    }
}

fn plan(
    footage: Footage,
    opened: &[Arc<OpenedSegment>],
    range: TimeRange,
) -> Result<ClipReader, RecorderError> {
    let (first, last) = match (opened.first(), opened.last()) {
        (Some(first), Some(last)) => (first, last),
        _ => return Err(RecorderError::NoFootage),
    };
    // Each segment has its own mapping to the wall clock; the range is cut by the first and last.
    let from = range.from().as_micros().saturating_sub(first.wall_offset());
    let to = range.to().as_micros().saturating_sub(last.wall_offset());
    let sources = opened.iter().map(|opened| (opened.row.id, Arc::clone(&opened.index))).collect();
    let clip = Clip::plan(sources, MediaTime::from_micros(from), MediaTime::from_micros(to))?;
    let mut starts: Vec<(MediaTime, i64)> =
        opened.iter().map(|opened| (opened.index.start(), opened.wall_offset())).collect();
    starts.sort_unstable();
    let spans = clip.spans().iter().flat_map(|span| by_wall_clock(*span, &starts)).collect();
    let rows = opened.iter().map(|opened| (opened.row.id, opened.row)).collect();
    let growing = opened.iter().filter(|opened| opened.row.state == SegmentState::Open);
    let growing = growing.cloned().collect();
    Ok(ClipReader { footage, clip: Arc::new(clip), rows: Arc::new(rows), growing, spans })
}

/// Cuts a run of footage where the wall clock stepped: each segment, given by its start, has its own
/// mapping.
fn by_wall_clock(span: ClipSpan, starts: &[(MediaTime, i64)]) -> Vec<ClipSpanView> {
    let end = span.start.plus_micros(span.duration_us);
    let mut views: Vec<(i64, ClipSpanView)> = Vec::new();
    let first = starts.partition_point(|(start, _)| *start <= span.start).saturating_sub(1);
    for &(start, offset) in starts.iter().skip(first).take_while(|(start, _)| *start < end) {
        let start = start.max(span.start);
        let passed = start.micros_since(span.start);
        match views.last_mut() {
            Some((before, _)) if *before == offset => continue,
            Some((_, last)) => last.duration_us = passed - (last.offset_us - span.media_offset_us),
            None => {}
        }
        let view = ClipSpanView {
            offset_us: span.media_offset_us + passed,
            from: WallTime::from_micros(start.as_micros().saturating_add(offset)),
            duration_us: span.duration_us - passed,
        };
        views.push((offset, view));
    }
    views.into_iter().map(|(_, view)| view).collect()
}

impl ClipReader {
    /// Bytes of the whole file.
    pub fn bytes(&self) -> u64 {
        self.clip.len()
    }

    /// Length of what is shown, in microseconds.
    pub fn duration_us(&self) -> i64 {
        self.clip.duration_us()
    }

    /// The `codecs` parameter (RFC 6381).
    pub fn codecs(&self) -> String {
        self.clip.codecs().to_owned()
    }

    /// How the clip's timeline maps to the wall clock.
    pub fn spans(&self) -> &[ClipSpanView] {
        &self.spans
    }

    /// Reads bytes from `range.start` on: at most [`READ_PIECE_BYTES_MAX`] and not beyond
    /// `range.end`; empty only at the end.
    ///
    /// # Errors
    /// If footage was erased meanwhile, or its file is damaged.
    pub async fn read_piece(&self, range: Range<u64>) -> io::Result<Bytes> {
        let end = range.end.min(self.bytes()).min(range.start.saturating_add(READ_PIECE_BYTES_MAX));
        if range.start >= end {
            return Ok(Bytes::new());
        }
        let pieces: Vec<Piece<SegmentId>> = self.clip.pieces(range.start..end).collect();
        let mut opened: HashMap<SegmentId, Arc<OpenedSegment>> = HashMap::new();
        for piece in &pieces {
            if let Piece::Stored { key, .. } = piece
                && !opened.contains_key(key)
            {
                opened.insert(*key, self.reopen(*key).await.map_err(io::Error::other)?);
            }
        }
        let capacity = usize::try_from(end - range.start).unwrap_or(0);
        blocking(move || read_pieces(pieces, &opened, capacity)).await.map_err(io::Error::other)
    }

    async fn reopen(&self, id: SegmentId) -> Result<Arc<OpenedSegment>, RecorderError> {
        if let Some(opened) = self.growing.iter().find(|opened| opened.row.id == id) {
            return Ok(Arc::clone(opened));
        }
        let row = self.rows.get(&id).copied().ok_or(RecorderError::NoFootage)?;
        self.footage.open(row).await?.ok_or(RecorderError::NoFootage)
    }
}

fn read_pieces(
    pieces: Vec<Piece<SegmentId>>,
    opened: &HashMap<SegmentId, Arc<OpenedSegment>>,
    capacity: usize,
) -> Result<Bytes, RecorderError> {
    let mut bytes = BytesMut::with_capacity(capacity);
    for piece in pieces {
        match piece {
            Piece::Bytes(made) => bytes.extend_from_slice(&made),
            Piece::Stored { key, offset, bytes: count } => {
                let opened = opened.get(&key).ok_or(RecorderError::NoFootage)?;
                let end = offset.saturating_add(count);
                bytes.extend_from_slice(&opened.read(offset..end)?);
            }
        }
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn media(seconds: i64) -> MediaTime {
        MediaTime::from_micros(seconds * SECOND)
    }

    fn view(offset: i64, from: i64, seconds: i64) -> ClipSpanView {
        let from = WallTime::from_micros(from * SECOND);
        ClipSpanView { offset_us: offset * SECOND, from, duration_us: seconds * SECOND }
    }

    #[test]
    fn a_run_of_footage_has_the_wall_time_of_each_of_its_segments() {
        let span =
            ClipSpan { media_offset_us: 5 * SECOND, start: media(110), duration_us: 100 * SECOND };
        let starts = |offsets: [i64; 3]| {
            [(media(0), offsets[0]), (media(60), offsets[1]), (media(130), offsets[2])]
                .map(|(start, offset)| (start, offset * SECOND))
        };
        assert_eq!(by_wall_clock(span, &starts([0, 0, 0])), [view(5, 110, 100)]);
        assert_eq!(
            by_wall_clock(span, &starts([0, -7, 3_600])),
            [view(5, 103, 20), view(25, 3_730, 80)]
        );
    }

    /// After a kill the timeline of streams may begin later than the wall clock says.
    #[test]
    fn a_run_that_begins_with_its_segment_has_the_mapping_of_that_segment() {
        let span = ClipSpan { media_offset_us: 0, start: media(240), duration_us: 10 * SECOND };
        let starts = [(media(100), 0), (media(240), -120 * SECOND)];
        assert_eq!(by_wall_clock(span, &starts), [view(0, 120, 10)]);
    }
}
