//! What of requests is recorded, who watches, incidents and metrics, seen from the outside.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    house::{Browser, House, json as with_body, request, sign_in},
    viewer::{Camera, Message, Viewer},
};

async fn entries(browser: &Browser<'_>, filter: &str) -> Vec<Value> {
    let answer = browser.get(&format!("/api/v1/audit?limit=1000{filter}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let mut entries = answer.json()["entries"].as_array().expect("a list").clone();
    entries.reverse();
    entries
}

async fn of_action(browser: &Browser<'_>, action: &str) -> Vec<Value> {
    let mut entries = entries(browser, "").await;
    entries.retain(|entry| entry["action"] == action);
    entries
}

/// promise: T-13, V-17, D-25, K-06. A request is recorded with who, what, when, from where, how long
/// and how it ended, whether it was done, failed or was refused, whichever way it came in.
#[tokio::test]
async fn every_access_is_recorded_with_who_what_from_where_and_result() {
    let house = House::start().await;
    let camera = "cam_00000000000000000000000000000000";
    let timeline = format!("/api/v1/cameras/{camera}/timeline");
    let query = "?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z";
    let target = format!("{timeline}{query}");
    assert_eq!(house.get(&target).await.status, StatusCode::UNAUTHORIZED);
    let browser = house.browser().await;
    assert_eq!(browser.get(&target).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/api/v1/cameras").await.status, StatusCode::OK);
    let add = json!({ "name": "Yard", "url": "rtsp://u:Pl4nted@127.0.0.1:9/", "force": true });
    let added = browser.change(with_body(Method::POST, "/api/v1/cameras", &add)).await;
    assert_eq!(added.status, StatusCode::CREATED);
    let forged = browser.send(with_body(Method::POST, "/api/v1/cameras", &add)).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN, "no CSRF token");
    let own = house.control(request(Method::GET, "/api/v1/system")).await;
    assert_eq!(own.status, StatusCode::OK);

    let seen = of_action(&browser, "get_cameras_camera_timeline").await;
    let [nobody, admin] = seen.as_slice() else { unreachable!("two: {seen:?}") };
    assert_eq!((&nobody["who"]["kind"], &nobody["result"]), (&json!("nobody"), &json!("denied")));
    assert_eq!(nobody["category"], "authorization");
    assert_eq!((&admin["who"]["name"], &admin["result"]), (&json!("admin"), &json!("failed")));
    assert_eq!((&admin["what"]["camera"], &admin["from"]), (&json!(camera), &json!("127.0.0.1")));
    let detail = admin["detail"].as_str().expect("a detail");
    assert_eq!(detail, "404 from 2026-01-01T00:00:00.000Z to 2026-01-01T01:00:00.000Z");
    assert!(admin["duration_ms"].is_u64() && admin["at"].is_string());

    let [list] = of_action(&browser, "get_cameras").await.try_into().expect("one");
    assert_eq!((&list["category"], &list["result"]), (&json!("data_access"), &json!("ok")));
    let changes = of_action(&browser, "post_cameras").await;
    let results: Vec<_> = changes.iter().map(|entry| &entry["result"]).collect();
    assert_eq!(results, ["ok", "denied"]);
    assert_eq!(
        (&changes[0]["class"], &changes[0]["category"]),
        (&json!("configure"), &json!("system"))
    );
    let [own] = of_action(&browser, "get_system").await.try_into().expect("one");
    assert_eq!((&own["who"]["kind"], &own["from"]), (&json!("owner"), &json!("control_socket")));

    let all = json!(entries(&browser, "").await).to_string();
    assert!(!all.contains("Pl4nted") && !all.contains(&browser.csrf));
    let denied = entries(&browser, "&result=denied&who=nobody").await;
    assert_eq!(denied.len(), 1, "the filter: {denied:?}");
}

/// promise: T-13. Whoever is made to show the log must not find that help was called: a silent call
/// leaves no line of its request, a refused one and a loud one do.
#[tokio::test]
async fn a_silent_call_for_help_leaves_no_line_in_the_log() {
    let house = House::start().await;
    let browser = house.browser().await;
    let call = |is_silent: bool| {
        with_body(Method::POST, "/api/v1/alarm/panic", &json!({ "silent": is_silent }))
    };
    assert_eq!(browser.change(call(true)).await.status, StatusCode::NO_CONTENT);
    let log = json!(entries(&browser, "").await).to_string();
    assert!(!log.contains("panic") && !log.contains("alarm"), "{log}");
    let facts = browser.get("/api/v1/events").await.json().to_string();
    assert!(!facts.contains("alarm_changed"), "{facts}");
    assert_eq!(browser.send(call(true)).await.status, StatusCode::FORBIDDEN, "no CSRF token");
    let refused = of_action(&browser, "post_alarm_panic").await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0]["result"], "denied");
    assert_eq!(browser.change(call(false)).await.status, StatusCode::NO_CONTENT);
    let triggered = || async {
        let lines = of_action(&browser, "alarm_triggered").await;
        lines.first().is_some_and(|line| line["detail"].as_str() == Some("by admin"))
    };
    while !triggered().await {
        tokio::task::yield_now().await;
    }
}

