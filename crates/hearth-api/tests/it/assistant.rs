//! AI assistants: what they are shown, and what they may do.

use std::collections::BTreeSet;

use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::{
    house::{Answer, Browser, House, Token, json as json_request, request},
    streams::Events,
};

/// A session of an assistant.
pub(crate) struct Assistant<'a> {
    house: &'a House,
    token: String,
    session: String,
}

fn message(target: &str, token: &str, session: Option<&str>, body: &Value) -> Request<String> {
    let mut sent = json_request(Method::POST, target, body);
    let bearer = format!("Bearer {token}").parse().expect("visible");
    sent.headers_mut().insert("authorization", bearer);
    let accept = "application/json, text/event-stream".parse().expect("visible");
    sent.headers_mut().insert("accept", accept);
    if let Some(session) = session {
        sent.headers_mut().insert("mcp-session-id", session.parse().expect("visible"));
    }
    sent
}

fn hello(version: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    } })
}

impl<'a> Assistant<'a> {
    pub(crate) async fn begin(house: &'a House, token: &Token) -> Self {
        Self::begin_at(house, "/mcp", token).await
    }

    pub(crate) async fn begin_at(house: &'a House, target: &str, token: &Token) -> Self {
        let answer = house.send(message(target, &token.secret, None, &hello("2025-11-25"))).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let session = answer.header("mcp-session-id").to_owned();
        Self { house, token: token.secret.clone(), session }
    }

    async fn send(&self, body: &Value) -> Answer {
        self.house.send(message("/mcp", &self.token, Some(&self.session), body)).await
    }

    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.send(&body).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        answer.json()
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask("tools/call", params).await["result"].clone()
    }

    pub(crate) async fn tools(&self) -> BTreeSet<String> {
        let listed = self.ask("tools/list", json!({})).await;
        let tools = listed["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }
}

pub(crate) fn code(result: &Value) -> &str {
    assert_eq!(result["isError"], true, "{result}");
    result["structuredContent"]["facts"]["error"]["code"].as_str().expect("a code")
}

pub(crate) fn facts(result: &Value) -> &Value {
    assert_eq!(result["isError"], false, "{result}");
    &result["structuredContent"]["facts"]
}

pub(crate) async fn token(admin: &Browser<'_>, actions: &[&str]) -> Token {
    admin.token(json!({ "actions": actions, "asks": "never" }), json!({})).await
}

/// Answers what waits, once it does; gives what waited.
pub(crate) async fn answer(admin: &Browser<'_>, said: &str) -> Value {
    loop {
        let seen = admin.get("/api/v1/assistant").await.json();
        let Some(asked) = seen["approvals"].get(0).cloned() else { continue };
        let path = format!("/api/v1/assistant/approvals/{}", asked["id"].as_str().expect("an id"));
        let body = json!({ "answer": said });
        let answered = admin.change(json_request(Method::POST, &path, &body)).await;
        assert_eq!(answered.status, StatusCode::NO_CONTENT, "{:?}", answered.body);
        let again = admin.change(json_request(Method::POST, &path, &body)).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND, "it is answered");
        return asked;
    }
}

