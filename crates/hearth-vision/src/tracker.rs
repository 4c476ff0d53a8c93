//! Joins what is seen picture by picture into tracks.
//!
//! Pure: sightings and their time go in, tracks that began, improved or ended come out. A track is
//! born after two sightings and dies after a while without any. It is predicted at constant
//! velocity in between, so a walker is not lost when one picture misses him.

use hearth_model::{Direction, Label, Rect};

use crate::course::Course;

mod assign;

use assign::assign;

/// Number of a track of one tracker; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(pub u32);

/// One thing seen in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// What the detector called it.
    pub label: Label,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Where.
    pub area: Rect,
    /// How sharp the picture is there; see [`sharpness`](crate::sharpness).
    pub sharpness: f32,
}

impl Sighting {
    /// How good a look it is: sure, large and sharp. The root keeps size from drowning the rest.
    fn quality(&self) -> f32 {
        self.score * self.area.area().sqrt() * (1.0 + self.sharpness)
    }

    /// Whether the box is that of a thing, and not of what moved of it.
    fn is_whole_thing(&self) -> bool {
        self.label != Label::motion()
    }
}

/// Something followed over time.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its number.
    pub id: TrackId,
    /// What it is: the label with the most score so far.
    pub label: Label,
    /// Best score of that label.
    pub score: f32,
    /// Where it was last seen.
    pub area: Rect,
    /// Where it was at its best look.
    pub best_area: Rect,
    /// When it was first seen, in microseconds.
    pub first_micros: i64,
    /// When it was last seen.
    pub last_micros: i64,
    best_quality: f32,
    votes: Vec<Vote>,
    course: Course,
    velocity: (f32, f32),
    hits: u32,
    confirmed: bool,
}

#[derive(Clone, Debug)]
struct Vote {
    label: Label,
    weight: f32,
    best: f32,
}

impl Vote {
    fn first(sighting: &Sighting) -> Self {
        Self { label: sighting.label.clone(), weight: sighting.score, best: sighting.score }
    }
}

/// Sightings until a track counts: one picture alone is often a mistake of the detector.
const HITS_TO_CONFIRM: u32 = 2;

/// A track that was never confirmed is forgotten after this.
const TENTATIVE_MICROS: i64 = 1_000_000;

/// A confirmed track ends when it was not seen for this long: longer than somebody takes to pass
/// behind a tree, short enough that an event ends while people still look at it.
const LOST_MICROS: i64 = 2_500_000;

/// More tracks at once than anyone can follow; further sightings are left out.
const TRACKS_MAX: usize = 64;

/// Labels one track remembers votes for.
const LABELS_MAX: usize = 8;

/// A look replaces the best one when it is this much better, so that pictures are not copied for
/// every small step of somebody approaching.
const BETTER_LOOK: f32 = 1.15;

/// What one picture changed. Numbers refer to tracks of [`Tracker::tracks`] save for `ended`.
#[derive(Clone, Debug, Default)]
pub struct TrackerOutput {
    /// Tracks that count from now on.
    pub confirmed: Vec<TrackId>,
    /// Tracks (confirmed or not) whose best look so far is this picture.
    pub better_looks: Vec<TrackId>,
    /// Confirmed tracks that are gone.
    pub ended: Vec<Track>,
}

/// Follows the things one camera sees.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    tracks: Vec<Track>,
    next: u32,
}

