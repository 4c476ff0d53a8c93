//! One camera's way through the worker: gate, decoder, motion, objects, tracks.
//!
//! Frames wait in an inbox and are taken strictly one after the other, in steps of at most one
//! decoded picture, so that cameras take turns and no camera is silent for long. A camera that
//! lags behind skips to its newest key frame, and the frames left out are counted.

use std::time::Instant;

use hearth_gate::{AccessUnit, Budget, Decision, Gate};
use hearth_media::{Frame, MediaTime, VideoParameters};
use hearth_model::{DetectionSettings, Label, Point, Rect};
use hearth_vision::{Detection, Motion, MotionBox, Sighting, coco_label, motion_region, sharpness};

use super::{
    decoder::{DecodeFault, Decoder},
    detector::Detector,
    face_watch::FaceWatch,
    faces::Faces,
    picture::Picture,
    ring::Ring,
    scene::Scene,
};
use crate::{
    UndecodableReason,
    wire::{FromWorker, Slot, WorkerCounters},
};

/// Pictures are compared five times a second; a little less than 200 ms lets 15 and 25 frames a
/// second come out even.
const LOOK_MICROS: i64 = 190_000;

/// A camera this far behind its newest frame skips ahead.
const LAG_MICROS_MAX: i64 = 3_000_000;

/// A box of the detector counts as moving when at least this share of it changed: a parked car
/// next to a walker did not.
const MOVING_SHARE_MIN: f32 = 0.05;

/// A box of the detector is ignored when more of it than this is masked.
const MASKED_SHARE_MAX: f32 = 0.7;

/// What the pipes of all cameras share.
pub(crate) struct Shared {
    /// The object model, if one is loaded.
    pub(crate) detector: Option<Detector>,
    /// The face model, once somebody wanted it; inside, `None` if there is none.
    pub(crate) faces: Option<Option<Faces>>,
    /// Decoding time.
    pub(crate) budget: Budget<Slot>,
    /// Start of the worker's clock.
    pub(crate) started: Instant,
    /// Called with the bytes of each access unit before they are decoded; for tests of crashes.
    pub(crate) before_decode: fn(&[u8]),
}

