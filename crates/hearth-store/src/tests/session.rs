use std::net::Ipv4Addr;

use hearth_auth::{Session, SessionLimits, SessionToken, User, UserName};
use hearth_model::{Role, SessionId, UserId};

use super::{House, at, user};
use crate::{SESSIONS_PER_USER_MAX, Store, StoreError, UserChange};

async fn sign_in(store: &Store, user: UserId, seconds: i64) -> (SessionToken, Session) {
    let verified = store.user(user).await.expect("found").password;
    let token = SessionToken::generate();
    let session = Session::begin(user, Ipv4Addr::LOCALHOST.into(), "Firefox", at(seconds));
    store.add_session(&token.hash(), &session, &verified).await.expect("added");
    (token, session)
}

async fn with_user() -> (House, User) {
    let house = House::new().await;
    let anna = user("Anna");
    house.store.add_user(&anna).await.expect("added");
    (house, anna)
}

#[tokio::test]
async fn an_account_is_found_by_its_name_in_any_case() {
    let (house, anna) = with_user().await;
    let name = UserName::new("aNNa").expect("a name");
    let found = house.store.user_by_name(&name).await.expect("read");
    assert_eq!(found, Some(anna.clone()));
    let nobody = UserName::new("ben").expect("a name");
    assert_eq!(house.store.user_by_name(&nobody).await.expect("read"), None);
    let twin = User { id: UserId::new(), name, ..anna };
    let twice = house.store.add_user(&twin).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
}

#[tokio::test]
async fn an_account_is_changed_and_removed() {
    let (house, anna) = with_user().await;
    let change = UserChange {
        role: Some(Role::Viewer),
        disabled_at: Some(Some(at(3))),
        ..UserChange::default()
    };
    let changed = house.store.change_user(anna.id, &change).await.expect("changed");
    assert_eq!(changed, User { role: Role::Viewer, disabled_at: Some(at(3)), ..anna });
    assert_eq!(house.store.user(changed.id).await.expect("found"), changed);
    assert_eq!(house.store.users().await.expect("listed"), std::slice::from_ref(&changed));
    house.store.remove_user(changed.id).await.expect("removed");
    assert!(!house.store.has_users().await.expect("read"));
    let gone = house.store.change_user(changed.id, &change).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })));
}

/// promise: T-09. Of two who claim the house at once, one succeeds.
#[tokio::test]
async fn only_one_first_account_can_be_made() {
    let House { store, folder: _folder } = House::new().await;
    let claims = (0..8).map(|guest| {
        let store = store.clone();
        tokio::spawn(async move { store.add_first_user(&user(&format!("guest {guest}"))).await })
    });
    let mut made = 0;
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.expect("no panic") {
            Ok(()) => made += 1,
            Err(error) => assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}"),
        }
    }
    assert_eq!(made, 1);
}

/// promise: D-08. A session is found by its token's hash, and is gone once it is revoked.
#[tokio::test]
async fn a_session_is_found_until_it_is_revoked() {
    let (house, anna) = with_user().await;
    let (token, session) = sign_in(&house.store, anna.id, 0).await;
    let found = house.store.signed_in(&token.hash()).await.expect("read").expect("signed in");
    assert_eq!((found.session, found.user), (session.clone(), anna.clone()));
    let stranger = SessionToken::generate().hash();
    assert_eq!(house.store.signed_in(&stranger).await.expect("read"), None);
    let not_mine = house.store.revoke_session(UserId::new(), session.id).await;
    assert!(matches!(not_mine, Err(StoreError::NotFound { .. })));
    house.store.revoke_session(anna.id, session.id).await.expect("revoked");
    assert_eq!(house.store.signed_in(&token.hash()).await.expect("read"), None);
}

/// promise: T-11. Disabling or removing an account ends its sessions at once.
#[tokio::test]
async fn a_disabled_or_removed_account_is_signed_out() {
    let (house, anna) = with_user().await;
    let (token, _) = sign_in(&house.store, anna.id, 0).await;
    let disabled = |at| UserChange { disabled_at: Some(at), ..UserChange::default() };
    house.store.change_user(anna.id, &disabled(Some(at(1)))).await.expect("disabled");
    assert_eq!(house.store.signed_in(&token.hash()).await.expect("read"), None);
    house.store.change_user(anna.id, &disabled(None)).await.expect("enabled");
    assert_eq!(house.store.signed_in(&token.hash()).await.expect("read"), None, "it has ended");
    let (token, _) = sign_in(&house.store, anna.id, 2).await;
    house.store.remove_user(anna.id).await.expect("removed");
    assert_eq!(house.store.signed_in(&token.hash()).await.expect("read"), None);
    let orphan = Session::begin(anna.id, Ipv4Addr::LOCALHOST.into(), "", at(0));
    let refused = house.store.add_session(&token.hash(), &orphan, &anna.password).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
}

/// promise: D-08. Sessions are listed to their owner, last used first, and ended together.
#[tokio::test]
async fn sessions_are_listed_and_ended_together() {
    let (house, anna) = with_user().await;
    let (_, first) = sign_in(&house.store, anna.id, 0).await;
    let (_, second) = sign_in(&house.store, anna.id, 10).await;
    house.store.touch_session(first.id, at(20)).await.expect("touched");
    let listed = house.store.sessions_of(anna.id).await.expect("listed");
    let ids: Vec<SessionId> = listed.iter().map(|session| session.id).collect();
    assert_eq!(ids, [first.id, second.id]);
    assert_eq!(listed[0].last_seen_at, at(20));
    let ended = house.store.revoke_sessions_of(anna.id, Some(second.id)).await.expect("ended");
    assert_eq!(ended, 1);
    assert_eq!(house.store.sessions_of(anna.id).await.expect("listed"), [second]);
    assert_eq!(house.store.revoke_sessions_of(anna.id, None).await.expect("ended"), 1);
}

/// promise: T-11. Ended sessions are erased.
#[tokio::test]
async fn ended_sessions_are_swept() {
    let (house, anna) = with_user().await;
    let (_, idle) = sign_in(&house.store, anna.id, 0).await;
    let (_, old) = sign_in(&house.store, anna.id, 0).await;
    let (_, alive) = sign_in(&house.store, anna.id, 5 * 3600).await;
    house.store.touch_session(old.id, at(12 * 3600)).await.expect("touched");
    house.store.touch_session(alive.id, at(12 * 3600)).await.expect("touched");
    let limits = SessionLimits::default();
    assert_eq!(house.store.sweep_sessions(at(12 * 3600), &limits).await.expect("swept"), 2);
    let left = house.store.sessions_of(anna.id).await.expect("listed");
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [alive.id]);
    assert!(![idle.id, old.id].contains(&alive.id));
}

/// promise: D-19. Signing in again and again does not fill the table.
#[tokio::test]
async fn too_many_sessions_push_out_the_one_used_longest_ago() {
    let (house, anna) = with_user().await;
    let (_, first) = sign_in(&house.store, anna.id, 0).await;
    for seconds in 1..=i64::from(SESSIONS_PER_USER_MAX) {
        sign_in(&house.store, anna.id, seconds).await;
    }
    let left = house.store.sessions_of(anna.id).await.expect("listed");
    assert_eq!(left.len(), SESSIONS_PER_USER_MAX as usize);
    assert!(left.iter().all(|session| session.id != first.id));
}
