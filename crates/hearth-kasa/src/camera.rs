//! A camera on the network: the shell that sends what [`Linkie`] makes.

use std::{
    sync::{Mutex as StdMutex, PoisonError},
    time::{Duration, Instant},
};

use hearth_http::{
    AddressPolicy, Client, Fingerprint, HeaderMap, HeaderValue, Method, StatusCode, Trust, header,
};
use tokio::sync::Mutex;

use crate::{Command, Credentials, Error, Linkie, OutOfRange};

/// Where cameras listen.
pub const LINKIE_PORT: u16 = 10_443;

/// From the first packet to the last byte: an RSA handshake takes such a camera up to 2 s.
const DEADLINE: Duration = Duration::from_secs(8);
/// The largest answer, a list of detections, has some 100 bytes an entry.
const ANSWER_BYTES_MAX: usize = 512 << 10;

/// Where a camera is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameraAddress {
    host: String,
    port: u16,
}

impl CameraAddress {
    /// A name or an IP address, and a port; usually [`LINKIE_PORT`].
    ///
    /// # Errors
    /// If the host is no host.
    pub fn new(host: &str, port: u16) -> Result<Self, OutOfRange> {
        let is_v6 = host.parse::<std::net::Ipv6Addr>().is_ok();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_';
        let is_plain = !host.is_empty() && host.len() <= 253 && host.chars().all(is_name);
        if port == 0 || !(is_v6 || is_plain) {
            return Err(OutOfRange("a camera is named by a host name or an address, and a port"));
        }
        let host = if is_v6 { format!("[{host}]") } else { host.to_owned() };
        Ok(Self { host, port })
    }
}

impl std::fmt::Display for CameraAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A camera whose certificate is pinned.
///
/// ```no_run
/// use hearth_kasa::{Camera, CameraAddress, LINKIE_PORT, ReadInfo};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let address = CameraAddress::new("192.168.1.20", LINKIE_PORT)?;
/// let camera = Camera::connect_public(address, None).await?;
/// println!("pin this: {}", camera.certificate());
/// println!("{}", camera.send(&ReadInfo).await?.alias);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Camera {
    address: CameraAddress,
    linkie: Linkie,
    certificate: Fingerprint,
    client: Client,
    /// One request at a time: these cameras drop connections when they have several.
    turn: Mutex<()>,
    /// What stopped control.
    changed_to: StdMutex<Option<Fingerprint>>,
}

impl Camera {
    /// A camera that asks for the owner's account. Without a pin, the certificate that the camera
    /// shows now is pinned, before any password is sent; the caller stores
    /// [`Camera::certificate`].
    ///
    /// # Errors
    /// If the camera cannot be reached. With a pin, nothing is sent here.
    pub async fn connect(
        address: CameraAddress,
        credentials: Credentials,
        pin: Option<Fingerprint>,
    ) -> Result<Self, Error> {
        let mut source = [0; 16];
        getrandom::fill(&mut source).map_err(|_| Error::Random)?;
        Self::open(address, Linkie::cloud_account(credentials, source), pin).await
    }

    /// A newer camera, which accepts credentials that are public. See [`Camera::connect`].
    ///
    /// # Errors
    /// See [`Camera::connect`].
    pub async fn connect_public(
        address: CameraAddress,
        pin: Option<Fingerprint>,
    ) -> Result<Self, Error> {
        Self::open(address, Linkie::public(), pin).await
    }

    async fn open(
        address: CameraAddress,
        linkie: Linkie,
        pin: Option<Fingerprint>,
    ) -> Result<Self, Error> {
        let builder = Client::builder()
            .deadline(DEADLINE)
            .body_bytes_max(ANSWER_BYTES_MAX)
            .address_policy(AddressPolicy::Private);
        let certificate = match pin {
            Some(pin) => pin,
            None => {
                let stranger = builder.trust(Trust::FirstUse).build();
                stranger.certificate(&format!("https://{address}/")).await?
            }
        };
        let client = builder.trust(Trust::Pinned(certificate)).build();
        let (turn, changed_to) = (Mutex::default(), StdMutex::default());
        Ok(Self { address, linkie, certificate, client, turn, changed_to })
    }

    /// What is pinned.
    pub fn certificate(&self) -> Fingerprint {
        self.certificate
    }

    /// How it is spoken to.
    pub fn linkie(&self) -> &Linkie {
        &self.linkie
    }

    /// Shakes hands and compares the certificate; sends nothing.
    ///
    /// # Errors
    /// See [`Camera::send`].
    pub async fn check_certificate(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().await;
        self.refuse_changed()?;
        let shaken = self.client.certificate(&format!("https://{}/", self.address)).await;
        shaken.map_err(Error::from).inspect_err(|error| self.remember(error))?;
        Ok(())
    }

    /// Sends a command and reads the answer. Nothing is repeated.
    ///
    /// After [`Error::CertificateChanged`] every further command fails with it, without a byte
    /// being sent: connect anew with the new pin once somebody confirmed it (promise K-01).
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send<C: Command>(&self, command: &C) -> Result<C::Answer, Error> {
        let started = Instant::now();
        let result = self.exchange(command).await;
        // promise: K-06. Parameters are left out; they say what a house is called.
        tracing::info!(
            device = %self.address,
            command = command.name(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            result = result.as_ref().err().map_or("ok", Error::code),
            "kasa command"
        );
        result
    }

    async fn exchange<C: Command>(&self, command: &C) -> Result<C::Answer, Error> {
        let _turn = self.turn.lock().await;
        self.refuse_changed()?;
        let request = self.linkie.request(command);
        let mut headers = HeaderMap::new();
        let mut authorization = HeaderValue::from_str(request.authorization.expose())
            .map_err(|_| Error::Unauthorized)?;
        authorization.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, authorization);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(request.content_type));
        let url = format!("https://{}{}", self.address, request.path);
        let sent = self.client.request(Method::POST, &url, headers, request.body).await;
        let response = sent.map_err(Error::from).inspect_err(|error| self.remember(error))?;
        match (response.status, self.linkie.answer(command, &response.body)) {
            (StatusCode::OK, answer) => answer,
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Err(Error::Unauthorized),
            (_, Err(error @ (Error::Unauthorized | Error::Unsupported { .. }))) => Err(error),
            (status, _) => Err(Error::Status(status.as_u16())),
        }
    }

    fn refuse_changed(&self) -> Result<(), Error> {
        let changed = *self.changed_to.lock().unwrap_or_else(PoisonError::into_inner);
        changed.map_or(Ok(()), |seen| {
            Err(Error::CertificateChanged { pinned: self.certificate, seen })
        })
    }

    fn remember(&self, error: &Error) {
        if let Error::CertificateChanged { seen, .. } = error {
            *self.changed_to.lock().unwrap_or_else(PoisonError::into_inner) = Some(*seen);
        }
    }
}
