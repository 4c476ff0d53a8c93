//! Against programs of others, where the machine has them.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use hearth_notify::Mqtt;
use hearth_sim::Broker;

use crate::{deliver, message, reach};

/// Ends a program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Mosquitto's own client speaks to the simulated broker, so that the broker is no invention of ours.
#[tokio::test(flavor = "multi_thread")]
async fn the_simulated_broker_takes_what_mosquittos_client_publishes() {
    let broker = Broker::start().await.expect("started");
    let (username, password) = broker.account();
    let spoken = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &broker.port().to_string(), "-q", "1", "-V", "mqttv311"])
        .args(["-u", username, "-P", password, "-t", "house", "-m", "hello"])
        .args(["--insecure", "--tls-use-os-certs"])
        .stdin(Stdio::null())
        .spawn();
    let Ok(spoken) = spoken else {
        eprintln!("skipped: mosquitto_pub is not installed");
        return;
    };
    let _running = Running(spoken);
    let taken = tokio::time::timeout(Duration::from_secs(20), broker.wait_for(1)).await;
    let Ok(taken) = taken else {
        // It checks the certificate even so where it was built without that switch.
        eprintln!("skipped: this mosquitto_pub trusts no certificate of one's own");
        return;
    };
    assert_eq!(taken[0].payload, b"hello");
}

/// The real broker takes what we publish.
#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_takes_what_is_published() {
    if Command::new("mosquitto").arg("-h").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: mosquitto is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("made");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("cert.pem"), made.cert.pem()).expect("written");
    std::fs::write(path("key.pem"), made.signing_key.serialize_pem()).expect("written");
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let port = port.expect("a port").port();
    let settings = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\ncertfile {}\nkeyfile {}\n",
        path("cert.pem").display(),
        path("key.pem").display()
    );
    std::fs::write(path("mosquitto.conf"), settings).expect("written");
    let mut broker = Command::new("mosquitto");
    let broker = broker
        .arg("-c")
        .arg(path("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let _running = Running(broker);
    let fingerprint = hearth_http::Fingerprint::of(made.cert.der()).to_string();
    let publisher =
        Mqtt { host: "127.0.0.1".to_owned(), port, account: None, reach: reach(&fingerprint) };
    for _ in 0..100 {
        if deliver(&publisher, "house/door", &message(true), None).await.is_ok() {
            return;
        }
        // Until the broker listens.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("mosquitto took nothing");
}
