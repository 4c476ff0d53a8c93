//! `kasa`: one camera, without a hub.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use hearth_http::Fingerprint;
use hearth_kasa::{
    Detector, Direction, LINKIE_PORT, NightVision, PlayerId, PresetIndex, Resolution, Rotation,
    Sensitivity, Speed, Switch,
};
use hearth_model::WallTime;

#[derive(Debug, Args)]
pub(crate) struct KasaArguments {
    /// Name or address of the camera
    #[arg(long, global = true)]
    pub(crate) host: Option<String>,
    /// Its port
    #[arg(long, global = true, default_value_t = LINKIE_PORT)]
    pub(crate) port: u16,
    /// User name of the account with the vendor
    #[arg(long, global = true, value_name = "U")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds its password
    #[arg(long, global = true, value_name = "VAR")]
    pub(crate) password_env: Option<String>,
    /// It is a newer camera, which takes no account
    #[arg(long, global = true, conflicts_with_all = ["username", "password_env"])]
    pub(crate) linkie2: bool,
    /// Pin this certificate, instead of the one that was seen first
    #[arg(long, global = true, value_name = "SHA256")]
    pub(crate) certificate_sha256: Option<Fingerprint>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: KasaCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KasaCommand {
    /// Show the certificate and what is weak about the camera; sends no password
    Certificate,
    /// Show whether something is on, or turn it on or off
    Switch {
        /// What
        #[arg(value_parser = one_of(Switch::ALL, Switch::as_str))]
        switch: Switch,
        /// Without it, show
        #[arg(value_parser = on_off())]
        to: Option<bool>,
    },
    /// Show or set how sensitive a detector is
    Sensitivity {
        /// Which
        #[arg(value_parser = one_of(Detector::ALL, Detector::as_str))]
        detector: Detector,
        /// Without it, show
        #[arg(value_parser = one_of(Sensitivity::ALL, Sensitivity::as_str))]
        to: Option<Sensitivity>,
    },
    /// Show or set how long motion must last, in milliseconds
    TriggerTime {
        /// By day; without it, show
        #[arg(requires = "night_ms")]
        day_ms: Option<u64>,
        /// By night
        night_ms: Option<u64>,
    },
    /// Show or set the size of the picture
    Resolution {
        /// Without it, show
        #[arg(value_parser = one_of(Resolution::ALL, Resolution::as_str))]
        to: Option<Resolution>,
    },
    /// Show or set how the picture stands, in degrees
    Rotation {
        /// 0 or 180; without it, show
        #[arg(value_parser = rotation)]
        to: Option<Rotation>,
    },
    /// Show or set when the camera sees by infrared
    NightVision {
        /// Without it, show
        #[arg(value_parser = one_of(NightVision::ALL, NightVision::as_str))]
        to: Option<NightVision>,
    },
    /// Show or set the clock
    Clock {
        /// RFC 3339, or `now`; without it, show
        #[arg(value_parser = clock)]
        to: Option<ClockSetting>,
    },
    /// Show or set the time zone
    TimeZone {
        /// Like UTC-05:00; without it, show
        #[arg(requires = "area")]
        offset: Option<String>,
        /// Like America/New_York
        area: Option<String>,
    },
    /// Erase the card in the camera
    FormatCard {
        /// Yes, everything on it
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Turn until `stop`
    Move {
        /// Where to
        #[arg(value_parser = one_of(Direction::ALL, Direction::as_str))]
        direction: Direction,
        /// How fast, 1 to 10
        #[arg(long, default_value = "5", value_parser = speed)]
        speed: Speed,
    },
    /// Stop turning
    Stop,
    /// Turn to a stored position, 0 to 4
    Preset {
        /// Its number
        #[arg(value_parser = preset)]
        index: PresetIndex,
    },
    /// Show where the camera looks, or turn there
    #[command(allow_negative_numbers = true)]
    Position {
        /// To the side; without it, show
        #[arg(requires = "y")]
        x: Option<i16>,
        /// Up and down
        y: Option<i16>,
    },
    /// Take a picture and show where it lies
    Snapshot,
    /// List what the camera noticed
    Detections {
        /// From this time (RFC 3339)
        #[arg(long)]
        from: WallTime,
        /// Until this time (RFC 3339)
        #[arg(long)]
        to: WallTime,
    },
    /// Show what the camera is
    Info,
    /// Show how its card fares
    Card,
    /// Show whether what is on its card is encrypted
    CardEncryption,
    /// Show how it stands with the vendor's cloud
    Cloud,
    /// Show clock and time zone
    ClockStatus,
    /// List the stored positions
    Presets,
    /// Show whether somebody plays recordings from the card
    Playback {
        /// Who asks
        #[arg(value_parser = player)]
        player: PlayerId,
    },
}

/// What to set a clock to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClockSetting {
    Now,
    At(WallTime),
}

fn one_of<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let words = PossibleValuesParser::new(all.iter().map(|value| word(*value)));
    words.try_map(move |text| {
        let named = all.iter().copied().find(|value| word(*value) == text);
        named.ok_or("it is not one of them")
    })
}

fn on_off() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["on", "off"]).map(|text| text == "on")
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is not a whole number".to_owned())
}

fn rotation(text: &str) -> Result<Rotation, String> {
    Rotation::from_degrees(number(text)?).map_err(|error| error.to_string())
}

fn speed(text: &str) -> Result<Speed, String> {
    Speed::new(number(text)?).map_err(|error| error.to_string())
}

fn preset(text: &str) -> Result<PresetIndex, String> {
    PresetIndex::new(number(text)?).map_err(|error| error.to_string())
}

fn player(text: &str) -> Result<PlayerId, String> {
    PlayerId::new(text).map_err(|error| error.to_string())
}

fn clock(text: &str) -> Result<ClockSetting, String> {
    if text == "now" {
        return Ok(ClockSetting::Now);
    }
    text.parse().map(ClockSetting::At).map_err(|_| "it is neither RFC 3339 nor `now`".to_owned())
}
