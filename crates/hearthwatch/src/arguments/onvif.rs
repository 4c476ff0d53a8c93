//! `onvif`: commands to one ONVIF device, without a hub.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use hearth_onvif::{Fingerprint, Scheme, Token};

#[derive(Debug, Args)]
pub(crate) struct OnvifArguments {
    #[command(flatten)]
    pub(crate) reach: OnvifReach,
    #[command(subcommand)]
    pub(crate) command: OnvifCommand,
}

/// How the device is reached.
#[derive(Debug, Args)]
pub(crate) struct OnvifReach {
    /// Host name or address of the device
    #[arg(long, global = true, value_name = "H")]
    pub(crate) host: Option<String>,
    /// Its port; Tapo cameras use 2020 [default: 80, with --https 443]
    #[arg(long, global = true, value_name = "P", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Path of its device service
    #[arg(long, global = true, value_name = "PATH", default_value = "/onvif/device_service")]
    pub(crate) path: String,
    /// Control it over HTTPS
    #[arg(long, global = true)]
    pub(crate) https: bool,
    /// SHA-256 of the certificate that is accepted; without it, the one that it showed at first
    #[arg(long, global = true, value_name = "HEX")]
    pub(crate) certificate_sha256: Option<Fingerprint>,
    /// User name on the device
    #[arg(long, global = true, value_name = "U")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds the password on the device
    #[arg(long, global = true, value_name = "VAR")]
    pub(crate) password_env: Option<String>,
    /// The weakest proof that may be used: username-token, digest-md5 or digest-sha256
    #[arg(long, global = true, value_name = "SCHEME", value_parser = scheme)]
    pub(crate) at_least: Option<Scheme>,
    /// Reach it outside of the house's networks too
    #[arg(long, global = true)]
    pub(crate) anywhere: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OnvifCommand {
    /// Look for devices in the network
    Discover {
        /// For how long
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=30))]
        seconds: u64,
        /// Own address in the network to look into
        #[arg(long, value_name = "IP", default_value_t = Ipv4Addr::UNSPECIFIED)]
        interface: Ipv4Addr,
        /// Where to ask, if not everybody
        #[arg(long, value_name = "IP:PORT", default_value_t = hearth_onvif::discovery::MULTICAST)]
        target: SocketAddr,
    },
    /// Show what the device is, and how safe the way to it is
    Info,
    /// List its profiles
    Profiles,
    /// Show where a profile's stream is
    StreamUri {
        /// Which profile; without it, the first
        #[arg(long, value_name = "TOKEN")]
        profile: Option<Token>,
        /// The stream inside TLS
        #[arg(long)]
        rtsps: bool,
    },
    /// Save one picture
    Snapshot {
        /// Which profile; without it, the first
        #[arg(long, value_name = "TOKEN")]
        profile: Option<Token>,
        /// File to write; it is there completely or not at all
        #[arg(short, long, value_name = "FILE.jpg")]
        output: PathBuf,
    },
    /// Move the device
    Ptz {
        /// Which profile; without it, the first that can move
        #[arg(long, global = true, value_name = "TOKEN")]
        profile: Option<Token>,
        #[command(subcommand)]
        command: PtzCommand,
    },
    /// Show how pictures look, or change it
    Imaging(ImagingArguments),
    /// Print what the device notices, until stopped
    Events {
        /// Stop after so many
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        count: Option<u64>,
    },
    /// Restart the device
    Reboot,
}

/// Pan, tilt and zoom in the device's units, which go from -1 to 1 on most.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct VectorArguments {
    /// To the right
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub(crate) pan: Option<f32>,
    /// Upwards
    #[arg(long, value_name = "Y", allow_negative_numbers = true)]
    pub(crate) tilt: Option<f32>,
    /// Nearer
    #[arg(long, value_name = "Z", allow_negative_numbers = true)]
    pub(crate) zoom: Option<f32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PtzCommand {
    /// Show where it points and what it can do
    Status,
    /// Move at a speed; it ends by itself
    Move {
        #[command(flatten)]
        speed: VectorArguments,
        /// For how long
        #[arg(long, default_value_t = 1.0)]
        seconds: f32,
    },
    /// Go to a position
    To {
        #[command(flatten)]
        position: VectorArguments,
    },
    /// Go a step
    Step {
        #[command(flatten)]
        step: VectorArguments,
    },
    /// Stop
    Stop,
    /// Go to the home position
    Home,
    /// List the presets
    Presets,
    /// Go to a preset
    Goto {
        /// Its token
        preset: Token,
    },
    /// Remember where it points
    Save {
        /// What to call it
        name: Token,
        /// The preset that it replaces
        #[arg(long, value_name = "TOKEN")]
        preset: Option<Token>,
    },
    /// Forget a preset
    Forget {
        /// Its token
        preset: Token,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ImagingArguments {
    /// Which profile's source; without it, the first
    #[arg(long, value_name = "TOKEN")]
    pub(crate) profile: Option<Token>,
    /// Brightness in the device's units
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) brightness: Option<f32>,
    /// Colour saturation in the device's units
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) saturation: Option<f32>,
    /// Contrast in the device's units
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) contrast: Option<f32>,
    /// Sharpness in the device's units
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) sharpness: Option<f32>,
    /// Infrared cut filter: ON by day, OFF at night, AUTO
    #[arg(long, value_name = "MODE")]
    pub(crate) ir_cut_filter: Option<String>,
}

fn scheme(text: &str) -> Result<Scheme, &'static str> {
    match text {
        "username-token" => Ok(Scheme::UsernameToken),
        "digest-md5" => Ok(Scheme::DigestMd5),
        "digest-sha256" => Ok(Scheme::DigestSha256),
        _ => Err("the schemes are: username-token, digest-md5, digest-sha256"),
    }
}
