//! Visits as surfaces show them.

use hearth_auth::Principal;
use hearth_model::{CameraId, CameraName, PersonId, VisitId, VisitState, VisitTrigger, WallTime};
use hearth_store::StoredVisit;

use super::{document::VisitDocument, gathering::Decision, watched::WatchMarkView};
use crate::{house::House, name::PersonName};

/// Who came, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Only people who are known.
    Known,
    /// Somebody who is not known, perhaps beside others.
    Unknown,
    /// Nobody's face was seen.
    NoFace,
    /// Nobody looked for faces.
    NotChecked,
}

/// A face of a visit.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct VisitFaceView {
    /// Its place in the visit.
    pub index: usize,
    /// Whose it is.
    pub decision: Decision,
    /// Who, if they are known and whoever asks may know.
    pub person: Option<PersonId>,
    /// Their name.
    pub name: Option<PersonName>,
    /// Somebody who was known and was erased.
    pub erased: bool,
    /// How good the best view is, 0 to 1.
    pub quality: f32,
    /// Whether its picture is kept.
    pub picture: bool,
    /// A stranger who came before has the same number.
    pub visitor: Option<u64>,
    /// That it is like somebody's on the watch list, for those who may know names.
    pub watch: Option<WatchMarkView>,
}

/// A visit.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct VisitView {
    /// Its id.
    pub id: VisitId,
    /// At which camera.
    pub camera: CameraId,
    /// What that is called.
    pub camera_name: Option<CameraName>,
    /// Why somebody is taken to be at the door.
    pub trigger: VisitTrigger,
    /// When it began.
    pub started_at: WallTime,
    /// When it was over.
    pub ended_at: Option<WallTime>,
    /// What became of it.
    pub state: VisitState,
    /// Whether it is kept beyond its time.
    pub kept: bool,
    /// What somebody wrote down.
    pub note: Option<String>,
    /// Who came.
    pub who: Who,
    /// Faces.
    pub faces: Vec<VisitFaceView>,
    /// Whether a picture of it is kept.
    pub picture: bool,
    /// Where its footage is fetched, if there is any.
    pub clip: Option<String>,
    /// Whether it goes on.
    pub at_the_door: bool,
}

/// Visits, newest first.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct VisitPage {
    /// The visits.
    pub visits: Vec<VisitView>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How many nobody has looked at.
    pub unseen: u64,
}

impl House {
    /// A visit as a principal may see it; `None` if it does not open.
    pub(crate) fn visit_view(&self, stored: &StoredVisit, to: &Principal) -> Option<VisitView> {
        let document = VisitDocument::open(&self.vault, stored.camera, &stored.sealed)?;
        let may_know = self.policy.names(to, stored.camera);
        let faces = document.faces.iter().enumerate().map(|(index, face)| {
            let known = face.person.and_then(|person| self.people.get(person));
            let decision = if may_know { face.decision } else { Decision::Hidden };
            VisitFaceView {
                index,
                decision,
                person: known.as_ref().filter(|_| may_know).map(|person| person.id),
                name: known.as_ref().filter(|_| may_know).map(|one| one.document.name.clone()),
                erased: may_know && face.person.is_some() && known.is_none(),
                quality: face.quality,
                picture: face.picture.is_some(),
                visitor: face.visitor.filter(|_| may_know),
                watch: face
                    .watch
                    .as_ref()
                    .filter(|_| may_know)
                    .and_then(|mark| self.watch_mark_view(mark)),
            }
        });
        let who = match (&document.faces[..], document.checked) {
            ([], false) => Who::NotChecked,
            ([], true) => Who::NoFace,
            _ if document.has_unknown() => Who::Unknown,
            _ => Who::Known,
        };
        Some(VisitView {
            id: stored.id,
            camera: stored.camera,
            camera_name: self.camera_name(stored.camera),
            trigger: document.trigger,
            started_at: stored.started_at,
            ended_at: stored.ended_at,
            state: stored.state,
            kept: stored.kept,
            note: document.note.clone(),
            who,
            faces: faces.collect(),
            picture: document.picture.is_some(),
            clip: stored
                .ended_at
                .and_then(|end| self.clip_around(stored.camera, stored.started_at, end)),
            at_the_door: stored.ended_at.is_none(),
        })
    }
}
