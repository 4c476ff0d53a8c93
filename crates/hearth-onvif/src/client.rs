//! The shell: one device, asked over HTTP.
//!
//! Which proof goes along is decided in [`crate::proof`], what is written and read in the modules of
//! the services. Here are sockets, the clock and deadlines.
//! Not here: retries and supervision, which belong to whoever keeps the device.

use std::{
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

use hearth_http::{
    AddressPolicy, Client, Fingerprint, HeaderMap, HeaderValue, Method, Response, Trust, header,
};
use hearth_model::{SourceUrl, WallTime};
use serde::Serialize;

use crate::{
    Account, AnswerError, Error, ProofError, Prover, Scheme,
    device::{DeviceTime, GetCapabilities, GetServices, GetSystemDateAndTime, Services},
    random,
    soap::{self, FaultKind, Operation, Recipient, Service},
    xml::DOCUMENT_BYTES_MAX,
};

mod pull_point;
mod snapshot;

pub use pull_point::PullPoint;

/// Devices answer within a second; PTZ ones and those with an RSA handshake in three.
const DEADLINE: Duration = Duration::from_secs(10);
/// A refusal without a proof, one for a nonce that ran out, and the answer.
const ATTEMPTS_MAX: u32 = 3;

/// How to reach a device.
#[derive(Clone, Debug)]
pub struct DeviceSpec {
    /// Its device service, e.g. `http://192.168.1.9:2020/onvif/device_service`.
    pub url: SourceUrl,
    /// The account, if there is one.
    pub account: Option<Account>,
    /// The certificate that is accepted; without one, whatever the device shows is kept for the
    /// session and reported, so that the caller can pin it (promise T-08).
    pub certificate: Option<Fingerprint>,
    /// The scheme that the device used before: nothing weaker is used (promise T-04).
    pub at_least: Option<Scheme>,
    /// Where it may be. A device's proofs are too weak for other people's networks.
    pub addresses: AddressPolicy,
}

impl DeviceSpec {
    /// A device in the house, without an account.
    pub fn new(url: SourceUrl) -> Self {
        let addresses = AddressPolicy::Private;
        Self { url, account: None, certificate: None, at_least: None, addresses }
    }
}

/// How safe the way to a device is, to be shown (promise T-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Security {
    /// Whether control travels inside TLS.
    pub encrypted: bool,
    /// The certificate that the device showed.
    pub certificate: Option<Fingerprint>,
    /// How the account is proven; `None` if the device asked for nothing yet.
    pub scheme: Option<Scheme>,
}

/// A device that answered.
#[derive(Debug)]
pub struct Device {
    url: SourceUrl,
    clients: Clients,
    account: Option<Account>,
    prover: Mutex<Prover>,
    time: DeviceTime,
    clock_offset_micros: i64,
    certificate: Option<Fingerprint>,
    services: Services,
}

/// The same client with different patience.
#[derive(Debug)]
struct Clients {
    usual: Client,
    pulling: Client,
    pictures: Client,
}

impl Clients {
    fn new(spec: &DeviceSpec, certificate: Option<Fingerprint>) -> Self {
        let build = |deadline, bytes| {
            let trust = certificate.map_or(Trust::FirstUse, Trust::Pinned);
            let builder = Client::builder().deadline(deadline).body_bytes_max(bytes);
            let builder = builder.trust(trust).address_policy(spec.addresses);
            // Most cameras have nothing better; [`Security`] says so.
            if spec.url.scheme().is_encrypted() { builder } else { builder.allow_plain_http() }
                .build()
        };
        Self {
            usual: build(DEADLINE, DOCUMENT_BYTES_MAX),
            pulling: build(DEADLINE + pull_point::PULL_TIMEOUT, DOCUMENT_BYTES_MAX),
            pictures: build(DEADLINE, snapshot::PICTURE_BYTES_MAX),
        }
    }
}

/// Where a request goes.
struct Target<'a> {
    client: &'a Client,
    url: &'a SourceUrl,
    /// Only messages of WS-Addressing.
    recipient: Option<(&'a str, &'a [soap::ReferenceParameter])>,
}

impl Device {
    /// Asks a device for its time and its services.
    ///
    /// # Errors
    /// If it cannot be reached, wants a proof that cannot be given, or makes no sense.
    pub async fn connect(spec: DeviceSpec) -> Result<Self, Error> {
        let prover = Prover::new(spec.account.clone(), spec.at_least, random::bytes()?);
        let certificate = first_certificate(&spec).await?;
        let mut device = Self {
            clients: Clients::new(&spec, certificate),
            url: spec.url,
            account: spec.account,
            prover: Mutex::new(prover),
            time: DeviceTime {
                utc: None,
                has_time_server: false,
                time_zone: None,
                is_daylight_saving: None,
            },
            clock_offset_micros: 0,
            certificate,
            services: Services::default(),
        };
        match device.ask(&GetSystemDateAndTime).await {
            Ok(time) => {
                device.clock_offset_micros = time.offset_micros(now());
                device.time = time;
            }
            // Some devices want a proof even for this, against the standard; their clock is taken
            // to be right then.
            Err(error) if error.is_not_authorized() => {}
            Err(error) => return Err(error),
        }
        device.services = match device.ask(&GetServices).await {
            Err(error) if error.is_not_supported() => device.ask(&GetCapabilities).await?,
            services => services?,
        };
        Ok(device)
    }

    /// What the device said about time when it was connected to.
    pub fn time(&self) -> &DeviceTime {
        &self.time
    }

