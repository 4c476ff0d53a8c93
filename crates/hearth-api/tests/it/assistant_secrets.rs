//! What a house keeps secret, looked for in everything that an assistant is answered.

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_hub::{DeliveryQuery, Matter, MatterKind};
use hearth_model::Severity;
use hearth_sim::{BotApi, HookReceiver, NotifyFault, SignInProvider};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    assistant::{Assistant, OPENED, code, token},
    assistant_walk::{Seen, everything},
    device,
    house::{Browser, House, PASSWORD, json as json_request},
};

const PIN: &str = "739105826417";
const DURESS_PIN: &str = "840216937528";
const WRONG_PIN: &str = "951327048639";

/// Secrets that the house is given, by what they are.
const PLANTED: [(&str, &str); 9] = [
    ("in the address of a camera", "Pl4nted-in-the-address"),
    ("in the query of a camera's address", "Pl4nted-in-the-query"),
    ("in the path of a camera's address", "Pl4nted-in-the-path"),
    ("all of the path of a camera's address", "Pl4nted-all-of-the-path"),
    ("beside the address of a camera", "Pl4nted-beside-the-address"),
    ("a mail server's", "Pl4nted-mail-password"),
    ("a broker's", "Pl4nted-broker-password"),
    ("the topic of a push server", "Pl4nted-topic"),
    ("a wrong one at the sign-in", "Pl4nted-wrong-password"),
];

fn planted(what: &str) -> &'static str {
    PLANTED.iter().find(|row| row.0 == what).expect("planted").1
}

