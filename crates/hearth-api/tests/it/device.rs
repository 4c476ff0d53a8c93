//! Devices and the privacy switch over HTTP.

use hearth_sim::tapo::{
    PlugLogin, TapoCamera, TapoCameraSpec, TapoGeneration, TapoPlug, TapoPlugSpec,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{Answer, Browser, House, json as json_request, request};

const PASSWORD: &str = "Pl4nted-device-secret";

pub(crate) async fn plug() -> TapoPlug {
    let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD);
    TapoPlug::start(spec).await.expect("it starts")
}

pub(crate) fn new_plug(plug: &TapoPlug, name: &str) -> Value {
    json!({
        "name": name, "room": "Hall", "family": "tapo_plug",
        "address": format!("127.0.0.1:{}", plug.port()),
        "username": "me@example.com", "password": PASSWORD,
    })
}

async fn sent(browser: &Browser<'_>, method: Method, target: &str, body: &Value) -> Answer {
    browser.change(json_request(method, &format!("/api/v1{target}"), body)).await
}

pub(crate) async fn added(browser: &Browser<'_>, body: &Value) -> Value {
    let answer = sent(browser, Method::POST, "/devices", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    assert!(!String::from_utf8_lossy(&answer.body).contains(PASSWORD), "never shown");
    answer.json()
}

/// promise: T-01, T-05, K-05. A device is tried, added, commanded and removed; viewers see it and may
/// not command it; its password is in no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_added_commanded_and_removed() {
    let (house, plug) = (House::start().await, plug().await);
    let admin = house.browser().await;
    let mut tried = new_plug(&plug, "x");
    for field in ["name", "room"] {
        tried.as_object_mut().expect("an object").remove(field);
    }
    let probe = sent(&admin, Method::POST, "/devices/probe", &tried).await;
    assert_eq!(probe.status, StatusCode::OK, "{:?}", probe.body);
    assert_eq!(
        (&probe.json()["transport"], &probe.json()["model"]),
        (&json!("klap"), &json!("P110"))
    );
    let lamp = added(&admin, &new_plug(&plug, "Hall lamp")).await;
    assert_eq!((&lamp["state"], &lamp["is_simulated"]), (&json!("answering"), &json!(true)));
    assert!(lamp["id"].as_str().is_some_and(|id| id.starts_with("dev_")));
    let id = lamp["id"].as_str().expect("an id").to_owned();
    let power = format!("/devices/{id}/controls/power");
    let off = sent(&admin, Method::PUT, &power, &json!({"value": false})).await;
    assert_eq!((off.status, &off.json()["value"]), (StatusCode::OK, &json!(false)));
    assert!(!plug.is_on());
    let reboot = format!("/devices/{id}/actions/reboot");
    let reboot = sent(&admin, Method::POST, &reboot, &json!({})).await;
    assert_eq!(reboot.status, StatusCode::NO_CONTENT);
    for (target, value, status, code) in [
        (power.clone(), json!("on"), StatusCode::BAD_REQUEST, "value_out_of_range"),
        (
            format!("/devices/{id}/controls/warp"),
            json!(1),
            StatusCode::NOT_FOUND,
            "control_unknown",
        ),
    ] {
        let refused = sent(&admin, Method::PUT, &target, &json!({"value": value})).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
    }
    let conflict = sent(&admin, Method::POST, "/devices", &new_plug(&plug, "Hall lamp")).await;
    assert_eq!((conflict.status, conflict.code().as_str()), (StatusCode::CONFLICT, "conflict"));

    house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let seen = anna.get("/api/v1/devices").await;
    assert_eq!(seen.json()["devices"][0]["name"], "Hall lamp");
    let refused = sent(&anna, Method::PUT, &power, &json!({"value": true})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!plug.is_on());

    let gone = admin.change(request(Method::DELETE, &format!("/api/v1/devices/{id}"))).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(&format!("/api/v1/devices/{id}")).await.status, StatusCode::NOT_FOUND);
}

