//! Versions of TLS, and certificates of clients.

use std::{path::PathBuf, sync::Arc};

use hearth_hub::{ClientCertificate, NetworkConfig};
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::house::{House, provider, trusting_all};

/// A `ClientHello` (RFC 5246, 7.4.1.2) with this as the newest version, and suites from TLS 1.0 on.
fn hello(version: [u8; 2]) -> Vec<u8> {
    // ECDHE-ECDSA and ECDHE-RSA with AES-128-CBC, RSA with AES-128-CBC; TLS 1.2's GCM suites too.
    let suites = [0xc0, 0x09, 0xc0, 0x13, 0x00, 0x2f, 0xc0, 0x2b, 0xc0, 0x2f];
    // Groups: secp256r1. Points: uncompressed. Signatures: ECDSA with P-256 and SHA-256.
    let extensions = [
        &[0x00, 0x0a, 0, 4, 0, 2, 0x00, 0x17][..],
        &[0x00, 0x0b, 0, 2, 1, 0],
        &[0x00, 0x0d, 0, 4, 0, 2, 0x04, 0x03],
    ]
    .concat();
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("short").to_be_bytes();
    let mut body = [&version[..], &[7; 32], &[0]].concat();
    body.extend([&length(&suites)[..], &suites, &[1, 0]].concat());
    body.extend([&length(&extensions)[..], &extensions].concat());
    let handshake = [&[1, 0][..], &length(&body), &body].concat();
    [&[0x16, 3, 1][..], &length(&handshake), &handshake].concat()
}

/// The first record that comes back: its type and its content.
async fn answer(house: &House, hello: &[u8]) -> (u8, Vec<u8>) {
    let mut stream = house.tcp().await;
    stream.write_all(hello).await.expect("sent");
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.expect("a record");
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut body).await.expect("a whole record");
    (head[0], body)
}

/// promise: V-08. TLS 1.0 and 1.1 are refused by their own words: an alert `protocol_version`. The
/// same hello with 1.2 in it is accepted, so that it is the version which was refused.
#[tokio::test]
async fn old_versions_of_tls_are_refused() {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    const PROTOCOL_VERSION: [u8; 2] = [2, 70];
    let house = House::start().await;
    for version in [[3, 0], [3, 1], [3, 2]] {
        assert_eq!(answer(&house, &hello(version)).await, (ALERT, PROTOCOL_VERSION.to_vec()));
    }
    let (kind, body) = answer(&house, &hello([3, 3])).await;
    assert_eq!((kind, body.first()), (HANDSHAKE, Some(&2)), "a ServerHello");
}

/// promise: V-08. TLS 1.2 and 1.3 are spoken.
#[tokio::test]
async fn new_versions_of_tls_are_spoken() {
    let house = House::start().await;
    for version in [&version::TLS12, &version::TLS13] {
        let status = healthz(&house, client(version, None)).await.expect("an answer");
        assert_eq!(status, "HTTP/1.1 200");
    }
}

/// An authority for clients in a file, and a client's certificate that it signed.
struct Authority {
    folder: TempDir,
    issuer: rcgen::CertifiedIssuer<'static, rcgen::KeyPair>,
}

type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Authority {
    fn new() -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        let key = rcgen::KeyPair::generate().expect("a key");
        let issuer = rcgen::CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("written");
        Self { folder, issuer }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn sign(&self) -> Shown {
        let mut params = rcgen::CertificateParams::new(["phone".to_owned()]).expect("a name");
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        (vec![certificate.der().clone()], key.into())
    }
}

fn client(version: &'static SupportedProtocolVersion, shown: Option<Shown>) -> ClientConfig {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .expect("the provider knows it")
        .dangerous()
        .with_custom_certificate_verifier(trusting_all());
    match shown {
        None => config.with_no_client_auth(),
        Some((chain, key)) => config.with_client_auth_cert(chain, key).expect("they fit"),
    }
}

