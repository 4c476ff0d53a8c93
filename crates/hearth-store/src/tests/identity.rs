//! Second factors, passkeys, tokens, and what must not happen at the same time.

use std::net::Ipv4Addr;

use hearth_auth::{
    ApiToken, ApiTokenSecret, PasswordHash, RecoveryCode, RefreshToken, Session, SessionToken,
    TokenName, TokenScope, User,
};
use hearth_model::{FamilyId, PasskeyId, Role, TokenId, UserId};

use super::{House, at, user};
use crate::{
    Passkey, ProviderLink, Refreshed, SecondFactor, Store, StoreError, TOKENS_PER_USER_MAX,
    UserChange,
};

async fn with_user() -> (House, User) {
    let house = House::new().await;
    let anna = user("Anna");
    house.store.add_user(&anna).await.expect("added");
    (house, anna)
}

fn factor(user: UserId) -> SecondFactor {
    let recovery = vec![[1; 32], [2; 32]];
    SecondFactor { user, secret: vec![9; 40], confirmed_at: None, step_used: 0, recovery }
}

fn passkey(user: UserId, credential: u8) -> Passkey {
    Passkey {
        credential: vec![credential; 32],
        id: PasskeyId::new(),
        user,
        name: "phone".to_owned(),
        site: "localhost".to_owned(),
        public_key: vec![3; 77],
        counter: 5,
        created_at: at(0),
        used_at: None,
    }
}

async fn token(store: &Store, user: UserId) -> (ApiTokenSecret, ApiToken) {
    let secret = ApiTokenSecret::generate();
    let token = ApiToken {
        id: TokenId::new(),
        user,
        name: TokenName::new("panel").expect("a name"),
        scope: TokenScope::of([hearth_auth::Action::Live]),
        networks: vec!["10.0.0.0/8".parse().expect("a network")],
        created_at: at(0),
        expires_at: at(1000),
        used_at: None,
        used_from: None,
    };
    store.add_token(&secret.hash(), &token).await.expect("added");
    (secret, token)
}

fn role(role: Role) -> UserChange {
    UserChange { role: Some(role), ..UserChange::default() }
}

/// promise: V-03. Of administrators who take each other's rights at the same moment, one stays.
#[tokio::test]
async fn the_last_administrator_stays_whoever_is_faster() {
    let House { store, folder: _folder } = House::new().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let admin = User { role: Role::Admin, ..user(&format!("admin {number}")) };
        store.add_user(&admin).await.expect("added");
        ids.push(admin.id);
    }
    let tasks: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let (store, id) = (store.clone(), *id);
            tokio::spawn(async move {
                match number % 3 {
                    0 => store.change_user(id, &role(Role::Viewer)).await.map(drop),
                    1 => store.remove_user(id).await,
                    _ => {
                        let disabled_at = Some(Some(at(1)));
                        let change = UserChange { disabled_at, ..UserChange::default() };
                        store.change_user(id, &change).await.map(drop)
                    }
                }
            })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        if let Err(error) = task.await.expect("no panic") {
            assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    let users = store.users().await.expect("listed");
    let admins = users.iter().filter(|user| user.role == Role::Admin && user.disabled_at.is_none());
    assert_eq!(admins.count(), 1);
}

#[tokio::test]
async fn an_administrators_account_does_not_end_by_itself() {
    let (house, anna) = with_user().await;
    let expires_at = Some(Some(at(9)));
    let ends = UserChange { expires_at, ..UserChange::default() };
    let guest = house.store.change_user(anna.id, &ends).await.expect("an operator may");
    assert_eq!(guest.expires_at, Some(at(9)));
    let refused = house.store.change_user(anna.id, &role(Role::Admin)).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
}

