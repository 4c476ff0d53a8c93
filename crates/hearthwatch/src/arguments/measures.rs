//! `energy`, `climate` and `privacy`, through a hub.

use clap::{Args, Subcommand, ValueEnum};
use hearth_model::WallTime;

#[derive(Debug, Args)]
pub(crate) struct EnergyArguments {
    /// From when; a week ago without
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<WallTime>,
    /// To when; now without
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<WallTime>,
    /// How long a step is
    #[arg(long, value_enum, default_value_t = Step::Day)]
    pub(crate) step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    Hour,
    Day,
    Month,
}

impl Step {
    /// As the hub names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ClimateArguments {
    /// From when; a day ago without
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<WallTime>,
    /// To when; now without
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<WallTime>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Show how the switch stands
    Show,
    /// Close every camera
    On {
        /// Until when; until somebody opens them again without
        #[arg(long, value_name = "T")]
        until: Option<WallTime>,
    },
    /// Open them again
    Off,
}
