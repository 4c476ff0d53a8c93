//! What a device has shown so far, so that nobody can put a weaker one in its place (promises T-04,
//! T-08). Nothing in it is secret.

use std::sync::{Arc, Mutex, PoisonError};

use hearth_onvif::Scheme;
use hearth_tapo::{Login, TlsKind, Trust, client::TrustStore};

use crate::Fingerprint;

/// What a device has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Its certificate: seen first, or confirmed by a person.
    pub certificate: Option<Fingerprint>,
    /// The strongest login of a Tapo or Kasa device.
    pub login: Option<Login>,
    /// The strongest TLS of it.
    pub tls: Option<TlsKind>,
    /// Whether it signs its answers.
    pub signs_answers: bool,
    /// The strongest proof that an ONVIF device took.
    pub proof: Option<ProofKind>,
}

/// ONVIF's proofs, as they are stored.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// WS-UsernameToken.
    UsernameToken,
    /// HTTP Digest with MD5.
    DigestMd5,
    /// HTTP Digest with SHA-256.
    DigestSha256,
}

impl From<Scheme> for ProofKind {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::UsernameToken => Self::UsernameToken,
            Scheme::DigestMd5 => Self::DigestMd5,
            Scheme::DigestSha256 => Self::DigestSha256,
        }
    }
}

impl From<ProofKind> for Scheme {
    fn from(kind: ProofKind) -> Self {
        match kind {
            ProofKind::UsernameToken => Self::UsernameToken,
            ProofKind::DigestMd5 => Self::DigestMd5,
            ProofKind::DigestSha256 => Self::DigestSha256,
        }
    }
}

/// A memory that a driver and its supervisor share.
#[derive(Clone, Debug, Default)]
pub struct MemoryCell(Arc<Mutex<Memory>>);

impl MemoryCell {
    /// Begins with what is known.
    pub fn new(memory: Memory) -> Self {
        Self(Arc::new(Mutex::new(memory)))
    }

    /// What is known now.
    pub fn get(&self) -> Memory {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes more.
    pub fn update(&self, change: impl FnOnce(&mut Memory)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl TrustStore for MemoryCell {
    fn known(&self, _device: &str) -> Trust {
        let Memory { certificate, login, tls, signs_answers, .. } = self.get();
        let certificate = certificate.map(|pin| hearth_tapo::Fingerprint(pin.0));
        Trust { certificate, login, tls, signs_answers }
    }

    fn remember(&self, _device: &str, trust: Trust) {
        self.update(|memory| {
            memory.certificate = trust.certificate.map(|pin| Fingerprint(pin.0));
            memory.login = trust.login;
            memory.tls = trust.tls;
            memory.signs_answers = trust.signs_answers;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_survives_its_text_form() {
        let memory = Memory {
            certificate: Some(Fingerprint([7; 32])),
            login: Some(Login::Tpap),
            tls: Some(TlsKind::ForwardSecret),
            signs_answers: true,
            proof: Some(ProofKind::DigestSha256),
        };
        let text = serde_json::to_string(&memory).expect("json");
        assert_eq!(serde_json::from_str::<Memory>(&text).expect("read"), memory);
        assert_eq!(serde_json::from_str::<Memory>("{}").expect("read"), Memory::default());
    }
}
