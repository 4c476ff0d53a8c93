//! Who may sign in, who is signed in, and which programs may ask: use cases by noun, and the state
//! they share.
//!
//! Every use case that changes somebody's rights ends in `identity_changed` or `rights_changed`: what
//! is remembered of requests is forgotten, and streams hear of it.

mod access_tokens;
mod accounts;
mod claiming;
mod endings;
mod hashing;
mod known;
mod own_account;
mod passkeys;
mod provider;
mod second_factor;
mod sign_in;
mod tokens;

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_auth::{
    CameraAccess, Claim, CsrfToken, LoginThrottle, PasswordHash, Policy, Principal, SessionLimits,
    SessionToken, TokenHash, User, UserName, check_strength,
};
use hearth_model::{FamilyId, Role, UserId, WallTime};
use hearth_secret::SecretString;
use hearth_store::{Store, StoreError, TokenOf};
use hearth_vault::Vault;
use tokio::sync::Semaphore;

use crate::{Hub, error::UseCaseError};

pub use access_tokens::AccessTokens;
pub use accounts::{MadeUser, NewUser, UserPatch, UserView};
pub use claiming::RenewedClaim;
pub use own_account::SessionInfo;
pub use passkeys::{
    PASSKEY_TIMEOUT, PasskeyAssertion, PasskeyAttestation, PasskeyCreation, PasskeyView,
};
pub use provider::{LinkView, NewProvider, ProviderQuestion, ProviderView};
pub use second_factor::{NewAuthenticator, SecondFactorView};
pub use tokens::{MachineView, MadeToken, NewToken, TokenView};

use access_tokens::AccessKeys;
use endings::{Ending, Endings};
use known::Known;
use passkeys::Challenges;
use provider::Providers;
pub(crate) use provider::provider_hosts;

/// Passwords hashed at a time: each takes 19 MiB and 30 ms of a core.
const HASHES_AT_ONCE: usize = 2;

/// Name of the account whose password comes from the environment.
pub const ADMIN_NAME: &str = "admin";

/// From where somebody calls.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address.
    pub address: IpAddr,
    /// What the program calls itself.
    pub agent: String,
}

/// Somebody who just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// For the cookie.
    pub token: SessionToken,
    /// The session.
    pub session: SessionView,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Who.
    pub principal: Principal,
    /// What state-changing requests must carry.
    pub csrf: CsrfToken,
    /// Ends after so long without a request.
    pub idle: Duration,
    /// Ends then in any case.
    pub expires_at: WallTime,
    /// Nothing but changing the password works.
    pub must_change_password: bool,
}

/// State of identity that is not stored.
pub(crate) struct Identity {
    claim: Mutex<Claim>,
    claim_code: Mutex<Option<SecretString>>,
    throttle: Mutex<LoginThrottle>,
    challenges: Mutex<Challenges>,
    limits: SessionLimits,
    hashing: Semaphore,
    sessions: Known<TokenHash, hearth_store::SignedIn>,
    tokens: Known<TokenHash, TokenOf>,
    families: Known<FamilyId, TokenOf>,
    access: AccessKeys,
    endings: Endings,
    providers: Providers,
}

impl Identity {
    /// Opens the claim if there is no account yet and none comes from the environment, and puts
    /// the accounts' rules about cameras in force.
    pub(crate) async fn start(
        store: &Store,
        vault: &Vault,
        policy: &Policy,
        admin_password: Option<&SecretString>,
        now: WallTime,
    ) -> Result<Self, IdentityError> {
        let mut claim = Claim::closed();
        let mut code = None;
        if !store.has_users().await? {
            match admin_password {
                Some(password) => add_admin(store, password, now).await?,
                None => {
                    let (open, shown) = Claim::open(now);
                    claim = open;
                    code = Some(shown.to_text());
                }
            }
        }
        for user in store.users().await? {
            policy.set_camera_access(user.id, user.camera_access);
        }
        Ok(Self {
            claim: Mutex::new(claim),
            claim_code: Mutex::new(code),
            throttle: Mutex::default(),
            challenges: Mutex::new(Challenges::new()),
            limits: SessionLimits::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            sessions: Known::new(),
            tokens: Known::new(),
            families: Known::new(),
            access: AccessKeys::open(store, vault, now).await?,
            endings: Endings::new(),
            providers: Providers::open(store, vault).await?,
        })
    }

    pub(crate) fn limits(&self) -> &SessionLimits {
        &self.limits
    }
}

/// Why no first account could be made.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password from the environment would be guessed.
    #[error("HEARTHWATCH_ADMIN_PASSWORD is too weak: {0}")]
    Weak(#[from] hearth_auth::WeakPassword),
}

async fn add_admin(
    store: &Store,
    password: &SecretString,
    now: WallTime,
) -> Result<(), IdentityError> {
    check_strength(password, ADMIN_NAME)?;
    let password = password.clone();
    let hash = tokio::task::spawn_blocking(move || PasswordHash::new(&password)).await;
    let hash = hash.map_err(|error| StoreError::Internal(error.into()))?;
    let name = UserName::new(ADMIN_NAME).expect("a constant that is a valid name");
    Ok(store.add_first_user(&new_user(name, Role::Admin, hash, now)).await?)
}

fn new_user(name: UserName, role: Role, password: PasswordHash, now: WallTime) -> User {
    User {
        id: UserId::new(),
        name,
        role,
        password,
        created_at: now,
        disabled_at: None,
        expires_at: None,
        must_change_password: false,
        camera_access: CameraAccess::default(),
    }
}

impl Hub {
    /// Accounts or tokens were changed in the store: from here on the change holds, and the sealed
    /// copy of the house knows it.
    async fn identity_changed(&self, ending: Option<Ending>) {
        self.rights_changed(ending);
        self.house().keep_snapshot().await;
    }

    /// Sign-ins were changed in the store: from here on the change holds.
    fn rights_changed(&self, ending: Option<Ending>) {
        let identity = &self.house().identity;
        identity.sessions.forget();
        identity.tokens.forget();
        identity.families.forget();
        // After forgetting: who hears of it and asks again must not meet what was remembered.
        if let Some(ending) = ending {
            identity.endings.tell(ending);
        }
    }
}

/// A failure of the store as it may leave the hub.
pub(crate) fn store_error(error: StoreError) -> UseCaseError {
    let code = match &error {
        StoreError::NotFound { .. } => "not_found",
        StoreError::Conflict { .. } => "conflict",
        StoreError::Invalid { .. } => "invalid",
        StoreError::TooMany { .. } => "too_many",
        StoreError::Full(_) => "disk_full",
        StoreError::Busy(_) => "busy",
        _ => return UseCaseError::internal(&error),
    };
    UseCaseError { fault: error.fault(), code, retry_after: None }
}

/// For look-ups whose failure means that nobody is there.
fn logged(error: &StoreError) {
    tracing::error!(%error, "a token could not be looked up");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
