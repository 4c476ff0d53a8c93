//! The alarm of the house: from arming to a siren and back, over a restart, by PIN, under duress.

use std::sync::Arc;

use hearth_auth::ask;
use hearth_hub::{
    AlarmSetup, AuditQuery, ControlValue, Family, Hub, IncidentQuery, IncidentState, MatterKind,
    Mode, NewRecipient, PersonName, PinFor, PresenceSettings, PresenceWelcome, Subscribed,
    WhenEmpty,
};
use hearth_model::{DeviceId, EventBody, Severity};
use hearth_rules::alarm::{AlarmState, ModeSettings, Reaction, Sensor, Watch};
use hearth_secret::SecretString;
use hearth_sim::{
    OnvifDevice, OnvifEvent, OnvifSpec, SimulatedBoard,
    tapo::{PlugLogin, TapoPlug, TapoPlugSpec},
};

use crate::{
    devices::{self, new_device},
    home::{HOUR, Home, SECOND},
    notices::device,
    notifications::{Told, recipient, settling},
    watching::{allowed, fact, facts, poll},
};

/// A hall with a detector of movement, and a plug with a siren on it.
struct Hall {
    home: Home,
    hub: Hub,
    board: Arc<SimulatedBoard>,
    siren: TapoPlug,
    detector: DeviceId,
}

impl Hall {
    async fn new() -> Self {
        let home = Home::new();
        let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "Pl4nted-device-secret");
        let siren = TapoPlug::start(spec).await.expect("it starts");
        let (hub, board) = home.start_with_board().await;
        let plug = devices::add(&hub, new_device("Siren", Family::TapoPlug, siren.port())).await;
        let off = ControlValue::Switch(false);
        hub.set_control(allowed(&hub), plug.id, "power", off).await.expect("set");
        let detector = device("Hall", Family::GpioMotion, "gpiochip0/17,low,up");
        let detector = devices::add(&hub, detector).await.id;
        let sensor = Sensor::Device(detector);
        let watch = Watch { sensor, reaction: Reaction::Delayed, labels: Vec::new() };
        let mode = |exit_seconds| ModeSettings {
            exit_seconds,
            entry_seconds: 30,
            watches: vec![watch.clone()],
        };
        let mut setup = AlarmSetup { sirens: vec![plug.id], ..AlarmSetup::default() };
        setup.settings.modes = [(Mode::Away, mode(60)), (Mode::Night, mode(0))].into();
        hub.set_alarm_setup(&allowed(&hub), setup).await.expect("set up");
        Self { home, hub, board, siren, detector }
    }

    async fn set_pin(&self, pin: &str, duress: Option<&str>) {
        let holder = PersonName::new("Anna").expect("a name");
        let duress = duress.map(SecretString::from);
        let pins = self.hub.set_alarm_pin(&allowed(&self.hub), holder, pin.into(), duress).await;
        assert_eq!(pins.expect("kept").len(), 1);
    }

    async fn enter(&self, pin: &str) -> Result<AlarmState, &'static str> {
        let grant = allowed::<ask::Arm>(&self.hub);
        let entered = self.hub.enter_pin(&grant, pin.into(), PinFor::Disarm).await;
        entered.map(|view| view.state).map_err(|error| error.code)
    }

    fn moves(&self) {
        self.board.button.switch(true, 1);
    }

    /// Restarts the hub on the same data.
    async fn restart(self) -> Self {
        let Self { home, hub, board, siren, detector } = self;
        hub.shutdown().await;
        drop(hub);
        let hub = poll("the hub before lets go", async || {
            let mut config = home.config();
            config.board = Some(Arc::clone(&board) as _);
            Hub::start(config).await.ok()
        })
        .await;
        Self { home, hub, board, siren, detector }
    }
}

async fn state(hub: &Hub) -> AlarmState {
    hub.alarm(&allowed(hub)).await.state
}

