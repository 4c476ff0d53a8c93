//! Which files of footage and pictures go into a backup. They are copied as they lie: sealed.

use std::{io, ops::RangeInclusive, path::PathBuf};

use hearth_model::{CameraId, EventId, SegmentId, TimeRange, WallTime};

use crate::{
    error::RecorderError,
    layout::{Day, SEGMENT_EXTENSION, day_of, day_of_event},
    recorder::Recorder,
    recover::{named_folders, numbered_folders, sealed_files, segment_files},
};

/// Which footage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FootageChoice {
    /// All there is.
    All,
    /// What lies, at least in part, in one of these; without a camera, of all cameras.
    Within(Vec<(Option<CameraId>, TimeRange)>),
}

impl FootageChoice {
    fn covers(&self, camera: CameraId, from: WallTime, to: WallTime) -> bool {
        let touches = |range: &TimeRange| range.from() <= to && range.to() >= from;
        match self {
            Self::All => true,
            Self::Within(ranges) => {
                ranges.iter().any(|(of, range)| of.is_none_or(|of| of == camera) && touches(range))
            }
        }
    }

    /// Whether a day's folders can hold anything of it. A segment lies in the folder of its first
    /// frame's day, so the day before counts as well.
    fn touches_day(&self, camera: CameraId, day: Day) -> bool {
        let days = |range: &TimeRange| -> RangeInclusive<Day> {
            day_of(range.from()).saturating_sub(1)..=day_of(range.to())
        };
        match self {
            Self::All => true,
            Self::Within(ranges) => ranges
                .iter()
                .any(|(of, range)| of.is_none_or(|of| of == camera) && days(range).contains(&day)),
        }
    }
}

/// A sealed file, and its name below the data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FootageFile {
    /// `media/..` or `stills/..`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

impl Recorder {
    /// The cameras and days of which a choice can hold something, oldest first.
    ///
    /// # Errors
    /// If the folders can't be listed.
    pub fn days_of(&self, choice: &FootageChoice) -> Result<Vec<(CameraId, u32)>, RecorderError> {
        let layout = &self.shared().layout;
        let mut days = Vec::new();
        for root in [layout.media(), layout.stills()] {
            for camera in named_folders::<CameraId>(&root)? {
                let of_camera = numbered_folders(&root.join(camera.to_string()))?;
                days.extend(of_camera.into_iter().map(|day| (camera, day)));
            }
        }
        days.retain(|(camera, day)| choice.touches_day(*camera, *day));
        days.sort_unstable_by_key(|(camera, day)| (*day, *camera));
        days.dedup();
        Ok(days)
    }

    /// The files of a camera's day that belong to a choice. Recording goes on meanwhile: one that
    /// is being written is among them, and may be gone when it is opened.
    ///
    /// # Errors
    /// If the folders can't be listed or the index refuses.
    pub async fn files_of(
        &self,
        camera: CameraId,
        day: u32,
        choice: &FootageChoice,
    ) -> Result<Vec<FootageFile>, RecorderError> {
        let layout = &self.shared().layout;
        let segments = segment_files(&layout.day(camera, day))?;
        let pictures: Vec<EventId> =
            sealed_files(&layout.camera_stills(camera).join(day.to_string()))?;
        let rows = match choice {
            FootageChoice::All => Vec::new(),
            FootageChoice::Within(_) => {
                self.flush_index().await;
                self.shared().store.segments_of_day(camera, day).await?
            }
        };
        let is_wanted = |id| {
            *choice == FootageChoice::All
                || rows.iter().any(|row| {
                    row.id == id && choice.covers(camera, row.wall_start, row.wall_end())
                })
        };
        let segments = segments.into_iter().filter(|id| is_wanted(*id)).map(|id| FootageFile {
            name: segment_name(camera, day, id),
            path: layout.segment(camera, day, id),
        });
        let pictures = pictures
            .into_iter()
            .filter(|event| {
                let at = noted_at(*event);
                choice.covers(camera, at, at)
            })
            .map(|event| FootageFile {
                name: format!(
                    "stills/{camera}/{}/{event}.{SEGMENT_EXTENSION}",
                    day_of_event(event)
                ),
                path: layout.picture(camera, event),
            });
        Ok(segments.chain(pictures).collect())
    }

    /// Removes temporary files of pictures that a crash left; takes as long as there are pictures,
    /// and may run while new ones are kept.
    ///
    /// # Errors
    /// If the folders can't be listed.
    pub fn remove_leftovers(&self) -> io::Result<usize> {
        match hearth_vault::remove_temporary_files(&self.shared().layout.stills()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            removed => removed,
        }
    }
}

/// A segment's name below the data directory.
pub fn segment_name(camera: CameraId, day: u32, id: SegmentId) -> String {
    format!("media/{camera}/{day}/{id}.{SEGMENT_EXTENSION}")
}

/// When an event was noted: its id begins with the milliseconds since 1970 (RFC 9562, 5.7).
fn noted_at(event: EventId) -> WallTime {
    let [a, b, c, d, e, f, ..] = *event.as_bytes();
    let millis = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    WallTime::from_micros(i64::try_from(millis.saturating_mul(1000)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn within(camera: Option<CameraId>, from: i64, to: i64) -> FootageChoice {
        let range = TimeRange::new(WallTime::from_micros(from), WallTime::from_micros(to));
        FootageChoice::Within(vec![(camera, range.expect("a time that passes"))])
    }

    #[test]
    fn what_touches_a_chosen_time_belongs_to_it() {
        let (camera, other) = (CameraId::new(), CameraId::new());
        let choice = within(Some(camera), 10, 20);
        let covers = |of, from, to| {
            choice.covers(of, WallTime::from_micros(from), WallTime::from_micros(to))
        };
        assert!(covers(camera, 5, 15) && covers(camera, 12, 13) && covers(camera, 19, 90));
        assert!(!covers(camera, 0, 9) && !covers(camera, 21, 30) && !covers(other, 12, 13));
    }

    #[test]
    fn a_segment_that_began_the_day_before_is_looked_for() {
        let camera = CameraId::new();
        let choice = within(None, 5 * DAY + 10, 6 * DAY + 10);
        let days: Vec<Day> = (0..10).filter(|day| choice.touches_day(camera, *day)).collect();
        assert_eq!(days, [4, 5, 6]);
    }
}
