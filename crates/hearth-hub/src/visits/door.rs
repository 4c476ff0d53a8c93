//! What happens at doors: presses and people become visits, faces are gathered, and whoever should
//! know is told.
//!
//! One task takes what the eyes and the bells say, in order. Looking at pictures takes a tenth of a
//! second and more, so it happens in tasks of its own that report back here.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use hearth_eyes::{Eyes, FacesIn, SeenFace, StillWish};
use hearth_face::Identity;
use hearth_model::{CameraId, EventBody, EventId, Rect, VisitId, VisitTrigger, WallTime};
use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{Desk, gathering::Decision, open_visit::OpenVisit};
use crate::{error::Chain, faces::Privacy, house::House};

/// What waits for the task; more at once means that it hangs.
pub(super) const SIGNALS_MAX: usize = 256;

/// How often visits are looked at.
const TICK: Duration = Duration::from_secs(1);

/// Looks after a ring: enough views to name somebody, and time for a face to turn up.
const LOOKS_AFTER_RING: u32 = 6;

/// Looks when somebody comes: the track brings more.
const LOOKS_AFTER_APPROACH: u32 = 1;

/// A ring is told after this, with or without a face.
const FIRST_LOOK_LIMIT: Duration = Duration::from_millis(700);

/// The eyes answer sooner, or not at all.
const LOOK_LIMIT: Duration = Duration::from_secs(8);

/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(250);

/// Whoever comes without ringing gets this long to show their face before anybody is told.
const APPROACH_PATIENCE_MICROS: i64 = 3_000_000;

/// Pictures of visits are at most this wide.
const PICTURE_WIDTH_MAX: u16 = 960;

/// What is said of a door.
pub(crate) enum Signal {
    /// Somebody rang, or pressed a button that does.
    Rang { camera: CameraId, trigger: VisitTrigger, answer: Option<oneshot::Sender<VisitId>> },
    /// A person came.
    Came { camera: CameraId, track: u64 },
    /// They left.
    Left { camera: CameraId, track: u64 },
    /// A face was seen.
    Face { camera: CameraId, track: u64, face: Box<SeenFace> },
    /// The whole picture was looked at.
    Looked { visit: VisitId, camera: CameraId, look: Option<Look> },
}

/// What was seen in a whole picture.
pub(crate) struct Look {
    /// The faces; `None` where nobody looks for them.
    faces: Option<Vec<SeenFace>>,
    picture: Option<Bytes>,
}

/// Follows the doors until the hub ends.
pub(crate) async fn run(house: Arc<House>, mut signals: mpsc::Receiver<Signal>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // What is open then, the end of the hub closes in its own order.
            () = house.ended() => return,
            Some(signal) = signals.recv() => house.take_signal(signal).await,
            _ = ticks.tick() => house.end_visits(false).await,
        }
    }
}

impl House {
    async fn take_signal(self: &Arc<Self>, signal: Signal) {
        let now = self.clock.wall_now();
        let mut desk = self.visits.desk().await;
        match signal {
            Signal::Rang { camera, trigger, answer } => {
                let visit = self.ring(&mut desk, camera, trigger, now).await;
                if let Some((answer, visit)) = answer.zip(visit) {
                    answer.send(visit).ok();
                }
            }
            Signal::Came { camera, track } => {
                if let Some(visit) = self.open(&mut desk, camera, VisitTrigger::Approach, now).await
                {
                    visit.tracks.insert(track);
                    visit.signal(now);
                }
            }
            Signal::Left { camera, track } => {
                if let Some(visit) = desk.open.get_mut(&camera) {
                    visit.tracks.remove(&track);
                    visit.signal(now);
                }
            }
            Signal::Face { camera, track, face } => {
                self.take_face(&mut desk, camera, track, *face, now).await;
            }
            Signal::Looked { visit, camera, look } => {
                self.take_look(&mut desk, visit, camera, look, now).await;
            }
        }
    }

    /// A ring begins a visit, or belongs to the one that goes on.
    async fn ring(
        self: &Arc<Self>,
        desk: &mut Desk,
        camera: CameraId,
        trigger: VisitTrigger,
        now: WallTime,
    ) -> Option<VisitId> {
        let was_open = desk.open.contains_key(&camera);
        let visit = self.open(desk, camera, trigger, now).await?;
        visit.signal(now);
        let id = visit.id;
        if was_open {
            // Whoever came has rung now, and that is news.
            (visit.trigger, visit.told) = (trigger, None);
            self.look_at_door(id, camera, LOOKS_AFTER_RING);
        }
        Some(id)
    }

