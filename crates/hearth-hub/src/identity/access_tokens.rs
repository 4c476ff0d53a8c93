//! Access tokens of a few minutes, and the refresh tokens by which a program gets the next one.

use std::{net::IpAddr, sync::Mutex, time::Duration};

use hearth_auth::{ApiTokenSecret, JwtClaims, KeyRing, RefreshToken, SigningKey, TokenHash};
use hearth_model::{FamilyId, FaultKind, WallTime};
use hearth_secret::{Key256, SecretString};
use hearth_store::{Refreshed, Store, StoreError, TokenOf};
use hearth_vault::{KeyScope, Vault};

use super::{Ending, MachineView, Peer, known::Known, lock, logged, store_error};
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// Setting that holds the signing keys, each sealed.
const KEYS_SETTING: &str = "signing_keys";

/// Context under which a signing key is sealed.
const KEY_CONTEXT: &[u8] = b"signing key v1";

/// How long a family of refresh tokens goes on: a program that was off for a month asks with its
/// token again.
const FAMILY_LIFETIME: Duration = Duration::from_secs(30 * 86_400);

/// A signing key as it is kept.
#[derive(serde::Serialize, serde::Deserialize)]
struct KeptKey {
    created_at: WallTime,
    sealed: Vec<u8>,
}

/// What a program gets for its token or refresh token.
#[derive(Clone, Debug)]
pub struct AccessTokens {
    /// To present as `Bearer`.
    pub access: SecretString,
    /// When that ends.
    pub expires_in: Duration,
    /// To trade for the next one, once.
    pub refresh: SecretString,
    /// When the family of refresh tokens ends.
    pub refresh_expires_at: WallTime,
}

/// Keys and what was verified with them lately.
pub(super) struct AccessKeys {
    ring: Mutex<KeyRing>,
    verified: Known<TokenHash, JwtClaims>,
}

impl AccessKeys {
    /// With the keys of the last run. One that does not open is left out: its tokens last minutes.
    pub(super) async fn open(
        store: &Store,
        vault: &Vault,
        now: WallTime,
    ) -> std::result::Result<Self, StoreError> {
        let kept: Option<Vec<KeptKey>> = store.setting(KEYS_SETTING).await?;
        let open = |kept: KeptKey| {
            let plain = vault.unseal(&KeyScope::House, KEY_CONTEXT, &kept.sealed).ok()?;
            let seed: [u8; 32] = plain.expose().as_slice().try_into().ok()?;
            Some(SigningKey::from_seed(Key256::new(seed), kept.created_at))
        };
        let keys: Vec<SigningKey> = kept.unwrap_or_default().into_iter().filter_map(open).collect();
        let is_new = keys.is_empty();
        let ring = KeyRing::new(keys, now);
        let opened = Self { ring: Mutex::new(ring), verified: Known::new() };
        if is_new && let Err(error) = opened.keep(store, vault).await {
            tracing::warn!(%error, "the signing key was not kept: tokens end with this run");
        }
        Ok(opened)
    }

    async fn keep(&self, store: &Store, vault: &Vault) -> std::result::Result<(), UseCaseError> {
        let kept: std::result::Result<Vec<KeptKey>, _> = lock(&self.ring)
            .keys()
            .iter()
            .map(|key| {
                let sealed = vault.seal(&KeyScope::House, KEY_CONTEXT, key.seed().expose());
                sealed.map(|sealed| KeptKey { created_at: key.created_at(), sealed })
            })
            .collect();
        let kept = kept.map_err(|error| UseCaseError::internal(&error))?;
        store.put_setting(KEYS_SETTING, &kept).await.map_err(store_error)
    }

    pub(super) fn forget(&self) {
        self.verified.forget();
    }
}

impl Hub {
    /// The public keys with which access tokens are checked.
    pub fn published_keys(&self) -> serde_json::Value {
        lock(&self.house().identity.access.ring).published()
    }

    /// Trades a program's token for an access token and the first refresh token of a new family.
    ///
    /// # Errors
    /// `token_refused`, the same whatever is wrong with it.
    pub async fn access_by_token(&self, text: &SecretString, peer: &Peer) -> Result<AccessTokens> {
        let secret = ApiTokenSecret::parse(text.expose()).ok_or_else(refused)?;
        let house = self.house();
        let found = house.store.token_by_hash(&secret.hash()).await.map_err(store_error)?;
        let found = found.ok_or_else(refused)?;
        let machine = self.machine(&found, peer.address).ok_or_else(refused)?;
        let now = house.clock.wall_now();
        let family = FamilyId::new();
        let refresh = RefreshToken::generate(family);
        let lifetime = i64::try_from(FAMILY_LIFETIME.as_micros()).unwrap_or(i64::MAX);
        let end = now.plus_micros(lifetime).min(found.token.expires_at);
        let (token, hash) = (found.token.id, refresh.hash());
        let begun = house.store.begin_family(family, token, &hash, now, end).await;
        begun.map_err(store_error)?;
        self.issue(&found, &machine, &refresh, end).await
    }

