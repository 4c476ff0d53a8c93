//! `tapo` and `plug`: one device on the local network, without a hub.

use clap::{Args, Subcommand, ValueEnum};
use hearth_http::Fingerprint;

/// How to reach a device.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Name or address of the device
    #[arg(long, global = true)]
    pub(crate) host: Option<String>,
    /// Its port, if it is not the usual one
    #[arg(long, global = true)]
    pub(crate) port: Option<u16>,
    /// User name: `admin` for cameras, the account with the vendor for plugs
    #[arg(long, global = true, value_name = "U")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds the password
    #[arg(long, global = true, value_name = "VAR")]
    pub(crate) password_env: Option<String>,
    /// Pin this certificate, instead of the one that was seen first
    #[arg(long, global = true, value_name = "SHA256")]
    pub(crate) certificate_sha256: Option<Fingerprint>,
}

#[derive(Debug, Args)]
pub(crate) struct TapoArguments {
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: DirectCommand,
}

#[derive(Debug, Args)]
pub(crate) struct PlugArguments {
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// What the plug speaks
    #[arg(long, global = true, value_enum, default_value_t = Maker::Tapo)]
    pub(crate) maker: Maker,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: PlugCommand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Maker {
    /// Tapo, and newer Kasa plugs
    Tapo,
    /// Kasa
    Kasa,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DirectCommand {
    /// Show what it is, what it can do and what it measures
    Status,
    /// Set a control, e.g. `privacy on`
    Set {
        /// Which; see `status`
        control: String,
        /// on, off, a number or a word
        value: String,
    },
    /// Do something once, e.g. `move pan=10`
    Do {
        /// Which; see `status`
        action: String,
        /// What it needs to know
        arguments: Vec<String>,
    },
    /// List Tapo and Kasa devices that answer
    Discover,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlugCommand {
    /// Show what it is, whether it is on and what it measures
    Status,
    /// Turn it on
    On,
    /// Turn it off
    Off,
    /// Restart it
    Reboot,
}
