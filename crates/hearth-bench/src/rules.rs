//! `rules`: from a fact to the acknowledged action, with many rules in force and many facts.
//!
//! Plugs are switched at a steady pace, each of which is a fact. Some of them have a rule that
//! switches another plug; all other rules look at every fact and do nothing. Times are those that
//! the hub wrote down: of the fact, and of the acknowledgement by the device.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use hearth_model::WallTime;
use hearth_sim::tapo::KasaPlug;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    Bench,
    figures::{Goal, Report, Sample},
    house::{Hub, Place, WITHOUT_EYES},
    usage,
};

/// Plugs with a rule; each rule may run 60 times a minute, and does so nearly that often.
const WATCHED: usize = 5;

/// From the fact to the acknowledgement.
const GOAL_MS: f64 = 100.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Rules in force.
    #[arg(long, default_value_t = 200)]
    rules: usize,
    /// Facts a second.
    #[arg(long, default_value_t = 50)]
    facts: u64,
    /// Seconds to measure.
    #[arg(long, default_value_t = 55)]
    seconds: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "rules", WITHOUT_EYES)?;
    let hub = Hub::start(&bench.binary, &place).await?;
    let mut plugs = Vec::new();
    let mut ids = Vec::new();
    // The watched, the one that makes the other facts, and the one that is switched.
    for number in 0..WATCHED + 2 {
        let plug = KasaPlug::start().await?;
        ids.push(add_plug(&hub, number, plug.port()).await?);
        plugs.push(plug);
    }
    let (target, busy) = (ids.pop().context("a plug")?, ids.pop().context("a plug")?);
    for watched in &ids {
        hub.control.post("/api/v1/rules", &switching(watched, &target)).await?;
    }
    for number in WATCHED..inputs.rules {
        hub.control.post("/api/v1/rules", &watching(number)).await?;
    }
    let before = usage::of_process(hub.program.id()?)?;
    let told = press(&hub, inputs, &ids, &busy).await?;
    // Until the last of them is carried out.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = usage::of_process(hub.program.id()?)?;
    let delays = delays(&hub).await?;
    hub.program.stop().await?;
    place.remove()?;
    let p99 = delays.at(0.99);
    let cpu = (after.cpu - before.cpu).as_secs_f64() / inputs.seconds as f64 * 100.0;
    let figures = json!({
        "fact_to_action_ms": delays.json(),
        "fact_to_action_p99_ms": p99,
        "facts": told,
        "cpu_percent_of_core": cpu,
    });
    let goals = vec![Goal::at_most("fact_to_action_p99_ms", GOAL_MS, p99)];
    let inputs = json!({
        "rules": inputs.rules, "facts_per_second": inputs.facts, "seconds": inputs.seconds,
    });
    Ok(Report { inputs, figures, goals })
}

async fn add_plug(hub: &Hub, number: usize, port: u16) -> anyhow::Result<String> {
    let device = json!({
        "name": format!("plug {number}"), "family": "kasa_plug",
        "address": format!("127.0.0.1:{port}"),
    });
    let added = hub.control.post("/api/v1/devices", &device).await?;
    Ok(added["id"].as_str().context("a device without an id")?.to_owned())
}

/// When this plug is switched, so is that one.
fn switching(watched: &str, target: &str) -> Value {
    rule(
        &json!({"happens": {"kinds": ["device_control_changed"], "devices": [watched]}}),
        &json!([{"switch": {"device": target, "on": true}}]),
    )
}

/// Looks at every fact in five ways, and has nothing to do.
fn watching(number: usize) -> Value {
    let ring = json!({"kinds": ["ring"]});
    let nothing = json!({"detail": "control", "is": {"equals": format!("nothing {number}")}});
    rule(
        &json!({"all": [
            {"happens": {"kinds": ["device_control_changed"], "details": [nothing]}},
            {"absent": {"of": ring, "for_seconds": 60}},
            {"not": {"mode": {"is": ["away", "vacation"]}}},
            {"any": [
                {"hours": {"from": "06:00", "to": "22:00", "days": []}},
                {"count": {"of": ring, "at_least": 3, "within_seconds": 600}},
            ]},
        ]}),
        &json!([{"log": {}}]),
    )
}

fn rule(when: &Value, then: &Value) -> Value {
    json!({"version": 1, "name": "measured", "is_on": true, "when": when, "then": then})
}

/// Switches plugs at a steady pace; says how often.
async fn press(hub: &Hub, inputs: &Inputs, ids: &[String], busy: &str) -> anyhow::Result<u64> {
    let pause = Duration::from_secs(1) / u32::try_from(inputs.facts.max(1))?;
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = 0;
    for second in 0..inputs.seconds {
        for number in 0..inputs.facts {
            ticks.tick().await;
            let watched = usize::try_from(number).ok().and_then(|number| ids.get(number));
            let device = watched.map_or(busy, String::as_str);
            let value = json!({ "value": (second + number).is_multiple_of(2) });
            hub.control.put(&format!("/api/v1/devices/{device}/controls/power"), &value).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// Milliseconds from each fact to what was done because of it.
async fn delays(hub: &Hub) -> anyhow::Result<Sample> {
    let facts = fact_times(hub).await?;
    let mut all = Vec::new();
    let mut target = "/api/v1/rules/runs?limit=200".to_owned();
    loop {
        let page = hub.control.get(&target).await?;
        let runs = page["runs"].as_array().context("runs")?;
        for run in runs {
            let cause = run["because"][0]["event"].as_str().context("a run without a cause")?;
            let done = time(&run["actions"][0]["outcome"]["done"]).context("not done")?;
            let fact = facts.get(cause).context("a fact that is not kept")?;
            all.push(done.micros_since(*fact) as f64 / 1e3);
        }
        let Some(last) = runs.last().filter(|_| runs.len() == 200) else { break };
        target = format!("/api/v1/rules/runs?limit=200&before={}", last["id"]);
    }
    Ok(all.into_iter().collect())
}

async fn fact_times(hub: &Hub) -> anyhow::Result<BTreeMap<String, WallTime>> {
    let base = "/api/v1/events?kind=device_control_changed&limit=1000";
    let mut target = base.to_owned();
    let mut times = BTreeMap::new();
    loop {
        let page = hub.control.get(&target).await?;
        for event in page["events"].as_array().context("events")? {
            let id = event["id"].as_str().context("an event without an id")?;
            times.insert(id.to_owned(), time(&event["at"]).context("an event without a time")?);
        }
        let Some(next) = page["next"].as_str() else { return Ok(times) };
        target = format!("{base}&before={next}");
    }
}

fn time(value: &Value) -> Option<WallTime> {
    serde_json::from_value(value.clone()).ok()
}
