//! Measures the release build: `hearth-bench NAME --binary PATH --folder DIR` prints one JSON
//! object with inputs, figures and goals. `cargo xtask bench NAME` builds both and runs it.
//!
//! The hub and the simulated house are processes of their own, so that what is measured is the
//! product and nothing else. Machines that run this are shared and noisy: figures are compared with
//! what the same run measured beside them, and the machine's load stands in the output.
//! Everything here waits with a deadline, and every process it starts ends with it.

#![forbid(unsafe_code)]

mod answer;
mod control;
mod crash;
mod devices;
mod dice;
mod door;
mod export;
mod eyes;
mod faces;
mod figures;
mod flood;
mod footage;
mod gate;
mod house;
mod live;
mod mcp;
mod people;
mod press;
mod program;
mod record;
mod rules;
mod search;
mod sign_in;
mod start;
mod test_data;
mod told;
mod usage;
mod viewer;
mod week;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use figures::Report;
use serde_json::{Value, json};

#[derive(Parser)]
#[command(name = "hearth-bench", about = "Measurements of the release build.")]
struct Arguments {
    /// The product's release binary.
    #[arg(long, global = true, default_value = "target/release/hearthwatch")]
    binary: PathBuf,
    /// Where throw-away houses may be laid out.
    #[arg(long, global = true, default_value = "target/house")]
    folder: PathBuf,
    /// One line instead of one that people can read.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// CPU, memory and bytes of recording many cameras, sealed.
    Record(record::Inputs),
    /// Frames decoded on quiet footage, and what is found of what happens.
    Gate(gate::Inputs),
    /// Time to the first frame and latency added, for viewers.
    Live(live::Inputs),
    /// Start and queries with a large index.
    Start(start::Inputs),
    /// What `kill -9` costs.
    Crash(crash::Inputs),
    /// Many devices asked by one core, one of them dead.
    Devices(devices::Inputs),
    /// First byte and throughput of an hour's export.
    Export(export::Inputs),
    /// How well and how fast faces are recognised.
    Faces(faces::Inputs),
    /// Requests refused while cameras are recorded.
    Flood(flood::Inputs),
    /// What a call of an assistant's tool costs.
    Mcp(mcp::Inputs),
    /// From a ring to the message that says so.
    Press(press::Inputs),
    /// From a fact to the action of a rule.
    Rules(rules::Inputs),
    /// Finding and counting among very many facts.
    Search(search::Inputs),
    /// What a sign-in costs, and being signed in.
    SignIn(sign_in::Inputs),
    /// Whether a week of visitors is told rightly, and nobody by a name that is not theirs.
    Week(week::Inputs),
    /// The simulated house that the others watch; they start it by themselves.
    #[command(hide = true)]
    House(house::HouseInputs),
}

/// What all measurements need.
struct Bench {
    /// The product.
    binary: PathBuf,
    /// Where throw-away houses are laid out.
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let bench = Bench { binary: arguments.binary, folder: arguments.folder };
    let load_before = usage::machine_load();
    let (name, report) = match &arguments.command {
        Command::Record(inputs) => ("record", record::measure(&bench, inputs).await?),
        Command::Gate(inputs) => ("gate", gate::measure(&bench, inputs).await?),
        Command::Live(inputs) => ("live", live::measure(&bench, inputs).await?),
        Command::Start(inputs) => ("start", start::measure(&bench, inputs).await?),
        Command::Crash(inputs) => ("crash", crash::measure(&bench, inputs).await?),
        Command::Devices(inputs) => ("devices", devices::measure(inputs).await?),
        Command::Export(inputs) => ("export", export::measure(&bench, inputs).await?),
        Command::Faces(inputs) => ("faces", faces::measure(&bench, inputs).await?),
        Command::Flood(inputs) => ("flood", flood::measure(&bench, inputs).await?),
        Command::Mcp(inputs) => ("mcp", mcp::measure(&bench, inputs).await?),
        Command::Press(inputs) => ("press", press::measure(&bench, inputs).await?),
        Command::Rules(inputs) => ("rules", rules::measure(&bench, inputs).await?),
        Command::Search(inputs) => ("search", search::measure(&bench, inputs).await?),
        Command::SignIn(inputs) => ("sign-in", sign_in::measure(&bench, inputs).await?),
        Command::Week(inputs) => ("week", week::measure(&bench, inputs).await?),
        Command::House(inputs) => return house::run(inputs).await,
    };
    let report = whole(name, report, load_before);
    let printed = if arguments.json {
        serde_json::to_string(&report)?
    } else {
        serde_json::to_string_pretty(&report)?
    };
    println!("{printed}");
    Ok(())
}

fn whole(name: &str, report: Report, load_before: Option<f64>) -> Value {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    json!({
        "bench": name,
        "inputs": report.inputs,
        "figures": report.figures,
        "goals": figures::goals(&report.goals),
        "machine": {
            "cores": cores,
            "load_before": load_before,
            "load_after": usage::machine_load(),
        },
    })
}
