//! TLS with a device: the certificate pinned on first use (T-08, K-01), RSA key exchange as the
//! last resort for firmware that knows nothing else.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{TLS_TIMEOUT, address, static_rsa};
use crate::{Failure, Fingerprint, TlsKind, Trust, cipher::sha256};

/// A connection of any kind.
pub(super) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// What opening yields.
pub(super) struct Opened {
    pub(super) io: Box<dyn Io>,
    pub(super) certificate: Fingerprint,
    pub(super) tls: TlsKind,
}

/// Connects and agrees on keys. `may_be_weak` allows RSA key exchange.
pub(super) async fn open(
    addresses: &[SocketAddr],
    host: &str,
    trust: Trust,
    may_be_weak: bool,
) -> Result<Opened, Failure> {
    let stream = address::connect(addresses).await?;
    let agreed = timeout(TLS_TIMEOUT, agree(stream, host, trust.certificate)).await;
    match agreed.map_err(|_| Failure::Timeout("agreeing on encryption"))? {
        Ok(opened) => Ok(opened),
        // A device that goes away in the middle is no attack, and no reason to try anything else.
        Err(Refusal::HungUp) if trust.tls == Some(TlsKind::ForwardSecret) => {
            Err(Failure::Tls("the device hung up".to_owned()))
        }
        Err(Refusal::NothingInCommon) if trust.tls == Some(TlsKind::ForwardSecret) => {
            Err(Failure::Downgrade("encryption without forward secrecy"))
        }
        Err(Refusal::NothingInCommon | Refusal::HungUp) if may_be_weak => {
            let stream = address::connect(addresses).await?;
            timeout(TLS_TIMEOUT, static_rsa::agree(stream, trust.certificate))
                .await
                .map_err(|_| Failure::Timeout("agreeing on encryption"))?
        }
        Err(Refusal::NothingInCommon | Refusal::HungUp) => Err(Failure::PublicAddress),
        Err(Refusal::Other(failure)) => Err(failure),
    }
}

enum Refusal {
    /// It said that it knows none of the suites.
    NothingInCommon,
    /// It said nothing, as old servers do that do not understand a greeting.
    HungUp,
    Other(Failure),
}

async fn agree(stream: TcpStream, host: &str, pin: Option<Fingerprint>) -> Result<Opened, Refusal> {
    let other = |text: &str| Refusal::Other(Failure::Tls(text.to_owned()));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(PinVerifier { pin, seen: OnceLock::new(), provider: provider.clone() });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| other("no protocol version"))?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_no_client_auth();
    // A session taken up again shows no certificate, and so nothing to compare with the pin.
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_sni = false;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| other("the host's name"))?;
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let seen = verifier.seen.get().copied();
    match (agreed, seen) {
        (Ok(stream), Some(certificate)) => {
            Ok(Opened { io: Box::new(stream), certificate, tls: TlsKind::ForwardSecret })
        }
        (_, Some(shown)) if pin.is_some_and(|pin| pin != shown) => {
            let pinned = pin.unwrap_or(shown);
            Err(Refusal::Other(Failure::CertificateChanged { pinned, shown }))
        }
        (Err(error), None) if finds_nothing_in_common(&error) => Err(Refusal::NothingInCommon),
        (Err(error), None) if hung_up(&error) => Err(Refusal::HungUp),
        (Err(error), _) => Err(other(&error.kind().to_string())),
        (Ok(_), None) => Err(other("no certificate")),
    }
}

fn hung_up(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset)
}

/// Whether the device ended the handshake because it knows none of the suites.
fn finds_nothing_in_common(error: &std::io::Error) -> bool {
    use rustls::Error;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let alerts = [
        AlertDescription::HandshakeFailure,
        AlertDescription::ProtocolVersion,
        AlertDescription::InsufficientSecurity,
        AlertDescription::IllegalParameter,
        AlertDescription::InternalError,
    ];
    matches!(inner, Some(Error::AlertReceived(alert)) if alerts.contains(alert))
        || matches!(inner, Some(Error::PeerIncompatible(_)))
}

/// Accepts the pinned certificate only, or any if there is no pin, and remembers which it was.
#[derive(Debug)]
struct PinVerifier {
    pin: Option<Fingerprint>,
    seen: OnceLock<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let fingerprint = Fingerprint(sha256(&[end_entity.as_ref()]));
        let seen = *self.seen.get_or_init(|| fingerprint);
        if seen == fingerprint && self.pin.is_none_or(|pin| pin == fingerprint) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