async fn pause(admin: &Browser<'_>, is_paused: bool) {
    let body = json!({ "is_paused": is_paused });
    let paused = admin.change(json_request(Method::PUT, "/api/v1/assistant/pause", &body)).await;
    assert_eq!(paused.status, StatusCode::NO_CONTENT, "{:?}", paused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_answers_and_ends() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = token(&admin, &["list_cameras"]).await;
    let old = house.send(message("/mcp", &token.secret, None, &hello("2024-01-01"))).await;
    let result = &old.json()["result"];
    assert_eq!(result["protocolVersion"], "2025-11-25", "the newest is offered instead");
    assert_eq!(result["serverInfo"]["name"], "hearthwatch");
    let assistant = Assistant::begin(&house, &token).await;
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(assistant.send(&told).await.status, StatusCode::ACCEPTED);
    assert_eq!(assistant.ask("ping", json!({})).await["result"], json!({}));
    assert_eq!(assistant.ask("no/such", json!({})).await["error"]["code"], -32_601);
    let unknown = assistant.ask("tools/call", json!({ "name": "fly" })).await;
    assert_eq!(unknown["error"]["code"], -32_602);
    let malformed = assistant.send(&json!([{ "jsonrpc": "2.0", "id": 1 }])).await;
    assert_eq!(malformed.status, StatusCode::BAD_REQUEST);
    assert_eq!(malformed.json()["error"]["code"], -32_600);
    let mut goodbye = request(Method::DELETE, "/mcp");
    let session = assistant.session.parse().expect("visible");
    goodbye.headers_mut().insert("mcp-session-id", session);
    let ended = house.program(&token.secret, goodbye).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    assert_eq!(assistant.send(&ping).await.code(), "session_over");
    let nameless = house.send(message("/mcp", &token.secret, None, &ping)).await;
    assert_eq!((nameless.status, nameless.code()), (StatusCode::BAD_REQUEST, "no_session".into()));
}

/// promise: T-05. A session is of no use to another token.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_token_does_not_exist() {
    let house = House::start().await;
    let admin = house.browser().await;
    let first = token(&admin, &["list_cameras"]).await;
    let second = token(&admin, &["read_events"]).await;
    let mut stolen = Assistant::begin(&house, &first).await;
    stolen.token = second.secret;
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    assert_eq!(stolen.send(&ping).await.status, StatusCode::NOT_FOUND);
}

/// promise: V-05, D-09. No page of another site speaks to it, whatever it knows.
#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_speak_to_it() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = token(&admin, &["list_cameras"]).await;
    let mut sent = message("/mcp", &token.secret, None, &hello("2025-11-25"));
    let origin = "https://attacker.example".parse().expect("visible");
    sent.headers_mut().insert("origin", origin);
    assert_eq!(house.send(sent).await.code(), "cross_site");
    let mut sent = message("/mcp", &token.secret, None, &hello("2025-11-25"));
    sent.headers_mut().insert("mcp-protocol-version", "1999-01-01".parse().expect("visible"));
    assert_eq!(house.send(sent).await.code(), "bad_protocol_version");
}

/// promise: V-17. An assistant arms the house, and disarms it only with a PIN that a person says;
/// the PIN is in no log.
#[tokio::test(flavor = "multi_thread")]
async fn an_assistant_disarms_by_a_persons_pin_alone() {
    let house = House::start().await;
    let admin = house.browser().await;
    let pin = json!({ "holder": "Anna", "pin": "2580" });
    let set = admin.change(json_request(Method::PUT, "/api/v1/alarm/pins", &pin)).await;
    assert_eq!(set.status, StatusCode::OK, "{:?}", set.body);
    let token = token(&admin, &["arm", "read_devices"]).await;
    let assistant = Assistant::begin(&house, &token).await;
    let arm = json!({ "mode": "night", "anyway": true });
    assert_eq!(code(&assistant.call("alarm_arm", arm.clone()).await), "confirmation_needed");
    let armed = json!({ "mode": "night", "anyway": true, "confirm": true });
    assert_eq!(facts(&assistant.call("alarm_arm", armed).await)["state"], "armed");
    let over_rest = json_request(Method::PUT, "/api/v1/alarm/mode", &json!({ "mode": "disarmed" }));
    assert_eq!(house.program(&token.secret, over_rest).await.code(), "pin_needed");
    let guess = json!({ "pin": "2581", "confirm": true });
    assert_eq!(code(&assistant.call("alarm_disarm", guess).await), "pin_wrong");
    let right = json!({ "pin": "2580", "confirm": true });
    assert_eq!(facts(&assistant.call("alarm_disarm", right).await)["state"], "disarmed");
    let log = admin.get("/api/v1/audit?limit=500").await.json().to_string();
    // Ids and times have digits too.
    let mut words = log.split(|c: char| !c.is_ascii_alphanumeric());
    assert!(log.contains("mcp_alarm_disarm") && !words.any(|word| word == "2580"), "{log}");
}

