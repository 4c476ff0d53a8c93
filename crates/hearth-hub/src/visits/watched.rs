//! Faces of visits that are like somebody on the watch list: they wait until a person has looked, and
//! nobody is named before.

use bytes::Bytes;
use hearth_audit::{Class, Finding, IncidentKind};
use hearth_auth::{Denied, HouseGrant, Principal, ask};
use hearth_model::{CameraId, CameraName, FaultKind, Severity, VisitId, WallTime, WatchedId};

use super::{
    Desk, VisitView,
    document::{VisitDocument, VisitFace},
    no_visit,
    open_visit::OpenVisit,
};
use crate::{
    Hub,
    audit::actor,
    error::{Result, UseCaseError},
    faces::Privacy,
    house::House,
    identity::store_error,
    name::PersonName,
    notifications::{Matter, MatterKind},
};

/// What is said of a face that is like somebody's on the watch list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WatchState {
    /// Nobody has looked yet.
    Waiting,
    /// A person says that it is them.
    Confirmed,
    /// A person says that it is not.
    Refused,
}

/// That a face is like somebody's on the watch list.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct WatchMark {
    pub(crate) watched: WatchedId,
    /// The part of the good views that say so, 0 to 1.
    pub(crate) share: f32,
    pub(crate) state: WatchState,
    pub(crate) reviewed_by: Option<String>,
    pub(crate) reviewed_at: Option<WallTime>,
}

/// The same as surfaces show it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WatchMarkView {
    /// What is said of it. What a person refused is not shown.
    pub state: WatchState,
    /// Who, once a person says that it is them.
    pub watched: Option<WatchedId>,
    /// Their name, as long as they are on the list.
    pub name: Option<PersonName>,
    /// Who says so.
    pub reviewed_by: Option<String>,
    /// When they said it.
    pub reviewed_at: Option<WallTime>,
}

/// A face that waits for a person to look at it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WaitingMatch {
    /// In which visit.
    pub visit: VisitId,
    /// Which face of it.
    pub face: usize,
    /// At which camera.
    pub camera: CameraId,
    /// What that is called.
    pub camera_name: Option<CameraName>,
    /// When the visit began.
    pub at: WallTime,
    /// Whose face it is like.
    pub watched: WatchedId,
    /// What they are called.
    pub name: PersonName,
    /// Why they are watched for.
    pub reason: String,
    /// The part of the good views that say so, 0 to 1.
    pub share: f32,
    /// Whether the face is still remembered, to be looked at; the footage is in any case.
    pub picture: bool,
}

impl Hub {
    /// Says whether it is the one on the watch list, or not. If it is, that is an incident; if not, the
    /// face is remembered as somebody else's. Whoever was wrong may say the other.
    ///
    /// # Errors
    /// `not_a_person` for a program; `not_found`; `not_like_anybody` for a face that is like nobody's on
    /// the list.
    ///
    /// promise: D-34. A person says it before anything names somebody.
    pub async fn review_watch_match(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: VisitId,
        index: usize,
        is_them: bool,
    ) -> Result<VisitView> {
        if matches!(grant.principal(), Principal::Machine { .. }) {
            return Err(Denied::NotAPerson.into());
        }
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        let mut desk = house.visits.desk().await;
        let stored = house.seen_visit(grant.principal(), id).await?;
        let mut document = house.document_of(&stored)?;
        let face = document.faces.get_mut(index).ok_or_else(|| UseCaseError::not_found("face"))?;
        let mark = face.watch.as_mut().ok_or_else(|| {
            let text = "This face is not like anybody's on the watch list.";
            UseCaseError::new(FaultKind::Conflict, "not_like_anybody", text)
        })?;
        let is_news = is_them && mark.state != WatchState::Confirmed;
        mark.state = if is_them { WatchState::Confirmed } else { WatchState::Refused };
        mark.reviewed_by = actor(grant.principal()).name;
        mark.reviewed_at = Some(house.clock.wall_now());
        let mark = mark.clone();
        let gathered = desk.gathering_of(id).and_then(|found| found.faces.get_mut(index));
        let template = gathered.and_then(|gathered| {
            gathered.reviewed = Some(mark.clone());
            gathered.best().map(|(_, best)| best.template.clone())
        });
        house.put_changed_visit(stored, &document).await?;
        drop(desk);
        if let (false, Some(template)) = (is_them, template) {
            house.reject_watched(mark.watched, template).await?;
        }
        if is_news {
            house.watched_came(&mark, id);
        }
        let stored = house.seen_visit(grant.principal(), id).await?;
        house.visible_visit(&stored, grant.principal(), None).ok_or_else(no_visit)
    }

    /// The face that waits, as long as it is remembered.
    ///
    /// # Errors
    /// `not_found` also where no face is shown at all (`strict`).
    pub async fn waiting_face(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: VisitId,
        index: usize,
    ) -> Result<Bytes> {
        let house = self.house();
        let missing = || UseCaseError::not_found("picture");
        let mut desk = house.visits.desk().await;
        let stored = house.seen_visit(grant.principal(), id).await?;
        let waits = waiting(&house.document_of(&stored)?).any(|(place, _)| place == index);
        let shown = waits && house.faces.settings().privacy != Privacy::Strict;
        let picture = desk.waiting_picture(id, index).filter(|_| shown);
        picture.ok_or_else(missing)
    }
}

