//! What rules do: each kind of action carried out in a house, and what could not be done said.

use hearth_auth::ask;
use hearth_hub::{
    AlarmSetup, ChannelSettings, ControlValue, Family, Hub, Mode, NewChannel, PinFor, Rule,
};
use hearth_model::{
    CameraId, CameraStatus, ChannelId, Direction, EventBody, EventKind, Point, Polygon, RecordMode,
    RuleId, Severity, Zone, ZoneId,
};
use hearth_rules::{
    Outcome,
    alarm::{AlarmState, ModeChange, ModeSettings, Reaction, Sensor, Watch},
};
use hearth_sim::{
    Broker, HookReceiver,
    tapo::{PlugLogin, TapoPlug, TapoPlugSpec},
};
use serde_json::{Value, json};

use crate::{
    devices::{self, new_device},
    home::{Home, SECOND, seconds_between},
    notifications::{Told, managing},
    watching::{
        add_as, allowed, busy_camera, described, fact, house, new_camera, poll, status,
        still_camera, until, until_live, until_recorded,
    },
};

fn rule(when: &Value, then: &Value) -> Rule {
    let json = json!({
        "version": 1, "name": "Zanzibar lantern", "is_on": true, "when": when, "then": then,
    });
    Rule::from_json(json.to_string().as_bytes()).expect("a rule")
}

/// A rule that runs once somebody who is at home arms the house.
fn at_home(then: &Value) -> Rule {
    rule(&json!({ "mode": { "is": ["home"] } }), then)
}

async fn put(hub: &Hub, rule: Rule) -> RuleId {
    hub.add_rule(&allowed(hub), rule).await.expect("a good rule").id
}

async fn arm_home(hub: &Hub) {
    hub.arm(&allowed::<ask::Arm>(hub), Mode::Home, true).await.expect("armed");
}

/// What came of each action of a rule's only run: nothing, or why it was not done.
async fn outcomes(hub: &Hub, id: RuleId) -> Vec<Option<String>> {
    let ran = |body: &EventBody| matches!(body, EventBody::RuleRan { rule, .. } if *rule == id);
    fact(hub, "the rule ran", ran).await;
    let runs = hub.rule_runs(&allowed(hub), Some(id), None, 10).await.expect("read");
    assert_eq!(runs.len(), 1, "{runs:?}");
    let outcome = |outcome: &Outcome| match outcome {
        Outcome::Done(_) => None,
        Outcome::Failed { reason, .. } => Some(reason.clone()),
        other => panic!("{other:?}"),
    };
    runs[0].run.actions.iter().map(|entry| outcome(&entry.outcome)).collect()
}

pub(crate) async fn channel(
    hub: &Hub,
    settings: ChannelSettings,
    secret: &str,
    pin: &str,
) -> ChannelId {
    let new = NewChannel {
        name: format!("Channel {pin:.6}"),
        enabled: true,
        settings,
        secret: Some(secret.into()),
        private_network: true,
        certificate: Some(pin.parse().expect("a fingerprint")),
    };
    hub.add_channel(&managing(hub), new).await.expect("added").id
}

/// A rule tells a person, calls a program and publishes at a broker; a channel that cannot do what
/// is asked says so, and the others are used all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_tells_calls_and_publishes() {
    let told = Told::new().await;
    let hub = &told.hub;
    let ben = told.add_chat("Ben", "1").await;
    let (hook, broker) =
        (HookReceiver::start().await.expect("started"), Broker::start().await.expect("started"));
    let settings = ChannelSettings::Webhook { url: hook.url() };
    let called = channel(hub, settings, hook.secret(), &hook.certificate_sha256()).await;
    let (user, password) = broker.account();
    let settings = ChannelSettings::Mqtt {
        host: "127.0.0.1".to_owned(),
        port: broker.port(),
        username: Some(user.to_owned()),
    };
    let published = channel(hub, settings, password, &broker.certificate_sha256()).await;
    let then = json!([
        { "notify": { "to": [ben], "severity": "warning", "text": "Somebody is at home" } },
        { "webhook": { "channel": called } },
        { "mqtt": { "channel": published, "topic": "house/mode", "payload": "home" } },
        { "mqtt": { "channel": told.channel, "topic": "house/mode", "payload": "home" } },
    ]);
    let id = put(hub, at_home(&then)).await;
    arm_home(hub).await;
    let no_broker = Some("The channel is no broker.".to_owned());
    assert_eq!(outcomes(hub, id).await, [None, None, None, no_broker]);
    let message = told.api.wait_for(1).await.remove(0);
    assert!(message.text.contains("Somebody is at home"), "{message:?}");
    assert_eq!(hook.wait_for(1).await[0].body["title"], "Zanzibar lantern");
    let heard = broker.wait_for(1).await.remove(0);
    assert_eq!((heard.topic.as_str(), heard.payload.as_slice()), ("house/mode", &b"home"[..]));
    told.hub.shutdown().await;
}

