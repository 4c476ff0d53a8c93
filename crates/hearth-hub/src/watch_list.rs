//! The watch list: people a house has a reason to look out for, whom nobody asked.
//!
//! Off unless somebody switches it on. A gallery of its own, stricter than that of the people who are
//! known, and kept apart from it: whoever is on the list is named nowhere because a machine thinks that
//! they came. A face that is like one of theirs waits until a person has looked at both; only then is it
//! an incident. Nobody is on the list without a reason and an end, and whoever is taken off it is gone
//! with their key (promises D-04, D-34, V-16).

mod document;
mod import;
mod list;
mod published;
mod settings;
mod view;

use bytes::Bytes;
use hearth_auth::{HouseGrant, ask};
use hearth_eyes::{FacesIn, SeenFace};
use hearth_face::Template;
use hearth_model::{FaultKind, SampleId, VisitId, WallTime, WatchedId};
use hearth_store::{StoreError, StoredWatched, WATCHED_PICTURES_MAX};
use hearth_vault::{KeyScope, VaultError};

use crate::{
    Hub,
    audit::actor,
    error::{Result, UseCaseError},
    faces::Privacy,
    house::House,
    identity::store_error,
    name::PersonName,
    people::{EnrolmentRefused, FaceChoice, chosen},
};

pub use document::{PublishedPerson, WatchedSource};
use document::{WatchedDocument, WatchedFace, WatchedPerson, open_picture, seal_picture};
pub(crate) use import::import_daily;
pub(crate) use list::WatchList;
pub use settings::{ImportSettings, LastImport, PublishedClass, WatchListSettings};
pub use view::{WatchListView, WatchedFaceView, WatchedView};

/// Longest reason.
const REASON_CHARACTERS_MAX: usize = 500;

/// Nobody is watched for longer without somebody saying so again.
const DAYS_MAX: u32 = 366;

/// 'Not this person' of one of them; the oldest of more is forgotten.
const REJECTIONS_MAX: usize = 50;

/// Somebody to watch for, as they are sent.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWatched {
    /// What they are called.
    pub name: PersonName,
    /// Why they are watched for, 1 to 500 characters.
    pub reason: String,
    /// Until when, a year ahead at most.
    pub ends_at: WallTime,
}

/// Where a face is taken from.
#[derive(Clone, Debug)]
pub enum WatchedFrom {
    /// The bytes of a photograph.
    Photo(Bytes),
    /// A face of a visit.
    Visit(VisitId, usize),
}