/// Which tools each action opens. Written down here once more by hand, on purpose: this table and
/// the registry have to agree.
pub(crate) const OPENED: [(&str, &[&str]); 22] = [
    ("live", &["camera_status", "camera_snapshot", "camera_stream"]),
    ("playback", &["recording_timeline", "recording_clip"]),
    ("export", &["recording_export"]),
    ("control", &[]),
    ("configure", &["camera_configure"]),
    ("faces", &[]),
    ("list_cameras", &["camera_list"]),
    (
        "read_events",
        &[
            "event_search",
            "event_explain",
            "ask",
            "similar_events",
            "insight_list",
            "visit_search",
            "visit_show",
            "visit_acknowledge",
        ],
    ),
    ("manage_cameras", &[]),
    ("manage_holds", &["hold_list", "hold_add", "hold_remove"]),
    ("read_system", &["system_status"]),
    ("maintain", &["doctor_run"]),
    ("read_audit", &["audit_search"]),
    ("manage_people", &["person_list"]),
    ("control_devices", &["device_set", "device_act", "room_switch", "privacy_set"]),
    ("manage_notifications", &["recipient_list", "notification_test"]),
    ("arm", &["alarm_arm", "alarm_disarm", "alarm_acknowledge"]),
    ("manage_rules", &["rule_list", "rule_draft", "rule_runs"]),
    ("read_metrics", &[]),
    ("read_incidents", &["incident_list", "incident_show"]),
    ("manage_incidents", &["incident_acknowledge", "notification_list"]),
    (
        "read_devices",
        &[
            "device_list",
            "device_read",
            "energy_use",
            "climate_rooms",
            "privacy_show",
            "alarm_show",
        ],
    ),
];

/// promise: T-05, V-03. Least privilege: a token for one action is shown the tools of that action,
/// and none of the others can be called, not even by guessing its name.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_and_may_call_exactly_what_it_is_for() {
    let house = House::start().await;
    let admin = house.browser().await;
    admin.add_camera("Door").await;
    let all: BTreeSet<&str> = OPENED.iter().flat_map(|row| row.1).copied().collect();
    for (action, opened) in OPENED {
        let token = token(&admin, &[action]).await;
        let assistant = Assistant::begin(&house, &token).await;
        let expected: BTreeSet<String> = opened.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(assistant.tools().await, expected, "{action}");
        for tool in all.iter().filter(|tool| !opened.contains(tool)) {
            let refused = assistant.call(tool, json!({ "confirm": true })).await;
            assert_eq!(code(&refused), "denied", "{action}: {tool}");
        }
    }
    // The owner is shown everything, so the table above has every tool.
    let owner = house.control(owner_hello()).await;
    let session = owner.header("mcp-session-id").to_owned();
    let mut sent = json_request(
        Method::POST,
        "/mcp",
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }),
    );
    sent.headers_mut().insert("mcp-session-id", session.parse().expect("visible"));
    let listed = house.control(sent).await.json();
    let listed = listed["result"]["tools"].as_array().expect("a list").iter();
    let listed: BTreeSet<&str> = listed.filter_map(|tool| tool["name"].as_str()).collect();
    let missing: Vec<_> =
        listed.iter().filter(|tool| !OPENED.iter().any(|row| row.1.contains(*tool))).collect();
    assert!(missing.is_empty(), "{missing:?} are opened by no action in this table");
}

fn owner_hello() -> Request<String> {
    json_request(Method::POST, "/mcp", &hello("2025-06-18"))
}

/// promise: T-05. A token for one camera sees nothing of another: it does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_one_camera_knows_no_other() {
    let house = House::start().await;
    let admin = house.browser().await;
    let (door, shed) = (admin.add_camera("Door").await, admin.add_camera("Shed").await);
    let actions = ["list_cameras", "live", "playback", "read_events"];
    let scope = json!({ "actions": actions, "cameras": [door] });
    let token = admin.token(scope, json!({})).await;
    let assistant = Assistant::begin(&house, &token).await;
    let listed = assistant.call("camera_list", json!({})).await;
    assert_eq!(facts(&listed)["cameras"].as_array().map(Vec::len), Some(1));
    assert!(!listed.to_string().contains("Shed"));
    for name in ["Shed", shed.as_str(), "No such"] {
        let refused = assistant.call("camera_status", json!({ "camera": name })).await;
        assert_eq!(code(&refused), "not_found", "{name}");
    }
    let shown = assistant.call("camera_status", json!({ "camera": "Door" })).await;
    assert_eq!(facts(&shown)["status"]["id"], door);
    let target = format!("hearthwatch://cameras/{shed}/snapshot");
    let hidden = assistant.ask("resources/read", json!({ "uri": target })).await;
    assert_eq!(hidden["error"]["code"], -32_002);
}

