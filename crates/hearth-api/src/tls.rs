//! TLS of the listener: 1.2 and 1.3, nothing older, and certificates of clients if the house asks
//! for them.
//!
//! A client's certificate is a second lock before the first byte of HTTP; who somebody is and what
//! they may is decided by the sign-in as ever. The authorities are read at the start.
//! promise: V-08, D-12.

use std::{fs, io, path::Path, path::PathBuf, sync::Arc};

use hearth_hub::{ClientCertificate, NetworkConfig};
use rustls::{
    RootCertStore,
    server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio_rustls::TlsAcceptor;

use crate::certificate::{CHALLENGE_PROTOCOL, Certificate};

/// Larger than any list of a house's authorities.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The authorities of clients cannot be read.
    #[error("the file of client authorities {path} cannot be read")]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It holds no certificate of an authority.
    #[error("the file of client authorities {0} holds no certificate in PEM form")]
    NoAuthority(PathBuf),
    /// They cannot be used.
    #[error("the client authorities cannot be used")]
    Authorities(#[source] VerifierBuilderError),
    /// The library refuses.
    #[error("TLS cannot be set up")]
    Config(#[from] rustls::Error),
}

/// What turns TCP connections into TLS ones.
pub(crate) fn acceptor(
    certificate: Arc<Certificate>,
    network: &NetworkConfig,
) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    let config = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)?;
    let config = match &network.client_ca {
        None => config.with_no_client_auth(),
        Some(path) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(authorities(path)?, provider);
            let verifier = match network.client_certificate {
                ClientCertificate::Required => verifier,
                ClientCertificate::Optional => verifier.allow_unauthenticated(),
            };
            let verifier: Arc<dyn ClientCertVerifier> =
                verifier.build().map_err(TlsError::Authorities)?;
            config.with_client_cert_verifier(verifier)
        }
    };
    let mut config = config.with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if network.acme.is_some() {
        config.alpn_protocols.push(CHALLENGE_PROTOCOL.to_vec());
    }
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn authorities(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let unreadable = |source| TlsError::Unreadable { path: path.to_owned(), source };
    let nothing = || TlsError::NoAuthority(path.to_owned());
    if fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
        return Err(nothing());
    }
    let pem = fs::read(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.map_err(|_| nothing())?)?;
    }
    if roots.is_empty() { Err(nothing()) } else { Ok(Arc::new(roots)) }
}
