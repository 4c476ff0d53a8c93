//! Turns what the eyes report into facts, pictures and footage that is kept.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use hearth_eyes::{CameraCounters, EyesReport};
use hearth_media::MediaTime;
use hearth_model::{
    CameraId, Direction, Event, EventBody, EventId, EyesState, Label, Rect, ZoneId,
};
use tokio::sync::mpsc;

use crate::{
    camera::handle::Camera, faces::Privacy, house::House, pictures, review::Candidate,
    visits::Signal,
};

/// Tracks that can be open at once over all cameras; the eyes' own limits are lower.
const OPEN_MAX: usize = 4_096;

/// So much surer is worth a fact: a rule that waits for 80 percent is not to miss who was taken for
/// somebody at 60.
const SURER_BY: f32 = 0.2;

/// Follows the reports until the eyes are gone.
pub(crate) async fn follow(house: Arc<House>, mut reports: mpsc::Receiver<EyesReport>) {
    let mut activities = Activities { house, open: HashMap::new(), early: HashMap::new() };
    while let Some(report) = reports.recv().await {
        activities.take(report).await;
    }
}

fn is_person(label: &Label) -> bool {
    label.as_str() == "person"
}

struct Activities {
    house: Arc<House>,
    open: HashMap<(CameraId, u64), Open>,
    /// What the eyes said of cameras that are not in the house's list yet: they begin to look while
    /// a camera is still being started.
    early: HashMap<CameraId, EyesState>,
}

struct Open {
    event: EventId,
    told: Told,
    best: BestLook,
}

/// What the last fact of a track said.
struct Told {
    label: Label,
    score: f32,
    zones: Vec<ZoneId>,
    directions: Vec<Direction>,
}

/// When a track was seen best as what it is taken for, as far as the eyes told.
struct BestLook {
    at: MediaTime,
    score: f32,
    area: Rect,
}

impl Open {
    /// Takes what the eyes told of it now.
    fn see(&mut self, look: &Look) {
        if look.score >= self.best.score || look.label != self.told.label {
            self.best = BestLook::of(look);
        }
    }
}

impl Told {
    fn of(look: &Look, zones: &[ZoneId], directions: &[Direction]) -> Self {
        let (label, score) = (look.label.clone(), look.score);
        Self { label, score, zones: zones.to_vec(), directions: directions.to_vec() }
    }

    /// Whether what is known now is worth another fact.
    fn is_old(&self, now: &Self) -> bool {
        self.label != now.label
            || now.score >= self.score + SURER_BY
            || self.zones != now.zones
            || self.directions != now.directions
    }
}

impl BestLook {
    fn of(look: &Look) -> Self {
        Self { at: look.at, score: look.score, area: look.area }
    }
}

/// What the eyes saw of a track at one moment.
struct Look {
    camera: CameraId,
    track: u64,
    at: MediaTime,
    label: Label,
    score: f32,
    area: Rect,
}

impl Activities {
    async fn take(&mut self, report: EyesReport) {
        match report {
            EyesReport::ActivityStarted { camera, track, at, label, score, area, zones } => {
                self.start(&Look { camera, track, at, label, score, area }, zones).await;
            }
            EyesReport::ActivityUpdated {
                camera,
                track,
                at,
                label,
                score,
                area,
                zones,
                directions,
            } => {
                let look = Look { camera, track, at, label, score, area };
                self.recognize(look, zones, directions).await;
            }
            EyesReport::ActivityEnded { camera, track, at, label, score, area, thumbnail } => {
                self.end(Look { camera, track, at, label, score, area }, thumbnail).await;
            }
            EyesReport::FaceSeen { camera, track, face, .. } => {
                self.say(Signal::Face { camera, track, face });
            }
            EyesReport::Counters { camera, counters } => self.count(camera, counters),
            EyesReport::State { camera, state, .. } => self.set_state(camera, state),
            EyesReport::WorkerStarted => self.append(EventBody::EyesStarted).await,
            EyesReport::WorkerStopped { cause } => {
                self.append(EventBody::EyesStopped { cause: format!("{cause:?}") }).await;
            }
        }
    }

