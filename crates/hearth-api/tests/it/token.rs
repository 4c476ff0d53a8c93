//! Tokens of programs, and the access tokens traded for them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, House, json as json_request, request};

async fn trade(house: &House, body: Value) -> Answer {
    house.send(json_request(Method::POST, "/api/v1/token", &body)).await
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().expect("a text").to_owned()
}

fn scope() -> Value {
    json!({ "actions": ["list_cameras", "live", "manage_cameras"] })
}

/// promise: V-02. A program presents its token; its use is shown, its secret never again; another
/// secret or its revocation ends it at once. It needs no CSRF token, because no browser sends it by
/// itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_until_it_is_rotated_or_revoked() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({ "networks": ["127.0.0.0/8"] })).await;
    let cameras = || request(Method::GET, "/api/v1/cameras");
    assert_eq!(house.program(&token.secret, cameras()).await.status, StatusCode::OK);
    let body = json!({ "name": "x", "url": "rtsp://127.0.0.1:9/", "force": true });
    let added = json_request(Method::POST, "/api/v1/cameras", &body);
    assert_eq!(house.program(&token.secret, added).await.status, StatusCode::CREATED);
    let listed = admin.get("/api/v1/tokens").await;
    assert_eq!(listed.json()["tokens"][0]["used_from"], "127.0.0.1");
    assert!(!String::from_utf8_lossy(&listed.body).contains(&token.secret[3..]));
    let target = format!("/api/v1/tokens/{}", token.id);
    let rotated = admin.change(request(Method::POST, &format!("{target}/rotate"))).await;
    let next = text(&rotated, "secret");
    assert_eq!(house.program(&token.secret, cameras()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.program(&next, cameras()).await.status, StatusCode::OK);
    let revoked = admin.change(request(Method::DELETE, &target)).await;
    assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    assert_eq!(house.program(&next, cameras()).await.status, StatusCode::UNAUTHORIZED);
}

