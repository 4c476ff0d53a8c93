//! Which sign-ins, accounts and tokens lose their rights, told to what was opened with them.
//!
//! A stream that lasts must not outlive the rights it was opened with, and asking the store again
//! and again would keep an unused sign-in alive. So streams listen here, and set an alarm for their
//! latest end. promise: D-08, T-11.

use std::{future::Future, time::Duration};

use hearth_auth::Principal;
use hearth_model::{SessionId, TokenId, UserId};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::sleep,
};

/// Endings that a busy stream may be behind. One that is further behind ends, and asks again.
const BEHIND_MAX: usize = 64;

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// One sign-in.
    Session(SessionId),
    /// Everything of an account: its rights have changed.
    User(UserId),
    /// Everything that was opened with a token.
    Token(TokenId),
}

impl Ending {
    fn is_about(self, principal: &Principal) -> bool {
        match (self, principal) {
            (Self::Session(ended), Principal::User { session, .. }) => ended == *session,
            (Self::Token(ended), Principal::Machine { token, .. }) => ended == *token,
            (Self::User(ended), Principal::User { user, .. } | Principal::Machine { user, .. }) => {
                ended == *user
            }
            _ => false,
        }
    }
}

/// Tells and hears of endings.
pub(crate) struct Endings(broadcast::Sender<Ending>);

impl Endings {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BEHIND_MAX))
    }

    pub(crate) fn tell(&self, ending: Ending) {
        // Nobody listening is not a failure.
        drop(self.0.send(ending));
    }

    /// Waits until a principal's rights end, at the latest in `left`.
    pub(crate) fn heard(
        &self,
        principal: Principal,
        left: Option<Duration>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut endings = self.0.subscribe();
        let told = async move {
            loop {
                match endings.recv().await {
                    Ok(ending) if !ending.is_about(&principal) => {}
                    Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        };
        async move {
            match left {
                Some(left) => tokio::select! {
                    () = told => {}
                    () = sleep(left) => {}
                },
                None => told.await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearth_auth::{Action, TokenName, TokenScope, UserName};
    use hearth_model::Role;

    use super::*;

    const LONG: Option<Duration> = Some(Duration::from_secs(3600));

    fn person(user: UserId) -> (Principal, SessionId) {
        let name = UserName::new("anna").expect("a name");
        let session = SessionId::new();
        (Principal::User { user, name, role: Role::Viewer, session }, session)
    }

    fn machine(user: UserId) -> (Principal, TokenId) {
        let scope = Arc::new(TokenScope::of([Action::Live]));
        let name = TokenName::new("panel").expect("a name");
        let token = TokenId::new();
        (Principal::Machine { token, name, user, role: Role::Viewer, scope }, token)
    }

    async fn is_heard(waiting: impl Future<Output = ()>) -> bool {
        tokio::select! {
            biased;
            () = waiting => true,
            () = std::future::ready(()) => false,
        }
    }

    /// promise: D-08. Signing out ends the streams of that sign-in and of no other.
    #[tokio::test]
    async fn a_sign_out_is_heard_by_its_own_streams_only() {
        let endings = Endings::new();
        let user = UserId::new();
        let ((own, session), (other, _)) = (person(user), person(user));
        let (own, other) = (endings.heard(own, LONG), endings.heard(other, LONG));
        endings.tell(Ending::Session(session));
        assert!(is_heard(own).await);
        assert!(!is_heard(other).await);
    }

    /// promise: D-08, V-02. A change of rights is heard by everything of that account; a revoked
    /// token by what was opened with it.
    #[tokio::test]
    async fn an_account_and_a_token_are_heard_by_what_they_opened() {
        let endings = Endings::new();
        let user = UserId::new();
        let ((own, _), (panel, token), (foreign, _)) =
            (person(user), machine(user), person(UserId::new()));
        let (first, second) =
            (endings.heard(own.clone(), LONG), endings.heard(panel.clone(), LONG));
        let third = endings.heard(foreign, LONG);
        endings.tell(Ending::User(user));
        assert!(is_heard(first).await && is_heard(second).await);
        assert!(!is_heard(third).await);
        let (person, program) = (endings.heard(own, LONG), endings.heard(panel, LONG));
        endings.tell(Ending::Token(token));
        assert!(is_heard(program).await && !is_heard(person).await);
    }

    /// promise: T-11. A stream ends with its sign-in's time, even if nobody signs out.
    #[tokio::test]
    async fn the_latest_end_is_kept() {
        let (principal, _) = person(UserId::new());
        Endings::new().heard(principal, Some(Duration::ZERO)).await;
    }
}
