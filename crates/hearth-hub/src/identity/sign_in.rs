//! Signing in, being signed in, and signing out.

use hearth_auth::{
    AccountGrant, Principal, Session, SessionState, SessionToken, Throttled, User, UserName,
    Verdict,
};
use hearth_model::{EventBody, FaultKind, Role};
use hearth_secret::SecretString;
use hearth_store::StoreError;

use super::{Ending, Peer, SessionView, SignedIn, lock, store_error};
use crate::{
    Hub,
    audit::{SignInNote, actor},
    error::{Result, UseCaseError},
};

impl Hub {
    /// Signs somebody in who has no second factor.
    ///
    /// # Errors
    /// As [`Hub::sign_in_with`].
    pub async fn sign_in(
        &self,
        name: &str,
        password: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        self.sign_in_with(name, password, None, peer).await
    }

    /// Signs somebody in by password, and by a code of their authenticator app or a recovery code
    /// if they have one.
    ///
    /// # Errors
    /// `wrong_credentials`, the same for an unknown name and a wrong password; `throttled` with
    /// the time to wait (promises D-07, D-11). Only after the right password:
    /// `second_factor_needed`, `wrong_second_factor`.
    pub async fn sign_in_with(
        &self,
        name: &str,
        password: SecretString,
        code: Option<&SecretString>,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let mut account = None;
        let signed_in = self.try_sign_in(name, password, code, peer, &mut account).await;
        self.note_sign_in("sign_in", peer, account.as_ref(), &signed_in);
        signed_in
    }

    /// Records a step by which somebody becomes known (promise D-25). `account` is the existing
    /// account that was named, if that is known.
    pub(super) fn note_sign_in(
        &self,
        action: &'static str,
        peer: &Peer,
        account: Option<&UserName>,
        result: &Result<SignedIn>,
    ) {
        let house = self.house();
        let note = SignInNote {
            action,
            at: house.clock.wall_now(),
            from: peer.address,
            who: result.as_ref().ok().map(|signed_in| actor(&signed_in.session.principal)),
            account: account.filter(|_| result.is_err()).map(UserName::as_str),
            failure: result.as_ref().err().map(|error| error.code),
        };
        house.record(note.entry());
    }

