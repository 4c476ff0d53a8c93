//! The certificates of devices that were spoken to without a hub, as `known_hosts` is for SSH.
//!
//! One JSON file in the user's configuration folder. Each device is pinned at its first use, and a
//! change stops the command until somebody names the new fingerprint. promise: T-08, K-01.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use hearth_http::Fingerprint;

use crate::{failure::Failure, private_file::PrivateFile, user_folder};

/// Name of the file.
const FILE: &str = "known_certificates.json";
/// A house has some dozens of devices.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// All known certificates, by what they belong to: `kasa 192.168.1.20:10443`.
pub(crate) struct KnownCertificates {
    path: PathBuf,
    known: BTreeMap<String, Fingerprint>,
}

impl KnownCertificates {
    /// Reads them. A file that cannot be understood is an error: taking every device for a new one
    /// would be the wrong way out.
    pub(crate) fn open() -> Result<Self, Failure> {
        Self::open_at(user_folder::configuration()?.join(FILE))
    }

    fn open_at(path: PathBuf) -> Result<Self, Failure> {
        let broken = || Failure::Refused {
            code: "known_certificates".to_owned(),
            message: format!("{} cannot be read. Mend it, or move it away.", path.display()),
        };
        let known = match read(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|_| broken())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(_) => return Err(broken()),
        };
        Ok(Self { path, known })
    }

    /// What a device is pinned to.
    pub(crate) fn get(&self, device: &str) -> Option<Fingerprint> {
        self.known.get(device).copied()
    }

    /// Pins a device, and says so if it is news.
    pub(crate) fn pin(&mut self, device: &str, certificate: Fingerprint) -> Result<(), Failure> {
        if self.get(device) == Some(certificate) {
            return Ok(());
        }
        self.known.insert(device.to_owned(), certificate);
        user_folder::make_private(self.path.parent().unwrap_or(Path::new(".")))?;
        let text = serde_json::to_string_pretty(&self.known).unwrap_or_default();
        let mut file = PrivateFile::begin(&self.path)?;
        file.append(text.as_bytes())?;
        file.keep()?;
        eprintln!("hearthwatch: {device} is pinned to the certificate with SHA-256 {certificate}");
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    std::fs::read_to_string(path)
}

/// The failure for a device that shows another certificate than it did.
pub(crate) fn changed(device: &str, pinned: Fingerprint, seen: Fingerprint) -> Failure {
    Failure::Refused {
        code: "certificate_changed".to_owned(),
        message: format!(
            "The certificate of {device} changed from {pinned} to {seen}. Nothing was sent. If it \
             was reset or replaced, confirm with: --certificate-sha256 {seen}. If not, somebody may \
             sit in between."
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// promise: K-01, T-08. What was pinned stays pinned, in a file of its owner's.
    #[test]
    fn a_pin_is_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sub/known_certificates.json");
        let mut known = KnownCertificates::open_at(path.clone()).expect("none yet");
        assert_eq!(known.get("kasa h:1"), None);
        known.pin("kasa h:1", Fingerprint([7; 32])).expect("pinned");
        let known = KnownCertificates::open_at(path.clone()).expect("one");
        assert_eq!(known.get("kasa h:1"), Some(Fingerprint([7; 32])));
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    /// promise: K-01. A file that cannot be understood does not make every device a new one.
    #[test]
    fn a_broken_file_pins_nothing_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("known_certificates.json");
        for broken in ["", "[]", "{\"kasa h:1\":\"short\"}"] {
            std::fs::write(&path, broken).expect("written");
            assert!(KnownCertificates::open_at(path.clone()).is_err(), "{broken}");
        }
    }
}
