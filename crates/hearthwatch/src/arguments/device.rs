//! `device`: plugs, thermostats and the control side of cameras, through a hub.

use clap::{Args, Subcommand};

use super::device_rule::{LimitCommand, ScheduleCommand};

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// List the devices and how they fare
    List,
    /// Show one device with everything it can do and measures
    Show {
        /// Name or id
        device: String,
    },
    /// Ask the network for devices; lists who answered
    Discover {
        /// Ask these addresses or networks (up to a /24) one by one, instead of everybody
        addresses: Vec<String>,
    },
    /// Add a device; it must answer
    Add(DeviceAddArguments),
    /// Set a control, e.g. `power on` or `brightness 40`
    Set {
        /// Name or id
        device: String,
        /// Which control; see `device show`
        control: String,
        /// on, off, a number or a word
        value: String,
    },
    /// Do something once, e.g. `reboot`
    Do {
        /// Name or id
        device: String,
        /// Which action; see `device show`
        action: String,
        /// What it needs to know, e.g. `pan=10`
        arguments: Vec<String>,
    },
    /// Remove a device and destroy the key of its password
    Remove {
        /// Name or id
        device: String,
    },
    /// Enter a device's password again; one attempt is made with it
    Credentials {
        /// Name or id
        device: String,
        /// User name on the device
        #[arg(long, value_name = "U")]
        username: String,
        /// Environment variable that holds the password
        #[arg(long, value_name = "VAR")]
        password_env: String,
    },
    /// Confirm the certificate that a device shows now
    Trust {
        /// Name or id
        device: String,
        /// The fingerprint that you compared
        #[arg(long, value_name = "SHA256")]
        fingerprint: String,
    },
    /// Switch everything in a room; says of each whether it acknowledged
    Room {
        /// Name of the room
        room: String,
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        value: String,
    },
    /// Set a device at times of the house
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Act when what a device measures stays beyond a value
    #[command(subcommand)]
    Limit(LimitCommand),
}

#[derive(Debug, Args)]
pub(crate) struct DeviceAddArguments {
    /// What to call it
    pub(crate) name: String,
    /// tapo_camera, tapo_plug, kasa_plug, kasa_camera, onvif, netatmo_thermostat,
    /// netatmo_weather, gpio_button, gpio_motion, gpio_lamp, gpio_lamp_ready, gpio_lamp_ring,
    /// gpio_lamp_alert, gpio_chime or board_sensor
    #[arg(long, value_parser = family)]
    pub(crate) family: hearth_hub::Family,
    /// HOST, HOST:PORT or HOST:PORT/PATH; for Netatmo api.netatmo.com/ROOM; for a line of this
    /// machine gpiochip0/LINE[,low][,up|,down]; for a sensor of it board/NAME
    #[arg(long)]
    pub(crate) address: String,
    /// Where it is in the house
    #[arg(long)]
    pub(crate) room: Option<String>,
    /// The camera whose control side it is, by name or id
    #[arg(long)]
    pub(crate) camera: Option<String>,
    /// User name on the device
    #[arg(long, value_name = "U", requires = "password_env")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds the password
    #[arg(long, value_name = "VAR", requires = "username")]
    pub(crate) password_env: Option<String>,
    /// The certificate that it must show, instead of the first one seen
    #[arg(long, value_name = "SHA256")]
    pub(crate) fingerprint: Option<String>,
}

fn family(text: &str) -> Result<hearth_hub::Family, String> {
    hearth_hub::Family::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = hearth_hub::Family::ALL.iter().map(|row| row.1).collect();
        format!("one of: {}", names.join(", "))
    })
}
