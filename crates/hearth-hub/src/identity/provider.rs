//! The OpenID Connect provider at which people may sign in, if the house has one.
//!
//! It is set by whoever manages accounts; its secret is sealed and never shown. An account is
//! reached through it only after its owner, signed in here, has linked it: what the provider calls
//! somebody (a name, an address) decides nothing.

mod ceremony;
mod documents;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hearth_auth::{AccountGrant, HouseGrant, ProviderMetadata, ask};
use hearth_http::{Client, Fingerprint, Trust};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use hearth_store::{Store, StoreError};
use hearth_vault::{KeyScope, Vault};

use super::{lock, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
};
use ceremony::Ceremonies;
use documents::Documents;

pub use ceremony::ProviderQuestion;

/// Setting that holds the provider.
const SETTING: &str = "sign_in_provider";
/// Context under which its secret is sealed.
const CONTEXT: &[u8] = b"sign-in provider v1";

/// Somebody waits in front of a page meanwhile.
const DEADLINE: Duration = Duration::from_secs(8);
/// Longer than any name that fits a button.
const NAME_CHARACTERS_MAX: usize = 40;
/// Longer than any provider's.
const CLIENT_ID_BYTES_MAX: usize = 256;
/// Longer than any provider's.
const SECRET_BYTES_MAX: usize = 1024;

/// A provider to use.
#[derive(Clone, Debug)]
pub struct NewProvider {
    /// What people call it: the button says `Continue with NAME`.
    pub name: String,
    /// Its address, as it writes it in its tokens.
    pub issuer: String,
    /// What it calls this hub.
    pub client_id: String,
    /// What this hub proves itself with; none for a public client, which has its proof key only.
    pub client_secret: Option<SecretString>,
    /// Its certificate, if no public authority signed it.
    pub certificate: Option<Fingerprint>,
}

/// The provider as those see it who manage accounts.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ProviderView {
    /// What people call it.
    pub name: String,
    /// Its address.
    pub issuer: String,
    /// What it calls this hub.
    pub client_id: String,
    /// Whether a secret is kept.
    pub has_secret: bool,
    /// SHA-256 of the certificate that is pinned.
    #[schema(value_type = Option<String>)]
    pub certificate_sha256: Option<Fingerprint>,
}

/// An account's link.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct LinkView {
    /// What the provider called its owner when they linked it.
    pub label: Option<String>,
    /// When that was.
    pub linked_at: WallTime,
}

/// As it is kept.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    name: String,
    issuer: String,
    client_id: String,
    sealed_secret: Option<Vec<u8>>,
    certificate: Option<Fingerprint>,
}

/// The provider in force, and sign-ins at it that are under way.
pub(super) struct Providers {
    current: Mutex<Option<Arc<Provider>>>,
    ceremonies: Mutex<Ceremonies>,
}

/// A provider, and what it publishes.
pub(super) struct Provider {
    settings: NewProvider,
    client: Client,
    documents: Documents,
}

impl Provider {
    fn new(settings: NewProvider) -> Self {
        let trust = settings.certificate.map_or(Trust::Roots, Trust::Pinned);
        let client = Client::builder().deadline(DEADLINE).trust(trust).build();
        Self { settings, client, documents: Documents::default() }
    }

    fn view(&self) -> ProviderView {
        let NewProvider { name, issuer, client_id, client_secret, certificate } = &self.settings;
        ProviderView {
            name: name.clone(),
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            has_secret: client_secret.is_some(),
            certificate_sha256: *certificate,
        }
    }
}

impl Providers {
    /// With what was set. A secret that does not open leaves the house without a provider: people
    /// have their passwords.
    pub(super) async fn open(
        store: &Store,
        vault: &Vault,
    ) -> std::result::Result<Self, StoreError> {
        let kept: Option<Kept> = store.setting::<Option<Kept>>(SETTING).await?.flatten();
        let provider = kept.and_then(|kept| {
            let secret = match &kept.sealed_secret {
                Some(sealed) => match opened(vault, sealed) {
                    Some(secret) => Some(secret),
                    None => {
                        tracing::warn!("the secret of the sign-in provider does not open");
                        return None;
                    }
                },
                None => None,
            };
            let Kept { name, issuer, client_id, certificate, .. } = kept;
            let settings =
                NewProvider { name, issuer, client_id, client_secret: secret, certificate };
            Some(Arc::new(Provider::new(settings)))
        });
        Ok(Self { current: Mutex::new(provider), ceremonies: Mutex::default() })
    }

    fn current(&self) -> Option<Arc<Provider>> {
        lock(&self.current).clone()
    }
}

