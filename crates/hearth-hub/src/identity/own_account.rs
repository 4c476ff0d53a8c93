//! One's own account: its sign-ins and its password.

use std::net::IpAddr;

use hearth_auth::{AccountGrant, SessionState, SessionToken};
use hearth_model::{SessionId, UserId, WallTime};
use hearth_secret::SecretString;

use super::{Ending, Peer, SignedIn, store_error};
use crate::{Hub, error::Result};

/// A sign-in as people see it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub created_at: WallTime,
    /// When it was last used, to within a minute.
    pub last_seen_at: WallTime,
    /// From where.
    #[schema(value_type = String)]
    pub address: IpAddr,
    /// With what, as the browser describes itself.
    pub agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Hub {
    /// One's sign-ins, last used first.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn own_sessions(&self, grant: &AccountGrant) -> Result<Vec<SessionInfo>> {
        self.live_sessions(grant.user(), Some(grant.session())).await
    }

    /// Ends one of one's own sign-ins.
    ///
    /// # Errors
    /// `not_found`, also for somebody else's.
    pub async fn end_own_session(&self, grant: &AccountGrant, session: SessionId) -> Result<()> {
        let revoked = self.house().store.revoke_session(grant.user(), session).await;
        revoked.map_err(store_error)?;
        self.rights_changed(Some(Ending::Session(session)));
        Ok(())
    }

    /// Ends all of one's sign-ins but the one at hand. Says how many.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn end_other_sessions(&self, grant: &AccountGrant) -> Result<u64> {
        let store = &self.house().store;
        let others = store.sessions_of(grant.user()).await.map_err(store_error)?;
        let ended = store.revoke_sessions_of(grant.user(), Some(grant.session())).await;
        let ended = ended.map_err(store_error)?;
        self.rights_changed(None);
        for other in others.iter().filter(|other| other.id != grant.session()) {
            self.house().identity.endings.tell(Ending::Session(other.id));
        }
        Ok(ended)
    }

    /// Changes one's own password. All other sign-ins end; the one at hand goes on under another
    /// token, and what it had open ends (promise D-08).
    ///
    /// # Errors
    /// `wrong_credentials`, `weak_password`, `throttled`.
    pub async fn change_password(
        &self,
        grant: &AccountGrant,
        old: SecretString,
        new: SecretString,
        peer: &Peer,
    ) -> Result<SignedIn> {
        let before = self.check_own_password(grant, old, peer).await?;
        let hash = self.strong(&new, before.name.as_str()).await?;
        let house = self.house();
        let now = house.clock.wall_now();
        let changed = house.store.set_password(grant.user(), &hash, false, Some(grant.session()));
        let user = changed.await.map_err(store_error)?;
        let token = SessionToken::generate();
        let rotated = house.store.rotate_session(grant.session(), &token.hash(), now).await;
        // Whatever became of the new token, the old rights are over.
        self.identity_changed(Some(Ending::User(grant.user()))).await;
        rotated.map_err(store_error)?;
        let session = house.store.session(grant.user(), grant.session()).await;
        let session = session.map_err(store_error)?;
        Ok(SignedIn { session: self.session_view(&token, session, user), token })
    }

    pub(super) async fn live_sessions(
        &self,
        user: UserId,
        current: Option<SessionId>,
    ) -> Result<Vec<SessionInfo>> {
        let house = self.house();
        let now = house.clock.wall_now();
        let sessions = house.store.sessions_of(user).await.map_err(store_error)?;
        let limits = house.identity.limits();
        let alive = sessions
            .into_iter()
            .filter(|session| session.state(now, limits) == SessionState::Alive)
            .map(|session| SessionInfo {
                id: session.id,
                created_at: session.created_at,
                last_seen_at: session.last_seen_at,
                address: session.address,
                agent: session.agent,
                current: current == Some(session.id),
            });
        Ok(alive.collect())
    }
}
