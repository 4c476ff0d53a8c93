//! Turns tracks of one camera into activities the hub is told of.

use std::{collections::BTreeMap, rc::Rc};

use hearth_media::MediaTime;
use hearth_model::{DetectionSettings, Direction, Label, Rect, ZoneId};
use hearth_vision::{Sighting, Track, TrackId, Tracker, ZoneRule};

use super::{jpeg, picture::Picture};
use crate::wire::{Activity, FromWorker, Slot};

/// Thumbnails are at most this wide: enough to know a person, small enough for a list of hundreds.
const THUMBNAIL_WIDTH_MAX: usize = 480;

/// The hub is told of a better score when it grew by this much.
const SCORE_STEP: f32 = 0.1;

/// What the hub was told of a track.
struct Open {
    zones: Vec<ZoneId>,
    directions: Vec<Direction>,
    label: Label,
    score: f32,
}

/// The activities of one camera.
pub(crate) struct Scene {
    slot: Slot,
    tracker: Tracker,
    zones: ZoneRule,
    open: BTreeMap<TrackId, Open>,
    looks: BTreeMap<TrackId, Rc<Picture>>,
}

impl Scene {
    /// Nothing seen yet.
    pub(crate) fn new(slot: Slot, settings: &DetectionSettings) -> Self {
        Self {
            slot,
            tracker: Tracker::new(),
            zones: ZoneRule::new(settings.zones.clone()),
            open: BTreeMap::new(),
            looks: BTreeMap::new(),
        }
    }

    /// Other zones from now on.
    pub(crate) fn update(&mut self, settings: &DetectionSettings) {
        self.zones = ZoneRule::new(settings.zones.clone());
    }

    /// Where known things were last seen, so that the detector looks there too.
    pub(crate) fn known_areas(&self) -> Vec<Rect> {
        self.tracker.confirmed().map(|track| track.area).collect()
    }

    /// Those the hub was told of who may have a face, and where they are: people, and what nothing
    /// said the kind of.
    pub(crate) fn people(&self) -> Vec<(TrackId, Rect)> {
        let may_have = |label: &Label| label.as_str() == "person" || *label == Label::motion();
        let told = self.tracker.confirmed().filter(|track| self.open.contains_key(&track.id));
        told.filter(|track| may_have(&track.label)).map(|track| (track.id, track.area)).collect()
    }

    /// Whether anything is being followed.
    pub(crate) fn is_empty(&self) -> bool {
        self.tracker.tracks().is_empty()
    }

    /// Takes what was seen in a picture; gives what the hub is to be told.
    pub(crate) fn observe(
        &mut self,
        picture: &Picture,
        sightings: Vec<Sighting>,
    ) -> Vec<FromWorker> {
        let output = self.tracker.observe(sightings, picture.pts.as_micros());
        if !output.better_looks.is_empty() {
            let small = Rc::new(jpeg::shrunk(picture, THUMBNAIL_WIDTH_MAX));
            self.looks.extend(output.better_looks.iter().map(|id| (*id, Rc::clone(&small))));
        }
        let mut told: Vec<_> = output.ended.iter().filter_map(|track| self.end(track)).collect();
        let confirmed: Vec<Track> = self.tracker.confirmed().cloned().collect();
        told.extend(confirmed.iter().filter_map(|track| self.tell(track)));
        let tracks = self.tracker.tracks();
        self.looks.retain(|id, _| tracks.iter().any(|track| track.id == *id));
        told
    }

    /// Ends everything, because nobody looks any more.
    pub(crate) fn end_all(&mut self) -> Vec<FromWorker> {
        let ended = self.tracker.end_all();
        let told = ended.iter().filter_map(|track| self.end(track)).collect();
        self.looks.clear();
        told
    }

    /// What is new about a track that counts.
    fn tell(&mut self, track: &Track) -> Option<FromWorker> {
        let here = self.zones.zones_of(&track.area);
        let Some(open) = self.open.get_mut(&track.id) else {
            if !self.zones.matters(&here) {
                return None;
            }
            let open = Open {
                zones: here.clone(),
                directions: Vec::new(),
                label: track.label.clone(),
                score: track.score,
            };
            self.open.insert(track.id, open);
            return Some(FromWorker::Started(self.activity(
                track,
                track.first_micros,
                track.area,
                here,
            )));
        };
        let entered: Vec<ZoneId> =
            here.into_iter().filter(|zone| !open.zones.contains(zone)).collect();
        let directions = track.directions();
        let news = !entered.is_empty()
            || open.directions != directions
            || open.label != track.label
            || track.score >= open.score + SCORE_STEP;
        if !news {
            return None;
        }
        open.zones.extend(entered);
        open.directions = directions;
        open.label = track.label.clone();
        open.score = track.score;
        let zones = open.zones.clone();
        Some(FromWorker::Updated(self.activity(track, track.last_micros, track.area, zones)))
    }

