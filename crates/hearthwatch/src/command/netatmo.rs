//! `netatmo`: homes, rooms and weather stations of one account, without a hub.

use std::path::PathBuf;

use hearth_http::{Client as HttpClient, Fingerprint, Trust};
use hearth_netatmo::{
    Application, Client, Credentials, Endpoints, Error, HomeId, Outcome, RoomId, RoomReading,
    WeatherClient, cache_folder,
};
use hearth_secret::SecretString;
use serde_json::json;

use super::{show, tell};
use crate::{
    arguments::{NetatmoArguments, NetatmoCommand, SetTrueTemperatureArguments, StationsArguments},
    environment,
    failure::Failure,
    known_certificates::{KnownCertificates, changed},
    output, user_folder,
};

/// Secrets from the environment, taken before any thread could read it.
pub(crate) struct Secrets {
    password: Option<SecretString>,
    client_secret: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

impl Secrets {
    /// What the command needs, and nothing else.
    pub(crate) fn take(arguments: &NetatmoArguments) -> Self {
        match &arguments.command {
            NetatmoCommand::Stations(stations) => Self {
                password: None,
                client_secret: environment::take(&stations.client_secret_env),
                refresh_token: environment::take(&stations.refresh_token_env),
            },
            _ => Self {
                password: environment::take(&arguments.password_env),
                client_secret: None,
                refresh_token: None,
            },
        }
    }
}

/// Another Netatmo than the real one, and its certificate.
type Elsewhere = Option<(Endpoints, Fingerprint)>;

pub(crate) async fn run(
    arguments: NetatmoArguments,
    secrets: Secrets,
    json: bool,
) -> Result<(), Failure> {
    let elsewhere = elsewhere(&arguments).await?;
    if let NetatmoCommand::Stations(stations) = &arguments.command {
        return show_stations(stations, secrets, elsewhere, json).await;
    }
    let client = client(&arguments, secrets, elsewhere)?;
    match arguments.command {
        NetatmoCommand::Homes => {
            let homes = client.homes().await.map_err(failure)?;
            show(json, &json!({ "homes": homes }))
        }
        NetatmoCommand::Status { home_id } => {
            let status = client.status(home_id.as_ref()).await.map_err(failure)?;
            show(json, &json!(status))
        }
        NetatmoCommand::ListRooms { home_id } => list_rooms(&client, home_id.as_ref(), json).await,
        NetatmoCommand::SetTrueTemperature(set) => set_true_temperature(&client, set, json).await,
        NetatmoCommand::Forget => {
            client.forget_session().await;
            tell(json, &json!({ "done": true }), "The session is forgotten.")
        }
        // Shown above; it needs no account.
        NetatmoCommand::Stations(_) => Ok(()),
    }
}

fn client(
    arguments: &NetatmoArguments,
    secrets: Secrets,
    elsewhere: Elsewhere,
) -> Result<Client, Failure> {
    let is_forgetting = matches!(arguments.command, NetatmoCommand::Forget);
    let username = arguments.username.as_deref().or(is_forgetting.then_some(""));
    let username = username.ok_or_else(|| {
        Failure::Usage("Say whose account: --username U, or NETATMO_USERNAME.".to_owned())
    })?;
    let password = secrets.password.or(is_forgetting.then(|| "".into()));
    let password = password.ok_or_else(|| {
        let variable = &arguments.password_env;
        Failure::Usage(format!("The environment variable {variable} is not set, or is no text."))
    })?;
    let session_file = match &arguments.session_file {
        Some(file) => file.clone(),
        None => session_file()?,
    };
    let builder = Client::builder(Credentials::new(username, password)).session_file(session_file);
    Ok(match elsewhere {
        Some((endpoints, certificate)) => builder.endpoints(endpoints, certificate).build(),
        None => builder.build(),
    })
}

fn session_file() -> Result<PathBuf, Failure> {
    let folder = cache_folder(|name| std::env::var_os(name));
    folder.map(|folder| folder.join("session.json")).ok_or_else(|| {
        Failure::Usage("Set HOME, or say where the session is kept: --session-file.".to_owned())
    })
}

/// The endpoints of `--host`, whose certificate is pinned at first use.
async fn elsewhere(arguments: &NetatmoArguments) -> Result<Elsewhere, Failure> {
    let Some(host) = &arguments.host else { return Ok(None) };
    let url = format!("https://{host}:{}", arguments.port);
    let endpoints = Endpoints::new(&url, &url).map_err(failure)?;
    let device = format!("netatmo {host}:{}", arguments.port);
    let mut known = KnownCertificates::open()?;
    let pinned = arguments.certificate_sha256.or_else(|| known.get(&device));
    let trust = pinned.map_or(Trust::FirstUse, Trust::Pinned);
    let shaken = HttpClient::builder().trust(trust).build().certificate(&url).await;
    let certificate = shaken.map_err(|error| failure(Error::Connection(error)))?;
    known.pin(&device, certificate)?;
    Ok(Some((endpoints, certificate)))
}

async fn list_rooms(client: &Client, home_id: Option<&HomeId>, json: bool) -> Result<(), Failure> {
    let rooms = client.rooms(home_id).await.map_err(failure)?;
    if json {
        return Ok(output::json(&json!({ "rooms": rooms }))?);
    }
    let row = |room: &RoomReading| {
        vec![room.name.clone(), room.measured.to_string(), room.id.to_string()]
    };
    let rows: Vec<Vec<String>> = rooms.iter().map(row).collect();
    Ok(output::table(&["ROOM", "MEASURED", "ID"], &rows)?)
}

async fn set_true_temperature(
    client: &Client,
    arguments: SetTrueTemperatureArguments,
    json: bool,
) -> Result<(), Failure> {
    let SetTrueTemperatureArguments { temperature, room_name, room_id, home_id } = arguments;
    let room_id = match (room_id, room_name) {
        (Some(room_id), _) => room_id,
        (None, Some(name)) => find_room(client, home_id.as_ref(), &name).await?,
        (None, None) => {
            return Err(Failure::Usage("Say which room: --room-name or --room-id.".to_owned()));
        }
    };
    let set = client.set_true_temperature(home_id.as_ref(), &room_id, temperature).await;
    let set = set.map_err(failure)?;
    if set.is_large {
        eprintln!("hearthwatch: that is more than 10 °C off; check that it is the right room");
    }
    let words = match set.outcome {
        Outcome::Corrected => {
            format!("Corrected from {} to {:.1} °C.", set.measured, set.target.degrees())
        }
        Outcome::AlreadyTrue => format!("Already at {}; nothing to correct.", set.measured),
    };
    tell(json, &set, &words)
}

/// The room of a name, whatever its letter case. Two of one name are not told apart by guessing.
async fn find_room(
    client: &Client,
    home_id: Option<&HomeId>,
    name: &str,
) -> Result<RoomId, Failure> {
    let rooms = client.rooms(home_id).await.map_err(failure)?;
    let wanted = name.to_lowercase();
    let mut named = rooms.iter().filter(|room| room.name.to_lowercase() == wanted);
    match (named.next(), named.next()) {
        (Some(room), None) => Ok(room.id.clone()),
        (None, _) => Err(Failure::Refused {
            code: "no_such_room".to_owned(),
            message: format!(
                "No room called {name:?} measures a temperature. See: hearthwatch netatmo list-rooms"
            ),
        }),
        (Some(_), Some(_)) => Err(Failure::Refused {
            code: "ambiguous_room".to_owned(),
            message: format!(
                "Several rooms are called {name:?}. Use --room-id; see: hearthwatch netatmo list-rooms"
            ),
        }),
    }
}

async fn show_stations(
    arguments: &StationsArguments,
    secrets: Secrets,
    elsewhere: Elsewhere,
    json: bool,
) -> Result<(), Failure> {
    let secret = secrets.client_secret.ok_or_else(|| {
        let variable = &arguments.client_secret_env;
        Failure::Usage(format!("The environment variable {variable} is not set, or is no text."))
    })?;
    let file = match &arguments.grant_file {
        Some(file) => file.clone(),
        None => user_folder::configuration()?.join("netatmo_grant.json"),
    };
    let application = Application::new(&arguments.client_id, secret);
    let mut builder = WeatherClient::builder(application, file);
    if let Some(first) = secrets.refresh_token {
        builder = builder.first_refresh_token(first);
    }
    if let Some((endpoints, certificate)) = elsewhere {
        builder = builder.endpoints(endpoints, certificate);
    }
    let stations = builder.build().stations().await.map_err(failure)?;
    show(json, &json!({ "stations": stations }))
}

/// What failed, and what to do next.
fn failure(error: Error) -> Failure {
    use hearth_http::Error as Http;
    if let Error::Connection(Http::CertificateChanged { pinned, seen }) = error {
        return changed("this Netatmo", pinned, seen);
    }
    let next = match &error {
        Error::Input(_) | Error::NotHttps => return Failure::Usage(format!("{error}.")),
        Error::Login => {
            "Check --username and the password; after several tries Netatmo locks the account for \
             a while."
        }
        Error::Forbidden => "Check in Netatmo's own app that the account may do this.",
        Error::Grant => {
            "Generate a new token for your application on dev.netatmo.com, and put it into \
             NETATMO_REFRESH_TOKEN."
        }
        Error::RateLimited { .. } => "Wait, and ask less often.",
        Error::Vendor { .. } | Error::Malformed(_) => "Try again later.",
        Error::NoSuchHome => "See: hearthwatch netatmo homes",
        Error::NoSuchRoom | Error::NotMeasured => "See: hearthwatch netatmo list-rooms",
        Error::Connection(_) => "Check the connection to the internet.",
        Error::Store(_) => "Make room, or name another place with --grant-file.",
    };
    Failure::Refused { code: error.code().to_owned(), message: format!("{error}. {next}") }
}
