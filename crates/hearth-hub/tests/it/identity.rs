//! The first account, signing in, and how long that lasts.

use std::time::Duration;

use aws_lc_rs::hmac;
use hearth_auth::{AccountGrant, Action, CameraAccess, HouseGrant, TokenScope, ask};
use hearth_hub::{Hub, NewToken, NewUser, Peer, SessionView};
use hearth_model::{CameraId, FaultKind, Role};
use hearth_secret::SecretString;

use crate::home::{HOUR, Home};

pub(crate) const PASSWORD: &str = "a long walk by the canal";

pub(crate) fn peer() -> Peer {
    Peer { address: [192, 0, 2, 7].into(), agent: "test".to_owned() }
}

/// promise: T-09, T-18. There is no account and no password to begin with; the code from the
/// terminal makes one, once, and not with a weak password.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_needs_the_code_and_a_strong_password() {
    let home = Home::new();
    let hub = home.start().await;
    assert!(hub.welcome().claim_needed);
    let code = hub.claim_code().expect("shown");
    let claim =
        async |code: &str, password: &str| hub.claim(code, "anna", password.into(), &peer()).await;
    assert_eq!(claim("0000-0000", PASSWORD).await.expect_err("guessed").code, "wrong_code");
    for weak in ["short", "password1234", "anna anna anna"] {
        let refused = claim(code.expose(), weak).await.expect_err("weak");
        assert_eq!(refused.code, "weak_password", "{weak}");
        assert!(!refused.fault.message.is_empty());
    }
    let claimed = claim(code.expose(), PASSWORD).await.expect("claimed");
    let hearth_auth::Principal::User { role, .. } = claimed.session.principal else {
        panic!("a person")
    };
    assert_eq!(role, Role::Admin);
    assert!(!hub.welcome().claim_needed && hub.claim_code().is_none());
    let again = claim(code.expose(), PASSWORD).await.expect_err("claimed");
    assert_eq!(again.code, "already_claimed");
    hub.shutdown().await;
}

/// promise: T-09. A code that nobody used in time is void.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_valid_for_a_quarter_of_an_hour() {
    let home = Home::new();
    let hub = home.start().await;
    let code = hub.claim_code().expect("shown");
    home.step_clock(HOUR / 4 + 1);
    let late = hub.claim(code.expose(), "anna", PASSWORD.into(), &peer()).await;
    assert_eq!(late.expect_err("expired").code, "code_expired");
    let owner = hub.policy().owner(&hub.owner()).expect("the owner");
    let renewed = hub.renew_claim_code(&owner).expect("another").code;
    hub.claim(renewed.expose(), "anna", PASSWORD.into(), &peer()).await.expect("claimed");
    let late = hub.renew_claim_code(&owner).expect_err("claimed");
    assert_eq!(late.code, "already_claimed");
    hub.shutdown().await;
}

/// promise: D-07, D-11. A wrong password and an unknown name look the same; after some of either,
/// one has to wait, and is told how long.
#[tokio::test(flavor = "multi_thread")]
async fn guessing_tells_nothing_and_is_slowed_down() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    assert!(!hub.welcome().claim_needed);
    let sign_in =
        async |name: &str, password: &str| hub.sign_in(name, password.into(), &peer()).await;
    let wrong = sign_in("admin", "a short walk").await.expect_err("wrong");
    assert_eq!((wrong.code, wrong.fault.kind), ("wrong_credentials", FaultKind::Unauthenticated));
    for name in ["nobody", "", "\u{0}"] {
        assert_eq!(sign_in(name, "a short walk").await.expect_err("unknown"), wrong, "{name:?}");
    }
    let mut throttled = None;
    for _ in 0..10 {
        let refused = sign_in("admin", "a short walk").await.expect_err("wrong");
        if refused.code == "throttled" {
            throttled = Some(refused);
            break;
        }
    }
    let throttled = throttled.expect("slowed down");
    assert_eq!(throttled.fault.kind, FaultKind::Limited);
    let wait = throttled.retry_after.expect("told how long");
    assert!((Duration::from_millis(100)..Duration::from_secs(900)).contains(&wait), "{wait:?}");
    assert_eq!(sign_in("admin", PASSWORD).await.expect_err("too early").code, "throttled");
    home.step_clock(i64::try_from(wait.as_micros()).expect("short"));
    sign_in("admin", PASSWORD).await.expect("signed in");
    hub.shutdown().await;
}

