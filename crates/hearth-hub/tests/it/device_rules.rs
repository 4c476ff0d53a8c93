//! Schedules and limits of devices, against a simulated plug and a clock that can be set.

use hearth_auth::ask;
use hearth_hub::{
    AuditQuery, ControlValue, Day, DeviceRule, Family, Hub, Limit, LimitAction, Schedule,
};
use hearth_model::{DeviceId, EventBody, WallTime};
use hearth_sim::tapo::{PlugLogin, TapoPlug, TapoPlugSpec};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    devices::{add, new_device, until_state},
    home::{HOUR, Home, SECOND},
    watching::{allowed, fact, facts, poll},
};

const MINUTE: i64 = 60 * SECOND;

const DAILY: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

async fn plug() -> TapoPlug {
    let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", "Pl4nted-device-secret");
    TapoPlug::start(spec).await.expect("it starts")
}

/// A schedule that is due at the minute of a time, by the clocks of the house.
fn daily(at: WallTime, on: bool) -> Schedule {
    let at = Timestamp::from_microsecond(at.as_micros()).expect("a time");
    let local = TimeZone::system().to_datetime(at);
    Schedule {
        at: format!("{:02}:{:02}", local.hour(), local.minute()).parse().expect("a time of day"),
        days: DAILY.to_vec(),
        control: "power".to_owned(),
        value: ControlValue::Switch(on),
        is_on: true,
    }
}

fn above(reading: &str, edge: f64, then: LimitAction) -> Limit {
    let reading = reading.to_owned();
    Limit { reading, above: Some(edge), below: None, for_seconds: 0, then, is_on: true }
}

async fn keep(hub: &Hub, device: DeviceId, rule: DeviceRule) -> hearth_model::DeviceRuleId {
    hub.add_device_rule(allowed(hub), device, rule).await.expect("kept")
}

async fn set(hub: &Hub, device: DeviceId, on: bool) {
    let grant = allowed::<ask::ControlDevices>(hub);
    hub.set_control(grant, device, "power", ControlValue::Switch(on)).await.expect("set");
}

async fn audit(hub: &Hub, action: &str) -> usize {
    let page = hub.audit_page(allowed(hub), AuditQuery::default(), 500).await.expect("a page");
    let page = serde_json::to_value(&page).expect("json");
    page.to_string().matches(&format!("\"{action}\"")).count()
}

/// promise: V-18. A schedule sets a device when it is due, once, and after a restart as well; what
/// was due while nobody could carry it out is said, and not done late.
#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_carried_out_in_time_or_said_to_be_missed() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
    set(&hub, lamp, false).await;
    let due = hub.welcome().time.plus_micros(2 * MINUTE);
    let schedule = daily(due, true);
    keep(&hub, lamp, DeviceRule::Schedule(schedule.clone())).await;
    assert!(!plug.is_on(), "it is not due yet");
    home.step_clock(2 * MINUTE);
    fact(&hub, "the lamp is switched on by its schedule", |body| {
        matches!(body, EventBody::DeviceControlChanged { by, .. } if by.starts_with("schedule "))
    })
    .await;
    assert!(plug.is_on());
    poll("a line of audit", async || {
        (audit(&hub, "schedule_carried_out").await == 1).then_some(())
    })
    .await;
    set(&hub, lamp, false).await;
    hub.shutdown().await;
    drop(hub);

    // Back on the next day, an hour late.
    home.step_clock(25 * HOUR);
    let hub = home.start().await;
    let kept = hub.schedules(&allowed(&hub), lamp).expect("listed");
    assert_eq!(kept.iter().map(|(_, rule)| rule).collect::<Vec<_>>(), [&schedule]);
    let missed = fact(&hub, "it is said", |body| {
        matches!(body, EventBody::DeviceScheduleMissed { reason, .. } if reason.contains("not running"))
    })
    .await;
    assert_eq!(missed.severity, hearth_model::Severity::Warning);
    until_state(&hub, lamp, "answering").await;
    assert!(!plug.is_on(), "nothing is made up for");
    // And on the day after that, in time.
    home.step_clock(23 * HOUR);
    poll("the lamp is on", async || plug.is_on().then_some(())).await;
    let told = facts(&hub).await;
    let missed = told.iter().filter(|body| matches!(body, EventBody::DeviceScheduleMissed { .. }));
    assert_eq!(missed.count(), 1, "said once: {told:?}");
    hub.shutdown().await;
}

