//! Going to the provider and coming back: to sign in, or to link one's account.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use hearth_auth::{
    AccountGrant, AuthorizationRequest, IdToken, IdTokenCheck, Rate, RateLimit, Throttled,
    TokenHash, UserName,
};
use hearth_model::{FaultKind, Role, UserId, WallTime};
use hearth_secret::SecretString;
use hearth_store::{ProviderLink, StoreError};

use super::{LinkView, Provider, documents::DocumentError};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::{Peer, SignedIn, lock, sign_in::throttled, store_error},
};

/// How long somebody may take at the provider.
const TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// Ceremonies under way. One address begins at most ten and then one a second, so it cannot take
/// all of them.
const UNDER_WAY_MAX: usize = 1_024;
const RATE: Rate = Rate { interval: Duration::from_secs(1), burst: 10 };
const ADDRESSES_MAX: usize = 1_024;

/// Ceremonies that wait for their answer.
pub(super) struct Ceremonies {
    under_way: HashMap<String, Ceremony>,
    rate: RateLimit<IpAddr>,
}

/// What is kept of one.
struct Ceremony {
    request: AuthorizationRequest,
    redirect_uri: String,
    purpose: Purpose,
    until: WallTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    SignIn,
    Link(UserId),
}

/// Where to send somebody, and what their browser keeps meanwhile.
#[derive(Clone, Debug)]
pub struct ProviderQuestion {
    /// The provider's address with the question in it.
    pub address: String,
    /// For a cookie: the answer counts only in the browser that asked.
    pub binding: SecretString,
}

impl Default for Ceremonies {
    fn default() -> Self {
        Self { under_way: HashMap::new(), rate: RateLimit::new(RATE, ADDRESSES_MAX) }
    }
}

impl Ceremonies {
    pub(super) fn forget(&mut self) {
        self.under_way.clear();
    }

    fn begin(&mut self, ceremony: Ceremony, now: WallTime) -> std::result::Result<(), Throttled> {
        if self.under_way.len() >= UNDER_WAY_MAX {
            self.under_way.retain(|_, other| now < other.until);
        }
        if self.under_way.len() >= UNDER_WAY_MAX {
            return Err(Throttled { retry_after: TIMEOUT });
        }
        self.under_way.insert(ceremony.request.state.clone(), ceremony);
        Ok(())
    }

    /// Uses up the ceremony that an answer is for, if the browser is the one that began it.
    fn take(
        &mut self,
        state: &str,
        binding: &SecretString,
        purpose: Purpose,
        now: WallTime,
    ) -> Option<Ceremony> {
        let waiting = self.under_way.get(state)?;
        let hash = |text: &SecretString| TokenHash::of(text.expose().as_bytes());
        if hash(&waiting.request.binding) != hash(binding) || waiting.purpose != purpose {
            return None;
        }
        self.under_way.remove(state).filter(|ceremony| now < ceremony.until)
    }
}

impl Hub {
    /// Begins a sign-in at the provider; the answer comes back to `redirect_uri`.
    ///
    /// # Errors
    /// `no_provider`, `provider_unreachable`, `throttled`.
    pub async fn begin_provider_sign_in(
        &self,
        redirect_uri: &str,
        peer: &Peer,
    ) -> Result<ProviderQuestion> {
        self.ask_provider(Purpose::SignIn, redirect_uri, peer).await
    }

    /// Begins to link one's account.
    ///
    /// # Errors
    /// `proof_needed`, and as [`Hub::begin_provider_sign_in`].
    pub async fn begin_link(
        &self,
        grant: &AccountGrant,
        redirect_uri: &str,
        peer: &Peer,
    ) -> Result<ProviderQuestion> {
        self.proved(grant.principal()).await?;
        self.ask_provider(Purpose::Link(grant.user()), redirect_uri, peer).await
    }

    async fn ask_provider(
        &self,
        purpose: Purpose,
        redirect_uri: &str,
        peer: &Peer,
    ) -> Result<ProviderQuestion> {
        let house = self.house();
        let now = house.clock.wall_now();
        let ceremonies = &house.identity.providers.ceremonies;
        lock(ceremonies).rate.take(peer.address.to_canonical(), now).map_err(throttled)?;
        let provider = self.current_provider()?;
        let metadata = provider.metadata().await.map_err(DocumentError::told)?;
        let request = AuthorizationRequest::generate();
        let question = ProviderQuestion {
            address: request.address(&metadata, &provider.settings.client_id, redirect_uri),
            binding: request.binding.clone(),
        };
        let micros = i64::try_from(TIMEOUT.as_micros()).unwrap_or(i64::MAX);
        let redirect_uri = redirect_uri.to_owned();
        let until = now.plus_micros(micros);
        let ceremony = Ceremony { request, redirect_uri, purpose, until };
        lock(ceremonies).begin(ceremony, now).map_err(throttled)?;
        Ok(question)
    }