/// Where something happened its footage is kept; the house is armed, closed for a minute and open
/// again; what is loud sounds for as long as it is to.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_keeps_a_clip_sounds_closes_and_arms() {
    let (home, spec) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let plug = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "Pl4nted-device-secret");
    let plug = TapoPlug::start(plug).await.expect("it starts");
    let siren = devices::add(&hub, new_device("Siren", Family::TapoPlug, plug.port())).await.id;
    let off = ControlValue::Switch(false);
    hub.set_control(allowed(&hub), siren, "power", off).await.expect("set");
    let sensor = Sensor::Device(siren);
    let watch = Watch { sensor, reaction: Reaction::Instant, labels: Vec::new() };
    let night = ModeSettings { watches: vec![watch], ..ModeSettings::default() };
    let mut setup = AlarmSetup::default();
    setup.settings.modes = [(Mode::Night, night)].into();
    hub.set_alarm_setup(&allowed(&hub), setup).await.expect("set up");
    let then = json!([
        { "hold_clip": { "before_seconds": 10, "after_seconds": 20, "days": 30 } },
        { "siren": { "seconds": 30 } },
        { "set": { "device": siren, "control": "power", "value": true } },
        { "arm": { "mode": "night" } },
        { "privacy": { "on": true, "for_seconds": 60 } },
        { "log": {} },
    ]);
    let added = json!({ "happens": { "kinds": ["camera_added"] } });
    let id = put(&hub, rule(&added, &then)).await;
    let camera = add_as(&hub, new_camera(&described(&spec, "door"), RecordMode::Off)).await;
    let silent = Some("There is no siren.".to_owned());
    assert_eq!(outcomes(&hub, id).await, [None, silent, None, None, None, None]);
    let hold = hub.holds(allowed(&hub)).await.expect("read").remove(0);
    assert_eq!(hold.camera, camera);
    assert!((seconds_between(hold.from, hold.to) - 30.0).abs() < 0.1, "{hold:?}");
    assert!(hold.reason.contains("Zanzibar lantern"), "{hold:?}");
    assert!(plug.is_on());
    let armed = AlarmState::Armed { mode: Mode::Night };
    assert_eq!(hub.alarm(&allowed(&hub)).await.state, armed);
    assert!(hub.privacy(&allowed(&hub)).is_on);
    home.step_clock(61 * SECOND);
    poll("the house is open", async || (!hub.privacy(&allowed(&hub)).is_on).then_some(())).await;
    hub.shutdown().await;
}

/// A camera that records only what matters records because a rule says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_records() {
    let (home, spec) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let camera = add_as(&hub, new_camera(&described(&spec, "door"), RecordMode::Event)).await;
    // Its schedule is looked at once a second.
    let set = |status: &CameraStatus| status.record_mode == RecordMode::Event;
    until(&hub, camera, "its schedule is in force", set).await;
    until_live(&hub, camera).await;
    assert_eq!(status(&hub, camera).await.recorded_seconds, 0.0);
    let then = json!([{ "record": { "cameras": [camera], "seconds": 30 } }]);
    let id = put(&hub, at_home(&then)).await;
    arm_home(&hub).await;
    assert_eq!(outcomes(&hub, id).await, [None]);
    until_recorded(&hub, camera, 1.0).await;
    hub.shutdown().await;
}

/// What a camera sees makes rules run that are about it, and no others.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_runs_on_what_its_camera_sees() {
    let (home, spec) = (Home::with_eyes(), house(vec![busy_camera("door")]).await);
    let hub = home.start().await;
    let mut new = new_camera(&described(&spec, "door"), RecordMode::Off);
    new.settings.detection.always_decode = true;
    let camera = add_as(&hub, new).await;
    let seen = |cameras: Vec<CameraId>, label: &str| {
        let seen = json!({ "kinds": ["activity_noticed"], "cameras": cameras, "labels": [label] });
        rule(&json!({ "happens": seen }), &json!([{ "log": {} }]))
    };
    let car = put(&hub, seen(vec![camera], "car")).await;
    let moves = put(&hub, seen(vec![camera], "motion")).await;
    let runs = poll("it ran", async || {
        let runs = hub.rule_runs(&allowed(&hub), Some(moves), None, 10).await.expect("read");
        (!runs.is_empty()).then_some(runs)
    })
    .await;
    let cause = runs[0].run.because[0].event.expect("a fact");
    let cause = fact(&hub, "its cause", |body| {
        body.kind() == EventKind::ActivityNoticed && body.camera() == Some(camera)
    })
    .await
    .id == cause;
    assert!(cause, "{runs:?}");
    let none = hub.rule_runs(&allowed(&hub), Some(car), None, 10).await.expect("read");
    assert_eq!(none.len(), 0, "nobody saw a car");
    hub.shutdown().await;
}

