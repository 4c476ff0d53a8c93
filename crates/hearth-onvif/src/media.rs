//! Profiles, streams, pictures and encoders, in both editions of the media service.
//!
//! Pure. The second edition knows H.265 and streams over TLS; the first is what every device has.
//! The answers become the same types.

use hearth_model::SourceUrl;
use serde::Serialize;

use crate::{
    AnswerError, Token,
    address::{service_url, stream_url},
    soap::{Operation, Service},
    xml::{Element, Writer},
};

mod encoder;
mod profile;

pub use encoder::{
    EncoderOptions, GetEncoderOptions, GetEncoderOptions2, GetEncoders, GetEncoders2, Resolution,
    VideoEncoder,
};
pub(crate) use profile::token;
pub use profile::{GetProfiles, GetProfiles2, Profile};

pub(crate) const NAMESPACE: &str = "http://www.onvif.org/ver10/media/wsdl";
pub(crate) const NAMESPACE_2: &str = "http://www.onvif.org/ver20/media/wsdl";

/// How a stream travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamTransport {
    /// RTP over RTSP, which is not encrypted.
    #[default]
    Rtsp,
    /// The same inside TLS; the second edition of the media service only.
    Rtsps,
}

/// Asks where a profile's stream is.
#[derive(Clone, Debug)]
pub struct GetStreamUri {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GetStreamUri {
    type Answer = SourceUrl;
    const SERVICE: Service = Service::Media;
    const NAME: &'static str = "GetStreamUri";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.element("o:StreamSetup", |setup| {
            setup.leaf("tt:Stream", "RTP-Unicast");
            setup.element("tt:Transport", |transport| transport.leaf("tt:Protocol", "RTSP"));
        });
        body.leaf("o:ProfileToken", &self.profile);
    }

    /// Credentials that stand in the address are dropped.
    fn read(answer: &Element, device: &SourceUrl) -> Result<SourceUrl, AnswerError> {
        stream_url(device, answer.need(&["MediaUri", "Uri"])?.text())
    }
}

/// Asks where a profile's stream is, second edition.
#[derive(Clone, Debug)]
pub struct GetStreamUri2 {
    /// Of which profile.
    pub profile: Token,
    /// How it shall travel.
    pub transport: StreamTransport,
}

impl Operation for GetStreamUri2 {
    type Answer = SourceUrl;
    const SERVICE: Service = Service::Media2;
    const NAME: &'static str = "GetStreamUri";
    const NAMESPACE: &'static str = NAMESPACE_2;

    fn write(&self, body: &mut Writer) {
        let protocol = match self.transport {
            StreamTransport::Rtsp => "RTSP",
            StreamTransport::Rtsps => "RtspsUnicast",
        };
        body.leaf("o:Protocol", protocol);
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(answer: &Element, device: &SourceUrl) -> Result<SourceUrl, AnswerError> {
        stream_url(device, answer.need(&["Uri"])?.text())
    }
}

/// Asks where a profile's picture is.
#[derive(Clone, Debug)]
pub struct GetSnapshotUri {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GetSnapshotUri {
    type Answer = SourceUrl;
    const SERVICE: Service = Service::Media;
    const NAME: &'static str = "GetSnapshotUri";
    const NAMESPACE: &'static str = NAMESPACE;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(answer: &Element, device: &SourceUrl) -> Result<SourceUrl, AnswerError> {
        service_url(device, answer.need(&["MediaUri", "Uri"])?.text())
    }
}

/// Asks where a profile's picture is, second edition.
#[derive(Clone, Debug)]
pub struct GetSnapshotUri2 {
    /// Of which profile.
    pub profile: Token,
}

impl Operation for GetSnapshotUri2 {
    type Answer = SourceUrl;
    const SERVICE: Service = Service::Media2;
    const NAME: &'static str = "GetSnapshotUri";
    const NAMESPACE: &'static str = NAMESPACE_2;

    fn write(&self, body: &mut Writer) {
        body.leaf("o:ProfileToken", &self.profile);
    }

    fn read(answer: &Element, device: &SourceUrl) -> Result<SourceUrl, AnswerError> {
        service_url(device, answer.need(&["Uri"])?.text())
    }
}

#[cfg(test)]
mod tests;