/// promise: N-06, T-02. Each way to fail has its own status and code, and nothing of the inside.
#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_fail_has_its_own_code() {
    let (house, plug) = (House::start().await, plug().await);
    let admin = house.browser().await;
    let of = |address: &str, password: &str| {
        json!({"family": "tapo_plug", "address": address, "username": "me@example.com",
            "password": password})
    };
    let right = format!("127.0.0.1:{}", plug.port());
    for (body, status, code) in [
        (of(&right, "wrong"), StatusCode::CONFLICT, "device_wrong_password"),
        (of("127.0.0.1:9", PASSWORD), StatusCode::GATEWAY_TIMEOUT, "device_unreachable"),
        (of("not an address", PASSWORD), StatusCode::BAD_REQUEST, "bad_address"),
        (of("169.254.169.254", PASSWORD), StatusCode::BAD_REQUEST, "address_refused"),
        (
            json!({"family": "tapo_plug", "address": right, "username": "x"}),
            StatusCode::BAD_REQUEST,
            "half_account",
        ),
    ] {
        let refused = sent(&admin, Method::POST, "/devices/probe", &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{body}");
        assert!(!String::from_utf8_lossy(&refused.body).contains("wrong\""));
    }
    assert_eq!(plug.handshakes(), 1, "one attempt");
}

/// promise: T-05. A device that belongs to a camera is not for those who may not see that camera.
#[tokio::test(flavor = "multi_thread")]
async fn a_lens_is_hidden_with_its_camera() {
    let house = House::start().await;
    let admin = house.browser().await;
    let camera = admin.add_camera("Door").await;
    let lens = TapoCamera::start(TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD));
    let lens = lens.await.expect("it starts");
    let device = added(
        &admin,
        &json!({
            "name": "Door lens", "family": "tapo_camera", "camera": camera,
            "address": format!("127.0.0.1:{}", lens.port()),
            "username": "admin", "password": PASSWORD,
        }),
    )
    .await;
    let fingerprint = device["fingerprint"].as_str().expect("a pin");
    assert_eq!(fingerprint, format!("sha256:{}", lens.certificate_sha256()));
    let nothing = json!({ "camera_access": { "only_listed": true, "cameras": {} } });
    house.add_user(&admin, "ben", "operator", nothing).await;
    let ben = house.browser_of("ben").await;
    assert_eq!(ben.get("/api/v1/devices").await.json()["devices"], json!([]));
    let target = format!("/devices/{}/controls/privacy", device["id"].as_str().expect("an id"));
    let refused = sent(&ben, Method::PUT, &target, &json!({"value": true})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let facts = ben.get("/api/v1/events?kind=device_added").await;
    assert_eq!(facts.json()["events"], json!([]));
    let closed = sent(&admin, Method::PUT, "/house/privacy", &json!({"is_on": true})).await;
    assert_eq!(closed.status, StatusCode::OK, "{:?}", closed.body);
    let rows = closed.json()["cameras"].clone();
    assert_eq!((&rows[0]["how"], &rows[0]["result"]), (&json!("lens"), &json!("closed")));
    assert_eq!(ben.get("/api/v1/house/privacy").await.status, StatusCode::OK);
    assert_eq!(ben.get("/api/v1/house/privacy").await.json()["cameras"], json!([]));
    let past = json!({"is_on": true, "until": "2020-01-01T00:00:00Z"});
    let refused = sent(&admin, Method::PUT, "/house/privacy", &past).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn energy_and_climate_answer_without_devices() {
    let house = House::start().await;
    let admin = house.browser().await;
    let span = "from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z";
    let energy = admin.get(&format!("/api/v1/energy?{span}&step=hour")).await;
    assert_eq!(energy.json(), json!({"plugs": [], "tariff": null}));
    let tariff = json!({"price_per_kwh": 0.32, "currency": "EUR"});
    let set = sent(&admin, Method::PUT, "/energy/tariff", &tariff).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(&format!("/api/v1/energy?{span}")).await.json()["tariff"], tariff);
    let taken = sent(&admin, Method::PUT, "/energy/tariff", &Value::Null).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.get(&format!("/api/v1/climate?{span}")).await.json(), json!({"rooms": []}));
    let nonsense =
        admin.get("/api/v1/energy?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z&step=hour");
    assert_eq!(nonsense.await.status, StatusCode::BAD_REQUEST);
}

