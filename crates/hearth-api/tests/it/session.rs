//! Sign-in and sign-out.

use http::{Method, StatusCode};

use crate::house::{House, PASSWORD, json, request, sign_in};
use hearth_api::Limits;

/// promise: D-08. The cookie is kept from scripts, other sites and plain HTTP, and is new each
/// time.
#[tokio::test]
async fn each_sign_in_has_a_cookie_of_its_own_with_all_attributes() {
    let house = House::start().await;
    let answer = house.send(sign_in(PASSWORD)).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-hearthwatch="));
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(attribute), "{attribute}");
    }
    assert!(!cookie.contains("Domain"));
    assert_eq!(answer.json()["user"]["name"], "admin");
    assert_eq!(answer.json()["idle_seconds"], 3600);
    assert_ne!(house.browser().await.cookie, house.browser().await.cookie);
}

/// promise: D-08, T-11, D-23. A session that was signed out is worth nothing.
#[tokio::test]
async fn after_signing_out_the_cookie_is_worth_nothing() {
    let house = House::start().await;
    let browser = house.browser().await;
    let answer = browser.change(request(Method::DELETE, "/api/v1/session")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(browser.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
}

/// promise: D-11. An unknown name and a wrong password cannot be told apart.
#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    let house = House::start().await;
    let wrong = house.send(sign_in("wrong")).await;
    let body = serde_json::json!({ "name": "nobody", "password": "wrong" });
    let unknown = house.send(json(Method::POST, "/api/v1/session", &body)).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.status, wrong.status);
    assert_eq!(unknown.json()["error"]["message"], wrong.json()["error"]["message"]);
    assert_eq!(unknown.code(), wrong.code());
}

/// promise: D-07. Guessing ends in a lock that says how long it lasts, and that holds for the
/// right password too.
#[tokio::test]
async fn guessing_is_throttled() {
    const GUESSES_MAX: usize = 30;
    let house = House::start().await;
    let mut guesses = 0;
    let refused = loop {
        let answer = house.send(sign_in("wrong")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        guesses += 1;
        assert!(guesses < GUESSES_MAX, "{GUESSES_MAX} guesses were answered");
    };
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!(wait >= 1);
    let right = house.send(sign_in(PASSWORD)).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS);
}

/// promise: T-09. There is no default password: the first account takes the code from the terminal.
#[tokio::test]
async fn the_first_account_takes_the_code_from_the_terminal_and_only_once() {
    let house = House::with(Limits::default(), None).await;
    assert_eq!(house.get("/api/v1/welcome").await.json()["claim_needed"], true);
    let code = house.hub.claim_code().expect("unclaimed").expose().clone();
    let claim = |code: &str, password: &str| {
        let body = serde_json::json!({ "code": code, "name": "anna", "password": password });
        json(Method::POST, "/api/v1/claim", &body)
    };
    let wrong = house.send(claim("0000-0000", PASSWORD)).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::FORBIDDEN, "wrong_code"));
    let weak = house.send(claim(&code, "password")).await;
    assert_eq!((weak.status, weak.code().as_str()), (StatusCode::BAD_REQUEST, "weak_password"));
    let right = house.send(claim(&code, PASSWORD)).await;
    assert_eq!(right.status, StatusCode::CREATED);
    assert!(right.header("set-cookie").starts_with("__Host-hearthwatch="));
    let again = house.send(claim(&code, PASSWORD)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(house.get("/api/v1/welcome").await.json()["claim_needed"], false);
}