/// promise: D-08. Another role, or another password, ends the sign-ins made before.
#[tokio::test]
async fn a_change_of_rights_ends_sign_ins() {
    let (house, anna) = with_user().await;
    let begin = async || {
        let token = SessionToken::generate();
        let session = Session::begin(anna.id, Ipv4Addr::LOCALHOST.into(), "", at(0));
        let added = house.store.add_session(&token.hash(), &session, &anna.password).await;
        added.map(|()| (token, session))
    };
    let alive = async |token: &SessionToken| {
        house.store.signed_in(&token.hash()).await.expect("read").is_some()
    };
    let (first, _) = begin().await.expect("begun");
    house.store.change_user(anna.id, &role(Role::Viewer)).await.expect("changed");
    assert!(!alive(&first).await);
    let (stays, session) = begin().await.expect("begun");
    let (goes, _) = begin().await.expect("begun");
    let password = PasswordHash::parse(&anna.password.as_str().replace("MDEyMz", "MDEyNz"));
    let password = password.expect("another salt");
    let changed = house.store.set_password(anna.id, &password, false, Some(session.id)).await;
    assert_eq!(changed.expect("changed").password, password);
    assert!(alive(&stays).await && !alive(&goes).await);
    // promise: D-23. Whoever verified the old password a moment ago comes too late.
    assert!(matches!(begin().await, Err(StoreError::NotFound { .. })));
    let upgraded = house.store.upgrade_password(anna.id, &anna.password, &anna.password).await;
    assert!(!upgraded.expect("asked"), "an upgrade does not bring the old password back");
    let rotated = SessionToken::generate();
    house.store.rotate_session(session.id, &rotated.hash(), at(5)).await.expect("rotated");
    assert!(!alive(&stays).await && alive(&rotated).await);
    let session = house.store.session(anna.id, session.id).await.expect("found");
    assert_eq!(session.proved_at, at(5));
}

/// A code works once, also when it is presented many times at once.
#[tokio::test]
async fn a_time_step_is_used_once() {
    let (house, anna) = with_user().await;
    house.store.begin_second_factor(&factor(anna.id)).await.expect("begun");
    assert!(house.store.users_with_second_factor().await.expect("read").is_empty());
    let tries = (0..8).map(|_| {
        let (store, id) = (house.store.clone(), anna.id);
        tokio::spawn(async move { store.use_step(id, 7, at(1)).await.expect("asked") })
    });
    let mut used = 0;
    for tried in tries.collect::<Vec<_>>() {
        used += u32::from(tried.await.expect("no panic"));
    }
    assert_eq!(used, 1);
    assert!(!house.store.use_step(anna.id, 6, at(2)).await.expect("asked"), "an older one");
    let found = house.store.second_factor(anna.id).await.expect("read").expect("there");
    assert_eq!((found.confirmed_at, found.step_used), (Some(at(1)), 7));
    let again = house.store.begin_second_factor(&factor(anna.id)).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    assert_eq!(house.store.users_with_second_factor().await.expect("read"), [anna.id]);
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let (house, anna) = with_user().await;
    house.store.begin_second_factor(&factor(anna.id)).await.expect("begun");
    let codes = [RecoveryCode::generate().hash(), RecoveryCode::generate().hash()];
    house.store.set_recovery(anna.id, &codes).await.expect("set");
    let unconfirmed = house.store.use_recovery(anna.id, &codes[0]).await.expect("asked");
    assert!(!unconfirmed, "the app was never confirmed");
    assert!(house.store.use_step(anna.id, 1, at(0)).await.expect("asked"));
    for expected in [true, false] {
        assert_eq!(house.store.use_recovery(anna.id, &codes[0]).await.expect("asked"), expected);
    }
    let left = house.store.second_factor(anna.id).await.expect("read").expect("there").recovery;
    assert_eq!(left, [*codes[1].as_bytes()]);
    assert!(house.store.remove_second_factor(anna.id).await.expect("removed"));
    assert!(!house.store.use_recovery(anna.id, &codes[1]).await.expect("asked"));
}

