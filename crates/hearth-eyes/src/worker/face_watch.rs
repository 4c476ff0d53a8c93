//! When to look for the face of whom: each look costs a tenth of a second of one core.

use std::collections::BTreeMap;

use hearth_face::BestShot;
use hearth_media::MediaTime;
use hearth_vision::TrackId;

use crate::SeenFace;

/// Time between two looks at the same person, in which a face turns.
const LOOK_MICROS: i64 = 300_000;

/// The same once there are enough good views, or many looks found no face.
const SELDOM_MICROS: i64 = 3_000_000;

/// Good views that decide a vote with some to spare.
const GOOD_VIEWS: u32 = 6;

/// Looks without a face after which somebody is taken to look away.
const FRUITLESS: u32 = 20;

/// Whoever turns up after so long is looked at as somebody new: the visit before is over then, and this
/// one needs views and a picture of its own.
const ANEW_MICROS: i64 = 10_000_000;

/// The looks at those who are followed by one camera.
#[derive(Default)]
pub(crate) struct FaceWatch {
    looks: BTreeMap<TrackId, Looks>,
}

struct Looks {
    last: MediaTime,
    /// When a face was seen last.
    seen: MediaTime,
    good: u32,
    fruitless: u32,
    best: BestShot<()>,
}

impl FaceWatch {
    /// Of those who are followed, whom to look at now: who was not looked at for longest. Those who
    /// are gone are forgotten.
    pub(crate) fn next(
        &mut self,
        followed: impl Iterator<Item = TrackId> + Clone,
        now: MediaTime,
    ) -> Option<TrackId> {
        self.looks.retain(|track, _| followed.clone().any(|id| id == *track));
        let waited =
            |track: TrackId| self.looks.get(&track).map_or(i64::MAX, |looks| looks.waited(now));
        let due = followed.map(|track| (waited(track), track)).filter(|(waited, _)| *waited >= 0);
        due.max_by_key(|(waited, _)| *waited).map(|(_, track)| track)
    }

    /// Notes what a look found; leaves a face its picture only if it is the best view so far.
    pub(crate) fn looked(&mut self, track: TrackId, now: MediaTime, face: Option<&mut SeenFace>) {
        let looks = self.looks.entry(track).or_insert_with(|| Looks {
            last: now,
            seen: now,
            good: 0,
            fruitless: 0,
            best: BestShot::default(),
        });
        looks.last = now;
        let Some(face) = face else {
            looks.fruitless += 1;
            return;
        };
        if now.micros_since(looks.seen).abs() >= ANEW_MICROS {
            (looks.good, looks.best) = (0, BestShot::default());
        }
        (looks.seen, looks.fruitless) = (now, 0);
        looks.good += u32::from(face.quality.is_good());
        if !looks.best.offer(face.quality.clone(), || ()) {
            face.picture = None;
        }
    }
}

impl Looks {
    /// How long a look is due; negative if it is not.
    fn waited(&self, now: MediaTime) -> i64 {
        let is_enough = self.good >= GOOD_VIEWS || self.fruitless >= FRUITLESS;
        let pause = if is_enough { SELDOM_MICROS } else { LOOK_MICROS };
        // A clock that was set back must not make anybody wait for long.
        now.micros_since(self.last).abs() - pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::a_face;

    fn at(millis: i64) -> MediaTime {
        MediaTime::from_micros(millis * 1_000)
    }

    #[test]
    fn everybody_gets_a_turn_and_nobody_too_often() {
        let mut watch = FaceWatch::default();
        let all = [TrackId(1), TrackId(2)];
        let first = watch.next(all.into_iter(), at(0)).expect("nobody was looked at yet");
        watch.looked(first, at(0), None);
        let second = watch.next(all.into_iter(), at(100)).expect("the other one");
        assert_ne!(first, second);
        watch.looked(second, at(100), None);
        assert_eq!(watch.next(all.into_iter(), at(200)), None);
        assert_eq!(watch.next(all.into_iter(), at(300)), Some(first));
    }

    #[test]
    fn after_enough_good_views_looks_become_seldom() {
        let mut watch = FaceWatch::default();
        for step in 0..i64::from(GOOD_VIEWS) {
            let mut face = a_face();
            face.quality.flaws.clear();
            watch.looked(TrackId(1), at(step * 300), Some(&mut face));
        }
        let end = i64::from(GOOD_VIEWS - 1) * 300;
        let one = || [TrackId(1)].into_iter();
        assert_eq!(watch.next(one(), at(end + 1_000)), None);
        assert_eq!(watch.next(one(), at(end + 3_000)), Some(TrackId(1)));
    }

    /// promise: D-03. Of the views of a track only the best keeps its picture.
    #[test]
    fn only_better_views_keep_their_picture() {
        let mut watch = FaceWatch::default();
        let mut looked = |score: f32| {
            let mut face = a_face();
            face.quality.score = score;
            watch.looked(TrackId(1), at(0), Some(&mut face));
            face.picture.is_some()
        };
        assert_eq!([0.5, 0.4, 0.6].map(&mut looked), [true, false, true]);
    }

    #[test]
    fn whoever_turns_up_later_has_a_picture_again() {
        let mut watch = FaceWatch::default();
        let mut looked = |score: f32, seconds: i64| {
            let mut face = a_face();
            face.quality.score = score;
            watch.looked(TrackId(1), at(seconds * 1_000), Some(&mut face));
            face.picture.is_some()
        };
        assert!(looked(0.6, 0) && !looked(0.5, 9) && !looked(0.5, 18));
        assert!(looked(0.5, 28), "the visit before is over");
    }
}