    /// Signs in whoever the provider says is there, if their account is linked. No further factor
    /// is asked for: which ones are is the provider's to decide.
    ///
    /// # Errors
    /// `provider_refused`, the same whatever is wrong with the answer; `not_linked`;
    /// `provider_unreachable`.
    pub async fn finish_provider_sign_in(
        &self,
        state: &str,
        code: &SecretString,
        binding: &SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let mut account = None;
        let signed_in = self.try_provider_sign_in(state, code, binding, peer, &mut account).await;
        self.note_sign_in("sign_in_provider", peer, account.as_ref(), &signed_in);
        signed_in
    }

    async fn try_provider_sign_in(
        &self,
        state: &str,
        code: &SecretString,
        binding: &SecretString,
        peer: &Peer,
        account: &mut Option<UserName>,
    ) -> Result<SignedIn> {
        let house = self.house();
        // Not a fact worth keeping: anybody can send answers to nothing, as fast as they like.
        let ceremony = self.taken(state, binding, Purpose::SignIn)?;
        let provider = self.current_provider()?;
        let word = match self.word_of(&provider, &ceremony, code).await {
            Ok(word) => word,
            Err(error) => return Err(self.refused(peer, error).await),
        };
        let issuer = &provider.settings.issuer;
        let link = house.store.provider_link(issuer, &word.subject).await.map_err(store_error)?;
        let Some(link) = link else { return Err(self.refused(peer, not_linked()).await) };
        let user = house.store.user(link.user).await.map_err(store_error)?;
        *account = Some(user.name.clone());
        if !user.is_active(house.clock.wall_now()) || user.role == Role::Service {
            return Err(self.refused(peer, not_linked()).await);
        }
        self.begin_session(user, peer).await
    }

    /// Links one's account to whoever the provider says is there.
    ///
    /// # Errors
    /// `proof_needed`, `provider_refused`, `provider_unreachable`; `conflict` if that person is
    /// linked to another account.
    pub async fn finish_link(
        &self,
        grant: &AccountGrant,
        state: &str,
        code: &SecretString,
        binding: &SecretString,
    ) -> Result<LinkView> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let ceremony = self.taken(state, binding, Purpose::Link(grant.user()))?;
        let provider = self.current_provider()?;
        let word = self.word_of(&provider, &ceremony, code).await?;
        let link = ProviderLink {
            issuer: provider.settings.issuer.clone(),
            subject: word.subject,
            user: grant.user(),
            label: word.label,
            linked_at: house.clock.wall_now(),
        };
        house.store.link_provider(&link).await.map_err(|error| match error {
            StoreError::Conflict { .. } => UseCaseError::new(
                FaultKind::Conflict,
                "conflict",
                "This person is linked to another account here.",
            ),
            other => store_error(other),
        })?;
        self.identity_changed(None).await;
        Ok(LinkView { label: link.label, linked_at: link.linked_at })
    }

    fn current_provider(&self) -> Result<Arc<Provider>> {
        let none = "This house has no sign-in provider.";
        let provider = self.house().identity.providers.current();
        provider.ok_or_else(|| UseCaseError::new(FaultKind::NotFound, "no_provider", none))
    }

    fn taken(&self, state: &str, binding: &SecretString, purpose: Purpose) -> Result<Ceremony> {
        let house = self.house();
        let now = house.clock.wall_now();
        let taken = lock(&house.identity.providers.ceremonies).take(state, binding, purpose, now);
        taken.ok_or_else(refused)
    }

    /// What the provider says to the answer that somebody brought.
    async fn word_of(
        &self,
        provider: &Provider,
        ceremony: &Ceremony,
        code: &SecretString,
    ) -> Result<IdToken> {
        let request = &ceremony.request;
        let said = async {
            let token = provider.trade(request, code, &ceremony.redirect_uri).await?;
            let kid = IdToken::key_name(token.expose())?;
            let keys = provider.keys(kid.as_deref()).await?;
            let check = IdTokenCheck {
                issuer: &provider.settings.issuer,
                client_id: &provider.settings.client_id,
                nonce: &request.nonce,
                now: self.house().clock.wall_now(),
            };
            Ok::<_, DocumentError>(IdToken::verify(token.expose(), &keys, &check)?)
        };
        said.await.map_err(|error| match error {
            unreachable @ (DocumentError::Asking(_) | DocumentError::Paused) => unreachable.told(),
            DocumentError::Status(_) | DocumentError::Answer(_) => {
                tracing::warn!(%error, "a sign-in at the provider was refused");
                refused()
            }
        })
    }
}

fn refused() -> UseCaseError {
    let text = "The sign-in provider's answer does not count, or came too late. Begin again.";
    UseCaseError::new(FaultKind::Unauthenticated, "provider_refused", text)
}

fn not_linked() -> UseCaseError {
    let text = "No account here is linked to you. Sign in with your password, then link it in your account.";
    UseCaseError::new(FaultKind::Unauthenticated, "not_linked", text)
}
