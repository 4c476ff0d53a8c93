//! Sessions of clients: bounded in number and idle time, and each belongs to who began it. A session
//! proves nothing: every message comes with its own principal.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::pace::Caller;

/// Sessions of all clients; a household has a handful.
const SESSIONS_MAX: usize = 64;

/// Sessions of one caller. The one that was idle longest goes for a new one: clients often forget to
/// say goodbye.
const SESSIONS_PER_CALLER_MAX: usize = 8;

/// A client that says nothing for so long begins anew. Assistants are left open over night.
const IDLE_MAX: Duration = Duration::from_secs(86_400);

/// What a session remembers.
#[derive(Clone)]
pub(crate) struct Session {
    caller: Caller,
    used: Instant,
    /// Only looks, because its client wants it so.
    pub(crate) read_only: bool,
    /// Resources it wants to be told of.
    pub(crate) subscriptions: Arc<Mutex<BTreeSet<&'static str>>>,
    /// Dropped with the session; whoever listens to it hears that it is over.
    pub(crate) life: Arc<watch::Sender<()>>,
}

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Begins one; `None` if there are too many.
    pub(crate) fn begin(&self, caller: Caller, read_only: bool, now: Instant) -> Option<String> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, one| now.saturating_duration_since(one.used) < IDLE_MAX);
        let own = sessions.iter().filter(|(_, one)| one.caller == caller);
        let own: Vec<_> = own.map(|(id, one)| (one.used, id.clone())).collect();
        if own.len() >= SESSIONS_PER_CALLER_MAX
            && let Some((_, oldest)) = own.into_iter().min()
        {
            sessions.remove(&oldest);
        }
        if sessions.len() >= SESSIONS_MAX {
            return None;
        }
        let id = random_id()?;
        let (subscriptions, life) = (Arc::default(), Arc::new(watch::Sender::new(())));
        let session = Session { caller, used: now, read_only, subscriptions, life };
        sessions.insert(id.clone(), session);
        Some(id)
    }

    /// The caller's session of that id, used just now. Somebody else's does not exist.
    pub(crate) fn find(&self, id: &str, caller: Caller, now: Instant) -> Option<Session> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get_mut(id).filter(|session| session.caller == caller)?;
        if now.saturating_duration_since(session.used) >= IDLE_MAX {
            sessions.remove(id);
            return None;
        }
        session.used = now;
        Some(session.clone())
    }

    /// Ends the caller's session of that id; whether there was one.
    pub(crate) fn end(&self, id: &str, caller: Caller) -> bool {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_own = sessions.get(id).is_some_and(|session| session.caller == caller);
        is_own && sessions.remove(id).is_some()
    }
}

/// 128 random bits, so that nobody guesses one; `None` without randomness.
fn random_id() -> Option<String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use hearth_model::TokenId;

    use super::*;

    fn program() -> Caller {
        Caller::Token(TokenId::new())
    }

    /// promise: T-05. A session of somebody else does not exist, not even to be ended.
    #[test]
    fn a_session_belongs_to_who_began_it() {
        let (sessions, now, own) = (Sessions::default(), Instant::now(), program());
        let id = sessions.begin(own, true, now).expect("room");
        assert!(sessions.find(&id, program(), now).is_none());
        assert!(!sessions.end(&id, Caller::Owner));
        assert!(sessions.find(&id, own, now).expect("there").read_only);
        assert!(sessions.end(&id, own));
        assert!(sessions.find(&id, own, now).is_none());
    }

    #[test]
    fn an_idle_session_ends() {
        let (sessions, now, own) = (Sessions::default(), Instant::now(), program());
        let id = sessions.begin(own, false, now).expect("room");
        let soon = now + IDLE_MAX / 2;
        assert!(sessions.find(&id, own, soon).is_some());
        assert!(sessions.find(&id, own, soon + IDLE_MAX).is_none());
    }

    #[test]
    fn sessions_are_bounded_for_each_caller_and_for_all() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let own = program();
        let ids: Vec<_> = (0..=SESSIONS_PER_CALLER_MAX)
            .map(|number| {
                let later = now + Duration::from_secs(number as u64);
                sessions.begin(own, false, later).expect("room")
            })
            .collect();
        let there = |id: &String| sessions.find(id, own, now).is_some();
        assert!(!there(&ids[0]), "the oldest went");
        assert!(ids[1..].iter().all(there));
        let others = std::iter::repeat_with(|| sessions.begin(program(), false, now));
        assert_eq!(
            others.take(SESSIONS_MAX).flatten().count(),
            SESSIONS_MAX - SESSIONS_PER_CALLER_MAX
        );
    }
}
