//! A simulated house and a hub that watches it, as separate processes.

use std::{
    ffi::OsString,
    fs,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use hearth_model::WallTime;
use hearth_sim::{House, HouseSpec};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{Bench, control::Control, door::portraits, program::Program};

/// A loaded machine needs this long to encode the load, which is done once.
const HOUSE_LIMIT: Duration = Duration::from_secs(180);

/// The slowest start that is still worth a figure.
const HUB_LIMIT: Duration = Duration::from_secs(60);

/// Until a camera of the simulated house is live.
const LIVE_LIMIT: Duration = Duration::from_secs(60);

/// Between two looks whether it is.
const LIVE_POLL: Duration = Duration::from_millis(50);

/// The file that `hearthwatch serve` answers on.
const CONTROL_SOCKET: &str = "control.sock";

/// Settings of a hub without eyes: what they cost is measured on its own.
pub(crate) const WITHOUT_EYES: &str = "[eyes]\nenabled = false\n";

/// Equal cameras that show a street, and others at doors to which people come when told to.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct HouseInputs {
    /// Cameras that show a street.
    #[arg(long, default_value_t = 1)]
    pub(crate) cameras: usize,
    /// Picture width.
    #[arg(long, default_value_t = 1280)]
    pub(crate) width: usize,
    /// Picture height.
    #[arg(long, default_value_t = 720)]
    pub(crate) height: usize,
    /// Frames a second.
    #[arg(long, default_value_t = 15)]
    pub(crate) fps: u32,
    /// Bits a second; at doors as many as constant quality takes.
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) bitrate: u32,
    /// Cameras at doors.
    #[arg(long, default_value_t = 0)]
    pub(crate) doors: usize,
    /// Photographs of those who come to the doors; each is told by its place.
    #[arg(long = "visitor")]
    pub(crate) visitors: Vec<PathBuf>,
}

impl HouseInputs {
    /// So many cameras of the kind that everything is compared with: 720p, 15 fps, 2 Mbit/s.
    pub(crate) fn of(cameras: usize) -> Self {
        let visitors = Vec::new();
        Self { cameras, width: 1280, height: 720, fps: 15, bitrate: 2_000_000, doors: 0, visitors }
    }

    fn arguments(&self) -> Vec<OsString> {
        let pairs: [(&str, u64); 6] = [
            ("--cameras", self.cameras as u64),
            ("--width", self.width as u64),
            ("--height", self.height as u64),
            ("--fps", self.fps.into()),
            ("--bitrate", self.bitrate.into()),
            ("--doors", self.doors as u64),
        ];
        let numbers =
            pairs.iter().flat_map(|(name, value)| [(*name).into(), value.to_string().into()]);
        let visitors = self.visitors.iter().flat_map(|file| ["--visitor".into(), file.into()]);
        numbers.chain(visitors).collect()
    }

    /// As it stands in a report.
    pub(crate) fn json(&self) -> Value {
        json!({
            "cameras": self.cameras, "width": self.width, "height": self.height,
            "fps": self.fps, "bits_per_second": self.bitrate, "doors": self.doors,
        })
    }
}

/// Runs a simulated house in this process until it is ended.
pub(crate) async fn run(inputs: &HouseInputs) -> anyhow::Result<()> {
    let HouseInputs { cameras, width, height, fps, bitrate, doors, .. } = *inputs;
    let portraits = portraits(&inputs.visitors)?;
    let spec = HouseSpec::bench(cameras, width, height, fps, bitrate);
    let house = House::start(spec.with_doors(doors, (width, height, fps), portraits)).await?;
    println!("{}", serde_json::to_string(&house.describe())?);
    std::future::pending::<()>().await;
    Ok(())
}

/// A camera of the simulated house. Its password guards nothing.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct SimulatedCamera {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

/// The simulated house in a process of its own.
pub(crate) struct SimulatedHouse {
    pub(crate) cameras: Vec<SimulatedCamera>,
    /// Where people are told to come.
    pub(crate) control: String,
    // Ends the process when dropped.
    _program: Program,
}

