//! Which activities are queued, and the task that queues them.
//!
//! Follows nobody: activities are offered when they end, and one that comes too many is passed over.

use std::{sync::Arc, time::Duration};

use hearth_model::{EventId, Label, ReviewReason, WallTime};
use tokio::{sync::mpsc, time::sleep};

use super::{picture::Wanted, settings::ReviewSettings};
use crate::{house::House, watchtower::local};

/// Activities on their way; each takes a second or two, and the day has an end anyway.
pub(super) const CANDIDATES_MAX: usize = 64;

/// Of the sure ones one in so many: enough to see drift and what is surely wrong.
const SAMPLED_OF: u16 = 50;

/// Footage is in the index half a second after it was written; one that is not there then comes soon.
const ATTEMPTS_MAX: u32 = 3;
const ATTEMPT_PAUSE: Duration = Duration::from_secs(2);

/// An activity that ended.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) event: EventId,
    pub(crate) camera: hearth_model::CameraId,
    /// When it was seen best.
    pub(crate) at: WallTime,
    pub(crate) label: Label,
    /// Its best score.
    pub(crate) score: f32,
    /// Where it was then.
    pub(crate) area: hearth_model::Rect,
}

/// Runs until the hub ends.
pub(crate) async fn run(house: Arc<House>, mut candidates: mpsc::Receiver<Candidate>) {
    loop {
        tokio::select! {
            () = house.ended() => return,
            candidate = candidates.recv() => match candidate {
                Some(candidate) => queue(&house, candidate).await,
                None => return,
            }
        }
    }
}

async fn queue(house: &Arc<House>, candidate: Candidate) {
    let settings = house.review.settings();
    let Some(reason) = reason_of(&settings, &candidate) else { return };
    if house.may_queue(candidate.camera).is_err() || house.why_no_reviews().is_some() {
        return;
    }
    let Candidate { event, camera, at, label, score, area } = candidate;
    let wanted = Wanted { event, camera, at, label, score, area, reason };
    for attempt in 1..=ATTEMPTS_MAX {
        // Asked each time: others may have come in between.
        if !has_room(house, &settings, &wanted).await {
            return;
        }
        let added = house.add_review(&wanted, |_| ()).await;
        let error = match added {
            Ok(_) => return,
            Err(error) => error,
        };
        let comes_later = matches!(error.code, "no_footage" | "eyes_down");
        if !comes_later || attempt == ATTEMPTS_MAX {
            return tracing::debug!(%error, "a picture to look at was not queued");
        }
        tokio::select! {
            () = house.ended() => return,
            () = sleep(ATTEMPT_PAUSE) => {}
        }
    }
}

/// Why an activity is queued, if it is. What merely moved is nothing that a detector was unsure of.
fn reason_of(settings: &ReviewSettings, candidate: &Candidate) -> Option<ReviewReason> {
    if !settings.is_on || candidate.label == Label::motion() {
        None
    } else if candidate.score < settings.below_score {
        Some(ReviewReason::Unsure)
    } else {
        is_sampled(candidate.event).then_some(ReviewReason::Sampled)
    }
}

/// One in [`SAMPLED_OF`], by the random end of the id (RFC 9562, 5.7): which, nobody can foresee, and
/// asking again gives the same answer.
fn is_sampled(event: EventId) -> bool {
    let [.., a, b] = *event.as_bytes();
    u16::from_be_bytes([a, b]).is_multiple_of(SAMPLED_OF)
}

/// Whether this day has room for another picture of this camera. Each has its share of the day, so
/// that one in front of a tree does not take it all.
async fn has_room(house: &House, settings: &ReviewSettings, wanted: &Wanted) -> bool {
    let now = house.clock.wall_now();
    let midnight = local(now, &house.zone).start_of_day().map(|day| day.timestamp());
    let midnight = midnight.map_or(now, |day| WallTime::from_micros(day.as_microsecond()));
    let queued = match house.store.reviews_since(midnight).await {
        Ok(queued) => queued,
        Err(error) => {
            tracing::warn!(%error, "pictures to look at were not counted");
            return false;
        }
    };
    let of_camera = queued.iter().find(|row| row.0 == wanted.camera).map_or(0, |row| row.1);
    let of_all: u64 = queued.iter().map(|row| row.1).sum();
    let share = share_of(settings.per_day_max, house.cameras.all().len());
    of_camera < share && of_all < u64::from(settings.per_day_max)
}

/// What one of so many cameras may take of a day; each at least one.
fn share_of(per_day_max: u32, cameras: usize) -> u64 {
    u64::from(per_day_max).div_ceil(cameras.max(1) as u64)
}

#[cfg(test)]
mod tests {
    use hearth_model::{CameraId, Rect};

    use super::*;

    const ON: ReviewSettings =
        ReviewSettings { is_on: true, below_score: 0.6, per_day_max: 50, keep_days: 30 };

    fn candidate(label: &str, score: f32, end: [u8; 2]) -> Candidate {
        let mut id = [7; 16];
        id[14..].copy_from_slice(&end);
        Candidate {
            event: EventId::from_bytes(id),
            camera: CameraId::new(),
            at: WallTime::from_micros(0),
            label: Label::new(label).expect("valid"),
            score,
            area: Rect::FULL,
        }
    }

    /// promise: D-06. Nothing is kept unless somebody says so.
    #[test]
    fn nothing_is_queued_unless_somebody_switched_it_on() {
        let unsure = candidate("person", 0.1, [0, 0]);
        assert_eq!(reason_of(&ReviewSettings::default(), &unsure), None);
        assert_eq!(reason_of(&ON, &unsure), Some(ReviewReason::Unsure));
    }

    #[test]
    fn what_is_unsure_is_queued_and_of_what_is_sure_a_few() {
        let reason = |label, score, end| reason_of(&ON, &candidate(label, score, end));
        assert_eq!(reason("person", 0.59, [0, 1]), Some(ReviewReason::Unsure));
        assert_eq!(reason("person", 0.6, [0, 1]), None);
        assert_eq!(reason("person", 0.9, [0, 50]), Some(ReviewReason::Sampled));
        assert_eq!(reason("motion", 0.1, [0, 0]), None, "no detector said anything");
        let all = (0..=u16::MAX)
            .filter(|end| is_sampled(candidate("person", 0.9, end.to_be_bytes()).event));
        assert_eq!(all.count(), 1_311, "one in fifty of 65,536");
    }

    #[test]
    fn cameras_share_a_day() {
        assert_eq!((share_of(50, 1), share_of(50, 4), share_of(2, 16)), (50, 13, 1));
        assert_eq!(share_of(50, 0), 50);
    }
}
