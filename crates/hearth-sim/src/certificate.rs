//! The certificate that a camera makes for itself, as cameras do.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::Digest as _;
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate and its key, ready to serve.
#[derive(Clone)]
pub(crate) struct Certificate {
    /// Accepts TLS with it.
    pub(crate) acceptor: TlsAcceptor,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub(crate) sha256: String,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be made.
    #[error("a certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// It cannot be used.
    #[error("a certificate cannot be used")]
    Use(#[from] rustls::Error),
}

impl Certificate {
    /// A new one, different from all before.
    pub(crate) fn generate() -> Result<Self, CertificateError> {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)?;
        let sha256 = sha2::Sha256::digest(made.cert.der());
        let sha256 = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), sha256 })
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}
