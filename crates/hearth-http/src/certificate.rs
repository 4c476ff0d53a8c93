//! Whose certificate is accepted.
//!
//! Devices sign their certificates themselves, so the certificate is pinned; services have theirs
//! signed by a public authority. In all cases the peer must prove that it holds the key.

use std::sync::{Arc, OnceLock};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{Error, Fingerprint};

/// Whose certificate is accepted. promise: T-08, K-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// One that a public authority signed for this name (Mozilla's list, compiled in: the same on
    /// every machine and in an empty container).
    #[default]
    Roots,
    /// Exactly this one.
    Pinned(Fingerprint),
    /// Any. The answer says which it was; the caller stores it and pins it from then on.
    FirstUse,
}

/// Agrees on keys over a connection, for protocols other than HTTP; returns the certificate's
/// fingerprint too. The caller sets the deadline.
///
/// # Errors
/// [`Error::CertificateChanged`], [`Error::Untrusted`], [`Error::Handshake`], or
/// [`Error::Request`] if the host is none.
pub async fn agree(
    stream: TcpStream,
    host: &str,
    trust: Trust,
) -> Result<(TlsStream<TcpStream>, Fingerprint), Error> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Error::Request("the host name cannot be used with TLS"))?;
    let pin = match trust {
        Trust::Roots => return agree_with_roots(stream, name).await,
        Trust::Pinned(pin) => Some(pin),
        Trust::FirstUse => None,
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(PinVerifier { pin, seen: OnceLock::new(), provider: provider.clone() });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Handshake(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_no_client_auth();
    // A session taken up again shows no certificate, and so nothing to compare with the pin.
    config.resumption = Resumption::disabled();
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    match (agreed, verifier.seen.get().copied(), pin) {
        (_, Some(seen), Some(pinned)) if seen != pinned => {
            Err(Error::CertificateChanged { pinned, seen })
        }
        (Ok(stream), Some(seen), _) => Ok((stream, seen)),
        (Ok(_), None, _) => Err(Error::Handshake("the peer showed no certificate".to_owned())),
        (Err(error), ..) => Err(handshake_error(&error)),
    }
}

async fn agree_with_roots(
    stream: TcpStream,
    name: ServerName<'static>,
) -> Result<(TlsStream<TcpStream>, Fingerprint), Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Handshake(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = agreed.map_err(|error| handshake_error(&error))?;
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let seen = shown.map(|certificate| Fingerprint::of(certificate));
    seen.map(|seen| (stream, seen))
        .ok_or_else(|| Error::Handshake("the peer showed no certificate".to_owned()))
}

fn handshake_error(error: &std::io::Error) -> Error {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(reason)) => Error::Untrusted(reason.to_string()),
        _ => Error::Handshake(error.to_string()),
    }
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
        let fingerprint = Fingerprint::of(end_entity.as_ref());
        let seen = *self.seen.get_or_init(|| fingerprint);
        // Both cannot differ unless the peer shows two certificates in one handshake.
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
