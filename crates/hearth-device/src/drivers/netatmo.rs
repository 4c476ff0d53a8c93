//! A room with a Netatmo thermostat: `api.netatmo.com/ROOM`, where the room is its id or its name.
//!
//! Rooms of one account share one client, so that there is one session and one sign-in however many
//! rooms are watched (promise N-07). Its session lives in memory only (promise N-05).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use hearth_http::{AddressPolicy as HttpPolicy, Client as HttpClient, Trust};
use hearth_netatmo::{Client, Credentials, Endpoints, Error, RoomId, RoomReading, TrueTemperature};
use serde_json::Value;

use crate::{
    Control, ControlKind, ControlValue, DeviceError, Driver, Fingerprint, Look, MemoryCell,
    Protection, Reading, Setup, TransportKind, Unit, address, driver::Asking,
};

/// Netatmo itself.
pub(super) const HOST: &str = "api.netatmo.com";
pub(super) const HTTPS_PORT: u16 = 443;
/// What a thermometer in a room may show, in °C; the vendor takes no more.
const TRUE_CELSIUS: (f64, f64) = (-10.0, 40.0);

/// The clients in use, by where and whose. A room whose password is entered again gets a new one.
static CLIENTS: Mutex<Option<Clients>> = Mutex::new(None);

/// By host and port, and user name.
type Clients = HashMap<(String, String), Weak<Shared>>;

struct Shared {
    client: Client,
    password: hearth_secret::SecretString,
}

struct NetatmoRoom {
    shared: Arc<Shared>,
    wanted: String,
    room: Option<RoomId>,
    pin: Option<Fingerprint>,
}

/// A driver for one room.
pub(crate) async fn connect(setup: &Setup) -> Result<Box<dyn Driver>, DeviceError> {
    let pin = elsewhere(setup).await?;
    let shared = shared(setup, pin)?;
    let wanted = setup.address.path().to_owned();
    Ok(Box::new(NetatmoRoom { shared, wanted, room: None, pin }))
}

/// The pinned certificate of another Netatmo than the real one; it has to be on this machine.
pub(super) async fn elsewhere(setup: &Setup) -> Result<Option<Fingerprint>, DeviceError> {
    if setup.address.host() == HOST {
        return Ok(None);
    }
    let ip = setup.address.resolve(setup.addresses).await?;
    if !ip.is_loopback() {
        return Err(DeviceError::AddressRefused);
    }
    let memory: &MemoryCell = &setup.memory;
    let trust = memory.get().certificate.map_or(Trust::FirstUse, Trust::Pinned);
    let port = setup.address.port().unwrap_or(HTTPS_PORT);
    let url = format!("https://{}:{port}", address::in_url(ip));
    let client = HttpClient::builder().trust(trust).address_policy(HttpPolicy::Private).build();
    let shown = client.certificate(&url).await?;
    memory.update(|memory| memory.certificate = Some(shown));
    Ok(Some(shown))
}

fn shared(setup: &Setup, pin: Option<Fingerprint>) -> Result<Arc<Shared>, DeviceError> {
    let account = setup.account.as_ref().ok_or(DeviceError::WrongPassword)?;
    let port = setup.address.port().unwrap_or(HTTPS_PORT);
    let place = format!("{}:{port}", setup.address.host());
    let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let clients = clients.get_or_insert_with(HashMap::new);
    clients.retain(|_, client| client.strong_count() > 0);
    let key = (place.clone(), account.username.clone());
    if let Some(shared) = clients.get(&key).and_then(Weak::upgrade)
        && shared.password.expose() == account.password.expose()
    {
        return Ok(shared);
    }
    let credentials = Credentials::new(&account.username, account.password.clone());
    let mut builder = Client::builder(credentials);
    if let Some(pin) = pin {
        let url = format!("https://{place}");
        builder = builder.endpoints(Endpoints::new(&url, &url)?, pin);
    }
    let client = builder.build();
    let shared = Arc::new(Shared { client, password: account.password.clone() });
    clients.insert(key, Arc::downgrade(&shared));
    Ok(shared)
}

impl NetatmoRoom {
    async fn look(&mut self) -> Result<Look, DeviceError> {
        let rooms = self.shared.client.rooms(None).await?;
        let room = find(&rooms, &self.wanted)?;
        self.room = Some(room.id.clone());
        let mut readings = vec![celsius("temperature", room.measured.degrees())];
        readings.extend(room.setpoint.map(|wanted| celsius("set_point", wanted.degrees())));
        let (min, max) = TRUE_CELSIUS;
        let kind = ControlKind::Level { min, max, step: 0.1, unit: Unit::Celsius };
        let transport =
            if self.pin.is_some() { TransportKind::TlsPinned } else { TransportKind::TlsPublic };
        Ok(Look {
            model: None,
            firmware: None,
            name: Some(room.name.clone()),
            controls: vec![Control::of("true_temperature", kind, None).sensitive()],
            readings,
            protection: Protection {
                transport,
                is_insecure: false,
                weakness: None,
                fingerprint: self.pin,
            },
        })
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        let (Some(room), Some(celsius), "true_temperature") = (&self.room, value.number(), key)
        else {
            return Err(DeviceError::NoSuchControl);
        };
        let to = TrueTemperature::new(celsius)?;
        self.shared.client.set_true_temperature(None, room, to).await?;
        Ok(())
    }
}

/// The room of that id or name; the only one if none is named. Two of one name are not told apart
/// by guessing.
fn find<'a>(rooms: &'a [RoomReading], wanted: &str) -> Result<&'a RoomReading, DeviceError> {
    let is_it = |room: &&RoomReading| {
        wanted.is_empty() || room.id.as_str() == wanted || room.name.eq_ignore_ascii_case(wanted)
    };
    let mut found = rooms.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(room), None) => Ok(room),
        (None, _) => Err(Error::NoSuchRoom.into()),
        (Some(_), Some(_)) => {
            let names: Vec<String> =
                rooms.iter().map(|room| format!("{} ({})", room.name, room.id)).collect();
            let text = format!("say which room, by its id behind a slash: {}", names.join(", "));
            Err(DeviceError::OutOfRange(text))
        }
    }
}

fn celsius(key: &'static str, degrees: f64) -> Reading {
    Reading::new(key, Unit::Celsius, degrees)
}

impl Driver for NetatmoRoom {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(self.look())
    }

    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(self.set(key, value))
    }

    fn act<'a>(&'a mut self, _: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        // The session is in memory, and shared with other rooms: it goes with the last of them.
        Box::pin(std::future::ready(Ok(())))
    }
}
