//! `export`: an hour of one camera as one file, out of sealed footage.
//!
//! The hour is not waited for: a loop of encoded pictures is recorded with made-up times, by the
//! recorder itself.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use hearth_media::{MediaTime, StreamItem};
use hearth_model::{CameraId, RecordMode, WallTime};
use hearth_recorder::{Fresh, Layout, Recorder, RecorderControl, RecorderCounters, RecorderLimits};
use hearth_store::Store;
use hearth_vault::{MasterKeySource, Vault};
use http::Method;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::time::timeout;

use crate::{
    Bench,
    figures::{Goal, Report, Sample, short},
    footage::Footage,
    house::{HouseInputs, Hub, Place, WITHOUT_EYES, wall_now},
    usage,
};

/// The recorder's queue holds about 30 s; it is kept half full.
const AHEAD_MICROS_MAX: i64 = 15_000_000;

/// A disk that writes nothing for so long is broken.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// Until the next piece of an export.
const PIECE_LIMIT: Duration = Duration::from_secs(30);

/// What one read of a file takes at most.
const READ_BYTES: usize = 1 << 20;

const FIRST_BYTE_MS_MAX: f64 = 50.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Minutes of footage.
    #[arg(long, default_value_t = 60)]
    minutes: i64,
    /// Whole exports.
    #[arg(long, default_value_t = 3)]
    exports: u32,
    /// Beginnings of exports.
    #[arg(long, default_value_t = 20)]
    beginnings: u32,
}

/// What one export was like.
struct Export {
    first_byte_ms: f64,
    megabytes_per_second: f64,
    bytes: u64,
}

pub(crate) async fn measure(bench: &Bench, inputs: &Inputs) -> anyhow::Result<Report> {
    let place = Place::fresh(bench, "export", WITHOUT_EYES)?;
    let load = HouseInputs::of(1);
    let footage = {
        let load = load.clone();
        tokio::task::spawn_blocking(move || Footage::of_house(&load)).await??
    };
    let hub = Hub::start(&bench.binary, &place).await?;
    let camera = json!({
        "name": "camera", "url": "rtsp://127.0.0.1:9/gone", "record": "off", "force": true,
    });
    let id = hub.add_as(&camera).await?;
    hub.program.stop().await?;

    let micros = inputs.minutes * 60_000_000;
    let from = wall_now().plus_micros(-micros - 600_000_000);
    let began = Instant::now();
    record(&place, id.parse()?, &footage, from, micros).await?;
    let recorded_seconds = began.elapsed().as_secs_f64();
    let files = usage::files_below(&place.media().join(&id))?;

    let hub = Hub::start(&bench.binary, &place).await?;
    let between = format!("from={from}&to={}", from.plus_micros(micros));
    let target = format!("/api/v1/cameras/{id}/clip.mp4?{between}");
    let mut beginnings = Sample::default();
    for _ in 0..inputs.beginnings {
        beginnings.push(export(&hub, &target, false).await?.first_byte_ms);
    }
    let pid = hub.program.id()?;
    let before = usage::of_process(pid)?;
    let (mut speeds, mut bytes) = (Sample::default(), 0);
    for _ in 0..inputs.exports {
        let whole = export(&hub, &target, true).await?;
        speeds.push(whole.megabytes_per_second);
        bytes = whole.bytes;
    }
    let after = usage::of_process(pid)?;
    let cpu_seconds = (after.cpu.saturating_sub(before.cpu)).as_secs_f64();
    let gigabytes = bytes as f64 * f64::from(inputs.exports) / 1e9;
    let from_memory = read_all(files.clone()).await?;
    forget_all(&files)?;
    let cold = export(&hub, &target, true).await?;
    forget_all(&files)?;
    let from_disk = read_all(files).await?;
    hub.program.stop().await?;
    place.remove()?;

    let (first_byte, speed) = (beginnings.at(0.95), speeds.at(0.5));
    let figures = json!({
        "first_byte_ms": beginnings.json(),
        "mb_per_second": speeds.json(),
        "reading_the_same_files_mb_per_second": short(from_memory),
        "export_per_reading": short(speed / from_memory),
        "not_in_memory": {
            "first_byte_ms": short(cold.first_byte_ms),
            "mb_per_second": short(cold.megabytes_per_second),
            "reading_the_same_files_mb_per_second": short(from_disk),
            "export_per_reading": short(cold.megabytes_per_second / from_disk),
        },
        "cpu_seconds_per_gb": short(cpu_seconds / gigabytes.max(1e-9)),
        "resident_mb_max": short(after.resident_bytes_max as f64 / 1e6),
        "clip_mb": short(bytes as f64 / 1e6),
        "recording_it_took_seconds": short(recorded_seconds),
    });
    let goals = vec![Goal::at_most("first_byte_ms_p95", FIRST_BYTE_MS_MAX, first_byte)];
    let inputs = json!({
        "house": load.json(), "minutes": inputs.minutes, "exports": inputs.exports,
        "beginnings": inputs.beginnings, "over": "control socket",
    });
    Ok(Report { inputs, figures, goals })
}