/// A schedule that was switched off or removed does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_is_off_or_gone_does_nothing() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
    set(&hub, lamp, false).await;
    let now = hub.welcome().time;
    let on = daily(now.plus_micros(2 * MINUTE), true);
    let first = keep(&hub, lamp, DeviceRule::Schedule(on.clone())).await;
    let second = keep(&hub, lamp, DeviceRule::Schedule(on.clone())).await;
    let off = DeviceRule::Schedule(Schedule { is_on: false, ..on });
    hub.change_device_rule(allowed(&hub), lamp, first, off).await.expect("changed");
    hub.remove_limit(allowed(&hub), lamp, second).await.expect_err("it is no limit");
    hub.remove_schedule(allowed(&hub), lamp, second).await.expect("removed");
    // One that is due later tells when the moment of the others is over.
    let control = daily(now.plus_micros(3 * MINUTE), false);
    keep(&hub, lamp, DeviceRule::Schedule(control)).await;
    home.step_clock(3 * MINUTE);
    fact(&hub, "the last schedule", |body| {
        matches!(body, EventBody::DeviceControlChanged { by, .. } if by.starts_with("schedule "))
    })
    .await;
    assert!(!plug.is_on());
    hub.shutdown().await;
}

/// A limit turns a plug off, says so, and a second limit only tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_turns_a_plug_off_and_says_so() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
    set(&hub, lamp, true).await;
    keep(&hub, lamp, DeviceRule::Limit(above("energy_today", 1.0, LimitAction::Event))).await;
    keep(&hub, lamp, DeviceRule::Limit(above("power", 1.0, LimitAction::TurnOff))).await;
    let told = fact(&hub, "the plug is turned off", |body| {
        matches!(body, EventBody::DeviceLimitReached { turned_off: Some(true), .. })
    })
    .await;
    assert_eq!(told.severity, hearth_model::Severity::Warning);
    assert!(!plug.is_on());
    fact(&hub, "and by what", |body| {
        matches!(body, EventBody::DeviceControlChanged { by, .. } if by == "limit power above 1")
    })
    .await;
    fact(&hub, "the energy is told", |body| {
        matches!(body, EventBody::DeviceLimitReached { turned_off: None, reading, .. }
            if reading == "energy_today")
    })
    .await;
    poll("lines of audit", async || (audit(&hub, "limit_reached").await == 2).then_some(())).await;
    hub.shutdown().await;
    drop(hub);
    // The day's energy is as it was: a restart is no reason to say it again.
    let hub = home.start().await;
    until_state(&hub, lamp, "answering").await;
    set(&hub, lamp, false).await;
    let energy = |body: &EventBody| matches!(body, EventBody::DeviceLimitReached { reading, .. } if reading == "energy_today");
    assert_eq!(facts(&hub).await.iter().filter(|body| energy(body)).count(), 1);
    hub.shutdown().await;
}

/// promise: K-02. A rule that the device could not follow is refused, and goes with its device.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_fits_its_device_or_is_refused() {
    let (home, plug) = (Home::new(), plug().await);
    let hub = home.start().await;
    let lamp = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
    let good = daily(hub.welcome().time.plus_micros(HOUR), true);
    let limit = above("power", 5.0, LimitAction::TurnOff);
    let schedules = [
        (Schedule { days: Vec::new(), ..good.clone() }, "bad_schedule"),
        (Schedule { days: vec![Day::Mon, Day::Mon], ..good.clone() }, "bad_schedule"),
        (Schedule { control: "warp".to_owned(), ..good.clone() }, "control_unknown"),
        (Schedule { control: "reboot".to_owned(), ..good.clone() }, "control_unknown"),
        (Schedule { value: ControlValue::Number(3.0), ..good.clone() }, "value_out_of_range"),
    ];
    let limits = [
        (Limit { above: None, ..limit.clone() }, "bad_limit"),
        (Limit { below: Some(1.0), ..limit.clone() }, "bad_limit"),
        (Limit { above: Some(f64::NAN), ..limit.clone() }, "bad_limit"),
        (Limit { for_seconds: 86_401, ..limit.clone() }, "bad_limit"),
        (Limit { reading: "warp".to_owned(), ..limit.clone() }, "bad_limit"),
    ];
    let schedules = schedules.map(|(rule, code)| (DeviceRule::Schedule(rule), code));
    let limits = limits.map(|(rule, code)| (DeviceRule::Limit(rule), code));
    for (rule, code) in schedules.into_iter().chain(limits) {
        let refused = hub.add_device_rule(allowed(&hub), lamp, rule.clone()).await;
        assert_eq!(refused.expect_err("refused").code, code, "{rule:?}");
    }
    assert!(hub.schedules(&allowed(&hub), lamp).expect("listed").is_empty());
    let kept = keep(&hub, lamp, DeviceRule::Limit(limit)).await;
    let other_kind =
        hub.change_device_rule(allowed(&hub), lamp, kept, DeviceRule::Schedule(good)).await;
    assert_eq!(other_kind.expect_err("refused").code, "not_found");
    hub.remove_device(allowed(&hub), lamp).await.expect("removed");
    let again = add(&hub, new_device("Lamp", Family::TapoPlug, plug.port())).await.id;
    assert!(hub.limits(&allowed(&hub), again).expect("listed").is_empty());
    hub.shutdown().await;
}
