//! Everything one needs to know to use a simulated house, as plain data.
//!
//! This is what `hearthwatch simulate --json` prints. The passwords in it guard nothing.

use serde::Serialize;

use crate::{Access, DeviceDescription, Protocol, SceneKind, house::Room, stream::Stream};

/// Everything one needs to know to use the house.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HouseDescription {
    /// Always true: nothing here is real.
    pub simulated: bool,
    /// What the house is called.
    pub name: String,
    /// Where faults are posted: `POST {control}/cameras/{name}/fault`; and visits, at `/visit`.
    pub control: String,
    /// Its cameras.
    pub cameras: Vec<CameraDescription>,
    /// Its other devices.
    pub devices: Vec<DeviceDescription>,
}

/// Everything one needs to know to use one camera.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CameraDescription {
    /// Always true: there is no such camera.
    pub simulated: bool,
    /// Its name.
    pub name: String,
    /// Main stream, without credentials.
    pub url: String,
    /// Second stream, if there is one.
    pub sub_url: Option<String>,
    /// The TCP port on 127.0.0.1.
    pub port: u16,
    /// How it is reached.
    pub protocol: Protocol,
    /// What it asks for.
    pub access: Access,
    /// Who may look.
    pub username: String,
    /// With which password.
    pub password: String,
    /// SHA-256 of the certificate it shows, in hexadecimal; `rtsps` only.
    pub certificate_sha256: Option<String>,
    /// What the main stream is.
    pub main: StreamDescription,
    /// What the second stream is, if there is one.
    pub sub: Option<StreamDescription>,
}

/// What one stream is at the moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StreamDescription {
    /// Codecs as in RFC 6381, video first.
    pub codecs: Vec<String>,
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// Length of the loop in seconds.
    pub loop_seconds: f64,
    /// What is drawn, unless it is a file.
    pub scene: Option<SceneKind>,
}

impl Room {
    /// The camera as it is now.
    pub(crate) fn describe(&self) -> CameraDescription {
        let spec = self.state.spec();
        let scheme = match spec.protocol {
            Protocol::Rtsp => "rtsp",
            Protocol::Rtsps => "rtsps",
            Protocol::Mjpeg => "http",
        };
        let url = |path: &str| format!("{scheme}://127.0.0.1:{}/{path}", self.port);
        let sub = self.state.sub().map(|stream| describe(stream));
        CameraDescription {
            simulated: true,
            name: spec.name.clone(),
            url: url("main"),
            sub_url: sub.is_some().then(|| url("sub")),
            port: self.port,
            protocol: spec.protocol,
            access: spec.access,
            username: spec.username.clone(),
            password: spec.password.clone(),
            certificate_sha256: self.state.certificate().map(|certificate| certificate.sha256),
            main: describe(self.state.main()),
            sub,
        }
    }
}

fn describe(stream: &Stream) -> StreamDescription {
    let reel = stream.reel();
    let parameters = reel.parameters();
    let video = parameters.video.as_ref();
    let audio = parameters.audio.as_ref().map(|audio| audio.rfc6381.clone());
    StreamDescription {
        codecs: video.map(|video| video.rfc6381.clone()).into_iter().chain(audio).collect(),
        width: video.map_or(0, |video| video.width),
        height: video.map_or(0, |video| video.height),
        loop_seconds: reel.duration_us() as f64 / 1e6,
        scene: reel.spec().map(|spec| spec.scene.kind),
    }
}
