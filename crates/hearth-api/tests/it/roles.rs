//! Every route, every kind of caller, every camera: who gets through, asked over HTTP.
//!
//! Routes and what they ask for come from the OpenAPI document, which is made from the router's own
//! table. Who may do what is written down here once more by hand, on purpose: this table and the
//! policy's have to agree.

use std::time::Duration;

use bytes::Bytes;
use hearth_api::{Limits, Rates};
use hearth_auth::Rate;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::json;

use crate::{
    access::example,
    house::{Browser, House, PASSWORD, Token, json as json_request, request},
};

/// What a role may do with every camera and with the house. Administrators may do everything.
const OPERATOR: [&str; 19] = [
    "camera:live",
    "camera:playback",
    "camera:export",
    "camera:control",
    "camera:faces",
    "house:list_cameras",
    "house:read_events",
    "house:read_incidents",
    "house:manage_holds",
    "house:read_system",
    "house:manage_tokens",
    "house:control_devices",
    "house:arm",
    "house:read_metrics",
    "house:manage_incidents",
    "house:read_devices",
    "account",
    "signed_in",
    "open",
];
const VIEWER: [&str; 10] = [
    "camera:live",
    "camera:playback",
    "camera:faces",
    "house:list_cameras",
    "house:read_events",
    "house:read_incidents",
    "house:read_devices",
    "account",
    "signed_in",
    "open",
];
const GUEST: [&str; 5] = ["camera:live", "house:list_cameras", "account", "signed_in", "open"];

/// Admitted, these would end the test's own sign-in, remove its cameras, or ask the network that the
/// test runs in.
const NOT_CALLED_WHEN_ADMITTED: [(&str, &str); 3] = [
    ("DELETE", "/api/v1/session"),
    ("DELETE", "/api/v1/cameras/{camera}"),
    ("POST", "/api/v1/devices/discover"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Past the fence, whatever the handler then says.
    Admitted,
    /// Nobody.
    SignedOut,
    /// Somebody who may not.
    Denied,
    /// A camera that does not exist for them.
    Hidden,
}

struct Route {
    method: Method,
    path: String,
    access: String,
}

fn routes() -> Vec<Route> {
    let document: serde_json::Value =
        serde_json::from_str(&hearth_api::openapi_json()).expect("JSON");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let access = operation["x-access"].as_str().expect("every route says it").to_owned();
            routes.push(Route { method, path: path.clone(), access });
        }
    }
    routes
}

/// One who calls, and what they should get.
struct Caller {
    name: String,
    headers: Vec<(&'static str, String)>,
    /// What they may do with the first camera and with the house; `None` for everything. Nobody,
    /// if it is empty.
    first: Option<Vec<&'static str>>,
    /// The same for the second camera.
    second: Option<Vec<&'static str>>,
}

impl Caller {
    fn new(name: &str, headers: Vec<(&'static str, String)>, may: &[&'static str]) -> Self {
        let may = Some(may.to_vec());
        Self { name: name.to_owned(), headers, first: may.clone(), second: may }
    }

    fn person(name: &str, browser: &Browser<'_>, may: &[&'static str]) -> Self {
        let headers =
            vec![("cookie", browser.cookie.clone()), ("x-csrf-token", browser.csrf.clone())];
        Self::new(name, headers, may)
    }

