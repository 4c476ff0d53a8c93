//! Who may sign in, and who is signed in.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_auth::{
    Claim, ClaimError, CsrfToken, LoginThrottle, PasswordHash, Principal, Session, SessionLimits,
    SessionState, SessionToken, Throttled, User, UserName, Verdict, check_strength, verify_nobody,
};
use hearth_model::{EventBody, FaultKind, Role, UserId, WallTime};
use hearth_secret::SecretString;
use hearth_store::{Store, StoreError};
use tokio::sync::Semaphore;

use crate::{
    Hub,
    error::{Result, UseCaseError},
};

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
}

/// State of sign-ins that is not stored.
pub(crate) struct Identity {
    claim: Mutex<Claim>,
    claim_code: Mutex<Option<SecretString>>,
    throttle: Mutex<LoginThrottle>,
    limits: SessionLimits,
    hashing: Semaphore,
}

impl Identity {
    /// Opens the claim if there is no account yet and none comes from the environment.
    pub(crate) async fn start(
        store: &Store,
        admin_password: Option<&SecretString>,
        now: WallTime,
    ) -> std::result::Result<Self, IdentityError> {
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
        Ok(Self {
            claim: Mutex::new(claim),
            claim_code: Mutex::new(code),
            throttle: Mutex::default(),
            limits: SessionLimits::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
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
) -> std::result::Result<(), IdentityError> {
    check_strength(password, ADMIN_NAME)?;
    let password = password.clone();
    let hash = tokio::task::spawn_blocking(move || PasswordHash::new(&password)).await;
    let hash = hash.map_err(|error| StoreError::Internal(error.into()))?;
    let name = UserName::new(ADMIN_NAME).expect("a constant that is a valid name");
    Ok(store.add_first_user(&new_user(name, hash, now)).await?)
}

fn new_user(name: UserName, password: PasswordHash, now: WallTime) -> User {
    User {
        id: UserId::new(),
        name,
        role: Role::Admin,
        password,
        created_at: now,
        disabled_at: None,
    }
}

impl Hub {
    /// The code that makes the first account; `None` once there is one.
    pub fn claim_code(&self) -> Option<SecretString> {
        lock(&self.house().identity.claim_code).clone()
    }

    /// Makes a new claim code, while there is no account.
    pub fn renew_claim_code(&self) -> Option<SecretString> {
        let identity = &self.house().identity;
        let code = lock(&identity.claim).renew(self.house().clock.wall_now())?.to_text();
        *lock(&identity.claim_code) = Some(code.clone());
        Some(code)
    }

    /// Whether the first account is still to be made.
    pub(crate) fn claim_needed(&self) -> bool {
        lock(&self.house().identity.claim).is_open()
    }

    /// Makes the first account, and signs it in.
    ///
    /// # Errors
    /// `wrong_code`, `code_expired`, `already_claimed`, `weak_password`, `bad_name`.
    ///
    /// promise: T-09, T-18.
    pub async fn claim(
        &self,
        code: &str,
        name: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        lock(&house.identity.claim).check(code, now).map_err(claim_error)?;
        let name = UserName::new(name).ok_or_else(|| {
            UseCaseError::bad_input("bad_name", "A name is one line of 1 to 64 characters.")
        })?;
        check_strength(&password, name.as_str())
            .map_err(|weak| UseCaseError::bad_input("weak_password", weak.to_string()))?;
        let hash = self.hash(password).await?;
        let user = new_user(name, hash, now);
        house.store.add_first_user(&user).await.map_err(store_error)?;
        lock(&house.identity.claim).close();
        *lock(&house.identity.claim_code) = None;
        house.keep_snapshot().await;
        self.begin_session(user, peer).await
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// `wrong_credentials`, the same for an unknown name and a wrong password; `throttled` with
    /// the time to wait (promises D-07, D-11).
    pub async fn sign_in(
        &self,
        name: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        lock(&house.identity.throttle).begin(name, peer.address, now).map_err(throttled)?;
        let user = match UserName::new(name) {
            Some(name) => house.store.user_by_name(&name).await.map_err(store_error)?,
            None => None,
        };
        let user = user.filter(|user| user.disabled_at.is_none());
        let verdict = self.verify_password(user.as_ref(), password.clone()).await?;
        let (Some(mut user), Verdict::Right { needs_upgrade }) = (user, verdict) else {
            house.note(EventBody::SignInFailed { address: peer.address.to_string() }).await;
            return Err(UseCaseError::new(
                FaultKind::Unauthenticated,
                "wrong_credentials",
                "The name or the password is wrong.",
            ));
        };
        lock(&house.identity.throttle).succeeded(name, peer.address);
        if needs_upgrade {
            user.password = self.hash(password).await?;
            house.store.set_user(&user).await.map_err(store_error)?;
        }
        self.begin_session(user, peer).await
    }

    async fn begin_session(&self, user: User, peer: &Peer) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        let token = SessionToken::generate();
        let session = Session::begin(user.id, peer.address, &peer.agent, now);
        house.store.add_session(&token.hash(), &session).await.map_err(store_error)?;
        house.note(EventBody::SignedIn { user: user.name.to_string() }).await;
        let session = self.session_view(&token, session, user);
        Ok(SignedIn { token, session })
    }

    fn session_view(&self, token: &SessionToken, session: Session, user: User) -> SessionView {
        let limits = self.house().identity.limits();
        SessionView {
            csrf: token.csrf(),
            idle: limits.idle,
            expires_at: session.expires_at(limits),
            principal: Principal::User {
                user: user.id,
                name: user.name,
                role: user.role,
                session: session.id,
            },
        }
    }

    /// Who a token belongs to; `None` if it is unknown or has ended.
    pub async fn authenticate(&self, token: &SessionToken) -> Option<SessionView> {
        let house = self.house();
        let now = house.clock.wall_now();
        let found = match house.store.signed_in(&token.hash()).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                return None;
            }
        };
        let hearth_store::SignedIn { session, user } = found;
        if session.state(now, house.identity.limits()) != SessionState::Alive {
            return None;
        }
        if session.needs_touch(now)
            && let Err(error) = house.store.touch_session(session.id, now).await
        {
            tracing::warn!(%error, "a session's use was not noted");
        }
        Some(self.session_view(token, session, user))
    }

    /// Ends the session by which a principal is signed in.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn sign_out(&self, principal: &Principal) -> Result<()> {
        let Principal::User { user, session, .. } = principal else { return Ok(()) };
        match self.house().store.revoke_session(*user, *session).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    /// The peer of the owner-only control socket, after the operating system said who it is.
    pub fn owner(&self) -> Principal {
        Principal::Owner
    }

    async fn hash(&self, password: SecretString) -> Result<PasswordHash> {
        self.hashing(move || PasswordHash::new(&password)).await
    }

    async fn verify_password(
        &self,
        user: Option<&User>,
        password: SecretString,
    ) -> Result<Verdict> {
        let stored = user.map(|user| user.password.clone());
        self.hashing(move || match stored {
            Some(stored) => stored.verify(&password),
            None => {
                verify_nobody(&password);
                Verdict::Wrong
            }
        })
        .await
    }

    /// Slow on purpose, so off the event loop and few at a time.
    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let permit = self.house().identity.hashing.acquire().await;
        let _permit = permit.map_err(|error| UseCaseError::internal(&error))?;
        tokio::task::spawn_blocking(work).await.map_err(|error| UseCaseError::internal(&error))
    }
}

fn claim_error(error: ClaimError) -> UseCaseError {
    let (kind, code) = match error {
        ClaimError::WrongCode => (FaultKind::Denied, "wrong_code"),
        ClaimError::Expired => (FaultKind::Denied, "code_expired"),
        ClaimError::Closed => (FaultKind::Conflict, "already_claimed"),
    };
    UseCaseError::new(kind, code, error.to_string())
}

fn throttled(throttled: Throttled) -> UseCaseError {
    let mut error = UseCaseError::new(
        FaultKind::Limited,
        "throttled",
        "Too many attempts. Wait before the next one.",
    );
    error.retry_after = Some(throttled.retry_after);
    error
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
