//! The device service: who it is, what it offers, which time it has.
//!
//! Pure.

use hearth_model::{SourceUrl, WallTime};
use serde::Serialize;

use crate::{
    AnswerError,
    address::service_url,
    soap::{Operation, Service},
    xml::{Element, Writer, line},
};

mod clock;
mod network;

pub use clock::{DeviceTime, GetSystemDateAndTime};
pub use network::{
    GetHostname, GetNetworkInterfaces, GetNetworkProtocols, Hostname, NetworkInterface,
    NetworkProtocol,
};

/// The namespace of the device service.
pub(crate) const NAMESPACE: &str = "http://www.onvif.org/ver10/device/wsdl";
/// Devices offer some 15 services.
const SERVICES_MAX: usize = 64;
/// Devices have some 30 accounts at most.
const USERS_MAX: usize = 256;

/// Who made it, what it is, which firmware it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceInformation {
    /// Who made it.
    pub manufacturer: String,
    /// What it is called.
    pub model: String,
    /// Its firmware.
    pub firmware: String,
    /// Its serial number; some devices tell an empty one.
    pub serial: String,
    /// Its hardware.
    pub hardware: String,
}

/// Asks who made the device and what it is.
#[derive(Clone, Copy, Debug)]
pub struct GetDeviceInformation;

impl Operation for GetDeviceInformation {
    type Answer = DeviceInformation;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetDeviceInformation";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<DeviceInformation, AnswerError> {
        let optional = |name: &str| line(answer.text_at(&[name]).unwrap_or_default());
        Ok(DeviceInformation {
            manufacturer: line(answer.need(&["Manufacturer"])?.text()),
            model: line(answer.need(&["Model"])?.text()),
            firmware: optional("FirmwareVersion"),
            serial: optional("SerialNumber"),
            hardware: optional("HardwareId"),
        })
    }
}

/// The services of a device and where they are: on its own host, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Services {
    rows: Vec<(Service, SourceUrl)>,
}

impl Services {
    /// Where a service is, if the device offers it.
    pub fn url(&self, service: Service) -> Option<&SourceUrl> {
        self.rows.iter().find(|row| row.0 == service).map(|row| &row.1)
    }

    /// The services that are offered.
    pub fn offered(&self) -> impl Iterator<Item = Service> {
        self.rows.iter().map(|row| row.0)
    }

    fn add(&mut self, service: Service, url: SourceUrl) {
        if self.url(service).is_none() {
            self.rows.push((service, url));
        }
    }
}

/// Asks for the services and their addresses.
#[derive(Clone, Copy, Debug)]
pub struct GetServices;

impl Operation for GetServices {
    type Answer = Services;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetServices";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:IncludeCapability", false);
    }

    /// An address on another host is an error: it would be followed by requests with a proof.
    fn read(answer: &Element, device: &SourceUrl) -> Result<Services, AnswerError> {
        let mut services = Services::default();
        for row in answer.all("Service").take(SERVICES_MAX) {
            let namespace = row.need(&["Namespace"])?.text();
            let known = Service::ALL.iter().find(|known| known.1 == namespace);
            if let Some((service, _)) = known {
                services.add(*service, service_url(device, row.need(&["XAddr"])?.text())?);
            }
        }
        Ok(services)
    }
}

/// The older way to ask for services, for devices that do not know [`GetServices`].
#[derive(Clone, Copy, Debug)]
pub struct GetCapabilities;

impl Operation for GetCapabilities {
    type Answer = Services;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetCapabilities";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:Category", "All");
    }

    fn read(answer: &Element, device: &SourceUrl) -> Result<Services, AnswerError> {
        const NAMES: [(&str, Service); 5] = [
            ("Device", Service::Device),
            ("Media", Service::Media),
            ("PTZ", Service::Ptz),
            ("Imaging", Service::Imaging),
            ("Events", Service::Events),
        ];
        let capabilities = answer.need(&["Capabilities"])?;
        let mut services = Services::default();
        for (name, service) in NAMES {
            if let Some(address) = capabilities.text_at(&[name, "XAddr"]) {
                services.add(service, service_url(device, address)?);
            }
        }
        Ok(services)
    }
}

/// An account on a device. Its password is never told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// What it may do: `Administrator`, `Operator`, `User`, or a word of the device's own.
    pub level: String,
}

/// Asks for the accounts.
#[derive(Clone, Copy, Debug)]
pub struct GetUsers;

impl Operation for GetUsers {
    type Answer = Vec<User>;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetUsers";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<User>, AnswerError> {
        let users = answer.all("User").take(USERS_MAX).map(|user| {
            Ok(User {
                name: line(user.need(&["Username"])?.text()),
                level: line(user.need(&["UserLevel"])?.text()),
            })
        });
        users.collect()
    }
}

/// Restarts the device.
#[derive(Clone, Copy, Debug)]
pub struct SystemReboot;

impl Operation for SystemReboot {
    /// What the device says about it, for people.
    type Answer = String;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "SystemReboot";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<String, AnswerError> {
        Ok(line(answer.text_at(&["Message"]).unwrap_or_default()))
    }
}

/// Whether a text of the schema's `xs:dateTime` is a time; one without an offset is meant in UTC.
pub(crate) fn date_time(text: &str) -> Option<WallTime> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

#[cfg(test)]
mod tests;
