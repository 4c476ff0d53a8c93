//! Notices when a source is silent and when it sends too much.
//!
//! Pure: times are arguments. Only pictures are signs of life of a stream that has pictures.

use hearth_media::MediaTime;
use hearth_model::StateReason;

use crate::SourceError;

/// Cameras start their encoder on demand, and may wait for the next key frame.
const FIRST_FRAME_MICROS_MAX: i64 = 10_000_000;
/// While the frame rate is not known, and for slow ones (half a second is left for looking).
const SILENT_MICROS_MAX: i64 = 4_500_000;
/// A Wi-Fi camera loses a second now and then.
const SILENT_MICROS_MIN: i64 = 1_000_000;
/// So many frames must be missing.
const SILENT_INTERVALS: i64 = 10;
/// Frames over which the frame rate is measured.
const INTERVALS_COUNTED: i64 = 32;
/// Before so many frames the rate is not known.
const INTERVALS_MIN: i64 = 8;

/// 512 Mbit/s: ten times an 8K camera.
const BYTES_PER_SECOND_MAX: u64 = 64 * 1024 * 1024;
/// Eight times the fastest camera, and sound in 10 ms packets.
const FRAMES_PER_SECOND_MAX: u64 = 1_000;
/// A burst, e.g. after a stall, is not a flood.
const FLOOD_WINDOW_SECONDS: u64 = 5;

/// Knows when the next picture is due.
#[derive(Debug)]
pub(crate) struct SilenceWatch {
    last: MediaTime,
    limit_micros: i64,
    counted_from: Option<MediaTime>,
    counted: i64,
}

impl SilenceWatch {
    /// Waiting for the first frame since `now`.
    pub(crate) fn new(now: MediaTime) -> Self {
        Self { last: now, limit_micros: FIRST_FRAME_MICROS_MAX, counted_from: None, counted: 0 }
    }

    /// A picture came: when, and its time on the timeline.
    pub(crate) fn note(&mut self, now: MediaTime, pts: MediaTime) {
        self.last = now;
        let Some(from) = self.counted_from else {
            self.counted_from = Some(pts);
            self.limit_micros = SILENT_MICROS_MAX;
            return;
        };
        self.counted += 1;
        if self.counted >= INTERVALS_MIN {
            let interval = pts.micros_since(from) / self.counted;
            self.limit_micros = interval
                .saturating_mul(SILENT_INTERVALS)
                .clamp(SILENT_MICROS_MIN, SILENT_MICROS_MAX);
        }
        if self.counted >= INTERVALS_COUNTED {
            self.counted_from = Some(pts);
            self.counted = 0;
        }
    }

    /// An error if the next picture is overdue.
    pub(crate) fn check(&self, now: MediaTime) -> Result<(), SourceError> {
        let silent_micros = now.micros_since(self.last);
        if silent_micros <= self.limit_micros {
            return Ok(());
        }
        let detail = format!("no picture for {} ms", silent_micros / 1_000);
        Err(SourceError::new(StateReason::Silent, detail))
    }
}

/// Counts what comes.
#[derive(Debug)]
pub(crate) struct FloodWatch {
    began: MediaTime,
    bytes: u64,
    frames: u64,
}

impl FloodWatch {
    /// From now on.
    pub(crate) fn new(now: MediaTime) -> Self {
        Self { began: now, bytes: 0, frames: 0 }
    }

    /// An error if it is too much.
    pub(crate) fn note(
        &mut self,
        bytes: usize,
        frames: usize,
        now: MediaTime,
    ) -> Result<(), SourceError> {
        let window_micros = i64::try_from(FLOOD_WINDOW_SECONDS).unwrap_or(1) * 1_000_000;
        if now.micros_since(self.began) >= window_micros {
            *self = Self::new(now);
        }
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
        self.frames += u64::try_from(frames).unwrap_or(u64::MAX);
        let too_much = self.bytes > BYTES_PER_SECOND_MAX * FLOOD_WINDOW_SECONDS;
        let too_often = self.frames > FRAMES_PER_SECOND_MAX * FLOOD_WINDOW_SECONDS;
        if too_much || too_often {
            let detail = format!("{} bytes and {} frames within 5 s", self.bytes, self.frames);
            return Err(SourceError::new(StateReason::Flooding, detail));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> MediaTime {
        MediaTime::from_micros(millis * 1_000)
    }

    fn limit_of(interval_ms: i64) -> i64 {
        let mut watch = SilenceWatch::new(at(0));
        (0..100).for_each(|index| watch.note(at(index * interval_ms), at(index * interval_ms)));
        let last = 99 * interval_ms;
        (0..20_000).find(|ms| watch.check(at(last + ms)).is_err()).expect("some time")
    }

    #[test]
    fn silence_is_judged_by_the_frame_rate() {
        assert_eq!(limit_of(66), 1_001);
        assert_eq!(limit_of(200), 2_001);
        assert_eq!(limit_of(1_000), 4_501);
    }

    #[test]
    fn the_first_frame_may_take_ten_seconds() {
        let watch = SilenceWatch::new(at(0));
        assert!(watch.check(at(10_000)).is_ok());
        let error = watch.check(at(10_001)).expect_err("silent");
        assert_eq!(error.reason, StateReason::Silent);
    }

    #[test]
    fn a_flood_is_noticed_by_bytes_and_by_frames_but_a_burst_is_none() {
        let mut watch = FloodWatch::new(at(0));
        assert!(watch.note(100 << 20, 900, at(0)).is_ok());
        assert!(watch.note(300 << 20, 0, at(1)).is_err());
        let mut watch = FloodWatch::new(at(0));
        assert!(watch.note(0, 5_001, at(1)).is_err());
        let mut watch = FloodWatch::new(at(0));
        let steady = (0..60).all(|second| watch.note(1 << 20, 900, at(second * 1_000)).is_ok());
        assert!(steady);
    }
}
