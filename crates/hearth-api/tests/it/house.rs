//! A hub with its listener, and a browser that talks to it.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use hearth_api::{
    AcmeSettings, CONTROL_SOCKET, Certificate, CertificateSource, Limits, Seal, Server,
    ServerConfig,
};
use hearth_hub::{HouseClock, HouseConfig, Hub, HubConfig, NetworkConfig};
use hearth_secret::{SecretBytes, SecretString};
use hearth_sim::SimulatedBoard;
use hearth_vault::MasterKeySource;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{
    DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Password of the one account.
pub(crate) const PASSWORD: &str = "lantern over the quiet harbour 41";

/// A hub with its listener. The folders go when it is dropped.
pub(crate) struct House {
    pub(crate) hub: Hub,
    pub(crate) server: Server,
    pub(crate) fingerprint: String,
    network: NetworkConfig,
    limits: Limits,
    data: TempDir,
    _keys: TempDir,
    /// Microseconds by which the hub's clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

/// What a house is built from.
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) password: Option<&'static str>,
    pub(crate) network: NetworkConfig,
    pub(crate) simulated: bool,
    /// Lines and sensors of the machine; its own ones without.
    pub(crate) board: Option<Arc<SimulatedBoard>>,
}

impl Default for Setup {
    fn default() -> Self {
        let (limits, network) = (Limits::default(), NetworkConfig::default());
        Self { limits, password: Some(PASSWORD), network, simulated: true, board: None }
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible ASCII"))
    }

    /// The stable code of an error.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().expect("an error").to_owned()
    }
}

struct HouseSeal(Hub);

impl Seal for HouseSeal {
    fn seal(&self, context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        self.0.seal_house(context, plain).ok()
    }

    fn unseal(&self, context: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
        self.0.unseal_house(context, sealed).ok()
    }
}

fn server_config(hub: &Hub, data: &Path, network: NetworkConfig, limits: Limits) -> ServerConfig {
    let seal = Arc::new(HouseSeal(hub.clone()));
    let source = CertificateSource::SelfSigned {
        path: data.join("certificate.sealed"),
        names: vec!["hearth.test".to_owned()],
        seal: seal.clone(),
    };
    let acme = network.acme.clone();
    let acme = acme.map(|config| AcmeSettings { config, path: data.join("acme.sealed"), seal });
    ServerConfig {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        control: Some(data.join(CONTROL_SOCKET)),
        certificate: Certificate::open(source, hub.welcome().time).expect("a certificate"),
        acme,
        network,
        limits,
    }
}

impl House {
    /// With an account `admin`.
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default(), Some(PASSWORD)).await
    }

    pub(crate) async fn with(limits: Limits, password: Option<&'static str>) -> Self {
        Self::built(Setup { limits, password, ..Setup::default() }).await
    }

    /// With the account and these settings of the listener.
    pub(crate) async fn networked(network: NetworkConfig) -> Self {
        Self::built(Setup { network, ..Setup::default() }).await
    }

    pub(crate) async fn built(setup: Setup) -> Self {
        let Setup { limits, password, mut network, simulated, board } = setup;
        network.names.push("hearth.test".to_owned());
        let data = TempDir::new().expect("a folder");
        let keys = TempDir::new().expect("a folder");
        let ahead = Arc::new(AtomicI64::new(0));
        let (machine, by) = (HouseClock::system_wall(), Arc::clone(&ahead));
        let config = HubConfig {
            data: data.path().to_owned(),
            key: Some(MasterKeySource::KeyFile(keys.path().join("key"))),
            admin_password: password.map(SecretString::from),
            settings: HouseConfig::default(),
            eyes_program: None,
            simulated,
            board: board.map(|board| board as _),
            wall: Some(Box::new(move || machine().plus_micros(by.load(Ordering::Relaxed)))),
        };
        let hub = Hub::start(config).await.expect("a fresh hub starts");
        let config = server_config(&hub, data.path(), network.clone(), limits.clone());
        let fingerprint = config.certificate.fingerprint();
        let server = Server::start(hub.clone(), config).await.expect("the listener starts");
        Self { hub, server, fingerprint, network, limits, data, _keys: keys, ahead }
    }

    /// The hub itself, for what happens in it and not over HTTP.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The listener goes and comes again, on another port.
    pub(crate) async fn restart_listener(mut self) -> Self {
        self.server.shutdown().await;
        let (network, limits) = (self.network.clone(), self.limits.clone());
        let config = server_config(&self.hub, self.data.path(), network, limits);
        self.server = Server::start(self.hub.clone(), config).await.expect("it starts again");
        self
    }

    /// Sets the hub's clock ahead.
    pub(crate) fn step_clock(&self, seconds: i64) {
        self.ahead.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    /// A time so many seconds after the hub's now, as JSON says it.
    pub(crate) fn in_seconds(&self, seconds: i64) -> String {
        self.hub.welcome().time.plus_micros(seconds * 1_000_000).to_string()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    /// `127.0.0.1:PORT`, as browsers send it in `Host`.
    pub(crate) fn authority(&self) -> String {
        self.server.address().to_string()
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.server.address()).await.expect("it listens")
    }

    /// A TLS connection, and the certificate's fingerprint as the client saw it.
    pub(crate) async fn tls(&self) -> (TlsStream<TcpStream>, String) {
        self.tls_by(&[]).await.expect("a handshake")
    }

    /// The same by these protocols (ALPN).
    pub(crate) async fn tls_by(
        &self,
        protocols: &[&[u8]],
    ) -> io::Result<(TlsStream<TcpStream>, String)> {
        let seen = Arc::new(Seen::default());
        let mut config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(seen.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from("hearth.test").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, self.tcp().await).await?;
        let fingerprint = seen.0.lock().expect("not poisoned").clone();
        Ok((stream, fingerprint))
    }

    /// Sends one request over TLS. `Host` is added unless the request has one.
    pub(crate) async fn send(&self, mut request: Request<String>) -> Answer {
        let host = self.authority().parse().expect("visible ASCII");
        request.headers_mut().entry("host").or_insert(host);
        exchange(self.tls().await.0, request).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(request(Method::GET, target)).await
    }

    /// Sends one request through the control socket.
    pub(crate) async fn control(&self, request: Request<String>) -> Answer {
        let socket = self.data.path().join(CONTROL_SOCKET);
        exchange(UnixStream::connect(socket).await.expect("it listens"), request).await
    }

    /// Signs in as a browser does.
    pub(crate) async fn browser(&self) -> Browser<'_> {
        self.signed_in(sign_in(PASSWORD)).await
    }

    /// The administrator makes an account with [`PASSWORD`]; more fields may be given.
    pub(crate) async fn add_user(
        &self,
        admin: &Browser<'_>,
        name: &str,
        role: &str,
        more: serde_json::Value,
    ) -> String {
        let mut body = serde_json::json!({ "name": name, "role": role });
        if role != "service" {
            body["password"] = PASSWORD.into();
        }
        for (field, value) in more.as_object().expect("fields") {
            body[field] = value.clone();
        }
        let answer = admin.change(json(Method::POST, "/api/v1/users", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()["user"]["id"].as_str().expect("an id").to_owned()
    }

    /// Signs in to an account with [`PASSWORD`].
    pub(crate) async fn browser_of(&self, name: &str) -> Browser<'_> {
        let body = serde_json::json!({ "name": name, "password": PASSWORD });
        self.signed_in(json(Method::POST, "/api/v1/session", &body)).await
    }

    /// The browser that a sign-in, or a change of the password, begins.
    pub(crate) async fn signed_in(&self, request: Request<String>) -> Browser<'_> {
        let answer = self.send(request).await;
        self.begun(&answer)
    }

    pub(crate) fn begun(&self, answer: &Answer) -> Browser<'_> {
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let csrf = answer.json()["csrf"].as_str().expect("a token").to_owned();
        Browser { house: self, cookie, csrf }
    }
}

