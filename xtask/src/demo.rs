//! `cargo xtask demo`: the product with a simulated house, from nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::{
    house::{self, Build, RunningHub},
    root, ui,
};

/// Where the demo listens.
const LISTEN: &str = "127.0.0.1:8443";

/// A simulated day needs about 20 s until somebody has walked past; the rest is for slow machines.
const SMOKE_LIMIT: Duration = Duration::from_secs(180);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Instead of staying, wait for a recorded, detected and playable event, check it and end.
    #[arg(long)]
    smoke: bool,
    /// Where to listen; the smoke test takes a free port.
    #[arg(long)]
    listen: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    ui::build_if_stale()?;
    let binary = house::build_binary(Build::Dev)?;
    let data = fresh_data(if arguments.smoke { "smoke" } else { "demo" })?;
    let house = house::simulate(&binary, &[])?;
    let default = if arguments.smoke { "127.0.0.1:0" } else { LISTEN };
    let listen = arguments.listen.as_deref().unwrap_or(default);
    let password = random_password()?;
    let args = ["--listen", listen, "--simulated"];
    let mut hub = house::serve(&binary, &data, &password, &args)?;
    for camera in &house.cameras {
        hub.add(camera).with_context(|| format!("adding {}", camera.name))?;
    }
    for device in &house.devices {
        hub.add_device(device).with_context(|| format!("adding {}", device.name))?;
    }
    if arguments.smoke {
        return smoke(&hub, &house.cameras[0].name);
    }
    println!("\n  Hearthwatch watches a simulated house.\n");
    println!("  Open      {}", hub.url);
    println!("  Sign in   admin / {password}");
    println!("  The browser warns once: the certificate was made here. Its fingerprint is above.");
    println!("\n  Stop with Ctrl+C. Data: {}\n", hub.data.display());
    hub.program.wait()
}

/// A data directory of this run's own, below the target folder.
pub(crate) fn fresh_data(name: &str) -> anyhow::Result<PathBuf> {
    let data = root().join("target").join("house").join(name);
    for folder in [data.clone(), data.with_file_name(format!("{name}-key"))] {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    fs::create_dir_all(data.parent().context("the root has no parent")?)?;
    write_config(&data)?;
    Ok(data)
}

/// With an object model beside the checkout the demo names what it sees, without one it sees motion.
fn write_config(data: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(data)?;
    let mut config = "house_name = \"Simulated house\"\n".to_owned();
    if let Some(model) = test_data().map(|folder| folder.join("models/yolox_nano.onnx"))
        && model.exists()
    {
        config.push_str(&format!("\n[eyes]\nmodel = {:?}\n", model.display().to_string()));
    }
    fs::write(data.join("hearthwatch.toml"), config)?;
    Ok(())
}

/// Clips and models that are not part of the repository.
pub(crate) fn test_data() -> Option<PathBuf> {
    let folder = std::env::var_os("HEARTHWATCH_TEST_DATA")
        .map_or_else(|| root().join("../shared"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

pub(crate) fn random_password() -> anyhow::Result<String> {
    let bytes = fs::read("/proc/sys/kernel/random/uuid").context("no source of randomness")?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Waits for an activity that was recorded, then plays it back: clip, snapshot, verification.
fn smoke(hub: &RunningHub, camera: &str) -> anyhow::Result<()> {
    let until = Instant::now() + SMOKE_LIMIT;
    let event = loop {
        if let Some(event) = finished_activity(&hub.command(&["events", "--json"])?)? {
            break event;
        }
        if Instant::now() > until {
            let status = hub.command(&["camera", "status", "--json"]).unwrap_or_default();
            bail!("no recorded activity within {SMOKE_LIMIT:?}; cameras: {status}");
        }
        thread::sleep(Duration::from_secs(1));
    };
    let text = |key: &str| event[key].as_str().map(str::to_owned).unwrap_or_default();
    let (from, to) = (text("at"), text("end"));
    let seen_by = event["camera_name"].as_str().unwrap_or(camera).to_owned();
    let clip = hub.data.with_file_name("smoke.mp4");
    let picture = hub.data.with_file_name("smoke.jpg");
    let (clip_name, picture_name) = (clip.display().to_string(), picture.display().to_string());
    hub.command(&["export", &seen_by, "--from", &from, "--to", &to, "-o", &clip_name])?;
    hub.command(&["snapshot", &seen_by, "--at", &from, "-o", &picture_name])?;
    let (clip_bytes, picture_bytes) = (fs::read(&clip)?, fs::read(&picture)?);
    ensure!(clip_bytes.get(4..8) == Some(b"ftyp".as_slice()), "the clip is no MP4");
    ensure!(picture_bytes.starts_with(&[0xff, 0xd8]), "the snapshot is no JPEG");
    let probed = RunningHub::probe(&clip)?.is_some();
    hub.command(&["verify"])?;
    println!(
        "smoke: {} at {from} on {seen_by}: clip of {} bytes{}, snapshot of {} bytes, verify clean",
        text("label"),
        clip_bytes.len(),
        if probed { " (ffprobe reads it)" } else { "" },
        picture_bytes.len(),
    );
    Ok(())
}

/// The first activity with an end and a clip.
fn finished_activity(lines: &str) -> anyhow::Result<Option<Value>> {
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).context("events --json is no JSON")?;
        let whole = event["kind"] == "activity_noticed"
            && event["end"].is_string()
            && event["clip"].is_string();
        if whole {
            return Ok(Some(event));
        }
    }
    Ok(None)
}