/// promise: T-05. Schedules and limits are kept as the pages send and read them; viewers see them and
/// may not change them, and those of another device are not reached through this one.
#[tokio::test(flavor = "multi_thread")]
async fn rules_of_a_device_are_listed_made_changed_and_removed() {
    let (house, plug) = (House::start().await, plug().await);
    let admin = house.browser().await;
    let lamp = added(&admin, &new_plug(&plug, "Lamp")).await;
    let id = lamp["id"].as_str().expect("an id").to_owned();
    house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let other = format!("dev_{}", "0".repeat(32));
    for (kind, rule, wrong, code) in [
        (
            "schedules",
            json!({"at": "22:30", "days": ["mon", "fri"], "control": "power", "value": false,
                "is_on": true}),
            json!({"days": []}),
            "bad_schedule",
        ),
        (
            "limits",
            json!({"reading": "power", "above": 1500.0, "for_seconds": 60, "then": "turn_off",
                "is_on": true}),
            json!({"below": 3}),
            "bad_limit",
        ),
    ] {
        let with = |change: &Value| {
            let mut rule = rule.clone();
            let change = change.as_object().expect("an object").clone();
            rule.as_object_mut().expect("an object").extend(change);
            rule
        };
        let all = format!("/devices/{id}/{kind}");
        let made = sent(&admin, Method::POST, &all, &rule).await;
        assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
        let row = made.json()["id"].as_str().expect("an id").to_owned();
        let one = format!("{all}/{row}");
        let list = anna.get(&format!("/api/v1{all}")).await.json();
        assert_eq!(list, json!({kind: [with(&json!({"id": row}))]}));
        let refused = sent(&admin, Method::POST, &all, &with(&wrong)).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, code));
        for (method, target) in [(Method::POST, &all), (Method::PUT, &one)] {
            let refused = sent(&anna, method, target, &rule).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
        }
        let elsewhere = format!("/devices/{other}/{kind}/{row}");
        let missed = sent(&admin, Method::PUT, &elsewhere, &rule).await;
        assert_eq!(missed.status, StatusCode::NOT_FOUND);
        let off = sent(&admin, Method::PUT, &one, &with(&json!({"is_on": false}))).await;
        assert_eq!((off.status, &off.json()["is_on"]), (StatusCode::OK, &json!(false)));
        let remove = || request(Method::DELETE, &format!("/api/v1{one}"));
        assert_eq!(anna.change(remove()).await.status, StatusCode::FORBIDDEN);
        assert_eq!(admin.change(remove()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(admin.change(remove()).await.status, StatusCode::NOT_FOUND);
    }
}

/// A room is switched as one, and each device says for itself whether it did.
#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_switched_with_a_result_for_each_device() {
    let (house, near, far) = (House::start().await, plug().await, plug().await);
    let admin = house.browser().await;
    added(&admin, &new_plug(&near, "Lamp")).await;
    added(&admin, &new_plug(&far, "Heater")).await;
    drop(far);
    let off = json!({"power": false});
    let answer = sent(&admin, Method::POST, "/rooms/Hall/commands", &off).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let results = answer.json()["results"].as_array().expect("a list").clone();
    let done: Vec<(&Value, &Value)> =
        results.iter().map(|one| (&one["name"], &one["done"])).collect();
    let expected = [(json!("Lamp"), json!(true)), (json!("Heater"), json!(false))];
    assert_eq!(done, expected.iter().map(|row| (&row.0, &row.1)).collect::<Vec<_>>());
    assert!(results[1]["reason"].is_string() && !near.is_on());
    let nowhere = sent(&admin, Method::POST, "/rooms/Cellar/commands", &off).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    house.add_user(&admin, "anna", "viewer", json!({})).await;
    let anna = house.browser_of("anna").await;
    let refused = sent(&anna, Method::POST, "/rooms/Hall/commands", &off).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
