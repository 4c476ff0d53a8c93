//! `tapo` and `plug`: one device, without a hub. Each run makes one attempt with the password.

use std::time::Duration;

use hearth_device::{
    Account, ControlValue, DeviceError, Driver, Family, Look, Memory, MemoryCell, Search, Setup,
    connect, discover,
};
use hearth_model::AddressPolicy;
use hearth_secret::SecretString;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{device, show};
use crate::{
    arguments::direct::{DirectCommand, Maker, PlugArguments, PlugCommand, Reach, TapoArguments},
    failure::Failure,
    known_certificates::{KnownCertificates, changed},
};

/// A slow handshake, a login, a look and a command.
const LIMIT: Duration = Duration::from_secs(45);

/// Devices answer a broadcast within a second or two.
const DISCOVERY: Duration = Duration::from_secs(5);

pub(crate) async fn tapo(
    arguments: TapoArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    let TapoArguments { reach, command } = arguments;
    let work = match command {
        DirectCommand::Discover => return find(json).await,
        DirectCommand::Status => Work::Look,
        DirectCommand::Set { control, value } => Work::Set(control, control_value(&value)?),
        DirectCommand::Do { action, arguments } => {
            Work::Act(action, Value::Object(device::arguments_of(&arguments)?))
        }
    };
    run(Family::TapoCamera, reach, password, work, json).await
}

pub(crate) async fn plug(
    arguments: PlugArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    let PlugArguments { reach, maker, command } = arguments;
    let power = |on| Work::Set("power".to_owned(), ControlValue::Switch(on));
    let work = match command {
        PlugCommand::Status => Work::Look,
        PlugCommand::On => power(true),
        PlugCommand::Off => power(false),
        PlugCommand::Reboot => Work::Act("reboot".to_owned(), json!({})),
    };
    let family = if maker == Maker::Kasa { Family::KasaPlug } else { Family::TapoPlug };
    run(family, reach, password, work, json).await
}

enum Work {
    Look,
    Set(String, ControlValue),
    Act(String, Value),
}

async fn run(
    family: Family,
    reach: Reach,
    password: Option<SecretString>,
    work: Work,
    json: bool,
) -> Result<(), Failure> {
    let usage = |text: &str| Failure::Usage(text.to_owned());
    let host = reach.host.ok_or_else(|| usage("Say which device: --host HOST."))?;
    let port = reach.port.map_or(String::new(), |port| format!(":{port}"));
    let address = format!("{host}{port}");
    let account = match (reach.username, password) {
        (Some(username), Some(password)) => Some(Account { username, password }),
        (None, None) if family == Family::KasaPlug => None,
        (None, None) => {
            return Err(usage("Say whose device: --username U --password-env VAR."));
        }
        _ => return Err(usage("--username and --password-env belong together.")),
    };
    let name = format!("{} {address}", family.name());
    let mut known = KnownCertificates::open()?;
    let certificate = reach.certificate_sha256.or_else(|| known.get(&name));
    let memory = MemoryCell::new(Memory { certificate, ..Memory::default() });
    let setup = Setup {
        name: name.clone(),
        family,
        address: address.parse().map_err(|error| Failure::Usage(format!("{error}.")))?,
        account,
        memory: memory.clone(),
        // Whoever runs this reaches everything on this machine anyway.
        addresses: AddressPolicy::DEVICES.with_this_machine(),
        keepsake: None,
        board: std::sync::Arc::new(hearth_device::KernelBoard),
        notices: hearth_device::Notices::default(),
    };
    let answered = timeout(LIMIT, carry_out(&setup, work)).await;
    let answered = answered.unwrap_or(Err(DeviceError::Timeout));
    let answer = answered.map_err(|error| failure(&name, error))?;
    if let Some(certificate) = memory.get().certificate {
        known.pin(&name, certificate)?;
    }
    show(json, &answer)
}

async fn carry_out(setup: &Setup, work: Work) -> Result<Value, DeviceError> {
    let mut driver = connect(setup).await?;
    let done = with(&mut *driver, work).await;
    driver.close().await.ok();
    done
}

async fn with(driver: &mut dyn Driver, work: Work) -> Result<Value, DeviceError> {
    let look = driver.look().await?;
    let find = |key: &str| look.controls.iter().find(|control| control.key == key);
    match work {
        Work::Look => Ok(told(&look)),
        Work::Set(key, value) => {
            // promise: K-02. What the device does not take is not sent.
            find(&key).ok_or(DeviceError::NoSuchControl)?.check(&value)?;
            driver.set(&key, &value).await?;
            Ok(json!({ "done": true, "control": key, "value": value }))
        }
        Work::Act(key, arguments) => {
            find(&key).ok_or(DeviceError::NoSuchControl)?;
            driver.act(&key, &arguments).await?;
            Ok(json!({ "done": true, "action": key }))
        }
    }
}

fn told(look: &Look) -> Value {
    json!({
        "model": look.model,
        "firmware": look.firmware,
        "name": look.name,
        "controls": look.controls,
        "readings": look.readings,
        "security": look.protection,
    })
}

fn control_value(text: &str) -> Result<ControlValue, Failure> {
    serde_json::from_value(device::value_of(text))
        .map_err(|_| Failure::Usage("A value is on, off, a number or a word.".to_owned()))
}

async fn find(json: bool) -> Result<(), Failure> {
    let search = Search { onvif: None, ..Search::everywhere(DISCOVERY) };
    let discovery = discover(search).await;
    show(json, &json!({ "found": discovery.found, "failed": discovery.failed }))
}

/// What failed, and what to do next.
fn failure(device: &str, error: DeviceError) -> Failure {
    let code = match error.cause() {
        DeviceError::CertificateChanged { pinned, shown } => {
            return changed(device, *pinned, *shown);
        }
        DeviceError::OutOfRange(_) | DeviceError::NoSuchControl => {
            return Failure::Usage(error.advice());
        }
        DeviceError::WrongPassword => "wrong_password",
        DeviceError::LockedOut { .. } => "locked_out",
        DeviceError::Unreachable(_) => "unreachable",
        DeviceError::Timeout => "timed_out",
        DeviceError::AddressRefused => "address_refused",
        DeviceError::Malformed => "malformed",
        DeviceError::Unsupported => "unsupported",
        _ => "refused",
    };
    Failure::Refused { code: code.to_owned(), message: format!("{device}: {}", error.advice()) }
}
