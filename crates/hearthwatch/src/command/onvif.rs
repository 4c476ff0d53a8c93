//! `onvif`: asks and controls one ONVIF device, without a hub.

mod look;
mod turn;

use std::{net::IpAddr, sync::Arc, time::Duration};

use hearth_model::SourceUrl;
use hearth_onvif::{
    Account, AddressPolicy, Device, DeviceSpec, Error, HttpError, Service, Token,
    device::{GetDeviceInformation, GetHostname, GetNetworkProtocols, GetUsers, SystemReboot},
    discovery,
    media::{
        GetProfiles, GetProfiles2, GetSnapshotUri, GetSnapshotUri2, GetStreamUri, GetStreamUri2,
        Profile, StreamTransport,
    },
};
use hearth_secret::SecretString;
use serde_json::json;

use super::tell;
use crate::{
    arguments::onvif::{OnvifArguments, OnvifCommand, OnvifReach},
    failure::Failure,
    known_certificates::{KnownCertificates, changed},
    output,
    private_file::PrivateFile,
};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match &error {
            Error::Proof(_) if error.code() == "no_account" => {
                format!("{error}. Give --username U and --password-env VAR.")
            }
            Error::Http(HttpError::Address(_)) => {
                format!("{error}. To reach it nevertheless: --anywhere.")
            }
            _ => format!("{error}."),
        };
        Self::Refused { code: error.code().to_owned(), message }
    }
}

pub(crate) async fn run(
    arguments: OnvifArguments,
    password: Option<SecretString>,
    json: bool,
) -> Result<(), Failure> {
    let OnvifArguments { reach, command } = arguments;
    if let OnvifCommand::Discover { seconds, interface, target } = command {
        let found = discovery::search(interface, target, Duration::from_secs(seconds)).await;
        return show_found(&found.map_err(|error| Failure::start(&error))?, json);
    }
    let device = Arc::new(connect(device_spec(reach, password)?).await?);
    match command {
        OnvifCommand::Discover { .. } => Ok(()),
        OnvifCommand::Info => info(&device, json).await,
        OnvifCommand::Profiles => show_profiles(&profiles(&device).await?, json),
        OnvifCommand::StreamUri { profile, rtsps } => {
            stream_uri(&device, profile, rtsps, json).await
        }
        OnvifCommand::Snapshot { profile, output } => {
            let picture = snapshot(&device, profile).await?;
            let mut file = PrivateFile::begin(&output)?;
            file.append(&picture)?;
            file.keep()?;
            let name = output.display().to_string();
            tell(json, &json!({ "file": name, "bytes": picture.len() }), &name)
        }
        OnvifCommand::Ptz { profile, command } => turn::run(&device, profile, command, json).await,
        OnvifCommand::Imaging(arguments) => look::run(&device, arguments, json).await,
        OnvifCommand::Events { count } => events(&device, count, json).await,
        OnvifCommand::Reboot => {
            let said = device.ask(&SystemReboot).await?;
            tell(json, &json!({ "restarting": true, "message": said }), "The device restarts.")
        }
    }
}

/// Connects, and pins the certificate of a device that is met for the first time.
async fn connect(mut spec: DeviceSpec) -> Result<Device, Failure> {
    if !spec.url.scheme().is_encrypted() {
        return Ok(Device::connect(spec).await?);
    }
    let name = format!("onvif {}:{}", spec.url.host(), spec.url.port());
    let mut known = KnownCertificates::open()?;
    spec.certificate = spec.certificate.or_else(|| known.get(&name));
    let device = Device::connect(spec).await.map_err(|error| match error {
        Error::Http(HttpError::CertificateChanged { pinned, seen }) => changed(&name, pinned, seen),
        error => error.into(),
    })?;
    if let Some(certificate) = device.security().certificate {
        known.pin(&name, certificate)?;
    }
    Ok(device)
}

fn device_spec(reach: OnvifReach, password: Option<SecretString>) -> Result<DeviceSpec, Failure> {
    let usage = |text: &str| Failure::Usage(text.to_owned());
    let host = reach.host.ok_or_else(|| usage("Say which device: --host H."))?;
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host,
    };
    let (scheme, port) = if reach.https { ("https", 443) } else { ("http", 80) };
    let port = reach.port.unwrap_or(port);
    let url: SourceUrl = format!("{scheme}://{host}:{port}/{}", reach.path.trim_start_matches('/'))
        .parse()
        .map_err(|_| usage("That host or path cannot be part of an address."))?;
    let mut spec = DeviceSpec::new(url);
    spec.account = match (reach.username, password) {
        (Some(username), Some(password)) => Some(Account { username, password }),
        (None, None) => None,
        _ => return Err(usage("--username and --password-env belong together.")),
    };
    if reach.certificate_sha256.is_some() && !reach.https {
        return Err(usage("--certificate-sha256 belongs to --https."));
    }
    spec.certificate = reach.certificate_sha256;
    spec.at_least = reach.at_least;
    if reach.anywhere {
        spec.addresses = AddressPolicy::Any;
    }
    Ok(spec)
}

fn show_found(found: &[discovery::Found], json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(&json!({ "devices": found }))?);
    }
    if found.is_empty() {
        return Ok(output::line("No device answered.")?);
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|one| vec![one.url.to_string(), text(&one.name), text(&one.hardware), one.id.clone()])
        .collect();
    Ok(output::table(&["ADDRESS", "NAME", "HARDWARE", "ID"], &rows)?)
}

