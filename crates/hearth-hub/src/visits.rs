//! Visits: who came to a door, with their faces, a decision for each, and footage.
//!
//! A press or a person at a camera that looks at a door begins a visit (`door`); views of faces are
//! gathered and vote (`gathering`); strangers who come again are told apart in memory (`strangers`).
//! Use cases and the task share one desk, so that what somebody changes of a visit that goes on is
//! not lost.

mod document;
mod door;
mod gathering;
mod open_visit;
mod strangers;
mod telling;
mod view;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_auth::{CameraGrant, HouseGrant, Principal, ask};
use hearth_eyes::{FacesIn, SeenFace};
use hearth_face::Template;
use hearth_model::{
    CameraId, EventBody, EventId, FaultKind, PersonId, SampleId, Severity, VisitId, VisitState,
    VisitTrigger, WallTime,
};
use hearth_store::{StoredVisit, VISITS_PER_PAGE_MAX, VisitFilter};
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    notifications::{Matter, MatterKind},
    people::{SampleDocument, SampleSource},
};
use document::VisitDocument;
use open_visit::OpenVisit;
use strangers::Strangers;

pub use hearth_store::VisitCursor;

pub(crate) use door::{Signal, run};
pub use gathering::Decision;
pub use strangers::StrangerView;
pub use view::{VisitFaceView, VisitPage, VisitView, Who};

/// Longest note.
const NOTE_CHARACTERS_MAX: usize = 500;

/// Pages that are read to fill one answer with visits that whoever asks may see.
const PAGES_READ_MAX: usize = 20;

/// The doors.
pub(crate) struct Visits {
    signals: mpsc::Sender<Signal>,
    desk: Mutex<Desk>,
}

/// Visits that go on, and strangers.
#[derive(Default)]
pub(crate) struct Desk {
    open: BTreeMap<CameraId, OpenVisit>,
    strangers: Strangers,
}

impl Visits {
    /// The doors, and what is to be said of them.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Signal>) {
        let (signals, taken) = mpsc::channel(door::SIGNALS_MAX);
        (Self { signals, desk: Mutex::default() }, taken)
    }

    pub(crate) async fn send(
        &self,
        signal: Signal,
    ) -> std::result::Result<(), mpsc::error::SendError<Signal>> {
        self.signals.send(signal).await
    }

    /// Says something of a door, and loses it if the task hangs: the eyes must not wait.
    pub(crate) fn say(&self, signal: Signal) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.signals.try_send(signal) {
            tracing::warn!("something at a door was not taken");
        }
    }

    async fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().await
    }
}

/// Which visits are asked for.
#[derive(Clone, Debug, Default)]
pub struct VisitQuery {
    /// Only with this state.
    pub state: Option<VisitState>,
    /// Only at this camera.
    pub camera: Option<CameraId>,
    /// Only with this person.
    pub person: Option<PersonId>,
    /// Only with somebody unknown.
    pub unknown: bool,
    /// Only kept ones.
    pub kept: bool,
    /// The `next` of the page before.
    pub before: Option<VisitCursor>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// What somebody changes of a visit; what is left out stays.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VisitPatch {
    /// `seen`, `answered`, or `new` again.
    pub state: Option<VisitState>,
    /// Whether it is kept beyond its time.
    pub kept: Option<bool>,
    /// What somebody writes down; null takes it away.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
}

/// A member that is there, be it null.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<String>>, D::Error> {
    serde::Deserialize::deserialize(deserializer).map(Some)
}

/// What became of 'not this person'.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RejectedFace {
    /// What was remembered, to take it back; absent if the face's description is gone already.
    pub rejection: Option<SampleId>,
    /// Whose face it is not.
    pub person: PersonId,
}

