//! The simulated devices as clients see them that know nothing of this project: pytapo and
//! python-kasa, run as programs of their own. They are skipped, and say so, where the Python
//! packages are not installed; `HEARTHWATCH_PYTHON` names an interpreter that has them.

use std::{path::Path, process::Stdio};

use hearth_sim::tapo::{
    KasaPlug, PlugLogin, TapoAnnouncer, TapoCamera, TapoCameraSpec, TapoGeneration, TapoMedia,
    TapoMediaSpec, TapoPlug, TapoPlugSpec,
};
use serde_json::json;
use tokio::process::Command;

const PASSWORD: &str = "correct horse";
const OWNER: &str = "anna@example.com";

fn python() -> Command {
    let name = std::env::var_os("HEARTHWATCH_PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(name);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Whether a package can be had; says so if not.
async fn has(package: &str) -> bool {
    let mut command = python();
    command.args(["-c", &format!("import {package}")]).stderr(Stdio::null());
    let found = command.status().await.is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: the Python package {package} is not installed");
    }
    found
}

/// Runs a script to its end; what it printed is in the message if it fails.
async fn run(script: &str, arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut command = python();
    command.arg(folder.join(script)).args(arguments);
    let output = command.output().await.expect("an interpreter");
    assert!(
        output.status.success(),
        "{script} {arguments:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn camera(generation: TapoGeneration) -> TapoCamera {
    TapoCamera::start(TapoCameraSpec::new(generation, PASSWORD)).await.expect("a camera")
}

/// promise: K-08. An independent client logs in by every generation, reads and sets.
#[tokio::test]
async fn pytapo_uses_cameras_of_every_generation() {
    if !has("pytapo").await {
        return;
    }
    for (generation, name) in [
        (TapoGeneration::Legacy, "legacy"),
        (TapoGeneration::SecureMd5, "md5"),
        (TapoGeneration::SecureSha256, "sha256"),
        (TapoGeneration::Tpap, "tpap"),
    ] {
        let camera = camera(generation).await;
        run("pytapo_camera.py", &[&camera.port().to_string(), PASSWORD, name]).await;
    }
}

#[tokio::test]
async fn pytapo_receives_the_stream_of_a_camera() {
    if !has("pytapo").await {
        return;
    }
    for (sha256, name) in [(true, "sha256"), (false, "md5")] {
        let parts = (0..120).map(|_| [&[0x47][..], &[0; 187]].concat()).collect();
        let spec = TapoMediaSpec { password: PASSWORD.into(), sha256, encrypts: true, parts };
        let media = TapoMedia::start(spec).await.expect("a stream");
        run("pytapo_media.py", &[&media.port().to_string(), PASSWORD, name]).await;
        assert_eq!(media.requests()[0]["params"]["preview"]["resolutions"][0], "HD");
    }
}

/// promise: K-08. Another independent client uses cameras and plugs of every protocol.
#[tokio::test]
async fn python_kasa_uses_cameras_and_plugs() {
    if !has("kasa").await {
        return;
    }
    for generation in
        [TapoGeneration::SecureMd5, TapoGeneration::SecureSha256, TapoGeneration::Legacy]
    {
        let camera = camera(generation).await;
        run("kasa_devices.py", &["camera", &camera.port().to_string(), "admin", PASSWORD]).await;
    }
    for (kind, login) in [
        ("klap2", PlugLogin::KlapV2),
        ("klap2-https", PlugLogin::KlapV2),
        ("klap1-iot", PlugLogin::KlapV1),
        ("aes1", PlugLogin::PassThroughPlain),
        ("aes2", PlugLogin::PassThroughSha1),
    ] {
        let mut spec = TapoPlugSpec::new(login, OWNER, PASSWORD);
        spec.https = kind.ends_with("https");
        spec.speaks_iot = kind.ends_with("iot");
        let plug = TapoPlug::start(spec).await.expect("a plug");
        run("kasa_devices.py", &[kind, &plug.port().to_string(), OWNER, PASSWORD]).await;
        assert!(plug.is_on());
    }
    let plug = KasaPlug::start().await.expect("a plug");
    run("kasa_devices.py", &["xor", &plug.port().to_string(), OWNER, PASSWORD]).await;
    assert!(plug.is_on());
}

#[tokio::test]
async fn python_kasa_finds_a_camera() {
    if !has("kasa").await {
        return;
    }
    let camera = json!({
        "device_id": "c", "device_model": "C210(EU)", "device_type": "SMART.IPCAMERA",
        "ip": "127.0.0.1", "mac": "00-00-5E-00-53-01", "factory_default": false, "owner": "",
        "is_support_iot_cloud": true, "encrypt_type": ["3"],
        "mgt_encrypt_schm": {"is_support_https": true},
        "hidden": {"http_port": 443, "device_id": "c", "connect_type": "wireless"},
    });
    // That client answers only to these ports, so this needs them free.
    let Ok(_announcer) = TapoAnnouncer::start([127, 0, 0, 1].into(), 20002, camera).await else {
        eprintln!("skipped: port 20002 is taken");
        return;
    };
    run("kasa_discovery.py", &["C210(EU)"]).await;
}
