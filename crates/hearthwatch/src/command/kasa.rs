//! `kasa`: one camera on the local network, without a hub.

use std::time::{SystemTime, UNIX_EPOCH};

use hearth_kasa::{
    Camera, CameraAddress, ClockTime, Command, Credentials, Error, FormatCard, GoToPosition,
    GoToPreset, Move, OutOfRange, Position, ReadCard, ReadCardEncryption, ReadClock,
    ReadClockStatus, ReadCloud, ReadDetections, ReadInfo, ReadNightVision, ReadPlayback,
    ReadPosition, ReadPresets, ReadResolution, ReadRotation, ReadSensitivity, ReadSwitch,
    ReadTimeZone, ReadTriggerTime, SetClock, SetNightVision, SetResolution, SetRotation,
    SetSensitivity, SetSwitch, SetTimeZone, SetTriggerTime, Stop, TakeSnapshot, TimeSpan, TimeZone,
    TriggerTime, Weakness,
};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    arguments::{ClockSetting, KasaArguments, KasaCommand},
    failure::Failure,
    known_certificates::{KnownCertificates, changed},
};

pub(crate) async fn run(
    arguments: KasaArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    let host = arguments.host.as_deref().ok_or_else(|| usage("Say which camera: --host HOST."))?;
    let address = CameraAddress::new(host, arguments.port).map_err(out_of_range)?;
    let device = format!("kasa {address}");
    let mut known = KnownCertificates::open()?;
    let pin = arguments.certificate_sha256.or_else(|| known.get(&device));
    let camera = match (arguments.linkie2, arguments.username, password) {
        (true, ..) => Camera::connect_public(address, pin).await,
        (false, Some(username), Some(password)) => {
            let credentials = Credentials::new(&username, password);
            Camera::connect(address, credentials, pin).await
        }
        // Sends nothing, so it needs nobody's account.
        (false, ..) if matches!(arguments.command, KasaCommand::Certificate) => {
            Camera::connect(address, Credentials::new("", "".into()), pin).await
        }
        (false, ..) => {
            let next = "Say whose camera: --username U --password-env VAR, or --linkie2.";
            return Err(usage(next));
        }
    };
    let camera = camera.map_err(|error| failure(&device, error))?;
    if pin.is_none() {
        known.pin(&device, camera.certificate())?;
    }
    let answer = carry_out(&camera, arguments.command).await;
    let answer = answer.map_err(|problem| match problem {
        Problem::Usage(error) => out_of_range(error),
        Problem::Camera(error) => failure(&device, error),
    })?;
    // What was named on the command line is pinned once the camera has shown it.
    known.pin(&device, camera.certificate())?;
    super::show(json, &answer)
}

/// Why a command was not carried out.
enum Problem {
    Usage(OutOfRange),
    Camera(Error),
}