#[tokio::test]
async fn a_passkey_is_found_used_and_removed_by_its_owner() {
    let (house, anna) = with_user().await;
    let phone = passkey(anna.id, 1);
    house.store.add_passkey(&phone).await.expect("added");
    let twice = house.store.add_passkey(&Passkey { id: PasskeyId::new(), ..phone.clone() }).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
    let found = house.store.passkey(&phone.credential).await.expect("read");
    assert_eq!(found.as_ref(), Some(&phone));
    for expected in [true, false] {
        let used = house.store.use_passkey(&phone, 6, at(3)).await.expect("asked");
        assert_eq!(used, expected, "the same counter twice");
    }
    assert_eq!(house.store.passkeys_of(anna.id).await.expect("read")[0].counter, 6);
    let not_mine = house.store.remove_passkey(UserId::new(), phone.id).await;
    assert!(matches!(not_mine, Err(StoreError::NotFound { .. })));
    house.store.remove_passkey(anna.id, phone.id).await.expect("removed");
    assert_eq!(house.store.passkey(&phone.credential).await.expect("read"), None);
}

/// promise: V-01. Somebody at the provider is one account here, and stays that one.
#[tokio::test]
async fn a_link_belongs_to_one_account() {
    let (house, anna) = with_user().await;
    let store = &house.store;
    let link = |user: UserId, subject: &str| ProviderLink {
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
        user,
        label: None,
        linked_at: at(1),
    };
    store.link_provider(&link(anna.id, "s-1")).await.expect("linked");
    store.link_provider(&link(anna.id, "s-2")).await.expect("linked to somebody else");
    assert_eq!(store.provider_link("https://id.example", "s-1").await.expect("read"), None);
    let found = store.provider_link("https://id.example", "s-2").await.expect("read");
    assert_eq!(found, Some(link(anna.id, "s-2")));
    assert_eq!(store.provider_link("https://evil.example", "s-2").await.expect("read"), None);
    let bert = user("bert");
    store.add_user(&bert).await.expect("added");
    let taken = store.link_provider(&link(bert.id, "s-2")).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })), "{taken:?}");
    let snapshot = store.snapshot().await.expect("taken");
    store.restore(&snapshot).await.expect("put back");
    assert_eq!(store.provider_link_of(anna.id).await.expect("read"), Some(link(anna.id, "s-2")));
    assert!(store.unlink_provider(anna.id).await.expect("ended"));
    assert!(!store.unlink_provider(anna.id).await.expect("ended"));
}

/// promise: V-02. A token is found by its hash until it is rotated, revoked, or its account ends.
#[tokio::test]
async fn a_token_is_found_until_it_is_revoked() {
    let (house, anna) = with_user().await;
    let store = &house.store;
    let (secret, made) = token(store, anna.id).await;
    let found = store.token_by_hash(&secret.hash()).await.expect("read").expect("there");
    assert_eq!((&found.token, &found.user), (&made, &anna));
    store.touch_token(made.id, Ipv4Addr::LOCALHOST.into(), at(7)).await.expect("touched");
    let listed = store.tokens(Some(anna.id)).await.expect("listed");
    assert_eq!((listed[0].used_at, listed.len()), (Some(at(7)), 1));
    assert_eq!(store.tokens(None).await.expect("listed"), listed);
    let next = ApiTokenSecret::generate();
    store.rotate_token(made.id, &next.hash()).await.expect("rotated");
    assert_eq!(store.token_by_hash(&secret.hash()).await.expect("read"), None);
    assert!(store.token_by_hash(&next.hash()).await.expect("read").is_some());
    let disabled_at = Some(Some(at(1)));
    let change = UserChange { disabled_at, ..UserChange::default() };
    store.change_user(anna.id, &change).await.expect("disabled");
    assert_eq!(store.token_by_hash(&next.hash()).await.expect("read"), None);
    store.remove_token(made.id).await.expect("removed");
    assert!(matches!(store.remove_token(made.id).await, Err(StoreError::NotFound { .. })));
}

