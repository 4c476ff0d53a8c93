//! A self-signed certificate with its key, as it is kept sealed in the data folder.
//!
//! Invariant: key and certificate are one sealed file, written beside and renamed, so a crash
//! leaves the old pair or the new one. promise: D-12, V-07, T-17.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hearth_secret::{SecretBytes, SecretString};
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};

use crate::certificate::Seal;

/// What the sealed file is for; part of what the seal protects.
const CONTEXT: &[u8] = b"listener certificate v1";

/// A clock that runs behind by a day still sees a valid certificate.
const BACKDATED_BY: Duration = Duration::from_secs(86_400);

/// Why no certificate could be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A configured name cannot stand in a certificate.
    #[error("a configured host name cannot stand in a certificate")]
    Name(#[source] rcgen::Error),
    /// Making or signing it failed.
    #[error("key or certificate could not be made")]
    Make(#[source] rcgen::Error),
    /// The vault did not seal the key.
    #[error("the vault did not seal the private key")]
    Seal,
    /// The file could not be written.
    #[error("the sealed certificate could not be written")]
    Write(#[source] io::Error),
}

/// A certificate with its key.
pub(crate) struct Identity {
    names: Vec<String>,
    ends: SystemTime,
    certificate: Vec<u8>,
    key: SecretBytes,
}

/// The form inside the seal.
#[derive(serde::Deserialize)]
struct Kept {
    names: Vec<String>,
    ends: u64,
    certificate: String,
    key: SecretString,
}

impl Identity {
    /// The one kept at `path`; `None` if there is none, or none that this vault can open.
    pub(crate) fn open(path: &Path, seal: &dyn Seal) -> Option<Self> {
        let sealed = std::fs::read(path).ok()?;
        let plain = seal.unseal(CONTEXT, &sealed)?;
        let kept: Kept = serde_json::from_slice(plain.expose()).ok()?;
        Some(Self {
            names: kept.names,
            ends: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(kept.ends))?,
            certificate: STANDARD.decode(&kept.certificate).ok()?,
            key: STANDARD.decode(kept.key.expose()).ok().map(SecretBytes::new)?,
        })
    }

    /// Makes a new one for `localhost`, the loopback addresses and `names`, and keeps it at `path`.
    pub(crate) fn create(
        path: &Path,
        names: &[String],
        seal: &dyn Seal,
        from: SystemTime,
        valid_for: Duration,
    ) -> Result<Self, IdentityError> {
        let ends = from + valid_for;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(IdentityError::Make)?;
        let certificate = parameters(names, from, ends)?
            .self_signed(&key)
            .map_err(IdentityError::Make)?
            .der()
            .to_vec();
        let identity = Self {
            names: names.to_vec(),
            ends,
            certificate,
            key: SecretBytes::new(key.serialize_der()),
        };
        identity.keep(path, seal)?;
        Ok(identity)
    }

    fn keep(&self, path: &Path, seal: &dyn Seal) -> Result<(), IdentityError> {
        let ends = self.ends.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let key = SecretString::new(STANDARD.encode(self.key.expose()));
        let names = serde_json::Value::from(self.names.clone());
        // Put together by hand, because a secret has no way into a serializer. Base64 needs no
        // escapes.
        let plain = SecretString::new(format!(
            r#"{{"names":{names},"ends":{ends},"certificate":"{}","key":"{}"}}"#,
            STANDARD.encode(&self.certificate),
            key.expose()
        ));
        let sealed = seal.seal(CONTEXT, plain.expose().as_bytes()).ok_or(IdentityError::Seal)?;
        replace(path, &sealed).map_err(IdentityError::Write)
    }

    /// Whether it was made for exactly these names.
    pub(crate) fn fits(&self, names: &[String]) -> bool {
        self.names == names
    }

    /// When it stops being valid.
    pub(crate) fn ends(&self) -> SystemTime {
        self.ends
    }

    /// The certificate in DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The private key in PKCS #8.
    pub(crate) fn key(&self) -> &SecretBytes {
        &self.key
    }
}

fn parameters(
    names: &[String],
    from: SystemTime,
    ends: SystemTime,
) -> Result<CertificateParams, IdentityError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "Hearthwatch");
    parameters.not_before = (from - BACKDATED_BY).into();
    parameters.not_after = ends.into();
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into().map_err(IdentityError::Name)?),
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    for name in names {
        let alternative = match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into().map_err(IdentityError::Name)?),
        };
        if !parameters.subject_alt_names.contains(&alternative) {
            parameters.subject_alt_names.push(alternative);
        }
    }
    Ok(parameters)
}

/// What is left of [`replace`] by a crash has this ending and is hidden: by both the hub knows, and at
/// its next start removes, what was half-written (promise T-16).
const HALF_WRITTEN: &str = "hwtmp";

/// Writes a private file beside `path` and renames it over it; a failure leaves none. Two files of one
/// folder may be written at the same time.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // As versions before called it.
    remove_if_there(&path.with_extension("new"))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{HALF_WRITTEN}"));
    remove_if_there(&beside)?;
    let written = write_private(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // The first error is the one to report.
        remove_if_there(&beside).ok();
    }
    written
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