/// promise: T-13. What changes something waits for a person's yes, happens then, and is recorded
/// with tool, token and camera, like the refusal before.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_a_yes_and_every_call_is_recorded() {
    let house = House::start().await;
    let admin = house.browser().await;
    let camera = admin.add_camera("Door").await;
    let token = token(&admin, &["manage_holds", "list_cameras", "playback"]).await;
    let assistant = Assistant::begin(&house, &token).await;
    let mut hold = json!({
        "camera": camera, "reason": "theft",
        "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T11:00:00Z",
    });
    for answer in [Value::Null, false.into()] {
        hold["confirm"] = answer;
        let waits = assistant.call("hold_add", hold.clone()).await;
        assert_eq!(code(&waits), "confirmation_needed");
    }
    let none = assistant.call("hold_list", json!({})).await;
    assert_eq!(facts(&none)["holds"], json!([]));
    hold["confirm"] = true.into();
    let made = assistant.call("hold_add", hold).await;
    let id = facts(&made)["id"].as_str().expect("an id").to_owned();
    let removed = assistant.call("hold_remove", json!({ "hold": id, "confirm": true })).await;
    assert_eq!(facts(&removed)["done"], true);
    let audit = admin.get("/api/v1/audit?limit=50").await.json();
    let lines = audit["entries"].as_array().expect("a list");
    let added: Vec<_> = lines.iter().filter(|line| line["action"] == "mcp_hold_add").collect();
    let results: Vec<_> = added.iter().map(|line| line["result"].as_str().expect("one")).collect();
    assert_eq!(results, ["ok", "failed", "failed"], "newest first");
    assert_eq!(added[0]["who"]["id"], token.id.as_str());
    assert_eq!(added[0]["what"]["camera"], camera);
    assert_eq!(added[1]["detail"], "confirmation_needed");
    assert!(lines.iter().any(|line| line["action"] == "mcp_hold_list"));
}

