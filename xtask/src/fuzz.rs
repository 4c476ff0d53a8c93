//! `cargo xtask fuzz`: coverage-guided fuzzing with the ordinary compiler.
//!
//! What needs a nightly compiler is the address sanitizer; coverage does not. Our parsers have no
//! `unsafe` code, so panics, endless loops and growth, which this finds, are what there is to find.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};

use crate::{process, root};

/// What libFuzzer needs to see which code an input reaches.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    --cfg fuzzing -Cdebug-assertions=on -Coverflow-checks=on";

/// An input that takes longer, or more memory, is a failure.
const INPUT_SECONDS_MAX: u32 = 10;
const MEMORY_MB_MAX: u32 = 1_024;

/// As long as the longest thing a parser reads at once.
const INPUT_BYTES_MAX: u32 = 70_000;

/// Targets that run at the same time: one a core of a small machine.
const AT_ONCE: usize = 2;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How long to run each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Only these targets; all of them if none is named.
    targets: Vec<String>,
}

/// All targets for a moment, as part of the tests.
pub(crate) fn briefly() -> anyhow::Result<()> {
    run(&Arguments { seconds: 3, targets: Vec::new() })
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let all = targets()?;
    if let Some(unknown) = arguments.targets.iter().find(|name| !all.contains(name)) {
        bail!("there is no fuzz target {unknown}; there are {}", all.join(", "));
    }
    let chosen = if arguments.targets.is_empty() { &all } else { &arguments.targets };
    let programs = build()?;
    for batch in chosen.chunks(AT_ONCE) {
        let running: Vec<_> = batch
            .iter()
            .map(|name| Ok((name, start(&programs, name, arguments.seconds)?)))
            .collect::<anyhow::Result<_>>()?;
        for (name, child) in running {
            let output = child.wait_with_output()?;
            let report = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "{name} found something:\n{report}");
            let last = report.lines().rfind(|line| line.contains("DONE")).unwrap_or_default();
            println!("{name}: {}", last.trim());
        }
    }
    Ok(())
}

/// All targets, by the names of their files.
fn targets() -> anyhow::Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .with_context(|| format!("could not list {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// Builds all targets with coverage; where they lie.
fn build() -> anyhow::Result<PathBuf> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not say for what it compiles")?;
    let target = root().join("target/fuzz");
    // With a target named, build scripts and macros are built without coverage.
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--bins", "--target", host, "--manifest-path"]);
    cargo.arg(root().join("fuzz/Cargo.toml")).env("RUSTFLAGS", COVERAGE);
    cargo.env("CARGO_TARGET_DIR", &target);
    process::output(&mut cargo)?;
    Ok(target.join(host).join("release"))
}

fn start(programs: &Path, name: &str, seconds: u32) -> anyhow::Result<Child> {
    let kept = root().join("target/fuzz");
    let (corpus, artifacts) = (kept.join("corpus").join(name), kept.join("artifacts").join(name));
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(programs.join(name));
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()));
    if let Some(words) = dictionary(&root().join("fuzz/dictionaries"), name)? {
        command.arg(format!("-dict={}", words.display()));
    }
    command.arg(corpus).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().with_context(|| format!("could not start {name}"))
}

/// The words of a format: `mp4.dict` is for `mp4_reader`.
fn dictionary(folder: &Path, name: &str) -> anyhow::Result<Option<PathBuf>> {
    let files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let fits = |path: &PathBuf| {
        path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| name.starts_with(stem))
    };
    Ok(files.into_iter().find(fits))
}