/// promise: V-02. Of two who present the same refresh token, one gets on, and then neither does.
#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_family() {
    let (house, anna) = with_user().await;
    let (_, made) = token(&house.store, anna.id).await;
    let family = FamilyId::new();
    let first = RefreshToken::generate(family);
    let begun = house.store.begin_family(family, made.id, &first.hash(), at(0), at(500)).await;
    begun.expect("begun");
    let found = house.store.token_by_family(family, at(1)).await.expect("read");
    assert_eq!(found.expect("there").token, made);
    assert_eq!(house.store.token_by_family(family, at(500)).await.expect("read"), None);
    let tries = (0..6).map(|_| {
        let (store, presented) = (house.store.clone(), first.hash());
        let next = RefreshToken::generate(family).hash();
        tokio::spawn(async move { store.refresh(family, &presented, &next, at(1)).await })
    });
    let mut outcomes = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        outcomes.push(tried.await.expect("no panic").expect("asked"));
    }
    let count = |wanted: fn(&Refreshed) -> bool| outcomes.iter().filter(|one| wanted(one)).count();
    assert_eq!(count(|one| matches!(one, Refreshed::Next { .. })), 1);
    assert_eq!(count(|one| matches!(one, Refreshed::Reused { .. })), 1);
    assert_eq!(count(|one| *one == Refreshed::Unknown), 4);
    assert_eq!(house.store.token_by_family(family, at(1)).await.expect("read"), None);
}

#[tokio::test]
async fn families_end_with_their_token_and_are_swept() {
    let (house, anna) = with_user().await;
    let (_, made) = token(&house.store, anna.id).await;
    let begin = async |seconds: i64| {
        let family = FamilyId::new();
        let hash = RefreshToken::generate(family).hash();
        let begun = house.store.begin_family(family, made.id, &hash, at(0), at(seconds)).await;
        begun.map(|()| family)
    };
    let (short, long) = (begin(10).await.expect("begun"), begin(100).await.expect("begun"));
    assert_eq!(house.store.sweep_families(at(10)).await.expect("swept"), 1);
    assert!(!house.store.end_family(short).await.expect("asked"));
    house.store.rotate_token(made.id, &ApiTokenSecret::generate().hash()).await.expect("rotated");
    assert!(!house.store.end_family(long).await.expect("asked"), "it went with the old secret");
    house.store.remove_token(made.id).await.expect("removed");
    assert!(matches!(begin(100).await, Err(StoreError::NotFound { .. })));
}

/// promise: D-19. One account cannot fill the table.
#[tokio::test]
async fn one_account_has_so_many_tokens_and_no_more() {
    let (house, anna) = with_user().await;
    for _ in 0..TOKENS_PER_USER_MAX {
        token(&house.store, anna.id).await;
    }
    let (hash, token) = {
        let mut token = house.store.tokens(None).await.expect("listed").remove(0);
        token.id = TokenId::new();
        (ApiTokenSecret::generate().hash(), token)
    };
    let refused = house.store.add_token(&hash, &token).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
}

/// A lost index does not make a password enough where it was not, and no program loses its token.
#[tokio::test]
async fn the_copy_of_the_house_keeps_factors_and_tokens() {
    let (house, anna) = with_user().await;
    let confirmed = SecondFactor { confirmed_at: Some(at(1)), ..factor(anna.id) };
    house.store.begin_second_factor(&confirmed).await.expect("begun");
    house.store.add_passkey(&passkey(anna.id, 1)).await.expect("added");
    let (secret, _) = token(&house.store, anna.id).await;
    let snapshot = house.store.snapshot().await.expect("taken");
    let text = serde_json::to_string(&snapshot).expect("JSON");
    let other = House::new().await;
    let read = serde_json::from_str(&text).expect("ours");
    other.store.restore(&read).await.expect("restored");
    assert_eq!(other.store.snapshot().await.expect("taken"), snapshot);
    assert!(other.store.token_by_hash(&secret.hash()).await.expect("read").is_some());
}