async fn until(hub: &Hub, what: &str, fits: impl Fn(&AlarmState) -> bool) -> AlarmState {
    poll(what, async || Some(state(hub).await).filter(&fits)).await
}

fn changes(facts: &[EventBody]) -> Vec<&str> {
    let changes = facts.iter().filter_map(|body| match body {
        EventBody::AlarmChanged { change, .. } => Some(change.as_str()),
        _ => None,
    });
    changes.collect()
}

/// promise: V-17. Somebody leaves, somebody comes in who does not disarm, it sounds, and the right
/// PIN ends it; every step is told and recorded.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_in_and_does_not_disarm_sets_it_off() {
    let hall = Hall::new().await;
    hall.set_pin("2580", None).await;
    let hub = &hall.hub;
    let grant = allowed::<ask::Arm>(hub);
    let armed = hub.arm(&grant, Mode::Away, false).await.expect("everything is ready");
    assert!(matches!(armed.state, AlarmState::Arming { mode: Mode::Away, .. }), "{armed:?}");
    hall.home.step_clock(61 * SECOND);
    until(hub, "armed", |state| *state == AlarmState::Armed { mode: Mode::Away }).await;
    hall.moves();
    until(hub, "time to disarm", |state| matches!(state, AlarmState::Entering { .. })).await;
    assert!(!hall.siren.is_on(), "whoever lives here has time");
    hall.home.step_clock(31 * SECOND);
    until(hub, "it went off", |state| matches!(state, AlarmState::Triggered { .. })).await;
    poll("the siren sounds", async || hall.siren.is_on().then_some(())).await;
    let open = poll("an incident with what the detector noticed", async || {
        let query = IncidentQuery { state: Some(IncidentState::Open), ..IncidentQuery::default() };
        let open = hub.incidents(&allowed(hub), &query).into_iter().next()?;
        open.evidence.iter().any(|one| one.text.starts_with("Hall")).then_some(open)
    })
    .await;
    assert_eq!((open.severity, open.title.as_str()), (Severity::Critical, "The alarm went off"));
    assert_eq!(hall.enter("2581").await, Err("pin_wrong"));
    let refused = hub.arm(&grant, Mode::Night, true).await.expect_err("it goes on");
    assert_eq!(refused.code, "alarm_under_way");
    assert_eq!(hall.enter("2580").await, Ok(AlarmState::Disarmed));
    poll("the siren is silent", async || (!hall.siren.is_on()).then_some(())).await;
    fact(hub, "it is told", |body| {
        matches!(body, EventBody::AlarmChanged { change, by, .. } if change == "disarmed" && by == "Anna")
    })
    .await;
    let facts = facts(hub).await;
    let told = ["arming", "armed", "entry_delay", "triggered", "siren_on", "pin_refused"];
    assert_eq!(changes(&facts)[..6], told, "{facts:?}");
    let page = hub.audit_page(allowed(hub), AuditQuery::default(), 500).await.expect("a page");
    let page = serde_json::to_string(&page).expect("JSON");
    for action in ["alarm_armed", "alarm_triggered", "alarm_pin_refused", "alarm_disarmed"] {
        assert!(page.contains(action), "{action} is not in the audit log");
    }
    assert!(!says(&page, "2580") && !says(&page, "2581"), "no PIN is written down");
    hub.shutdown().await;
}