/// promise: T-13. What an assistant wants to change is shown to a person with its arguments, but not
/// with a PIN; it is done after their yes and not after their no, and its own `confirm` is no yes.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_before_an_assistant_changes_something() {
    let house = House::start().await;
    let admin = house.browser().await;
    let camera = admin.add_camera("Door").await;
    let scope = json!({ "actions": ["manage_holds", "list_cameras", "playback", "arm"] });
    let token = admin.token(scope, json!({})).await;
    let assistant = Assistant::begin(&house, &token).await;
    let hold = json!({
        "camera": camera, "reason": "theft", "confirm": true,
        "from": "2026-11-22T10:00:00Z", "to": "2026-11-22T11:00:00Z",
    });
    let (waited, asked) =
        tokio::join!(assistant.call("hold_add", hold.clone()), answer(&admin, "deny"));
    assert_eq!(code(&waited), "approval_denied");
    assert_eq!((&asked["tool"], &asked["token"]), (&json!("hold_add"), &json!(token.id)));
    assert_eq!(asked["arguments"]["reason"], "theft");
    assert_eq!(code(&assistant.call("hold_add", hold.clone()).await), "approval_denied");
    assert_eq!(facts(&assistant.call("hold_list", json!({})).await)["holds"], json!([]));

    let other = json!({ "reason": "fire", "camera": hold["camera"], "from": hold["from"],
        "to": hold["to"] });
    let (made, _) = tokio::join!(assistant.call("hold_add", other), answer(&admin, "once"));
    let hold = facts(&made)["id"].as_str().expect("an id").to_owned();

    let pin = json!({ "pin": "2581", "confirm": true });
    let (wrong, asked) = tokio::join!(assistant.call("alarm_disarm", pin), answer(&admin, "hour"));
    assert_eq!(code(&wrong), "pin_wrong");
    assert_eq!(asked["arguments"]["pin"], "(not shown)");
    let again = assistant.call("alarm_disarm", json!({ "pin": "2582" })).await;
    assert_eq!(code(&again), "pin_wrong", "nobody is asked for an hour");

    pause(&admin, true).await;
    assert_eq!(code(&assistant.call("hold_list", json!({})).await), "assistants_paused");
    let uri = json!({ "uri": "hearthwatch://cameras" });
    let read = assistant.ask("resources/read", uri.clone()).await;
    assert_eq!(read["error"]["message"], "assistants_paused", "{read}");
    pause(&admin, false).await;
    let removed = assistant.call("hold_remove", json!({ "hold": hold }));
    let (removed, _) = tokio::join!(removed, answer(&admin, "once"));
    assert_eq!(facts(&removed)["done"], true);

    let seen = admin.get("/api/v1/assistant").await.json();
    // As a text of its own: times and ids have such digits, too.
    let shows = |pin: &str| seen.to_string().contains(&format!("\"{pin}\""));
    assert!(!shows("2581") && !shows("2582"), "{seen}");
    let calls: Vec<_> = seen["calls"].as_array().expect("a list").iter().collect();
    assert_eq!((&calls[0]["tool"], &calls[0]["outcome"]), (&json!("hold_remove"), &json!("done")));
    let access = &seen["access"][0];
    assert_eq!((&access["token"], &access["asks"]), (&json!(token.id), &json!("always")));
    assert!(access["calls_today"].as_u64() >= Some(7), "{access}");
    let lines = admin.get("/api/v1/audit?limit=100").await.json().to_string();
    assert!(lines.contains("hold_add once, by admin"), "{lines}");
}

