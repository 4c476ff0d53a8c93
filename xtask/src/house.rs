//! A simulated house and a hub that watches it, as separate processes of the product's binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{
    models,
    process::{self, Program},
    root,
};

/// The slowest machine that still deserves a demo needs about 10 s.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Which build of the binary to use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// Quick to build; what tests and the demo use.
    Dev,
    /// What is measured.
    Release,
}

/// Builds the product's binary and returns where it is.
pub(crate) fn build_binary(build: Build) -> anyhow::Result<PathBuf> {
    models::build_if_missing();
    let mut args = vec!["build", "--quiet", "--package", "hearthwatch"];
    if build == Build::Release {
        args.push("--release");
    }
    process::run(&root(), "cargo", &args)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    let folder = if build == Build::Release { "release" } else { "debug" };
    Ok(target.join(folder).join("hearthwatch"))
}

/// One camera of the simulated house.
pub(crate) struct SimulatedCamera {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) record: String,
}

/// One device of the simulated house.
pub(crate) struct SimulatedDevice {
    pub(crate) name: String,
    family: String,
    room: String,
    camera: Option<String>,
    address: String,
    username: Option<String>,
    password: Option<String>,
}

/// The simulated house, running.
pub(crate) struct SimulatedHouse {
    /// Ends with this value.
    _program: Program,
    pub(crate) cameras: Vec<SimulatedCamera>,
    pub(crate) devices: Vec<SimulatedDevice>,
    pub(crate) description: Value,
}

/// Starts the simulated house.
pub(crate) fn simulate(binary: &Path, args: &[&str]) -> anyhow::Result<SimulatedHouse> {
    let mut command = Command::new(binary);
    command.args(["simulate", "--json"]).args(args);
    let mut program = Program::start("the simulated house", &mut command)?;
    let description: Value =
        program.wait_for(START_LIMIT, |line| serde_json::from_str(line).ok())?;
    let cameras = description["cameras"]
        .as_array()
        .context("the simulated house names no cameras")?
        .iter()
        .map(read_camera)
        .collect::<anyhow::Result<_>>()?;
    let devices = description["devices"].as_array().into_iter().flatten();
    let devices = devices.map(read_device).collect::<anyhow::Result<_>>()?;
    Ok(SimulatedHouse { _program: program, cameras, devices, description })
}

fn read_camera(value: &Value) -> anyhow::Result<SimulatedCamera> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Ok(SimulatedCamera {
        name: text("name").context("a camera without a name")?,
        url: text("url").context("a camera without a URL")?,
        username: text("username"),
        password: text("password"),
        record: text("record").unwrap_or_else(|| "continuous".to_owned()),
    })
}

fn read_device(value: &Value) -> anyhow::Result<SimulatedDevice> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Ok(SimulatedDevice {
        name: text("name").context("a device without a name")?,
        family: text("family").context("a device without a family")?,
        room: text("room").context("a device without a room")?,
        camera: text("camera"),
        address: text("address").context("a device without an address")?,
        username: text("username"),
        password: text("password"),
    })
}

/// A running hub.
pub(crate) struct RunningHub {
    pub(crate) program: Program,
    pub(crate) binary: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) url: String,
}

/// Starts the hub on a data directory.
pub(crate) fn serve(
    binary: &Path,
    data: &Path,
    password: &str,
    args: &[&str],
) -> anyhow::Result<RunningHub> {
    let mut command = Command::new(binary);
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(args)
        .env("HEARTHWATCH_ADMIN_PASSWORD", password)
        // A throw-away house keeps its key beside its throw-away data, not in the user's home.
        .env("XDG_CONFIG_HOME", key_folder(data)?);
    let mut program = Program::start("the hub", &mut command)?;
    let url =
        program.wait_for(START_LIMIT, |line| line.strip_prefix("ready ").map(str::to_owned))?;
    Ok(RunningHub { program, binary: binary.to_owned(), data: data.to_owned(), url })
}

fn key_folder(data: &Path) -> anyhow::Result<PathBuf> {
    let name = data.file_name().context("the data directory has no name")?;
    let folder = data.with_file_name(format!("{}-key", name.to_string_lossy()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

impl RunningHub {
    /// Runs a command of the product against this hub and returns what it printed.
    pub(crate) fn command(&self, args: &[&str]) -> anyhow::Result<String> {
        process::output(Command::new(&self.binary).arg("--data").arg(&self.data).args(args))
    }

    /// Adds a camera of the simulated house.
    pub(crate) fn add(&self, camera: &SimulatedCamera) -> anyhow::Result<()> {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(&self.data).args(["camera", "add", &camera.name]);
        command.args(["--url", &camera.url, "--record", &camera.record, "--json"]);
        if let (Some(username), Some(password)) = (&camera.username, &camera.password) {
            command.args(["--username", username, "--password-env", "SIMULATED_PASSWORD"]);
            command.env("SIMULATED_PASSWORD", password);
        }
        process::output(&mut command)?;
        Ok(())
    }

    /// Adds a device of the simulated house.
    pub(crate) fn add_device(&self, device: &SimulatedDevice) -> anyhow::Result<()> {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(&self.data).args(["device", "add", &device.name, "--json"]);
        command.args(["--family", &device.family, "--address", &device.address]);
        command.args(["--room", &device.room]);
        if let Some(camera) = &device.camera {
            command.args(["--camera", camera]);
        }
        if let (Some(username), Some(password)) = (&device.username, &device.password) {
            command.args(["--username", username, "--password-env", "SIMULATED_PASSWORD"]);
            command.env("SIMULATED_PASSWORD", password);
        }
        process::output(&mut command)?;
        Ok(())
    }

    /// Whether ffprobe reads a file without a warning; `None` where it is not installed.
    pub(crate) fn probe(file: &Path) -> anyhow::Result<Option<()>> {
        if !crate::tools::runs("ffprobe") {
            return Ok(None);
        }
        let output = Command::new("ffprobe")
            .args(["-v", "warning", "-show_format", "-of", "json"])
            .arg(file)
            .output()?;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success() && complaint.is_empty(), "ffprobe: {complaint}");
        Ok(Some(()))
    }
}