impl Hub {
    /// Visits, newest first, of cameras whose footage one may look back at.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn visits(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        query: VisitQuery,
    ) -> Result<VisitPage> {
        let house = self.house();
        let limit = query.limit.unwrap_or(50).clamp(1, VISITS_PER_PAGE_MAX);
        let mut filter = VisitFilter {
            state: query.state,
            camera: query.camera,
            person: query.person,
            unknown: query.unknown,
            kept: query.kept,
            before: query.before,
            limit: VISITS_PER_PAGE_MAX,
        };
        let mut visits = Vec::new();
        let mut more = true;
        for _ in 0..PAGES_READ_MAX {
            let page = house.store.visits(&filter).await.map_err(store_error)?;
            more = page.len() == VISITS_PER_PAGE_MAX as usize;
            for stored in page {
                if visits.len() == limit as usize {
                    more = true;
                    break;
                }
                filter.before = Some(VisitCursor { at: stored.started_at, id: stored.id });
                visits.extend(house.visible_visit(&stored, grant.principal(), query.person));
            }
            if !more || visits.len() == limit as usize {
                break;
            }
        }
        let next = filter.before.filter(|_| more).map(|cursor| cursor.to_string());
        let unseen = house.unseen_visits(grant.principal()).await?;
        Ok(VisitPage { visits, next, unseen })
    }

    /// One visit.
    ///
    /// # Errors
    /// `not_found` also when its camera may not be looked back at (promise T-05).
    pub async fn visit(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: VisitId,
    ) -> Result<VisitView> {
        let stored = self.house().seen_visit(grant.principal(), id).await?;
        self.house().visible_visit(&stored, grant.principal(), None).ok_or_else(no_visit)
    }

    /// Marks a visit, keeps it, or notes something about it.
    ///
    /// # Errors
    /// `not_found`, `invalid`.
    pub async fn update_visit(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: VisitId,
        patch: VisitPatch,
    ) -> Result<VisitView> {
        let house = self.house();
        let is_fit = |note: &String| {
            (1..=NOTE_CHARACTERS_MAX).contains(&note.chars().count())
                && !note.chars().any(|c| c.is_control() && c != '\n')
        };
        if patch.state == Some(VisitState::Missed) || !patch.note.iter().flatten().all(is_fit) {
            let text = "Nobody marks a visit as missed; a note has up to 500 characters.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        let mut desk = house.visits.desk().await;
        let mut stored = house.seen_visit(grant.principal(), id).await?;
        let mut document = house.document_of(&stored)?;
        stored.state = patch.state.unwrap_or(stored.state);
        stored.kept = patch.kept.unwrap_or(stored.kept);
        if let Some(note) = patch.note {
            document.note = note;
        }
        if let Some(open) = desk.open.values_mut().find(|open| open.id == id) {
            (open.state, open.kept) = (stored.state, stored.kept);
            open.note.clone_from(&document.note);
        }
        house.put_changed_visit(stored, &document).await?;
        drop(desk);
        self.visit(grant, id).await
    }

    /// Removes a visit with its pictures; its footage stays as long as footage does.
    ///
    /// # Errors
    /// `not_found`, `visit_goes_on`.
    pub async fn remove_visit(
        &self,
        grant: &HouseGrant<ask::ManageHolds>,
        id: VisitId,
    ) -> Result<()> {
        let house = self.house();
        let mut desk = house.visits.desk().await;
        let stored = house.seen_visit(grant.principal(), id).await?;
        if stored.ended_at.is_none() && desk.open.values().any(|open| open.id == id) {
            let text = "Somebody is at the door. Remove the visit when it is over.";
            return Err(UseCaseError::new(FaultKind::Conflict, "visit_goes_on", text));
        }
        desk.strangers.forget(id);
        house.erase_visit(&stored).await
    }

    /// The picture of a visit, or of one of its faces.
    ///
    /// # Errors
    /// `not_found` if it is not kept, or may not be seen.
    pub async fn visit_picture(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: VisitId,
        face: Option<usize>,
    ) -> Result<Bytes> {
        let house = self.house();
        let missing = || UseCaseError::not_found("picture");
        let stored = house.seen_visit(grant.principal(), id).await?;
        let document = house.document_of(&stored)?;
        let picture = match face {
            None => document.picture,
            Some(index) => document.faces.get(index).and_then(|face| face.picture),
        };
        house.read_visit_picture(stored.camera, picture.ok_or_else(missing)?).await
    }

    /// 'Not this person': the visit is corrected, and the face is remembered as somebody else's.
    ///
    /// # Errors
    /// `not_found`, `not_known` for a face that is nobody's.
    pub async fn reject_face(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: VisitId,
        index: usize,
    ) -> Result<RejectedFace> {
        let house = self.house();
        let mut desk = house.visits.desk().await;
        let stored = house.seen_visit(grant.principal(), id).await?;
        let mut document = house.document_of(&stored)?;
        let face = document.faces.get_mut(index).ok_or_else(|| UseCaseError::not_found("face"))?;
        let Some(person) = face.person.take() else {
            let text = "This face was not taken for anybody.";
            return Err(UseCaseError::new(FaultKind::Conflict, "not_known", text));
        };
        face.decision = Decision::Unknown;
        let mut template = None;
        if let Some(gathered) =
            desk.gathering_of(id).and_then(|gathering| gathering.faces.get_mut(index))
        {
            gathered.rejected.push(person);
            template = gathered.best().map(|(_, best)| best.template.clone());
        }
        if template.is_none() {
            template = house.template_of(stored.camera, face.picture).await;
        }
        house.put_changed_visit(stored, &document).await?;
        let rejection = match (template, house.people.get(person)) {
            (Some(template), Some(known)) => {
                let document = SampleDocument {
                    source: SampleSource::Visit,
                    quality: 0.0,
                    picture: false,
                    visit: Some((id, index)),
                };
                let kept = house.keep_sample(known, document, &template, None, true).await?;
                Some(kept.id)
            }
            _ => None,
        };
        Ok(RejectedFace { rejection, person })
    }

    /// Rings: the button of the dashboard, of an app or a program, and the test of the bell.
    ///
    /// # Errors
    /// `not_found`, `not_a_door` at a camera that looks at none.
    pub async fn ring(
        &self,
        grant: CameraGrant<ask::Control>,
        trigger: VisitTrigger,
    ) -> Result<VisitView> {
        let house = self.house();
        let camera = self.running(grant.camera())?;
        if !camera.settings().detection.visits {
            let text = "This camera looks at no door. Switch visits on in its settings.";
            return Err(UseCaseError::new(FaultKind::Conflict, "not_a_door", text));
        }
        let down = || UseCaseError::unavailable("not_ready", "The hub is ending.");
        let (answer, answered) = oneshot::channel();
        let (id, name) = (camera.id(), camera.settings().name.to_string());
        house.note(EventBody::Ring { camera: Some(id), device: None, name }).await;
        house.show_ring(Some(id));
        let signal = Signal::Rang { camera: id, trigger, answer: Some(answer) };
        house.visits.send(signal).await.map_err(|_| down())?;
        let id = answered.await.map_err(|_| down())?;
        let stored = house.store.visit(id).await.map_err(store_error)?;
        house.visit_view(&stored, grant.principal()).ok_or_else(no_visit)
    }

    /// Strangers who came more than once, as far as the hub remembers.
    pub async fn strangers(&self, _grant: &HouseGrant<ask::ManagePeople>) -> Vec<StrangerView> {
        self.house().visits.desk().await.strangers.again()
    }
}

