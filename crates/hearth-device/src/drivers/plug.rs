//! Tapo and Kasa plugs: the strongest protocol that the plug speaks is found once and kept.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use hearth_tapo::{
    Failure, Login, Switch, TapoError, TlsKind,
    client::{Language, PlugClient, PlugProtocol, PlugSpec},
    plug::{PlugFacts, iot, smart},
    transport::{Account, pass_through::PasswordForm, xor},
};
use serde_json::Value;

use super::tapo_camera::weakest;
use crate::{
    Control, ControlValue, DeviceError, Driver, Family, Look, MemoryCell, Protection, Reading,
    Setup, TransportKind, Unit, driver::Asking,
};

/// Where plugs listen that take TLS.
const HTTPS_PORTS: [u16; 2] = [4433, 443];
/// Where the others do.
const HTTP_PORT: u16 = 80;

/// One way to speak with a plug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    port: u16,
    https: bool,
    protocol: PlugProtocol,
}

struct Plug {
    setup: Setup,
    ip: IpAddr,
    /// What the plug was found to speak.
    client: Option<(PlugClient, Way)>,
}

/// A driver for the plug at `ip`.
pub(crate) fn connect(setup: &Setup, ip: IpAddr) -> Result<Box<dyn Driver>, DeviceError> {
    if setup.account.is_none() && setup.family == Family::TapoPlug {
        return Err(DeviceError::WrongPassword);
    }
    Ok(Box::new(Plug { setup: setup.clone(), ip, client: None }))
}

/// All ways of a family, from the strongest (promise T-04). Only what was not weaker before is
/// tried, and nothing that would send a password to something that speaks another protocol.
fn ways(family: Family, port: Option<u16>, has_account: bool, known: Option<Login>) -> Vec<Way> {
    let klap = |port, https| Way { port, https, protocol: PlugProtocol::Klap };
    let mut ways = match port {
        Some(port) => vec![klap(port, HTTPS_PORTS.contains(&port))],
        None => vec![klap(HTTPS_PORTS[0], true), klap(HTTP_PORT, false)],
    };
    let http = port.unwrap_or(HTTP_PORT);
    if family == Family::TapoPlug {
        let protocol = PlugProtocol::PassThrough(PasswordForm::Sha1);
        ways.push(Way { port: http, https: false, protocol });
    }
    if !has_account {
        ways.clear();
    }
    if family == Family::KasaPlug {
        let port = port.unwrap_or(xor::PORT);
        ways.push(Way { port, https: false, protocol: PlugProtocol::Xor });
    }
    ways.retain(|way| known.is_none_or(|known| most(way.protocol) >= known));
    ways
}

/// The strongest login of a protocol.
fn most(protocol: PlugProtocol) -> Login {
    match protocol {
        PlugProtocol::Klap => Login::KlapV2,
        PlugProtocol::PassThrough(_) => Login::PassThrough,
        PlugProtocol::Xor => Login::None,
    }
}

/// Whether a failure says that the plug speaks another protocol, and not that something is wrong
/// with it or with the password.
fn is_another_protocol(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Unreachable(_)
            | Failure::Broken(_)
            | Failure::Tls(_)
            | Failure::Malformed(_)
            | Failure::LoginUnsupported(_)
            | Failure::Status(400 | 404 | 405 | 501)
    )
}

impl Plug {
    fn client(&self, way: Way) -> PlugClient {
        let account = self.setup.account.clone();
        let account = account.map_or_else(
            || Account::new("", ""),
            |account| Account::new(account.username, account.password),
        );
        let is_kasa = self.setup.family == Family::KasaPlug;
        let spec = PlugSpec {
            device: self.setup.name.clone(),
            host: self.ip.to_string(),
            port: way.port,
            protocol: way.protocol,
            language: if is_kasa { Language::Iot } else { Language::Smart },
            https: way.https,
            account,
            may_use_factory_account: false,
        };
        PlugClient::new(spec, Arc::new(self.setup.memory.clone()))
    }