/// The status line of an answer. With TLS 1.3 a refused client learns so only when it reads.
async fn healthz(house: &House, config: ClientConfig) -> std::io::Result<String> {
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, house.tcp().await).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
    let mut status = vec![0; 12];
    stream.read_exact(&mut status).await?;
    Ok(String::from_utf8(status).expect("text"))
}

async fn house_asking(authority: &Authority, client_certificate: ClientCertificate) -> House {
    let client_ca = Some(authority.path());
    House::networked(NetworkConfig { client_ca, client_certificate, ..NetworkConfig::default() })
        .await
}

/// promise: V-08. Where certificates are required, nobody without a good one sends a byte of HTTP.
#[tokio::test]
async fn a_required_certificate_is_required() {
    let (own, foreign) = (Authority::new(), Authority::new());
    let house = house_asking(&own, ClientCertificate::Required).await;
    for version in [&version::TLS12, &version::TLS13] {
        let status = healthz(&house, client(version, Some(own.sign()))).await;
        assert_eq!(status.expect("an answer"), "HTTP/1.1 200");
        healthz(&house, client(version, None)).await.expect_err("refused");
        healthz(&house, client(version, Some(foreign.sign()))).await.expect_err("refused");
    }
}

/// promise: V-08. Where they are optional, one may come without, but not with a bad one.
#[tokio::test]
async fn an_optional_certificate_must_be_good() {
    let (own, foreign) = (Authority::new(), Authority::new());
    let house = house_asking(&own, ClientCertificate::Optional).await;
    for shown in [None, Some(own.sign())] {
        let status = healthz(&house, client(&version::TLS13, shown)).await;
        assert_eq!(status.expect("an answer"), "HTTP/1.1 200");
    }
    healthz(&house, client(&version::TLS13, Some(foreign.sign()))).await.expect_err("refused");
}

/// promise: V-08. A certificate opens the connection, not the house: the sign-in is asked for still.
#[tokio::test]
async fn a_certificate_is_no_sign_in() {
    let own = Authority::new();
    let house = house_asking(&own, ClientCertificate::Required).await;
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = TlsConnector::from(Arc::new(client(&version::TLS13, Some(own.sign()))));
    let mut stream = connector.connect(name, house.tcp().await).await.expect("a handshake");
    let head = b"GET /api/v1/cameras HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(head).await.expect("sent");
    let mut status = vec![0; 12];
    stream.read_exact(&mut status).await.expect("an answer");
    assert_eq!(status, b"HTTP/1.1 401");
}

/// Writes a certificate of its own kind and its key, later than what was there.
fn write_pair(folder: &TempDir, name: &str) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("own.pem"), folder.path().join("own.key"));
    let before = std::fs::metadata(&certificate).and_then(|old| old.modified()).ok();
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    if let Some(before) = before {
        // Two writes may fall into one tick of the file system's clock.
        let file = std::fs::File::options().append(true).open(&certificate).expect("there");
        file.set_modified(before + std::time::Duration::from_secs(1)).expect("set");
    }
    (certificate, key)
}

/// promise: V-08, D-12. A certificate from files is taken up when they change; while they hold
/// nonsense, or a key that does not fit, the old one stays in use.
#[test]
fn a_certificate_from_files_follows_the_files() {
    use hearth_api::{Certificate, CertificateSource};
    let folder = TempDir::new().expect("a folder");
    let (certificate, key) = write_pair(&folder, "hearth.test");
    let now = hearth_model::WallTime::from_micros(1_800_000_000_000_000);
    let source = CertificateSource::Files { certificate, key: key.clone() };
    let served = Certificate::open(source, now).expect("a pair");
    let first = served.fingerprint();
    assert!(!served.refresh(now).expect("unchanged"));

    write_pair(&folder, "hearth.test");
    assert!(served.refresh(now).expect("a pair"));
    let second = served.fingerprint();
    assert_ne!(first, second);

    write_pair(&folder, "hearth.test");
    std::fs::write(&key, "nonsense").expect("written");
    served.refresh(now).expect_err("no key");
    assert_eq!(served.fingerprint(), second);
}
