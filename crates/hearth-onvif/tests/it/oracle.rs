//! A foreign client against the simulated device: if it understands the device, then the device
//! speaks ONVIF, and not only a dialect that its author made up twice.
//!
//! `pip install onvif-zeep` (MIT) makes it run; it validates every answer against the standard's own
//! WSDL files. `HEARTHWATCH_PYTHON` names the interpreter that has it.

use std::process::Stdio;

use hearth_sim::{OnvifAccess, OnvifEvent};
use tokio::process::Command;

use crate::support::device;

const SCRIPT: &str = include_str!("oracle.py");

fn python() -> Command {
    let mut command =
        Command::new(std::env::var("HEARTHWATCH_PYTHON").unwrap_or("python3".to_owned()));
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// promise: K-08. An independent client controls the simulated device.
#[tokio::test]
async fn a_foreign_client_understands_the_simulated_device() {
    let probed = python().args(["-c", "import onvif, zeep"]).stderr(Stdio::null()).status().await;
    if !probed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: python3 with onvif-zeep is not here");
        return;
    }
    let simulated = device(OnvifAccess::UsernameToken).await;
    let url = simulated.url();
    let port = url.split(':').nth(2).and_then(|rest| rest.split('/').next()).expect("a port");
    let running = python().args(["-c", SCRIPT, port, "admin", "simulated-door"]).output();
    let noticing = async {
        loop {
            // The first pull of the script takes what there is; the second waits for this.
            simulated.notice(OnvifEvent::Doorbell(true));
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    let output = tokio::select! {
        output = running => output.expect("it runs"),
        () = noticing => unreachable!("it notices without end"),
    };
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{errors}");
    assert_eq!(out.trim(), "understood");
    assert_eq!(simulated.position(), (0.5, -0.5, 0.25));
}