/// A house that was armed is armed after a restart, and a siren that was to be silent meanwhile
/// falls silent.
#[tokio::test(flavor = "multi_thread")]
async fn it_stays_armed_over_a_restart() {
    let hall = Hall::new().await;
    hall.hub.arm(&allowed(&hall.hub), Mode::Night, false).await.expect("armed");
    let hall = hall.restart().await;
    assert_eq!(state(&hall.hub).await, AlarmState::Armed { mode: Mode::Night });
    devices::until_state(&hall.hub, hall.detector, "answering").await;
    hall.moves();
    until(&hall.hub, "time to disarm", |state| matches!(state, AlarmState::Entering { .. })).await;
    hall.home.step_clock(31 * SECOND);
    poll("the siren sounds", async || hall.siren.is_on().then_some(())).await;
    hall.hub.shutdown().await;
    hall.home.step_clock(HOUR);
    let hall = hall.restart().await;
    let state = until(&hall.hub, "an alarm still", |state| {
        matches!(state, AlarmState::Triggered { siren_until: None, .. })
    })
    .await;
    assert!(matches!(state, AlarmState::Triggered { mode: Mode::Night, .. }));
    poll("the siren is silent", async || (!hall.siren.is_on()).then_some(())).await;
    hall.hub.shutdown().await;
}

/// Somebody tampers with a camera: it is told while the house is open, and sets it off while it is armed.
#[tokio::test(flavor = "multi_thread")]
async fn tampering_is_told_and_sets_off_an_armed_house() {
    let hall = Hall::new().await;
    hall.set_pin("2580", None).await;
    let hub = &hall.hub;
    let spec = OnvifSpec { encrypted: true, ..OnvifSpec::new("gate") };
    let gate = OnvifDevice::start(spec.clone()).await.expect("it starts");
    let address = gate.url().split_once("://").expect("a scheme").1.to_owned();
    let mut new = device("Gate", Family::Onvif, &address);
    new.account = Some((spec.username, spec.password.as_str().into()));
    devices::add(hub, new).await;
    poll("a subscription", async || (gate.subscriptions() == 1).then_some(())).await;
    let covers = |active: bool| {
        gate.notice(OnvifEvent::Other {
            topic: "tns1:RuleEngine/TamperDetector/Tamper".to_owned(),
            name: "IsTamper".to_owned(),
            value: active.to_string(),
        });
    };
    covers(true);
    let told = fact(
        hub,
        "it is told",
        |body| matches!(body, EventBody::AlarmChanged { change, .. } if change == "tampered"),
    )
    .await;
    assert_eq!(told.severity, Severity::Critical);
    assert_eq!(state(hub).await, AlarmState::Disarmed);
    assert!(!hall.siren.is_on(), "whoever is at home is told, not deafened");

    covers(false);
    hub.arm(&allowed(hub), Mode::Night, false).await.expect("everything is ready");
    until(hub, "armed", |state| *state == AlarmState::Armed { mode: Mode::Night }).await;
    poll("it went off", async || {
        // Closer together than a second they are one.
        covers(true);
        matches!(state(hub).await, AlarmState::Triggered { .. }).then_some(())
    })
    .await;
    poll("the siren sounds", async || hall.siren.is_on().then_some(())).await;
    let page = hub.audit_page(allowed(hub), AuditQuery::default(), 500).await.expect("a page");
    assert!(serde_json::to_string(&page).expect("JSON").contains("alarm_tampered"));
    assert_eq!(hall.enter("2580").await, Ok(AlarmState::Disarmed));
    hub.shutdown().await;
}

/// What is not ready keeps the house from being armed, unless somebody says so.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ready_is_said() {
    let hall = Hall::new().await;
    let grant = allowed::<ask::Arm>(&hall.hub);
    hall.hub.remove_device(allowed(&hall.hub), hall.detector).await.expect("removed");
    let refused = hall.hub.arm(&grant, Mode::Night, false).await.expect_err("not ready");
    assert_eq!(refused.code, "not_ready");
    assert!(refused.fault.message.contains("a device that was removed"), "{refused:?}");
    assert_eq!(state(&hall.hub).await, AlarmState::Disarmed);
    let none = hall.hub.arm(&grant, Mode::Vacation, true).await.expect_err("not of this house");
    assert_eq!(none.code, "no_such_mode");
    let armed = hall.hub.arm(&grant, Mode::Night, true).await.expect("anyway");
    assert_eq!(armed.state, AlarmState::Armed { mode: Mode::Night });
    hall.hub.shutdown().await;
}

