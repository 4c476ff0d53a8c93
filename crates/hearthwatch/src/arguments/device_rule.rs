//! `device schedule` and `device limit`: what the hub does with a device by itself.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// List what a device is set to at which time
    List {
        /// Name or id
        device: String,
    },
    /// Set a control at a time of the house, e.g. `Lamp 22:30 power off`
    Add {
        /// Name or id
        device: String,
        /// When, e.g. 22:30
        at: String,
        /// Which control; see `device show`
        control: String,
        /// on, off, a number or a word
        value: String,
        /// On which days; every day without
        #[arg(long, value_delimiter = ',', default_value = "mon,tue,wed,thu,fri,sat,sun")]
        days: Vec<String>,
    },
    /// Remove a schedule
    Remove {
        /// Name or id
        device: String,
        /// Id of the schedule; see `device schedule list`
        schedule: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LimitCommand {
    /// List what of a device is watched
    List {
        /// Name or id
        device: String,
    },
    /// Watch a reading, e.g. `Heater power --above 1500 --for 60 --turn-off`
    Add(LimitAddArguments),
    /// Remove a limit
    Remove {
        /// Name or id
        device: String,
        /// Id of the limit; see `device limit list`
        limit: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LimitAddArguments {
    /// Name or id
    pub(crate) device: String,
    /// Which reading; see `device show`
    pub(crate) reading: String,
    /// Act above this
    #[arg(
        long,
        value_name = "N",
        required_unless_present = "below",
        allow_negative_numbers = true
    )]
    pub(crate) above: Option<f64>,
    /// Act below this
    #[arg(long, value_name = "N", conflicts_with = "above", allow_negative_numbers = true)]
    pub(crate) below: Option<f64>,
    /// How long it has to last, in seconds
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 0)]
    pub(crate) for_seconds: u32,
    /// Turn the device off, and not only tell
    #[arg(long)]
    pub(crate) turn_off: bool,
}