/// promise: T-05. Tokens are seen and revoked by their owner and by whoever manages accounts; a
/// token for somebody else takes that right.
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_manages_their_own_tokens_only() {
    let house = House::start().await;
    let admin = house.browser().await;
    let foreign = admin.token(scope(), json!({})).await;
    house.add_user(&admin, "olga", "operator", json!({})).await;
    let olga = house.browser_of("olga").await;
    let own = olga.token(scope(), json!({})).await;
    let listed = olga.get("/api/v1/tokens").await.json();
    assert_eq!(listed["tokens"].as_array().map(Vec::len), Some(1));
    let all = admin.get("/api/v1/tokens").await.json();
    assert_eq!(all["tokens"].as_array().map(Vec::len), Some(2));
    let target = format!("/api/v1/tokens/{}", foreign.id);
    let refused = olga.change(request(Method::DELETE, &target)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let rotated = olga.change(request(Method::POST, &format!("{target}/rotate"))).await;
    assert_eq!(rotated.status, StatusCode::NOT_FOUND);
    let owner = all["tokens"][0]["user"].clone();
    let body = json!({ "name": "x", "user": owner, "scope": scope() });
    let for_admin = olga.change(json_request(Method::POST, "/api/v1/tokens", &body)).await;
    assert_eq!(for_admin.status, StatusCode::NOT_FOUND);
    // The scope says more than an operator may: it does not help.
    let body = json!({ "name": "x", "url": "rtsp://127.0.0.1:9/", "force": true });
    let added = json_request(Method::POST, "/api/v1/cameras", &body);
    assert_eq!(house.program(&own.secret, added).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_makes_no_sense_is_refused() {
    let house = House::start().await;
    let admin = house.browser().await;
    for (more, code) in [
        (json!({ "scope": { "actions": [] } }), "bad_scope"),
        (json!({ "scope": { "actions": ["live"], "cameras": [] } }), "bad_scope"),
        (json!({ "scope": { "actions": ["fly"] } }), "bad_body"),
        (json!({ "expires_at": "2020-01-01T00:00:00Z" }), "bad_expiry"),
        (json!({ "expires_at": "2099-01-01T00:00:00Z" }), "bad_expiry"),
        (json!({ "networks": ["home"] }), "bad_body"),
        (json!({ "name": "" }), "bad_body"),
        (json!({ "user": "usr_00000000000000000000000000000000" }), "not_found"),
    ] {
        let mut body = json!({ "name": "x", "scope": { "actions": ["live"] } });
        for (field, value) in more.as_object().expect("fields") {
            body[field] = value.clone();
        }
        let refused = admin.change(json_request(Method::POST, "/api/v1/tokens", &body)).await;
        assert_eq!(refused.code(), code, "{more}");
    }
}

/// promise: V-02. An access token lasts minutes, is signed with a published key, and carries what
/// its token is for.
#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_short_lived_and_its_key_is_published() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({})).await;
    let traded = trade(&house, json!({ "api_token": token.secret })).await;
    assert_eq!(traded.status, StatusCode::OK, "{:?}", traded.body);
    assert_eq!(traded.json()["token_type"], "Bearer");
    assert_eq!(traded.json()["expires_in"], 600);
    let access = text(&traded, "access_token");
    let cameras = || request(Method::GET, "/api/v1/cameras");
    assert_eq!(house.program(&access, cameras()).await.status, StatusCode::OK);
    let header = URL_SAFE_NO_PAD.decode(access.split('.').next().expect("a head")).expect("head");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    let keys = house.get("/.well-known/jwks.json").await.json();
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    assert_eq!((&header["alg"], &keys["keys"][0]["alg"]), (&json!("EdDSA"), &json!("EdDSA")));
    let events = request(Method::GET, "/api/v1/events");
    assert_eq!(house.program(&access, events).await.status, StatusCode::FORBIDDEN);
    house.step_clock(601);
    assert_eq!(house.program(&access, cameras()).await.status, StatusCode::UNAUTHORIZED);
}

/// promise: V-02. A refresh token works once. Used twice, it ends its whole family, also the access
/// tokens that were handed out.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_used_twice_revokes_its_family() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({})).await;
    let first = trade(&house, json!({ "api_token": token.secret })).await;
    let bystander = trade(&house, json!({ "api_token": token.secret })).await;
    let refresh = json!({ "refresh_token": text(&first, "refresh_token") });
    let second = trade(&house, refresh.clone()).await;
    assert_eq!(second.status, StatusCode::OK, "{:?}", second.body);
    let cameras = || request(Method::GET, "/api/v1/cameras");
    let access = text(&second, "access_token");
    assert_eq!(house.program(&access, cameras()).await.status, StatusCode::OK);
    let stolen = trade(&house, refresh).await;
    assert_eq!((stolen.status, stolen.code().as_str()), {
        (StatusCode::UNAUTHORIZED, "token_refused")
    });
    assert_eq!(house.program(&access, cameras()).await.status, StatusCode::UNAUTHORIZED);
    let newest = json!({ "refresh_token": text(&second, "refresh_token") });
    assert_eq!(trade(&house, newest).await.status, StatusCode::UNAUTHORIZED);
    let other = text(&bystander, "access_token");
    assert_eq!(house.program(&other, cameras()).await.status, StatusCode::OK, "another family");
}

/// promise: V-02, D-23. However many present one refresh token at the same moment, one gets on, and
/// then nobody.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_refresh_at_once_one_gets_on() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({})).await;
    let first = trade(&house, json!({ "api_token": token.secret })).await;
    let body = json!({ "refresh_token": text(&first, "refresh_token") });
    let tries = (0..6).map(|_| trade(&house, body.clone()));
    let answers = futures_util::future::join_all(tries).await;
    let passed: Vec<&Answer> =
        answers.iter().filter(|answer| answer.status == StatusCode::OK).collect();
    assert_eq!(passed.len(), 1);
    let access = text(passed[0], "access_token");
    let cameras = request(Method::GET, "/api/v1/cameras");
    assert_eq!(house.program(&access, cameras).await.status, StatusCode::UNAUTHORIZED);
}

/// promise: V-02. Revoking works with either token of a pair, and says nothing about others.
#[tokio::test(flavor = "multi_thread")]
async fn access_is_revoked_by_either_of_its_tokens() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({})).await;
    for field in ["access_token", "refresh_token"] {
        let traded = trade(&house, json!({ "api_token": token.secret })).await;
        let access = text(&traded, "access_token");
        let cameras = || request(Method::GET, "/api/v1/cameras");
        assert_eq!(house.program(&access, cameras()).await.status, StatusCode::OK);
        let body = json!({ "token": text(&traded, field) });
        let revoke = json_request(Method::POST, "/api/v1/token/revoke", &body);
        assert_eq!(house.send(revoke).await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.program(&access, cameras()).await.status, StatusCode::UNAUTHORIZED);
    }
    let nonsense = json!({ "token": "nonsense" });
    let revoke = json_request(Method::POST, "/api/v1/token/revoke", &nonsense);
    assert_eq!(house.send(revoke).await.status, StatusCode::NO_CONTENT);
}

