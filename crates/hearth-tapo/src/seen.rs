//! What is remembered about a device, so that nobody can put a weaker one in its place.
//!
//! Pure. Where it is kept is the caller's affair ([`crate::client::TrustStore`]).

use std::fmt;

/// SHA-256 of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Display for Fingerprint {
    /// `9A:31:...`, as browsers show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Ways to log in, from the weakest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// None: whoever reaches the port commands the device (XOR).
    None,
    /// A camera's first generation: the MD5 of the password is the password.
    Md5Token,
    /// KLAP version 1, hashes with MD5.
    KlapV1,
    /// RSA-1024 and AES-CBC.
    PassThrough,
    /// KLAP version 2, hashes with SHA-256.
    KlapV2,
    /// A camera's second generation with an MD5 of the password.
    SecureMd5,
    /// A camera's second generation with a SHA-256 of the password.
    SecureSha256,
    /// A camera's third generation: SPAKE2+.
    Tpap,
}

/// How the connection was encrypted, from the weakest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TlsKind {
    /// Not at all.
    None,
    /// TLS 1.2 with RSA key exchange: who ever gets the camera's key reads all that was recorded.
    StaticRsa,
    /// TLS 1.2 or 1.3 with forward secrecy.
    ForwardSecret,
}

/// What a device has shown so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Trust {
    /// Its certificate. `None` before the first connection, and for devices without TLS.
    pub certificate: Option<Fingerprint>,
    /// The strongest login it offered.
    pub login: Option<Login>,
    /// The strongest TLS it offered.
    pub tls: Option<TlsKind>,
    /// Whether it signed its answers (KLAP).
    pub signs_answers: bool,
}

/// One thing that is weak about a connection, for people to see (T-07, K-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// The device knows no TLS.
    NoTls,
    /// TLS without forward secrecy.
    NoForwardSecrecy,
    /// No login at all.
    NoLogin,
    /// The login uses MD5.
    Md5Login,
    /// The login uses RSA with 1024 bits.
    ShortRsaKey,
    /// Nobody can tell whether an answer was altered on its way.
    UnsignedAnswers,
    /// It was opened with a password that everybody knows.
    FactoryPassword,
}

/// How well a connection is protected.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Security {
    /// The login in use.
    pub login: Login,
    /// The TLS in use.
    pub tls: TlsKind,
    /// What is weak about it.
    pub weaknesses: Vec<Weakness>,
}

impl Security {
    /// Judges a connection.
    pub fn of(login: Login, tls: TlsKind) -> Self {
        let mut weaknesses = Vec::new();
        match tls {
            TlsKind::None => weaknesses.push(Weakness::NoTls),
            TlsKind::StaticRsa => weaknesses.push(Weakness::NoForwardSecrecy),
            TlsKind::ForwardSecret => {}
        }
        match login {
            Login::None => weaknesses.push(Weakness::NoLogin),
            Login::Md5Token | Login::KlapV1 | Login::SecureMd5 => {
                weaknesses.push(Weakness::Md5Login);
            }
            Login::PassThrough => {
                weaknesses.extend([Weakness::ShortRsaKey, Weakness::UnsignedAnswers]);
            }
            Login::KlapV2 | Login::SecureSha256 | Login::Tpap => {}
        }
        Self { login, tls, weaknesses }
    }

    /// Adds something that showed later.
    #[must_use]
    pub fn with(mut self, weakness: Weakness) -> Self {
        if !self.weaknesses.contains(&weakness) {
            self.weaknesses.push(weakness);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// promise: T-07. What cannot use TLS is shown as insecure.
    #[test]
    fn a_connection_without_tls_or_login_is_called_weak() {
        let xor = Security::of(Login::None, TlsKind::None);
        assert_eq!(xor.weaknesses, [Weakness::NoTls, Weakness::NoLogin]);
        assert!(Security::of(Login::Tpap, TlsKind::ForwardSecret).weaknesses.is_empty());
    }

    #[test]
    fn logins_are_ordered_by_strength() {
        assert!(Login::None < Login::Md5Token);
        assert!(Login::Md5Token < Login::SecureMd5);
        assert!(Login::SecureMd5 < Login::SecureSha256);
        assert!(Login::SecureSha256 < Login::Tpap);
    }
}