impl Shared {
    fn micros(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// The face model, loaded when it is wanted for the first time.
    pub(crate) fn faces(&mut self) -> Option<&Faces> {
        self.faces.get_or_insert_with(Faces::load).as_ref()
    }

    /// Runs something and takes its duration from the camera's budget.
    fn spend<T>(&mut self, slot: Slot, work: impl FnOnce(&mut Self) -> T) -> T {
        let start = Instant::now();
        let result = work(self);
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.budget.spend(slot, micros);
        result
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// Take the next frame from the inbox.
    Next,
    /// Decode the newest key frame by itself.
    Look,
    /// Decode what is in the ring.
    CatchUp,
}

/// One camera.
pub(crate) struct Pipe {
    slot: Slot,
    settings: DetectionSettings,
    decoder: Result<Decoder, Option<UndecodableReason>>,
    gate: Gate,
    motion: Motion,
    scene: Scene,
    face_watch: FaceWatch,
    inbox: Ring,
    ring: Ring,
    /// The group of pictures before the one in the ring, if it was passed over: whoever made a key
    /// frame look different came during it.
    passed: Ring,
    /// The key frame that was looked at by itself and left the ring.
    looked: Option<Frame>,
    want: Want,
    waiting_for_key: bool,
    /// Catching up could not be afforded; it is tried again with the next frame.
    put_off: bool,
    /// So many key frames in the ring were decoded once and counted.
    keys_counted: u64,
    last_look: Option<MediaTime>,
    last_arrival: Instant,
    counters: WorkerCounters,
}

impl Pipe {
    /// A camera that nothing is known of yet.
    pub(crate) fn new(slot: Slot, settings: DetectionSettings) -> Self {
        Self {
            slot,
            decoder: Err(None),
            gate: Gate::new(settings.always_decode),
            motion: Motion::new(settings.masks.clone(), settings.area_min),
            scene: Scene::new(slot, &settings),
            face_watch: FaceWatch::default(),
            inbox: Ring::default(),
            ring: Ring::default(),
            passed: Ring::default(),
            looked: None,
            want: Want::Next,
            waiting_for_key: true,
            put_off: false,
            keys_counted: 0,
            last_look: None,
            last_arrival: Instant::now(),
            counters: WorkerCounters::default(),
            settings,
        }
    }

    /// Looks with other settings from now on.
    pub(crate) fn update(&mut self, settings: DetectionSettings) {
        self.gate.set_always_decode(settings.always_decode);
        self.motion.update(settings.masks.clone(), settings.area_min);
        self.scene.update(&settings);
        self.settings = settings;
    }

    /// What the next frames are coded with. Gives what the hub is to be told.
    pub(crate) fn set_parameters(&mut self, video: VideoParameters) -> Vec<FromWorker> {
        self.counters.dropped += self.inbox.clear() + self.ring.clear();
        self.interrupt();
        let mut told = self.scene.end_all();
        self.decoder = Decoder::new(video).map_err(Some);
        told.push(FromWorker::State(self.slot, self.decoder.as_ref().err().copied().flatten()));
        told
    }

    /// Takes a frame; it is looked at in later steps.
    pub(crate) fn offer(&mut self, frame: Frame) {
        self.counters.received += 1;
        self.last_arrival = Instant::now();
        self.put_off = false;
        if self.inbox.push(frame).is_err() {
            self.counters.dropped += 1 + self.inbox.clear();
            self.interrupt();
        }
        let behind = self.inbox.last().zip(self.inbox.first());
        if behind
            .is_some_and(|(newest, oldest)| newest.pts.micros_since(oldest.pts) > LAG_MICROS_MAX)
        {
            let skipped = self.inbox.skip_to_last_key();
            if skipped > 0 {
                self.counters.dropped += skipped + self.ring.clear();
                self.interrupt();
            }
        }
    }

    /// Whether there is anything to do now.
    pub(crate) fn has_work(&self) -> bool {
        let behind = self.want == Want::CatchUp && !self.ring.is_empty() && !self.put_off;
        !self.inbox.is_empty() || self.want == Want::Look || behind
    }

    /// What happened to the frames so far.
    pub(crate) fn counters(&self) -> WorkerCounters {
        let gate = self.gate.counters();
        WorkerCounters {
            wakeups_size: gate.wakeups_size,
            wakeups_key: gate.wakeups_key,
            wakeups_false: gate.wakeups_false,
            ..self.counters
        }
    }

    /// Ends all activities, e.g. because no frame came for a while.
    pub(crate) fn end_all(&mut self) -> Vec<FromWorker> {
        self.scene.end_all()
    }

    /// Since when no frame came, if anything is being followed.
    pub(crate) fn silent_since(&self) -> Option<Instant> {
        (!self.scene.is_empty()).then_some(self.last_arrival)
    }

    /// Does one step of work: at most one picture is decoded. Gives what the hub is to be told.
    pub(crate) fn step(&mut self, shared: &mut Shared) -> Vec<FromWorker> {
        if self.want == Want::Look {
            self.want = Want::Next;
            return self.look(shared);
        }
        let behind = self.want == Want::CatchUp && !self.ring.is_empty();
        if behind && self.may_follow(shared) {
            return self.decode_next(shared);
        }
        match self.inbox.pop() {
            Some(frame) => self.accept(frame, shared),
            None => Vec::new(),
        }
    }

    fn may_follow(&mut self, shared: &mut Shared) -> bool {
        let micros = shared.micros();
        self.put_off = !shared.budget.may(self.slot, self.gate.need(), micros);
        !self.put_off
    }

    /// Lets the gate decide about the next frame.
    fn accept(&mut self, frame: Frame, shared: &mut Shared) -> Vec<FromWorker> {
        if self.decoder.is_err() {
            self.counters.dropped += 1;
            return Vec::new();
        }
        if frame.after_loss && !frame.is_key {
            self.interrupt();
        }
        if self.waiting_for_key && !frame.is_key {
            self.counters.dropped += 1;
            return Vec::new();
        }
        if frame.is_key {
            self.pass_over_ring();
            self.waiting_for_key = false;
        }
        let bytes = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
        let was_awake = self.gate.is_awake();
        let unit = AccessUnit { pts: frame.pts, is_key: frame.is_key, bytes };
        let decision = self.gate.offer(unit);
        if self.ring.push(frame).is_err() {
            self.counters.dropped += 1 + self.ring.clear();
            self.interrupt();
            return Vec::new();
        }
        match decision {
            Decision::Skip => self.want = Want::Next,
            Decision::Look => self.want = Want::Look,
            Decision::Decode => self.want = Want::CatchUp,
            Decision::Wake(_) if self.may_follow(shared) => self.want = Want::CatchUp,
            Decision::Wake(_) => self.gate.deferred(),
        }
        if was_awake && !self.gate.is_awake() { self.scene.end_all() } else { Vec::new() }
    }

    /// A new key frame came: what was not decoded before it never will be.
    fn pass_over_ring(&mut self) {
        let left = self.ring.len();
        let counted = std::mem::take(&mut self.keys_counted);
        if self.gate.is_awake() {
            self.counters.dropped += left.saturating_sub(counted);
        } else {
            self.counters.gate_skipped += left.saturating_sub(counted);
        }
        self.remember_passed();
        if left > 0
            && let Ok(decoder) = &mut self.decoder
        {
            decoder.restart();
        }
    }

    /// Keeps the group in the ring for as long as the next one lasts, if all of it was passed over.
    fn remember_passed(&mut self) {
        self.passed.clear();
        let group = self.looked.take().into_iter().chain(std::iter::from_fn(|| self.ring.pop()));
        for frame in group {
            let fits = frame.is_key || !self.passed.is_empty();
            if !fits || self.passed.push(frame).is_err() {
                self.passed.clear();
            }
        }
        self.ring.clear();
    }

    /// Puts the group before the key frame that was looked at into the ring too.
    fn rewind(&mut self, key: Frame) {
        let first_key_too = u64::from(!self.passed.is_empty());
        let undecoded = self.passed.len().saturating_sub(first_key_too);
        std::mem::swap(&mut self.ring, &mut self.passed);
        self.passed.clear();
        if self.ring.push(key).is_err() {
            return self.interrupt();
        }
        self.keys_counted = 1 + first_key_too;
        self.counters.gate_skipped = self.counters.gate_skipped.saturating_sub(undecoded);
        if let Ok(decoder) = &mut self.decoder {
            decoder.restart();
        }
    }

    /// Something is missing: nothing can be decoded before the next key frame.
    fn interrupt(&mut self) {
        self.counters.dropped += self.ring.clear();
        self.passed.clear();
        self.looked = None;
        self.keys_counted = 0;
        self.waiting_for_key = true;
        self.want = Want::Next;
        self.gate.interrupted();
        if let Ok(decoder) = &mut self.decoder {
            decoder.restart();
        }
    }

    /// Decodes the key frame in the ring by itself and shows it to the gate.
    fn look(&mut self, shared: &mut Shared) -> Vec<FromWorker> {
        let (Some(frame), Ok(decoder)) = (self.ring.pop(), &mut self.decoder) else {
            return Vec::new();
        };
        (shared.before_decode)(&frame.data);
        let decoded = shared.spend(self.slot, |_| {
            decoder.restart();
            let mut pictures = decoder.decode(&frame)?;
            pictures.extend(decoder.finish());
            Ok(pictures.pop())
        });
        let again = decoder.look_ends_sequence();
        let picture = match decoded {
            Ok(picture) => picture,
            Err(fault) => return self.refused(fault),
        };
        self.counters.decoded += 1;
        let differs = picture.as_ref().is_some_and(|picture| self.differs(picture));
        if differs {
            self.want = Want::CatchUp;
            self.rewind(frame);
        } else if again {
            self.keys_counted = u64::from(self.ring.push(frame).is_ok());
        } else {
            self.looked = Some(frame);
        }
        Vec::new()
    }

    /// Shows a key frame to the gate; whether it woke.
    fn differs(&mut self, picture: &Picture) -> bool {
        let Some(luma) = picture.luma() else { return false };
        let masks = &self.settings.masks;
        let ignored = |x: f32, y: f32| masks.iter().any(|mask| mask.contains(Point { x, y }));
        let differs = self.gate.looked(picture.pts, luma, ignored);
        if !differs {
            // Keeps the background of a sleeping camera up to date.
            self.motion.look(luma, picture.pts.as_micros());
            self.last_look = Some(picture.pts);
        }
        differs
    }

    /// Decodes the oldest frame in the ring.
    fn decode_next(&mut self, shared: &mut Shared) -> Vec<FromWorker> {
        let (Some(frame), Ok(decoder)) = (self.ring.pop(), &mut self.decoder) else {
            return Vec::new();
        };
        (shared.before_decode)(&frame.data);
        let decoded = shared.spend(self.slot, |_| decoder.decode(&frame));
        self.looked = None;
        let counted = frame.is_key && self.keys_counted > 0;
        self.keys_counted -= u64::from(counted);
        match decoded {
            Ok(pictures) => {
                self.counters.decoded += u64::from(!counted);
                let due = pictures.into_iter().find(|picture| self.is_due(picture.pts));
                due.map_or_else(Vec::new, |picture| self.analyse(&picture, shared))
            }
            Err(fault) => self.refused(fault),
        }
    }

    /// Whether it is time to compare a picture. Pictures shown before the last compared one (B
    /// pictures come later than they are shown) are passed over.
    fn is_due(&self, pts: MediaTime) -> bool {
        self.last_look.is_none_or(|last| {
            // Far back: the clock of the stream was set anew.
            !(-LAG_MICROS_MAX..LOOK_MICROS).contains(&pts.micros_since(last))
        })
    }

    fn refused(&mut self, fault: DecodeFault) -> Vec<FromWorker> {
        self.counters.failed += 1;
        self.interrupt();
        let DecodeFault::Undecodable(reason) = fault else { return Vec::new() };
        self.counters.dropped += self.inbox.clear();
        self.decoder = Err(Some(reason));
        let mut told = self.scene.end_all();
        told.push(FromWorker::State(self.slot, Some(reason)));
        told
    }

    /// Compares a picture with the background, finds out what moves, and follows it.
    fn analyse(&mut self, picture: &Picture, shared: &mut Shared) -> Vec<FromWorker> {
        let Some(luma) = picture.luma() else { return Vec::new() };
        self.counters.analysed += 1;
        self.last_look = Some(picture.pts);
        let report = self.motion.look(luma, picture.pts.as_micros());
        self.gate.verified(picture.pts, !report.boxes.is_empty());
        let sightings = match &shared.detector {
            _ if report.scene_changed => Vec::new(),
            Some(_) => {
                let slot = self.slot;
                shared.spend(slot, |shared| self.objects(picture, &report.boxes, shared))
            }
            None => report.boxes.iter().map(motion_sighting).collect(),
        };
        let sharp = |sighting: Sighting| Sighting {
            sharpness: sharpness(luma, &sighting.area),
            ..sighting
        };
        let mut told = self.scene.observe(picture, sightings.into_iter().map(sharp).collect());
        if self.settings.describes_faces() {
            told.extend(self.face(picture, shared));
        }
        told
    }

    /// The face of one of those who are followed, if a look is due.
    fn face(&mut self, picture: &Picture, shared: &mut Shared) -> Option<FromWorker> {
        let people = self.scene.people();
        let track = self.face_watch.next(people.iter().map(|(track, _)| *track), picture.pts)?;
        let (_, area) = people.iter().find(|(followed, _)| *followed == track)?;
        let mut found = shared.spend(self.slot, |shared| shared.faces()?.of_person(picture, area));
        self.face_watch.looked(track, picture.pts, found.as_mut());
        let face = Box::new(found?);
        Some(FromWorker::Face { slot: self.slot, track: track.0, at: picture.pts, face })
    }

    /// What the detector sees where something moves or was seen before; with motion asked for by
    /// name, also what moves and has no name.
    fn objects(
        &mut self,
        picture: &Picture,
        moving: &[MotionBox],
        shared: &Shared,
    ) -> Vec<Sighting> {
        let known = self.scene.known_areas();
        let region = motion_region(moving, &known, picture.width, picture.height);
        let (Some(detector), Some(region)) = (&shared.detector, region) else {
            return Vec::new();
        };
        self.counters.detector_runs += 1;
        let found = detector.detect(picture, region, self.settings.score_min);
        let mut sightings: Vec<Sighting> =
            found.iter().filter_map(|one| self.object_sighting(one, moving, &known)).collect();
        if self.settings.labels.contains(&Label::motion()) {
            let nameless = moving.iter().filter(|area| {
                !found.iter().any(|one| one.area.intersection(&area.area).area() > 0.0)
            });
            sightings.extend(nameless.map(motion_sighting));
        }
        sightings
    }

    fn object_sighting(
        &self,
        found: &Detection,
        moving: &[MotionBox],
        known: &[Rect],
    ) -> Option<Sighting> {
        let label = coco_label(found.class)?;
        let wanted = self.settings.labels.is_empty() || self.settings.labels.contains(&label);
        let masked = self.motion.mask().share(&found.area) > MASKED_SHARE_MAX;
        let changed: f32 = moving
            .iter()
            .map(|area| area.area.intersection(&found.area).area() * area.density)
            .sum();
        let moves = changed >= MOVING_SHARE_MIN * found.area.area();
        let followed = known.iter().any(|area| area.iou(&found.area) > 0.3);
        (wanted && !masked && (moves || followed)).then_some(Sighting {
            label,
            score: found.score,
            area: found.area,
            sharpness: 0.0,
        })
    }
}

fn motion_sighting(moving: &MotionBox) -> Sighting {
    Sighting {
        label: Label::motion(),
        score: moving.density.clamp(0.0, 1.0),
        area: moving.area,
        sharpness: 0.0,
    }
}

#[cfg(test)]
mod tests;