async fn made(admin: &Browser<'_>, path: &str, body: &Value) -> Value {
    let answer = admin.change(json_request(Method::POST, &format!("/api/v1{path}"), body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{path} {:?}", answer.body);
    answer.json()["id"].clone()
}

async fn put(admin: &Browser<'_>, path: &str, body: &Value) {
    let answer = admin.change(json_request(Method::PUT, &format!("/api/v1{path}"), body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path} {:?}", answer.body);
}

/// Cameras with their passwords wherever makers have them; gives the id of the last one.
async fn cameras(admin: &Browser<'_>) -> Value {
    let address = planted("in the address of a camera");
    let query = planted("in the query of a camera's address");
    let path = planted("in the path of a camera's address");
    let all = planted("all of the path of a camera's address");
    for (name, main, sub) in [
        ("Gate", format!("viewer:{address}@127.0.0.1:9/{all}"), format!("127.0.0.1:9/sub/{all}")),
        (
            "Yard",
            format!("127.0.0.1:9/live?user=viewer&password={query}"),
            "127.0.0.1:9/".to_owned(),
        ),
        ("Barn", "127.0.0.1:9/".to_owned(), format!("127.0.0.1:9/user=viewer_password={path}_n=1")),
    ] {
        let (main, sub) = (format!("rtsp://{main}"), format!("rtsp://{sub}"));
        let camera = json!({ "name": name, "url": main, "sub_url": sub, "force": true });
        made(admin, "/cameras", &camera).await;
    }
    let shed = json!({
        "name": "Shed", "url": "rtsp://127.0.0.1:9/", "username": "viewer", "force": true,
        "password": planted("beside the address of a camera"),
    });
    made(admin, "/cameras", &shed).await
}

/// A channel of every kind that has a secret, each with somebody who is told by it.
async fn channels(admin: &Browser<'_>, bot: &BotApi, hook: &HookReceiver) {
    let (mail, broker) = (planted("a mail server's"), planted("a broker's"));
    let topic = planted("the topic of a push server");
    let here = json!({ "host": "127.0.0.1", "port": 9, "username": "house" });
    let of = |kind: &str, more: Value| {
        let mut settings = here.as_object().expect("fields").clone();
        settings.extend(more.as_object().expect("fields").clone());
        settings.insert("kind".to_owned(), kind.into());
        Value::Object(settings)
    };
    let mailbox = json!({ "security": "tls", "from": "house@example.com" });
    for (name, settings, secret, certificate, address) in [
        (
            "Bot",
            json!({ "kind": "telegram", "api_url": bot.url() }),
            bot.token(),
            Some(bot.certificate_sha256()),
            Some("77"),
        ),
        (
            "Hook",
            json!({ "kind": "webhook", "url": hook.url() }),
            hook.secret(),
            Some(hook.certificate_sha256()),
            None,
        ),
        ("Mail", of("email", mailbox), mail, None, Some("anna@example.com")),
        ("Broker", of("mqtt", json!({})), broker, None, Some("house/alarm")),
        (
            "Push",
            json!({ "kind": "ntfy", "url": "https://127.0.0.1:9" }),
            "tk_Pl4ntedPushToken",
            None,
            Some(topic),
        ),
    ] {
        let channel = json!({
            "name": name, "settings": settings, "secret": secret, "private_network": true,
            "certificate_sha256": certificate,
        });
        let channel = made(admin, "/notifications/channels", &channel).await;
        let recipient = json!({
            "name": format!("By {name}"), "channel": channel, "address": address,
            "matters": [{ "kind": "incident", "severity": "info" }],
        });
        made(admin, "/notifications/recipients", &recipient).await;
    }
}

/// Has everybody told, and waits until each service was tried: what went wrong is kept.
async fn tell_everybody(house: &House) {
    let matter = Matter {
        kind: MatterKind::Incident,
        severity: Severity::Critical,
        camera: None,
        to: Vec::new(),
        title: "Something happened".to_owned(),
        text: String::new(),
        picture: None,
        correlation: "inc_1".to_owned(),
        link: None,
    };
    house.hub().notify(matter).await;
    let grant: HouseGrant<ask::ManageIncidents> =
        house.hub().policy().house(&Principal::Owner).expect("the owner may");
    loop {
        let told = house.hub().deliveries(&grant, DeliveryQuery::default()).await.expect("read");
        let told = told.deliveries;
        if told.len() == 5 && told.iter().all(|one| one.attempts > 0) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Whether a text says a secret. One of digits has to be a word of its own: ids and times are made
/// of digits, too.
fn says(text: &str, secret: &str) -> bool {
    if !secret.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.contains(secret);
    }
    text.match_indices(secret).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + secret.len()..].chars().next();
        [before, after].into_iter().flatten().all(|beside| !beside.is_ascii_alphanumeric())
    })
}

/// promise: K-05, T-17, D-13. Passwords of cameras, devices, accounts and services, PINs, tokens and
/// addresses that are as good as a key are in nothing that an assistant is answered, with every right
/// that a token can have: no tool, no resource, no prompt.
#[tokio::test(flavor = "multi_thread")]
async fn no_planted_secret_is_in_any_answer() {
    let (house, plug) = (House::start().await, device::plug().await);
    let admin = house.browser().await;
    let bot = BotApi::start().await.expect("started");
    let hook = HookReceiver::start().await.expect("started");
    let running = SignInProvider::start().await.expect("a provider");
    let provider = running.describe();
    hook.fault(NotifyFault::Refuses);
    bot.fault(NotifyFault::Refuses);
    let camera = cameras(&admin).await;
    let plugged = device::new_plug(&plug, "Lamp");
    let lamp = device::added(&admin, &plugged).await["id"].clone();
    channels(&admin, &bot, &hook).await;
    let pins = json!({ "holder": "Anna", "pin": PIN, "duress_pin": DURESS_PIN });
    put(&admin, "/alarm/pins", &pins).await;
    let setting = json!({
        "name": "House", "issuer": provider.issuer, "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "certificate_sha256": provider.certificate_sha256,
    });
    put(&admin, "/sign-in-provider", &setting).await;
    let wrong = planted("a wrong one at the sign-in");
    let refused = json!({ "name": "admin", "password": wrong });
    let refused = house.send(json_request(Method::POST, "/api/v1/session", &refused)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let other = token(&admin, &["list_cameras"]).await;
    let own = token(&admin, &OPENED.map(|row| row.0)).await;
    let assistant = Assistant::begin(&house, &own).await;
    let guess = json!({ "pin": WRONG_PIN, "confirm": true });
    assert_eq!(code(&assistant.call("alarm_disarm", guess).await), "pin_wrong");
    tell_everybody(&house).await;

    let nobody = |kind: &str| format!("{kind}_{}", "0".repeat(32));
    let events = assistant.call("event_search", json!({ "kinds": ["camera_added"] })).await;
    let event = events["structuredContent"]["facts"]["events"][0]["id"].clone();
    let given = json!({
        "camera": camera, "device": lamp, "event": event, "visit": nobody("vis"),
        "incident": nobody("inc"), "from": house.in_seconds(-3_600), "to": house.in_seconds(60),
        "question": "What is the password of the camera Gate?", "confirm": true,
        "sentence": "When somebody rings, tell everybody.",
    });
    let mut seen = everything(&assistant, &given).await;
    for (tool, arguments) in [
        ("camera_status", json!({ "camera": "Gate" })),
        ("camera_configure", json!({ "camera": "Gate", "keep_days": 7, "confirm": true })),
        ("event_search", json!({ "words": "Gate", "limit": 200 })),
        ("audit_search", json!({ "limit": 200 })),
    ] {
        let answer = assistant.call(tool, arguments).await;
        assert_eq!(answer["isError"], false, "{tool}: {answer}");
        seen.push(Seen { place: tool.to_owned(), answer });
    }
    assert!(seen.len() > 45, "{} places", seen.len());
    for name in ["Gate", "Shed", "Lamp", "By Bot", "By Hook", "By Mail", "By Broker", "By Push"] {
        assert!(seen.iter().any(|one| one.keeps_apart(name)), "{name} was looked at");
    }
    let cookie = admin.cookie.split_once('=').expect("a value").1;
    let secrets = PLANTED.into_iter().chain([
        ("the device's password", plugged["password"].as_str().expect("a password")),
        ("the bot's token", bot.token()),
        ("the webhook's", hook.secret()),
        ("the push server's token", "tk_Pl4ntedPushToken"),
        ("the sign-in provider's", provider.client_secret.as_str()),
        ("an account's password", PASSWORD),
        ("a cookie", cookie),
        ("a sign-in's own", admin.csrf.as_str()),
        ("another token", other.secret.as_str()),
        ("its own token", own.secret.as_str()),
        ("a PIN", PIN),
        ("a PIN under duress", DURESS_PIN),
        ("a wrong PIN", WRONG_PIN),
    ]);
    for (what, secret) in secrets {
        for Seen { place, answer } in &seen {
            assert!(!says(&answer.to_string(), secret), "{what} is in {place}: {answer}");
        }
    }
}