    fn end(&mut self, track: &Track) -> Option<FromWorker> {
        let open = self.open.remove(&track.id)?;
        let look = self.looks.remove(&track.id);
        let thumbnail = look.and_then(|picture| jpeg::encode(&picture));
        let activity = self.activity(track, track.last_micros, track.best_area, open.zones);
        Some(FromWorker::Ended(activity, thumbnail))
    }

    fn activity(&self, track: &Track, micros: i64, area: Rect, zones: Vec<ZoneId>) -> Activity {
        Activity {
            slot: self.slot,
            track: track.id.0,
            at: MediaTime::from_micros(micros),
            label: track.label.clone(),
            score: track.score.clamp(0.0, 1.0),
            area: area.clamped(),
            zones,
            directions: track.directions(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(step: i64) -> Picture {
        let planes = [vec![90; 640 * 360], vec![128; 320 * 180], vec![128; 320 * 180]];
        Picture::new(MediaTime::from_micros(step * 200_000), (640, 360), false, planes)
            .expect("planes cover it")
    }

    fn person(score: f32) -> Sighting {
        let area = Rect { x: 0.1, y: 0.1, w: 0.1, h: 0.3 };
        Sighting { label: Label::new("person").expect("valid"), score, area, sharpness: 2.0 }
    }

    /// Everything from there to the right edge of the picture.
    fn zone(from: f32) -> hearth_model::Zone {
        let corners = [(from, 0.0), (1.0, 0.0), (1.0, 1.0), (from, 1.0)];
        let corners = corners.map(|(x, y)| hearth_model::Point { x, y }).to_vec();
        let outline = hearth_model::Polygon::new(corners).expect("valid");
        hearth_model::Zone { id: ZoneId::new(), name: "somewhere".to_owned(), outline }
    }

    #[test]
    fn a_person_starts_improves_and_ends_with_a_thumbnail() {
        let mut scene = Scene::new(Slot(7), &DetectionSettings::default());
        assert!(scene.observe(&picture(0), vec![person(0.5)]).is_empty());
        let told = scene.observe(&picture(1), vec![person(0.55)]);
        assert!(matches!(&told[..], [FromWorker::Started(found)] if found.at == picture(0).pts));
        assert!(scene.observe(&picture(2), vec![person(0.56)]).is_empty());
        let told = scene.observe(&picture(3), vec![person(0.9)]);
        assert!(matches!(&told[..], [FromWorker::Updated(found)] if found.score == 0.9));
        let told = scene.end_all();
        let [FromWorker::Ended(found, Some(thumbnail))] = &told[..] else { panic!("{told:?}") };
        assert_eq!((found.slot, found.at), (Slot(7), picture(3).pts));
        let size = jpeg::decode(thumbnail, MediaTime::default(), 1 << 20).expect("a JPEG");
        assert_eq!((size.width, size.height), (480, 270));
    }

    /// Whoever goes on is told of when it is news: a zone that was not entered before, another way.
    #[test]
    fn zones_and_ways_are_told_once_each() {
        let (left, right) = (zone(0.0), zone(0.4));
        let zones = vec![left, right.clone()];
        let settings = DetectionSettings { zones, ..DetectionSettings::default() };
        let mut scene = Scene::new(Slot(7), &settings);
        let mut told = Vec::new();
        for step in 0..12 {
            let mut walker = person(0.8);
            walker.area.x += step as f32 * 0.05;
            told.extend(scene.observe(&picture(step), vec![walker]));
        }
        let news = told.iter().map(|told| match told {
            FromWorker::Started(now) | FromWorker::Updated(now) => {
                (now.zones.contains(&right.id), now.directions.clone())
            }
            other => panic!("{other:?}"),
        });
        let way = || vec![Direction::Right];
        assert_eq!(news.collect::<Vec<_>>(), [(false, vec![]), (false, way()), (true, way())]);
    }

    #[test]
    fn outside_all_zones_nothing_starts() {
        let settings = DetectionSettings { zones: vec![zone(0.6)], ..DetectionSettings::default() };
        let mut scene = Scene::new(Slot(7), &settings);
        for step in 0..5 {
            assert!(scene.observe(&picture(step), vec![person(0.8)]).is_empty());
        }
        assert!(scene.end_all().is_empty());
    }
}
