//! TLS with cameras: no authority signs their certificates, so the certificate itself is pinned.
//!
//! Promises T-08, K-01: without a pin any certificate is accepted and its fingerprint reported;
//! with a pin exactly that one. In both cases the camera must prove that it holds the key.

use std::sync::{Arc, OnceLock};

use hearth_model::StateReason;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::SourceError;

/// Agrees on keys and returns the fingerprint of the certificate that the camera showed.
pub(crate) async fn agree(
    stream: TcpStream,
    host: &str,
    pin: Option<[u8; 32]>,
) -> Result<(TlsStream<TcpStream>, [u8; 32]), SourceError> {
    let failed = |detail: String| SourceError::new(StateReason::TlsFailed, detail);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(PinVerifier { pin, seen: OnceLock::new(), provider: provider.clone() });
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
        .with_no_client_auth();
    // A session taken up again shows no certificate, and so nothing to compare with the pin.
    config.resumption = rustls::client::Resumption::disabled();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| failed("the host name cannot be used with TLS".to_owned()))?;
    let agreed = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let seen = verifier.seen.get().copied();
    match (agreed, seen) {
        (Ok(stream), Some(seen)) => Ok((stream, seen)),
        (_, Some(seen)) if pin.is_some_and(|pin| pin != seen) => Err(SourceError::new(
            StateReason::CertificateChanged,
            format!(
                "its fingerprint begins with {:02x}{:02x}{:02x}{:02x}",
                seen[0], seen[1], seen[2], seen[3]
            ),
        )),
        (Err(error), _) => Err(failed(error.to_string())),
        (Ok(_), None) => Err(failed("the camera showed no certificate".to_owned())),
    }
}

/// Accepts the pinned certificate only, or any if there is no pin, and remembers which it was.
#[derive(Debug)]
struct PinVerifier {
    pin: Option<[u8; 32]>,
    seen: OnceLock<[u8; 32]>,
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
        let fingerprint: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
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
