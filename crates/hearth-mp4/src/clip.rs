//! Any time range over several segments as one standard MP4 file, laid out without reading them.
//!
//! A clip is `ftyp`, `moov`, `mdat`: the movie comes first so that playing starts before all is
//! there. The frames stay where they are stored; a clip knows which bytes of which segment come
//! where, so that any byte range of it can be served at once.
//!
//! The media begins at the key frame that is needed, and an edit list begins the presentation
//! exactly at the wanted time. Holes in the footage are left out, for picture and sound alike, and
//! [`Clip::spans`] tells which recorded time is where. Parameter changes become further sample
//! entries.

mod layout;
mod pieces;
mod select;
mod timeline;

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use hearth_media::MediaTime;

pub use pieces::Piece;

use crate::{Mp4Error, SegmentIndex, VIDEO_TIMESCALE};
use pieces::{Pieces, Run};
use select::Selection;
use timeline::Timeline;

/// A day and a half of picture and sound; a longer clip's movie would take hundreds of megabytes.
const CLIP_SAMPLES_MAX: usize = 10_000_000;

/// A standard MP4 file over stored segments that `K` identifies.
#[derive(Clone, Debug)]
pub struct Clip<K> {
    keys: Vec<K>,
    /// `ftyp`, `moov` and the header of `mdat`.
    head: Bytes,
    /// What of the segments follows, in order.
    runs: Vec<Run>,
    length: u64,
    spans: Vec<ClipSpan>,
    duration_us: i64,
    codecs: String,
}

/// A part of a clip's presentation that has no hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClipSpan {
    /// Where it begins in the presentation, in microseconds.
    pub media_offset_us: i64,
    /// Which recorded time that is.
    pub start: MediaTime,
    /// How long it lasts, in microseconds.
    pub duration_us: i64,
}

impl<K> Clip<K> {
    /// Lays out the footage of `sources` from `from` until before `to`.
    ///
    /// Sources may be more than needed and in any order. Where they overlap by more than a second,
    /// the one that starts later goes on from its first key frame after the end of the other. If
    /// nothing was recorded at `from`, the clip begins with what comes next. Sound is kept where
    /// there is picture.
    ///
    /// # Errors
    /// [`Mp4Error::NoFootage`] if there is none in the range, or none that can be decoded;
    /// [`Mp4Error::TooLarge`] for more than 10 million frames.
    pub fn plan(
        sources: Vec<(K, Arc<SegmentIndex>)>,
        from: MediaTime,
        to: MediaTime,
    ) -> Result<Self, Mp4Error> {
        let mut sources: Vec<_> =
            sources.into_iter().filter(|(_, index)| !index.is_empty()).collect();
        sources.sort_by_key(|(_, index)| index.start());
        let samples = sources.iter().map(|(_, index)| index.video.len() + index.audio.len());
        if samples.sum::<usize>() > CLIP_SAMPLES_MAX {
            return Err(Mp4Error::TooLarge("a clip"));
        }
        let (keys, indexes): (Vec<K>, Vec<Arc<SegmentIndex>>) = sources.into_iter().unzip();
        let timeline = Timeline::plan(&indexes, from, to)?;
        let selection = Selection::new(&indexes, &timeline)?;
        let (head, runs) = layout::lay_out(&indexes, &selection, &timeline)?;
        let length = runs.last().map_or(head.len() as u64, |last| last.at + last.bytes);
        Ok(Self {
            keys,
            head,
            runs,
            length,
            spans: timeline.clip_spans(),
            duration_us: micros(timeline.duration()),
            codecs: selection.codecs(),
        })
    }

    /// Length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether the file has no bytes, which no planned clip has.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Which recorded time is where in the presentation, in order and without overlap.
    pub fn spans(&self) -> &[ClipSpan] {
        &self.spans
    }

    /// Length of the presentation in microseconds.
    pub fn duration_us(&self) -> i64 {
        self.duration_us
    }

    /// The `codecs` parameter of RFC 6381: all codecs in the clip, separated by commas.
    pub fn codecs(&self) -> &str {
        &self.codecs
    }
}

impl<K: Clone> Clip<K> {
    /// The bytes of a range of the file, in order. What is beyond the end is left out. Starting takes
    /// time logarithmic in the length of the clip.
    pub fn pieces(&self, range: Range<u64>) -> impl Iterator<Item = Piece<K>> + '_ {
        Pieces::new(self, range)
    }
}

/// Ticks of 1/90,000 s in microseconds.
fn micros(ticks: i64) -> i64 {
    MediaTime::from_scale(ticks, VIDEO_TIMESCALE).as_micros()
}