    /// `account` becomes the account that was named, if there is one.
    async fn try_sign_in(
        &self,
        name: &str,
        password: SecretString,
        code: Option<&SecretString>,
        peer: &Peer,
        account: &mut Option<UserName>,
    ) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        lock(&house.identity.throttle).begin(name, peer.address, now).map_err(throttled)?;
        let user = match UserName::new(name) {
            Some(name) => house.store.user_by_name(&name).await.map_err(store_error)?,
            None => None,
        };
        *account = user.as_ref().map(|user| user.name.clone());
        // A service has tokens, no password that anybody knows.
        let user = user.filter(|user| user.is_active(now) && user.role != Role::Service);
        let verdict = self.verify_password(user.as_ref(), password.clone()).await?;
        let (Some(mut user), Verdict::Right { needs_upgrade }) = (user, verdict) else {
            return Err(self.refused(peer, wrong_credentials()).await);
        };
        // The attempt goes on counting as failed until the code is right as well.
        if !self.second_factor_fits(user.id, code).await? {
            let text = "The code is wrong, or was used already. Wait for the next one.";
            let kind = FaultKind::Unauthenticated;
            let error = UseCaseError::new(kind, "wrong_second_factor", text);
            return Err(self.refused(peer, error).await);
        }
        lock(&house.identity.throttle).succeeded(name, peer.address);
        if needs_upgrade {
            let hash = self.hash(password).await?;
            let upgraded = house.store.upgrade_password(user.id, &user.password, &hash).await;
            if upgraded.map_err(store_error)? {
                user.password = hash;
                self.identity_changed(None).await;
            }
        }
        self.begin_session(user, peer).await
    }

    pub(super) async fn refused(&self, peer: &Peer, error: UseCaseError) -> UseCaseError {
        let address = peer.address.to_string();
        self.house().note(EventBody::SignInFailed { address }).await;
        error
    }

    /// Begins a sign-in of an account that has proved who it is.
    pub(super) async fn begin_session(&self, user: User, peer: &Peer) -> Result<SignedIn> {
        let house = self.house();
        let now = house.clock.wall_now();
        let token = SessionToken::generate();
        let session = Session::begin(user.id, peer.address, &peer.agent, now);
        let added = house.store.add_session(&token.hash(), &session, &user.password).await;
        added.map_err(|error| match error {
            // Its password was replaced, or it was disabled, a moment ago.
            StoreError::NotFound { .. } => wrong_credentials(),
            other => store_error(other),
        })?;
        house.note(EventBody::SignedIn { user: user.name.to_string() }).await;
        let session = self.session_view(&token, session, user);
        Ok(SignedIn { token, session })
    }

    pub(super) fn session_view(
        &self,
        token: &SessionToken,
        session: Session,
        user: User,
    ) -> SessionView {
        let limits = self.house().identity.limits();
        let ends = session.expires_at(limits);
        SessionView {
            csrf: token.csrf(),
            idle: limits.idle,
            expires_at: user.expires_at.map_or(ends, |end| end.min(ends)),
            must_change_password: user.must_change_password,
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
        let hash = token.hash();
        let sessions = &house.identity.sessions;
        let found = match sessions.find(hash, house.store.signed_in(&hash)).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                return None;
            }
        };
        let hearth_store::SignedIn { session, user } = found;
        let is_alive = session.state(now, house.identity.limits()) == SessionState::Alive;
        if !is_alive || !user.is_active(now) {
            return None;
        }
        if session.needs_touch(now) {
            match house.store.touch_session(session.id, now).await {
                Ok(()) => sessions.update(&hash, |known| known.session.last_seen_at = now),
                Err(error) => tracing::warn!(%error, "a session's use was not noted"),
            }
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
            Ok(()) | Err(StoreError::NotFound { .. }) => {
                self.rights_changed(Some(Ending::Session(*session)));
                Ok(())
            }
            Err(error) => Err(store_error(error)),
        }
    }

    /// Proves once more who is signed in, for what a borrowed browser must not do.
    ///
    /// # Errors
    /// `wrong_credentials`, `throttled`.
    pub async fn prove(
        &self,
        grant: &AccountGrant,
        password: SecretString,
        peer: &Peer,
    ) -> Result<()> {
        self.check_own_password(grant, password, peer).await?;
        let house = self.house();
        let now = house.clock.wall_now();
        house.store.prove_session(grant.session(), now).await.map_err(store_error)?;
        self.rights_changed(None);
        Ok(())
    }

    /// Whether a password is that of the account at hand; slowed down like a sign-in.
    pub(super) async fn check_own_password(
        &self,
        grant: &AccountGrant,
        password: SecretString,
        peer: &Peer,
    ) -> Result<User> {
        let house = self.house();
        let now = house.clock.wall_now();
        let user = house.store.user(grant.user()).await.map_err(store_error)?;
        let name = user.name.as_str().to_owned();
        lock(&house.identity.throttle).begin(&name, peer.address, now).map_err(throttled)?;
        match self.verify_password(Some(&user), password).await? {
            Verdict::Wrong => Err(self.refused(peer, wrong_credentials()).await),
            Verdict::Right { .. } => {
                lock(&house.identity.throttle).succeeded(&name, peer.address);
                Ok(user)
            }
        }
    }

    /// Refuses a sign-in that is too old for something sensitive.
    ///
    /// # Errors
    /// `proof_needed`.
    pub(crate) async fn proved(&self, principal: &Principal) -> Result<()> {
        let house = self.house();
        let is_proved = match principal {
            Principal::User { user, session, .. } => {
                let session = house.store.session(*user, *session).await.map_err(store_error)?;
                session.is_proved(house.clock.wall_now())
            }
            // The operating system has said who it is.
            Principal::Owner => true,
            Principal::Machine { .. } => false,
        };
        if is_proved {
            return Ok(());
        }
        let text = "This needs your password once more. Confirm it, then try again.";
        Err(UseCaseError::new(FaultKind::Denied, "proof_needed", text))
    }

    /// The peer of the owner-only control socket, after the operating system said who it is.
    pub fn owner(&self) -> Principal {
        Principal::Owner
    }

    /// Waits until whatever a principal opened has to end, because its rights did; at the latest
    /// at `until`.
    pub fn rights_end(
        &self,
        principal: &Principal,
        until: Option<hearth_model::WallTime>,
    ) -> impl Future<Output = ()> + Send + 'static + use<> {
        let now = self.house().clock.wall_now();
        let left = |until: hearth_model::WallTime| {
            let micros = u64::try_from(until.micros_since(now)).unwrap_or(0);
            std::time::Duration::from_micros(micros)
        };
        self.house().identity.endings.heard(principal.clone(), until.map(left))
    }
}

pub(super) fn wrong_credentials() -> UseCaseError {
    UseCaseError::new(
        FaultKind::Unauthenticated,
        "wrong_credentials",
        "The name or the password is wrong.",
    )
}

pub(super) fn throttled(throttled: Throttled) -> UseCaseError {
    let mut error = UseCaseError::new(
        FaultKind::Limited,
        "throttled",
        "Too many attempts. Wait before the next one.",
    );
    error.retry_after = Some(throttled.retry_after);
    error
}