impl Hub {
    /// The list, what is set, and which faces wait for a person to look at them.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn watch_list(&self, grant: &HouseGrant<ask::ManagePeople>) -> Result<WatchListView> {
        self.house().watch_list_view(grant.principal()).await
    }

    /// Switches the list and the published one on and off. Nobody is taken off it by that.
    ///
    /// # Errors
    /// `proof_needed`: to watch for people without asking them is decided by a person who is here;
    /// `bad_url`, `invalid`.
    pub async fn set_watch_list(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        mut settings: WatchListSettings,
    ) -> Result<WatchListView> {
        self.proved(grant.principal()).await?;
        settings.check()?;
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        house.keep_watch_list_settings(settings).await?;
        house.keep_snapshot().await;
        house.watch_list_view(grant.principal()).await
    }

    /// Adds somebody.
    ///
    /// # Errors
    /// `bad_reason`, `bad_end`, `too_many`.
    pub async fn add_watched(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        new: NewWatched,
    ) -> Result<WatchedView> {
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        house.check_watched(&new)?;
        let added_by = actor(grant.principal()).name.unwrap_or_else(|| "owner".to_owned());
        let NewWatched { name, reason, ends_at } = new;
        let source = WatchedSource::House { added_by };
        let document = WatchedDocument { name, reason, source, ends_at, faces: Vec::new() };
        let person = house.new_watched(document)?;
        house.keep_new_watched(person.clone(), &[]).await?;
        house.keep_snapshot().await;
        Ok(WatchedView::of(person))
    }

    /// Says anew who somebody is, why and until when they are watched for. Of whoever a published list
    /// names only that list says so.
    ///
    /// # Errors
    /// As for [`Hub::add_watched`]; `not_found`, `published`.
    pub async fn change_watched(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: WatchedId,
        new: NewWatched,
    ) -> Result<WatchedView> {
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        house.check_watched(&new)?;
        let mut person = house.own_watched(id)?;
        let NewWatched { name, reason, ends_at } = new;
        person.document = WatchedDocument { name, reason, ends_at, ..person.document };
        house.keep_watched(person.clone(), &[]).await?;
        house.keep_snapshot().await;
        Ok(WatchedView::of(person))
    }

    /// Takes somebody off the list: their key first, then everything of them. Whom a published list
    /// named does not come back with it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_watched(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: WatchedId,
    ) -> Result<()> {
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        let person = house.watched_person(id)?;
        if let Some(entry) = person.published() {
            let mut settings = house.watch_list.settings();
            settings.import.leave_out(&entry.uid);
            house.keep_watch_list_settings(settings).await?;
        }
        house.erase_watched(id).await?;
        house.keep_snapshot().await;
        Ok(())
    }

    /// Adds a view of somebody's face.
    ///
    /// # Errors
    /// `not_found`, `published`, `too_many`; `no_face`, `several_faces`, `poor_face` with the faces that
    /// were found.
    pub async fn add_watched_face(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: WatchedId,
        from: WatchedFrom,
        choice: FaceChoice,
    ) -> std::result::Result<WatchedView, EnrolmentRefused> {
        let house = self.house();
        house.own_watched(id)?;
        let faces = match from {
            WatchedFrom::Photo(file) => house.faces_in(FacesIn::Photo(file)).await?,
            WatchedFrom::Visit(visit, face) => house.visit_face(visit, face).await?,
        };
        let face = chosen(&faces, choice)?;
        // Looking took its time: they may be gone meanwhile.
        let _changing = house.watch_list.changing().await;
        let mut person = house.own_watched(id)?;
        if person.views.len() >= WATCHED_PICTURES_MAX {
            let text = "There are as many pictures as there may be. Remove one first.";
            return Err(UseCaseError::new(FaultKind::Limited, "too_many", text).into());
        }
        let pictures = house.take_view(&mut person, face)?;
        house.keep_watched(person.clone(), &pictures).await?;
        house.keep_snapshot().await;
        Ok(WatchedView::of(person))
    }

    /// Removes a view.
    ///
    /// # Errors
    /// `not_found`, `published`.
    pub async fn remove_watched_face(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: WatchedId,
        face: SampleId,
    ) -> Result<()> {
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        let mut person = house.own_watched(id)?;
        let place = person.document.faces.iter().position(|one| one.id == face);
        let place = place.ok_or_else(|| UseCaseError::not_found("face"))?;
        person.document.faces.remove(place);
        person.views.remove(place);
        house.keep_watched(person, &[]).await?;
        house.store.remove_watched_picture(face).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(())
    }

    /// The picture of a view.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn watched_picture(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: WatchedId,
        face: SampleId,
    ) -> Result<Bytes> {
        let house = self.house();
        let missing = || UseCaseError::not_found("picture");
        let person = house.watched_person(id)?;
        if !person.document.faces.iter().any(|one| one.id == face) {
            return Err(missing());
        }
        let sealed = house.store.watched_picture(face).await.map_err(store_error)?;
        let opened = open_picture(&house.vault, id, &sealed.ok_or_else(missing)?);
        Ok(Bytes::copy_from_slice(opened.ok_or_else(missing)?.expose()))
    }
}

impl House {
    async fn keep_watch_list_settings(&self, settings: WatchListSettings) -> Result<()> {
        let put = self.store.put_setting(WatchListSettings::KEY, &settings).await;
        put.map_err(store_error)?;
        self.watch_list.set(settings);
        Ok(())
    }

    fn check_watched(&self, new: &NewWatched) -> Result<()> {
        let reason = new.reason.trim();
        let is_text = |character: char| !character.is_control() || character == '\n';
        if reason.is_empty()
            || reason.chars().count() > REASON_CHARACTERS_MAX
            || !reason.chars().all(is_text)
        {
            let text = "Say in 1 to 500 characters why somebody is watched for.";
            return Err(UseCaseError::bad_input("bad_reason", text));
        }
        let now = self.clock.wall_now();
        let latest = now.plus_micros(i64::from(DAYS_MAX) * WallTime::MICROS_A_DAY);
        if new.ends_at <= now || new.ends_at > latest {
            let text = "Nobody is watched for longer than a year without somebody saying so again.";
            return Err(UseCaseError::bad_input("bad_end", text));
        }
        Ok(())
    }

    fn watched_person(&self, id: WatchedId) -> Result<WatchedPerson> {
        let nobody = || UseCaseError::not_found("person on the watch list");
        self.watch_list.get(id).ok_or_else(nobody)
    }

