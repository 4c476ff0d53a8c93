//! `alarm` and `rule`, through a hub.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use hearth_model::RuleId;

#[derive(Debug, Subcommand)]
pub(crate) enum AlarmCommand {
    /// Show how the alarm stands
    Show,
    /// Arm the house
    Arm {
        /// How
        #[arg(value_enum)]
        mode: ArmedMode,
        /// Although something is not ready
        #[arg(long)]
        anyway: bool,
    },
    /// Disarm the house
    Disarm {
        /// By a PIN, from this environment variable
        #[arg(long, value_name = "VAR")]
        pin_env: Option<String>,
        /// It was for nothing
        #[arg(long, requires = "pin_env")]
        false_alarm: bool,
    },
    /// Call for help
    Panic {
        /// Without a sound or a sign in the house
        #[arg(long)]
        silent: bool,
    },
    /// Look into an alarm; sirens fall silent
    Acknowledge,
    /// Show what is watched, or set it from a JSON file as `alarm setup --json` prints
    Setup {
        /// The file
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// List who has a PIN
    Pins,
    /// Give somebody a PIN
    SetPin {
        /// Whose
        holder: String,
        /// 4 to 12 digits, from this environment variable
        #[arg(long, value_name = "VAR")]
        pin_env: String,
        /// Another, for when they are forced to disarm, from this environment variable
        #[arg(long, value_name = "VAR")]
        duress_pin_env: Option<String>,
    },
    /// Take somebody's PINs away
    RemovePin {
        /// Whose
        holder: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ArmedMode {
    Home,
    Away,
    Night,
    Vacation,
}

impl ArmedMode {
    /// As the hub names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Away => "away",
            Self::Night => "night",
            Self::Vacation => "vacation",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// List rules as sentences
    List,
    /// Show one rule as JSON
    Show {
        /// Its id
        rule: RuleId,
    },
    /// Make a rule from a JSON file, or change one
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The rule to be changed; a new one without
        #[arg(long, value_name = "RULE")]
        rule: Option<RuleId>,
    },
    /// Look at a rule before it is in force: what is wrong, and what it would have done in a week
    Check {
        /// The JSON file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make a draft of an English sentence; prints JSON for `rule put`
    Draft {
        /// The sentence
        sentence: String,
    },
    /// Switch a rule on
    On {
        /// Its id
        rule: RuleId,
    },
    /// Switch a rule off
    Off {
        /// Its id
        rule: RuleId,
    },
    /// Remove a rule with its history
    Remove {
        /// Its id
        rule: RuleId,
    },
    /// Judge a rule again that was suspended for its errors
    Resume {
        /// Its id
        rule: RuleId,
    },
    /// Show what rules did, newest first
    Runs {
        /// Only of this rule
        #[arg(long, value_name = "RULE")]
        rule: Option<RuleId>,
    },
}