impl House {
    /// Sends a request as a program does.
    pub(crate) async fn program(&self, token: &str, mut request: Request<String>) -> Answer {
        let bearer = format!("Bearer {token}").parse().expect("visible ASCII");
        request.headers_mut().insert("authorization", bearer);
        self.send(request).await
    }
}

/// Somebody signed in.
pub(crate) struct Browser<'a> {
    house: &'a House,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser<'_> {
    /// Sends a request with the cookie, but without the CSRF token.
    pub(crate) async fn send(&self, mut request: Request<String>) -> Answer {
        request.headers_mut().insert("cookie", self.cookie.parse().expect("visible ASCII"));
        self.house.send(request).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(request(Method::GET, target)).await
    }

    /// A token of this account.
    pub(crate) async fn token(&self, scope: serde_json::Value, more: serde_json::Value) -> Token {
        let mut body = serde_json::json!({ "name": "panel", "scope": scope });
        for (field, value) in more.as_object().expect("fields") {
            body[field] = value.clone();
        }
        let answer = self.change(json(Method::POST, "/api/v1/tokens", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        Token { id: text(&answer.json()["token"]["id"]), secret: text(&answer.json()["secret"]) }
    }

    /// Sends a change as the dashboard does.
    pub(crate) async fn change(&self, mut request: Request<String>) -> Answer {
        request.headers_mut().insert("x-csrf-token", self.csrf.parse().expect("visible ASCII"));
        self.send(request).await
    }

    /// Adds a camera that nobody answers for; gives its ID.
    pub(crate) async fn add_camera(&self, name: &str) -> String {
        let body = serde_json::json!({ "name": name, "url": "rtsp://127.0.0.1:9/", "force": true });
        let answer = self.change(json(Method::POST, "/api/v1/cameras", &body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }
}

/// A program's token.
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) secret: String,
}

pub(crate) fn request(method: Method, target: &str) -> Request<String> {
    Request::builder().method(method).uri(target).body(String::new()).expect("valid")
}

pub(crate) fn json(method: Method, target: &str, body: &serde_json::Value) -> Request<String> {
    Request::builder()
        .method(method)
        .uri(target)
        .header("content-type", "application/json")
        .body(body.to_string())
        .expect("valid")
}

pub(crate) fn sign_in(password: &str) -> Request<String> {
    let body = serde_json::json!({ "name": "admin", "password": password });
    json(Method::POST, "/api/v1/session", &body)
}

async fn exchange<S>(stream: S, request: Request<String>) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    let request = request.map(|body| Full::new(Bytes::from(body)));
    let response = sender.send_request(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a whole answer").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// For tests that look at something else than the hub's certificate.
pub(crate) fn trusting_all() -> Arc<dyn ServerCertVerifier> {
    Arc::new(Seen::default())
}

/// Believes every certificate, and remembers its fingerprint.
#[derive(Debug, Default)]
struct Seen(Mutex<String>);

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, end_entity);
        let pairs: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        *self.0.lock().expect("not poisoned") = pairs.join(":");
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}
