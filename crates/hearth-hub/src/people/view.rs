//! People as surfaces show them.

use hearth_face::Flaw;
use hearth_model::{PersonId, Rect, SampleId, VisitId, WallTime};

use super::{
    document::{Consent, SampleSource, Tell},
    footage::ErasedFootage,
    roster::KnownPerson,
};
use crate::name::PersonName;

/// Whether somebody is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// They are.
    Known,
    /// They never agreed.
    NoConsent,
    /// Their consent is over.
    Expired,
    /// They withdrew it.
    Withdrawn,
    /// They agreed, and no view of their face is kept.
    NoSamples,
}

/// A person.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct PersonView {
    /// Their id.
    pub id: PersonId,
    /// What they are called.
    pub name: PersonName,
    /// Whether they are recognised.
    pub state: PersonState,
    /// When they were added.
    pub created_at: WallTime,
    /// What they agreed to.
    pub consent: Option<Consent>,
    /// Views of their face.
    pub samples: usize,
    /// Faces that are not theirs.
    pub rejections: usize,
    /// How often they came.
    pub visits: u64,
    /// When they came last.
    pub last_seen: Option<WallTime>,
    /// When somebody wants to be told.
    pub tell: Tell,
}

/// A view of a face.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SampleView {
    /// Its id.
    pub id: SampleId,
    /// When it was added.
    pub added_at: WallTime,
    /// Where it comes from.
    pub source: SampleSource,
    /// How good it is, 0 to 1.
    pub quality: f32,
    /// Whether its picture is kept.
    pub picture: bool,
}

/// A face that is not a person's.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RejectionView {
    /// Its id.
    pub id: SampleId,
    /// When it was added.
    pub added_at: WallTime,
    /// In which visit it was seen.
    pub visit: Option<VisitId>,
}

/// A person with what is kept of their face.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct PersonDetail {
    /// The person.
    #[serde(flatten)]
    pub person: PersonView,
    /// Views of their face, oldest first.
    pub sample_list: Vec<SampleView>,
    /// Faces that are not theirs, oldest first.
    pub rejection_list: Vec<RejectionView>,
}

/// What went with a person.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, utoipa::ToSchema)]
pub struct ErasedPerson {
    /// Views of their face.
    pub samples: usize,
    /// Faces that are not theirs.
    pub rejections: usize,
    /// Visits that now say 'erased person'.
    pub visits: u64,
    /// Pictures of visits.
    pub pictures: u64,
    /// What was recorded around their visits, if that was to go too.
    pub footage: Option<ErasedFootage>,
}

/// A face that was found in a picture, for somebody to choose.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct OfferedFace {
    /// By which to choose it.
    pub index: usize,
    /// Where in the picture.
    pub area: Rect,
    /// How good the view is, 0 to 1.
    pub quality: f32,
    /// What is wrong with it.
    #[schema(value_type = Vec<String>)]
    pub flaws: Vec<Flaw>,
}

impl PersonState {
    pub(crate) fn of(person: &KnownPerson, now: WallTime) -> Self {
        match &person.document.consent {
            None => Self::NoConsent,
            Some(consent) if consent.withdrawn_at.is_some() => Self::Withdrawn,
            Some(consent) if !consent.holds_at(now) => Self::Expired,
            Some(_) if person.views().next().is_none() => Self::NoSamples,
            Some(_) => Self::Known,
        }
    }
}

impl PersonDetail {
    pub(crate) fn of(view: PersonView, person: &KnownPerson) -> Self {
        let sample_list = person.views().map(|sample| SampleView {
            id: sample.id,
            added_at: sample.added_at,
            source: sample.document.source,
            quality: sample.document.quality,
            picture: sample.document.picture,
        });
        let rejected = person.samples.iter().filter(|sample| sample.is_rejection);
        let rejection_list = rejected.map(|sample| RejectionView {
            id: sample.id,
            added_at: sample.added_at,
            visit: sample.document.visit.map(|(visit, _)| visit),
        });
        let (sample_list, rejection_list) = (sample_list.collect(), rejection_list.collect());
        Self { person: view, sample_list, rejection_list }
    }
}
