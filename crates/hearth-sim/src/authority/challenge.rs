//! Looking whether a listener shows the proof for a name (RFC 8737, 3).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs as crypto},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use super::jws::Signer;

const PROTOCOL: &[u8] = b"acme-tls/1";
/// A real authority waits about as long.
const DEADLINE: Duration = Duration::from_secs(10);

/// The extension's number, 1.3.6.1.5.5.7.1.31, then that it is critical, then an octet string of 34
/// bytes which holds one of 32.
const EXTENSION: [u8; 17] = [
    0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1f, 0x01, 0x01, 0xff, 0x04, 0x22, 0x04,
    0x20,
];

/// What the owner of an account must show for a token.
pub(super) fn digest(token: &str, account: &Signer) -> Vec<u8> {
    let authorization = format!("{token}.{}", account.thumbprint());
    digest::digest(&digest::SHA256, authorization.as_bytes()).as_ref().to_vec()
}

/// What a listener shows for a name; `None` if it shows nothing of the kind.
pub(super) async fn shown(listener: SocketAddr, name: &str) -> Option<Vec<u8>> {
    timeout(DEADLINE, look(listener, name)).await.ok().flatten()
}

async fn look(listener: SocketAddr, name: &str) -> Option<Vec<u8>> {
    let provider = Arc::new(crypto::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(SelfSigned(provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    let stream = TcpStream::connect(listener).await.ok()?;
    let server = ServerName::try_from(name.to_owned()).ok()?;
    let stream = TlsConnector::from(Arc::new(config)).connect(server, stream).await.ok()?;
    let session = stream.get_ref().1;
    if session.alpn_protocol() != Some(PROTOCOL) {
        return None;
    }
    let certificate = session.peer_certificates()?.first()?.as_ref();
    // A name in a certificate stands there as it is.
    certificate.windows(name.len()).find(|window| *window == name.as_bytes())?;
    let at = certificate.windows(EXTENSION.len()).position(|window| window == EXTENSION)?;
    certificate.get(at + EXTENSION.len()..at + EXTENSION.len() + 32).map(<[u8]>::to_vec)
}

/// The proof is in the certificate: only the account's owner knows it, and whoever signed the
/// handshake showed it for this name. The library reads no certificate with such an extension.
#[derive(Debug)]
struct SelfSigned(Arc<CryptoProvider>);

impl ServerCertVerifier for SelfSigned {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
