//! `record`: many cameras recorded, sealed, and nothing else.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    Bench,
    figures::{Goal, Report, short},
    house::{HouseInputs, Hub, Place, SimulatedHouse, WITHOUT_EYES},
    usage,
};

/// After this every camera has its first file and nothing of the start is left to do.
const SETTLE: Duration = Duration::from_secs(15);

/// The best that was measured of another recorder on a machine like this, with cameras like these
/// and without encryption: CPU per camera in per cent of a core, and resident memory.
const ANCHOR_CPU_PERCENT: f64 = 0.23;
const ANCHOR_RESIDENT_MB: f64 = 39.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Cameras.
    #[arg(long, default_value_t = 16)]
    cameras: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// What all cameras together received and recorded so far.
#[derive(Clone, Copy, Default)]
struct Totals {
    bytes: u64,
    frames: u64,
    recorded_seconds: f64,
    losses: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "record", WITHOUT_EYES)?;
    let load = HouseInputs::of(inputs.cameras);
    let house = SimulatedHouse::start(&place, &load).await?;
    let hub = Hub::start(&bench.binary, &place).await?;
    let idle = usage::of_process(hub.program.id()?)?;
    for camera in &house.cameras {
        hub.add(camera).await?;
    }
    hub.wait_until_live().await?;
    tokio::time::sleep(SETTLE).await;

    let pid = hub.program.id()?;
    let (before, totals_before) = (usage::of_process(pid)?, totals(&hub).await?);
    let (disk_before, started) = (usage::bytes_below(&place.media())?, Instant::now());
    tokio::time::sleep(Duration::from_secs(inputs.seconds)).await;
    let (after, totals_after) = (usage::of_process(pid)?, totals(&hub).await?);
    let (disk_after, passed) =
        (usage::bytes_below(&place.media())?, started.elapsed().as_secs_f64());

    let cameras = inputs.cameras.max(1) as f64;
    let percent = |cpu: Duration| cpu.as_secs_f64() / passed * 100.0;
    let cpu = percent(after.cpu.saturating_sub(before.cpu)) / cameras;
    let cpu_system = percent(after.cpu_system.saturating_sub(before.cpu_system)) / cameras;
    let received = totals_after.bytes.saturating_sub(totals_before.bytes);
    let written = disk_after.saturating_sub(disk_before);
    let recorded = totals_after.recorded_seconds - totals_before.recorded_seconds;
    let megabytes = |bytes: u64| short(bytes as f64 / 1e6);
    let write_calls = after.write_calls.saturating_sub(before.write_calls);
    let figures = json!({
        "cpu_percent_of_core_per_camera": short(cpu),
        "cpu_percent_of_core_per_camera_in_kernel": short(cpu_system),
        "resident_mb": megabytes(after.resident_bytes),
        "resident_mb_max": megabytes(after.resident_bytes_max),
        "resident_mb_anonymous": megabytes(after.anonymous_bytes),
        "resident_mb_without_cameras": megabytes(idle.resident_bytes),
        "threads": after.threads,
        "mbit_per_second_received": short(received as f64 * 8.0 / passed / 1e6),
        "bytes_written_per_byte_received": short(written as f64 / received.max(1) as f64),
        "frames_received": totals_after.frames - totals_before.frames,
        "losses": totals_after.losses,
        "write_calls_per_second": short(write_calls as f64 / passed),
        "recorded_seconds_per_camera": short(recorded / cameras),
        "anchor": {
            "cpu_percent_of_core_per_camera": ANCHOR_CPU_PERCENT,
            "resident_mb": ANCHOR_RESIDENT_MB,
        },
    });
    let resident = after.resident_bytes as f64 / 1e6;
    hub.program.stop().await?;
    place.remove()?;
    let goals = vec![
        Goal::at_most("cpu_percent_of_core_per_camera", ANCHOR_CPU_PERCENT, cpu),
        Goal::at_most("resident_mb", ANCHOR_RESIDENT_MB, resident),
    ];
    let inputs = json!({ "house": load.json(), "seconds": short(passed), "eyes": false });
    Ok(Report { inputs, figures, goals })
}

async fn totals(hub: &Hub) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    for camera in hub.cameras().await? {
        let count = |key: &str| camera[key].as_u64().unwrap_or(0);
        totals.bytes += count("bytes_received");
        totals.frames += count("frames_received");
        totals.losses += count("losses");
        totals.recorded_seconds += camera["recorded_seconds"].as_f64().unwrap_or(0.0);
    }
    Ok(totals)
}
