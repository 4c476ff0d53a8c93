//! What is kept of somebody on the watch list, sealed under a key of their own: whoever is taken off it
//! is gone from every copy (promise D-04).

use hearth_face::{TEMPLATE_BYTES, Template};
use hearth_model::{SampleId, WallTime, WatchedId};
use hearth_secret::SecretBytes;
use hearth_vault::{KeyScope, Vault};
use zeroize::Zeroizing;

use crate::{
    error::{Result, UseCaseError},
    house::zeroizing_json,
    name::PersonName,
};

/// Contexts under which the parts are sealed.
const PERSON_CONTEXT: &[u8] = b"watched person v1";
const PICTURE_CONTEXT: &[u8] = b"watched picture v1";

/// Bytes that say how long the text before the faces is.
const LENGTH_BYTES: usize = 4;

/// Who put somebody on the list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WatchedSource {
    /// Somebody of the house.
    House {
        /// Who.
        added_by: String,
    },
    /// A list that an authority publishes.
    Published(PublishedPerson),
}

/// Somebody as an authority publishes them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct PublishedPerson {
    /// Its own name of the entry.
    pub uid: String,
    /// Where people read it.
    pub url: String,
    /// Under which heading it stands.
    pub class: super::PublishedClass,
    /// When it was published, as it says.
    pub published: Option<String>,
    /// When it was changed last, as it says.
    pub modified: String,
    /// When it was last seen on the list.
    pub seen_at: WallTime,
}

/// A view of a face.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct WatchedFace {
    pub(crate) id: SampleId,
    pub(crate) added_at: WallTime,
    pub(crate) quality: f32,
    pub(crate) has_picture: bool,
}

/// All of it but how they look.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct WatchedDocument {
    pub(crate) name: PersonName,
    /// Why they are watched for.
    pub(crate) reason: String,
    pub(crate) source: WatchedSource,
    /// Nobody is watched for without an end.
    pub(crate) ends_at: WallTime,
    pub(crate) faces: Vec<WatchedFace>,
}

/// Somebody on the list.
#[derive(Clone)]
pub(crate) struct WatchedPerson {
    pub(crate) id: WatchedId,
    pub(crate) created_at: WallTime,
    pub(crate) document: WatchedDocument,
    /// One for each of the document's faces.
    pub(crate) views: Vec<Template>,
    /// Faces of which somebody said that they are not theirs.
    pub(crate) rejections: Vec<Template>,
}

impl WatchedPerson {
    pub(crate) fn published(&self) -> Option<&PublishedPerson> {
        match &self.document.source {
            WatchedSource::Published(entry) => Some(entry),
            WatchedSource::House { .. } => None,
        }
    }

    /// The text with its length, then views, then rejections.
    pub(crate) fn seal(&self, vault: &Vault) -> Result<Vec<u8>> {
        let json = zeroizing_json(&self.document)?;
        let (json, templates) = (json.expose(), self.views.len() + self.rejections.len());
        let length = u32::try_from(json.len()).map_err(|error| UseCaseError::internal(&error))?;
        let bytes = LENGTH_BYTES + json.len() + templates * TEMPLATE_BYTES;
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes));
        plain.extend_from_slice(&length.to_le_bytes());
        plain.extend_from_slice(json);
        for template in self.views.iter().chain(&self.rejections) {
            plain.extend_from_slice(template.to_bytes().expose());
        }
        seal(vault, self.id, PERSON_CONTEXT, &plain)
    }

    pub(crate) fn open(
        vault: &Vault,
        id: WatchedId,
        created_at: WallTime,
        sealed: &[u8],
    ) -> Option<Self> {
        let plain = vault.unseal(&KeyScope::Watched(id), PERSON_CONTEXT, sealed).ok()?;
        let (length, rest) = plain.expose().split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (json, templates) = rest.split_at_checked(length)?;
        let document: WatchedDocument = serde_json::from_slice(json).ok()?;
        let templates = templates.chunks_exact(TEMPLATE_BYTES);
        let mut views: Vec<Template> =
            templates.map(Template::from_bytes).collect::<std::result::Result<_, _>>().ok()?;
        if views.len() < document.faces.len() {
            return None;
        }
        let rejections = views.split_off(document.faces.len());
        Some(Self { id, created_at, document, views, rejections })
    }
}

pub(crate) fn seal_picture(vault: &Vault, id: WatchedId, jpeg: &[u8]) -> Result<Vec<u8>> {
    seal(vault, id, PICTURE_CONTEXT, jpeg)
}

pub(crate) fn open_picture(vault: &Vault, id: WatchedId, sealed: &[u8]) -> Option<SecretBytes> {
    vault.unseal(&KeyScope::Watched(id), PICTURE_CONTEXT, sealed).ok()
}

fn seal(vault: &Vault, id: WatchedId, context: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let sealed = vault.seal(&KeyScope::Watched(id), context, plain);
    sealed.map_err(|error| UseCaseError::internal(&error))
}
