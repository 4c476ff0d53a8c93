//! A Netatmo weather station or a module of it: `api.netatmo.com/NAME`, through the documented
//! interface.
//!
//! The account is the owner's own application on dev.netatmo.com: the user name is its client id,
//! the password its client secret and the first refresh token with a space between them. Each
//! refresh token is good once, so devices of one application share one client (promise N-07), one
//! that was only tried stays for a while, and every next token is kept before it is used.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use hearth_model::WallTime;
use hearth_netatmo::{
    Application, Endpoints, GrantStore, Reading as Measured, Station, WeatherClient,
};
use hearth_secret::SecretString;
use serde_json::Value;

use super::netatmo::{HOST, HTTPS_PORT, elsewhere};
use crate::{
    Account, ControlValue, DeviceError, Driver, Fingerprint, Keepsake, Look, Protection, Reading,
    Setup, TransportKind, Unit, driver::Asking,
};

/// Between trying a device and adding it, somebody names it.
const TRIED_KEPT: Duration = Duration::from_secs(15 * 60);

/// Applications; an owner has one.
const CLIENTS_MAX: usize = 64;

/// The clients in use or tried lately, by where and whose.
static CLIENTS: Mutex<Option<HashMap<(String, String), Known>>> = Mutex::new(None);

struct Known {
    shared: Arc<Shared>,
    password: SecretString,
    asked_for: Instant,
}

struct Shared {
    client: WeatherClient,
    grant: Arc<GrantCell>,
}

/// Keeps a grant in memory, and with every device of the application.
#[derive(Debug, Default)]
struct GrantCell {
    grant: Mutex<Option<SecretString>>,
    keepsakes: Mutex<Vec<Weak<dyn Keepsake>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GrantCell {
    fn living(&self) -> Vec<Arc<dyn Keepsake>> {
        lock(&self.keepsakes).iter().filter_map(Weak::upgrade).collect()
    }

    /// One more device keeps the grant from now on.
    fn attach(&self, keepsake: &Arc<dyn Keepsake>) -> io::Result<()> {
        let mut all = lock(&self.keepsakes);
        all.retain(|one| one.strong_count() > 0);
        if !all.iter().filter_map(Weak::upgrade).any(|one| Arc::ptr_eq(&one, keepsake)) {
            all.push(Arc::downgrade(keepsake));
        }
        drop(all);
        match &*lock(&self.grant) {
            Some(grant) => keepsake.write(grant),
            None => Ok(()),
        }
    }
}

impl GrantStore for GrantCell {
    fn read(&self) -> Option<SecretString> {
        let held = lock(&self.grant).clone();
        held.or_else(|| self.living().iter().find_map(|keepsake| keepsake.read()))
    }

    fn write(&self, grant: &SecretString) -> io::Result<()> {
        *lock(&self.grant) = Some(grant.clone());
        self.living().iter().try_for_each(|keepsake| keepsake.write(grant))
    }

    fn remove(&self) {
        *lock(&self.grant) = None;
    }
}

/// A driver for one station or module.
pub(crate) async fn connect(setup: &Setup) -> Result<Box<dyn Driver>, DeviceError> {
    let pin = elsewhere(setup).await?;
    let shared = shared(setup, pin)?;
    if let Some(keepsake) = setup.keepsake.clone() {
        let grant = Arc::clone(&shared.grant);
        let attached = tokio::task::spawn_blocking(move || grant.attach(&keepsake)).await;
        if !matches!(attached, Ok(Ok(()))) {
            return Err(DeviceError::Hardware("what the service granted cannot be kept"));
        }
    }
    Ok(Box::new(Weather { shared, wanted: setup.address.path().to_owned(), pin }))
}

fn shared(setup: &Setup, pin: Option<Fingerprint>) -> Result<Arc<Shared>, DeviceError> {
    let account = setup.account.as_ref().ok_or(DeviceError::WrongPassword)?;
    let port = setup.address.port().unwrap_or(HTTPS_PORT);
    let place = format!("{}:{port}", setup.address.host());
    let now = Instant::now();
    let mut clients = lock(&CLIENTS);
    let clients = clients.get_or_insert_with(HashMap::new);
    clients.retain(|_, known| {
        Arc::strong_count(&known.shared) > 1 || now.duration_since(known.asked_for) < TRIED_KEPT
    });
    let key = (place.clone(), account.username.clone());
    if let Some(known) = clients.get_mut(&key)
        && known.password.expose() == account.password.expose()
    {
        known.asked_for = now;
        return Ok(Arc::clone(&known.shared));
    }
    if clients.len() >= CLIENTS_MAX {
        return Err(DeviceError::Busy);
    }
    let shared = Arc::new(new_client(account, &place, pin)?);
    let password = account.password.clone();
    clients.insert(key, Known { shared: Arc::clone(&shared), password, asked_for: now });
    Ok(shared)
}

fn new_client(
    account: &Account,
    place: &str,
    pin: Option<Fingerprint>,
) -> Result<Shared, DeviceError> {
    let (secret, token) = account.password.expose().split_once(' ').ok_or_else(|| {
        let text = "the password is the client secret and the refresh token, a space between them";
        DeviceError::OutOfRange(text.to_owned())
    })?;
    let grant = Arc::new(GrantCell::default());
    let application = Application::new(&account.username, secret.into());
    let kept_in = Arc::clone(&grant) as Arc<dyn GrantStore>;
    let mut builder =
        WeatherClient::kept_in(application, kept_in).first_refresh_token(token.into());
    if let Some(pin) = pin {
        let url = format!("https://{place}");
        builder = builder.endpoints(Endpoints::new(&url, &url)?, pin);
    } else if place != format!("{HOST}:{HTTPS_PORT}") {
        return Err(DeviceError::AddressRefused);
    }
    Ok(Shared { client: builder.build(), grant })
}

struct Weather {
    shared: Arc<Shared>,
    wanted: String,
    pin: Option<Fingerprint>,
}

/// A station or a module.
struct Part<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
    is_heard: bool,
    battery: Option<u8>,
    measured: Option<&'a Measured>,
}

