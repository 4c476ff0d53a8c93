//! Signing in at an OpenID Connect provider, as a browser does it.

use hearth_sim::SignInProvider;
use http::{Method, StatusCode};
use serde_json::{Value, json as value};

use crate::house::{Answer, House, json, request};

const BEGIN: &str = "/api/v1/session/provider/begin";
const FINISH: &str = "/api/v1/session/provider/finish";

/// The house's provider, with the administrator linked to the one person it knows.
async fn linked(house: &House) -> SignInProvider {
    let provider = SignInProvider::start().await.expect("a provider");
    let described = provider.describe();
    let mut admin = house.browser().await;
    let setting = value!({
        "name": "House", "issuer": described.issuer, "client_id": described.client_id,
        "client_secret": described.client_secret,
        "certificate_sha256": described.certificate_sha256,
    });
    let set = admin.change(json(Method::PUT, "/api/v1/sign-in-provider", &setting)).await;
    assert_eq!(set.status, StatusCode::OK, "{:?}", set.body);
    assert!(!String::from_utf8_lossy(&set.body).contains(&described.client_secret));
    let begun = admin.change(request(Method::POST, "/api/v1/account/provider/begin")).await;
    let (answer, asked) = (visit(&provider, &begun), kept(&begun));
    admin.cookie = format!("{}; {asked}", admin.cookie);
    let linked = admin.change(json(Method::POST, "/api/v1/account/provider/finish", &answer)).await;
    assert_eq!(linked.status, StatusCode::OK, "{:?}", linked.body);
    provider
}

/// What somebody brings back from the provider.
fn visit(provider: &SignInProvider, begun: &Answer) -> Value {
    assert_eq!(begun.status, StatusCode::OK, "{:?}", begun.body);
    let address = begun.json()["address"].as_str().expect("an address").to_owned();
    assert!(address.contains("%2Fsignin%2Freturn"), "{address}");
    let (code, state) = provider.visit(&address).expect("let in");
    value!({ "code": code, "state": state })
}

/// The cookie that the browser keeps meanwhile.
fn kept(begun: &Answer) -> String {
    let cookie = begun.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; Max-Age=600"), "{cookie}");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// promise: V-01, D-08. The provider's answer begins an ordinary sign-in, in the browser that asked
/// and in no other.
#[tokio::test]
async fn the_provider_signs_in_the_browser_that_asked() {
    let house = House::start().await;
    let provider = linked(&house).await;
    assert_eq!(house.get("/api/v1/welcome").await.json()["sign_in_provider"], "House");
    let begun = house.send(request(Method::POST, BEGIN)).await;
    let answer = visit(&provider, &begun);
    let foreign = house.send(json(Method::POST, FINISH, &answer)).await;
    assert_eq!(
        (foreign.status, foreign.code()),
        (StatusCode::UNAUTHORIZED, "provider_refused".into())
    );
    let mut finish = json(Method::POST, FINISH, &answer);
    finish.headers_mut().insert("cookie", kept(&begun).parse().expect("visible"));
    let browser = house.signed_in(finish).await;
    assert_eq!(browser.get("/api/v1/session").await.json()["user"]["name"], "admin");
}

/// promise: V-01. Only who manages accounts sees or sets the provider.
#[tokio::test]
async fn a_viewer_neither_sees_nor_sets_the_provider() {
    let house = House::start().await;
    let admin = house.browser().await;
    house.add_user(&admin, "vera", "viewer", value!({})).await;
    let viewer = house.browser_of("vera").await;
    assert_eq!(viewer.get("/api/v1/sign-in-provider").await.status, StatusCode::FORBIDDEN);
    let removed = viewer.change(request(Method::DELETE, "/api/v1/sign-in-provider")).await;
    assert_eq!(removed.status, StatusCode::FORBIDDEN);
    let none = house.send(request(Method::POST, BEGIN)).await;
    assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "no_provider".into()));
}
