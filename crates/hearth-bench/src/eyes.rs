//! What the worker of the eyes took.

use std::fs;

use serde_json::{Value, json};

use crate::{
    figures::short,
    house::{Hub, Place},
    usage::{self, Usage},
};

/// What the hub's log says whenever a worker is gone.
const STOPPED: &str = "the eyes' worker stopped";

/// The worker of a running hub.
pub(crate) struct Eyes {
    /// Of the worker that runs now; `None` if none does.
    usage: Option<Usage>,
    /// Those before it, which a machine without time for them makes look as if they hung.
    stopped: usize,
}

impl Eyes {
    /// Looks at a hub that runs.
    pub(crate) fn of(place: &Place, hub: &Hub) -> anyhow::Result<Self> {
        let workers = usage::children(hub.program.id()?)?;
        let usage = workers.first().map(|pid| usage::of_process(*pid)).transpose()?;
        let log = fs::read_to_string(place.file("hub.log"))?;
        Ok(Self { usage, stopped: log.matches(STOPPED).count() })
    }

    /// The largest resident memory so far, in megabytes; not a number if no worker runs.
    pub(crate) fn resident_mb_max(&self) -> f64 {
        self.usage.map_or(f64::NAN, |usage| usage.resident_bytes_max as f64 / 1e6)
    }

    /// As it stands in a report.
    pub(crate) fn json(&self) -> Value {
        json!({
            "resident_mb_max": short(self.resident_mb_max()),
            "cpu_seconds": self.usage.map(|usage| usage.cpu.as_secs()),
            "stopped_workers": self.stopped,
        })
    }
}
