//! Everything that can be asked of a plug, over every protocol.

use std::sync::Arc;

use hearth_sim::tapo::{KasaPlug, PlugLogin, TapoPlug, TapoPlugSpec};
use hearth_tapo::{
    Switch, Weakness,
    client::{Language, MemoryTrust, PlugClient, PlugSpec},
    plug::{Rule, TimeOfDay, Weekdays, smart},
};

use super::{OWNER, PASSWORD, plug, plug_client, plug_spec};

const LOGINS: [PlugLogin; 4] =
    [PlugLogin::KlapV1, PlugLogin::KlapV2, PlugLogin::PassThroughPlain, PlugLogin::PassThroughSha1];

fn rule() -> Rule {
    let days = [false, true, true, true, true, true, false];
    Rule {
        days: Weekdays::new(days).expect("days"),
        at: TimeOfDay::new(7, 30).expect("a time"),
        switch: Switch::On,
    }
}

async fn use_plug(client: &PlugClient, is_on: impl Fn() -> bool) {
    for switch in [Switch::Off, Switch::On] {
        client.switch(switch).await.expect("acknowledged");
        assert_eq!(is_on(), switch.is_on());
        assert_eq!(client.facts().await.expect("facts").on, switch.is_on());
    }
    client.set_led(Switch::Off).await.expect("acknowledged");
    assert!(client.power().await.expect("a reading").power_mw > 0);
    assert!(client.energy((2026, 11)).await.expect("a reading").today_wh.is_some());
    let id = client.add_schedule(rule()).await.expect("a schedule");
    let kept = client.schedules().await.expect("schedules");
    assert_eq!((kept.len(), &kept[0].id, kept[0].rule), (1, &id, Some(rule())));
    client.remove_schedule(&id).await.expect("acknowledged");
    assert!(client.schedules().await.expect("schedules").is_empty());
    assert!(client.remove_schedule(&id).await.is_err(), "it is gone");
}

/// promise: K-08. Every command of plugs runs over every login that plugs have.
#[tokio::test]
async fn tapo_plugs_are_used_over_every_login() {
    for login in LOGINS {
        let plug = plug(login).await;
        let client = plug_client(plug_spec(&plug, login));
        use_plug(&client, || plug.is_on()).await;
        let security = client.security().expect("a login");
        assert!(security.weaknesses.contains(&Weakness::NoTls));
        assert_eq!(plug.handshakes(), 2, "one login served all of it");
    }
}

#[tokio::test]
async fn kasa_plugs_are_used_over_xor_and_over_klap() {
    let plug = KasaPlug::start().await.expect("a plug");
    let spec = PlugSpec { port: plug.port(), ..PlugSpec::xor("127.0.0.1") };
    let client = plug_client(spec);
    use_plug(&client, || plug.is_on()).await;
    let security = client.security().expect("a connection");
    assert_eq!(security.weaknesses, [Weakness::NoTls, Weakness::NoLogin]);
    let energy = client.energy((2026, 11)).await.expect("a reading");
    assert_eq!((energy.by_day_wh, energy.by_month_wh), (vec![120, 80, 40], vec![3_000, 240]));

    let mut made = TapoPlugSpec::new(PlugLogin::KlapV1, OWNER, PASSWORD);
    made.speaks_iot = true;
    let plug = TapoPlug::start(made).await.expect("a plug");
    let mut spec = plug_spec(&plug, PlugLogin::KlapV1);
    spec.language = Language::Iot;
    use_plug(&plug_client(spec), || plug.is_on()).await;
}

#[tokio::test]
async fn what_a_plug_does_not_measure_is_absent_and_not_zero() {
    let mut made = TapoPlugSpec::new(PlugLogin::KlapV2, OWNER, PASSWORD);
    made.measures_voltage = false;
    let plug = TapoPlug::start(made).await.expect("a plug");
    let client = plug_client(plug_spec(&plug, PlugLogin::KlapV2));
    let power = client.power().await.expect("a reading");
    assert_eq!((power.power_mw, power.voltage_mv, power.current_ma), (8_962, None, None));

    let newer = super::plug(PlugLogin::KlapV2).await;
    let power = plug_client(plug_spec(&newer, PlugLogin::KlapV2)).power().await.expect("a reading");
    assert_eq!((power.voltage_mv, power.current_ma), (Some(229_800), Some(39)));
}

#[tokio::test]
async fn pages_of_schedules_are_joined() {
    let plug = plug(PlugLogin::KlapV2).await;
    let client = plug_client(plug_spec(&plug, PlugLogin::KlapV2));
    for _ in 0..12 {
        client.add_schedule(rule()).await.expect("a schedule");
    }
    assert_eq!(client.schedules().await.expect("schedules").len(), 12);
}

#[tokio::test]
async fn tls_of_a_plug_is_pinned_as_well() {
    let mut made = TapoPlugSpec::new(PlugLogin::KlapV2, OWNER, PASSWORD);
    made.https = true;
    let plug = TapoPlug::start(made).await.expect("a plug");
    let mut spec = plug_spec(&plug, PlugLogin::KlapV2);
    spec.https = true;
    let client = PlugClient::new(spec, Arc::new(MemoryTrust::default()));
    client.smart(&smart::facts()).await.expect("facts");
    assert!(client.security().expect("a login").weaknesses.is_empty());
}
