//! Devices: find, try, add, look at, control, remove.

use std::net::Ipv4Addr;

use axum::{Json, extract::State, response::IntoResponse};
use hearth_auth::ask;
use hearth_hub::{
    Control, ControlValue, DeviceAddress, DeviceName, DevicePatch, DeviceView, DiscoveryView,
    Family, Fingerprint, NewDevice, ProbeView,
};
use hearth_model::{CameraId, DeviceId};
use hearth_secret::SecretString;
use http::StatusCode;

use crate::{
    api::Api,
    error::ApiError,
    extract::{Named, NamedWithin, OnHouse, Sent},
};

/// What a device is called while it is only tried.
const TRIED: &str = "a device that is tried";

/// Members of an action's arguments; none has more than three.
const ARGUMENTS_MAX: usize = 8;

/// All devices.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct DeviceList {
    devices: Vec<DeviceView>,
}

/// Whom to ask.
#[derive(Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SearchBody {
    /// Single addresses or networks up to a /24, asked one by one; without any, everybody is asked.
    addresses: Vec<String>,
}

/// A device to try.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeBody {
    /// Which protocol it speaks.
    family: Family,
    /// HOST, HOST:PORT or HOST:PORT/PATH.
    address: String,
    /// User name, if it has an account.
    username: Option<String>,
    /// Password.
    #[schema(value_type = Option<String>, write_only)]
    password: Option<SecretString>,
}

/// A device to add.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeviceBody {
    /// What to call it.
    name: DeviceName,
    /// Where it is in the house.
    room: Option<DeviceName>,
    /// Which protocol it speaks.
    family: Family,
    /// HOST, HOST:PORT or HOST:PORT/PATH.
    address: String,
    /// User name, if it has an account.
    username: Option<String>,
    /// Password.
    #[schema(value_type = Option<String>, write_only)]
    password: Option<SecretString>,
    /// The camera whose control side it is.
    camera: Option<CameraId>,
    /// The certificate that it must show, e.g. `sha256:9a31..`; without one, the first is pinned.
    fingerprint: Option<String>,
}

/// A device's account.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialsBody {
    /// User name.
    username: String,
    /// Password.
    #[schema(value_type = String, write_only)]
    password: SecretString,
}

/// A certificate that somebody looked at.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateBody {
    /// As it is shown, e.g. `sha256:9a31..`.
    fingerprint: String,
}

/// What a control is to be set to.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueBody {
    /// True or false, a number, or a word.
    value: ControlValue,
}

/// What an action needs to know, e.g. `{"pan": 10}`; most need nothing.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(crate) struct Arguments(serde_json::Map<String, serde_json::Value>);

fn address(text: &str) -> Result<DeviceAddress, ApiError> {
    text.parse().map_err(|error| ApiError::bad_input("bad_address", format!("{error}.")))
}

/// With or without the name of the hash in front.
fn fingerprint(text: &str) -> Result<Fingerprint, ApiError> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    digits.parse().map_err(|error| ApiError::bad_input("bad_fingerprint", format!("{error}.")))
}

fn account(
    username: Option<String>,
    password: Option<SecretString>,
) -> Result<Option<(String, SecretString)>, ApiError> {
    match (username, password) {
        (None, None) => Ok(None),
        (Some(username), Some(password)) => Ok(Some((username, password))),
        _ => Err(ApiError::bad_input("half_account", "User name and password belong together.")),
    }
}

/// The addresses that texts like `192.168.1.0/24` and `192.168.1.9` stand for.
fn addresses(texts: &[String]) -> Result<Vec<Ipv4Addr>, ApiError> {
    let bad = || {
        let text = "An address is like 192.168.1.9, or a network from /24 to /32.";
        ApiError::bad_input("bad_address", text)
    };
    let mut all = Vec::new();
    for text in texts {
        let (first, bits) = text.split_once('/').unwrap_or((text, "32"));
        let first: Ipv4Addr = first.parse().map_err(|_| bad())?;
        let bits: u32 =
            bits.parse().ok().filter(|bits| (24..=32).contains(bits)).ok_or_else(bad)?;
        let count = 1_u32 << (32 - bits);
        let network = u32::from(first) & !(count - 1);
        // What a hub takes in one search; it says so itself.
        all.extend((0..count).map(|number| Ipv4Addr::from(network + number)).take(257));
        if all.len() > 256 {
            return Err(ApiError::bad_input("too_many", "Name at most 256 addresses."));
        }
    }
    Ok(all)
}

/// `GET /devices`.
pub(crate) async fn list(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
) -> Json<DeviceList> {
    Json(DeviceList { devices: api.hub().devices(&grant) })
}