impl Desk {
    /// The faces of a visit that goes on, or is over and still remembered.
    fn gathering_of(&mut self, id: VisitId) -> Option<&mut gathering::Gathering> {
        let open = self.open.values_mut().find(|open| open.id == id);
        open.map(|open| &mut open.gathering).or_else(|| self.strangers.faces_of(id))
    }
}

impl House {
    /// A doorbell rang: a visit at its camera; one without a camera is only told of.
    pub(crate) async fn rang(&self, camera: Option<CameraId>, bell: &str) {
        self.show_ring(camera);
        if let Some(camera) = camera {
            let trigger = VisitTrigger::Ring;
            return self.visits.say(Signal::Rang { camera, trigger, answer: None });
        }
        self.notify(Matter {
            kind: MatterKind::Ring,
            severity: Severity::Info,
            camera: None,
            title: "Somebody rings".to_owned(),
            text: bell.to_owned(),
            picture: None,
            correlation: EventId::new().to_string(),
            link: None,
        })
        .await;
    }

    async fn seen_visit(&self, to: &Principal, id: VisitId) -> Result<StoredVisit> {
        let stored = self.store.visit(id).await.map_err(|_| no_visit())?;
        if self.policy.recalls(to, stored.camera) { Ok(stored) } else { Err(no_visit()) }
    }

    /// A visit as somebody may see it. Whoever may not know names must not find out by asking for
    /// the visits of a person either.
    fn visible_visit(
        &self,
        stored: &StoredVisit,
        to: &Principal,
        person: Option<PersonId>,
    ) -> Option<VisitView> {
        let may_see = self.policy.recalls(to, stored.camera)
            && (person.is_none() || self.policy.names(to, stored.camera));
        self.visit_view(stored, to).filter(|_| may_see)
    }

