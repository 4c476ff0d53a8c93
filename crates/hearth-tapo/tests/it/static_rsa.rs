//! TLS with RSA key exchange, against OpenSSL, which still has it.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use hearth_secret::Secret;
use hearth_tapo::{
    Failure, Fingerprint, TlsKind, Trust,
    camera::about,
    client::{CameraClient, CameraSpec, MemoryTrust, TrustStore as _},
    tls::StaticRsaClient,
    transport::Account,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A server of OpenSSL that echoes lines backwards; killed when dropped.
struct Server {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `None` if there is no OpenSSL, which is said.
fn server(suite: &str, extra: &[&str]) -> Option<Server> {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera"]);
    make.arg("-keyout").arg(&key).arg("-out").arg(&certificate).stderr(Stdio::null());
    if !make.status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no openssl");
        return None;
    }
    let mut serve = Command::new("openssl");
    serve.args(["s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-rev", "-cipher"]);
    serve.arg(format!("{suite}:@SECLEVEL=0")).args(extra);
    serve.arg("-key").arg(&key).arg("-cert").arg(&certificate);
    let mut child = serve
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl again");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let port = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("ACCEPT ")?.rsplit(':').next()?.parse().ok())
        .expect("a port");
    Some(Server { child, port, _folder: folder })
}

async fn echo(port: u16, pin: Option<Fingerprint>) -> Result<(String, Fingerprint), String> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let mut machine = StaticRsaClient::new([7; 32], Secret::new([8; 46]), pin);
    let (mut buffer, mut text) = (vec![0; 4_096], Vec::new());
    let mut asked = false;
    loop {
        if machine.is_open() && !asked {
            machine.write(b"olleh\n").map_err(|error| error.to_string())?;
            asked = true;
        }
        socket.write_all(&machine.take_output()).await.expect("a connection");
        let length = socket.read(&mut buffer).await.expect("a connection");
        assert!(length > 0, "hung up");
        machine.receive(&buffer[..length]).map_err(|error| error.to_string())?;
        let mut plain = [0; 256];
        let length = machine.read(&mut plain);
        text.extend_from_slice(&plain[..length]);
        if text.ends_with(b"\n") {
            let certificate = machine.certificate().expect("a certificate");
            return Ok((String::from_utf8_lossy(&text).into_owned(), certificate));
        }
    }
}

#[tokio::test]
async fn every_suite_speaks_with_openssl_with_and_without_the_extensions() {
    for suite in [
        "AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-SHA256",
        "AES128-SHA256",
        "AES256-SHA",
        "AES128-SHA",
    ] {
        for extra in [&[][..], &["-no_etm"]] {
            let Some(server) = server(suite, extra) else { return };
            let (text, _) = echo(server.port, None).await.expect("an echo");
            assert_eq!(text, "hello\n", "{suite} {extra:?}");
        }
    }
}

/// promise: T-08. The certificate is pinned with this TLS as well.
#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_refused() {
    let Some(server) = server("AES256-GCM-SHA384", &[]) else { return };
    let (_, certificate) = echo(server.port, None).await.expect("an echo");
    echo(server.port, Some(certificate)).await.expect("the same again");
    let refused = echo(server.port, Some(Fingerprint([0; 32]))).await;
    assert_eq!(refused.err().as_deref(), Some("the device shows another certificate"));
}

/// promise: T-04. RSA key exchange is the last resort, never a step down.
#[tokio::test]
async fn the_client_falls_back_only_for_cameras_that_never_had_better() {
    let Some(server) = server("AES256-GCM-SHA384", &[]) else { return };
    let spec = CameraSpec {
        device: "old".to_owned(),
        port: server.port,
        ..CameraSpec::new("127.0.0.1", Account::new("admin", "x"))
    };
    // What answers is no camera, so the login fails; but it fails behind the encryption.
    let trust = Arc::new(MemoryTrust::default());
    let client = CameraClient::new(spec.clone(), Arc::clone(&trust) as _);
    let failure = client.call(&about::facts()).await.expect_err("no camera").failure;
    assert!(matches!(failure, Failure::Broken(_)), "{failure}");
    assert_eq!(trust.known("old").tls, Some(TlsKind::StaticRsa));

    let stronger = Arc::new(MemoryTrust::default());
    stronger.remember("old", Trust { tls: Some(TlsKind::ForwardSecret), ..Trust::default() });
    let client = CameraClient::new(spec, Arc::clone(&stronger) as _);
    let failure = client.call(&about::facts()).await.expect_err("a downgrade").failure;
    assert!(matches!(failure, Failure::Downgrade(_)), "{failure}");
}

#[tokio::test]
async fn a_device_that_hangs_up_is_neither_a_downgrade_nor_asked_for_less() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let accepting = tokio::spawn(async move {
        let mut greetings = Vec::new();
        while let Ok((mut wire, _)) = listener.accept().await {
            let mut head = [0; 3];
            wire.read_exact(&mut head).await.expect("a greeting");
            greetings.push(head);
            if greetings.len() == 2 {
                break;
            }
        }
        greetings.len()
    });
    let spec = CameraSpec { port, ..CameraSpec::new("127.0.0.1", Account::new("admin", "x")) };
    let trust = Arc::new(MemoryTrust::default());
    trust.remember("127.0.0.1", Trust { tls: Some(TlsKind::ForwardSecret), ..Trust::default() });
    let client = CameraClient::new(spec, trust);
    for _ in 0..2 {
        let failure = client.call(&about::facts()).await.expect_err("nobody").failure;
        assert!(matches!(failure, Failure::Tls(_)), "{failure}");
    }
    assert_eq!(accepting.await.expect("no panic"), 2, "one greeting for each call");
}
