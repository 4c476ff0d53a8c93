//! Notices that footage is missing, and why.
//!
//! Pure: one observation a second goes in, changes come out. The exact edges of a hole follow from
//! the segments; what is kept here is the cause, and the moment to tell somebody.

use hearth_media::MediaTime;
use hearth_model::GapCause;

use crate::WriteFault;

/// Footage older than this means a hole: fragments end after 1 s, plus a slow disk's share. Well
/// under the 15 s within which a person must be told.
const MISSING_AFTER_MICROS: i64 = 5_000_000;

/// What can be seen of a camera's recording at one moment.
#[derive(Clone, Copy, Debug)]
pub struct CoverageState {
    /// The moment.
    pub now: MediaTime,
    /// Footage should be written now.
    pub expected: bool,
    /// The camera sends frames.
    pub live: bool,
    /// Why the last fragment was not written, if it was not.
    pub fault: Option<WriteFault>,
    /// End of the newest footage since the hub's start.
    pub last_end: Option<MediaTime>,
}

/// A hole opens or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageChange {
    /// Nothing has been written since `from`.
    Opened {
        /// When footage ended, or should have begun.
        from: MediaTime,
        /// Why.
        cause: GapCause,
    },
    /// Footage is written again, or is not wanted any more.
    Closed {
        /// Since about then.
        at: MediaTime,
    },
}

/// Follows one camera.
#[derive(Debug, Default)]
pub struct CoverageKeeper {
    expected_since: Option<MediaTime>,
    open_since: Option<MediaTime>,
    expected_micros: u64,
    observed_at: Option<MediaTime>,
}

impl CoverageKeeper {
    /// Seconds of footage that should be there since the hub's start, in microseconds.
    pub fn expected_micros(&self) -> u64 {
        self.expected_micros
    }

    /// Whether a hole is open.
    pub fn is_missing(&self) -> bool {
        self.open_since.is_some()
    }

    /// Takes an observation and says what changed.
    pub fn observe(&mut self, state: CoverageState) -> Option<CoverageChange> {
        if let Some(before) = self.observed_at.replace(state.now)
            && state.expected
        {
            let passed = u64::try_from(state.now.micros_since(before)).unwrap_or(0);
            self.expected_micros += passed;
        }
        if !state.expected {
            self.expected_since = None;
            return self.close(state.now);
        }
        let since = *self.expected_since.get_or_insert(state.now);
        let covered = state.last_end.map_or(since, |end| end.max(since));
        if state.now.micros_since(covered) <= MISSING_AFTER_MICROS {
            return self.close(covered);
        }
        if self.open_since.is_some() {
            return None;
        }
        self.open_since = Some(covered);
        Some(CoverageChange::Opened { from: covered, cause: cause(&state) })
    }

    fn close(&mut self, at: MediaTime) -> Option<CoverageChange> {
        let from = self.open_since.take()?;
        Some(CoverageChange::Closed { at: at.max(from) })
    }
}

fn cause(state: &CoverageState) -> GapCause {
    match state.fault {
        Some(fault) if state.live => fault.into(),
        _ => GapCause::Camera,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> MediaTime {
        MediaTime::from_micros(seconds * 1_000_000)
    }

    fn state(now: i64, last_end: Option<i64>) -> CoverageState {
        CoverageState {
            now: at(now),
            expected: true,
            live: true,
            fault: None,
            last_end: last_end.map(at),
        }
    }

    #[test]
    fn a_silent_camera_opens_one_hole_and_its_return_closes_it() {
        let mut keeper = CoverageKeeper::default();
        let ends = |now: i64| if (10..30).contains(&now) { 10 } else { now };
        let changes: Vec<_> = (0..40)
            .filter_map(|now| {
                let live = !(10..30).contains(&now);
                keeper.observe(CoverageState { live, ..state(now, Some(ends(now))) })
            })
            .collect();
        let opened = CoverageChange::Opened { from: at(10), cause: GapCause::Camera };
        assert_eq!(changes, [opened, CoverageChange::Closed { at: at(30) }]);
    }

    #[test]
    fn a_full_disk_is_named_as_the_cause() {
        let mut keeper = CoverageKeeper::default();
        let full = |now| CoverageState { fault: Some(WriteFault::DiskFull), ..state(now, Some(0)) };
        let change = (0..10).find_map(|now| keeper.observe(full(now)));
        let opened = CoverageChange::Opened { from: at(0), cause: GapCause::DiskFull };
        assert_eq!(change, Some(opened));
    }

    #[test]
    fn nothing_is_missing_while_nothing_is_wanted() {
        let mut keeper = CoverageKeeper::default();
        let off = |now| CoverageState { expected: false, ..state(now, None) };
        assert!((0..100).all(|now| keeper.observe(off(now)).is_none()));
        assert_eq!(keeper.expected_micros(), 0);
    }

    #[test]
    fn expected_time_counts_only_while_footage_is_wanted() {
        let mut keeper = CoverageKeeper::default();
        for now in 0..=10 {
            keeper.observe(state(now, Some(now)));
        }
        for now in 11..=20 {
            keeper.observe(CoverageState { expected: false, ..state(now, None) });
        }
        assert_eq!(keeper.expected_micros(), 10_000_000);
    }
}
