//! Retention: a job that erases what is older or more than may be kept, by camera and by kind, and
//! says when it last ran and how that ended (promises V-15, D-06).
//!
//! Footage, pictures, and events with visits have a limit each: the camera's own, or the house's
//! (`[events]`). What belongs to no camera, or to one that was removed, follows the house.

use std::sync::{Arc, Mutex, PoisonError};

use hearth_model::{CameraId, Retention, WallTime};
use hearth_recorder::SweepRule;
use hearth_store::{PicturePlace, StoreError};

use crate::{config::EventsConfig, error::Chain, house::House, upkeep};

/// Facts erased at a time, so that others get in between.
const ERASED_EVENTS_BATCH: u32 = 200;

/// Readings of devices are kept this long: a year can be compared with the one before its end.
const READINGS_DAYS_MAX: u32 = 400;

/// One run of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct RetentionRun {
    /// When it ended.
    pub at: WallTime,
    /// Whether everything that was to go is gone; if not, the log says why, and the next run tries
    /// again.
    pub complete: bool,
    /// Files of footage that it erased.
    pub segments: u64,
    /// Pictures of events that it erased.
    pub pictures: u64,
    /// Events that it erased.
    pub events: u64,
}

/// The newest run.
#[derive(Debug, Default)]
pub(crate) struct LastRun(Mutex<Option<RetentionRun>>);

impl LastRun {
    pub(crate) fn get(&self) -> Option<RetentionRun> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, run: RetentionRun) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
    }
}

/// How long things of one camera stay, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) pictures: u32,
    pub(crate) events: u32,
}

impl Days {
    /// The camera's own limits where it has some. A picture never outlives its event, by which
    /// alone it is found.
    pub(crate) fn of(own: Option<&Retention>, house: &EventsConfig) -> Self {
        let events = own.and_then(|own| own.events_days_max).unwrap_or(house.days_max);
        let pictures = own.and_then(|own| own.pictures_days_max);
        Self { pictures: pictures.unwrap_or(house.pictures_days_max).min(events), events }
    }
}

/// Erases what is due, kind by kind; one that fails keeps no other from it.
pub(crate) async fn sweep(house: Arc<House>) {
    let mut run = RetentionRun {
        at: house.clock.wall_now(),
        complete: true,
        segments: 0,
        pictures: 0,
        events: 0,
    };
    let cameras = house.cameras.all();
    let rules: Vec<SweepRule> = cameras
        .iter()
        .map(|camera| SweepRule { camera: camera.id(), retention: camera.settings().retention })
        .collect();
    match house.recorder.sweep(&rules, house.config.storage.bytes_max).await {
        Ok(report) => {
            run.segments = report.segments;
            if report.segments > 0 {
                tracing::info!(?report, "old footage was erased");
            }
        }
        Err(error) => {
            run.complete = false;
            tracing::error!(error = %Chain(&error), "retention failed");
        }
    }
    if let Err(error) = erase_old_facts(&house, &mut run).await {
        run.complete = false;
        tracing::error!(%error, "old facts were not erased");
    }
    for camera in &cameras {
        let days = house.days_of(Some(camera.id())).events;
        let oldest = house.clock.wall_now().minus_days(days);
        if let Err(error) = house.sweep_visits(camera.id(), oldest).await {
            run.complete = false;
            tracing::error!(%error, "old visits were not erased");
        }
    }
    if let Err(error) = house.sweep_reviews().await {
        run.complete = false;
        tracing::error!(%error, "old pictures to look at were not erased");
    }
    if let Err(error) = house.sweep_watch_list().await {
        run.complete = false;
        tracing::error!(%error, "whose time on the watch list is over was not erased");
    }
    house.keep_drift().await;
    upkeep::save_clock(&house).await;
    run.at = house.clock.wall_now();
    let written = cameras.iter().map(|camera| camera.bytes_written()).sum();
    house.storage.note(house.clock.stream_now(), written);
    house.retention.set(run);
}