    /// The client of the strongest way that the plug takes, and what it said about itself.
    async fn facts(&mut self) -> Result<PlugFacts, DeviceError> {
        if let Some((client, _)) = &self.client {
            return Ok(client.facts().await?);
        }
        let known = self.setup.memory.get().login;
        let port = self.setup.address.port();
        let ways = ways(self.setup.family, port, self.setup.account.is_some(), known);
        let mut last = DeviceError::WrongPassword;
        for way in ways {
            let client = self.client(way);
            match client.facts().await {
                Ok(facts) => {
                    self.client = Some((client, way));
                    return Ok(facts);
                }
                Err(TapoError { failure, .. }) if is_another_protocol(&failure) => {
                    last = failure.into();
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(last)
    }

    async fn look(&mut self) -> Result<Look, DeviceError> {
        let facts = self.facts().await?;
        let Some((client, way)) = &self.client else { return Err(DeviceError::Malformed) };
        let mut readings = Vec::new();
        if facts.measures {
            measure(client, &mut readings).await?;
        }
        if let Some(dbm) = facts.signal_dbm {
            readings.push(Reading::new("signal", Unit::Dbm, f64::from(dbm)));
        }
        let controls = vec![
            Control::toggle("power", Some(facts.on)),
            Control::toggle("led", None),
            Control::action("reboot").sensitive(),
        ];
        Ok(Look {
            model: Some(facts.model),
            firmware: Some(facts.firmware),
            name: facts.alias,
            controls,
            readings,
            protection: protection(client, *way, &self.setup.memory),
        })
    }

    fn known(&self) -> Result<&PlugClient, DeviceError> {
        self.client.as_ref().map(|(client, _)| client).ok_or(DeviceError::NoSuchControl)
    }

    async fn set(&mut self, key: &str, value: &ControlValue) -> Result<(), DeviceError> {
        let on = value.switch().ok_or(DeviceError::NoSuchControl)?;
        let client = self.known()?;
        match key {
            "power" => Ok(client.switch(Switch::from(on)).await?),
            "led" => Ok(client.set_led(Switch::from(on)).await?),
            _ => Err(DeviceError::NoSuchControl),
        }
    }

    async fn act(&mut self, key: &str) -> Result<(), DeviceError> {
        if key != "reboot" {
            return Err(DeviceError::NoSuchControl);
        }
        let client = self.known()?;
        match self.setup.family {
            Family::KasaPlug => client.iot(&iot::reboot()).await?,
            _ => client.smart(&smart::reboot()).await?,
        }
        Ok(())
    }
}

/// Power and energy; what the plug does not know is left out.
async fn measure(client: &PlugClient, readings: &mut Vec<Reading>) -> Result<(), DeviceError> {
    let milli = |value: u64| value as f64 / 1000.0;
    match client.power().await {
        Ok(power) => {
            readings.push(Reading::new("power", Unit::Watt, power.watts()));
            let voltage = power.voltage_mv.map(|mv| Reading::new("voltage", Unit::Volt, milli(mv)));
            let current =
                power.current_ma.map(|ma| Reading::new("current", Unit::Ampere, milli(ma)));
            readings.extend(voltage.into_iter().chain(current));
        }
        Err(error) => unless_unknown(error)?,
    }
    match client.energy(month_now()).await {
        Ok(energy) => {
            let today = energy.today_wh;
            readings
                .extend(today.map(|wh| Reading::new("energy_today", Unit::WattHour, wh as f64)));
        }
        Err(error) => unless_unknown(error)?,
    }
    Ok(())
}

/// A plug that refuses one reading is well otherwise.
fn unless_unknown(error: TapoError) -> Result<(), DeviceError> {
    match DeviceError::from(error) {
        DeviceError::Unsupported | DeviceError::Refused(_) => Ok(()),
        error => Err(error),
    }
}

/// Year and month by the universal clock: the language of Kasa plugs asks for a month, and is only
/// off for the hours around its first midnight.
fn month_now() -> (u16, u8) {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    year_and_month(since.as_secs() / 86_400)
}

/// Of a day after 1970-01-01, by the Gregorian calendar.
fn year_and_month(day: u64) -> (u16, u8) {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (mut year, mut left) = (1970_u64, day);
    while left >= 365 + u64::from(is_leap(year)) {
        left -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (u16::try_from(year).unwrap_or(u16::MAX), month)
}

fn protection(client: &PlugClient, way: Way, memory: &MemoryCell) -> Protection {
    let security = client.security();
    let transport = match way.protocol {
        PlugProtocol::Klap => TransportKind::Klap,
        PlugProtocol::PassThrough(_) => TransportKind::Aes,
        PlugProtocol::Xor => TransportKind::Xor,
    };
    let tls = security.as_ref().map_or(TlsKind::None, |security| security.tls);
    let mut weaknesses = security.map(|security| security.weaknesses).unwrap_or_default();
    // KLAP encrypts and signs by itself; that TLS is missing below it is no weakness of its own.
    if transport == TransportKind::Klap {
        weaknesses.retain(|weak| *weak != hearth_tapo::Weakness::NoTls);
    }
    let is_insecure = transport != TransportKind::Klap && tls == TlsKind::None;
    let fingerprint = memory.get().certificate;
    Protection { transport, is_insecure, weakness: weakest(&weaknesses), fingerprint }
}

impl Driver for Plug {
    fn look(&mut self) -> Asking<'_, Look> {
        Box::pin(self.look())
    }

    fn set<'a>(&'a mut self, key: &'a str, value: &'a ControlValue) -> Asking<'a, ()> {
        Box::pin(self.set(key, value))
    }

    fn act<'a>(&'a mut self, key: &'a str, _: &'a Value) -> Asking<'a, ()> {
        Box::pin(self.act(key))
    }

    fn close(&mut self) -> Asking<'_, ()> {
        Box::pin(async {
            if let Some((client, _)) = &self.client {
                client.close().await;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_in_its_month() {
        assert_eq!(year_and_month(0), (1970, 1));
        assert_eq!(year_and_month(58), (1970, 2));
        assert_eq!(year_and_month(19_782), (2024, 2), "29 February");
        assert_eq!(year_and_month(19_783), (2024, 3));
        assert_eq!(year_and_month(20_453), (2025, 12), "the last day of a year");
        assert_eq!(year_and_month(20_454), (2026, 1));
    }

    /// promise: T-04. What was once stronger is never tried weaker again.
    #[test]
    fn only_ways_as_strong_as_the_strongest_so_far_are_tried() {
        let first = ways(Family::KasaPlug, None, true, None);
        assert_eq!(first.len(), 3);
        assert_eq!(first.last().map(|way| way.protocol), Some(PlugProtocol::Xor));
        let later = ways(Family::KasaPlug, None, true, Some(Login::KlapV1));
        assert!(later.iter().all(|way| way.protocol == PlugProtocol::Klap));
        assert!(ways(Family::TapoPlug, None, false, None).is_empty());
    }
}
