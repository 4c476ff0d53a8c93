//! Visits: who came to a door, with their faces, a decision for each, and footage.
//!
//! A press or a person at a camera that looks at a door begins a visit (`door`); views of faces are
//! gathered and vote (`gathering`); strangers who come again are told apart in memory (`strangers`).
//! Use cases and the task share one desk, so that what somebody changes of a visit that goes on is
//! not lost.

mod correction;
mod document;
mod door;
mod gathering;
mod keeping;
mod open_visit;
mod strangers;
mod telling;
mod view;
mod watched;

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use hearth_auth::{CameraGrant, HouseGrant, Principal, ask};
use hearth_face::VisitorNumber;
use hearth_model::{
    CameraId, EventBody, EventId, FaultKind, PersonId, Severity, VisitId, VisitState, VisitTrigger,
    WallTime,
};
use hearth_store::{StoredVisit, VISITS_PER_PAGE_MAX};
use tokio::sync::{Mutex, MutexGuard, mpsc, oneshot};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    notifications::{Matter, MatterKind},
};
use open_visit::OpenVisit;
use strangers::Strangers;

pub use hearth_store::{VisitCursor, VisitFilter};

pub use correction::RejectedFace;
pub(crate) use document::VisitDocument;
#[cfg(test)]
pub(crate) use document::VisitFace;
pub(crate) use door::{Signal, run};
pub use gathering::Decision;
pub use strangers::StrangerView;
pub use view::{VisitFaceView, VisitPage, VisitView, Who};
pub use watched::{WaitingMatch, WatchMarkView, WatchState};

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

/// What somebody changes of a visit; what is left out stays.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VisitPatch {
    /// `seen`, `answered`, or `new` again.
    pub state: Option<VisitState>,
    /// Whether it is kept beyond its time.
    pub kept: Option<bool>,
    /// What somebody writes down; null takes it away.
    #[serde(deserialize_with = "crate::patch::given")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
}

/// What a visit tells rules.
pub(crate) struct WhoCame {
    pub(crate) trigger: VisitTrigger,
    /// When somebody was noticed last, once it is over.
    pub(crate) ended_at: Option<WallTime>,
    pub(crate) decisions: Vec<(Decision, Option<PersonId>)>,
}

impl Hub {
    /// Visits, newest first, of cameras whose footage one may look back at.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn visits(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        mut filter: VisitFilter,
    ) -> Result<VisitPage> {
        let house = self.house();
        let (limit, person) = (filter.limit.clamp(1, VISITS_PER_PAGE_MAX), filter.person);
        filter.limit = VISITS_PER_PAGE_MAX;
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
                visits.extend(house.visible_visit(&stored, grant.principal(), person));
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

    /// Shows a stranger no more, however often they come, as long as the hub remembers them.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn ignore_stranger(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        visitor: u64,
    ) -> Result<()> {
        let is_known = self.house().visits.desk().await.strangers.ignore(VisitorNumber(visitor));
        is_known.then_some(()).ok_or_else(|| UseCaseError::not_found("visitor"))
    }

    /// Says that several people were taken for one stranger: they are learned anew when they come.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn split_stranger(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        visitor: u64,
    ) -> Result<()> {
        let was_known = self.house().visits.desk().await.strangers.split(VisitorNumber(visitor));
        was_known.then_some(()).ok_or_else(|| UseCaseError::not_found("visitor"))
    }
}

impl Desk {
    /// Forgets whoever was recognised as this person.
    fn forget(&mut self, person: PersonId) {
        for open in self.open.values_mut() {
            for place in open.gathering.forget(person) {
                open.kept_faces.remove(&place);
                open.picture = None;
            }
        }
        self.strangers.forget_person(person);
    }

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
            to: Vec::new(),
            title: "Somebody rings".to_owned(),
            text: bell.to_owned(),
            picture: None,
            correlation: EventId::new().to_string(),
            link: None,
        })
        .await;
    }

    /// The visit that goes on at a door.
    pub(crate) async fn open_visit(&self, camera: CameraId) -> Option<VisitId> {
        self.visits.desk().await.open.get(&camera).map(|open| open.id)
    }

    /// Somebody spoke to whoever came, even if they have left meanwhile.
    pub(crate) async fn answer_visit(&self, id: VisitId) -> Result<()> {
        let mut desk = self.visits.desk().await;
        let mut stored = self.store.visit(id).await.map_err(|_| no_visit())?;
        let document = self.document_of(&stored)?;
        stored.state = VisitState::Answered;
        if let Some(open) = desk.open.values_mut().find(|open| open.id == id) {
            open.state = stored.state;
        }
        self.put_changed_visit(stored, &document).await
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

    async fn unseen_visits(&self, to: &Principal) -> Result<u64> {
        let unseen = self.store.unseen_visits().await.map_err(store_error)?;
        let visible = unseen.iter().filter(|(camera, _)| self.policy.recalls(to, *camera));
        Ok(visible.map(|(_, visits)| visits).sum())
    }

    /// Who came, as far as is known by now.
    pub(crate) async fn who_came(&self, id: VisitId) -> Option<WhoCame> {
        let stored = self.store.visit(id).await.ok()?;
        let document = self.document_of(&stored).ok()?;
        let faces = document.faces.into_iter().map(|face| (face.decision, face.person));
        let (trigger, ended_at) = (document.trigger, stored.ended_at);
        Some(WhoCame { trigger, ended_at, decisions: faces.collect() })
    }

    fn document_of(&self, stored: &StoredVisit) -> Result<VisitDocument> {
        VisitDocument::open(&self.vault, stored.camera, &stored.sealed).ok_or_else(no_visit)
    }

    async fn put_changed_visit(
        &self,
        mut stored: StoredVisit,
        document: &VisitDocument,
    ) -> Result<()> {
        stored.sealed = document.seal(self, stored.camera)?;
        stored.has_unknown = document.has_unknown();
        stored.has_pictures = !document.pictures().is_empty();
        stored.awaits_review = document.awaits_review();
        self.store.put_visit(&stored, &document.people()).await.map_err(store_error)?;
        self.note(EventBody::VisitChanged { visit: stored.id, camera: stored.camera }).await;
        Ok(())
    }

    async fn read_visit_picture(&self, camera: CameraId, picture: EventId) -> Result<Bytes> {
        let recorder = Arc::clone(&self.recorder);
        let read = tokio::task::spawn_blocking(move || recorder.picture(camera, picture)).await;
        let read = read.ok().and_then(std::result::Result::ok).map(Bytes::from);
        read.ok_or_else(|| UseCaseError::not_found("picture"))
    }
}

fn no_visit() -> UseCaseError {
    UseCaseError::not_found("visit")
}
