//! Accounts and what belongs to them: passwords, sign-ins, second factors.

use aws_lc_rs::hmac;
use http::{Method, StatusCode};
use serde_json::json;

use crate::house::{Answer, Browser, House, PASSWORD, json as json_request, request};

const OTHER: &str = "seven green boats drift eastward";

async fn post(browser: &Browser<'_>, target: &str, body: serde_json::Value) -> Answer {
    browser.change(json_request(Method::POST, target, &body)).await
}

fn sign_in(name: &str, password: &str, code: Option<&str>) -> http::Request<String> {
    let mut body = json!({ "name": name, "password": password });
    if let Some(code) = code {
        body["code"] = code.into();
    }
    json_request(Method::POST, "/api/v1/session", &body)
}

/// What an authenticator app shows: RFC 6238 over the base32 that it was given.
fn app(secret: &str, seconds: i64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String =
        secret.chars().map(|c| format!("{:05b}", alphabet.find(c).expect("base32"))).collect();
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"))
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(seconds / 30).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let word: [u8; 4] = tag.as_ref()[at..at + 4].try_into().expect("four");
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

fn now(house: &House) -> i64 {
    house.hub.welcome().time.as_micros() / 1_000_000
}

/// promise: D-08, T-18. A new password needs the old one and is not a weak one; it ends the other
/// sign-ins and gives the one at hand another cookie.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_rotates_this_sign_in_and_ends_the_others() {
    let house = House::start().await;
    let (browser, other) = (house.browser().await, house.browser().await);
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let target = "/api/v1/account/password";
    let wrong = post(&browser, target, change("wrong", OTHER)).await;
    assert_eq!((wrong.status, wrong.code().as_str()), {
        (StatusCode::UNAUTHORIZED, "wrong_credentials")
    });
    let weak = post(&browser, target, change(PASSWORD, "password1234")).await;
    assert_eq!((weak.status, weak.code().as_str()), (StatusCode::BAD_REQUEST, "weak_password"));
    assert_eq!(other.get("/api/v1/session").await.status, StatusCode::OK, "nothing has changed");

    let changed = post(&browser, target, change(PASSWORD, OTHER)).await;
    let rotated = house.begun(&changed);
    assert_ne!(rotated.cookie, browser.cookie);
    assert_eq!(rotated.get("/api/v1/session").await.status, StatusCode::OK);
    for old in [&browser, &other] {
        assert_eq!(old.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    }
    let old = house.send(sign_in("admin", PASSWORD, None)).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    house.signed_in(sign_in("admin", OTHER, None)).await;
}

/// promise: D-08. Sign-ins are listed to their owner, and ended one by one or together.
#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_are_listed_to_their_owner_and_ended() {
    let house = House::start().await;
    let admin = house.browser().await;
    let id = house.add_user(&admin, "anna", "viewer", json!({})).await;
    let (anna, phone, tablet) = (
        house.browser_of("anna").await,
        house.browser_of("anna").await,
        house.browser_of("anna").await,
    );
    let list = anna.get("/api/v1/account/sessions").await.json();
    let sessions = list["sessions"].as_array().expect("a list").clone();
    assert_eq!(sessions.len(), 3);
    let current: Vec<_> = sessions.iter().filter(|one| one["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["address"], "127.0.0.1");
    let of = async |browser: &Browser<'_>| {
        let list = browser.get("/api/v1/account/sessions").await.json();
        let sessions = list["sessions"].as_array().expect("a list").clone();
        let own = sessions.into_iter().find(|one| one["current"] == true).expect("this one");
        own["id"].as_str().expect("an id").to_owned()
    };
    let end = async |browser: &Browser<'_>, session: &str| {
        let target = format!("/api/v1/account/sessions/{session}");
        browser.change(request(Method::DELETE, &target)).await.status
    };
    // promise: T-05. Somebody else's is not there.
    let admins = of(&admin).await;
    assert_eq!(end(&anna, &admins).await, StatusCode::NOT_FOUND);
    assert_eq!(admin.get("/api/v1/session").await.status, StatusCode::OK);

    let phones = of(&phone).await;
    assert_eq!(end(&anna, &phones).await, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    let ended = anna.change(request(Method::DELETE, "/api/v1/account/sessions")).await;
    assert_eq!(ended.json()["ended"], 1);
    assert_eq!(tablet.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(anna.get("/api/v1/session").await.status, StatusCode::OK);

    // Whoever manages accounts sees and ends them too.
    let target = format!("/api/v1/users/{id}/sessions");
    let listed = admin.get(&target).await.json();
    assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(1));
    let ended = admin.change(request(Method::DELETE, &target)).await;
    assert_eq!(ended.json()["ended"], 1);
    assert_eq!(anna.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
}

/// promise: D-07, D-11. A code is asked for only after the right password, works once, and wrong
/// ones are slowed down like passwords.
#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_app_is_asked_for_after_the_right_password() {
    let house = House::start().await;
    let admin = house.browser().await;
    house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let begun = post(&anna, "/api/v1/account/totp", json!({})).await;
    assert_eq!(begun.status, StatusCode::CREATED);
    let secret = begun.json()["secret"].as_str().expect("a secret").to_owned();
    assert!(begun.json()["uri"].as_str().is_some_and(|uri| uri.contains(&secret)));
    // Not confirmed, not asked for.
    house.browser_of("anna").await;
    let confirm = "/api/v1/account/totp/confirm";
    let wrong = post(&anna, confirm, json!({ "code": "000000x" })).await;
    assert_eq!(wrong.code(), "wrong_second_factor");
    let code = app(&secret, now(&house));
    let confirmed = post(&anna, confirm, json!({ "code": code })).await;
    let codes = confirmed.json()["recovery_codes"].as_array().expect("codes").clone();
    assert_eq!(codes.len(), 10);
    let again = post(&anna, "/api/v1/account/totp", json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "it has to be removed first");

    let wrong_password = house.send(sign_in("anna", "wrong", Some(&code))).await;
    assert_eq!(wrong_password.code(), "wrong_credentials");
    let needed = house.send(sign_in("anna", PASSWORD, None)).await;
    assert_eq!((needed.status, needed.code().as_str()), {
        (StatusCode::UNAUTHORIZED, "second_factor_needed")
    });
    assert!(needed.headers.get("set-cookie").is_none());
    let replayed = house.send(sign_in("anna", PASSWORD, Some(&code))).await;
    assert_eq!(replayed.code(), "wrong_second_factor", "it confirmed the app");
    house.step_clock(30);
    let next = app(&secret, now(&house));
    house.signed_in(sign_in("anna", PASSWORD, Some(&next))).await;

    let recovery = codes[0].as_str().expect("a code").to_lowercase();
    house.signed_in(sign_in("anna", PASSWORD, Some(&recovery))).await;
    let twice = house.send(sign_in("anna", PASSWORD, Some(&recovery))).await;
    assert_eq!(twice.code(), "wrong_second_factor");
    let state = anna.get("/api/v1/account/totp").await.json();
    assert_eq!(state, json!({ "enabled": true, "recovery_codes": 9 }));
    let mut guesses = 0;
    while house.send(sign_in("anna", PASSWORD, Some("123456"))).await.status
        != StatusCode::TOO_MANY_REQUESTS
    {
        guesses += 1;
        assert!(guesses < 10, "guessing codes is slowed down");
    }
    let removed = anna.change(request(Method::DELETE, "/api/v1/account/totp")).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    house.step_clock(3000);
    house.browser_of("anna").await;
}

/// promise: D-08. What a borrowed browser must not do needs the password once more.
#[tokio::test(flavor = "multi_thread")]
async fn sensitive_changes_need_a_fresh_proof() {
    let house = House::start().await;
    let browser = house.browser().await;
    house.step_clock(601);
    let scope = json!({ "name": "x", "scope": { "actions": ["live"] } });
    let sensitive = [
        ("/api/v1/account/totp", json!({})),
        ("/api/v1/account/passkeys/begin", json!({})),
        ("/api/v1/tokens", scope),
    ];
    let host = format!("localhost:{}", house.server.address().port());
    let try_all = async || {
        let mut codes = Vec::new();
        for (target, body) in &sensitive {
            let mut sent = json_request(Method::POST, target, body);
            sent.headers_mut().insert("host", host.parse().expect("visible"));
            codes.push(browser.change(sent).await.status);
        }
        codes
    };
    assert_eq!(try_all().await, [StatusCode::FORBIDDEN; 3]);
    let wrong = post(&browser, "/api/v1/session/confirm", json!({ "password": "wrong" })).await;
    assert_eq!(wrong.code(), "wrong_credentials");
    assert_eq!(try_all().await, [StatusCode::FORBIDDEN; 3]);
    let right = post(&browser, "/api/v1/session/confirm", json!({ "password": PASSWORD })).await;
    assert_eq!(right.status, StatusCode::NO_CONTENT);
    assert_eq!(try_all().await, [StatusCode::CREATED, StatusCode::OK, StatusCode::CREATED]);
}

/// promise: D-08. A page that was left open is no key: it arms the house, and disarms it only once
/// whoever sits there has shown who they are.
#[tokio::test]
async fn an_old_sign_in_does_not_disarm() {
    let house = House::start().await;
    let browser = house.browser().await;
    let set = async |mode: &str| {
        let body = json!({ "mode": mode, "anyway": true });
        browser.change(json_request(Method::PUT, "/api/v1/alarm/mode", &body)).await
    };
    assert_eq!(set("night").await.json()["state"], "armed");
    assert_eq!(set("disarmed").await.json()["state"], "disarmed", "it is fresh");
    house.step_clock(601);
    assert_eq!(set("night").await.json()["state"], "armed");
    let refused = set("disarmed").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "proof_needed".into()));
    assert_eq!(browser.get("/api/v1/alarm").await.json()["state"], "armed");
    post(&browser, "/api/v1/session/confirm", json!({ "password": PASSWORD })).await;
    assert_eq!(set("disarmed").await.json()["state"], "disarmed");
}

