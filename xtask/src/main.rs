//! The project's own commands. `cargo xtask demo` shows the product, `cargo xtask test` checks it.

#![forbid(unsafe_code)]

mod advisories;
mod audit;
mod bench;
mod demo;
mod fuzz;
mod house;
mod models;
mod package;
mod process;
mod sbom;
mod test;
mod tools;
mod ui;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, start a simulated house and the hub, and say how to sign in.
    Demo(demo::Arguments),
    /// Everything that must be green: checks of the dashboard, all tests, browser tests.
    Test(test::Arguments),
    /// Measure: prints one JSON object.
    Bench(bench::Arguments),
    /// Run the fuzz targets with coverage.
    Fuzz(fuzz::Arguments),
    /// Look up known weaknesses of all dependencies in the RustSec database.
    Advisories(advisories::Arguments),
    /// Check licences, sources and the last look-up of weaknesses against deny.toml.
    Audit,
    /// Build the dashboard.
    Ui,
    /// Install the face model from its package, in the form the product embeds.
    Models,
    /// Write what the product is made of, as CycloneDX.
    Sbom(sbom::Arguments),
    /// Build the bundle that desktop assistants install.
    Package(package::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Advisories(arguments) => advisories::run(&arguments),
        Command::Audit => audit::run().and_then(|()| advisories::check()),
        Command::Ui => ui::build(),
        Command::Models => models::build(),
        Command::Sbom(arguments) => sbom::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root folder.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), std::path::Path::to_path_buf)
}
