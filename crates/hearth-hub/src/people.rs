//! People who agreed to be known: add, record and withdraw consent, export, erase.
//!
//! Everything of a person is sealed under a key of their own. Erasing somebody destroys that key
//! first: what copies and backups hold of them is unreadable from then on (promises V-16, D-04).

mod document;
mod enrolment;
mod footage;
mod group;
mod roster;
mod view;

use hearth_auth::{HouseGrant, ask};
use hearth_model::{FaultKind, PersonId, SampleId, WallTime};
use hearth_store::{StoreError, StoredPerson};
use hearth_vault::{KeyScope, VaultError};

use crate::{
    Hub,
    audit::actor,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    name::{GroupName, PersonName},
};

pub use document::{Consent, SampleSource, Tell};
pub(crate) use document::{PersonDocument, SampleDocument};
pub(crate) use enrolment::chosen;
pub use enrolment::{EnrolmentRefused, FaceChoice, SampleFrom};
pub use footage::ErasedFootage;
pub(crate) use group::PersonGroups;
pub use group::{GroupView, NewGroup};
pub(crate) use roster::{KnownPerson, KnownSample, Roster};
pub use view::{
    ErasedPerson, OfferedFace, PersonDetail, PersonState, PersonView, RejectionView, SampleView,
};

/// What somebody agreed to, as it is sent.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// Who agreed.
    pub given_by: String,
    /// To what.
    pub text: String,
    /// Until when.
    #[serde(default)]
    pub expires_at: Option<WallTime>,
}

/// What can be changed of a person; what is left out stays.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonPatch {
    /// Another name.
    pub name: Option<PersonName>,
    /// When somebody wants to be told.
    pub tell: Option<Tell>,
}

/// Everything that is kept of a person, for them to take along.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct PersonExport {
    /// When it was put together.
    pub exported_at: WallTime,
    /// The person with their consent and the list of samples.
    pub person: PersonDetail,
    /// What the groups are called to which they belong.
    pub groups: Vec<GroupName>,
    /// Pictures of samples.
    pub pictures: Vec<ExportedPicture>,
    /// Their visits.
    pub visits: Vec<crate::visits::VisitView>,
}

/// A picture in an export.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ExportedPicture {
    /// Of which sample.
    pub sample: SampleId,
    /// JPEG, in base64.
    pub jpeg: String,
}

