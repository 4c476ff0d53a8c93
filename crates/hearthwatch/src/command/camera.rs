//! `camera add|list|status|door|remove`.

use hearth_model::{CameraState, CameraStatus, SourceUrl};
use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{CameraList, find_camera, path_of, tell};
use crate::{
    arguments::{CameraAddArguments, CameraCommand, Record, Travel},
    client::Client,
    failure::Failure,
    output::{self, bytes, duration, table, time},
};

pub(crate) async fn run(
    client: &Client,
    command: CameraCommand,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    match command {
        CameraCommand::Add(arguments) => add(client, arguments, password, json).await,
        CameraCommand::List => list(client, json).await,
        CameraCommand::Status { camera } => status(client, camera.as_deref(), json).await,
        CameraCommand::Door { camera, faces, off } => {
            door(client, &camera, !off, faces, json).await
        }
        CameraCommand::Remove { camera } => remove(client, &camera, json).await,
    }
}

/// Says whether a camera looks at a door, and whether faces are compared there.
async fn door(
    client: &Client,
    camera: &str,
    visits: bool,
    faces: bool,
    json: bool,
) -> Result<(), Failure> {
    let path = path_of(find_camera(client, camera).await?.id, "");
    let view: Value = client.get(&path).await?;
    let mut detection = view["settings"]["detection"].clone();
    (detection["visits"], detection["faces"]) = (visits.into(), faces.into());
    let changed: Value = client.patch(&path, &json!({ "detection": detection })).await?;
    let text = match (visits, faces) {
        (false, _) => "looks at no door",
        (true, false) => "looks at a door; faces are not compared",
        (true, true) => "looks at a door; faces are compared with those of people who agreed",
    };
    tell(json, &changed, &format!("{camera} {text}."))
}

/// A camera's settings and, only borrowed, its password.
#[derive(serde::Serialize)]
struct WithPassword<'a> {
    #[serde(flatten)]
    camera: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct AddedCamera {
    #[serde(flatten)]
    status: CameraStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rtsps_url: Option<String>,
}

async fn add(
    client: &Client,
    arguments: CameraAddArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    for url in [Some(&arguments.url), arguments.sub_url.as_ref()].into_iter().flatten() {
        SourceUrl::split(url).map_err(|error| Failure::Usage(format!("{error}.")))?;
    }
    let mut body = json!({
        "name": arguments.name,
        "url": arguments.url,
        "record": match arguments.record {
            Record::Continuous => "continuous",
            Record::Event => "event",
            Record::Off => "off",
        },
        "transport": match arguments.transport {
            Travel::Tcp => "tcp",
            Travel::Udp => "udp",
        },
        "force": arguments.force,
    });
    let optional = [("sub_url", arguments.sub_url), ("username", arguments.username)];
    for (name, value) in optional {
        if let Some(value) = value {
            body[name] = Value::String(value);
        }
    }
    let password = password.as_ref().map(|password| password.expose().as_str());
    let body = WithPassword { camera: &body, password };
    let camera: AddedCamera = client.post_secret("/api/v1/cameras", &body).await?;
    let mut said = format!("{} was added as {}.", camera.status.name, camera.status.id);
    if let Some(url) = &camera.rtsps_url {
        said += &format!(
            " It sends in the clear, and speaks RTSPS too, with another path or account: {url}"
        );
    }
    tell(json, &camera, &said)
}

async fn list(client: &Client, json: bool) -> Result<(), Failure> {
    let list: CameraList = client.get("/api/v1/cameras").await?;
    if json {
        return Ok(output::json(&list)?);
    }
    if list.cameras.is_empty() {
        return Ok(output::line("No camera yet. Add one: hearthwatch camera add NAME --url URL")?);
    }
    let rows: Vec<Vec<String>> = list
        .cameras
        .iter()
        .map(|camera| {
            vec![
                camera.name.to_string(),
                state(camera),
                if camera.recording { "recording" } else { "-" }.to_owned(),
                camera.id.to_string(),
            ]
        })
        .collect();
    Ok(table(&["NAME", "STATE", "DISK", "ID"], &rows)?)
}

async fn status(client: &Client, named: Option<&str>, json: bool) -> Result<(), Failure> {
    let cameras = match named {
        Some(named) => vec![find_camera(client, named).await?],
        None => client.get::<CameraList>("/api/v1/cameras").await?.cameras,
    };
    if json {
        return Ok(output::json(&CameraList { cameras })?);
    }
    for camera in &cameras {
        describe(camera)?;
    }
    Ok(())
}

fn describe(camera: &CameraStatus) -> Result<(), Failure> {
    output::line(&format!("{}  ({})", camera.name, camera.id))?;
    let share = if camera.expected_seconds > 0.0 {
        format!(" ({:.1} %)", 100.0 * camera.recorded_seconds / camera.expected_seconds)
    } else {
        String::new()
    };
    let size = match (&camera.codec, camera.width, camera.height) {
        (Some(codec), Some(width), Some(height)) => format!("{codec}, {width}x{height}"),
        _ => "not known yet".to_owned(),
    };
    let rows = [
        ("state", format!("{} since {}", state(camera), time(camera.since))),
        (
            "recorded",
            format!(
                "{} of {}{share}",
                duration(camera.recorded_seconds),
                duration(camera.expected_seconds)
            ),
        ),
        (
            "stream",
            format!(
                "{size}, {}{}",
                if camera.encrypted_transport { "encrypted" } else { "not encrypted" },
                if camera.password_exposed { ", password in the clear" } else { "" }
            ),
        ),
        (
            "frames",
            format!(
                "{} received, {} decoded, {} analysed, {} dropped",
                camera.frames_received,
                camera.frames_decoded,
                camera.frames_analysed,
                camera.frames_dropped
            ),
        ),
        ("received", format!("{}, {} losses", bytes(camera.bytes_received), camera.losses)),
        ("watchers", camera.watchers.to_string()),
    ];
    for (name, value) in rows {
        output::line(&format!("  {name:<9} {value}"))?;
    }
    Ok(())
}

fn state(camera: &CameraStatus) -> String {
    let state = match camera.state {
        CameraState::Connecting => "connecting",
        CameraState::Live => "live",
        CameraState::Reconnecting => "reconnecting",
        CameraState::Offline => "offline",
    };
    match &camera.message {
        Some(message) => format!("{state}: {message}"),
        None => state.to_owned(),
    }
}

async fn remove(client: &Client, named: &str, json: bool) -> Result<(), Failure> {
    let camera = find_camera(client, named).await?;
    let erased = client.delete(&path_of(camera.id, "")).await?;
    let count = |name| erased.get(name).and_then(Value::as_u64).unwrap_or(0);
    let words = format!(
        "{} was removed. Erased: {} files, {}.",
        camera.name,
        count("segments"),
        bytes(count("bytes"))
    );
    tell(json, &erased, &words)
}
