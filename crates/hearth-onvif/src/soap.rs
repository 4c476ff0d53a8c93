//! SOAP 1.2 as ONVIF uses it: one request in an envelope, one answer or one fault.
//!
//! Pure. An [`Operation`] is a type; how it is written and how its answer is read stand together.

use hearth_model::SourceUrl;

use crate::{
    AnswerError,
    xml::{Element, Writer},
};

mod fault;
mod username_token;

pub use fault::{Fault, FaultKind};
pub use username_token::UsernameToken;

/// SOAP 1.2 Part 1.
const ENVELOPE: &str = "http://www.w3.org/2003/05/soap-envelope";
/// WS-Addressing 1.0.
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";

/// A service of a device, each with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// What the device is.
    Device,
    /// Profiles and streams, the first edition.
    Media,
    /// Profiles and streams, the second edition: H.265 and TLS.
    Media2,
    /// Pan, tilt, zoom.
    Ptz,
    /// Brightness, focus and the like.
    Imaging,
    /// What happens.
    Events,
}

impl Service {
    /// All of them with the namespaces by which devices list them.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Device, "http://www.onvif.org/ver10/device/wsdl"),
        (Self::Media, "http://www.onvif.org/ver10/media/wsdl"),
        (Self::Media2, "http://www.onvif.org/ver20/media/wsdl"),
        (Self::Ptz, "http://www.onvif.org/ver20/ptz/wsdl"),
        (Self::Imaging, "http://www.onvif.org/ver20/imaging/wsdl"),
        (Self::Events, "http://www.onvif.org/ver10/events/wsdl"),
    ];

    /// Its namespace.
    pub fn namespace(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Device => "device",
            Self::Media => "media",
            Self::Media2 => "media2",
            Self::Ptz => "PTZ",
            Self::Imaging => "imaging",
            Self::Events => "events",
        })
    }
}

/// One request that a device understands. The fields are what is asked for; they were checked when
/// the value was made, so writing cannot fail.
pub trait Operation {
    /// What it answers.
    type Answer;

    /// Whose business it is.
    const SERVICE: Service;

    /// The name of the request's element; that of the answer has `Response` behind it.
    const NAME: &'static str;

    /// The namespace of the request's element.
    const NAMESPACE: &'static str;

    /// Where the action differs from namespace and name: those with WS-Addressing.
    const ACTION: Option<&'static str> = None;

    /// Whether it never carries a proof: everybody may ask it (ONVIF Core, 5.9.4).
    const IS_OPEN: bool = false;

    /// Writes what is inside the request's element. The prefixes `o` (the request's namespace), `tt`
    /// (the ONVIF schema) and `wsnt` (WS-BaseNotification) are declared.
    fn write(&self, body: &mut Writer);

    /// Reads the answer's element.
    ///
    /// # Errors
    /// If something that the standard demands is missing or malformed.
    fn read(answer: &Element, device: &SourceUrl) -> Result<Self::Answer, AnswerError>;
}

/// To whom a message goes when the address alone does not say it (WS-Addressing 1.0).
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The whole address.
    pub to: &'a str,
    /// Unique: `urn:uuid:...`.
    pub message_id: &'a str,
    /// What the recipient wants to see in every message.
    pub parameters: &'a [ReferenceParameter],
}

/// Something opaque that must be sent back as a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceParameter {
    /// The element's namespace.
    pub namespace: String,
    /// The element's name.
    pub name: String,
    /// The element's text.
    pub text: String,
}

/// The action of an operation, which stands in HTTP's `Content-Type`.
pub fn action<O: Operation>() -> String {
    O::ACTION.map_or_else(|| format!("{}/{}", O::NAMESPACE, O::NAME), str::to_owned)
}

/// Writes a request.
pub fn request<O: Operation>(
    operation: &O,
    token: Option<&UsernameToken>,
    recipient: Option<Recipient<'_>>,
) -> String {
    let mut writer = Writer::new();
    let namespaces = [
        ("xmlns:s", ENVELOPE),
        ("xmlns:o", O::NAMESPACE),
        ("xmlns:tt", "http://www.onvif.org/ver10/schema"),
        ("xmlns:wsnt", "http://docs.oasis-open.org/wsn/b-2"),
        ("xmlns:wsa", ADDRESSING),
    ];
    writer.element_with("s:Envelope", &namespaces, |envelope| {
        if token.is_some() || recipient.is_some() {
            envelope.element("s:Header", |header| {
                if let Some(token) = token {
                    token.write(header);
                }
                if let Some(recipient) = recipient {
                    write_recipient(header, &action::<O>(), recipient);
                }
            });
        }
        envelope.element("s:Body", |body| {
            body.element(&format!("o:{}", O::NAME), |inside| operation.write(inside));
        });
    });
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", writer.finish())
}

fn write_recipient(header: &mut Writer, action: &str, recipient: Recipient<'_>) {
    header
        .element_with("wsa:Action", &[("s:mustUnderstand", "true")], |inside| inside.text(action));
    header.leaf("wsa:MessageID", recipient.message_id);
    header.element("wsa:ReplyTo", |reply| {
        reply.leaf("wsa:Address", format_args!("{ADDRESSING}/anonymous"));
    });
    header.element_with("wsa:To", &[("s:mustUnderstand", "true")], |inside| {
        inside.text(recipient.to);
    });
    for parameter in recipient.parameters {
        let attributes =
            [("xmlns:p", parameter.namespace.as_str()), ("wsa:IsReferenceParameter", "true")];
        header.element_with(&format!("p:{}", parameter.name), &attributes, |inside| {
            inside.text(&parameter.text);
        });
    }
}

/// Reads an answer.
///
/// # Errors
/// [`AnswerError::Fault`] if the device refuses, others if it makes no sense.
pub fn response<O: Operation>(bytes: &[u8], device: &SourceUrl) -> Result<O::Answer, AnswerError> {
    let envelope = Element::parse(bytes)?;
    let body = body(&envelope)?;
    if let Some(fault) = body.child("Fault") {
        return Err(AnswerError::Fault(Fault::read(fault)));
    }
    let answer = body.children().first().ok_or(AnswerError::NotSoap)?;
    if answer.name().strip_suffix("Response") != Some(O::NAME) {
        return Err(AnswerError::Unexpected);
    }
    O::read(answer, device)
}

/// The fault in an answer, if that is what it is; whatever else is in it does not matter.
pub fn fault(bytes: &[u8]) -> Option<Fault> {
    let envelope = Element::parse(bytes).ok()?;
    body(&envelope).ok()?.child("Fault").map(Fault::read)
}

fn body(envelope: &Element) -> Result<&Element, AnswerError> {
    if envelope.name() != "Envelope" {
        return Err(AnswerError::NotSoap);
    }
    envelope.child("Body").ok_or(AnswerError::NotSoap)
}

#[cfg(test)]
mod tests;