impl Hub {
    /// Everybody who is known.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn people(&self, _grant: &HouseGrant<ask::ManagePeople>) -> Result<Vec<PersonView>> {
        let house = self.house();
        let mut people = Vec::new();
        for person in house.people.all() {
            people.push(house.person_view(&person).await?);
        }
        Ok(people)
    }

    /// One person.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn person(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
    ) -> Result<PersonDetail> {
        self.house().person_detail(id).await
    }

    /// Adds a person, with their consent if it is known already.
    ///
    /// # Errors
    /// `name_taken`, `bad_consent`.
    pub async fn add_person(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        name: PersonName,
        consent: Option<NewConsent>,
    ) -> Result<PersonView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        house.require_free_name(&name, None)?;
        let now = house.clock.wall_now();
        let consent = consent.map(|consent| recorded(consent, grant, now)).transpose()?;
        let id = PersonId::new();
        let document = PersonDocument { name, consent, tell: Tell::default() };
        let person = KnownPerson { id, created_at: now, document, samples: Vec::new() };
        let scope = KeyScope::Person(id);
        house.vault.create_scope(&scope).map_err(|error| UseCaseError::internal(&error))?;
        let sealed = person.document.seal(&house.vault, id)?;
        let stored = StoredPerson { id, sealed, created_at: now };
        if let Err(error) = house.store.add_person(&stored).await {
            house.destroy_person_key(id)?;
            return Err(store_error(error));
        }
        house.people.put(person.clone(), now);
        house.keep_snapshot().await;
        house.person_view(&person).await
    }

    /// Changes a person's name or wishes.
    ///
    /// # Errors
    /// `not_found`, `name_taken`.
    pub async fn update_person(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
        patch: PersonPatch,
    ) -> Result<PersonView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let mut person = house.known_person(id)?;
        if let Some(name) = patch.name {
            house.require_free_name(&name, Some(id))?;
            person.document.name = name;
        }
        person.document.tell = patch.tell.unwrap_or(person.document.tell);
        house.keep_person(person).await
    }

    /// Records that a person agreed; it takes the place of what they agreed to before.
    ///
    /// # Errors
    /// `not_found`, `bad_consent`.
    pub async fn set_consent(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
        consent: NewConsent,
    ) -> Result<PersonView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let mut person = house.known_person(id)?;
        person.document.consent = Some(recorded(consent, grant, house.clock.wall_now())?);
        house.keep_person(person).await
    }

    /// Records that a person withdrew their consent: they are not recognised from now on.
    ///
    /// # Errors
    /// `not_found`, `no_consent`.
    pub async fn withdraw_consent(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
    ) -> Result<PersonView> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let mut person = house.known_person(id)?;
        let now = house.clock.wall_now();
        let consent = person.document.consent.as_mut().ok_or_else(no_consent)?;
        consent.withdrawn_at.get_or_insert(now);
        house.keep_person(person).await
    }

    /// Erases a person: key, faces, pictures; their visits forget who it was, and they belong to no
    /// group any more. `with_footage` also what was recorded around their visits.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`. The key goes first: if that fails, nothing is touched; if something
    /// fails later, erasing again goes on.
    ///
    /// promise: V-16, D-04.
    pub async fn erase_person(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
        with_footage: bool,
    ) -> Result<ErasedPerson> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let _changing = house.people.changing().await;
        let person = house.known_person(id)?;
        let now = house.clock.wall_now();
        house.destroy_person_key(id)?;
        let nobody = PersonDocument { consent: None, ..person.document.clone() };
        let faceless = KnownPerson { document: nobody, samples: Vec::new(), ..person.clone() };
        house.people.put(faceless, now);
        // Before their visits change, which is told to rules.
        house.leave_groups(id).await?;
        let footage = match with_footage {
            true => Some(house.erase_footage_of(id).await?),
            false => None,
        };
        let (visits, pictures) = house.forget_in_visits(id).await?;
        house.forget_in_questions(person.document.name.as_str()).await?;
        house.people.remove(id, now);
        match house.store.remove_person(id).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(store_error(error)),
        }
        house.keep_snapshot().await;
        let samples = person.views().count();
        let rejections = person.samples.len() - samples;
        Ok(ErasedPerson { samples, rejections, visits, pictures, footage })
    }

    /// Everything that is kept of a person.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`.
    pub async fn export_person(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
        id: PersonId,
    ) -> Result<PersonExport> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let person = house.person_detail(id).await?;
        let mut pictures = Vec::new();
        for sample in person.sample_list.iter().filter(|sample| sample.picture) {
            if let Ok(jpeg) = self.sample_picture(grant, id, sample.id).await {
                use base64::{Engine, engine::general_purpose::STANDARD};
                let jpeg = STANDARD.encode(&jpeg);
                pictures.push(ExportedPicture { sample: sample.id, jpeg });
            }
        }
        let visits = house.all_visits_of(id, grant.principal()).await?;
        let (exported_at, groups) = (house.clock.wall_now(), house.groups.names_of(id));
        Ok(PersonExport { exported_at, person, groups, pictures, visits })
    }

    /// The picture of a sample.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn sample_picture(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        person: PersonId,
        sample: SampleId,
    ) -> Result<bytes::Bytes> {
        let house = self.house();
        let missing = || UseCaseError::not_found("picture");
        let known = house.known_person(person)?;
        if !known.samples.iter().any(|one| one.id == sample) {
            return Err(missing());
        }
        let sealed = house.store.face_sample_picture(sample).await.map_err(store_error)?;
        let opened = document::open_picture(&house.vault, person, &sealed.ok_or_else(missing)?);
        Ok(bytes::Bytes::copy_from_slice(opened.ok_or_else(missing)?.expose()))
    }

    /// Removes a view of a face, or takes back that a face is not this person's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_sample(
        &self,
        _grant: &HouseGrant<ask::ManagePeople>,
        person: PersonId,
        sample: SampleId,
    ) -> Result<()> {
        let house = self.house();
        let _changing = house.people.changing().await;
        let mut known = house.known_person(person)?;
        let place = known.samples.iter().position(|one| one.id == sample);
        let removed = known.samples.remove(place.ok_or_else(|| UseCaseError::not_found("sample"))?);
        if let (true, Some((visit, face))) = (removed.is_rejection, removed.document.visit) {
            house.take_back_rejection(visit, face, person).await?;
        }
        house.store.remove_face_sample(sample).await.map_err(store_error)?;
        house.people.put(known, house.clock.wall_now());
        house.keep_snapshot().await;
        Ok(())
    }
}

