//! What is kept of a person, and how it is sealed: name, consent and faces under a key of their own,
//! so that destroying one key makes every copy of them unreadable (promise D-04).

use hearth_face::{TEMPLATE_BYTES, Template};
use hearth_model::{PersonId, VisitId, WallTime};
use hearth_secret::SecretBytes;
use hearth_vault::{KeyScope, Vault};

use crate::{
    error::{Result, UseCaseError},
    house::zeroizing_json,
    name::PersonName,
};

/// Contexts under which the parts of a person are sealed.
const PERSON_CONTEXT: &[u8] = b"person v1";
const SAMPLE_CONTEXT: &[u8] = b"face sample v1";
const PICTURE_CONTEXT: &[u8] = b"face picture v1";

/// That a person agreed to be recognised (promises V-16, D-33).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Consent {
    /// Who agreed: the person, or who may agree for them.
    pub given_by: String,
    /// The account that wrote it down.
    pub recorded_by: String,
    /// To what, in their words.
    pub text: String,
    /// When.
    pub at: WallTime,
    /// Until when; without it, until it is withdrawn.
    pub expires_at: Option<WallTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<WallTime>,
}

impl Consent {
    /// Longest name of who agreed.
    pub const GIVEN_BY_CHARACTERS_MAX: usize = 120;
    /// Longest text.
    pub const TEXT_CHARACTERS_MAX: usize = 4_000;

    /// Whether it allows anything at a time.
    pub fn holds_at(&self, now: WallTime) -> bool {
        self.withdrawn_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// When somebody wants to be told that this person came.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// Never.
    Never,
    /// When they come for the first time on a day.
    FirstOfDay,
    /// Always.
    #[default]
    Always,
}

/// Everything of a person but their face.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct PersonDocument {
    pub(crate) name: PersonName,
    pub(crate) consent: Option<Consent>,
    #[serde(default)]
    pub(crate) tell: Tell,
}

/// Where a view of a face comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SampleSource {
    /// From a photograph.
    Photo,
    /// From a visit.
    Visit,
    /// From a camera.
    Camera,
}

/// What is kept beside a template.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct SampleDocument {
    pub(crate) source: SampleSource,
    pub(crate) quality: f32,
    pub(crate) picture: bool,
    /// Which face of which visit it is.
    pub(crate) visit: Option<(VisitId, usize)>,
}

impl PersonDocument {
    pub(crate) fn seal(&self, vault: &Vault, person: PersonId) -> Result<Vec<u8>> {
        let json = zeroizing_json(self)?;
        seal(vault, person, PERSON_CONTEXT, json.expose())
    }

    pub(crate) fn open(vault: &Vault, person: PersonId, sealed: &[u8]) -> Option<Self> {
        let json = vault.unseal(&KeyScope::Person(person), PERSON_CONTEXT, sealed).ok()?;
        serde_json::from_slice(json.expose()).ok()
    }
}

impl SampleDocument {
    /// Template and document as one sealed value: the template, then JSON.
    pub(crate) fn seal(
        &self,
        vault: &Vault,
        person: PersonId,
        template: &Template,
    ) -> Result<Vec<u8>> {
        let (template, json) = (template.to_bytes(), zeroizing_json(self)?);
        let mut plain = Vec::with_capacity(template.expose().len() + json.expose().len());
        plain.extend_from_slice(template.expose());
        plain.extend_from_slice(json.expose());
        let plain = SecretBytes::new(plain);
        seal(vault, person, SAMPLE_CONTEXT, plain.expose())
    }

    pub(crate) fn open(vault: &Vault, person: PersonId, sealed: &[u8]) -> Option<(Self, Template)> {
        let plain = vault.unseal(&KeyScope::Person(person), SAMPLE_CONTEXT, sealed).ok()?;
        let (template, json) = plain.expose().split_at_checked(TEMPLATE_BYTES)?;
        let template = Template::from_bytes(template).ok()?;
        Some((serde_json::from_slice(json).ok()?, template))
    }
}

/// Seals a sample's picture.
pub(crate) fn seal_picture(vault: &Vault, person: PersonId, jpeg: &[u8]) -> Result<Vec<u8>> {
    seal(vault, person, PICTURE_CONTEXT, jpeg)
}

/// Opens what [`seal_picture`] made.
pub(crate) fn open_picture(vault: &Vault, person: PersonId, sealed: &[u8]) -> Option<SecretBytes> {
    vault.unseal(&KeyScope::Person(person), PICTURE_CONTEXT, sealed).ok()
}

fn seal(vault: &Vault, person: PersonId, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let sealed = vault.seal(&KeyScope::Person(person), context, plain);
    sealed.map_err(|error| UseCaseError::internal(&error))
}