/// promise: T-05, T-13. Whoever makes no accounts sees and answers only what their own programs ask, and a
/// program answers nothing.
#[tokio::test(flavor = "multi_thread")]
async fn only_their_own_person_answers_an_assistant() {
    let house = House::start().await;
    let admin = house.browser().await;
    house.add_user(&admin, "anna", "operator", json!({})).await;
    let anna = house.browser_of("anna").await;
    let scope = json!({ "actions": ["manage_holds", "list_cameras", "playback"] });
    let token = admin.token(scope, json!({})).await;
    let assistant = Assistant::begin(&house, &token).await;
    let remove = json!({ "hold": "hold_00000000000000000000000000000000" });
    let watch = async {
        let id = loop {
            let seen = admin.get("/api/v1/assistant").await.json();
            let Some(asked) = seen["approvals"].get(0) else { continue };
            break asked["id"].as_str().expect("an id").to_owned();
        };
        let seen = anna.get("/api/v1/assistant").await.json();
        assert_eq!(
            (&seen["approvals"], &seen["access"], &seen["calls"]),
            (&json!([]), &json!([]), &json!([]))
        );
        let path = format!("/api/v1/assistant/approvals/{id}");
        let yes = || json_request(Method::POST, &path, &json!({ "answer": "once" }));
        assert_eq!(anna.change(yes()).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.program(&token.secret, yes()).await.status, StatusCode::FORBIDDEN);
        let off =
            json_request(Method::PUT, "/api/v1/assistant/pause", &json!({ "is_paused": true }));
        assert_eq!(anna.change(off).await.status, StatusCode::FORBIDDEN);
        answer(&admin, "once").await;
    };
    let (removed, ()) = tokio::join!(assistant.call("hold_remove", remove), watch);
    assert_eq!(code(&removed), "not_found", "it was carried out, and there is no such hold");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_so_many_calls_a_day() {
    let house = House::start().await;
    let admin = house.browser().await;
    let scope = json!({ "actions": ["list_cameras"], "calls_per_day": 2 });
    let token = admin.token(scope, json!({})).await;
    let assistant = Assistant::begin(&house, &token).await;
    for _ in 0..2 {
        facts(&assistant.call("camera_list", json!({})).await);
    }
    assert_eq!(code(&assistant.call("camera_list", json!({})).await), "calls_used_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_only_looks_is_offered_no_change() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = token(&admin, &["manage_holds"]).await;
    let assistant = Assistant::begin_at(&house, "/mcp?mode=read", &token).await;
    assert_eq!(assistant.tools().await, BTreeSet::from(["hold_list".to_owned()]));
    let refused = assistant.call("hold_remove", json!({ "confirm": true })).await;
    assert_eq!(code(&refused), "read_only");
}

/// promise: V-04, D-10. A model that goes in circles is slowed down, and told for how long.
#[tokio::test(flavor = "multi_thread")]
async fn calls_are_limited() {
    let house = House::start().await;
    let admin = house.browser().await;
    let token = token(&admin, &["control_devices"]).await;
    let assistant = Assistant::begin(&house, &token).await;
    let mut refused = None;
    for _ in 0..30 {
        let answer = assistant.call("privacy_set", json!({ "on": false })).await;
        if code(&answer) == "too_many_requests" {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("changes are rare");
    let error = &refused["structuredContent"]["facts"]["error"];
    assert!(error["retry_after_seconds"].as_u64().is_some_and(|wait| wait >= 1), "{error}");

    // What is read instead is slowed down as well, in the protocol's own way.
    let read = async || {
        let uri = json!({ "uri": "hearthwatch://docs/tools" });
        let error = assistant.ask("resources/read", uri).await["error"].take();
        (!error.is_null()).then_some(error)
    };
    let mut error = None;
    for _ in 0..400 {
        error = read().await;
        if error.is_some() {
            break;
        }
    }
    let error = error.expect("nobody reads all the time");
    assert_eq!(error["message"], "too_many_requests", "{error}");
    let wait = error["data"]["retry_after_seconds"].as_u64();
    assert!(wait.is_some_and(|wait| wait >= 1), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_read_and_their_changes_told() {
    let house = House::start().await;
    let admin = house.browser().await;
    let actions = ["list_cameras", "read_events", "live", "playback"];
    let token = token(&admin, &actions).await;
    let assistant = Assistant::begin(&house, &token).await;
    let listed = assistant.ask("resources/list", json!({})).await;
    let uris: Vec<_> = listed["result"]["resources"].as_array().expect("a list").iter().collect();
    assert_eq!(uris.len(), 4, "no configuration without that right: {uris:?}");
    let templates = assistant.ask("resources/templates/list", json!({})).await;
    let template = &templates["result"]["resourceTemplates"][0]["uriTemplate"];
    assert_eq!(template, "hearthwatch://cameras/{camera}/snapshot");
    let params = json!({ "uri": "hearthwatch://cameras" });
    assert_eq!(assistant.ask("resources/subscribe", params.clone()).await["result"], json!({}));
    let unknown = json!({ "uri": "hearthwatch://docs/tools" });
    assert_eq!(assistant.ask("resources/subscribe", unknown).await["error"]["code"], -32_002);
    let headers = format!(
        "Authorization: Bearer {}\r\nMcp-Session-Id: {}\r\nAccept: text/event-stream\r\n",
        token.secret, assistant.session
    );
    let mut events = Events::open_at(&house, "/mcp", &headers).await;
    assert!(events.reaches("text/event-stream").await);
    admin.add_camera("Door").await;
    assert!(events.reaches("notifications/resources/updated").await);
    let read = assistant.ask("resources/read", params).await;
    let text = read["result"]["contents"][0]["text"].as_str().expect("a text");
    let read: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(read["untrusted"]["texts"]["1"], "Door");
    let mut goodbye = request(Method::DELETE, "/mcp");
    let session = assistant.session.parse().expect("visible");
    goodbye.headers_mut().insert("mcp-session-id", session);
    house.program(&token.secret, goodbye).await;
    events.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_are_listed_for_those_who_may_follow_them() {
    let house = House::start().await;
    let admin = house.browser().await;
    let reader = token(&admin, &["read_events"]).await;
    let assistant = Assistant::begin(&house, &reader).await;
    let listed = assistant.ask("prompts/list", json!({})).await;
    let listed = listed["result"]["prompts"].as_array().expect("a list").clone();
    let names: Vec<_> = listed.iter().map(|prompt| prompt["name"].clone()).collect();
    assert_eq!(names, ["review_last_night", "who_rang"]);
    let got = assistant.ask("prompts/get", json!({ "name": "who_rang" })).await;
    assert_eq!(got["result"]["messages"][0]["role"], "user");
    let hidden = assistant.ask("prompts/get", json!({ "name": "set_up_camera" })).await;
    assert_eq!(hidden["error"]["code"], -32_602);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_name_of_a_tool_is_answered_and_not_listed() {
    let house = House::start().await;
    let admin = house.browser().await;
    admin.add_camera("Door").await;
    let token = token(&admin, &["list_cameras", "live"]).await;
    let assistant = Assistant::begin(&house, &token).await;
    assert!(!assistant.tools().await.contains("list_cameras"));
    let listed = assistant.call("list_cameras", json!({})).await;
    assert_eq!(facts(&listed)["cameras"].as_array().map(Vec::len), Some(1));
    let arguments = json!({ "operation": "status", "camera_id": "Door" });
    let shown = assistant.call("camera_info", arguments).await;
    assert!(facts(&shown)["status"]["state"].is_string());
}

/// promise: T-05. One fact is explained to those only who are told of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fact_of_a_hidden_camera_is_not_explained() {
    let house = House::start().await;
    let admin = house.browser().await;
    let (door, _) = (admin.add_camera("Door").await, admin.add_camera("Shed").await);
    let page = admin.get("/api/v1/events?kind=camera_added").await.json();
    let id = |name: &str| {
        let mut events = page["events"].as_array().expect("a list").iter();
        let found = events.find(|event| event["camera_name"] == name).expect("one");
        found["id"].as_str().expect("an id").to_owned()
    };
    let scope = json!({ "actions": ["read_events", "playback"], "cameras": [door] });
    let token = admin.token(scope, json!({})).await;
    let assistant = Assistant::begin(&house, &token).await;
    let shown = assistant.call("event_explain", json!({ "event": id("Door") })).await;
    assert_eq!(facts(&shown)["explained"]["camera"], door);
    let hidden = assistant.call("event_explain", json!({ "event": id("Shed") })).await;
    assert_eq!(code(&hidden), "not_found");
    let nothing = assistant.call("event_explain", json!({ "event": "evt_x" })).await;
    assert_eq!(code(&nothing), "not_found");
}

/// What is left out of a change stays: exceptions by weekday, zones, other limits.
#[tokio::test(flavor = "multi_thread")]
async fn a_camera_is_changed_in_what_was_said_only() {
    let house = House::start().await;
    let admin = house.browser().await;
    let camera = admin.add_camera("Door").await;
    let night = json!({ "days": ["monday"], "from_minute": 0, "to_minute": 60, "mode": "off" });
    let before = json!({
        "record": { "usual": "continuous", "rules": [night] },
        "retention": { "days_max": 30, "bytes_max": 1_000_000_000 },
    });
    let target = format!("/api/v1/cameras/{camera}");
    let patched = admin.change(json_request(Method::PATCH, &target, &before)).await;
    assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
    let token = token(&admin, &["live", "configure"]).await;
    let assistant = Assistant::begin(&house, &token).await;
    let arguments = json!({ "camera": "Door", "record": "event", "keep_days": 7, "confirm": true });
    let changed = assistant.call("camera_configure", arguments).await;
    assert_eq!(facts(&changed)["settings"]["record"]["usual"], "event");
    let now = admin.get(&target).await.json()["settings"].clone();
    let mut expected = patched.json()["settings"].clone();
    expected["record"]["usual"] = "event".into();
    expected["retention"]["days_max"] = 7.into();
    assert_eq!(now, expected);
    let wrong = json!({ "camera": "Door", "record": "always", "confirm": true });
    assert_eq!(code(&assistant.call("camera_configure", wrong).await), "bad_arguments");
}