    async fn start(&mut self, look: &Look, zones: Vec<ZoneId>) {
        let Some(camera) = self.house.cameras.get(look.camera) else { return };
        if self.open.len() >= OPEN_MAX || !camera.wants(&look.label) {
            return;
        }
        let at = self.house.clock.wall_at(look.at);
        let (told, best) = (Told::of(look, &zones, &[]), BestLook::of(look));
        let body = EventBody::ActivityNoticed {
            camera: look.camera,
            label: look.label.clone(),
            score: look.score,
            area: look.area,
            zones,
        };
        let event = Event::new(at, body);
        if is_person(&told.label) && camera.settings().detection.visits {
            self.say(Signal::Came { camera: look.camera, track: look.track });
        }
        self.open.insert((look.camera, look.track), Open { event: event.id, told, best });
        camera.activity_began();
        self.house.events.append(event).await;
    }

    async fn recognize(&mut self, look: Look, zones: Vec<ZoneId>, directions: Vec<Direction>) {
        let number = (look.camera, look.track);
        if !self.open.contains_key(&number) {
            // It may have become something that is wanted only now.
            self.start(&look, zones.clone()).await;
        }
        let Some(open) = self.open.get_mut(&number) else { return };
        open.see(&look);
        let now = Told::of(&look, &zones, &directions);
        if !open.told.is_old(&now) {
            return;
        }
        let was = std::mem::replace(&mut open.told, now);
        let activity = open.event;
        let is_door = |camera: Arc<Camera>| camera.settings().detection.visits;
        let became_person = is_person(&look.label) && !is_person(&was.label);
        if became_person && self.house.cameras.get(look.camera).is_some_and(is_door) {
            self.say(Signal::Came { camera: look.camera, track: look.track });
        }
        let body = EventBody::ActivityRecognized {
            camera: look.camera,
            activity,
            label: look.label,
            score: look.score,
            area: look.area,
            zones,
            directions,
        };
        let at = self.house.clock.wall_at(look.at);
        self.house.events.append(Event::new(at, body)).await;
    }

    async fn end(&mut self, look: Look, thumbnail: Option<Bytes>) {
        let Some(open) = self.open.remove(&(look.camera, look.track)) else { return };
        let kept = match thumbnail.filter(|_| !self.hides_people(look.camera)) {
            Some(jpeg) => pictures::keep(&self.house, look.camera, open.event, jpeg).await,
            None => false,
        };
        if let Some(camera) = self.house.cameras.get(look.camera) {
            camera.activity_ended(look.at);
        }
        self.say(Signal::Left { camera: look.camera, track: look.track });
        let body = EventBody::ActivityEnded {
            camera: look.camera,
            activity: open.event,
            label: look.label.clone(),
            score: look.score,
            thumbnail: kept,
        };
        let at = self.house.clock.wall_at(look.at);
        self.house.events.append(Event::new(at, body)).await;
        self.house.note_score(look.camera, &look.label, at, look.score).await;
        self.house.review.offer(Candidate {
            event: open.event,
            camera: look.camera,
            at: self.house.clock.wall_at(open.best.at),
            label: look.label,
            score: look.score,
            area: open.best.area,
        });
    }

    /// Whether no picture of whoever comes to this camera's door may be kept as it is (promise D-06).
    fn hides_people(&self, camera: CameraId) -> bool {
        let is_door = |camera: Arc<Camera>| camera.settings().detection.visits;
        self.house.faces.settings().privacy == Privacy::Strict
            && self.house.cameras.get(camera).is_some_and(is_door)
    }

    fn say(&self, signal: Signal) {
        self.house.visits.say(signal);
    }

    fn count(&mut self, id: CameraId, counters: CameraCounters) {
        let Some(camera) = self.house.cameras.get(id) else { return };
        camera.set_eyes_counters(counters);
        if let Some(state) = self.early.remove(&id) {
            camera.set_eyes_state(state);
        }
    }

    fn set_state(&mut self, id: CameraId, state: EyesState) {
        match self.house.cameras.get(id) {
            Some(camera) => {
                self.early.remove(&id);
                camera.set_eyes_state(state);
            }
            None if self.early.len() < hearth_store::CAMERAS_MAX => {
                self.early.insert(id, state);
            }
            None => {}
        }
    }

    async fn append(&self, body: EventBody) {
        let at = self.house.clock.wall_now();
        self.house.events.append(Event::new(at, body)).await;
    }
}