    /// Trades a refresh token for the next access token. One that was used before ends its family:
    /// either the program or a thief has a copy, and nobody can tell which.
    ///
    /// # Errors
    /// `token_refused`.
    pub async fn access_by_refresh(
        &self,
        text: &SecretString,
        peer: &Peer,
    ) -> Result<AccessTokens> {
        let presented = RefreshToken::parse(text.expose()).ok_or_else(refused)?;
        let house = self.house();
        let (now, family) = (house.clock.wall_now(), presented.family());
        let found = house.store.token_by_family(family, now).await.map_err(store_error)?;
        let found = found.ok_or_else(refused)?;
        let machine = self.machine(&found, peer.address).ok_or_else(refused)?;
        let next = RefreshToken::generate(family);
        let refreshed = house.store.refresh(family, &presented.hash(), &next.hash(), now).await;
        match refreshed.map_err(store_error)? {
            Refreshed::Next { expires_at, .. } => {
                self.issue(&found, &machine, &next, expires_at).await
            }
            Refreshed::Reused { token } => {
                tracing::warn!(%token, peer = %peer.address, "a refresh token was used twice");
                self.rights_changed(Some(Ending::Token(token)));
                Err(self.refused(peer, refused()).await)
            }
            Refreshed::Unknown => Err(refused()),
        }
    }

    /// Ends the family that a refresh token or an access token belongs to. What is no token of ours
    /// is revoked already (RFC 7009, 2.2).
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn revoke_access(&self, text: &SecretString) -> Result<()> {
        let house = self.house();
        let now = house.clock.wall_now();
        let family = match RefreshToken::parse(text.expose()) {
            Some(refresh) => Some(refresh.family()),
            None => {
                let verified = lock(&house.identity.access.ring).verify(text.expose(), now);
                verified.ok().map(|claims| claims.fam)
            }
        };
        let Some(family) = family else { return Ok(()) };
        let found = house.store.token_by_family(family, now).await.map_err(store_error)?;
        let ended = house.store.end_family(family).await.map_err(store_error)?;
        if ended {
            self.rights_changed(found.map(|found| Ending::Token(found.token.id)));
        }
        Ok(())
    }

    /// The program behind an access token.
    pub(super) async fn authenticate_access(
        &self,
        text: &str,
        address: IpAddr,
    ) -> Option<MachineView> {
        let house = self.house();
        let keys = &house.identity.access;
        let now = house.clock.wall_now();
        // A signature costs more than all else of a request, so what was verified is remembered by
        // the whole token's hash. Its time is checked each time.
        let verify = async { lock(&keys.ring).verify(text, now).map(Some) };
        let claims = keys.verified.find(TokenHash::of(text.as_bytes()), verify).await.ok()??;
        claims.check(now).ok()?;
        let family = claims.fam;
        let load = house.store.token_by_family(family, now);
        let found = house.identity.families.find(family, load).await;
        let found = found.map_err(|error| logged(&error)).ok()??;
        if found.token.id != claims.sub {
            return None;
        }
        let machine = self.machine(&found, address)?;
        self.touch_token(&found, address, |touch| {
            house.identity.families.update(&family, touch);
        })
        .await;
        Some(MachineView { until: machine.until.min(claims.expires_at()), ..machine })
    }

    async fn issue(
        &self,
        found: &TokenOf,
        machine: &MachineView,
        refresh: &RefreshToken,
        refresh_expires_at: WallTime,
    ) -> Result<AccessTokens> {
        let house = self.house();
        let now = house.clock.wall_now();
        let keys = &house.identity.access;
        let rotated = lock(&keys.ring).rotate(now);
        if rotated {
            keys.forget();
            keys.keep(&house.store, &house.vault).await?;
        }
        let until = machine.until.min(refresh_expires_at);
        let (access, end) = lock(&keys.ring).issue(found.token.id, refresh.family(), now, until);
        let micros = u64::try_from(end.micros_since(now)).unwrap_or(0);
        Ok(AccessTokens {
            access,
            expires_in: Duration::from_micros(micros),
            refresh: refresh.to_text(),
            refresh_expires_at,
        })
    }
}

fn refused() -> UseCaseError {
    let text = "This token is not known, has ended, or may not be used from here and now.";
    UseCaseError::new(FaultKind::Unauthenticated, "token_refused", text)
}
