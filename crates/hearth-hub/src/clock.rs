//! One timeline for all streams, and what the wall clock said meanwhile.
//!
//! Stream time starts at the wall time of the hub's start and then follows the monotonic clock: it
//! never steps. The difference to the wall clock is observed once a second; a step gives the next
//! segments another offset and is a fact of its own, so no footage is lost or overlaps.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use hearth_media::MediaTime;
use hearth_model::WallTime;

/// Differences up to this are the clock being slewed; beyond, it stepped. Half of what a person
/// notices between two cameras, and far above what NTP slews in a second (500 us).
const STEP_MICROS_MIN: i64 = 250_000;

/// Where wall time comes from; tests inject a clock that steps.
pub type WallSource = Box<dyn Fn() -> WallTime + Send + Sync>;

/// The house's clocks.
pub struct HouseClock {
    started: Instant,
    base_micros: i64,
    wall_offset: AtomicI64,
    wall: WallSource,
}

impl std::fmt::Debug for HouseClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HouseClock").field("now", &self.stream_now()).finish_non_exhaustive()
    }
}

impl HouseClock {
    /// Starts the timeline at the wall time, but not before `not_before`, the end of the newest
    /// footage: after a clock that was set back, new footage still lies behind the old.
    pub fn new(wall: WallSource, not_before: Option<MediaTime>) -> Self {
        let wall_now = wall().as_micros();
        let base_micros = not_before.map_or(wall_now, |end| wall_now.max(end.as_micros()));
        Self {
            started: Instant::now(),
            base_micros,
            wall_offset: AtomicI64::new(wall_now.saturating_sub(base_micros)),
            wall,
        }
    }

    /// The system's wall clock.
    pub fn system_wall() -> WallSource {
        Box::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            WallTime::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
        })
    }

    /// Now on the streams' timeline.
    pub fn stream_now(&self) -> MediaTime {
        let passed = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        MediaTime::from_micros(self.base_micros.saturating_add(passed))
    }

    /// Now by the wall clock.
    pub fn wall_now(&self) -> WallTime {
        (self.wall)()
    }

    /// Wall time minus stream time in microseconds, as last observed.
    pub fn wall_offset(&self) -> i64 {
        self.wall_offset.load(Ordering::Relaxed)
    }

    /// The wall time of a recent stream time.
    pub fn wall_at(&self, at: MediaTime) -> WallTime {
        WallTime::from_micros(at.as_micros().saturating_add(self.wall_offset()))
    }

    /// Compares the clocks; call it once a second. Returns by how much the wall clock stepped.
    pub fn observe(&self) -> Option<i64> {
        let offset = self.wall_now().as_micros().saturating_sub(self.stream_now().as_micros());
        let step = offset.saturating_sub(self.wall_offset());
        if step.abs() < STEP_MICROS_MIN {
            return None;
        }
        self.wall_offset.store(offset, Ordering::Relaxed);
        Some(step)
    }
}

impl hearth_stream::Timeline for HouseClock {
    fn now(&self) -> MediaTime {
        self.stream_now()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn stepping_clock() -> (Arc<AtomicI64>, HouseClock) {
        let wall = Arc::new(AtomicI64::new(1_700_000_000_000_000));
        let source = Arc::clone(&wall);
        let read = move || WallTime::from_micros(source.load(Ordering::Relaxed));
        (wall, HouseClock::new(Box::new(read), None))
    }

    #[test]
    fn a_step_of_the_wall_clock_moves_the_offset_and_not_the_timeline() {
        for step in [HOUR, -HOUR] {
            let (wall, clock) = stepping_clock();
            let before = clock.stream_now();
            wall.fetch_add(step, Ordering::Relaxed);
            let seen = clock.observe().expect("a step");
            assert!((seen - step).abs() < 60_000_000, "{seen}");
            let passed = clock.stream_now().micros_since(before);
            assert!((0..60_000_000).contains(&passed));
            assert_eq!(clock.observe(), None, "a step is told once");
        }
    }

    #[test]
    fn footage_after_a_clock_was_set_back_lies_behind_the_old_footage() {
        let end = MediaTime::from_micros(1_700_003_600_000_000);
        let wall = || WallTime::from_micros(1_700_000_000_000_000);
        let clock = HouseClock::new(Box::new(wall), Some(end));
        assert!(clock.stream_now() >= end);
        assert_eq!(clock.wall_offset(), -HOUR);
    }
}
