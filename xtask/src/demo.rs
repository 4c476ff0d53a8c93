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
    house::{self, Build, RunningHub, SimulatedHouse},
    models, root, ui,
};

/// Where the demo listens.
const LISTEN: &str = "127.0.0.1:8443";

/// Who comes to the front door, as they lie in the package; the first one is known.
const VISITORS: [&str; 2] = ["sample1.jpg", "sample2.jpg"];

/// What the first one is called.
const KNOWN: &str = "Sample visitor";

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
    let visitors = visitors();
    let house = simulated(&binary, &visitors)?;
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
    let known = enrol(&hub, &house.cameras[0].name, &visitors)?;
    if arguments.smoke {
        smoke(&hub, &house.cameras[0].name)?;
        return known.map_or(Ok(()), |known| smoke_visit(&hub, known));
    }
    println!("\n  Hearthwatch watches a simulated house.\n");
    println!("  Open      {}", hub.url);
    println!("  Sign in   admin / {password}");
    println!("  The browser warns once: the certificate was made here. Its fingerprint is above.");
    if let Some(known) = known {
        println!("  {known} agreed to be known and comes to the front door; others are strangers.");
    }
    println!("\n  Stop with Ctrl+C. Data: {}\n", hub.data.display());
    hub.program.wait()
}

/// Photographs of the face package, if `cargo xtask models` installed it: the faces of those who come
/// to the simulated front door.
pub(crate) fn visitors() -> Vec<PathBuf> {
    let folder = root().join("models/node_modules/@vladmandic/face-api/demo");
    let photos = VISITORS.map(|name| folder.join(name));
    if models::are_built() && photos.iter().all(|photo| photo.is_file()) {
        photos.into()
    } else {
        Vec::new()
    }
}

/// The simulated house, with the faces of those who come.
pub(crate) fn simulated(binary: &Path, visitors: &[PathBuf]) -> anyhow::Result<SimulatedHouse> {
    let mut args = Vec::new();
    for visitor in visitors {
        args.extend(["--visitor", visitor.to_str().context("a path that is no text")?]);
    }
    house::simulate(binary, &args)
}

/// Lets the camera look at a door, and makes the first visitor known; their name, if there is one.
pub(crate) fn enrol(
    hub: &RunningHub,
    door: &str,
    visitors: &[PathBuf],
) -> anyhow::Result<Option<&'static str>> {
    hub.command(&["camera", "door", door, "--faces"])?;
    let Some(photo) = visitors.first() else { return Ok(None) };
    let photo = photo.to_str().context("a path that is no text")?;
    let consent = "A sample photograph of the face package, shown with its licence (MIT).";
    hub.command(&["people", "enrol", KNOWN, photo, "--face", "0", "--consent", consent])?;
    Ok(Some(KNOWN))
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

/// Waits for whoever is known to come to the door and be named.
fn smoke_visit(hub: &RunningHub, known: &str) -> anyhow::Result<()> {
    let until = Instant::now() + SMOKE_LIMIT;
    loop {
        let listed = hub.command(&["visit", "list", "--json"])?;
        let page: Value = serde_json::from_str(&listed).context("visit list --json is no JSON")?;
        let visits = page["visits"].as_array().cloned().unwrap_or_default();
        let names_known = |visit: &Value| {
            let faces = visit["faces"].as_array().into_iter().flatten();
            faces.filter_map(|face| face["name"].as_str()).any(|name| name == known)
        };
        if let Some(visit) = visits.iter().find(|visit| names_known(visit)) {
            println!("smoke: {known} came at {} and was recognised", visit["started_at"]);
            return Ok(());
        }
        ensure!(Instant::now() < until, "{known} was not recognised: {listed}");
        thread::sleep(Duration::from_secs(1));
    }
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