/// Whatever is wrong with what is traded, the answer is the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_traded_is_refused_alike() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = admin.token(scope(), json!({ "networks": ["203.0.113.0/24"] })).await;
    for body in [
        json!({ "api_token": "nonsense" }),
        json!({ "api_token": token.secret }),
        json!({ "refresh_token": token.secret }),
        json!({ "api_token": format!("hw_{}", "A".repeat(43)) }),
        json!({ "refresh_token": format!("hwr_{}", "A".repeat(64)) }),
    ] {
        let refused = trade(&house, body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), {
            (StatusCode::UNAUTHORIZED, "token_refused")
        });
    }
    assert_eq!(trade(&house, json!({})).await.code(), "bad_body");
}

/// promise: V-03, T-05. The right to make rules is not the right to all that rules can do: a rule
/// does for a program nothing that the program may not do itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_does_nothing_that_its_maker_may_not() {
    let house = House::start().await;
    let admin = house.browser().await;
    let channel = "chn_00000000000000000000000000000000";
    let make = async |actions: &[&str], action: &Value| {
        let rule = json!({
            "version": 1, "name": "Rule", "is_on": false, "when": { "happens": { "kinds": ["ring"] } },
            "then": [action],
        });
        let token = admin.token(json!({ "actions": actions }), json!({})).await;
        let made = json_request(Method::POST, "/api/v1/rules", &rule);
        house.program(&token.secret, made).await
    };
    for (action, right) in [
        (json!({ "siren": { "seconds": 5 } }), "control_devices"),
        (json!({ "privacy": { "on": false } }), "control_devices"),
        (json!({ "arm": { "mode": "away" } }), "arm"),
        (
            json!({ "hold_clip": { "before_seconds": 5, "after_seconds": 5, "days": 30 } }),
            "manage_holds",
        ),
        (json!({ "webhook": { "channel": channel } }), "manage_notifications"),
    ] {
        assert_eq!(make(&["manage_rules"], &action).await.code(), "denied", "{action}");
        let made = make(&["manage_rules", right], &action).await;
        assert_eq!(made.status, StatusCode::CREATED, "{action} {:?}", made.body);
    }
    // What leaves the house is for people to decide.
    let token = admin.token(json!({ "actions": ["manage_rules"] }), json!({})).await;
    let drafting = json!({ "is_on": false, "url": "", "model": "", "may_name_people": false });
    let set = json_request(Method::PUT, "/api/v1/rules/drafting", &drafting);
    assert_eq!(house.program(&token.secret, set).await.code(), "not_a_person");
    let mut on = drafting.clone();
    (on["is_on"], on["may_describe_events"]) = (true.into(), true.into());
    (on["url"], on["model"]) = ("http://127.0.0.1:9/v1".into(), "small".into());
    let set = admin.change(json_request(Method::PUT, "/api/v1/rules/drafting", &on)).await;
    assert_eq!(set.status, StatusCode::OK, "{:?}", set.body);
    let describe = "/api/v1/events/evt_00000000000000000000000000000000/description";
    let reads = admin.token(json!({ "actions": ["read_events", "playback"] }), json!({})).await;
    let asked =
        house.program(&reads.secret, json_request(Method::POST, describe, &json!({}))).await;
    assert_eq!(asked.code(), "not_a_person");
    // No program disarms without a PIN, by a rule neither.
    let disarm = json!({ "arm": { "mode": "disarmed" } });
    assert_eq!(make(&["manage_rules", "arm"], &disarm).await.code(), "proof_needed");
    let narrow =
        json!({ "actions": ["manage_rules"], "cameras": [admin.add_camera("Door").await] });
    let body = json!({ "name": "panel", "scope": narrow });
    let refused = admin.change(json_request(Method::POST, "/api/v1/tokens", &body)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{:?}", refused.body);
}