/// promise: D-07, T-11. A session ends when its owner ends it, after an hour without use, and after
/// half a day in any case.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_by_itself_or_when_it_is_told_to() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    let sign_in = async || hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");

    let ended = sign_in().await;
    let session = hub.authenticate(&ended.token).await.expect("signed in");
    hub.sign_out(&session.principal).await.expect("signed out");
    assert!(hub.authenticate(&ended.token).await.is_none());

    let (used, idle) = (sign_in().await, sign_in().await);
    assert_ne!(used.token.to_text().expose(), idle.token.to_text().expose());
    for _ in 0..2 {
        home.step_clock(HOUR * 7 / 12);
        assert!(hub.authenticate(&used.token).await.is_some(), "used in time");
    }
    assert!(hub.authenticate(&idle.token).await.is_none(), "an hour without use");
    let mut half_hours = 0;
    while hub.authenticate(&used.token).await.is_some() {
        home.step_clock(HOUR / 2);
        half_hours += 1;
        assert!(half_hours <= 24, "nobody stays for longer than half a day");
    }
    let stranger = hearth_auth::SessionToken::generate();
    assert!(hub.authenticate(&stranger).await.is_none());
    hub.shutdown().await;
}

fn managing(hub: &Hub) -> HouseGrant<ask::ManageUsers> {
    hub.policy().house(&hub.owner()).expect("the owner may")
}

fn account(hub: &Hub, session: &SessionView) -> AccountGrant {
    hub.policy().account(&session.principal).expect("a person")
}

/// What an authenticator app shows: RFC 6238 over the base32 that it was given.
fn code_of(secret: &SecretString, hub: &Hub) -> SecretString {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digits = secret.expose().chars().map(|c| alphabet.find(c).expect("base32"));
    let bits: String = digits.map(|digit| format!("{digit:05b}")).collect();
    let byte = |at: usize| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits");
    let bytes: Vec<u8> = (0..bits.len() / 8).map(byte).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let step = hub.welcome().time.as_micros().div_euclid(30_000_000);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let word: [u8; 4] = tag.as_ref()[at..at + 4].try_into().expect("four");
    SecretString::new(format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000))
}

async fn add_user(hub: &Hub, name: &str, role: Role, camera_access: CameraAccess) {
    let new = NewUser {
        name: name.to_owned(),
        role,
        password: Some(PASSWORD.into()),
        expires_at: None,
        camera_access,
    };
    hub.add_user(&managing(hub), new).await.expect("added");
}

