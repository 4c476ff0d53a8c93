//! `notify`: what people are told, through a hub.

use clap::Subcommand;
use hearth_model::NotificationId;

#[derive(Debug, Subcommand)]
pub(crate) enum NotifyCommand {
    /// Send recipients a test and say how long it took; exits with 1 if one did not get it
    Test {
        /// Name or id; without one, all who are switched on
        recipient: Option<String>,
    },
    /// List who is told what, by which channel
    List,
    /// List what was given up
    Dead,
    /// Have what was given up tried again
    Replay {
        /// Which; without one, all
        delivery: Option<NotificationId>,
    },
    /// Have only critical matters told for a while
    Mute {
        /// For so many minutes
        #[arg(default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=1440))]
        minutes: u16,
        /// Have everything told again
        #[arg(long)]
        off: bool,
    },
    /// List what waits for somebody to look after it
    Matters,
    /// Say that you look after a matter: it is told no more
    Acknowledge {
        /// Its id, as `notify matters` says it; without one, the newest that waits
        matter: Option<String>,
    },
}