    /// Microseconds by which the device's clock is ahead of ours.
    pub fn clock_offset_micros(&self) -> i64 {
        self.clock_offset_micros
    }

    /// What the device offers.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// How safe the way to it is.
    pub fn security(&self) -> Security {
        Security {
            encrypted: self.url.scheme().is_encrypted(),
            certificate: self.certificate,
            scheme: self.prover().scheme(),
        }
    }

    /// Sends one request and reads the answer. Ends within 30 s whatever the device does.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn ask<O: Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let url = match O::SERVICE {
            Service::Device => &self.url,
            service => self.services.url(service).ok_or(Error::NotOffered(service))?,
        };
        let recipient = O::ACTION.map(|_| (url.to_string(), [].as_slice()));
        let recipient = recipient.as_ref().map(|(to, parameters)| (to.as_str(), *parameters));
        self.exchange(operation, Target { client: &self.clients.usual, url, recipient }).await
    }

    async fn exchange<O: Operation>(
        &self,
        operation: &O,
        target: Target<'_>,
    ) -> Result<O::Answer, Error> {
        let begun = Instant::now();
        let result = self.exchange_unlogged(operation, target).await;
        tracing::debug!(
            device = %self.url.host(),
            service = %O::SERVICE,
            command = O::NAME,
            milliseconds = begun.elapsed().as_millis(),
            error = result.as_ref().err().map(tracing::field::display),
        );
        result
    }

    async fn exchange_unlogged<O: Operation>(
        &self,
        operation: &O,
        target: Target<'_>,
    ) -> Result<O::Answer, Error> {
        for attempt in 0..ATTEMPTS_MAX {
            let (response, had_proof) = self.send(operation, &target).await?;
            match refusal(&response) {
                None => {
                    let answer = read::<O>(&response, &self.url);
                    if attempt > 0 && answer.is_ok() {
                        self.prover().accepted();
                    }
                    return answer;
                }
                Some(error) if O::IS_OPEN => return Err(error),
                Some(_) => {
                    let challenges = response.headers.get_all(header::WWW_AUTHENTICATE);
                    let challenges: Vec<&str> =
                        challenges.iter().filter_map(|value| value.to_str().ok()).collect();
                    self.prover().refused(&challenges, had_proof, attempt)?;
                }
            }
        }
        Err(ProofError::WrongPassword.into())
    }

    /// Sends a request once; also says whether a proof went along.
    async fn send<O: Operation>(
        &self,
        operation: &O,
        target: &Target<'_>,
    ) -> Result<(Response, bool), Error> {
        let nonce = random::bytes()?;
        let proof = if O::IS_OPEN {
            crate::proof::Proof::default()
        } else {
            let device_time = now().plus_micros(self.clock_offset_micros);
            self.prover().proof(target.url.path(), "POST", &nonce, device_time)?
        };
        let message_id = random::urn()?;
        let recipient = target.recipient.map(|(to, parameters)| Recipient {
            to,
            message_id: &message_id,
            parameters,
        });
        let body = soap::request(operation, proof.token.as_ref(), recipient);
        let had_proof = !proof.is_none();
        let mut headers = HeaderMap::new();
        let kind =
            format!("application/soap+xml; charset=utf-8; action=\"{}\"", soap::action::<O>());
        headers.insert(header::CONTENT_TYPE, header_value(&kind)?);
        if let Some(authorization) = proof.authorization {
            headers.insert(header::AUTHORIZATION, header_value(&authorization)?);
        }
        let url = target.url.to_string();
        let response = target.client.request(Method::POST, &url, headers, body).await?;
        Ok((response, had_proof))
    }

    fn prover(&self) -> std::sync::MutexGuard<'_, Prover> {
        // A panic while it was held left it as consistent as it was: its methods do not unwind.
        self.prover.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The certificate that counts for this session: the pinned one, or the one that is shown now.
/// Nothing is sent before it is known.
async fn first_certificate(spec: &DeviceSpec) -> Result<Option<Fingerprint>, Error> {
    if !spec.url.scheme().is_encrypted() {
        return Ok(None);
    }
    if spec.certificate.is_some() {
        return Ok(spec.certificate);
    }
    let client = Client::builder().deadline(DEADLINE).trust(Trust::FirstUse);
    let client = client.address_policy(spec.addresses).build();
    Ok(Some(client.certificate(&spec.url.to_string()).await?))
}

/// A refusal for want of a proof, in HTTP's words or in SOAP's.
fn refusal(response: &Response) -> Option<Error> {
    let fault = soap::fault(&response.body);
    let fault = fault.filter(|fault| fault.kind == FaultKind::NotAuthorized);
    match (fault, response.status.as_u16()) {
        (Some(fault), _) => Some(AnswerError::Fault(fault).into()),
        (None, status @ 401) => Some(Error::Status(status)),
        (None, _) => None,
    }
}

fn read<O: Operation>(response: &Response, device: &SourceUrl) -> Result<O::Answer, Error> {
    match soap::response::<O>(&response.body, device) {
        // Without SOAP inside, the status is all there is to tell.
        Err(AnswerError::Xml(_) | AnswerError::NotSoap) if !response.status.is_success() => {
            Err(match response.status.as_u16() {
                403 => ProofError::Forbidden.into(),
                status => Error::Status(status),
            })
        }
        answer => Ok(answer?),
    }
}

/// Names of accounts may hold what no header can.
fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Error::UnfitAccount)
}

fn now() -> WallTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    WallTime::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