/// promise: T-18. A password that was made for somebody opens nothing but the way to another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_made_password_has_to_be_changed_first() {
    let house = House::start().await;
    let admin = house.browser().await;
    let body = json!({ "name": "anna", "role": "viewer" });
    let made = post(&admin, "/api/v1/users", body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let password = made.json()["password"].as_str().expect("shown once").to_owned();
    assert_eq!(made.json()["user"]["must_change_password"], true);
    let anna = house.signed_in(sign_in("anna", &password, None)).await;
    assert_eq!(anna.get("/api/v1/session").await.json()["must_change_password"], true);
    for target in ["/api/v1/cameras", "/api/v1/account/sessions", "/api/v1/openapi.json"] {
        let refused = anna.get(target).await;
        assert_eq!((refused.status, refused.code().as_str()), {
            (StatusCode::FORBIDDEN, "password_change_needed")
        });
    }
    let change = json!({ "old": password, "new": OTHER });
    let anna = house.begun(&post(&anna, "/api/v1/account/password", change).await);
    assert_eq!(anna.get("/api/v1/cameras").await.status, StatusCode::OK);
}

/// promise: V-03. Guests end by themselves, services sign in with nothing, and somebody is always
/// left to administer the house.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_keep_to_their_kind() {
    let house = House::start().await;
    let admin = house.browser().await;
    let made = post(&admin, "/api/v1/users", json!({ "name": "guest", "role": "guest" })).await;
    assert!(made.json()["user"]["expires_at"].is_string(), "a week unless said otherwise");
    let guest = made.json()["user"]["id"].as_str().expect("an id").to_owned();
    let target = format!("/api/v1/users/{guest}");
    let forever =
        admin.change(json_request(Method::PATCH, &target, &json!({ "expires_at": null }))).await;
    assert_eq!(forever.code(), "bad_expiry");
    let promoted = json!({ "role": "viewer", "expires_at": null });
    let promoted = admin.change(json_request(Method::PATCH, &target, &promoted)).await;
    assert_eq!(promoted.json()["expires_at"], serde_json::Value::Null, "{:?}", promoted.body);

    let body = json!({ "name": "bell", "role": "service", "password": PASSWORD });
    assert_eq!(post(&admin, "/api/v1/users", body).await.code(), "no_password");
    let made = post(&admin, "/api/v1/users", json!({ "name": "bell", "role": "service" })).await;
    assert!(made.json()["password"].is_null());

    let users = admin.get("/api/v1/users").await.json();
    let own = users["users"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|user| user["name"] == "admin")
        .expect("there")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let target = format!("/api/v1/users/{own}");
    for patch in [json!({ "role": "viewer" }), json!({ "disabled": true })] {
        let refused = admin.change(json_request(Method::PATCH, &target, &patch)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{patch}");
    }
    let refused = admin.change(request(Method::DELETE, &target)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(admin.get("/api/v1/users").await.status, StatusCode::OK);
    let text = users.to_string();
    for word in ["argon2", "hash", "secret"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// promise: D-11. Disabled, ended and service accounts look like unknown ones from outside.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_may_not_sign_in_look_unknown() {
    let house = House::start().await;
    let admin = house.browser().await;
    let id = house.add_user(&admin, "anna", "viewer", json!({})).await;
    let target = format!("/api/v1/users/{id}");
    admin.change(json_request(Method::PATCH, &target, &json!({ "disabled": true }))).await;
    let end = house.in_seconds(60);
    house.add_user(&admin, "ben", "guest", json!({ "expires_at": end })).await;
    house.step_clock(61);
    let unknown = house.send(sign_in("nobody", PASSWORD, None)).await;
    for name in ["anna", "ben"] {
        let refused = house.send(sign_in(name, PASSWORD, None)).await;
        assert_eq!(refused.status, unknown.status);
        assert_eq!(refused.json()["error"]["message"], unknown.json()["error"]["message"]);
        assert_eq!(refused.code(), "wrong_credentials");
    }
}

/// promise: T-09. Only whoever runs the hub gives somebody another password without the old one, or
/// makes another claim code.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_claims_are_reset_on_the_hubs_own_machine_only() {
    let house = House::start().await;
    let admin = house.browser().await;
    let id = house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let target = format!("/api/v1/users/{id}/password");
    let body = json!({ "password": OTHER });
    let refused = post(&admin, &target, body.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "not_owner"));
    let weak =
        house.control(json_request(Method::POST, &target, &json!({ "password": "x" }))).await;
    assert_eq!(weak.code(), "weak_password");
    let reset = house.control(json_request(Method::POST, &target, &body)).await;
    assert_eq!(reset.status, StatusCode::OK, "{:?}", reset.body);
    assert_eq!(anna.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    house.signed_in(sign_in("anna", OTHER, None)).await;
    let made = house.control(json_request(Method::POST, &target, &json!({}))).await.json();
    let password = made["password"].as_str().expect("shown once").to_owned();
    house.signed_in(sign_in("anna", &password, None)).await;
    let renew = json_request(Method::POST, "/api/v1/claim/renew", &json!({}));
    assert_eq!(house.control(renew).await.code(), "already_claimed");
}

/// promise: T-09. A code that nobody used in time is made anew through the control socket.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_claim_code_is_renewed_by_the_owner() {
    let house = House::with(hearth_api::Limits::default(), None).await;
    let renew = || json_request(Method::POST, "/api/v1/claim/renew", &json!({}));
    assert_eq!(house.send(renew()).await.status, StatusCode::UNAUTHORIZED);
    house.step_clock(16 * 60);
    let code = house.control(renew()).await.json()["code"].as_str().expect("a code").to_owned();
    let claim = json!({ "code": code, "name": "anna", "password": PASSWORD });
    let claimed = house.send(json_request(Method::POST, "/api/v1/claim", &claim)).await;
    assert_eq!(claimed.status, StatusCode::CREATED, "{:?}", claimed.body);
}
