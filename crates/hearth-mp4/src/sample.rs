//! Where and when a frame is, in a stored segment.

use hearth_media::{AudioParameters, MediaTime};

/// Ticks a second of every video track: the clock of RTP video, a multiple of all frame rates.
pub const VIDEO_TIMESCALE: u32 = 90_000;

/// A pause in a stream longer than this is a hole: a clip leaves it out, and the last frame of a
/// fragment is not said to last over it. Shorter pauses are what loss and congestion look like.
pub(crate) const HOLE_US: i64 = 1_000_000;

/// Ticks a second of an audio track: its sample rate, so that durations are exact.
pub fn audio_timescale(parameters: &AudioParameters) -> u32 {
    parameters.sample_rate.max(1)
}

/// One frame in a fragment or in a stored segment.
///
/// Times are ticks of the track: [`VIDEO_TIMESCALE`], or [`audio_timescale`] for sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Where its data begins, in bytes from the start of the fragment or of the segment's plaintext.
    pub offset: u64,
    /// Length of its data.
    pub bytes: u32,
    /// Decoding time on the stream's timeline.
    pub dts: i64,
    /// Presentation time minus decoding time; negative where frames are reordered.
    pub cts: i32,
    /// How long it lasts.
    pub duration: u32,
    /// Decoding can start here.
    pub is_key: bool,
}

impl Sample {
    /// Presentation time in ticks.
    pub fn pts(&self) -> i64 {
        self.dts.saturating_add(i64::from(self.cts))
    }

    /// Presentation time of a sample of a track with `timescale` ticks a second.
    pub fn presentation_time(&self, timescale: u32) -> MediaTime {
        MediaTime::from_scale(self.pts(), timescale)
    }

    /// Where decoding the next sample begins, in ticks.
    pub(crate) fn end(&self) -> i64 {
        self.dts.saturating_add(i64::from(self.duration))
    }
}
