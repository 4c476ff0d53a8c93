//! The client against the simulated devices, which have other cryptography and were written
//! from the protocol descriptions alone.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod camera;
mod camera_faults;
mod discovery;
mod logs;
mod media;
mod plug;
mod plug_faults;
mod static_rsa;

use std::sync::Arc;

use hearth_sim::tapo::{
    PlugLogin, TapoCamera, TapoCameraSpec, TapoGeneration, TapoPlug, TapoPlugSpec,
};
use hearth_tapo::{
    client::{CameraClient, CameraSpec, Language, MemoryTrust, PlugClient, PlugProtocol, PlugSpec},
    transport::{Account, pass_through::PasswordForm},
};

const PASSWORD: &str = "correct horse";
const OWNER: &str = "anna@example.com";

const GENERATIONS: [TapoGeneration; 4] = [
    TapoGeneration::Legacy,
    TapoGeneration::SecureMd5,
    TapoGeneration::SecureSha256,
    TapoGeneration::Tpap,
];

async fn camera(generation: TapoGeneration) -> TapoCamera {
    TapoCamera::start(TapoCameraSpec::new(generation, PASSWORD)).await.expect("a camera")
}

fn camera_spec(camera: &TapoCamera, password: &str) -> CameraSpec {
    CameraSpec {
        device: "yard".to_owned(),
        port: camera.port(),
        ..CameraSpec::new("127.0.0.1", Account::new("admin", password))
    }
}

fn client_with(camera: &TapoCamera, trust: &Arc<MemoryTrust>) -> CameraClient {
    CameraClient::new(camera_spec(camera, PASSWORD), Arc::clone(trust) as _)
}

fn client_of(camera: &TapoCamera) -> CameraClient {
    client_with(camera, &Arc::new(MemoryTrust::default()))
}

async fn plug(login: PlugLogin) -> TapoPlug {
    TapoPlug::start(TapoPlugSpec::new(login, OWNER, PASSWORD)).await.expect("a plug")
}

fn plug_spec(plug: &TapoPlug, login: PlugLogin) -> PlugSpec {
    let protocol = match login {
        PlugLogin::KlapV1 | PlugLogin::KlapV2 => PlugProtocol::Klap,
        PlugLogin::PassThroughPlain => PlugProtocol::PassThrough(PasswordForm::Plain),
        PlugLogin::PassThroughSha1 => PlugProtocol::PassThrough(PasswordForm::Sha1),
    };
    PlugSpec {
        device: "kettle".to_owned(),
        port: plug.port(),
        protocol,
        language: Language::Smart,
        ..PlugSpec::klap("127.0.0.1", Account::new(OWNER, PASSWORD))
    }
}

fn plug_client(spec: PlugSpec) -> PlugClient {
    PlugClient::new(spec, Arc::new(MemoryTrust::default()))
}
