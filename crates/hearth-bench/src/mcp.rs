//! `mcp`: what a question costs more as a call of a tool than as a request for the same to the same
//! hub, asked in turns.

use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::{
    Bench,
    figures::{Goal, Report, Sample, short},
    house::{Hub, Place, WITHOUT_EYES},
};

/// Milliseconds that a call may take longer than the request.
const GOAL_MS: f64 = 10.0;

/// Calls that the hub takes at once, less those of the greeting.
const ROUNDS_MAX: u64 = 100;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Cameras in the house: the length of the answer.
    #[arg(long, default_value_t = 16)]
    cameras: u64,
    /// How often it is asked, each way.
    #[arg(long, default_value_t = ROUNDS_MAX, value_parser = clap::value_parser!(u64).range(1..=ROUNDS_MAX))]
    rounds: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "mcp", WITHOUT_EYES)?;
    let hub = Hub::start(&bench.binary, &place).await?;
    for number in 0..inputs.cameras {
        let camera = json!({
            "name": format!("Camera {number}"), "url": "rtsp://127.0.0.1:9/", "force": true,
        });
        hub.add_as(&camera).await?;
    }
    let session = begin(&hub).await?;
    let (mut requests, mut calls) = (Vec::new(), Vec::new());
    for round in 0..inputs.rounds {
        let began = Instant::now();
        hub.cameras().await?;
        requests.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        let answer = call(&hub, &session, round).await?;
        calls.push(began.elapsed().as_secs_f64() * 1e3);
        let listed = &answer["result"]["structuredContent"]["facts"]["cameras"];
        let count = listed.as_array().map_or(0, Vec::len) as u64;
        ensure!(count == inputs.cameras, "an answer with {count} cameras: {answer}");
    }
    hub.program.stop().await?;
    place.remove()?;
    let (requests, calls): (Sample, Sample) =
        (requests.into_iter().collect(), calls.into_iter().collect());
    let more = calls.at(0.95) - requests.at(0.95);
    let figures = json!({
        "request_ms": requests.json(), "call_ms": calls.json(), "p95_more_ms": short(more),
    });
    let goals = vec![Goal::at_most("p95_more_ms", GOAL_MS, more)];
    let inputs = json!({ "cameras": inputs.cameras, "rounds": inputs.rounds });
    Ok(Report { inputs, figures, goals })
}

/// Begins a session; its id.
async fn begin(hub: &Hub) -> anyhow::Result<String> {
    let hello = json!({ "jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "hearth-bench", "version": "0" },
    } });
    let (session, _) = hub.control.message("/mcp", None, &hello).await?;
    session.context("a session without an id")
}

async fn call(hub: &Hub, session: &str, round: u64) -> anyhow::Result<Value> {
    let call = json!({ "jsonrpc": "2.0", "id": round, "method": "tools/call", "params": {
        "name": "camera_list", "arguments": {},
    } });
    Ok(hub.control.message("/mcp", Some(session), &call).await?.1)
}