impl Desk {
    fn waiting_picture(&mut self, id: VisitId, index: usize) -> Option<Bytes> {
        let face = self.gathering_of(id)?.faces.get(index)?;
        face.best().and_then(|(_, best)| best.picture.clone())
    }

    /// Forgets that faces are like somebody's who is on the list no more.
    fn forget_watched(&mut self, watched: WatchedId) {
        let open = self.open.values_mut().map(|open| &mut open.gathering);
        for gathering in open.chain(self.strangers.gatherings()) {
            gathering.forget_watched(watched);
        }
    }
}

impl House {
    /// Tells once of each face that is like somebody's on the list, to those who look after the security
    /// of the house; without a name and without a picture.
    pub(super) async fn tell_if_watched(&self, visit: &mut OpenVisit) {
        let marks = visit.gathering.faces.iter().map(|face| face.watch_mark());
        let waiting: Vec<usize> = marks
            .enumerate()
            .filter(|(_, mark)| mark.as_ref().is_some_and(WatchMark::is_waiting))
            .map(|(place, _)| place)
            .filter(|place| !visit.watch_told.contains(place))
            .collect();
        if waiting.is_empty() {
            return;
        }
        visit.watch_told.extend(waiting);
        self.put_open_visit(visit).await;
        let place = self.camera_name(visit.camera);
        let place = place.map_or_else(|| "a door".to_owned(), |name| name.to_string());
        let text = format!("{place}: a face is like one on the watch list. Look before it counts.");
        self.record_own(Class::Security, "watch_list_match", Severity::Warning, text.clone());
        self.notify(Matter {
            kind: MatterKind::WatchList,
            severity: Severity::Warning,
            camera: Some(visit.camera),
            to: Vec::new(),
            title: "Somebody has to be looked at".to_owned(),
            text,
            picture: None,
            correlation: format!("watch:{}", visit.id),
            link: Some("/people/watch-list".to_owned()),
        })
        .await;
        self.status_changed();
    }

    /// A person says that somebody on the list came. The incident names nobody: it outlives the list.
    fn watched_came(&self, mark: &WatchMark, visit: VisitId) {
        let by = mark.reviewed_by.as_deref().unwrap_or("the owner");
        self.watchtower.find([Finding {
            kind: IncidentKind::WatchList,
            severity: Severity::Critical,
            subject: visit.to_string(),
            title: "Somebody on the watch list came".to_owned(),
            detail: format!("{by} looked at the face. Who it is stands in the visit."),
        }]);
    }

    /// The faces that wait, newest first, at cameras whose footage one may look back at.
    pub(crate) async fn waiting_matches(&self, to: &Principal) -> Result<Vec<WaitingMatch>> {
        let stored = self.store.visits_awaiting_review().await.map_err(store_error)?;
        let mut desk = self.visits.desk().await;
        let may_be_shown = self.faces.settings().privacy != Privacy::Strict;
        let mut found = Vec::new();
        for stored in stored.iter().filter(|stored| self.policy.recalls(to, stored.camera)) {
            let Ok(document) = self.document_of(stored) else { continue };
            for (face, mark) in waiting(&document) {
                let Some(person) = self.watch_list.get(mark.watched) else { continue };
                found.push(WaitingMatch {
                    visit: stored.id,
                    face,
                    camera: stored.camera,
                    camera_name: self.camera_name(stored.camera),
                    at: stored.started_at,
                    watched: mark.watched,
                    name: person.document.name,
                    reason: person.document.reason,
                    share: mark.share,
                    picture: may_be_shown && desk.waiting_picture(stored.id, face).is_some(),
                });
            }
        }
        Ok(found)
    }

    /// Forgets what waits for a look because of somebody who is taken off the list.
    pub(crate) async fn forget_matches(&self, watched: WatchedId) -> Result<()> {
        let mut desk = self.visits.desk().await;
        desk.forget_watched(watched);
        for stored in self.store.visits_awaiting_review().await.map_err(store_error)? {
            let Ok(mut document) = self.document_of(&stored) else { continue };
            let is_theirs = |face: &VisitFace| {
                face.watch.as_ref().is_some_and(|mark| mark.watched == watched && mark.is_waiting())
            };
            let theirs = document.faces.iter_mut().filter(|face| is_theirs(face));
            if theirs.map(|face| face.watch = None).count() > 0 {
                self.put_changed_visit(stored, &document).await?;
            }
        }
        Ok(())
    }

    pub(super) fn watch_mark_view(&self, mark: &WatchMark) -> Option<WatchMarkView> {
        let is_confirmed = match mark.state {
            WatchState::Refused => return None,
            WatchState::Waiting => false,
            WatchState::Confirmed => true,
        };
        let known = self.watch_list.get(mark.watched).filter(|_| is_confirmed);
        Some(WatchMarkView {
            state: mark.state,
            watched: is_confirmed.then_some(mark.watched),
            name: known.map(|person| person.document.name),
            reviewed_by: mark.reviewed_by.clone(),
            reviewed_at: mark.reviewed_at,
        })
    }
}

impl WatchMark {
    pub(crate) fn is_waiting(&self) -> bool {
        self.state == WatchState::Waiting
    }
}

/// The faces of a visit that wait, with their places.
fn waiting(document: &VisitDocument) -> impl Iterator<Item = (usize, &WatchMark)> {
    let faces = document.faces.iter().enumerate();
    faces
        .filter_map(|(place, face)| Some((place, face.watch.as_ref()?)))
        .filter(|(_, mark)| mark.is_waiting())
}