    fn program(name: &str, secret: &str, may: &[&'static str]) -> Self {
        Self::new(name, vec![("authorization", format!("Bearer {secret}"))], may)
    }

    fn expected(&self, route: &Route, on_first: bool) -> Verdict {
        let access = route.access.as_str();
        let may = if on_first { &self.first } else { &self.second };
        let Some(may) = may else {
            return if access == "owner" { Verdict::Denied } else { Verdict::Admitted };
        };
        let is_camera = access.starts_with("camera:");
        if access == "open" || may.contains(&access) {
            Verdict::Admitted
        } else if may.is_empty() && self.first.as_ref().is_some_and(Vec::is_empty) {
            Verdict::SignedOut
        } else if is_camera && !may.iter().any(|action| action.starts_with("camera:")) {
            Verdict::Hidden
        } else {
            Verdict::Denied
        }
    }
}

/// One connection that is used again until an answer has no end.
struct Connection<'a> {
    house: &'a House,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection<'_> {
    async fn verdict(&mut self, request: Request<String>) -> Verdict {
        let mut sender = match self.sender.take() {
            Some(sender) if sender.is_ready() => sender,
            _ => {
                let stream = TokioIo::new(self.house.tls().await.0);
                let (sender, connection) = http1::handshake(stream).await.expect("a connection");
                tokio::spawn(connection);
                sender
            }
        };
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        assert_eq!(
            head.headers.get("cache-control").map(|value| value.as_bytes()),
            Some(b"private, no-store".as_slice()),
            "nobody keeps an answer"
        );
        if head.status.is_success() || head.status.is_informational() {
            // It may have no end: the connection goes with it.
            return Verdict::Admitted;
        }
        let body = body.collect().await.expect("an error is whole").to_bytes();
        self.sender = Some(sender);
        verdict(head.status, &body)
    }
}

fn verdict(status: StatusCode, body: &[u8]) -> Verdict {
    let error: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| error["error"][field].as_str().unwrap_or_default().to_owned();
    match (status, text("code").as_str()) {
        (StatusCode::UNAUTHORIZED, "not_signed_in") => Verdict::SignedOut,
        (StatusCode::FORBIDDEN, "denied" | "not_a_person" | "not_owner") => Verdict::Denied,
        (StatusCode::NOT_FOUND, _) if text("message") == "There is nothing at this address." => {
            Verdict::Hidden
        }
        _ => Verdict::Admitted,
    }
}

/// Accounts and tokens whose time is over, or who were sent away.
async fn nobodies(house: &House) -> Vec<Caller> {
    let mut callers = vec![Caller::new("nobody", Vec::new(), &[])];
    let none = || json!({});
    let all = || json!({ "actions": ["live", "playback", "list_cameras", "read_events"] });
    let in_an_hour = house.in_seconds(3000);
    let admin = house.browser().await;
    house.add_user(&admin, "visitor", "guest", json!({ "expires_at": in_an_hour })).await;
    let visitor = house.browser_of("visitor").await;
    let short = admin.token(all(), json!({ "expires_at": in_an_hour })).await;
    callers.push(Caller::person("an account that ended", &visitor, &[]));
    callers.push(Caller::program("a token that ended", &short.secret, &[]));
    let access = access_token(house, &short).await;
    callers.push(Caller::program("an access token that ended", &access, &[]));
    house.step_clock(3001);

    let admin = house.browser().await;
    for (name, patch) in
        [("disabled", json!({ "disabled": true })), ("demoted", json!({ "role": "guest" }))]
    {
        let id = house.add_user(&admin, name, "operator", none()).await;
        let browser = house.browser_of(name).await;
        let token = browser.token(all(), none()).await;
        let access = access_token(house, &token).await;
        let target = format!("/api/v1/users/{id}");
        let answer = admin.change(json_request(Method::PATCH, &target, &patch)).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        callers.push(Caller::person(name, &browser, &[]));
        if name == "disabled" {
            callers.push(Caller::program("token of a disabled account", &token.secret, &[]));
            callers.push(Caller::program("access token of a disabled account", &access, &[]));
        }
    }
    let id = house.add_user(&admin, "removed", "viewer", none()).await;
    let removed = house.browser_of("removed").await;
    admin.change(request(Method::DELETE, &format!("/api/v1/users/{id}"))).await;
    callers.push(Caller::person("removed", &removed, &[]));
    house.add_user(&admin, "gone", "viewer", none()).await;
    let gone = house.browser_of("gone").await;
    gone.change(request(Method::DELETE, "/api/v1/session")).await;
    callers.push(Caller::person("signed out", &gone, &[]));

    let revoked = admin.token(all(), none()).await;
    let access = access_token(house, &revoked).await;
    admin.change(request(Method::DELETE, &format!("/api/v1/tokens/{}", revoked.id))).await;
    callers.push(Caller::program("a revoked token", &revoked.secret, &[]));
    callers.push(Caller::program("access token of a revoked token", &access, &[]));
    let elsewhere = admin.token(all(), json!({ "networks": ["203.0.113.0/24"] })).await;
    callers.push(Caller::program("a token from elsewhere", &elsewhere.secret, &[]));
    let mut scope = all();
    scope["hours"] = another_day(house);
    let other_hours = admin.token(scope, none()).await;
    callers.push(Caller::program("a token at another hour", &other_hours.secret, &[]));
    for (name, secret) in [
        ("no token", "nonsense"),
        ("a guess", "hw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("unsigned", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30."),
    ] {
        callers.push(Caller::program(name, secret, &[]));
    }
    // A cookie does not make up for a token that is none.
    let mut both = Caller::person("a bad token beside a good cookie", &admin, &[]);
    both.headers.push(("authorization", "Bearer nonsense".to_owned()));
    callers.push(both);
    callers
}

/// Hours on a day that is not today in any time zone.
fn another_day(house: &House) -> serde_json::Value {
    const DAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let days = house.hub.welcome().time.as_micros() / 86_400_000_000;
    // 1970 began on a Thursday.
    let today = usize::try_from((days + 3) % 7).expect("not negative");
    json!({ "days": [DAYS[(today + 3) % 7]], "from_minute": 0, "to_minute": 1440 })
}

async fn access_token(house: &House, token: &Token) -> String {
    let body = json!({ "api_token": token.secret });
    let answer = house.send(json_request(Method::POST, "/api/v1/token", &body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

/// People of each role, and people with rules about single cameras.
async fn people(house: &House, first: &str) -> Vec<Caller> {
    let admin = house.browser().await;
    let mut callers = vec![Caller::person("admin", &admin, &[])];
    callers[0].first = None;
    callers[0].second = None;
    for (role, may) in [("operator", &OPERATOR[..]), ("viewer", &VIEWER), ("guest", &GUEST)] {
        house.add_user(&admin, role, role, json!({})).await;
        callers.push(Caller::person(role, &house.browser_of(role).await, may));
    }
    let only = json!({ "camera_access": {
        "only_listed": true, "cameras": { first: ["live"] },
    } });
    house.add_user(&admin, "only the first", "viewer", only).await;
    let mut restricted =
        Caller::person("only the first", &house.browser_of("only the first").await, &[]);
    let rest: Vec<&str> =
        VIEWER.into_iter().filter(|access| !access.starts_with("camera:")).collect();
    restricted.first = Some(rest.iter().copied().chain(["camera:live"]).collect());
    restricted.second = Some(rest);
    callers.push(restricted);
    let more = json!({ "camera_access": {
        "cameras": { first: ["live", "playback", "configure"] },
    } });
    house.add_user(&admin, "more of the first", "guest", more).await;
    let browser = house.browser_of("more of the first").await;
    let mut extended = Caller::person("more of the first", &browser, &GUEST);
    // Whoever may look at some footage may read what happened there.
    let of_both = |more: &[&'static str]| {
        Some(GUEST.iter().chain(&["house:read_events"]).chain(more).copied().collect())
    };
    extended.first = of_both(&["camera:playback", "camera:configure"]);
    extended.second = of_both(&[]);
    callers.push(extended);
    callers
}

/// Tokens of the administrator, one for each action that a route asks for, on the first camera
/// only; and an access token made from each.
async fn programs(house: &House, routes: &[Route], first: &str) -> Vec<Caller> {
    let admin = house.browser().await;
    let mut callers = Vec::new();
    let mut accesses: Vec<String> = routes.iter().map(|route| route.access.clone()).collect();
    accesses.sort();
    accesses.dedup();
    for access in accesses {
        let Some((_, action)) = access.split_once(':') else { continue };
        if ["manage_users", "manage_tokens"].contains(&action) {
            let body = json!({ "name": "x", "scope": { "actions": [action] } });
            let refused = admin.change(json_request(Method::POST, "/api/v1/tokens", &body)).await;
            assert_eq!(refused.code(), "bad_scope", "{action} is not for programs");
            continue;
        }
        let access: &'static str = access.clone().leak();
        let action = access.split_once(':').map_or("", |(_, action)| action);
        // Rules see all cameras: a token for some cannot make them.
        let cameras = if action == "manage_rules" { json!(null) } else { json!([first]) };
        let scope = json!({ "actions": [action], "cameras": cameras });
        let token = admin.token(scope, json!({})).await;
        let traded = access_token(house, &token).await;
        for (kind, secret) in [("token", &token.secret), ("access token", &traded)] {
            let mut caller = Caller::program(&format!("{kind} for {action}"), secret, &[]);
            caller.first = Some(vec![access, "signed_in"]);
            let is_camera = access.starts_with("camera:");
            caller.second =
                Some(if is_camera { vec!["signed_in"] } else { vec![access, "signed_in"] });
            callers.push(caller);
        }
    }
    let service = house.add_user(&admin, "doorbell", "service", json!({})).await;
    let scope = json!({ "actions": ["live", "playback", "list_cameras", "read_events"] });
    let token = admin.token(scope, json!({ "user": service })).await;
    let name = "a service that was granted nothing";
    callers.push(Caller::program(name, &token.secret, &["signed_in"]));
    callers
}

/// Thousands of requests at once: they are to be judged, not slowed down.
fn unhurried() -> Limits {
    let rate = Rate { interval: Duration::from_micros(1), burst: 1_000_000 };
    let rates = Rates { address: rate, sign_in: rate, account: rate, heavy: rate };
    Limits { rates, ..Limits::default() }
}

/// promise: V-01, V-02, V-03, T-05, D-23. Zero unauthorised answers: every route of the router's
/// table, called by every kind of principal, on a camera that some may see and on another one.
#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_through_to_exactly_what_they_may() {
    let house = House::with(unhurried(), Some(PASSWORD)).await;
    let routes = routes();
    assert!(routes.len() > 50, "the table was read");
    // Whoever's time has ended comes first: the clock is set ahead for them.
    let mut callers = nobodies(&house).await;
    let admin = house.browser().await;
    let (first, second) = (admin.add_camera("First").await, admin.add_camera("Second").await);
    callers.extend(people(&house, &first).await);
    callers.extend(programs(&house, &routes, &first).await);
    let (mut asked, mut wrong) = (0, Vec::new());
    for caller in &callers {
        let mut connection = Connection { house: &house, sender: None };
        for route in &routes {
            let cameras: &[&str] =
                if route.path.contains("{camera}") { &[&first, &second] } else { &[&first] };
            for camera in cameras {
                let expected = caller.expected(route, *camera == first);
                let call = (route.method.as_str(), route.path.as_str());
                if expected == Verdict::Admitted && NOT_CALLED_WHEN_ADMITTED.contains(&call) {
                    continue;
                }
                let target = example(&route.path.replace("{camera}", camera));
                let mut sent = json_request(route.method.clone(), &target, &json!({}));
                sent.headers_mut().insert("host", house.authority().parse().expect("visible"));
                for (name, value) in &caller.headers {
                    sent.headers_mut().insert(*name, value.parse().expect("visible"));
                }
                let got = connection.verdict(sent).await;
                asked += 1;
                if got != expected {
                    wrong.push(format!(
                        "{}: {} {target} ({}): {got:?} instead of {expected:?}",
                        caller.name, route.method, route.access
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 2000, "{asked} questions");
}

/// promise: T-05. Lists show what the caller may see, and nothing of the rest.
#[tokio::test(flavor = "multi_thread")]
async fn lists_and_facts_show_only_the_callers_cameras() {
    let house = House::start().await;
    let admin = house.browser().await;
    let (first, second) = (admin.add_camera("First").await, admin.add_camera("Second").await);
    let access = |actions: serde_json::Value| json!({ "camera_access": { "only_listed": true, "cameras": { &first: actions } } });
    house.add_user(&admin, "anna", "viewer", access(json!(["live", "playback"]))).await;
    house.add_user(&admin, "ben", "viewer", access(json!(["live"]))).await;
    let (anna, ben) = (house.browser_of("anna").await, house.browser_of("ben").await);
    for browser in [&anna, &ben] {
        let cameras = browser.get("/api/v1/cameras").await;
        let ids: Vec<_> = cameras.json()["cameras"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|camera| camera["id"].clone())
            .collect();
        assert_eq!(ids, [first.as_str()]);
        let facts = browser.get("/api/v1/events").await;
        assert!(!String::from_utf8_lossy(&facts.body).contains(&second));
        let of_second = browser.get(&format!("/api/v1/events?camera={second}")).await;
        assert_eq!(of_second.status, StatusCode::NOT_FOUND);
    }
    let facts = |browser: &Browser<'_>| {
        let cookie = browser.cookie.clone();
        let house = &house;
        async move {
            let mut sent = request(Method::GET, "/api/v1/events?kind=camera_added");
            sent.headers_mut().insert("cookie", cookie.parse().expect("visible"));
            house.send(sent).await.json()["events"].as_array().expect("a list").len()
        }
    };
    assert_eq!(facts(&anna).await, 1);
    assert_eq!(facts(&ben).await, 0, "who may not look at footage may not read what happened");
}

/// promise: T-05. Whoever may configure one camera may not erase its footage by removing it.
#[tokio::test(flavor = "multi_thread")]
async fn configuring_a_camera_does_not_include_removing_it() {
    let house = House::start().await;
    let admin = house.browser().await;
    let door = admin.add_camera("Door").await;
    let access = json!({ "cameras": { &door: ["live", "configure"] } });
    house.add_user(&admin, "anna", "viewer", json!({ "camera_access": access })).await;
    let anna = house.browser_of("anna").await;
    let target = format!("/api/v1/cameras/{door}");
    let patch = json_request(Method::PATCH, &target, &json!({ "name": "Front door" }));
    assert_eq!(anna.change(patch).await.status, StatusCode::OK);
    let refused = anna.change(request(Method::DELETE, &target)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "denied"));
    assert_eq!(admin.get(&target).await.status, StatusCode::OK);
}
