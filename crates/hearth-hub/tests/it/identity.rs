//! The first account, signing in, and how long that lasts.

use std::time::Duration;

use hearth_hub::Peer;
use hearth_model::{FaultKind, Role};

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
    let hub = hearth_hub::Hub::start(config).await.expect("the hub starts");
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
    let hub = hearth_hub::Hub::start(config).await.expect("the hub starts");
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
