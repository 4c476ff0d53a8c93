//! What is logged, and what never is.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use hearth_kasa::{Camera, Credentials, ReadInfo, SetSwitch, Switch};
use hearth_sim::{KasaCamera, KasaFault, KasaProtocol};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::MakeWriter;

use crate::address;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// promise: K-06, K-07. Each command leaves a line with device, command, duration and result, and
/// no line holds the password in any of its forms, at the most talkative level.
#[tokio::test]
async fn each_command_is_logged_without_secrets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .json()
        .finish();
    let simulated = KasaCamera::start(KasaProtocol::Linkie).await.expect("it starts");
    let description = simulated.describe();
    let talk = async {
        let password = description.password.as_str().into();
        let credentials = Credentials::new(&description.username, password);
        let camera = Camera::connect(address(&description), credentials, None).await;
        let camera = camera.expect("it shakes hands");
        camera.send(&SetSwitch { switch: Switch::Power, on: true }).await.expect("obeyed");
        simulated.fault(KasaFault::Malformed);
        camera.send(&ReadInfo).await.expect_err("malformed");
    };
    talk.with_subscriber(subscriber).await;
    let logged = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("text");
    let of_ours: Vec<serde_json::Value> = logged
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &serde_json::Value| line["target"] == "hearth_kasa::camera")
        .collect();
    assert_eq!(of_ours.len(), 2, "{logged}");
    for (line, (command, result)) in
        of_ours.iter().zip([("switch.set_is_enable", "ok"), ("system.get_sysinfo", "malformed")])
    {
        let fields = &line["fields"];
        assert_eq!(fields["command"], command);
        assert_eq!(fields["result"], result);
        assert_eq!(fields["device"], address(&description).to_string());
        assert!(fields["duration_ms"].is_u64());
    }
    // Plain, base64, and base64 of user and base64.
    for secret in ["simulated-kasa", "c2ltdWxhdGVkLWthc2E", "OmMybHRkV3hoZEdWa0xXdGhjMkU"] {
        assert!(!logged.contains(secret), "{secret} is in {logged}");
    }
}