/// Whoever tries PINs is stopped, also the one who finds the right one too late.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_tries_pins_is_stopped() {
    let hall = Hall::new().await;
    hall.set_pin("2580", None).await;
    hall.hub.arm(&allowed(&hall.hub), Mode::Night, false).await.expect("armed");
    for guess in ["1111", "2222", "3333", "4444"] {
        assert_eq!(hall.enter(guess).await, Err("pin_wrong"));
    }
    assert_eq!(hall.enter("5555").await, Err("pin_locked"));
    assert_eq!(hall.enter("2580").await, Err("pin_locked"), "the right one as well");
    let locked = hall.restart().await;
    assert_eq!(locked.enter("2580").await, Err("pin_locked"), "a restart opens nothing");
    locked.home.step_clock(61 * SECOND);
    assert_eq!(locked.enter("2580").await, Ok(AlarmState::Disarmed));
    locked.hub.shutdown().await;
}

/// Somebody is forced to disarm: everything in the house looks as always.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_duress_shows_nowhere_in_the_house() {
    let hall = Hall::new().await;
    hall.set_pin("2580", Some("8520")).await;
    hall.hub.arm(&allowed(&hall.hub), Mode::Night, false).await.expect("armed");
    assert_eq!(hall.enter("8520").await, Ok(AlarmState::Disarmed));
    fact(
        &hall.hub,
        "it is told",
        |body| matches!(body, EventBody::AlarmChanged { change, .. } if change == "disarmed"),
    )
    .await;
    let page = async |hub: &Hub| {
        let page = hub.audit_page(allowed(hub), AuditQuery::default(), 500).await.expect("a page");
        serde_json::to_string(&page).expect("JSON")
    };
    let traces = ["silent", "duress"];
    let facts = format!("{:?}", facts(&hall.hub).await);
    let audit = page(&hall.hub).await;
    for trace in traces {
        assert!(!facts.contains(trace), "{facts}");
        assert!(!audit.contains(trace), "{audit}");
    }
    // A day later, when nobody stands beside anybody any more, it is recorded.
    let hall = hall.restart().await;
    hall.home.step_clock(25 * HOUR);
    poll("it is recorded", async || {
        page(&hall.hub).await.contains("alarm_called_silently").then_some(())
    })
    .await;
    hall.hub.shutdown().await;
}

/// promise: V-13. A call under duress reaches those outside, at any hour; the list of what was told,
/// which can be read in the house, does not show it. What may be known is told as always.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_duress_reaches_those_outside() {
    let told = Told::new().await;
    let kinds = [MatterKind::Duress, MatterKind::Arming];
    let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
    let neighbour = recipient("Neighbour", told.channel, Some("77"));
    told.add(NewRecipient { matters: kinds.map(of).to_vec(), ..neighbour }).await;
    let holder = PersonName::new("Anna").expect("a name");
    let duress = Some("8520".into());
    let grant = allowed(&told.hub);
    told.hub.set_alarm_pin(&grant, holder, "2580".into(), duress).await.expect("kept");
    let arming = allowed::<ask::Arm>(&told.hub);
    told.hub.arm(&arming, Mode::Night, true).await.expect("armed");
    told.hub.enter_pin(&arming, "8520".into(), PinFor::Disarm).await.expect("disarmed");
    let messages = told.api.wait_for(3).await;
    assert!(messages.iter().any(|one| one.chat == "77" && one.text.contains("needs help")));
    told.until_sent(2).await;
    let listed = told.deliveries().await;
    assert!(listed.iter().all(|one| one.kind == Some(MatterKind::Arming)), "{listed:?}");
    assert!(told.hub.matters(&settling(&told.hub), true).await.expect("read").is_empty());
    told.hub.shutdown().await;
}