    /// The visit that goes on at a camera; a new one begins if there is none.
    async fn open<'a>(
        self: &Arc<Self>,
        desk: &'a mut Desk,
        camera: CameraId,
        trigger: VisitTrigger,
        now: WallTime,
    ) -> Option<&'a mut OpenVisit> {
        let place = match desk.open.entry(camera) {
            Entry::Occupied(open) => return Some(open.into_mut()),
            Entry::Vacant(place) => place,
        };
        self.cameras.get(camera)?.activity_began();
        let visit = OpenVisit::begin(camera, trigger, now);
        let id = visit.id;
        self.put_open_visit(&visit).await;
        self.note(EventBody::VisitBegan { visit: id, camera, trigger }).await;
        let rang = trigger != VisitTrigger::Approach;
        let looks = if rang { LOOKS_AFTER_RING } else { LOOKS_AFTER_APPROACH };
        self.look_at_door(id, camera, looks);
        Some(place.insert(visit))
    }

    async fn take_face(
        self: &Arc<Self>,
        desk: &mut Desk,
        camera: CameraId,
        track: u64,
        face: SeenFace,
        now: WallTime,
    ) {
        // Without an object model nothing says that it is a person; a good face does.
        if !desk.open.contains_key(&camera) && !face.quality.is_good() {
            return;
        }
        let identity = self.people.identify(&face.template, &face.quality, now);
        let watched = self.watch_list.identify(&face.template, &face.quality, now);
        let approach = VisitTrigger::Approach;
        let Some(visit) = self.open(desk, camera, approach, now).await else { return };
        visit.signal(now);
        visit.checked = true;
        visit.gathering.take(Some(track), face, &identity, &watched);
        self.tell_if_watched(visit).await;
        self.tell_if_due(visit, now, None).await;
    }

    async fn take_look(
        self: &Arc<Self>,
        desk: &mut Desk,
        id: VisitId,
        camera: CameraId,
        look: Option<Look>,
        now: WallTime,
    ) {
        let Some(visit) = desk.open.get_mut(&camera).filter(|visit| visit.id == id) else { return };
        let mut picture = None;
        if let Some(look) = look {
            visit.checked |= look.faces.is_some();
            for face in look.faces.into_iter().flatten() {
                let identity = self.people.identify(&face.template, &face.quality, now);
                let watched = self.watch_list.identify(&face.template, &face.quality, now);
                visit.gathering.take(None, face, &identity, &watched);
            }
            self.tell_if_watched(visit).await;
            picture = look.picture;
            if let (None, Some(jpeg)) = (visit.picture, &picture) {
                visit.picture = self.keep_visit_picture(camera, jpeg).await;
            }
        }
        self.tell_if_due(visit, now, picture).await;
    }

    /// Keeps what became known, and tells whoever should know, once it is worth telling.
    async fn tell_if_due(
        self: &Arc<Self>,
        visit: &mut OpenVisit,
        now: WallTime,
        picture: Option<Bytes>,
    ) {
        let decisions = visit.gathering.decisions();
        if visit.told.as_ref() == Some(&decisions) {
            return;
        }
        let waited = now.as_micros().saturating_sub(visit.started_at.as_micros());
        let is_sure = decisions.iter().any(|(decision, _)| *decision == Decision::Known);
        let rang = visit.trigger != VisitTrigger::Approach;
        if !(rang || is_sure || waited >= APPROACH_PATIENCE_MICROS) {
            return;
        }
        visit.told = Some(decisions);
        self.keep_face_pictures(visit).await;
        self.put_open_visit(visit).await;
        self.note(EventBody::VisitChanged { visit: visit.id, camera: visit.camera }).await;
        self.tell_visit(visit, picture).await;
    }

    /// Looks at the whole picture of a camera some times, and reports each look.
    fn look_at_door(self: &Arc<Self>, visit: VisitId, camera: CameraId, looks: u32) {
        let house = Arc::clone(self);
        tokio::spawn(async move {
            for number in 0..looks {
                if number > 0 {
                    sleep(LOOK_PAUSE).await;
                }
                let looking = house.look(camera, number == 0);
                // Somebody waits to be told that it rings, whatever becomes of the first look.
                let limit = if number == 0 { FIRST_LOOK_LIMIT } else { LOOK_LIMIT };
                let look = timeout(limit, looking).await.unwrap_or_default();
                if house.visits.send(Signal::Looked { visit, camera, look }).await.is_err() {
                    return;
                }
            }
        });
    }

    /// The newest picture of a camera, with those hidden who are to be; `None` where nobody can say
    /// where faces are (promise D-06).
    pub(crate) async fn picture_now(&self, camera: CameraId) -> Option<Bytes> {
        let look = timeout(LOOK_LIMIT, self.look(camera, true)).await;
        look.ok().flatten()?.picture
    }

    /// One look at the newest picture: faces, and the picture with those hidden who are to be.
    async fn look(&self, camera: CameraId, with_picture: bool) -> Option<Look> {
        let camera = self.cameras.get(camera)?;
        let group = camera.live().newest_group().await?;
        let mut faces = None;
        if camera.settings().detection.describes_faces() {
            let frames = FacesIn::Frames(Arc::clone(&group.parameters), group.frames.clone());
            faces = Some(self.faces_in(frames).await.ok()?);
        }
        let hidden = self.to_hide(faces.as_deref()).filter(|_| with_picture);
        let picture = match (hidden, &self.eyes) {
            (Some(hidden), Some(eyes)) => {
                let wish = StillWish { width_max: Some(PICTURE_WIDTH_MAX), hidden };
                let still = eyes.still(&group.parameters, group.frames, &wish).await;
                still.inspect_err(|error| tracing::debug!(%error, "no picture of a visit")).ok()
            }
            _ => None,
        };
        Some(Look { faces, picture: picture.map(|jpeg| jpeg.bytes) })
    }

    /// Where faces are that are not to be shown; `None` if nobody can say where they all are, and
    /// there must be no picture (promises D-06, D-33).
    fn to_hide(&self, faces: Option<&[SeenFace]>) -> Option<Vec<Rect>> {
        let privacy = self.faces.settings().privacy;
        if privacy == Privacy::Minimal {
            return Some(Vec::new());
        }
        let all = faces.filter(|faces| faces.len() < Eyes::FACES_MAX)?;
        let now = self.clock.wall_now();
        let is_shown = |face: &&SeenFace| {
            let identity = self.people.identify(&face.template, &face.quality, now);
            privacy == Privacy::Moderate && matches!(identity, Identity::Known(_))
        };
        Some(all.iter().filter(|face| !is_shown(face)).map(|face| face.area).collect())
    }

    /// Ends visits at which nobody is any more, or all of them.
    pub(crate) async fn end_visits(self: &Arc<Self>, all: bool) {
        let now = self.clock.wall_now();
        let mut desk = self.visits.desk().await;
        let desk = &mut *desk;
        desk.strangers.forget_old(now);
        let over: Vec<CameraId> = desk
            .open
            .iter()
            .filter(|(_, visit)| all || visit.is_over(now))
            .map(|(camera, _)| *camera)
            .collect();
        for visit in desk.open.values_mut() {
            self.tell_if_due(visit, now, None).await;
        }
        for camera in over {
            let Some(mut visit) = desk.open.remove(&camera) else { continue };
            visit.end();
            self.keep_face_pictures(&mut visit).await;
            let mut visitors = BTreeMap::new();
            for (place, face) in visit.gathering.faces.iter().enumerate() {
                if let (Decision::Unknown, Some((_, best))) = (face.decision().0, face.best()) {
                    visitors.insert(place, desk.strangers.see(&best.template, visit.id, now));
                }
            }
            let document = visit.document(&visitors);
            self.put_visit(&visit, &document, Some(visit.last_signal)).await;
            if let Some(camera) = self.cameras.get(camera) {
                camera.activity_ended(self.clock.stream_now());
            }
            self.note(EventBody::VisitEnded { visit: visit.id, camera }).await;
            desk.strangers.remember(visit.id, now, visit.gathering);
        }
    }

    pub(super) async fn put_open_visit(&self, visit: &OpenVisit) {
        let document = visit.document(&BTreeMap::new());
        self.put_visit(visit, &document, None).await;
    }

    async fn put_visit(
        &self,
        visit: &OpenVisit,
        document: &super::document::VisitDocument,
        ended_at: Option<WallTime>,
    ) {
        let sealed = match document.seal(self, visit.camera) {
            Ok(sealed) => sealed,
            Err(error) => return tracing::warn!(%error, "a visit was not kept"),
        };
        let stored = visit.stored(document, sealed, ended_at);
        if let Err(error) = self.store.put_visit(&stored, &document.people()).await {
            tracing::error!(error = %Chain(&error), "a visit was not kept");
        }
    }

    /// Keeps the picture of a visit, if pictures are kept.
    async fn keep_visit_picture(
        self: &Arc<Self>,
        camera: CameraId,
        jpeg: &Bytes,
    ) -> Option<EventId> {
        if !self.faces.settings().keep_pictures {
            return None;
        }
        let id = EventId::new();
        crate::pictures::keep(self, camera, id, jpeg.clone()).await.then_some(id)
    }

    /// Keeps the best pictures of faces that may be kept, in place of worse ones.
    async fn keep_face_pictures(self: &Arc<Self>, visit: &mut OpenVisit) {
        let privacy = self.faces.settings().privacy;
        let may = |decision: Decision| match privacy {
            Privacy::Strict => false,
            Privacy::Moderate => decision == Decision::Known,
            Privacy::Minimal => true,
        };
        for (place, face) in visit.gathering.faces.iter().enumerate() {
            let Some((quality, best)) = face.best().filter(|_| may(face.decision().0)) else {
                continue;
            };
            let kept = visit.kept_faces.get(&place).copied();
            let is_better = kept.is_none_or(|(_, score)| quality.score > score);
            let Some(jpeg) = best.picture.as_ref().filter(|_| is_better) else { continue };
            let Some(id) = self.keep_visit_picture(visit.camera, jpeg).await else { continue };
            visit.kept_faces.insert(place, (id, quality.score));
            if let Some((worse, _)) = kept {
                self.erase_pictures_of_visit(visit.camera, vec![worse]).await;
            }
        }
    }
}