    /// Somebody whom the house itself put on the list.
    fn own_watched(&self, id: WatchedId) -> Result<WatchedPerson> {
        let person = self.watched_person(id)?;
        if person.published().is_some() {
            let text = "A published list says this. Take the person off, or change it there.";
            return Err(UseCaseError::new(FaultKind::Conflict, "published", text));
        }
        Ok(person)
    }

    /// Somebody with a key of their own, not kept yet.
    fn new_watched(&self, document: WatchedDocument) -> Result<WatchedPerson> {
        let id = WatchedId::new();
        let created = self.vault.create_scope(&KeyScope::Watched(id));
        created.map_err(|error| UseCaseError::internal(&error))?;
        let created_at = self.clock.wall_now();
        Ok(WatchedPerson { id, created_at, document, views: Vec::new(), rejections: Vec::new() })
    }

    /// Keeps what [`Self::new_watched`] made; if that fails, the key goes too.
    async fn keep_new_watched(
        &self,
        person: WatchedPerson,
        pictures: &[(SampleId, Vec<u8>)],
    ) -> Result<()> {
        let id = person.id;
        let kept = self.keep_watched(person, pictures).await;
        if kept.is_err() {
            self.destroy_watched_key(id)?;
        }
        kept
    }

    /// Keeps somebody as they are now, with pictures that are new. The caller holds
    /// [`WatchList::changing`].
    async fn keep_watched(
        &self,
        person: WatchedPerson,
        pictures: &[(SampleId, Vec<u8>)],
    ) -> Result<()> {
        let sealed = person.seal(&self.vault)?;
        let stored = StoredWatched { id: person.id, sealed, created_at: person.created_at };
        self.store.put_watched(&stored, pictures).await.map_err(store_error)?;
        self.watch_list.put(person);
        Ok(())
    }

    /// Takes a view of a face in; gives its sealed picture, if pictures of faces are kept.
    fn take_view(
        &self,
        person: &mut WatchedPerson,
        face: &SeenFace,
    ) -> Result<Vec<(SampleId, Vec<u8>)>> {
        let id = SampleId::new();
        let keeps = self.faces.settings().privacy != Privacy::Strict;
        let picture = face.picture.as_ref().filter(|_| keeps);
        let sealed = picture.map(|jpeg| seal_picture(&self.vault, person.id, jpeg)).transpose()?;
        person.document.faces.push(WatchedFace {
            id,
            added_at: self.clock.wall_now(),
            quality: face.quality.score,
            has_picture: picture.is_some(),
        });
        person.views.push(face.template.clone());
        Ok(sealed.into_iter().map(|sealed| (id, sealed)).collect())
    }

    /// Remembers of a face that it is not somebody's. The caller holds [`WatchList::changing`].
    pub(crate) async fn reject_watched(&self, id: WatchedId, face: Template) -> Result<()> {
        // They may be off the list by now.
        let Some(mut person) = self.watch_list.get(id) else { return Ok(()) };
        person.rejections.push(face);
        let too_many = person.rejections.len().saturating_sub(REJECTIONS_MAX);
        person.rejections.drain(..too_many);
        self.keep_watched(person, &[]).await?;
        self.keep_snapshot().await;
        Ok(())
    }

    /// Erases somebody: key, faces, pictures, and what waits for a look at them. The caller holds
    /// [`WatchList::changing`].
    ///
    /// promise: D-04, V-16.
    async fn erase_watched(&self, id: WatchedId) -> Result<()> {
        self.destroy_watched_key(id)?;
        self.watch_list.remove(id);
        self.forget_matches(id).await?;
        match self.store.remove_watched(id).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    fn destroy_watched_key(&self, id: WatchedId) -> Result<()> {
        match self.vault.destroy_scope(&KeyScope::Watched(id)) {
            Ok(()) | Err(VaultError::ScopeMissing(_)) => Ok(()),
            Err(error) => Err(UseCaseError::internal(&error)),
        }
    }

    /// Erases those whose time is over.
    pub(crate) async fn sweep_watch_list(&self) -> Result<()> {
        let now = self.clock.wall_now();
        let is_over = |person: &WatchedPerson| person.document.ends_at <= now;
        if !self.watch_list.all().iter().any(is_over) {
            return Ok(());
        }
        let _changing = self.watch_list.changing().await;
        for person in self.watch_list.all().into_iter().filter(is_over) {
            self.erase_watched(person.id).await?;
        }
        self.keep_snapshot().await;
        Ok(())
    }
}