impl From<OutOfRange> for Problem {
    fn from(error: OutOfRange) -> Self {
        Self::Usage(error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Camera(error)
    }
}

/// Does what a command says; the answer is one JSON object.
async fn carry_out(camera: &Camera, command: KasaCommand) -> Result<Value, Problem> {
    match command {
        KasaCommand::Certificate => certificate(camera).await,
        KasaCommand::Switch { switch, to } => {
            either(camera, to.map(|on| SetSwitch { switch, on }), ReadSwitch(switch)).await
        }
        KasaCommand::Sensitivity { detector, to } => {
            let set = to.map(|sensitivity| SetSensitivity { detector, sensitivity });
            either(camera, set, ReadSensitivity(detector)).await
        }
        KasaCommand::TriggerTime { day_ms, night_ms } => {
            let to = day_ms.zip(night_ms).map(|(day, night)| TriggerTime::new(day, night));
            either(camera, to.transpose()?.map(SetTriggerTime), ReadTriggerTime).await
        }
        KasaCommand::Resolution { to } => {
            either(camera, to.map(SetResolution), ReadResolution).await
        }
        KasaCommand::Rotation { to } => either(camera, to.map(SetRotation), ReadRotation).await,
        KasaCommand::NightVision { to } => {
            either(camera, to.map(SetNightVision), ReadNightVision).await
        }
        KasaCommand::Clock { to } => {
            let to = to.map(|to| ClockTime::from_epoch_seconds(epoch_seconds(to))).transpose()?;
            either(camera, to.map(SetClock), ReadClock).await
        }
        KasaCommand::TimeZone { offset, area } => {
            let to = offset.zip(area).map(|(offset, area)| TimeZone::new(&offset, &area));
            either(camera, to.transpose()?.map(SetTimeZone), ReadTimeZone).await
        }
        KasaCommand::FormatCard { yes: _ } => done(camera, &FormatCard).await,
        KasaCommand::Move { direction, speed } => done(camera, &Move { direction, speed }).await,
        KasaCommand::Stop => done(camera, &Stop).await,
        KasaCommand::Preset { index } => done(camera, &GoToPreset(index)).await,
        KasaCommand::Position { x, y } => {
            let to = x.zip(y).map(|(x, y)| GoToPosition(Position { x, y }));
            either(camera, to, ReadPosition).await
        }
        command => look(camera, command).await,
    }
}

/// The commands that change nothing.
async fn look(camera: &Camera, command: KasaCommand) -> Result<Value, Problem> {
    match command {
        KasaCommand::Snapshot => said(camera, &TakeSnapshot).await,
        KasaCommand::Detections { from, to } => {
            let seconds = |time| epoch_seconds(ClockSetting::At(time));
            let span = TimeSpan::from_epoch_seconds(seconds(from), seconds(to))?;
            said(camera, &ReadDetections(span)).await
        }
        KasaCommand::Card => said(camera, &ReadCard).await,
        KasaCommand::CardEncryption => said(camera, &ReadCardEncryption).await,
        KasaCommand::Cloud => said(camera, &ReadCloud).await,
        KasaCommand::ClockStatus => said(camera, &ReadClockStatus).await,
        KasaCommand::Presets => said(camera, &ReadPresets).await,
        KasaCommand::Playback { player } => said(camera, &ReadPlayback(player)).await,
        // `info`, and what was carried out above.
        _ => said(camera, &ReadInfo).await,
    }
}

/// Sets, or reads if there is nothing to set.
async fn either<S, R>(camera: &Camera, set: Option<S>, read: R) -> Result<Value, Problem>
where
    S: Command<Answer = ()>,
    R: Command<Answer: Serialize>,
{
    match set {
        Some(set) => done(camera, &set).await,
        None => said(camera, &read).await,
    }
}

async fn done(camera: &Camera, command: &impl Command<Answer = ()>) -> Result<Value, Problem> {
    camera.send(command).await?;
    Ok(json!({ "done": true }))
}

async fn said<C: Command<Answer: Serialize>>(
    camera: &Camera,
    command: &C,
) -> Result<Value, Problem> {
    let answer = json!(camera.send(command).await?);
    Ok(if answer.is_object() { answer } else { json!({ "value": answer }) })
}

/// Shakes hands once more, so that a changed certificate is noticed; sends nothing.
async fn certificate(camera: &Camera) -> Result<Value, Problem> {
    camera.check_certificate().await?;
    let weaknesses = camera.linkie().weaknesses();
    let advice: Vec<&str> = weaknesses.iter().copied().map(Weakness::advice).collect();
    Ok(json!({
        "certificate_sha256": camera.certificate(),
        "weaknesses": weaknesses,
        "advice": advice,
    }))
}

fn epoch_seconds(time: ClockSetting) -> u64 {
    match time {
        ClockSetting::Now => {
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
        }
        ClockSetting::At(time) => epoch_seconds_of(time),
    }
}

/// Times before 1970 become 0, which no camera takes.
fn epoch_seconds_of(time: WallTime) -> u64 {
    u64::try_from(time.as_micros().div_euclid(1_000_000)).unwrap_or(0)
}

fn usage(text: &str) -> Failure {
    Failure::Usage(text.to_owned())
}

fn out_of_range(error: OutOfRange) -> Failure {
    Failure::Usage(format!("Not possible: {error}."))
}

/// What failed, and what to do next.
fn failure(device: &str, error: Error) -> Failure {
    if let Error::CertificateChanged { pinned, seen } = error {
        return changed(device, pinned, seen);
    }
    let next = match &error {
        Error::Connection(hearth_http::Error::Address(_)) => {
            "Cameras with such weak authentication are controlled in the private network only."
        }
        Error::Connection(hearth_http::Error::Handshake(_)) => {
            "Old firmware offers obsolete encryption only: update it in the vendor's app."
        }
        Error::Connection(_) => "Check --host and --port, and that the camera is on.",
        Error::Unauthorized => {
            "Check --username and --password-env: it is the account with the vendor. Newer cameras \
             want --linkie2 instead."
        }
        Error::Unsupported { .. } => "This model or firmware has no such thing.",
        Error::Refused { .. } => "Check the values against what the camera can do.",
        Error::Status(_) => "Wait until it has started, or check --port.",
        Error::Malformed(_) => "Check that it is a Kasa camera, and whether it wants --linkie2.",
        Error::CertificateChanged { .. } | Error::Random => "Try again.",
    };
    Failure::Refused {
        code: error.code().to_owned(),
        message: format!("{device}: {error}. {next}"),
    }
}
