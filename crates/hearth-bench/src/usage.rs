//! What the kernel says about a process and about the machine.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;

/// CPU, memory and writes of one process at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// User and system time since its start.
    pub(crate) cpu: Duration,
    /// Of it, time inside the kernel.
    pub(crate) cpu_system: Duration,
    /// Resident memory now.
    pub(crate) resident_bytes: u64,
    /// Largest resident memory so far.
    pub(crate) resident_bytes_max: u64,
    /// Of the resident memory, what belongs to this process alone and to no file.
    pub(crate) anonymous_bytes: u64,
    /// System calls that wrote, since its start.
    pub(crate) write_calls: u64,
    /// Threads.
    pub(crate) threads: u64,
}

/// Linux counts CPU time in hundredths of a second on every architecture it exports it for.
const TICKS_A_SECOND: u64 = 100;

/// Reads a process's figures.
pub(crate) fn of_process(pid: u32) -> anyhow::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; what follows it does not.
    let after_name = stat.rsplit_once(')').context("no name in stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|text| text.parse::<u64>().ok());
    let time = |ticks: u64| Duration::from_millis(ticks * 1000 / TICKS_A_SECOND);
    let (user, system) = (ticks(11).context("utime")?, ticks(12).context("stime")?);
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let io = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let kilobytes = |key: &str| number(&status, key).unwrap_or(0) * 1024;
    Ok(Usage {
        cpu: time(user + system),
        cpu_system: time(system),
        resident_bytes: kilobytes("VmRSS:"),
        resident_bytes_max: kilobytes("VmHWM:"),
        anonymous_bytes: kilobytes("RssAnon:"),
        write_calls: number(&io, "syscw:").unwrap_or(0),
        threads: number(&status, "Threads:").unwrap_or(0),
    })
}

/// The processes that a process started and that run still.
pub(crate) fn children(parent: u32) -> anyhow::Result<Vec<u32>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // Any of them may end while we look.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let of = after_name.split_whitespace().nth(1).and_then(|text| text.parse().ok());
        if of == Some(parent) {
            children.push(pid);
        }
    }
    Ok(children)
}

/// How many processes wanted to run during the last minute, on average.
pub(crate) fn machine_load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

fn number(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Bytes of all files below a folder.
pub(crate) fn bytes_below(folder: &Path) -> anyhow::Result<u64> {
    let mut total = 0;
    for file in files_below(folder)? {
        // A file may be erased while we look.
        total += fs::metadata(file).map_or(0, |metadata| metadata.len());
    }
    Ok(total)
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let list = if entry.file_type()?.is_dir() { &mut folders } else { &mut files };
            list.push(entry.path());
        }
    }
    Ok(files)
}

/// Makes the kernel forget what it keeps of a file in memory, as after a restart of the machine.
pub(crate) fn forget_cached(file: &Path) -> anyhow::Result<()> {
    let file = fs::File::open(file)?;
    // Only clean pages are forgotten.
    file.sync_all()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(())
}