/// promise: T-13, T-21. Watching live is recorded when it begins and, with its length, when it is
/// over; meanwhile everybody is told who watches.
#[tokio::test(flavor = "multi_thread")]
async fn watching_live_is_told_and_recorded_with_both_ends() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let mut viewer = Viewer::open(&house, &browser, &camera.path("/live")).await;
    while !matches!(viewer.next().await.expect("pictures"), Message::Binary(_)) {}
    let told = browser.get("/api/v1/watchers").await.json();
    let [watcher] = told["watchers"].as_array().expect("a list").as_slice() else {
        unreachable!("one watches: {told}")
    };
    assert_eq!(watcher["camera"], camera.id.as_str());
    assert_eq!((&watcher["viewer"], &watcher["from"]), (&json!("admin"), &json!("127.0.0.1")));
    let live = async || of_action(&browser, "get_cameras_camera_live").await;
    let [began] = live().await.try_into().expect("one line so far");
    assert_eq!((&began["detail"], &began["result"]), (&json!("began"), &json!("ok")));
    assert_eq!(began["duration_ms"], Value::Null);

    drop(viewer);
    let mut seen = live().await;
    // The server notices at its next write.
    while seen.len() < 2 {
        tokio::task::yield_now().await;
        seen = live().await;
    }
    assert_eq!(seen[1]["detail"], "ended");
    assert!(seen[1]["duration_ms"].is_u64());
    let told = browser.get("/api/v1/watchers").await.json();
    assert_eq!(told["watchers"], json!([]));
}

/// promise: T-21. Whoever watches key frames as pictures watches too.
#[tokio::test(flavor = "multi_thread")]
async fn watching_pictures_counts_as_watching() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let (mut stream, _) = house.tls().await;
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
        camera.path("/live.mjpeg"),
        house.authority(),
        browser.cookie
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    let told = browser.get("/api/v1/watchers").await.json();
    assert_eq!(told["watchers"][0]["camera"], camera.id.as_str(), "{told}");
}

/// promise: V-17, D-19. Somebody who is refused a thousand times does not fill the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_refusals_does_not_fill_the_log() {
    let house = House::start().await;
    for _ in 0..60 {
        assert_eq!(house.get("/api/v1/cameras").await.status, StatusCode::UNAUTHORIZED);
    }
    let browser = house.browser().await;
    let refused = entries(&browser, "&result=denied").await;
    assert!((1..=12).contains(&refused.len()), "{}", refused.len());
}

/// promise: V-17. The log is exported as lines, and reading and exporting it is recorded itself.
#[tokio::test]
async fn the_log_is_exported_as_lines_and_that_is_recorded() {
    let house = House::start().await;
    let browser = house.browser().await;
    browser.get("/api/v1/cameras").await;
    let answer = browser.get("/api/v1/audit/export").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = String::from_utf8(answer.body.to_vec()).expect("text");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let numbers: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().expect("seq")).collect();
    assert!(numbers.len() >= 3 && numbers.is_sorted(), "{numbers:?}");
    let [export] = of_action(&browser, "get_audit_export").await.try_into().expect("one");
    assert_eq!(export["class"], "export");
    assert_eq!(of_action(&browser, "get_audit").await.len(), 1);
}