/// Records a loop of footage as if it had been there at that time.
async fn record(
    place: &Place,
    camera: CameraId,
    footage: &Footage,
    from: WallTime,
    micros: i64,
) -> anyhow::Result<()> {
    let data = place.data();
    let vault = Vault::open(&data, &MasterKeySource::KeyFile(place.key()))?;
    let layout = Layout::open(&data, vault.id().as_bytes(), Fresh::No)?;
    let store = Store::open(&data.join("index.db"), &vault.index_key()?).await?;
    let limits = RecorderLimits {
        bytes_free_min: 0,
        free_bytes: RecorderLimits::free_bytes_of(&data),
        wall: Box::new(wall_now),
    };
    let recorder = Recorder::new(vault, layout, store.clone(), limits);
    // Stream time and wall time are the same here.
    let control = Arc::new(RecorderControl::new(0, 0));
    control.set_mode(RecordMode::Continuous);
    let counters = Arc::new(RecorderCounters::default());
    let (mut writer, thread) = recorder.camera(camera, control, Arc::clone(&counters))?;
    writer.offer(StreamItem::Parameters(Arc::clone(&footage.parameters)));
    let start = MediaTime::from_micros(from.as_micros());
    let end = start.plus_micros(micros);
    for frame in footage.looped(start).take_while(|frame| frame.pts < end) {
        wait_for_writer(&counters, start, frame.pts).await?;
        writer.offer(StreamItem::Frame(frame));
    }
    writer.end_session();
    drop(writer);
    tokio::task::spawn_blocking(move || thread.join())
        .await?
        .map_err(|_| anyhow::anyhow!("the writer failed"))?;
    ensure!(counters.fragments_dropped() == 0, "the disk did not keep up");
    recorder.flush_index().await;
    drop(recorder);
    Ok(store.close().await?)
}

async fn wait_for_writer(
    counters: &RecorderCounters,
    start: MediaTime,
    now: MediaTime,
) -> anyhow::Result<()> {
    let until = Instant::now() + WRITE_LIMIT;
    while now.micros_since(counters.last_end().unwrap_or(start)) > AHEAD_MICROS_MAX {
        ensure!(Instant::now() < until, "nothing was written for {WRITE_LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Takes a clip, or only its beginning.
async fn export(hub: &Hub, target: &str, whole: bool) -> anyhow::Result<Export> {
    let asked = Instant::now();
    let response = hub.control.open(Method::GET, target, None).await?;
    let mut body = response.into_body();
    let (mut first_byte, mut bytes) = (None, 0);
    while let Some(frame) = timeout(PIECE_LIMIT, body.frame()).await? {
        let length = frame?.data_ref().map_or(0, bytes::Bytes::len);
        bytes += length as u64;
        first_byte.get_or_insert_with(|| asked.elapsed());
        if !whole {
            break;
        }
    }
    let first_byte = first_byte.context("an empty clip")?;
    Ok(Export {
        first_byte_ms: first_byte.as_secs_f64() * 1e3,
        megabytes_per_second: bytes as f64 / 1e6 / asked.elapsed().as_secs_f64(),
        bytes,
    })
}

/// Reads files from beginning to end; megabytes a second.
async fn read_all(files: Vec<PathBuf>) -> anyhow::Result<f64> {
    tokio::task::spawn_blocking(move || {
        let (mut buffer, mut bytes) = (vec![0; READ_BYTES], 0);
        let began = Instant::now();
        for file in &files {
            let mut file = fs::File::open(file)?;
            loop {
                let read = file.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                bytes += read;
            }
        }
        Ok(bytes as f64 / 1e6 / began.elapsed().as_secs_f64())
    })
    .await?
}

fn forget_all(files: &[PathBuf]) -> anyhow::Result<()> {
    files.iter().try_for_each(|file| usage::forget_cached(file as &Path))
}
