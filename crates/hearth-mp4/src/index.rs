//! Where each frame of a stored segment is, and when.
//!
//! An index holds for one segment: one file of fragments with the same parameters, each appended at
//! an offset of the segment's plaintext. It is written beside the footage, and can be rebuilt from it.

mod codec;
mod scan;

pub use scan::ReadAt;

use hearth_media::{MediaTime, StreamParameters};

use crate::{Fragment, Sample, VIDEO_TIMESCALE, audio_timescale};

/// One fragment of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentEntry {
    /// Where its `moof` begins in the segment's plaintext.
    pub offset: u64,
    /// Length of `moof` and `mdat`.
    pub bytes: u64,
    /// Decoding time of its first picture, which is the earliest presentation time in it; without
    /// pictures, of its first sound.
    pub start: MediaTime,
    /// Its first picture is a key frame.
    pub starts_with_key: bool,
}

/// Where each frame of a stored segment is, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentIndex {
    /// Parameters of its tracks, for the whole segment.
    pub parameters: StreamParameters,
    /// Its fragments, in order of offset and time.
    pub fragments: Vec<FragmentEntry>,
    /// Its pictures in decoding order; offsets are in the segment's plaintext.
    pub video: Vec<Sample>,
    /// Its sound in order.
    pub audio: Vec<Sample>,
}

impl SegmentIndex {
    /// An index of a segment that has no fragments yet.
    pub fn new(parameters: StreamParameters) -> Self {
        Self { parameters, ..Self::default() }
    }

    /// Adds a fragment that is stored at `offset` of the plaintext.
    pub fn push_fragment(&mut self, offset: u64, fragment: &Fragment) {
        let moved = |sample: &Sample| Sample { offset: sample.offset + offset, ..*sample };
        let video: Vec<_> = fragment.video.iter().map(moved).collect();
        let audio: Vec<_> = fragment.audio.iter().map(moved).collect();
        self.push_samples(offset, fragment.total_bytes(), &video, &audio);
    }

    fn push_samples(&mut self, offset: u64, bytes: u64, video: &[Sample], audio: &[Sample]) {
        let start = match (video.first(), audio.first()) {
            (Some(first), _) => MediaTime::from_scale(first.dts, VIDEO_TIMESCALE),
            (None, Some(first)) => MediaTime::from_scale(first.dts, self.audio_timescale()),
            (None, None) => return,
        };
        let starts_with_key = video.first().is_some_and(|first| first.is_key);
        self.fragments.push(FragmentEntry { offset, bytes, start, starts_with_key });
        self.video.extend_from_slice(video);
        self.audio.extend_from_slice(audio);
    }

    /// Whether there is no frame in it.
    pub fn is_empty(&self) -> bool {
        self.video.is_empty() && self.audio.is_empty()
    }

    /// Presentation time of the first picture, or of the first sound if there are no pictures; the
    /// timeline's zero if there is neither.
    pub fn start(&self) -> MediaTime {
        match (self.video.first(), self.audio.first()) {
            (Some(first), _) => MediaTime::from_scale(first.dts, VIDEO_TIMESCALE),
            (None, Some(first)) => MediaTime::from_scale(first.dts, self.audio_timescale()),
            (None, None) => MediaTime::default(),
        }
    }

    /// Where the presentation of the last picture ends, or of the last sound if there are no
    /// pictures; the timeline's zero if there is neither.
    pub fn end(&self) -> MediaTime {
        match (self.video.last(), self.audio.last()) {
            (Some(last), _) => MediaTime::from_scale(last.end(), VIDEO_TIMESCALE),
            (None, Some(last)) => MediaTime::from_scale(last.end(), self.audio_timescale()),
            (None, None) => MediaTime::default(),
        }
    }

    /// The last key frame that is shown at `at` or before it.
    pub fn key_at_or_before(&self, at: MediaTime) -> Option<&Sample> {
        let at = at.to_scale(VIDEO_TIMESCALE);
        // A frame is never shown before it is decoded by more than its reordering, so the search
        // from the first frame decoded after `at` backwards meets the key frame soon.
        let end = self.video.partition_point(|sample| sample.dts <= at);
        self.video[..end].iter().rev().find(|sample| sample.is_key && sample.pts() <= at)
    }

    /// Ticks a second of the sound's times.
    pub fn audio_timescale(&self) -> u32 {
        self.parameters.audio.as_ref().map_or(1, audio_timescale)
    }
}
