//! The review queue: pictures of what the detector was unsure of, or wrong about, that people look at
//! and correct, to learn from them.
//!
//! Off unless somebody switches it on. `queue` chooses activities that ended and makes their pictures;
//! `correction` takes what somebody says of an activity; `export` gives what was looked at as a data
//! set. Pictures are made unrecognisable by the eyes' worker before they reach the hub, lie sealed
//! under their camera's key like those of facts, and go with it; labels and boxes are sealed the same
//! way. Who may set a camera up and look at its footage may see and correct its pictures (promises
//! D-06, D-33, T-05). What the history says of an activity is never rewritten.

mod correction;
mod dataset;
mod document;
mod export;
mod keeping;
mod picture;
mod queue;
mod settings;
mod stored_zip;
mod view;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use bytes::Bytes;
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{CameraId, EventId, Label, ReviewId, ReviewState};
use hearth_store::{
    REVIEWS_MAX, REVIEWS_PER_PAGE_MAX, ReviewFilter, Store, StoreError, StoredReview,
};
use tokio::sync::mpsc;

use crate::{
    Hub,
    devices::name_of,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};
use document::ReviewDocument;

pub use dataset::DatasetFormat;
pub use export::{ReviewArchive, ReviewArchiveFailed};
pub(crate) use queue::{Candidate, run};
pub use settings::{ReviewSettings, ReviewSettingsView};
pub use view::{ReviewBox, ReviewCounts, ReviewItem, ReviewPage};

/// Boxes of one picture: more than anybody draws.
const BOXES_MAX: usize = 64;

/// Pages that are read to fill one answer with what whoever asks may see: all of them.
const PAGES_READ_MAX: usize = REVIEWS_MAX.div_ceil(REVIEWS_PER_PAGE_MAX as usize);

/// The queue while the hub runs.
pub(crate) struct Review {
    settings: RwLock<ReviewSettings>,
    candidates: mpsc::Sender<Candidate>,
    /// Rows whose pictures are being written: nobody is shown one without the other.
    unfinished: Mutex<HashSet<ReviewId>>,
}

impl Review {
    /// As the last run left it. The receiver is for [`run`].
    pub(crate) async fn open(
        store: &Store,
    ) -> std::result::Result<(Self, mpsc::Receiver<Candidate>), StoreError> {
        let settings: Option<ReviewSettings> = store.setting(settings::SETTING).await?;
        let (candidates, taken) = mpsc::channel(queue::CANDIDATES_MAX);
        let settings = RwLock::new(settings.unwrap_or_default());
        Ok((Self { settings, candidates, unfinished: Mutex::default() }, taken))
    }

    /// Hides a row until what is given back is dropped.
    fn hide(&self, id: ReviewId) -> Hidden<'_> {
        self.unfinished().insert(id);
        Hidden { review: self, id }
    }

    fn is_hidden(&self, id: ReviewId) -> bool {
        self.unfinished().contains(&id)
    }

    fn unfinished(&self) -> MutexGuard<'_, HashSet<ReviewId>> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> ReviewSettings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers an activity that ended. Waits for nothing: one that finds the queue full is not missed.
    pub(crate) fn offer(&self, candidate: Candidate) {
        self.candidates.try_send(candidate).ok();
    }
}

/// A row that is not shown yet.
struct Hidden<'a> {
    review: &'a Review,
    id: ReviewId,
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        self.review.unfinished().remove(&self.id);
    }
}

/// What somebody says is in a picture.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewChange {
    /// Everything in it; nothing, if there is nothing.
    pub boxes: Vec<ReviewBox>,
    /// `done`, `skipped`, or `waiting` again.
    pub state: ReviewState,
}

/// Which pictures.
#[derive(Clone, Debug, Default)]
pub struct ReviewQuery {
    /// As the store takes it.
    pub filter: ReviewFilter,
    /// Only with something of this label in it.
    pub label: Option<Label>,
}

