//! `devices`: many devices asked at their usual pace by one core, one of them dead.
//!
//! The devices are simulated plugs in this process, on threads of their own; the supervisors share
//! one thread, whose processor time is what is measured.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use hearth_device::{
    Account, Clock, ControlValue, DeviceState, Family, MemoryCell, Pace, Setup, Supervised,
};
use hearth_model::AddressPolicy;
use hearth_sim::tapo::{KasaPlug, PlugLogin, TapoFault, TapoPlug, TapoPlugSpec};
use serde_json::json;

use crate::{
    figures::{Goal, Report, Sample, short},
    house::wall_now,
};

const USERNAME: &str = "keeper@example.com";
const PASSWORD: &str = "simulated-tapo";

/// Until all devices but the dead one answered for the first time.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

/// What somebody who presses a switch takes for at once.
const COMMAND_GOAL_MS: f64 = 500.0;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Inputs {
    /// Devices; every second one encrypts (KLAP), the others do not (XOR).
    #[arg(long, default_value_t = 200)]
    devices: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// A simulated plug, which stops when it is dropped.
enum Plug {
    Klap(TapoPlug),
    Xor(KasaPlug),
}

impl Plug {
    async fn start(number: usize) -> anyhow::Result<Self> {
        Ok(if number.is_multiple_of(2) {
            let spec = TapoPlugSpec::new(PlugLogin::KlapV2, USERNAME, PASSWORD);
            Self::Klap(TapoPlug::start(spec).await?)
        } else {
            Self::Xor(KasaPlug::start().await?)
        })
    }

    fn setup(&self, number: usize) -> anyhow::Result<Setup> {
        let (family, port, has_account) = match self {
            Self::Klap(plug) => (Family::TapoPlug, plug.port(), true),
            Self::Xor(plug) => (Family::KasaPlug, plug.port(), false),
        };
        let account = Account { username: USERNAME.to_owned(), password: PASSWORD.into() };
        Ok(Setup {
            name: format!("plug {number}"),
            family,
            address: format!("127.0.0.1:{port}").parse()?,
            account: has_account.then_some(account),
            memory: MemoryCell::default(),
            addresses: AddressPolicy::DEVICES.with_this_machine(),
            keepsake: None,
            board: Arc::new(hearth_device::KernelBoard),
            notices: hearth_device::Notices::default(),
        })
    }
}

/// What the one thread found out.
struct Measured {
    cpu: Duration,
    passed: Duration,
    looks: u64,
    commands: Sample,
    dead: DeviceState,
}

pub(crate) async fn measure(inputs: &Inputs) -> anyhow::Result<Report> {
    let mut plugs = Vec::new();
    for number in 0..inputs.devices.max(2) {
        plugs.push(Plug::start(number).await?);
    }
    // The first one takes every request and never answers.
    if let Some(Plug::Klap(dead)) = plugs.first() {
        dead.strike(TapoFault::Slow { seconds: 3_600.0 });
    }
    let setups = plugs.iter().enumerate().map(|(number, plug)| plug.setup(number));
    let setups = setups.collect::<anyhow::Result<Vec<_>>>()?;
    let seconds = Duration::from_secs(inputs.seconds);
    let thread = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(look_after(setups, seconds))
    });
    let measured = thread.await.context("the supervisors' thread died")??;
    drop(plugs);
    let cpu = measured.cpu.as_secs_f64() / measured.passed.as_secs_f64() * 100.0;
    let slowest = measured.commands.max();
    let figures = json!({
        "cpu_percent_of_core": short(cpu),
        "looks_per_second": short(measured.looks as f64 / measured.passed.as_secs_f64()),
        "command_milliseconds": measured.commands.json(),
        "dead_device": measured.dead,
    });
    let goals = vec![
        Goal::at_most("cpu_percent_of_core", 100.0, cpu),
        Goal::at_most("slowest_command_milliseconds", COMMAND_GOAL_MS, slowest),
    ];
    let inputs = json!({
        "devices": inputs.devices,
        "dead_devices": 1,
        "seconds": inputs.seconds,
        "look_every_seconds": Family::TapoPlug.look_every().as_secs(),
    });
    Ok(Report { inputs, figures, goals })
}

/// Runs on the one thread.
async fn look_after(setups: Vec<Setup>, seconds: Duration) -> anyhow::Result<Measured> {
    let clock: Clock = Arc::new(wall_now);
    let looks = Arc::new(AtomicU64::new(0));
    let mut devices = Vec::new();
    for setup in setups {
        let pace = Pace::of(setup.family);
        let device = Supervised::start(setup, pace, Arc::clone(&clock));
        let (mut changes, counted) = (device.changes(), Arc::clone(&looks));
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        devices.push(device);
    }
    let (dead, alive) = devices.split_first().context("no devices")?;
    let settled = async {
        for device in alive {
            let mut changes = device.changes();
            changes.wait_for(|now| now.state == DeviceState::Answering).await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(SETTLE_LIMIT, settled).await.context("not all devices answered")??;
    let (cpu_before, looks_before) = (thread_cpu()?, looks.load(Ordering::Relaxed));
    let begun = Instant::now();
    let mut commands = Sample::default();
    // One command after the other, spread over the time, while everything is asked as usual.
    let between = seconds / u32::try_from(alive.len()).unwrap_or(u32::MAX).max(1);
    for device in alive {
        let pressed = Instant::now();
        device.set("power", ControlValue::Switch(true)).await?;
        commands.push(pressed.elapsed().as_secs_f64() * 1_000.0);
        tokio::time::sleep(between.saturating_sub(pressed.elapsed())).await;
    }
    Ok(Measured {
        cpu: thread_cpu()?.saturating_sub(cpu_before),
        passed: begun.elapsed(),
        looks: looks.load(Ordering::Relaxed) - looks_before,
        commands,
        dead: dead.standing().state,
    })
}

/// Processor time of this thread (proc(5): fields 14 and 15, in ticks of 10 ms).
fn thread_cpu() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat")?;
    let fields = stat.rsplit(") ").next().context("no fields")?;
    let mut ticks = fields.split(' ').skip(11).map(str::parse::<u64>);
    let mut next = || ticks.next().context("too few fields")?.context("no number");
    Ok(Duration::from_millis((next()? + next()?) * 10))
}