/// Everybody left: the house says that it could not be armed, and arms itself once it can; whoever
/// disarms it meanwhile is not locked in, and whoever comes back is told of and disarms nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_everybody_left_is_armed_once() {
    let told = Told::new().await;
    let hub = &told.hub;
    let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
    let anna = recipient("Anna", told.channel, Some("77"));
    let matters = [MatterKind::Alarm, MatterKind::Arming].map(of).to_vec();
    told.add(NewRecipient { matters, ..anna }).await;
    let plug = async || {
        let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "Pl4nted-device-secret");
        TapoPlug::start(spec).await.expect("it starts")
    };
    let (phone, lamp) = (plug().await, plug().await);
    let add = async |name, plug: &TapoPlug| {
        devices::add(hub, new_device(name, Family::TapoPlug, plug.port())).await.id
    };
    let (phone_id, lamp_id) = (add("Phone", &phone).await, add("Lamp", &lamp).await);
    let set_up = async |device: DeviceId, watches: Vec<Watch>| {
        let presence = PresenceSettings {
            devices: [device].into(),
            empty_minutes: 5,
            when_empty: WhenEmpty::ArmAway,
            welcome: PresenceWelcome::Tell,
        };
        let away = ModeSettings { exit_seconds: 60, entry_seconds: 30, watches };
        let mut setup = AlarmSetup { presence, ..AlarmSetup::default() };
        setup.settings.modes = [(Mode::Away, away)].into();
        hub.set_alarm_setup(&allowed(hub), setup).await.expect("set up");
    };
    let until_empty = async || {
        poll("it is known that nobody is home", async || {
            let view = hub.alarm(&allowed(hub)).await.presence;
            (view.is_known && view.home.is_empty() && view.empty_since.is_some()).then_some(())
        })
        .await;
    };
    set_up(phone_id, Vec::new()).await;
    poll("somebody is home", async || {
        (hub.alarm(&allowed(hub)).await.presence.home == [phone_id]).then_some(())
    })
    .await;
    drop(phone);
    // A command finds out at once what the device's own pace would.
    let off = ControlValue::Switch(false);
    assert!(hub.set_control(allowed(hub), phone_id, "power", off).await.is_err());
    until_empty().await;
    told.home.step_clock(301 * SECOND);
    let messages = told.api.wait_for(1).await;
    assert!(messages[0].text.contains("Nobody seems to be home"), "{messages:?}");
    assert!(messages[0].text.contains("nothing is watched"), "{messages:?}");
    assert_eq!(state(hub).await, AlarmState::Disarmed);

    let sensor = Sensor::Device(lamp_id);
    let watch = Watch { sensor, reaction: Reaction::Delayed, labels: Vec::new() };
    set_up(lamp_id, vec![watch.clone()]).await;
    let messages = told.api.wait_for(2).await;
    assert!(messages[1].text.contains("Somebody is home again"), "{messages:?}");
    set_up(phone_id, vec![watch.clone()]).await;
    until_empty().await;
    told.home.step_clock(301 * SECOND);
    until(hub, "time to leave", |state| matches!(state, AlarmState::Arming { .. })).await;
    told.home.step_clock(61 * SECOND);
    until(hub, "armed", |state| *state == AlarmState::Armed { mode: Mode::Away }).await;

    hub.arm(&allowed(hub), Mode::Disarmed, false).await.expect("the owner may");
    told.home.step_clock(HOUR);
    set_up(lamp_id, vec![watch]).await;
    let messages = told.api.wait_for(5).await;
    assert!(messages[4].text.contains("Somebody is home again"), "{messages:?}");
    let changes: Vec<String> = changes(&facts(hub).await).into_iter().map(str::to_owned).collect();
    assert_eq!(changes, ["arming", "armed", "disarmed"], "and nothing by itself after that");
    hub.shutdown().await;
}

/// Whether a text has this word by itself: ids and times have digits too.
fn says(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
}