    async fn unseen_visits(&self, to: &Principal) -> Result<usize> {
        let mut unseen = 0;
        for state in [VisitState::New, VisitState::Missed] {
            let limit = VISITS_PER_PAGE_MAX;
            let filter = VisitFilter { state: Some(state), limit, ..VisitFilter::default() };
            let visits = self.store.visits(&filter).await.map_err(store_error)?;
            unseen += visits.iter().filter(|visit| self.policy.recalls(to, visit.camera)).count();
        }
        Ok(unseen)
    }

    fn document_of(&self, stored: &StoredVisit) -> Result<VisitDocument> {
        VisitDocument::open(&self.vault, stored.camera, &stored.sealed).ok_or_else(no_visit)
    }

    async fn put_changed_visit(
        &self,
        mut stored: StoredVisit,
        document: &VisitDocument,
    ) -> Result<()> {
        stored.sealed = document.seal(&self.vault, stored.camera)?;
        stored.has_unknown = document.has_unknown();
        stored.has_pictures = !document.pictures().is_empty();
        self.store.put_visit(&stored, &document.people()).await.map_err(store_error)?;
        self.note(EventBody::VisitChanged { visit: stored.id, camera: stored.camera }).await;
        Ok(())
    }

    /// The face is the person's after all, as it was said before somebody corrected it.
    pub(crate) async fn take_back_rejection(
        &self,
        visit: VisitId,
        index: usize,
        person: PersonId,
    ) -> Result<()> {
        let mut desk = self.visits.desk().await;
        let gathered = desk.gathering_of(visit).and_then(|found| found.faces.get_mut(index));
        if let Some(face) = gathered {
            face.rejected.retain(|rejected| *rejected != person);
        }
        // The visit may be gone by now.
        let Ok(stored) = self.store.visit(visit).await else { return Ok(()) };
        let mut document = self.document_of(&stored)?;
        let Some(face) = document.faces.get_mut(index) else { return Ok(()) };
        if face.person.is_none() {
            (face.decision, face.person) = (Decision::Known, Some(person));
            self.put_changed_visit(stored, &document).await?;
        }
        Ok(())
    }

    async fn read_visit_picture(&self, camera: CameraId, picture: EventId) -> Result<Bytes> {
        let recorder = Arc::clone(&self.recorder);
        let read = tokio::task::spawn_blocking(move || recorder.picture(camera, picture)).await;
        let read = read.ok().and_then(std::result::Result::ok).map(Bytes::from);
        read.ok_or_else(|| UseCaseError::not_found("picture"))
    }

    /// The face of a visit, to make a sample of it: as it is remembered, or from its kept picture.
    pub(crate) async fn visit_face(&self, id: VisitId, index: usize) -> Result<Vec<SeenFace>> {
        let gone = || {
            let text = "The picture of this face is not kept, and the face is forgotten by now.";
            UseCaseError::new(FaultKind::Conflict, "no_picture", text)
        };
        if let Some((quality, best)) = self
            .visits
            .desk()
            .await
            .gathering_of(id)
            .and_then(|gathering| gathering.faces.get(index)?.best().cloned())
        {
            let whole = hearth_model::Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
            let gathering::Best { template, picture } = best;
            return Ok(vec![SeenFace { area: whole, quality, template, picture }]);
        }
        let stored = self.store.visit(id).await.map_err(|_| no_visit())?;
        let document = self.document_of(&stored)?;
        let picture = document.faces.get(index).and_then(|face| face.picture).ok_or_else(gone)?;
        let jpeg = self.read_visit_picture(stored.camera, picture).await.map_err(|_| gone())?;
        self.faces_in(FacesIn::Photo(jpeg)).await
    }

    async fn template_of(&self, camera: CameraId, picture: Option<EventId>) -> Option<Template> {
        let jpeg = self.read_visit_picture(camera, picture?).await.ok()?;
        let faces = self.faces_in(FacesIn::Photo(jpeg)).await.ok()?;
        faces.into_iter().next().map(|face| face.template)
    }

    pub(crate) async fn erase_pictures_of_visit(&self, camera: CameraId, pictures: Vec<EventId>) {
        let recorder = Arc::clone(&self.recorder);
        let erase = move || {
            for picture in pictures {
                if let Err(error) = recorder.erase_picture(camera, picture) {
                    tracing::warn!(%error, "a picture of a visit was not erased");
                }
            }
        };
        tokio::task::spawn_blocking(erase).await.ok();
    }

