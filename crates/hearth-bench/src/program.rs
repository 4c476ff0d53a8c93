//! Child processes that end with us, and only those that we started.

use std::{
    fs::OpenOptions,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{timeout, timeout_at},
};

/// A program that was asked to end has this long; a hub closes its files meanwhile.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A started program whose standard output is read line by line. Dropping it ends it.
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    // Held for its whole life: a program whose output nobody takes might end.
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts a program; what it says on the standard error stream is appended to `log`.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let stdout = child.stdout.take().context("no standard output")?;
        Ok(Self { name, child, lines: BufReader::new(stdout).lines() })
    }

    /// Waits for a line for which `wanted` gives a value.
    pub(crate) async fn wait_for<T>(
        &mut self,
        limit: Duration,
        wanted: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        let until = tokio::time::Instant::from_std(Instant::now() + limit);
        loop {
            let Ok(line) = timeout_at(until, self.lines.next_line()).await else {
                bail!("{} did not get ready within {limit:?}", self.name);
            };
            match line? {
                Some(line) => {
                    if let Some(value) = wanted(&line) {
                        return Ok(value);
                    }
                }
                None => bail!("{} ended early: {}", self.name, self.child.wait().await?),
            }
        }
    }

    /// Its process id, while it runs.
    pub(crate) fn id(&self) -> anyhow::Result<u32> {
        self.child.id().with_context(|| format!("{} has ended", self.name))
    }

    /// Ends it at once and waits until it is gone.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to end, and ends it if it does not.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let id = i32::try_from(self.id()?).ok().and_then(rustix::process::Pid::from_raw);
        let id = id.context("no process id")?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        if timeout(STOP_LIMIT, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            bail!("{} did not end within {STOP_LIMIT:?}", self.name);
        }
        Ok(())
    }
}
