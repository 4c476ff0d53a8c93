//! `flood`: somebody asks without end and without a sign-in, while cameras are recorded.
//!
//! Every request is refused: the first thousand of an address for want of a sign-in, the rest because
//! there are too many. The flood comes from this machine and takes its share of the same cores, as
//! no flood from outside would; how much that is stands beside the figures.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::bail;
use bytes::BytesMut;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
    time::timeout,
};

use crate::{
    Bench,
    answer::take_answer,
    figures::{Goal, Report, short},
    house::{HouseInputs, Hub, Place, SimulatedHouse, WITHOUT_EYES},
    usage,
    viewer::Knocker,
};

/// After this every camera has its first file.
const SETTLE: Duration = Duration::from_secs(10);

/// A connection that gets no answer for so long has failed.
const DEADLINE: Duration = Duration::from_secs(15);

/// Refused requests a second on two cores.
const GOAL_PER_SECOND: f64 = 10_000.0;

/// The last second of a measurement may still be on its way to the disk, on both ends.
const GOAL_COVERAGE: f64 = 0.95;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Cameras that are recorded meanwhile.
    #[arg(long, default_value_t = 4)]
    cameras: usize,
    /// Connections that stay open; the hub admits 96 of one address.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Requests that a connection sends before it reads the answers.
    #[arg(long, default_value_t = 16)]
    at_once: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// What came back, over all connections.
#[derive(Debug, Default)]
struct Answers {
    not_signed_in: AtomicU64,
    too_many: AtomicU64,
}

/// What the cameras received and recorded so far.
#[derive(Clone, Copy, Default)]
struct Totals {
    frames: u64,
    losses: u64,
    recorded: f64,
    expected: f64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "flood", WITHOUT_EYES)?;
    let load = HouseInputs::of(inputs.cameras);
    let house = SimulatedHouse::start(&place, &load).await?;
    let hub = Hub::start(&bench.binary, &place).await?;
    for camera in &house.cameras {
        hub.add(camera).await?;
    }
    hub.wait_until_live().await?;
    tokio::time::sleep(SETTLE).await;

    let pids = [hub.program.id()?, std::process::id()];
    let cpu = || pids.map(|pid| usage::of_process(pid).map(|usage| usage.cpu));
    let answers = Arc::new(Answers::default());
    let (before, cpu_before, started) = (totals(&hub).await?, cpu(), Instant::now());
    let until = started + Duration::from_secs(inputs.seconds);
    flood(hub.address, inputs, until, &answers).await?;
    let (passed, cpu_after) = (started.elapsed().as_secs_f64(), cpu());
    let after = totals(&hub).await?;

    let percent = |at: usize| -> anyhow::Result<f64> {
        let (Ok(before), Ok(after)) = (&cpu_before[at], &cpu_after[at]) else {
            bail!("a process has no figures");
        };
        Ok(after.saturating_sub(*before).as_secs_f64() / passed * 100.0)
    };
    let (too_many, not_signed_in) =
        (answers.too_many.load(Ordering::Relaxed), answers.not_signed_in.load(Ordering::Relaxed));
    let per_second = (too_many + not_signed_in) as f64 / passed;
    let coverage = (after.recorded - before.recorded) / (after.expected - before.expected);
    let losses = after.losses - before.losses;
    let resident = usage::of_process(pids[0])?.resident_bytes_max as f64 / 1e6;
    let figures = json!({
        "refused_per_second": short(per_second),
        "refused_429": too_many,
        "refused_401": not_signed_in,
        "coverage": short(coverage),
        "frames_received": after.frames - before.frames,
        "losses": losses,
        "cpu_percent_of_core_hub": short(percent(0)?),
        "cpu_percent_of_core_flood": short(percent(1)?),
        "resident_mb_max": short(resident),
    });
    hub.program.stop().await?;
    place.remove()?;
    let goals = vec![
        Goal::at_least("refused_per_second", GOAL_PER_SECOND, per_second),
        Goal::at_least("coverage", GOAL_COVERAGE, coverage),
        Goal::at_most("losses", 0.0, losses as f64),
    ];
    let inputs = json!({
        "house": load.json(), "seconds": short(passed), "connections": inputs.connections,
        "at_once": inputs.at_once, "eyes": false,
    });
    Ok(Report { inputs, figures, goals })
}

/// All connections at once, until the time is over. One that fails makes the measurement fail: a
/// flood that the hub cuts off would be none.
async fn flood(
    address: SocketAddr,
    inputs: &Inputs,
    until: Instant,
    answers: &Arc<Answers>,
) -> anyhow::Result<()> {
    let knocker = Knocker::new(address)?;
    let mut connections = JoinSet::new();
    for _ in 0..inputs.connections {
        let connection =
            ask(knocker.clone(), address, inputs.at_once.max(1), until, Arc::clone(answers));
        connections.spawn(connection);
    }
    while let Some(ended) = connections.join_next().await {
        ended??;
    }
    Ok(())
}

async fn ask(
    knocker: Knocker,
    address: SocketAddr,
    at_once: usize,
    until: Instant,
    answers: Arc<Answers>,
) -> anyhow::Result<()> {
    let request = format!("GET /api/v1/cameras HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let requests = request.repeat(at_once);
    let mut stream = knocker.connect().await?;
    let mut buffer = BytesMut::new();
    while Instant::now() < until {
        timeout(DEADLINE, stream.write_all(requests.as_bytes())).await??;
        let mut left = at_once;
        while left > 0 {
            match take_answer(&mut buffer)? {
                Some(429) => answers.too_many.fetch_add(1, Ordering::Relaxed),
                Some(401) => answers.not_signed_in.fetch_add(1, Ordering::Relaxed),
                Some(status) => bail!("an answer with status {status}"),
                None => {
                    let read = timeout(DEADLINE, stream.read_buf(&mut buffer)).await??;
                    anyhow::ensure!(read > 0, "the hub hung up");
                    continue;
                }
            };
            left -= 1;
        }
    }
    Ok(())
}

async fn totals(hub: &Hub) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    for camera in hub.cameras().await? {
        let seconds = |key: &str| camera[key].as_f64().unwrap_or(0.0);
        totals.frames += camera["frames_received"].as_u64().unwrap_or(0);
        totals.losses += camera["losses"].as_u64().unwrap_or(0);
        totals.recorded += seconds("recorded_seconds");
        totals.expected += seconds("expected_seconds");
    }
    Ok(totals)
}