    async fn erase_visit(&self, stored: &StoredVisit) -> Result<()> {
        if let Ok(document) = self.document_of(stored) {
            self.erase_pictures_of_visit(stored.camera, document.pictures()).await;
        }
        self.store.remove_visit(stored.id).await.map_err(store_error)
    }

    /// Takes a page of a person's visits at a time.
    async fn visits_with(
        &self,
        person: PersonId,
        before: Option<VisitCursor>,
    ) -> Result<Vec<StoredVisit>> {
        let limit = VISITS_PER_PAGE_MAX;
        let filter = VisitFilter { person: Some(person), before, limit, ..VisitFilter::default() };
        self.store.visits(&filter).await.map_err(store_error)
    }

    /// All visits of a person, for an export.
    pub(crate) async fn all_visits_of(
        &self,
        person: PersonId,
        to: &Principal,
    ) -> Result<Vec<VisitView>> {
        let (mut visits, mut before) = (Vec::new(), None);
        loop {
            let page = self.visits_with(person, before).await?;
            let Some(last) = page.last() else { return Ok(visits) };
            before = Some(VisitCursor { at: last.started_at, id: last.id });
            visits.extend(page.iter().filter_map(|stored| self.visit_view(stored, to)));
        }
    }

    /// When a person came before a visit.
    async fn earlier_visit_of(&self, person: PersonId, visit: &OpenVisit) -> Option<WallTime> {
        let before = Some(VisitCursor { at: visit.started_at, id: visit.id });
        let earlier = self.visits_with(person, before).await.ok()?;
        earlier.first().map(|earlier| earlier.started_at)
    }

    /// Erases the pictures of all visits of a person: how many visits, how many pictures.
    pub(crate) async fn erase_visit_pictures_of(&self, person: PersonId) -> Result<(u64, u64)> {
        let (mut visits, mut erased, mut before) = (0, 0, None);
        loop {
            let page = self.visits_with(person, before).await?;
            let Some(last) = page.last() else { return Ok((visits, erased)) };
            before = Some(VisitCursor { at: last.started_at, id: last.id });
            for stored in page {
                visits += 1;
                let Ok(mut document) = self.document_of(&stored) else { continue };
                let mut pictures: Vec<EventId> = document.picture.take().into_iter().collect();
                for face in document.faces.iter_mut().filter(|face| face.person == Some(person)) {
                    pictures.extend(face.picture.take());
                }
                erased += pictures.len() as u64;
                self.erase_pictures_of_visit(stored.camera, pictures).await;
                self.put_changed_visit(stored, &document).await?;
            }
        }
    }

    /// Erases pictures of visits that are older than they may be, and visits older than facts.
    ///
    /// promise: D-06, V-15.
    pub(crate) async fn sweep_visits(&self, oldest_fact: WallTime) -> Result<()> {
        const MICROS_A_DAY: i64 = 86_400_000_000;
        let settings = self.faces.settings();
        let days = if settings.keep_pictures { i64::from(settings.retention_days) } else { 0 };
        let now = self.clock.wall_now();
        let oldest_picture = now.plus_micros(-days * MICROS_A_DAY);
        let old = self.store.visits_with_pictures_before(oldest_picture).await;
        for stored in old.map_err(store_error)? {
            let mut document = self.document_of(&stored)?;
            let pictures = document.pictures();
            self.erase_pictures_of_visit(stored.camera, pictures).await;
            document.picture = None;
            document.faces.iter_mut().for_each(|face| face.picture = None);
            self.put_changed_visit(stored, &document).await?;
        }
        for stored in self.store.visits_before(oldest_fact).await.map_err(store_error)? {
            self.erase_visit(&stored).await?;
        }
        Ok(())
    }

    /// Visits that went on when the hub died ended with it, as far as anybody knows.
    pub(crate) async fn end_interrupted_visits(&self) -> Result<()> {
        for mut stored in self.store.unended_visits().await.map_err(store_error)? {
            stored.ended_at = Some(stored.started_at);
            let people = self.document_of(&stored).map(|document| document.people());
            let people = people.unwrap_or_default();
            self.store.put_visit(&stored, &people).await.map_err(store_error)?;
        }
        Ok(())
    }
}

fn no_visit() -> UseCaseError {
    UseCaseError::not_found("visit")
}