impl House {
    pub(crate) fn known_person(&self, id: PersonId) -> Result<KnownPerson> {
        self.people.get(id).ok_or_else(|| UseCaseError::not_found("person"))
    }

    fn require_free_name(&self, name: &PersonName, but: Option<PersonId>) -> Result<()> {
        if self.people.has_name(name.as_str(), but) {
            let text = "Somebody of this name is known already.";
            return Err(UseCaseError::new(FaultKind::Conflict, "name_taken", text));
        }
        Ok(())
    }

    /// Stores what changed of a person.
    async fn keep_person(&self, person: KnownPerson) -> Result<PersonView> {
        let sealed = person.document.seal(&self.vault, person.id)?;
        self.store.update_person(person.id, &sealed).await.map_err(store_error)?;
        self.people.put(person.clone(), self.clock.wall_now());
        self.keep_snapshot().await;
        self.person_view(&person).await
    }

    async fn person_view(&self, person: &KnownPerson) -> Result<PersonView> {
        let (visits, last_seen) = self.store.visits_of(person.id).await.map_err(store_error)?;
        let samples = person.views().count();
        Ok(PersonView {
            id: person.id,
            name: person.document.name.clone(),
            state: PersonState::of(person, self.clock.wall_now()),
            created_at: person.created_at,
            consent: person.document.consent.clone(),
            samples,
            rejections: person.samples.len() - samples,
            visits,
            last_seen,
            tell: person.document.tell,
        })
    }

    async fn person_detail(&self, id: PersonId) -> Result<PersonDetail> {
        let person = self.known_person(id)?;
        Ok(PersonDetail::of(self.person_view(&person).await?, &person))
    }

    fn destroy_person_key(&self, id: PersonId) -> Result<()> {
        match self.vault.destroy_scope(&KeyScope::Person(id)) {
            Ok(()) | Err(VaultError::ScopeMissing(_)) => Ok(()),
            Err(error) => Err(UseCaseError::internal(&error)),
        }
    }
}

pub(crate) fn no_consent() -> UseCaseError {
    let text = "This person has not agreed to be recognised. Record their consent first.";
    UseCaseError::new(FaultKind::Conflict, "no_consent", text)
}

/// A consent as it is written down now.
fn recorded(
    consent: NewConsent,
    grant: &HouseGrant<ask::ManagePeople>,
    now: WallTime,
) -> Result<Consent> {
    let NewConsent { given_by, text, expires_at } = consent;
    let fits = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
    let is_fit = fits(&given_by, Consent::GIVEN_BY_CHARACTERS_MAX)
        && fits(&text, Consent::TEXT_CHARACTERS_MAX)
        && !given_by.chars().any(char::is_control)
        && expires_at.is_none_or(|end| end > now);
    if !is_fit {
        let text = "A consent says who agreed, to what, and until when, if it ends.";
        return Err(UseCaseError::bad_input("bad_consent", text));
    }
    let recorded_by = actor(grant.principal()).name.unwrap_or_else(|| "owner".to_owned());
    Ok(Consent { given_by, recorded_by, text, at: now, expires_at, withdrawn_at: None })
}