impl Hub {
    /// What the provider is called, if there is one: anybody may know.
    pub fn provider_name(&self) -> Option<String> {
        self.house().identity.providers.current().map(|provider| provider.settings.name.clone())
    }

    /// The provider.
    pub fn provider(&self, _grant: &HouseGrant<ask::ManageUsers>) -> Option<ProviderView> {
        self.house().identity.providers.current().map(|provider| provider.view())
    }

    /// Sets the provider, after it has answered: nothing is kept of one that does not. Another
    /// issuer leaves the links of the one before without effect.
    ///
    /// # Errors
    /// `bad_provider`, `provider_unreachable`, `provider_not_trusted`, `provider_wrong`.
    pub async fn set_provider(
        &self,
        _grant: &HouseGrant<ask::ManageUsers>,
        new: NewProvider,
    ) -> Result<ProviderView> {
        check(&new)?;
        let house = self.house();
        let provider = Provider::new(new);
        provider.metadata().await.map_err(documents::DocumentError::told)?;
        let settings = &provider.settings;
        let seal = |secret: &SecretString| {
            house.vault.seal(&KeyScope::House, CONTEXT, secret.expose().as_bytes())
        };
        let sealed = settings.client_secret.as_ref().map(seal).transpose();
        let kept = Kept {
            name: settings.name.clone(),
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            sealed_secret: sealed.map_err(|error| UseCaseError::internal(&error))?,
            certificate: settings.certificate,
        };
        let view = provider.view();
        self.replace_provider(Some(kept), Some(provider)).await?;
        Ok(view)
    }

    /// The house has no provider any more. Links are kept, in case the same one comes back.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn remove_provider(&self, _grant: &HouseGrant<ask::ManageUsers>) -> Result<()> {
        self.replace_provider(None, None).await
    }

    async fn replace_provider(&self, kept: Option<Kept>, new: Option<Provider>) -> Result<()> {
        let house = self.house();
        house.store.put_setting(SETTING, &kept).await.map_err(store_error)?;
        *lock(&house.identity.providers.current) = new.map(Arc::new);
        lock(&house.identity.providers.ceremonies).forget();
        self.identity_changed(None).await;
        Ok(())
    }

    /// One's own link.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn own_link(&self, grant: &AccountGrant) -> Result<Option<LinkView>> {
        let house = self.house();
        let Some(provider) = house.identity.providers.current() else { return Ok(None) };
        let link = house.store.provider_link_of(grant.user()).await.map_err(store_error)?;
        let link = link.filter(|link| link.issuer == provider.settings.issuer);
        Ok(link.map(|link| LinkView { label: link.label, linked_at: link.linked_at }))
    }

    /// Ends one's own link.
    ///
    /// # Errors
    /// `proof_needed`, `not_found`.
    pub async fn end_own_link(&self, grant: &AccountGrant) -> Result<()> {
        self.proved(grant.principal()).await?;
        let ended = self.house().store.unlink_provider(grant.user()).await.map_err(store_error)?;
        if !ended {
            return Err(UseCaseError::not_found("link"));
        }
        self.identity_changed(None).await;
        Ok(())
    }
}

/// Hosts and ports to which connections are expected because of the provider.
pub(crate) async fn provider_hosts(house: &House) -> Vec<(String, u16)> {
    match house.identity.providers.current() {
        Some(provider) => provider.hosts().await,
        None => Vec::new(),
    }
}

fn opened(vault: &Vault, sealed: &[u8]) -> Option<SecretString> {
    let plain = vault.unseal(&KeyScope::House, CONTEXT, sealed).ok()?;
    let text = std::str::from_utf8(plain.expose()).ok()?;
    Some(SecretString::new(text.to_owned()))
}

fn check(new: &NewProvider) -> Result<()> {
    let is_line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
    let message = if !is_line(&new.name) || new.name.chars().count() > NAME_CHARACTERS_MAX {
        "The name is one line of 1 to 40 characters."
    } else if !ProviderMetadata::is_issuer(&new.issuer) {
        "The issuer is an address that begins with https:// and has no ? or #."
    } else if !is_line(&new.client_id) || new.client_id.len() > CLIENT_ID_BYTES_MAX {
        "The client id is one line of 1 to 256 bytes."
    } else if new.client_secret.as_ref().is_some_and(|secret| {
        secret.expose().is_empty() || secret.expose().len() > SECRET_BYTES_MAX
    }) {
        "The client secret has 1 to 1024 bytes."
    } else {
        return Ok(());
    };
    Err(UseCaseError::bad_input("bad_provider", message))
}
