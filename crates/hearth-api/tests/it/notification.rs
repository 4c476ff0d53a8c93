//! Notifications over HTTP.

use hearth_sim::{HookReceiver, NotifyFault};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, Browser, House, json as json_request};

const BASE: &str = "/api/v1/notifications";

async fn sent(browser: &Browser<'_>, method: Method, target: &str, body: &Value) -> Answer {
    browser.change(json_request(method, &format!("{BASE}{target}"), body)).await
}

fn hook(receiver: &HookReceiver) -> Value {
    json!({
        "name": "Machine",
        "settings": {"kind": "webhook", "url": receiver.url()},
        "secret": receiver.secret(),
        "certificate_sha256": receiver.certificate_sha256(),
    })
}

fn machine(channel: &Value) -> Value {
    json!({
        "name": "Machine", "channel": channel["id"],
        "matters": [{"kind": "incident", "severity": "info"}],
        "quiet_hours": [{"days": ["monday"], "from_minute": 1320, "to_minute": 420}],
    })
}

async fn set_up(admin: &Browser<'_>, receiver: &HookReceiver) -> (Value, Value) {
    let answer = sent(admin, Method::POST, "/channels", &hook(receiver)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    let channel = answer.json();
    let answer = sent(admin, Method::POST, "/recipients", &machine(&channel)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    (channel, answer.json())
}

/// promise: D-13, T-15. A channel is set up, tried with the time it took, and its secret is in no
/// answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_set_up_tried_and_removed() {
    let (house, receiver) = (House::start().await, HookReceiver::start().await.expect("started"));
    let admin = house.browser().await;
    let (channel, recipient) = set_up(&admin, &receiver).await;
    assert_eq!((&channel["has_secret"], &channel["state"]), (&json!(true), &json!("unused")));
    assert_eq!((&recipient["per_hour"], &recipient["content"]), (&json!(30), &json!("full")));
    let asked = json!({"recipient": recipient["id"]});
    let tested = sent(&admin, Method::POST, "/test", &asked).await.json();
    assert_eq!((&tested["delivered"], &tested["code"]), (&json!(true), &Value::Null));
    assert!(tested["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    receiver.fault(NotifyFault::TooMany(5));
    let tested = sent(&admin, Method::POST, "/test", &asked).await.json();
    assert_eq!((&tested["delivered"], &tested["code"]), (&json!(false), &json!("try_again")));
    let answer = admin.get(&format!("{BASE}/channels")).await;
    assert!(!String::from_utf8_lossy(&answer.body).contains(receiver.secret()), "never shown");
    assert_eq!(answer.json()["channels"][0]["state"], "failing");
    let of =
        |kind: &str, value: &Value| format!("/{kind}/{}", value["id"].as_str().expect("an id"));
    let mut changed = hook(&receiver);
    changed.as_object_mut().expect("an object").remove("secret");
    let kept = sent(&admin, Method::PUT, &of("channels", &channel), &changed).await;
    assert_eq!((kept.status, &kept.json()["has_secret"]), (StatusCode::OK, &json!(true)));
    let in_use = sent(&admin, Method::DELETE, &of("channels", &channel), &json!({})).await;
    assert_eq!(in_use.status, StatusCode::CONFLICT);
    for target in [of("recipients", &recipient), of("channels", &channel)] {
        let removed = sent(&admin, Method::DELETE, &target, &json!({})).await;
        assert_eq!(removed.status, StatusCode::NO_CONTENT, "{target}");
    }
}

/// promise: D-29. What becomes of a matter is listed without what it says, tried again, muted and
/// acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_listed_replayed_muted_and_acknowledged() {
    let (house, receiver) = (House::start().await, HookReceiver::start().await.expect("started"));
    let admin = house.browser().await;
    let (_, recipient) = set_up(&admin, &receiver).await;
    let escalation = json!({
        "severity": "warning",
        "steps": [{"after_seconds": 300, "recipients": [recipient["id"]]}],
    });
    let set = sent(&admin, Method::PUT, "/escalation", &escalation).await;
    assert_eq!((set.status, set.json()), (StatusCode::OK, escalation));
    receiver.fault(NotifyFault::Gone);
    house
        .hub()
        .notify(hearth_hub::Matter {
            kind: hearth_hub::MatterKind::Incident,
            severity: hearth_model::Severity::Critical,
            camera: None,
            to: Vec::new(),
            title: "Ben Example did it".to_owned(),
            text: String::new(),
            picture: None,
            correlation: "inc_1".to_owned(),
            link: None,
        })
        .await;
    let list = async |query: &str| admin.get(&format!("{BASE}/deliveries{query}")).await;
    let dead = loop {
        let answer = list("?state=dead").await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("Ben"), "never what it says");
        if let Some(dead) = answer.json()["deliveries"].get(0) {
            break dead.clone();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&dead["matter"], &dead["step"]), (&json!("inc_1"), &json!(0)));
    assert!(dead["error"].as_str().is_some_and(|error| error.contains("gone")));
    receiver.fault(NotifyFault::None);
    let target = format!("/deliveries/{}/replay", dead["id"].as_str().expect("an id"));
    let again = sent(&admin, Method::POST, &target, &json!({})).await;
    assert_eq!((again.status, &again.json()["state"]), (StatusCode::OK, &json!("waiting")));
    let call = receiver.wait_for(1).await.remove(0);
    assert_eq!(call.body["title"], "Ben Example did it");
    // The receiver has it a moment before the hub has noted that.
    let open = loop {
        let open = admin.get(&format!("{BASE}/matters")).await.json();
        if open["matters"][0]["sent"] == 1 {
            break open;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (&open["matters"][0]["id"], &open["matters"][0]["waiting"]),
        (&json!("inc_1"), &json!(1))
    );
    let done = sent(&admin, Method::POST, "/matters/inc_1/acknowledge", &json!({})).await.json();
    assert_eq!((&done["waiting"], &done["acknowledged_by"]), (&json!(0), &json!("admin")));
    let muted = sent(&admin, Method::PUT, "/mute", &json!({"until": "2999-01-01T00:00:00Z"})).await;
    assert_eq!(muted.status, StatusCode::BAD_REQUEST, "longer than a day");
    let muted = sent(&admin, Method::PUT, "/mute", &json!({"until": null})).await;
    assert_eq!((muted.status, muted.json()["until"].clone()), (StatusCode::OK, Value::Null));
    let missing = sent(&admin, Method::POST, "/matters/inc_2/acknowledge", &json!({})).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