/// Facts that a device may refuse or not have are left out, not invented.
async fn info(device: &Device, json: bool) -> Result<(), Failure> {
    let information = device.ask(&GetDeviceInformation).await?;
    let host = device.ask(&GetHostname).await.ok();
    let users = device.ask(&GetUsers).await.ok();
    let protocols = device.ask(&GetNetworkProtocols).await.ok();
    let offers_https = protocols.as_ref().map(|rows| {
        rows.iter().any(|row| row.is_enabled && row.name.eq_ignore_ascii_case("https"))
    });
    let security = device.security();
    if json {
        return Ok(output::json(&json!({
            "device": information,
            "hostname": host.and_then(|host| host.name),
            "services": device.services().offered().collect::<Vec<_>>(),
            "time": device.time(),
            "clock_ahead_seconds": device.clock_offset_micros() as f64 / 1e6,
            "users": users,
            "protocols": protocols,
            "security": security,
            "offers_https": offers_https,
        }))?);
    }
    let services: Vec<String> = device.services().offered().map(|one| one.to_string()).collect();
    let way = match (security.encrypted, offers_https) {
        (true, _) => "encrypted",
        (false, Some(true)) => "NOT ENCRYPTED; the device offers HTTPS, use --https",
        (false, _) => "NOT ENCRYPTED",
    };
    let certificate = security.certificate.map(|one| one.to_string());
    let ahead = device.clock_offset_micros() as f64 / 1e6;
    for (name, value) in [
        ("device", format!("{} {}", information.manufacturer, information.model)),
        ("firmware", information.firmware),
        ("serial", information.serial),
        ("services", services.join(", ")),
        ("clock", format!("{ahead:+.0} s against ours")),
        ("control", way.to_owned()),
        ("certificate", certificate.unwrap_or_else(|| "-".to_owned())),
    ] {
        output::line(&format!("{name:<12} {value}"))?;
    }
    Ok(())
}

/// From the second edition of the media service if there is one: it knows more codecs.
async fn profiles(device: &Device) -> Result<Vec<Profile>, Failure> {
    let profiles = match device.services().url(Service::Media2) {
        Some(_) => device.ask(&GetProfiles2).await?,
        None => device.ask(&GetProfiles).await?,
    };
    Ok(profiles)
}

/// The profile of that token, or the first that fits.
async fn profile(
    device: &Device,
    wanted: Option<Token>,
    fits: impl Fn(&Profile) -> bool,
) -> Result<Profile, Failure> {
    let found = profiles(device).await?.into_iter().find(|one| match &wanted {
        Some(wanted) => one.token == *wanted,
        None => fits(one),
    });
    found.ok_or_else(|| Failure::Refused {
        code: "no_such_profile".to_owned(),
        message: "The device has no such profile. See: hearthwatch onvif profiles".to_owned(),
    })
}

fn show_profiles(profiles: &[Profile], json: bool) -> Result<(), Failure> {
    if json {
        return Ok(output::json(&json!({ "profiles": profiles }))?);
    }
    let rows: Vec<Vec<String>> = profiles
        .iter()
        .map(|one| {
            let encoder = one.encoder.as_ref();
            let size = encoder.and_then(|encoder| encoder.resolution);
            vec![
                one.token.to_string(),
                one.name.clone(),
                encoder.map_or_else(|| "-".to_owned(), |encoder| encoder.codec.clone()),
                size.map_or_else(
                    || "-".to_owned(),
                    |size| format!("{}x{}", size.width, size.height),
                ),
                if one.ptz_node.is_some() { "yes" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    Ok(output::table(&["TOKEN", "NAME", "CODEC", "SIZE", "MOVES"], &rows)?)
}

async fn stream_uri(
    device: &Device,
    wanted: Option<Token>,
    rtsps: bool,
    json: bool,
) -> Result<(), Failure> {
    let profile = profile(device, wanted, |_| true).await?.token;
    let url = match (device.services().url(Service::Media2), rtsps) {
        (Some(_), _) => {
            let transport = if rtsps { StreamTransport::Rtsps } else { StreamTransport::Rtsp };
            device.ask(&GetStreamUri2 { profile, transport }).await?
        }
        (None, false) => device.ask(&GetStreamUri { profile }).await?,
        (None, true) => return Err(Error::NotOffered(Service::Media2).into()),
    };
    let told = json!({ "url": url, "encrypted": url.scheme().is_encrypted() });
    tell(json, &told, &url.to_string())
}

async fn snapshot(device: &Device, wanted: Option<Token>) -> Result<Vec<u8>, Failure> {
    let profile = profile(device, wanted, |_| true).await?.token;
    let url = match device.services().url(Service::Media2) {
        Some(_) => device.ask(&GetSnapshotUri2 { profile }).await?,
        None => device.ask(&GetSnapshotUri { profile }).await?,
    };
    Ok(device.picture(&url).await?)
}

/// One object a line. A subscription that the device lost is made again.
async fn events(device: &Arc<Device>, count: Option<u64>, json: bool) -> Result<(), Failure> {
    let mut left = count;
    let mut point = device.subscribe().await?;
    loop {
        let heard = match point.next().await {
            Err(error) if error.is_gone() => {
                point = device.subscribe().await?;
                continue;
            }
            heard => heard?,
        };
        for one in heard {
            if json {
                output::json(&one)?;
            } else {
                let data: Vec<String> =
                    one.data.iter().map(|item| format!("{}={}", item.name, item.value)).collect();
                let at = one.at.map_or_else(|| "-".to_owned(), output::time);
                output::line(&format!("{at}  {}  {}", one.topic, data.join(" ")))?;
            }
            left = left.map(|left| left.saturating_sub(1));
            if left == Some(0) {
                // A courtesy; the subscription runs out by itself.
                point.end().await.ok();
                return Ok(());
            }
        }
    }
}