#[tokio::test]
async fn pages_go_on_and_bad_filters_are_refused() {
    let house = House::start().await;
    let browser = house.browser().await;
    let first = browser.get("/api/v1/audit?limit=1").await.json();
    let next = first["next"].as_u64().expect("there is more");
    let second = browser.get(&format!("/api/v1/audit?limit=1&before={next}")).await.json();
    assert_eq!(second["entries"][0]["seq"].as_u64(), Some(next - 1));
    for bad in ["category=nonsense", "limit=1001", "camera=x", "from=yesterday", "unknown=1"] {
        let answer = browser.get(&format!("/api/v1/audit?{bad}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

/// promise: D-30, V-13. An incident is listed, shown, acknowledged, noted, resolved and exported, and
/// each step is recorded.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_settled_over_http() {
    let house = House::start().await;
    let browser = house.browser().await;
    for _ in 0..5 {
        house.send(sign_in("wrong")).await;
    }
    let list = async || browser.get("/api/v1/incidents?state=open").await.json();
    let mut incidents = list().await;
    while incidents["incidents"].as_array().is_some_and(Vec::is_empty) {
        tokio::task::yield_now().await;
        incidents = list().await;
    }
    let incident = &incidents["incidents"][0];
    assert_eq!(
        (&incident["kind"], &incident["state"]),
        (&json!("failed_sign_ins"), &json!("open"))
    );
    let path = format!("/api/v1/incidents/{}", incident["id"].as_str().expect("an id"));
    let change = async |step: &str, body: Value| {
        browser.change(with_body(Method::POST, &format!("{path}/{step}"), &body)).await
    };
    let acknowledged = change("acknowledge", json!({})).await.json();
    assert_eq!(acknowledged["state"], "acknowledged");
    assert_eq!(acknowledged["timeline"][1]["who"]["name"], "admin");
    assert_eq!(change("notes", json!({ "text": "" })).await.code(), "bad_note");
    assert_eq!(change("notes", json!({ "text": "It was me." })).await.status, StatusCode::OK);
    let resolved = change("resolve", json!({ "text": "Ordinary." })).await.json();
    assert_eq!((&resolved["state"], &resolved["escalates_at"]), (&json!("resolved"), &Value::Null));
    let again = change("resolve", json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "resolved"));
    assert_eq!(browser.get(&path).await.json(), resolved);
    let export = browser.get(&format!("{path}/export")).await.json();
    assert_eq!(export["incident"], resolved);
    assert!(export["audit"].as_array().is_some_and(|lines| !lines.is_empty()));
    let missing = "/api/v1/incidents/inc_00000000000000000000000000000000";
    assert_eq!(browser.get(missing).await.status, StatusCode::NOT_FOUND);
    assert_eq!(of_action(&browser, "post_incidents_incident_resolve").await.len(), 2);
    let summary = browser.get("/api/v1/security/summary").await.json();
    assert_eq!(summary["today"]["failed_sign_ins"], 5);
}

/// promise: T-05, D-30. What a camera noticed of an incident, and the incident with it, is for those
/// who may see the camera; several incidents are acknowledged at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_shown_to_those_who_may_see_its_cameras() {
    let house = House::start().await;
    let admin = house.browser().await;
    let cameras = [admin.add_camera("Door").await, admin.add_camera("Garden").await];
    let is_door = json!({ "detection": { "visits": true } });
    let door = format!("/api/v1/cameras/{}", cameras[0]);
    let set = admin.change(with_body(Method::PATCH, &door, &is_door)).await;
    assert_eq!(set.status, StatusCode::OK, "{:?}", set.body);
    for (name, camera) in [("anna", &cameras[0]), ("bert", &cameras[1])] {
        let access = json!({ "only_listed": true, "cameras": { camera: ["live", "playback"] } });
        house.add_user(&admin, name, "viewer", json!({ "camera_access": access })).await;
    }
    let rule = json!({
        "version": 1, "name": "Bell", "is_on": true, "when": { "happens": { "kinds": ["ring"] } },
        "then": [{ "alert": { "severity": "critical", "title": "Somebody rang" } }],
    });
    let made = admin.change(with_body(Method::POST, "/api/v1/rules", &rule)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    let ring = format!("/api/v1/cameras/{}/ring", cameras[0]);
    let rung = admin.change(with_body(Method::POST, &ring, &json!({}))).await;
    assert!(rung.status.is_success(), "{:?}", rung.body);
    let list = async |browser: &Browser<'_>| {
        let answer = browser.get("/api/v1/incidents?about=safety&order=oldest").await.json();
        answer["incidents"].as_array().expect("a list").clone()
    };
    let incident = loop {
        let found = list(&admin).await.into_iter().next();
        if let Some(found) = found.filter(|one| one["evidence"] != json!([])) {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&incident["kind"], &incident["cameras"]), (&json!("rule"), &json!([cameras[0]])));
    assert_eq!(incident["evidence"][0]["text"], "somebody rang");
    let path = format!("/api/v1/incidents/{}", incident["id"].as_str().expect("an id"));
    let (anna, bert) = (house.browser_of("anna").await, house.browser_of("bert").await);
    assert_eq!(list(&anna).await.len(), 1);
    assert_eq!(list(&bert).await, [] as [Value; 0]);
    assert_eq!(bert.get(&path).await.status, StatusCode::NOT_FOUND);
    let of_other = format!("/api/v1/incidents?camera={}", cameras[1]);
    assert_eq!(admin.get(&of_other).await.json()["incidents"], json!([]));

    let unknown = "inc_00000000000000000000000000000000";
    let body = json!({ "incidents": [incident["id"], unknown] });
    let target = "/api/v1/incidents/acknowledge";
    let done = admin.change(with_body(Method::POST, target, &body)).await.json();
    assert_eq!(done["acknowledged"], json!([incident["id"]]));
    assert_eq!(done["not"], json!([{ "incident": unknown, "code": "not_found" }]));
    assert_eq!(admin.get(&path).await.json()["state"], "acknowledged");
    let many = json!({ "incidents": vec![unknown; 101] });
    let refused = admin.change(with_body(Method::POST, target, &many)).await;
    assert_eq!(refused.code(), "too_many");
}

/// promise: V-12. Metrics are for those who may see how the hub fares, in the format of Prometheus:
/// each family once with its help and type, samples of no other family, no name of anybody.
#[tokio::test]
async fn metrics_are_in_the_format_of_prometheus() {
    let house = House::start().await;
    assert_eq!(house.get("/metrics").await.status, StatusCode::UNAUTHORIZED);
    let browser = house.browser().await;
    browser.add_camera("Yard \"1\"").await;
    let answer = browser.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body.to_vec()).expect("text");
    let mut families = Vec::new();
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let name = help.split(' ').next().expect("a name").to_owned();
            assert!(!families.contains(&name), "{name} once");
            families.push(name);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert_eq!(Some(name), families.last().map(String::as_str));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        } else {
            let name = line.split(['{', ' ']).next().expect("a name");
            assert_eq!(Some(name), families.last().map(String::as_str), "{line}");
            let value = line.rsplit(' ').next().expect("a value");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    for wanted in [
        "hearthwatch_camera_state",
        "hearthwatch_recorder_queue_bytes",
        "hearthwatch_sign_ins_total",
        "hearthwatch_denied_total",
        "hearthwatch_http_requests_total",
        "hearthwatch_sessions",
        "hearthwatch_disk_free_bytes",
        "hearthwatch_eyes_frames_total",
        "hearthwatch_incidents",
    ] {
        assert!(families.iter().any(|name| name == wanted), "{wanted}");
    }
    let denied = text.lines().find_map(|line| line.strip_prefix("hearthwatch_denied_total "));
    assert_eq!(denied, Some("1"));
    assert!(text.contains("hearthwatch_sign_ins_total{result=\"ok\"} 1\n"));
    assert!(!text.contains("admin") && !text.contains("127.0.0.1") && !text.contains("Yard"));
}
