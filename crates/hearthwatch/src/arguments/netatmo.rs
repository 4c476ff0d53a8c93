//! `netatmo`: one account, without a hub.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hearth_http::Fingerprint;
use hearth_netatmo::{HomeId, RoomId, TrueTemperature};

#[derive(Debug, Args)]
pub(crate) struct NetatmoArguments {
    /// Another Netatmo than the real one, for tests
    #[arg(long, global = true)]
    pub(crate) host: Option<String>,
    /// Its port
    #[arg(long, global = true, default_value_t = 443)]
    pub(crate) port: u16,
    /// Pin its certificate, instead of the one that was seen first
    #[arg(long, global = true, value_name = "SHA256")]
    pub(crate) certificate_sha256: Option<Fingerprint>,
    /// E-mail address of the account
    #[arg(long, global = true, value_name = "U", env = "NETATMO_USERNAME")]
    pub(crate) username: Option<String>,
    /// Environment variable that holds its password
    #[arg(long, global = true, value_name = "VAR", default_value = "NETATMO_PASSWORD")]
    pub(crate) password_env: String,
    /// Where the session is kept; without it, in the platform's cache folder
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) session_file: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: NetatmoCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NetatmoCommand {
    /// List the homes with their rooms
    Homes,
    /// Show how the rooms of a home fare
    Status {
        /// Without it, the first
        #[arg(long, env = "NETATMO_HOME_ID", value_parser = HomeId::new)]
        home_id: Option<HomeId>,
    },
    /// List the rooms that measure their temperature
    ListRooms {
        /// Without it, the first
        #[arg(long, env = "NETATMO_HOME_ID", value_parser = HomeId::new)]
        home_id: Option<HomeId>,
    },
    /// Tell Netatmo what a thermometer in a room shows
    #[command(name = "set-truetemperature", allow_negative_numbers = true)]
    SetTrueTemperature(SetTrueTemperatureArguments),
    /// Show what the weather stations measure
    Stations(StationsArguments),
    /// End the stored session
    Forget,
}

#[derive(Debug, Args)]
pub(crate) struct SetTrueTemperatureArguments {
    /// In °C, -50 to 50
    #[arg(long, value_parser = temperature)]
    pub(crate) temperature: TrueTemperature,
    /// Which room, by its name; it must be the only one of that name
    #[arg(long, required_unless_present = "room_id", conflicts_with = "room_id")]
    pub(crate) room_name: Option<String>,
    /// Which room, by its id
    #[arg(long, value_parser = RoomId::new)]
    pub(crate) room_id: Option<RoomId>,
    /// Without it, the first home
    #[arg(long, env = "NETATMO_HOME_ID", value_parser = HomeId::new)]
    pub(crate) home_id: Option<HomeId>,
}

#[derive(Debug, Args)]
pub(crate) struct StationsArguments {
    /// Id of your application on dev.netatmo.com
    #[arg(long, env = "NETATMO_CLIENT_ID", value_name = "ID")]
    pub(crate) client_id: String,
    /// Environment variable that holds its secret
    #[arg(long, value_name = "VAR", default_value = "NETATMO_CLIENT_SECRET")]
    pub(crate) client_secret_env: String,
    /// Environment variable with the refresh token that dev.netatmo.com generated; needed once
    #[arg(long, value_name = "VAR", default_value = "NETATMO_REFRESH_TOKEN")]
    pub(crate) refresh_token_env: String,
    /// Where the grant is kept; without it, in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(crate) grant_file: Option<PathBuf>,
}

fn temperature(text: &str) -> Result<TrueTemperature, String> {
    let degrees = text.parse().map_err(|_| "it is not a number".to_owned())?;
    TrueTemperature::new(degrees).map_err(|error| error.to_string())
}