/// Rules, second factors, tokens and signing keys outlive the run, and nothing of them that is
/// secret stands in the data directory.
///
/// promise: T-05, V-02, D-35. Sealed or hashed, and in force again after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn identity_outlives_a_restart_and_its_secrets_are_not_on_the_disk() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    let hidden = CameraId::new();
    let only = CameraAccess { only_listed: true, ..CameraAccess::default() };
    add_user(&hub, "anna", Role::Viewer, only).await;
    add_user(&hub, "olga", Role::Operator, CameraAccess::default()).await;

    let olga = hub.sign_in("olga", PASSWORD.into(), &peer()).await.expect("right");
    let grant = account(&hub, &olga.session);
    let app = hub.begin_authenticator(&grant).await.expect("begun");
    let code = code_of(&app.secret, &hub);
    let recovery = hub.confirm_authenticator(&grant, &code).await.expect("confirmed");
    let grant = hub.policy().house::<ask::ManageTokens>(&olga.session.principal).expect("may");
    let new = NewToken {
        name: hearth_auth::TokenName::new("panel").expect("a name"),
        user: None,
        scope: TokenScope::of([Action::ListCameras]),
        networks: Vec::new(),
        expires_at: None,
    };
    let token = hub.add_token(&grant, new).await.expect("made");
    let access = hub.access_by_token(&token.secret, &peer()).await.expect("traded");
    let keys = hub.published_keys();
    hub.shutdown().await;
    drop(hub);

    let secrets = [&app.secret, &token.secret, &access.refresh, &access.access, &recovery[0]];
    for file in files(&home.data()) {
        let bytes = std::fs::read(&file).expect("readable");
        for secret in secrets.into_iter().chain([&SecretString::from(PASSWORD)]) {
            let text = secret.expose().as_bytes();
            assert!(!bytes.windows(text.len()).any(|part| part == text), "{}", file.display());
        }
    }

    let hub = home.start().await;
    assert_eq!(hub.published_keys(), keys, "the same keys sign");
    let machine = hub.authenticate_bearer(access.access.expose(), peer().address).await;
    assert!(machine.is_some(), "an access token outlives the restart");
    let needed = hub.sign_in("olga", PASSWORD.into(), &peer()).await.expect_err("half");
    assert_eq!(needed.code, "second_factor_needed");
    let used = hub.sign_in_with("olga", PASSWORD.into(), Some(&code), &peer()).await;
    assert_eq!(used.expect_err("used up").code, "wrong_second_factor");
    let saved = hub.sign_in_with("olga", PASSWORD.into(), Some(&recovery[0]), &peer()).await;
    saved.expect("a recovery code");
    let anna = hub.sign_in("anna", PASSWORD.into(), &peer()).await.expect("right");
    assert!(!hub.policy().visible(&anna.session.principal, hidden), "the rules hold");
    hub.shutdown().await;
    drop(hub);

    // promise: T-05. Nor does a lost index open what was closed.
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        std::fs::remove_file(home.data().join(name)).ok();
    }
    let hub = home.start().await;
    let needed = hub.sign_in("olga", PASSWORD.into(), &peer()).await.expect_err("half");
    assert_eq!(needed.code, "second_factor_needed");
    let anna = hub.sign_in("anna", PASSWORD.into(), &peer()).await.expect("right");
    assert!(!hub.policy().visible(&anna.session.principal, hidden), "the rules hold");
    assert!(hub.authenticate_bearer(token.secret.expose(), peer().address).await.is_some());
    hub.shutdown().await;
    drop(hub);
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.is_file() {
            all.push(path);
        }
    }
    all
}

/// promise: D-23. A sign-in that began with the old password does not survive the new one, however
/// they overlap.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_being_replaced_lets_nobody_stay() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    let own = hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("right");
    let grant = account(&hub, &own.session);
    let late = (0..3).map(|_| {
        let hub = hub.clone();
        tokio::spawn(async move { hub.sign_in("admin", PASSWORD.into(), &peer()).await })
    });
    let late: Vec<_> = late.collect();
    let new = "seven green boats drift eastward";
    let changed = hub.change_password(&grant, PASSWORD.into(), new.into(), &peer()).await;
    let changed = changed.expect("changed");
    for attempt in late {
        if let Ok(signed_in) = attempt.await.expect("no panic") {
            assert!(hub.authenticate(&signed_in.token).await.is_none(), "its time is over");
        }
    }
    assert!(hub.authenticate(&own.token).await.is_none(), "the old token");
    assert!(hub.authenticate(&changed.token).await.is_some(), "the new token");
    hub.shutdown().await;
}

/// promise: D-11. A service has no password, and looks like an account that does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_looks_like_nobody_to_whoever_signs_in() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    let service = NewUser {
        name: "bell".to_owned(),
        role: Role::Service,
        password: None,
        expires_at: None,
        camera_access: CameraAccess::default(),
    };
    let made = hub.add_user(&managing(&hub), service).await.expect("added");
    assert!(made.password.is_none());
    let wrong = hub.sign_in("nobody", PASSWORD.into(), &peer()).await.expect_err("unknown");
    let bell = hub.sign_in("bell", PASSWORD.into(), &peer()).await.expect_err("no password");
    assert_eq!(bell, wrong);
    hub.shutdown().await;
}
