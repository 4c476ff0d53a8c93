//! The listener's certificate: from files, self-signed and kept sealed in the data folder, or issued
//! by an authority (`acme`), which replaces the self-signed one.
//!
//! Blocking file work; call it from a blocking task. Invariant: a private key that this module
//! makes never reaches the disk in the clear; sealing is the caller's, so that no key is held here.
//! Not here: TLS itself (`server`). promise: D-12, V-08, V-07.

use std::{
    collections::HashMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use hearth_model::WallTime;
use hearth_secret::SecretBytes;
use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

use crate::{
    identity::{Identity, IdentityError},
    validity::validity,
};

/// Browsers accept no more than 398 days from public authorities (CA/Browser Forum BR 6.3.2); the
/// same is good practice for a private one.
const VALID_FOR: Duration = Duration::from_secs(397 * 86_400);

/// A new one is made this long before the old one ends, so that a hub which is off for weeks does
/// not come back with an expired certificate.
const RENEWED_BEFORE: Duration = Duration::from_secs(60 * 86_400);

/// Files larger than this are no certificate and no key.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Seals what must not be readable in the data folder.
pub trait Seal: Send + Sync {
    /// The sealed form of `plain`; `None` if the vault is not available.
    fn seal(&self, context: &[u8], plain: &[u8]) -> Option<Vec<u8>>;
    /// What was sealed; `None` if it was not sealed here or was changed.
    fn unseal(&self, context: &[u8], sealed: &[u8]) -> Option<SecretBytes>;
}

/// Where the certificate comes from.
pub enum CertificateSource {
    /// PEM files that somebody else keeps up to date; they are read again when they change.
    Files {
        /// The chain, own certificate first.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Made by the hub for its own names.
    SelfSigned {
        /// Where it is kept, sealed.
        path: PathBuf,
        /// Names beside `localhost` and the loopback addresses: names or IP addresses.
        names: Vec<String>,
        /// Seals the private key.
        seal: Arc<dyn Seal>,
    },
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("the {what} file {path} cannot be read")]
    Unreadable {
        /// Which of the two.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not PEM or holds something else.
    #[error("the {what} file {path} holds no {what} in PEM form")]
    NotPem {
        /// Which of the two.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// Key and certificate do not belong together, or the kind of key is not supported.
    #[error("the private key does not fit the certificate, or is of an unsupported kind")]
    Unfit(#[source] rustls::Error),
    /// A self-signed one could not be made or kept.
    #[error("no certificate could be made")]
    Identity(#[source] IdentityError),
}

/// The certificate in use, which may be replaced while connections are open.
pub struct Certificate {
    source: CertificateSource,
    current: RwLock<Current>,
    /// What an authority issued; it goes before the other one.
    issued: RwLock<Option<Arc<CertifiedKey>>>,
    /// By name, what an authority must see that looks whether the name is ours.
    challenges: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

/// The protocol by which an authority asks for [`Certificate::answer`] (RFC 8737, 6.2).
pub(crate) const CHALLENGE_PROTOCOL: &[u8] = b"acme-tls/1";

struct Current {
    key: Arc<CertifiedKey>,
    /// Of files: when they were last changed. Of a self-signed one: when it ends.
    stamp: Option<SystemTime>,
}

impl Certificate {
    /// Reads the certificate, or makes one.
    pub fn open(source: CertificateSource, now: WallTime) -> Result<Self, CertificateError> {
        let current = RwLock::new(load(&source, now)?);
        Ok(Self { source, current, issued: RwLock::default(), challenges: RwLock::default() })
    }

    /// Shows this one from now on.
    pub(crate) fn take_issued(&self, key: Arc<CertifiedKey>) {
        *self.issued.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// From when until when the issued one is valid; `None` without one.
    pub(crate) fn issued_validity(&self) -> Option<(SystemTime, SystemTime)> {
        let issued = self.issued.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        validity(issued.cert.first()?)
    }

    /// Shows `proof` to whoever asks for `name` by [`CHALLENGE_PROTOCOL`].
    pub(crate) fn answer(&self, name: String, proof: Arc<CertifiedKey>) {
        self.challenges.write().unwrap_or_else(PoisonError::into_inner).insert(name, proof);
    }

    /// Shows no proof any more.
    pub(crate) fn forget_challenges(&self) {
        self.challenges.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes over changed files, or replaces a self-signed certificate that soon ends.
    ///
    /// Answers whether there is a new one. On an error the old one stays in use.
    pub fn refresh(&self, now: WallTime) -> Result<bool, CertificateError> {
        let stamp = self.current.read().unwrap_or_else(PoisonError::into_inner).stamp;
        let is_due = match &self.source {
            CertificateSource::Files { certificate, .. } => changed_at(certificate) != stamp,
            CertificateSource::SelfSigned { .. } => {
                stamp.is_none_or(|end| system_time(now) + RENEWED_BEFORE >= end)
            }
        };
        if is_due {
            let current = load(&self.source, now)?;
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        }
        Ok(is_due)
    }

    /// SHA-256 of the certificate as people compare it: `9A:31:..`.
    pub fn fingerprint(&self) -> String {
        let key = self.current_key();
        let der = key.cert.first().map_or(&[][..], |certificate| certificate.as_ref());
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
        let pairs: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// From when until when the certificate in use is valid.
    pub(crate) fn validity(&self) -> Option<(SystemTime, SystemTime)> {
        let key = self.current_key();
        key.cert.first().and_then(|certificate| validity(certificate))
    }

    fn current_key(&self) -> Arc<CertifiedKey> {
        if let Some(issued) = &*self.issued.read().unwrap_or_else(PoisonError::into_inner) {
            return issued.clone();
        }
        self.current.read().unwrap_or_else(PoisonError::into_inner).key.clone()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_challenge = hello.alpn().is_some_and(|mut protocols| {
            protocols.next() == Some(CHALLENGE_PROTOCOL) && protocols.next().is_none()
        });
        if !is_challenge {
            return Some(self.current_key());
        }
        let challenges = self.challenges.read().unwrap_or_else(PoisonError::into_inner);
        challenges.get(hello.server_name()?).cloned()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificate").field(&self.fingerprint()).finish()
    }
}

fn load(source: &CertificateSource, now: WallTime) -> Result<Current, CertificateError> {
    match source {
        CertificateSource::Files { certificate, key } => load_files(certificate, key),
        CertificateSource::SelfSigned { path, names, seal } => {
            let from = system_time(now);
            let kept = Identity::open(path, seal.as_ref())
                .filter(|kept| kept.fits(names) && from + RENEWED_BEFORE < kept.ends());
            let identity = match kept {
                Some(identity) => identity,
                None => Identity::create(path, names, seal.as_ref(), from, VALID_FOR)
                    .map_err(CertificateError::Identity)?,
            };
            let certificate = CertificateDer::from(identity.certificate().to_vec());
            let key = PrivatePkcs8KeyDer::from(identity.key().expose().clone());
            let key = certified(vec![certificate], PrivateKeyDer::Pkcs8(key))?;
            Ok(Current { key, stamp: Some(identity.ends()) })
        }
    }
}

fn load_files(certificate: &Path, key: &Path) -> Result<Current, CertificateError> {
    let stamp = changed_at(certificate);
    let pem = read(certificate, "certificate")?;
    let not_pem = |what, path: &Path| CertificateError::NotPem { what, path: path.to_owned() };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.expose())
        .collect::<Result<_, _>>()
        .map_err(|_| not_pem("certificate", certificate))?;
    if chain.is_empty() {
        return Err(not_pem("certificate", certificate));
    }
    let pem = read(key, "private key")?;
    let key =
        PrivateKeyDer::from_pem_slice(pem.expose()).map_err(|_| not_pem("private key", key))?;
    Ok(Current { key: certified(chain, key)?, stamp })
}

/// A chain with its key, if they fit.
pub(crate) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<CertifiedKey>, CertificateError> {
    let key = any_supported_type(&key).map_err(CertificateError::Unfit)?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(CertificateError::Unfit)?;
    Ok(Arc::new(certified))
}

/// Reads a bounded file; what was read is wiped when dropped, because it may be a key.
fn read(path: &Path, what: &'static str) -> Result<SecretBytes, CertificateError> {
    let unreadable = |source| CertificateError::Unreadable { what, path: path.to_owned(), source };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        return Err(CertificateError::NotPem { what, path: path.to_owned() });
    }
    std::fs::read(path).map(SecretBytes::new).map_err(unreadable)
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

pub(crate) fn system_time(time: WallTime) -> SystemTime {
    let micros = u64::try_from(time.as_micros()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}
