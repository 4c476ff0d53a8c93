//! WS-Discovery: who is there (ONVIF Core, 7; WS-Discovery of April 2005).
//!
//! Pure, but for [`search`]. A probe goes to everybody; whoever answers is believed no more than
//! that it is there: an answer counts only if it answers our probe, and its addresses only if they
//! lead to the machine that sent it. Answers are bounded in size and number and each device counts
//! once.

use std::net::IpAddr;

use hearth_model::SourceUrl;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::{
    AnswerError,
    xml::{Element, Writer, line},
};

mod search;

pub use search::{MULTICAST, SearchError, search};

/// A datagram of an answer; real ones are below 4 KiB.
pub const DATAGRAM_BYTES_MAX: usize = 16 * 1024;
/// More devices than a house has.
const DEVICES_MAX: usize = 256;
/// Devices answer with one.
const MATCHES_MAX: usize = 16;
/// Devices name some ten.
const SCOPES_MAX: usize = 64;
/// One for each of its networks.
const ADDRESSES_MAX: usize = 16;

/// A device that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Its own name for itself, which stays: `urn:uuid:...`.
    pub id: String,
    /// Where its device service is, on the machine that answered.
    pub url: SourceUrl,
    /// What people call it, if it tells.
    pub name: Option<String>,
    /// What it is, if it tells.
    pub hardware: Option<String>,
    /// Where it is, if it tells.
    pub location: Option<String>,
    /// Whether it says that it is a camera or encoder (`NetworkVideoTransmitter`).
    pub is_camera: bool,
}

/// Writes a probe. `message_id` must be new: answers name it.
pub fn probe(message_id: &str) -> String {
    let mut writer = Writer::new();
    let namespaces = [
        ("xmlns:s", "http://www.w3.org/2003/05/soap-envelope"),
        ("xmlns:wsa", "http://schemas.xmlsoap.org/ws/2004/08/addressing"),
        ("xmlns:d", "http://schemas.xmlsoap.org/ws/2005/04/discovery"),
        ("xmlns:dn", "http://www.onvif.org/ver10/network/wsdl"),
    ];
    writer.element_with("s:Envelope", &namespaces, |envelope| {
        envelope.element("s:Header", |header| {
            header.leaf("wsa:Action", "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe");
            header.leaf("wsa:MessageID", message_id);
            header.leaf("wsa:To", "urn:schemas-xmlsoap-org:ws:2005:04:discovery");
        });
        envelope.element("s:Body", |body| {
            body.element("d:Probe", |probe| probe.leaf("d:Types", "dn:NetworkVideoTransmitter"));
        });
    });
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", writer.finish())
}

/// Reads an answer to the probe `message_id` that came from `sender`.
///
/// # Errors
/// If it is none, or an answer to somebody else.
pub fn matches(bytes: &[u8], message_id: &str, sender: IpAddr) -> Result<Vec<Found>, AnswerError> {
    if bytes.len() > DATAGRAM_BYTES_MAX {
        return Err(AnswerError::Xml(crate::XmlError::TooLarge));
    }
    let envelope = Element::parse(bytes)?;
    let relates_to = envelope.text_at(&["Header", "RelatesTo"]);
    if relates_to.is_none_or(|id| !id.eq_ignore_ascii_case(message_id)) {
        return Err(AnswerError::Unexpected);
    }
    let rows = envelope.need(&["Body", "ProbeMatches"])?.all("ProbeMatch");
    Ok(rows.take(MATCHES_MAX).filter_map(|row| found(row, sender)).collect())
}

/// A device, unless none of its addresses leads to the sender.
fn found(row: &Element, sender: IpAddr) -> Option<Found> {
    let addresses = row.text_at(&["XAddrs"])?.split_ascii_whitespace().take(ADDRESSES_MAX);
    let urls = addresses.filter_map(|text| text.parse::<SourceUrl>().ok());
    let is_senders = |url: &SourceUrl| {
        let host = url.host().parse::<IpAddr>();
        host.is_ok_and(|host| host.to_canonical() == sender.to_canonical())
    };
    let is_http = |url: &SourceUrl| matches!(url.scheme().name(), "http" | "https");
    // Of several, the encrypted one (promise T-07).
    let url = urls
        .filter(|url| is_http(url) && is_senders(url))
        .max_by_key(|url| url.scheme().is_encrypted())?;
    let scopes: Vec<&str> = row
        .text_at(&["Scopes"])
        .map(|text| text.split_ascii_whitespace().take(SCOPES_MAX).collect())
        .unwrap_or_default();
    let types = row.text_at(&["Types"]).unwrap_or_default();
    let id = line(row.text_at(&["EndpointReference", "Address"])?);
    Some(Found {
        id: id.to_ascii_lowercase(),
        url,
        name: scope(&scopes, "name"),
        hardware: scope(&scopes, "hardware"),
        location: scope(&scopes, "location"),
        is_camera: types
            .split_ascii_whitespace()
            .any(|name| name.ends_with("NetworkVideoTransmitter")),
    })
}

/// The value of `onvif://www.onvif.org/<name>/<value>`, percent-decoded.
fn scope(scopes: &[&str], name: &str) -> Option<String> {
    let value = scopes.iter().find_map(|scope| {
        scope.strip_prefix("onvif://www.onvif.org/")?.strip_prefix(name)?.strip_prefix('/')
    })?;
    Some(line(&percent_decode_str(value).decode_utf8_lossy())).filter(|value| !value.is_empty())
}

/// The devices that answered, each once.
#[derive(Debug, Default)]
pub struct Collector {
    found: Vec<Found>,
}

impl Collector {
    /// Adds a device. The first answer counts, so that nobody replaces a device by its name.
    pub fn add(&mut self, device: Found) {
        let is_known = self.found.iter().any(|one| one.id == device.id || one.url == device.url);
        if !is_known && self.found.len() < DEVICES_MAX {
            self.found.push(device);
        }
    }

    /// The devices in the order of their addresses.
    pub fn finish(mut self) -> Vec<Found> {
        self.found.sort_by_key(|one| one.url.to_string());
        self.found
    }
}

#[cfg(test)]
mod tests;
