//! The whole story of an alarm as an assistant lives through it, with a sensor of the machine.

use std::sync::Arc;

use hearth_auth::{HouseAction, HouseGrant, Principal};
use hearth_hub::{DeliveryQuery, EventQuery, EventView, IncidentQuery};
use hearth_model::{EventBody, EventKind};
use hearth_sim::{HookReceiver, SimulatedBoard, tapo::TapoPlug};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    assistant::{Assistant, answer, code, facts},
    assistant_walk::read,
    device,
    house::{Browser, House, Setup, json as json_request},
};

const PIN: &str = "739105826417";

/// Time to leave and to disarm, in seconds.
const EXIT_SECONDS: i64 = 60;
const ENTRY_SECONDS: i64 = 30;

/// A hall with a detector of movement, a siren, and somebody who is told.
struct Hall {
    house: House,
    board: Arc<SimulatedBoard>,
    siren: TapoPlug,
    hook: HookReceiver,
    _sensors: TempDir,
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

impl Hall {
    async fn new() -> Self {
        let sensors = TempDir::new().expect("a folder");
        let board = Arc::new(SimulatedBoard::new(sensors.path()));
        let setup = Setup { board: Some(Arc::clone(&board)), ..Setup::default() };
        let house = House::built(setup).await;
        let siren = device::plug().await;
        let hook = HookReceiver::start().await.expect("started");
        Self { house, board, siren, hook, _sensors: sensors }
    }

    /// Sets up what an alarm watches, sounds and tells; gives the id of who is told.
    async fn furnish(&self, admin: &Browser<'_>) -> Value {
        let detector = json!({
            "name": "Detector", "room": "Hall", "family": "gpio_motion",
            "address": "gpiochip0/17,low,up",
        });
        let detector = made(admin, "/devices", &detector).await;
        let siren = device::new_plug(&self.siren, "Siren");
        let siren = device::added(admin, &siren).await["id"].clone();
        let power = format!("/devices/{}/controls/power", siren.as_str().expect("an id"));
        put(admin, &power, &json!({ "value": false })).await;
        let watch = json!({ "sensor": { "device": detector }, "reaction": "delayed" });
        let mut setup = admin.get("/api/v1/alarm/setup").await.json();
        setup["sirens"] = json!([siren]);
        setup["settings"]["modes"] = json!({ "away": {
            "exit_seconds": EXIT_SECONDS, "entry_seconds": ENTRY_SECONDS, "watches": [watch],
        } });
        put(admin, "/alarm/setup", &setup).await;
        put(admin, "/alarm/pins", &json!({ "holder": "Anna", "pin": PIN })).await;
        let channel = json!({
            "name": "Hook", "settings": { "kind": "webhook", "url": self.hook.url() },
            "secret": self.hook.secret(), "private_network": true,
            "certificate_sha256": self.hook.certificate_sha256(),
        });
        let channel = made(admin, "/notifications/channels", &channel).await;
        let matters = ["alarm", "arming"].map(|kind| json!({ "kind": kind, "severity": "info" }));
        let recipient = json!({ "name": "Neighbour", "channel": channel, "matters": matters });
        made(admin, "/notifications/recipients", &recipient).await
    }

    /// What the hub's owner may ask of the hub itself: an assistant that asks again and again is
    /// slowed down.
    fn owner<A: HouseAction>(&self) -> HouseGrant<A> {
        self.house.hub().policy().house(&Principal::Owner).expect("the owner may")
    }

    /// Waits until the alarm is so.
    async fn until(&self, state: &str) {
        let hub = self.house.hub();
        poll(async || {
            let view = serde_json::to_value(hub.alarm(&self.owner()).await).expect("JSON");
            (view["state"] == state).then_some(())
        })
        .await;
    }

    /// Waits until so many messages were taken.
    async fn until_sent(&self, count: usize) {
        let hub = self.house.hub();
        poll(async || {
            let state = Some("sent".to_owned());
            let sent = DeliveryQuery { state, ..DeliveryQuery::default() };
            let sent = hub.deliveries(&self.owner(), sent).await.expect("read").deliveries;
            (sent.len() == count).then_some(())
        })
        .await;
    }

    /// Waits until an incident says what the detector noticed.
    async fn until_noticed(&self) {
        let hub = self.house.hub();
        poll(async || {
            let open = hub.incidents(&self.owner(), &IncidentQuery::default());
            let mut noticed = open.iter().flat_map(|one| &one.evidence);
            noticed.any(|one| one.text.starts_with("Detector")).then_some(())
        })
        .await;
    }

    /// Waits until it is written down that the alarm changed so.
    async fn until_written(&self, wanted: &str) {
        let hub = self.house.hub();
        poll(async || {
            let kinds = vec![EventKind::AlarmChanged];
            let query = EventQuery { kinds, ..EventQuery::default() };
            let page = hub.events(self.owner(), query).await.expect("read");
            let is_it = |event: &EventView| {
                matches!(&event.detail.body, EventBody::AlarmChanged { change, .. } if change == wanted)
            };
            page.events.iter().any(is_it).then_some(())
        })
        .await;
    }