/// Everything from there to the right edge of the picture.
fn zone(from: f32) -> Zone {
    let corners = [(from, 0.0), (1.0, 0.0), (1.0, 1.0), (from, 1.0)];
    let corners = corners.map(|(x, y)| Point { x, y }).to_vec();
    let outline = Polygon::new(corners).expect("valid");
    Zone { id: ZoneId::new(), name: "somewhere".to_owned(), outline }
}

/// Somebody goes from the left to the right: rules run when that is known, when a zone is reached that
/// lies on the way, and once for each who comes, however much becomes known.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_runs_on_where_somebody_goes() {
    let (home, spec) = (Home::with_eyes(), house(vec![busy_camera("door")]).await);
    let hub = home.start().await;
    let (all, far) = (zone(0.0), zone(0.6));
    let mut new = new_camera(&described(&spec, "door"), RecordMode::Off);
    new.settings.detection.always_decode = true;
    new.settings.detection.zones = vec![all.clone(), far.clone()];
    add_as(&hub, new).await;
    let seen = |more: Value| {
        let mut seen = json!({ "kinds": ["activity_noticed", "activity_recognized"] });
        seen.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        rule(&json!({ "happens": seen }), &json!([{ "log": {} }]))
    };
    let anyone = put(&hub, seen(json!({}))).await;
    let left = put(&hub, seen(json!({ "direction": "left" }))).await;
    let right = put(&hub, seen(json!({ "direction": "right" }))).await;
    let there = put(&hub, seen(json!({ "zones": [far.id] }))).await;
    let causes = async |id| {
        let mut causes = Vec::new();
        for run in hub.rule_runs(&allowed(&hub), Some(id), None, 50).await.expect("read") {
            let cause = run.run.because[0].event.expect("a fact");
            causes.push(hub.event(allowed(&hub), cause).await.expect("there").detail.body);
        }
        causes
    };
    for rule in [right, there] {
        let told =
            poll("it ran", async || Some(causes(rule).await).filter(|causes| !causes.is_empty()))
                .await;
        let EventBody::ActivityRecognized { directions, zones, .. } = &told[0] else {
            panic!("{told:?}");
        };
        assert!(rule != right || directions.contains(&Direction::Right), "{told:?}");
        assert!(rule != there || zones.contains(&far.id), "{told:?}");
    }
    assert_eq!(causes(left).await, []);
    let came = causes(anyone).await;
    let is_begin = |body: &EventBody| body.kind() == EventKind::ActivityNoticed;
    assert!(!came.is_empty() && came.iter().all(is_begin), "{came:?}");
    hub.shutdown().await;
}

/// The plan of the week arms the house, and the audit log says that it did.
#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_arms_the_house() {
    let home = Home::new();
    let hub = home.start().await;
    let soon = hub.welcome().time.plus_micros(120 * SECOND).to_string();
    let at = soon[11..16].parse().expect("a time of day");
    let mut setup = AlarmSetup::default();
    setup.settings.schedule = vec![ModeChange { at, days: Vec::new(), mode: Mode::Night }];
    hub.set_alarm_setup(&allowed(&hub), setup).await.expect("set up");
    assert_eq!(hub.alarm(&allowed(&hub)).await.state, AlarmState::Disarmed);
    home.step_clock(121 * SECOND);
    let told = fact(
        &hub,
        "it is armed",
        |body| matches!(body, EventBody::AlarmChanged { change, .. } if change == "armed"),
    )
    .await;
    assert!(
        matches!(&told.detail.body, EventBody::AlarmChanged { by, mode, .. } if by == "the schedule" && mode == "night"),
        "{told:?}"
    );
    hub.shutdown().await;
}

/// promise: V-13. When it goes off those who want to know are told at once, and that it is over as well.
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_told() {
    use hearth_hub::{MatterKind, NewRecipient, PersonName, Subscribed};

    let told = Told::new().await;
    let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
    let matters = [MatterKind::Alarm, MatterKind::Arming].map(of).to_vec();
    let ben = crate::notifications::recipient("Ben", told.channel, Some("1"));
    told.add(NewRecipient { matters, ..ben }).await;
    let grant = allowed::<ask::Arm>(&told.hub);
    let holder = PersonName::new("Anna").expect("a name");
    let pins = told.hub.set_alarm_pin(&allowed(&told.hub), holder, "2580".into(), None).await;
    pins.expect("kept");
    told.hub.panic(&grant, false).await.expect("called");
    let loud = told.api.wait_for(1).await.remove(0);
    assert!(loud.text.contains("ALARM") && !loud.is_quiet, "{loud:?}");
    told.hub.enter_pin(&grant, "2580".into(), PinFor::Disarm).await.expect("disarmed");
    let over = told.api.wait_for(2).await.remove(1);
    assert!(over.text.contains("The house is disarmed") && over.text.contains("Anna"), "{over:?}");
    told.hub.shutdown().await;
}