impl Hub {
    /// Pictures of cameras that one may set up, newest first.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn reviews(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        query: ReviewQuery,
    ) -> Result<ReviewPage> {
        let house = self.house();
        let ReviewQuery { mut filter, label } = query;
        let limit = filter.limit.clamp(1, REVIEWS_PER_PAGE_MAX) as usize;
        filter.limit = REVIEWS_PER_PAGE_MAX;
        let (mut items, mut more) = (Vec::new(), true);
        for _ in 0..PAGES_READ_MAX {
            let page = house.store.reviews(&filter).await.map_err(store_error)?;
            more = page.len() == REVIEWS_PER_PAGE_MAX as usize;
            for stored in page {
                if items.len() == limit {
                    more = true;
                    break;
                }
                filter.before = Some(stored.cursor());
                items.extend(house.visible_review(&stored, grant.principal(), label.as_ref()));
            }
            if !more || items.len() == limit {
                break;
            }
        }
        let next = filter.before.filter(|_| more).map(|cursor| cursor.to_string());
        let counts = house.review_counts(grant.principal()).await?;
        Ok(ReviewPage { items, next, counts, is_on: house.review.settings().is_on })
    }

    /// The picture, with nobody to be recognised in it.
    ///
    /// # Errors
    /// `not_found` also for a camera that one may not set up (promise T-05).
    pub async fn review_picture(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: ReviewId,
    ) -> Result<Bytes> {
        let stored = self.house().seen_review(grant.principal(), id).await?;
        self.house().read_review_picture(&stored).await
    }

    /// Says what is in a picture.
    ///
    /// # Errors
    /// `invalid` for boxes that are none, `not_found`.
    pub async fn update_review(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: ReviewId,
        change: ReviewChange,
    ) -> Result<ReviewItem> {
        let house = self.house();
        let mut stored = house.seen_review(grant.principal(), id).await?;
        let mut document = house.review_document(&stored)?;
        document.boxes = checked(change.boxes, &document.boxes)?;
        stored.state = change.state;
        let is_settled = change.state != ReviewState::Waiting;
        document.by = is_settled.then(|| name_of(grant.principal()));
        house.put_review(&mut stored, &document).await?;
        Ok(ReviewItem::new(&stored, document))
    }

    /// Erases a picture.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_review(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: ReviewId,
    ) -> Result<()> {
        let stored = self.house().seen_review(grant.principal(), id).await?;
        self.house().erase_review(&stored).await
    }
}

impl House {
    /// Whether somebody may see and correct a camera's pictures: they show its footage, and what is
    /// said of them changes what it will be taken for.
    fn may_review(&self, who: &Principal, camera: CameraId) -> bool {
        self.policy.recalls(who, camera) && self.policy.configures(who, camera)
    }

    async fn seen_review(&self, who: &Principal, id: ReviewId) -> Result<StoredReview> {
        let stored = self.store.review(id).await.map_err(|_| no_review())?;
        let is_shown = self.may_review(who, stored.camera) && !self.review.is_hidden(id);
        if is_shown { Ok(stored) } else { Err(no_review()) }
    }

    fn visible_review(
        &self,
        stored: &StoredReview,
        who: &Principal,
        label: Option<&Label>,
    ) -> Option<ReviewItem> {
        let may_see = self.may_review(who, stored.camera) && !self.review.is_hidden(stored.id);
        let document = self.review_document(stored).ok().filter(|_| may_see)?;
        let has_label = |label: &Label| document.boxes.iter().any(|one| one.label == *label);
        label.is_none_or(has_label).then(|| ReviewItem::new(stored, document))
    }

    async fn review_counts(&self, who: &Principal) -> Result<ReviewCounts> {
        let mut counts = ReviewCounts::default();
        let rows = self.store.review_counts().await.map_err(store_error)?;
        for (_, state, reviews) in rows.into_iter().filter(|row| self.may_review(who, row.0)) {
            counts.add(state, reviews);
        }
        Ok(counts)
    }

    fn review_document(&self, stored: &StoredReview) -> Result<ReviewDocument> {
        let document = ReviewDocument::open(&self.vault, stored.camera, &stored.sealed);
        document.ok_or_else(no_review)
    }

    async fn put_review(&self, stored: &mut StoredReview, document: &ReviewDocument) -> Result<()> {
        stored.sealed = document.seal(self, stored.camera)?;
        self.store.update_review(stored).await.map_err(store_error)
    }

    async fn read_review_picture(&self, stored: &StoredReview) -> Result<Bytes> {
        let (recorder, camera) = (Arc::clone(&self.recorder), stored.camera);
        let picture = picture_id(stored.id);
        let read = tokio::task::spawn_blocking(move || recorder.picture(camera, picture)).await;
        let read = read.ok().and_then(std::result::Result::ok).map(Bytes::from);
        read.ok_or_else(|| UseCaseError::not_found("picture"))
    }
}

/// Under which name a picture lies among those of facts.
fn picture_id(id: ReviewId) -> EventId {
    EventId::from_bytes(*id.as_bytes())
}

/// Boxes that lie in the picture. What somebody left as the detector saw it keeps its score.
fn checked(boxes: Vec<ReviewBox>, before: &[ReviewBox]) -> Result<Vec<ReviewBox>> {
    let is_box = |one: &ReviewBox| {
        let area = &one.area;
        let sides = [area.x, area.y, area.w, area.h];
        let inside = sides.iter().all(|side| (0.0..=1.0).contains(side));
        inside && area.w > 0.0 && area.h > 0.0 && area.x + area.w < 1.001 && area.y + area.h < 1.001
    };
    if boxes.len() > BOXES_MAX || !boxes.iter().all(is_box) {
        let text = "A picture has up to 64 boxes, and each lies in it.";
        return Err(UseCaseError::bad_input("invalid", text));
    }
    let score_of = |one: &ReviewBox| {
        let same = |old: &&ReviewBox| old.label == one.label && old.area == one.area;
        before.iter().find(same).and_then(|old| old.score)
    };
    let checked = boxes.into_iter().map(|one| {
        let score = score_of(&one);
        ReviewBox { area: one.area.clamped(), score, ..one }
    });
    Ok(checked.collect())
}

fn no_review() -> UseCaseError {
    UseCaseError::not_found("picture to look at")
}

#[cfg(test)]
mod tests;
