//! How the device is on the network. Read only.

use hearth_model::SourceUrl;
use serde::Serialize;

use super::NAMESPACE;
use crate::{
    AnswerError,
    soap::{Operation, Service},
    xml::{Element, Writer, element::boolean, line},
};

/// More than any device has of anything here.
const ROWS_MAX: usize = 64;

/// The device's own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hostname {
    /// The name; empty names are none.
    pub name: Option<String>,
    /// Whether the name comes from DHCP.
    pub from_dhcp: bool,
}

/// Asks for the device's own name.
#[derive(Clone, Copy, Debug)]
pub struct GetHostname;

impl Operation for GetHostname {
    type Answer = Hostname;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetHostname";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Hostname, AnswerError> {
        let information = answer.need(&["HostnameInformation"])?;
        Ok(Hostname {
            name: information.text_at(&["Name"]).map(line),
            from_dhcp: information.text_at(&["FromDHCP"]).and_then(boolean).unwrap_or(false),
        })
    }
}

/// A network interface of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkInterface {
    /// Its name, if it tells one.
    pub name: Option<String>,
    /// Its hardware address as the device writes it.
    pub hardware_address: Option<String>,
    /// Whether it is on.
    pub is_enabled: bool,
    /// Its IPv4 addresses with the length of the prefix: those set by hand and that from DHCP.
    pub ipv4: Vec<String>,
}

/// Asks for the network interfaces.
#[derive(Clone, Copy, Debug)]
pub struct GetNetworkInterfaces;

impl Operation for GetNetworkInterfaces {
    type Answer = Vec<NetworkInterface>;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetNetworkInterfaces";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<NetworkInterface>, AnswerError> {
        Ok(answer.all("NetworkInterfaces").take(ROWS_MAX).map(interface).collect())
    }
}

fn interface(element: &Element) -> NetworkInterface {
    let config = element.at(&["IPv4", "Config"]);
    let addresses = config.map(Element::children).unwrap_or_default().iter();
    let addresses = addresses.filter(|one| matches!(one.name(), "Manual" | "FromDHCP"));
    NetworkInterface {
        name: element.text_at(&["Info", "Name"]).map(line),
        hardware_address: element.text_at(&["Info", "HwAddress"]).map(line),
        is_enabled: element.text_at(&["Enabled"]).and_then(boolean).unwrap_or(false),
        ipv4: addresses.take(ROWS_MAX).filter_map(address).collect(),
    }
}

fn address(element: &Element) -> Option<String> {
    let address: std::net::Ipv4Addr = element.text_at(&["Address"])?.parse().ok()?;
    let prefix =
        element.text_at(&["PrefixLength"])?.parse::<u8>().ok().filter(|length| *length <= 32)?;
    Some(format!("{address}/{prefix}"))
}

/// A protocol that the device serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkProtocol {
    /// `HTTP`, `HTTPS`, `RTSP`, or a word of the device's own.
    pub name: String,
    /// Whether it is on.
    pub is_enabled: bool,
    /// Its ports.
    pub ports: Vec<u16>,
}

/// Asks which protocols the device serves: whether it could be reached over TLS (promise T-07).
#[derive(Clone, Copy, Debug)]
pub struct GetNetworkProtocols;

impl Operation for GetNetworkProtocols {
    type Answer = Vec<NetworkProtocol>;
    const SERVICE: Service = Service::Device;
    const NAME: &'static str = "GetNetworkProtocols";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, _: &mut Writer) {}

    fn read(answer: &Element, _: &SourceUrl) -> Result<Vec<NetworkProtocol>, AnswerError> {
        let rows = answer.all("NetworkProtocols").take(ROWS_MAX).map(|row| {
            let ports = row.all("Port").take(ROWS_MAX);
            Ok(NetworkProtocol {
                name: line(row.need(&["Name"])?.text()),
                is_enabled: row.text_at(&["Enabled"]).and_then(boolean).unwrap_or(false),
                ports: ports.filter_map(|port| port.text().parse().ok()).collect(),
            })
        });
        rows.collect()
    }
}
