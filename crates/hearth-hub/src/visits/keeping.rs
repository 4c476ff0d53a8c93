//! How long visits and their pictures are kept, and how they go.

use std::sync::Arc;

use hearth_auth::Principal;
use hearth_model::{CameraId, EventId, PersonId, WallTime};
use hearth_store::{StoredVisit, VISITS_PER_PAGE_MAX, VisitCursor, VisitFilter};

use super::{VisitView, open_visit::OpenVisit};
use crate::{error::Result, house::House, identity::store_error};

impl House {
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

    /// Erases a visit with its pictures and with what still waits to be told of it.
    pub(super) async fn erase_visit(&self, stored: &StoredVisit) -> Result<()> {
        if let Ok(document) = self.document_of(stored) {
            self.erase_pictures_of_visit(stored.camera, document.pictures()).await;
        }
        let words = stored.id.to_string();
        self.store.erase_words_of_matter(&words).await.map_err(store_error)?;
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

    /// All visits of a person, newest first.
    pub(crate) async fn stored_visits_of(&self, person: PersonId) -> Result<Vec<StoredVisit>> {
        let (mut visits, mut before) = (Vec::new(), None);
        loop {
            let page = self.visits_with(person, before).await?;
            let Some(last) = page.last() else { return Ok(visits) };
            before = Some(VisitCursor { at: last.started_at, id: last.id });
            visits.extend(page);
        }
    }

    /// The same for an export.
    pub(crate) async fn all_visits_of(
        &self,
        person: PersonId,
        to: &Principal,
    ) -> Result<Vec<VisitView>> {
        let visits = self.stored_visits_of(person).await?;
        Ok(visits.iter().filter_map(|stored| self.visit_view(stored, to)).collect())
    }

    /// When a person came before a visit.
    pub(super) async fn earlier_visit_of(
        &self,
        person: PersonId,
        visit: &OpenVisit,
    ) -> Option<WallTime> {
        let before = Some(VisitCursor { at: visit.started_at, id: visit.id });
        let earlier = self.visits_with(person, before).await.ok()?;
        earlier.first().map(|earlier| earlier.started_at)
    }

    /// Forgets a person in all visits: the faces that are remembered, the pictures that are kept, and
    /// what still waits to be told. Gives how many visits and how many pictures.
    ///
    /// promise: V-16.
    pub(crate) async fn forget_in_visits(&self, person: PersonId) -> Result<(u64, u64)> {
        let mut desk = self.visits.desk().await;
        desk.forget(person);
        let (visits, mut erased) = (self.stored_visits_of(person).await?, 0);
        let count = visits.len() as u64;
        for stored in visits {
            let words = stored.id.to_string();
            self.store.erase_words_of_matter(&words).await.map_err(store_error)?;
            let Ok(mut document) = self.document_of(&stored) else { continue };
            let mut pictures: Vec<EventId> = document.picture.take().into_iter().collect();
            for face in document.faces.iter_mut().filter(|face| face.person == Some(person)) {
                pictures.extend(face.picture.take());
            }
            erased += pictures.len() as u64;
            self.erase_pictures_of_visit(stored.camera, pictures).await;
            self.put_changed_visit(stored, &document).await?;
        }
        Ok((count, erased))
    }

    /// Erases pictures of a camera's visits that are older than they may be, and its visits older
    /// than its facts. The camera's own limit for pictures counts where the house keeps any.
    ///
    /// promise: D-06, V-15.
    pub(crate) async fn sweep_visits(&self, camera: CameraId, oldest_fact: WallTime) -> Result<()> {
        let settings = self.faces.settings();
        let own = self.cameras.get(camera);
        let own = own.and_then(|camera| camera.settings().retention.pictures_days_max);
        let days = if settings.keep_pictures { own.unwrap_or(settings.retention_days) } else { 0 };
        let oldest_picture = self.clock.wall_now().minus_days(days);
        let old = self.store.visits_with_pictures_before(camera, oldest_picture).await;
        let desk = self.visits.desk().await;
        for stored in old.map_err(store_error)? {
            // Of a camera whose key is gone nothing can be read, and nothing is worth keeping.
            let Ok(mut document) = self.document_of(&stored) else {
                self.erase_visit(&stored).await?;
                continue;
            };
            let pictures = document.pictures();
            self.erase_pictures_of_visit(stored.camera, pictures).await;
            document.picture = None;
            document.faces.iter_mut().for_each(|face| face.picture = None);
            self.put_changed_visit(stored, &document).await?;
        }
        drop(desk);
        for stored in self.store.visits_before(camera, oldest_fact).await.map_err(store_error)? {
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
