//! Passkeys over HTTP, with an authenticator made of thirty lines.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, Browser, House, json as json_request, request};

/// Holds one key, and counts.
struct Authenticator {
    key: Ed25519KeyPair,
    credential: [u8; 16],
    counter: u32,
}

impl Authenticator {
    fn new(seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed");
        Self { key, credential: [seed; 16], counter: 0 }
    }

    /// Authenticator data with user presence and verification (WebAuthn, 6.1).
    fn data(&mut self, site: &str, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = digest(&SHA256, site.as_bytes()).as_ref().to_vec();
        data.push(flags | 5);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn create(&mut self, site: &str, client_data: &str) -> Value {
        let mut data = self.data(site, 0x40);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.credential);
        // {1: 1, 3: -8, -1: 6, -2: x} (RFC 9053, 7.2).
        data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
        data.extend(self.key.public_key().as_ref());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        json!({ "id": "x", "rawId": encode(&self.credential), "type": "public-key", "response": {
            "clientDataJSON": encode(client_data.as_bytes()),
            "attestationObject": encode(&object),
            "transports": ["internal"],
        } })
    }

    fn get(&mut self, site: &str, client_data: &str) -> Value {
        let data = self.data(site, 0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&signed);
        json!({ "id": "x", "rawId": encode(&self.credential), "type": "public-key", "response": {
            "clientDataJSON": encode(client_data.as_bytes()),
            "authenticatorData": encode(&data),
            "signature": encode(signature.as_ref()),
            "userHandle": null,
        } })
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Under the name that passkeys need.
fn by_name(house: &House, mut request: Request<String>) -> Request<String> {
    let host = format!("localhost:{}", house.server.address().port());
    request.headers_mut().insert("host", host.parse().expect("visible"));
    request
}

fn client_data(house: &House, kind: &str, challenge: &str) -> String {
    let origin = format!("https://localhost:{}", house.server.address().port());
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
        .to_string()
}

async fn add(house: &House, browser: &Browser<'_>, key: &mut Authenticator) -> Answer {
    let begin = request(Method::POST, "/api/v1/account/passkeys/begin");
    let begun = browser.change(by_name(house, begin)).await;
    assert_eq!(begun.status, StatusCode::OK, "{:?}", begun.body);
    let options = begun.json()["public_key"].clone();
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let challenge = options["challenge"].as_str().expect("a challenge");
    let credential = key.create("localhost", &client_data(house, "webauthn.create", challenge));
    let body = json!({ "name": "my phone", "credential": credential });
    let finish = json_request(Method::POST, "/api/v1/account/passkeys/finish", &body);
    browser.change(by_name(house, finish)).await
}

async fn challenge(house: &House) -> String {
    let begin = request(Method::POST, "/api/v1/session/passkey/begin");
    let begun = house.send(by_name(house, begin)).await;
    assert_eq!(begun.json()["public_key"]["allowCredentials"], json!([]));
    begun.json()["public_key"]["challenge"].as_str().expect("a challenge").to_owned()
}

async fn finish(house: &House, credential: &Value) -> Answer {
    let body = json!({ "credential": credential });
    let finish = json_request(Method::POST, "/api/v1/session/passkey/finish", &body);
    house.send(by_name(house, finish)).await
}

/// promise: D-08. A passkey is added by its owner, signs in without name and password, and is worth
/// nothing once it is removed.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_signs_in_until_it_is_removed() {
    let house = House::start().await;
    let admin = house.browser().await;
    let mut key = Authenticator::new(7);
    let added = add(&house, &admin, &mut key).await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    let again = add(&house, &admin, &mut key).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "the same credential");
    let asked = challenge(&house).await;
    let credential = key.get("localhost", &client_data(&house, "webauthn.get", &asked));
    let signed_in = finish(&house, &credential).await;
    let browser = house.begun(&signed_in);
    assert_eq!(signed_in.json()["user"]["name"], "admin");
    let listed = browser.get("/api/v1/account/passkeys").await.json();
    assert_eq!(listed["passkeys"][0]["name"], "my phone");
    assert!(listed["passkeys"][0]["used_at"].is_string());
    // promise: D-23. An answer works once.
    let replayed = finish(&house, &credential).await;
    assert_eq!((replayed.status, replayed.code().as_str()), {
        (StatusCode::UNAUTHORIZED, "wrong_passkey")
    });
    let id = listed["passkeys"][0]["id"].as_str().expect("an id");
    let target = format!("/api/v1/account/passkeys/{id}");
    let removed = browser.change(request(Method::DELETE, &target)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let asked = challenge(&house).await;
    let credential = key.get("localhost", &client_data(&house, "webauthn.get", &asked));
    assert_eq!(finish(&house, &credential).await.code(), "wrong_passkey");
}

/// promise: D-23. Another key, site, counter, challenge or account: refused, all with one answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_that_does_not_fit_is_refused() {
    let house = House::start().await;
    let admin = house.browser().await;
    let id = house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let mut key = Authenticator::new(7);
    assert_eq!(add(&house, &anna, &mut key).await.status, StatusCode::CREATED);
    let refused = async |credential: Value| {
        let answer = finish(&house, &credential).await;
        assert_eq!((answer.status, answer.code().as_str()), {
            (StatusCode::UNAUTHORIZED, "wrong_passkey")
        });
    };
    let said = async || client_data(&house, "webauthn.get", &challenge(&house).await);
    refused(Authenticator::new(8).get("localhost", &said().await)).await;
    let mut impostor = Authenticator::new(8);
    impostor.credential = key.credential;
    impostor.counter = 50;
    refused(impostor.get("localhost", &said().await)).await;
    refused(key.get("hearth.test", &said().await)).await;
    let old = client_data(&house, "webauthn.get", &encode(&[1; 32]));
    refused(key.get("localhost", &old)).await;
    let late = said().await;
    house.step_clock(301);
    refused(key.get("localhost", &late)).await;
    let counter = std::mem::replace(&mut key.counter, 0);
    refused(key.get("localhost", &said().await)).await;
    key.counter = counter;
    house.begun(&finish(&house, &key.get("localhost", &said().await)).await);
    let target = format!("/api/v1/users/{id}");
    admin.change(json_request(Method::PATCH, &target, &json!({ "disabled": true }))).await;
    refused(key.get("localhost", &said().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_need_a_name_and_are_begun_at_a_bounded_rate() {
    let house = House::start().await;
    let begin = || request(Method::POST, "/api/v1/session/passkey/begin");
    assert_eq!(house.send(begin()).await.code(), "name_needed");
    let mut begun = 0;
    while house.send(by_name(&house, begin())).await.status == StatusCode::OK {
        begun += 1;
        assert!(begun < 100, "nobody takes all challenges");
    }
}