impl Tracker {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All tracks, also those that do not count yet.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// Tracks that count.
    pub fn confirmed(&self) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(|track| track.confirmed)
    }

    /// Takes what was seen in the picture shown at `micros`.
    pub fn observe(&mut self, sightings: Vec<Sighting>, micros: i64) -> TrackerOutput {
        let mut output = TrackerOutput::default();
        let predicted: Vec<Rect> =
            self.tracks.iter().map(|track| track.predicted(micros)).collect();
        let mut matched = assign(&self.tracks, &predicted, &sightings);
        for (sighting, track) in sightings.into_iter().zip(matched.drain(..)) {
            match track.and_then(|index| self.tracks.get_mut(index)) {
                Some(track) => track.see(&sighting, micros, &mut output),
                None => self.begin(&sighting, micros, &mut output),
            }
        }
        self.expire(micros, &mut output);
        output
    }

    /// Ends everything, e.g. because nobody looks any more.
    pub fn end_all(&mut self) -> Vec<Track> {
        self.tracks.drain(..).filter(|track| track.confirmed).collect()
    }

    fn begin(&mut self, sighting: &Sighting, micros: i64, output: &mut TrackerOutput) {
        if self.tracks.len() >= TRACKS_MAX {
            return;
        }
        let id = TrackId(self.next);
        self.next = self.next.wrapping_add(1);
        let mut course = Course::default();
        course.see(&sighting.area, sighting.is_whole_thing());
        self.tracks.push(Track {
            id,
            label: sighting.label.clone(),
            score: sighting.score,
            area: sighting.area,
            best_area: sighting.area,
            first_micros: micros,
            last_micros: micros,
            best_quality: sighting.quality(),
            votes: vec![Vote::first(sighting)],
            course,
            velocity: (0.0, 0.0),
            hits: 1,
            confirmed: false,
        });
        output.better_looks.push(id);
    }

    fn expire(&mut self, micros: i64, output: &mut TrackerOutput) {
        self.tracks.retain(|track| {
            let unseen = micros.saturating_sub(track.last_micros);
            let limit = if track.confirmed { LOST_MICROS } else { TENTATIVE_MICROS };
            let gone = unseen > limit;
            if gone && track.confirmed {
                output.ended.push(track.clone());
            }
            !gone
        });
    }
}

impl Track {
    /// The ways it goes, or went last: at most one across the picture, and one towards the camera or
    /// away from it.
    pub fn directions(&self) -> Vec<Direction> {
        self.course.directions()
    }

    /// Where it should be at `micros` if it went on as before.
    fn predicted(&self, micros: i64) -> Rect {
        // Beyond half a second a straight line is no better than the last place.
        let ahead = micros.saturating_sub(self.last_micros).clamp(0, 500_000);
        let seconds = ahead as f32 / 1e6;
        Rect {
            x: self.area.x + self.velocity.0 * seconds,
            y: self.area.y + self.velocity.1 * seconds,
            ..self.area
        }
    }

    fn see(&mut self, sighting: &Sighting, micros: i64, output: &mut TrackerOutput) {
        let seconds = micros.saturating_sub(self.last_micros) as f32 / 1e6;
        if seconds > 0.0 {
            let centre = |area: &Rect| (area.x + area.w / 2.0, area.y + area.h / 2.0);
            let ((x, y), (old_x, old_y)) = (centre(&sighting.area), centre(&self.area));
            let blend = |old: f32, new: f32| (0.5 * old + 0.5 * new).clamp(-2.0, 2.0);
            self.velocity.0 = blend(self.velocity.0, (x - old_x) / seconds);
            self.velocity.1 = blend(self.velocity.1, (y - old_y) / seconds);
        }
        self.area = sighting.area;
        self.course.see(&sighting.area, sighting.is_whole_thing());
        self.last_micros = micros;
        self.hits = self.hits.saturating_add(1);
        self.vote(sighting);
        if !self.confirmed && self.hits >= HITS_TO_CONFIRM {
            self.confirmed = true;
            output.confirmed.push(self.id);
        }
        if sighting.quality() > self.best_quality * BETTER_LOOK {
            self.best_quality = sighting.quality();
            self.best_area = sighting.area;
            output.better_looks.push(self.id);
        }
    }

    fn vote(&mut self, sighting: &Sighting) {
        let room = self.votes.len() < LABELS_MAX;
        match self.votes.iter_mut().find(|vote| vote.label == sighting.label) {
            Some(vote) => {
                vote.weight += sighting.score;
                vote.best = vote.best.max(sighting.score);
            }
            None if room => self.votes.push(Vote::first(sighting)),
            None => {}
        }
        if let Some(winner) = self.votes.iter().max_by(|a, b| a.weight.total_cmp(&b.weight)) {
            self.label = winner.label.clone();
            self.score = winner.best;
        }
    }
}

#[cfg(test)]
mod tests;