/// `GET /devices/{device}`.
pub(crate) async fn show(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ReadDevices>,
    Named(device): Named<DeviceId>,
) -> Result<Json<DeviceView>, ApiError> {
    Ok(Json(api.hub().device(&grant, device)?))
}

/// `POST /devices/discover`.
pub(crate) async fn discover(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(search): Sent<SearchBody>,
) -> Result<Json<DiscoveryView>, ApiError> {
    let addresses = addresses(&search.addresses)?;
    Ok(Json(api.hub().discover_devices(&grant, addresses).await?))
}

/// `POST /devices/probe`.
pub(crate) async fn probe(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(tried): Sent<ProbeBody>,
) -> Result<Json<ProbeView>, ApiError> {
    let name = DeviceName::new(TRIED).ok_or_else(ApiError::not_found)?;
    let new = NewDevice {
        name,
        room: None,
        family: tried.family,
        address: address(&tried.address)?,
        account: account(tried.username, tried.password)?,
        camera: None,
        fingerprint: None,
    };
    Ok(Json(api.hub().probe_device(&grant, &new).await?))
}

/// `POST /devices`.
pub(crate) async fn add(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Sent(new): Sent<NewDeviceBody>,
) -> Result<impl IntoResponse, ApiError> {
    let new = NewDevice {
        name: new.name,
        room: new.room,
        family: new.family,
        address: address(&new.address)?,
        account: account(new.username, new.password)?,
        camera: new.camera,
        fingerprint: new.fingerprint.as_deref().map(fingerprint).transpose()?,
    };
    Ok((StatusCode::CREATED, Json(api.hub().add_device(grant, new).await?)))
}

/// `PATCH /devices/{device}`.
pub(crate) async fn update(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Named(device): Named<DeviceId>,
    Sent(patch): Sent<DevicePatch>,
) -> Result<Json<DeviceView>, ApiError> {
    Ok(Json(api.hub().update_device(grant, device, patch).await?))
}

/// `PUT /devices/{device}/credentials`.
pub(crate) async fn set_credentials(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Named(device): Named<DeviceId>,
    Sent(CredentialsBody { username, password }): Sent<CredentialsBody>,
) -> Result<Json<DeviceView>, ApiError> {
    Ok(Json(api.hub().set_device_credentials(grant, device, (username, password)).await?))
}

/// `POST /devices/{device}/certificate`.
pub(crate) async fn trust(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Named(device): Named<DeviceId>,
    Sent(seen): Sent<CertificateBody>,
) -> Result<Json<DeviceView>, ApiError> {
    let fingerprint = fingerprint(&seen.fingerprint)?;
    Ok(Json(api.hub().trust_device(grant, device, fingerprint).await?))
}

/// `DELETE /devices/{device}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ManageCameras>,
    Named(device): Named<DeviceId>,
) -> Result<StatusCode, ApiError> {
    api.hub().remove_device(grant, device).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /devices/{device}/controls/{control}`.
pub(crate) async fn set_control(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, control): NamedWithin<DeviceId, String>,
    Sent(ValueBody { value }): Sent<ValueBody>,
) -> Result<Json<Control>, ApiError> {
    Ok(Json(api.hub().set_control(grant, device, &control, value).await?))
}

/// `POST /devices/{device}/actions/{action}`.
pub(crate) async fn act(
    State(api): State<Api>,
    OnHouse(grant): OnHouse<ask::ControlDevices>,
    NamedWithin(device, action): NamedWithin<DeviceId, String>,
    Sent(Arguments(arguments)): Sent<Arguments>,
) -> Result<StatusCode, ApiError> {
    if arguments.len() > ARGUMENTS_MAX {
        return Err(ApiError::bad_input("value_out_of_range", "No action takes so much."));
    }
    api.hub().do_action(grant, device, &action, arguments.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Ipv4Addr>, String> {
        addresses(&[text.to_owned()]).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn a_network_is_asked_address_by_address() {
        assert_eq!(read("192.168.1.9"), Ok(vec![Ipv4Addr::new(192, 168, 1, 9)]));
        let whole = read("192.168.1.7/24").expect("a network");
        assert_eq!((whole.len(), whole[0]), (256, Ipv4Addr::new(192, 168, 1, 0)));
        for bad in ["192.168.0.0/16", "x", "", "1.2.3.4/", "::1", "1.2.3.4/33", "1.2.3.4/-1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let two = ["10.0.0.0/24".to_owned(), "10.0.1.0/24".to_owned()];
        assert!(addresses(&two).is_err());
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown() {
        let digits = "ab".repeat(32);
        assert!(fingerprint(&digits).is_ok());
        assert!(fingerprint(&format!("sha256:{digits}")).is_ok());
        assert!(fingerprint("sha256:ab").is_err());
    }
}