async fn erase_old_facts(house: &House, run: &mut RetentionRun) -> Result<(), StoreError> {
    let now = house.clock.wall_now();
    for camera in house.store.event_cameras().await? {
        let days = house.days_of(Some(camera));
        let old = now.minus_days(days.pictures);
        let pictures = erase_pictures(house, camera, PicturePlace::FIRST, old).await?;
        run.pictures += pictures.pictures;
        run.complete &= pictures.left == 0;
        erase_events(house, Some(camera), now.minus_days(days.events), run).await?;
    }
    erase_events(house, None, now.minus_days(house.days_of(None).events), run).await?;
    let before = now.minus_days(house.config.events.days_max);
    house.store.remove_rule_runs_before(before).await?;
    house.store.erase_readings(None, now.minus_days(READINGS_DAYS_MAX)).await?;
    house.store.sweep_sessions(now, house.identity.limits()).await?;
    house.store.sweep_families(now).await?;
    house.store.sweep_conversations(now).await?;
    house.store.compact().await
}

/// Erases older facts of a camera, or of none.
async fn erase_events(
    house: &House,
    camera: Option<CameraId>,
    before: WallTime,
    run: &mut RetentionRun,
) -> Result<(), StoreError> {
    loop {
        let erased = house.store.erase_events_before(camera, before, ERASED_EVENTS_BATCH).await?;
        run.events += erased;
        if erased < u64::from(ERASED_EVENTS_BATCH) {
            return Ok(());
        }
    }
}

/// How pictures of facts were erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErasedPictures {
    pub(crate) pictures: u64,
    /// Those that stay; the log says why. Whoever asks again tries them again.
    pub(crate) left: u64,
}

/// Erases the pictures of a camera's facts (promise D-06) from a place on, before some time.
pub(crate) async fn erase_pictures(
    house: &House,
    camera: CameraId,
    mut after: PicturePlace,
    before: WallTime,
) -> Result<ErasedPictures, StoreError> {
    let mut erased = ErasedPictures::default();
    loop {
        let due = house.store.pictures_between(camera, after, before, ERASED_EVENTS_BATCH).await?;
        let Some(last) = due.last() else { return Ok(erased) };
        after = last.place;
        let wanted = due.len();
        let recorder = Arc::clone(&house.recorder);
        let erase = move || {
            let gone = due.into_iter().filter(|picture| {
                let erased = recorder.erase_picture(camera, picture.event);
                erased
                    .inspect_err(|error| tracing::warn!(%error, "a picture was not erased"))
                    .is_ok()
            });
            gone.collect::<Vec<_>>()
        };
        let gone = tokio::task::spawn_blocking(erase).await.unwrap_or_default();
        for picture in &gone {
            house.store.forget_picture(picture.event).await?;
        }
        erased.pictures += gone.len() as u64;
        erased.left += (wanted - gone.len()) as u64;
    }
}

impl House {
    /// What counts for a camera, and for what belongs to none.
    pub(crate) fn days_of(&self, camera: Option<CameraId>) -> Days {
        let camera = camera.and_then(|camera| self.cameras.get(camera));
        let own = camera.map(|camera| camera.settings().retention);
        Days::of(own.as_ref(), &self.config.events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: V-15. Each kind has the camera's own limit or the house's, longer or shorter, and no
    /// picture outlives its event.
    #[test]
    fn a_limit_of_the_camera_counts_before_the_houses() {
        let house = EventsConfig { days_max: 90, pictures_days_max: 7 };
        let days = |pictures_days_max, events_days_max| {
            let own = Retention { pictures_days_max, events_days_max, ..Retention::default() };
            let days = Days::of(Some(&own), &house);
            (days.pictures, days.events)
        };
        assert_eq!(Days::of(None, &house), Days { pictures: 7, events: 90 });
        assert_eq!(days(None, None), (7, 90));
        assert_eq!(days(Some(30), None), (30, 90));
        assert_eq!(days(Some(0), Some(365)), (0, 365));
        assert_eq!(days(Some(30), Some(10)), (10, 10));
        assert_eq!(days(None, Some(3)), (3, 3));
        let longer = EventsConfig { days_max: 5, pictures_days_max: 7 };
        assert_eq!(Days::of(None, &longer), Days { pictures: 5, events: 5 });
    }
}
