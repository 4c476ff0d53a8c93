//! TLS with cameras: no authority signs their certificates, so the certificate itself is pinned.
//!
//! Promises T-08, K-01: without a pin any certificate is accepted and its fingerprint reported;
//! with a pin exactly that one. The verifier is `hearth-http`'s, so that there is one of it.

use hearth_http::{Error, Fingerprint, Trust};
use hearth_model::StateReason;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::SourceError;

/// Agrees on keys and returns the fingerprint of the certificate that the camera showed.
pub(crate) async fn agree(
    stream: TcpStream,
    host: &str,
    pin: Option<[u8; 32]>,
) -> Result<(TlsStream<TcpStream>, [u8; 32]), SourceError> {
    let trust = pin.map_or(Trust::FirstUse, |pin| Trust::Pinned(Fingerprint(pin)));
    match hearth_http::agree(stream, host, trust).await {
        Ok((stream, seen)) => Ok((stream, seen.0)),
        Err(error @ Error::CertificateChanged { .. }) => {
            Err(SourceError::new(StateReason::CertificateChanged, error.to_string()))
        }
        Err(error) => Err(SourceError::new(StateReason::TlsFailed, error.to_string())),
    }
}