    async fn until_siren(&self, is_on: bool) {
        poll(async || (self.siren.is_on() == is_on).then_some(())).await;
    }
}

/// Asks again and again until there is an answer; the test's own limit ends it otherwise.
async fn poll<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

/// promise: T-13, V-13, V-17. An assistant arms after a person's yes; somebody comes in, has time,
/// does not disarm; it sounds and is told; what happened, why, and who was told is there to be asked;
/// a wrong PIN ends nothing, a person's does, and no PIN is written down.
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_armed_goes_off_is_told_and_ends_by_a_pin() {
    let hall = Hall::new().await;
    let admin = hall.house.browser().await;
    let neighbour = hall.furnish(&admin).await;
    let actions = ["arm", "read_devices", "read_events", "read_incidents", "manage_incidents"];
    let token = admin.token(json!({ "actions": actions }), json!({})).await;
    let assistant = Assistant::begin(&hall.house, &token).await;
    let shown = async || read(&assistant.call("alarm_show", json!({})).await);

    let arm = json!({ "mode": "away", "confirm": true });
    let (armed, asked) = tokio::join!(assistant.call("alarm_arm", arm), answer(&admin, "once"));
    assert_eq!(
        (&asked["tool"], &asked["arguments"]["mode"]),
        (&json!("alarm_arm"), &json!("away"))
    );
    assert_eq!(
        (&facts(&armed)["state"], &facts(&armed)["mode"]),
        (&json!("arming"), &json!("away"))
    );
    hall.house.step_clock(EXIT_SECONDS + 1);
    hall.until("armed").await;
    assert_eq!(shown().await["state"], "armed");

    hall.board.button.switch(true, 1);
    hall.until("entering").await;
    let entering = shown().await;
    assert_eq!(entering["state"], "entering");
    assert!(entering["until"].is_string() && !hall.siren.is_on(), "there is time: {entering}");
    hall.house.step_clock(ENTRY_SECONDS + 1);
    hall.until("triggered").await;
    hall.until_siren(true).await;
    let triggered = shown().await;
    assert_eq!(
        (&triggered["state"], &triggered["is_acknowledged"]),
        (&json!("triggered"), &json!(false))
    );

    hall.until_sent(2).await;
    let told = read(&assistant.call("notification_list", json!({})).await);
    let told = told["deliveries"].as_array().expect("a list");
    let (alarm, arming) = (&told[0], &told[1]);
    assert_eq!((&alarm["kind"], &alarm["severity"]), (&json!("alarm"), &json!("critical")));
    assert_eq!(arming["kind"], "arming");
    for one in [alarm, arming] {
        assert_eq!((&one["recipient"], &one["state"]), (&neighbour, &json!("sent")), "{one}");
        assert_eq!(one["recipient_name"], "Neighbour");
    }
    assert_eq!(hall.hook.wait_for(2).await[1].body["title"], "ALARM");
    hall.until_noticed().await;
    let open = read(&assistant.call("incident_list", json!({ "state": "open" })).await);
    let incident = open["incidents"][0].clone();
    assert!(incident["evidence"].to_string().contains("Detector"), "{incident}");
    assert_eq!(incident["title"], "The alarm went off");
    let one = json!({ "incident": incident["id"] });
    let again = read(&assistant.call("incident_show", one.clone()).await);
    assert_eq!((&again["id"], &again["severity"]), (&incident["id"], &json!("critical")));
    let none = read(&assistant.call("notification_list", one).await);
    assert_eq!(none["deliveries"], json!([]), "nobody asked to be told of incidents");

    let pin = |pin: &str| json!({ "pin": pin, "confirm": true });
    let guess = assistant.call("alarm_disarm", pin("951327048639"));
    let (wrong, asked) = tokio::join!(guess, answer(&admin, "hour"));
    assert_eq!((code(&wrong), &asked["arguments"]["pin"]), ("pin_wrong", &json!("(not shown)")));
    assert_eq!(shown().await["state"], "triggered");
    let over = assistant.call("alarm_disarm", pin(PIN)).await;
    assert_eq!(facts(&over)["state"], "disarmed");
    hall.until_siren(false).await;

    hall.until_written("disarmed").await;
    let found = json!({ "kinds": ["alarm_changed"] });
    let found = read(&assistant.call("event_search", found).await);
    let found = found["events"].as_array().expect("a list");
    let changes: Vec<&Value> = found.iter().rev().map(|row| &row["detail"]["change"]).collect();
    let story = ["arming", "armed", "entry_delay", "triggered", "siren_on", "pin_refused"];
    assert_eq!(changes[..6], story, "{changes:?}");
    assert!(changes[6..].contains(&&json!("disarmed")), "{changes:?}");
    let log = admin.get("/api/v1/audit?limit=500").await.json().to_string();
    assert!(log.contains("mcp_alarm_disarm") && log.contains("alarm_triggered"), "{log}");
    assert!(!log.contains(&format!("\"{PIN}\"")), "{log}");
}