impl Weather {
    async fn look(&mut self) -> Result<Look, DeviceError> {
        let stations = self.shared.client.stations().await?;
        let parts = parts(&stations);
        let part = find(&parts, &self.wanted)?;
        if !part.is_heard {
            return Err(DeviceError::Unreachable("its station does not hear it"));
        }
        let measured = part.measured;
        let measured = measured.ok_or(DeviceError::Unreachable("it has measured nothing yet"))?;
        let mut readings = readings(measured);
        readings.extend(
            part.battery.map(|percent| Reading::new("battery", Unit::Percent, percent.into())),
        );
        let transport =
            if self.pin.is_some() { TransportKind::TlsPinned } else { TransportKind::TlsPublic };
        Ok(Look {
            model: Some(part.kind.to_owned()),
            firmware: None,
            name: Some(part.name.to_owned()),
            controls: Vec::new(),
            readings,
            protection: Protection {
                transport,
                is_insecure: false,
                weakness: None,
                fingerprint: self.pin,
            },
        })
    }
}

fn parts(stations: &[Station]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for station in stations {
        parts.push(Part {
            id: &station.id,
            name: station.name.as_deref().unwrap_or_default(),
            kind: "NAMain",
            is_heard: station.reachable != Some(false),
            battery: None,
            measured: station.reading.as_ref(),
        });
        parts.extend(station.modules.iter().map(|module| Part {
            id: &module.id,
            name: module.name.as_deref().unwrap_or_default(),
            kind: &module.kind,
            is_heard: module.reachable != Some(false),
            battery: module.battery_percent,
            measured: module.reading.as_ref(),
        }));
    }
    parts
}

/// The part of that id or name. Two of one name are not told apart by guessing.
fn find<'a>(parts: &'a [Part<'a>], wanted: &str) -> Result<&'a Part<'a>, DeviceError> {
    let is_it = |part: &&Part<'_>| {
        !wanted.is_empty() && (part.id == wanted || part.name.eq_ignore_ascii_case(wanted))
    };
    let mut found = parts.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(part), None) => Ok(part),
        _ => {
            let names: Vec<String> =
                parts.iter().map(|part| format!("{} ({})", part.name, part.id)).collect();
            let text = format!("say which part, by its id behind a slash: {}", names.join(", "));
            Err(DeviceError::OutOfRange(text))
        }
    }
}

/// With the time at which it was measured, which is minutes ago.
fn readings(measured: &Measured) -> Vec<Reading> {
    let at = measured.epoch_seconds.and_then(|seconds| i64::try_from(seconds).ok());
    let at = at.and_then(|seconds| seconds.checked_mul(1_000_000)).map(WallTime::from_micros);
    let all = [
        ("temperature", Unit::Celsius, measured.temperature.map(|celsius| celsius.degrees())),
        ("humidity", Unit::Percent, measured.humidity_percent),
        ("co2", Unit::Ppm, measured.co2_ppm),
        ("noise", Unit::Decibel, measured.noise_db),
        ("pressure", Unit::Hectopascal, measured.pressure_mbar),
        ("rain", Unit::Millimetre, measured.rain_hour_mm),
        ("wind", Unit::KilometreAnHour, measured.wind_kmh),
        ("gust", Unit::KilometreAnHour, measured.gust_kmh),
    ];
    let said = all.into_iter().filter_map(|(key, unit, value)| Some((key, unit, value?)));
    said.map(|(key, unit, value)| Reading { as_of: at, ..Reading::new(key, unit, value) }).collect()
}

impl Driver for Weather {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(self.look())
    }

    fn set<'a>(&'a mut self, _: &'a str, _: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn act<'a>(&'a mut self, _: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(std::future::ready(Err(DeviceError::NoSuchControl)))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        // The grant is shared with other parts of the station.
        Box::pin(std::future::ready(Ok(())))
    }
}
