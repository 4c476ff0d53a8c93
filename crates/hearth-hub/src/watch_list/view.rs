//! The watch list as surfaces show it.

use hearth_auth::Principal;
use hearth_face::OperatingPoint;
use hearth_model::{SampleId, WallTime, WatchedId};

use super::{
    document::{WatchedPerson, WatchedSource},
    settings::{LastImport, WatchListSettings},
};
use crate::{error::Result, house::House, name::PersonName, visits::WaitingMatch};

/// A view of a face.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WatchedFaceView {
    /// Its id.
    pub id: SampleId,
    /// When it was added.
    pub added_at: WallTime,
    /// How good it is, 0 to 1.
    pub quality: f32,
    /// Whether its picture is kept.
    pub picture: bool,
}

/// Somebody on the list.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WatchedView {
    /// Their id.
    pub id: WatchedId,
    /// What they are called.
    pub name: PersonName,
    /// Why they are watched for.
    pub reason: String,
    /// Who put them on it.
    pub source: WatchedSource,
    /// When.
    pub added_at: WallTime,
    /// Until when they are watched for; then they are erased.
    pub ends_at: WallTime,
    /// Views of their face, oldest first.
    pub faces: Vec<WatchedFaceView>,
    /// Faces that are not theirs.
    pub rejections: usize,
}

/// The list, what is set, and what waits.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WatchListView {
    /// What is set.
    pub settings: WatchListSettings,
    /// Up to this distance a face is like somebody's on the list.
    pub threshold: f32,
    /// Everybody on it, in the order they were added.
    pub people: Vec<WatchedView>,
    /// Faces that wait for a person to look at them, newest first.
    pub waiting: Vec<WaitingMatch>,
    /// Whether a published list is being read.
    pub importing: bool,
    /// How the last reading ended.
    pub last_import: LastImport,
}

impl WatchedView {
    pub(super) fn of(person: WatchedPerson) -> Self {
        let document = person.document;
        let faces = document.faces.into_iter().map(|face| WatchedFaceView {
            id: face.id,
            added_at: face.added_at,
            quality: face.quality,
            picture: face.has_picture,
        });
        Self {
            id: person.id,
            name: document.name,
            reason: document.reason,
            source: document.source,
            added_at: person.created_at,
            ends_at: document.ends_at,
            faces: faces.collect(),
            rejections: person.rejections.len(),
        }
    }
}

impl House {
    pub(super) async fn watch_list_view(&self, to: &Principal) -> Result<WatchListView> {
        let mut people = self.watch_list.all();
        people.sort_by_key(|person| (person.created_at, person.id));
        Ok(WatchListView {
            settings: self.watch_list.settings(),
            threshold: OperatingPoint::WATCH_LIST.threshold,
            people: people.into_iter().map(WatchedView::of).collect(),
            waiting: self.waiting_matches(to).await?,
            importing: self.watch_list.is_importing(),
            last_import: self.watch_list.last_import(),
        })
    }
}