impl SimulatedHouse {
    /// Starts it; returns when everything it will show is encoded.
    pub(crate) async fn start(place: &Place, inputs: &HouseInputs) -> anyhow::Result<Self> {
        #[derive(serde::Deserialize)]
        struct Description {
            cameras: Vec<SimulatedCamera>,
            control: String,
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("house").args(inputs.arguments());
        let log = place.root.join("house.log");
        let mut program = Program::start("the simulated house", &mut command, &log)?;
        let read = |line: &str| serde_json::from_str::<Description>(line).ok();
        let description = program.wait_for(HOUSE_LIMIT, read).await?;
        let Description { cameras, control } = description;
        Ok(Self { cameras, control, _program: program })
    }
}

/// Where one throw-away hub lives: data, key and log side by side.
pub(crate) struct Place {
    root: PathBuf,
}

impl Place {
    /// An empty place; what a former run left there is removed.
    pub(crate) fn fresh(bench: &Bench, name: &str, settings: &str) -> anyhow::Result<Self> {
        let root = bench.folder.join(format!("bench-{name}"));
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        fs::create_dir_all(&root)?;
        let place = Self { root: root.canonicalize()? };
        fs::DirBuilder::new().mode(0o700).create(place.data())?;
        fs::write(place.data().join("hearthwatch.toml"), settings)?;
        Ok(place)
    }

    /// The hub's data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The folders of footage.
    pub(crate) fn media(&self) -> PathBuf {
        self.data().join("media")
    }

    /// The hub's key.
    pub(crate) fn key(&self) -> PathBuf {
        self.root.join("key")
    }

    /// Another file that is removed with the place.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Removes everything; call it once the figures are taken.
    pub(crate) fn remove(self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(&self.root)?)
    }
}

/// A running hub of the product's binary.
pub(crate) struct Hub {
    /// The process.
    pub(crate) program: Program,
    /// The way in.
    pub(crate) control: Control,
    /// Where viewers connect.
    pub(crate) address: SocketAddr,
    /// From its start as a process to its word that it is ready.
    pub(crate) ready: Duration,
    /// Password of the account `admin`, if this start made it.
    pub(crate) password: String,
}

impl Hub {
    /// Starts it on the data of a place.
    pub(crate) async fn start(binary: &Path, place: &Place) -> anyhow::Result<Self> {
        let password = random_password()?;
        let mut command = Command::new(binary);
        command
            .arg("serve")
            .arg("--data")
            .arg(place.data())
            .arg("--key-file")
            .arg(place.key())
            .args(["--listen", "127.0.0.1:0", "--simulated"])
            .env("HEARTHWATCH_ADMIN_PASSWORD", &password);
        let started = Instant::now();
        let mut program = Program::start("the hub", &mut command, &place.file("hub.log"))?;
        let ready = |line: &str| line.strip_prefix("ready https://")?.parse().ok();
        let address = program.wait_for(HUB_LIMIT, ready).await?;
        let control = Control::new(place.data().join(CONTROL_SOCKET));
        Ok(Self { program, control, address, ready: started.elapsed(), password })
    }

    /// Adds a camera that records everything; its id.
    pub(crate) async fn add(&self, camera: &SimulatedCamera) -> anyhow::Result<String> {
        let SimulatedCamera { name, url, username, password } = camera;
        self.add_as(&json!({
            "name": name, "url": url, "username": username, "password": password,
            "record": "continuous",
        }))
        .await
    }

    /// Adds a camera as it is described; its id.
    pub(crate) async fn add_as(&self, camera: &Value) -> anyhow::Result<String> {
        let added = self.control.post("/api/v1/cameras", camera).await?;
        Ok(added["id"].as_str().context("a camera without an id")?.to_owned())
    }

    /// All cameras and how they fare.
    pub(crate) async fn cameras(&self) -> anyhow::Result<Vec<Value>> {
        let list = self.control.get("/api/v1/cameras").await?;
        Ok(list["cameras"].as_array().context("no list of cameras")?.clone())
    }

    /// Waits until all cameras are live.
    pub(crate) async fn wait_until_live(&self) -> anyhow::Result<()> {
        let until = Instant::now() + LIVE_LIMIT;
        loop {
            let cameras = self.cameras().await?;
            if cameras.iter().all(|camera| camera["state"] == "live") {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("not all cameras went live: {cameras:?}");
            }
            tokio::time::sleep(LIVE_POLL).await;
        }
    }
}

/// A password that no guess finds.
fn random_password() -> anyhow::Result<String> {
    Ok(format!("{:016x}-{:016x}", getrandom::u64()?, getrandom::u64()?))
}

/// Now by the wall clock that the hub reads too.
pub(crate) fn wall_now() -> WallTime {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime::from_micros(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX))
}
