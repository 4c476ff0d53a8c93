//! `tapo` and `plug` against simulated devices, without a hub.

use hearth_sim::tapo::{
    KasaPlug, PlugLogin, TapoCamera, TapoCameraSpec, TapoFault, TapoGeneration, TapoPlug,
    TapoPlugSpec,
};
use serde_json::{Value, json};

use crate::program::{Program, json as read, text};

const PASSWORD: &str = "simulated-tapo";

fn run(program: &Program, line: &[&str], password: &str) -> std::process::Output {
    program.command(line).env("TAPO_WORD", password).output().expect("it runs")
}

/// promise: T-08, T-12, K-01, K-08. A camera's lens is closed from the command line; its certificate
/// is pinned at first use, and a change stops the command.
#[tokio::test(flavor = "multi_thread")]
async fn a_lens_is_closed_and_a_certificate_is_pinned() {
    let spec = TapoCameraSpec::new(TapoGeneration::SecureSha256, PASSWORD);
    let camera = TapoCamera::start(spec).await.expect("it starts");
    let (program, port) = (Program::new(), camera.port().to_string());
    let reach = [
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--username",
        "admin",
        "--password-env",
        "TAPO_WORD",
        "--json",
    ];
    let answer = |line: &[&str]| read(&run(&program, &[line, &reach].concat(), PASSWORD));
    let status = answer(&["tapo", "status"]);
    assert_eq!(
        (&status["model"], &status["security"]["transport"]),
        (&json!("C210"), &json!("tls_pinned"))
    );
    answer(&["tapo", "set", "privacy", "on"]);
    assert_eq!(camera.setting("lens_mask", "lens_mask_info"), json!({"enabled": "on"}));
    let refused =
        run(&program, &[&["tapo", "set", "privacy", "maybe"], &reach[..]].concat(), PASSWORD);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    camera.strike(TapoFault::NewCertificate).expect("struck");
    let refused = run(&program, &[&["tapo", "status"], &reach[..]].concat(), PASSWORD);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("certificate"), "{}", text(&refused.stderr));
}

/// promise: N-06, T-07. Plugs are switched; a wrong password is tried once; what is insecure is said.
#[tokio::test(flavor = "multi_thread")]
async fn plugs_are_switched_and_a_wrong_password_is_tried_once() {
    let spec = TapoPlugSpec::new(PlugLogin::KlapV2, "me@example.com", PASSWORD);
    let plug = TapoPlug::start(spec).await.expect("it starts");
    let (program, port) = (Program::new(), plug.port().to_string());
    let reach = [
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--username",
        "me@example.com",
        "--password-env",
        "TAPO_WORD",
        "--json",
    ];
    let off = run(&program, &[&["plug", "off"], &reach[..]].concat(), PASSWORD);
    assert_eq!(read(&off)["done"], true);
    assert!(!plug.is_on());
    let before = plug.handshakes();
    let refused = run(&program, &[&["plug", "on"], &reach[..]].concat(), "wrong");
    assert_eq!(refused.status.code(), Some(1));
    assert!(!text(&refused.stderr).contains("wrong\""));
    assert_eq!(plug.handshakes() - before, 1, "one attempt");
    let old = KasaPlug::start().await.expect("it starts");
    let port = old.port().to_string();
    let line =
        ["plug", "status", "--maker", "kasa", "--host", "127.0.0.1", "--port", &port, "--json"];
    let status: Value = read(&run(&program, &line, ""));
    assert_eq!(
        (&status["security"]["transport"], &status["security"]["is_insecure"]),
        (&json!("xor"), &json!(true))
    );
}
