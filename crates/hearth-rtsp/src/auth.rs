//! Proving the camera account: Basic (RFC 7617) and Digest (RFC 7616), for RTSP and HTTP alike.
//!
//! Pure: the client nonce comes from outside. The strongest scheme offered is used, and a session
//! never goes back to a weaker one (promise T-04): if Digest is offered, Basic is not used, even if
//! the offered digest is one that is not known here.
//! Not here: storing passwords; asking again (`session`).

use std::fmt::Write as _;

use base64::Engine as _;
use hearth_model::SourceUrl;
use hearth_secret::{Secret, SecretString};
use md5::Md5;
use sha2::Sha256;

mod challenge;

pub use challenge::{
    Algorithm, Challenge, DigestChallenge, Qop, parse_challenges, parse_parameters,
};

/// Why no proof could be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The camera wants an account, and none was given.
    #[error("the camera asks for a user name and password, and none is known")]
    NoCredentials,
    /// The proof was not accepted.
    #[error("the camera refused the user name or password")]
    Rejected,
    /// It asks for something that is not known here.
    #[error("the camera asks for an authentication scheme that is not supported")]
    Unsupported,
    /// It suddenly asks for less than before.
    #[error("the camera asks for a weaker authentication scheme than before")]
    Downgrade,
    /// It asks for the password itself, where others could read it.
    #[error("the camera asks for the password in the clear, outside a private network")]
    PasswordInClear,
}

/// Ways to prove an account, from the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthScheme {
    /// The password itself, readable by everyone on a connection that is not encrypted.
    Basic,
    /// A digest with MD5.
    DigestMd5,
    /// A digest with SHA-256.
    DigestSha256,
}

/// What goes into a digest besides the challenge.
#[derive(Debug)]
pub struct DigestInput<'a> {
    /// The user name.
    pub username: &'a str,
    /// The password.
    pub password: &'a SecretString,
    /// The request's method.
    pub method: &'a str,
    /// The request's URL, as in the header.
    pub uri: &'a str,
    /// Number of uses of the server's nonce, this one included.
    pub nonce_count: u32,
    /// The client's nonce.
    pub client_nonce: &'a str,
}

/// The `response` of RFC 7616, 3.4.1, in lower-case hexadecimal.
pub fn digest_response(challenge: &DigestChallenge, input: &DigestInput<'_>) -> String {
    let hash = |parts: &[&str]| hex_digest(challenge.algorithm, parts);
    let DigestInput { username, password, method, uri, nonce_count, client_nonce } = input;
    let nonce = challenge.nonce.as_str();
    let mut account = hash(&[username, &challenge.realm, password.expose()]);
    if challenge.algorithm.is_session() {
        account = hash(&[&account, nonce, client_nonce]);
    }
    let request = hash(&[method, uri]);
    match challenge.qop {
        Qop::None => hash(&[&account, nonce, &request]),
        Qop::Auth => {
            let count = format!("{nonce_count:08x}");
            hash(&[&account, nonce, &count, client_nonce, "auth", &request])
        }
    }
}

/// Hashes the parts with colons between them, without ever joining them in memory.
fn hex_digest(algorithm: Algorithm, parts: &[&str]) -> String {
    fn hashed<D: sha2::Digest>(parts: &[&str]) -> Vec<u8> {
        let mut hasher = D::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                hasher.update(b":");
            }
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_vec()
    }
    match algorithm.scheme() {
        AuthScheme::DigestSha256 => hex(&hashed::<Sha256>(parts)),
        AuthScheme::DigestMd5 | AuthScheme::Basic => hex(&hashed::<Md5>(parts)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

/// Answers challenges for one account during one session.
#[derive(Debug)]
pub struct Authenticator {
    account: Option<(String, SecretString)>,
    client_nonce: String,
    chosen: Option<Chosen>,
    nonce_count: u32,
    is_basic_allowed: bool,
}

#[derive(Debug)]
enum Chosen {
    Basic,
    Digest(DigestChallenge),
}

impl Chosen {
    fn scheme(&self) -> AuthScheme {
        match self {
            Self::Basic => AuthScheme::Basic,
            Self::Digest(challenge) => challenge.algorithm.scheme(),
        }
    }
}

impl Authenticator {
    /// `random` becomes the client nonce and must be unpredictable.
    pub fn new(account: Option<(String, SecretString)>, random: [u8; 16]) -> Self {
        let client_nonce = hex(&random);
        Self { account, client_nonce, chosen: None, nonce_count: 0, is_basic_allowed: true }
    }

    /// Says whether the password itself may be sent on the connection in use: not where strangers
    /// can read it (promise K-04). Allowed unless said otherwise.
    pub fn allow_basic(&mut self, is_allowed: bool) {
        self.is_basic_allowed = is_allowed;
    }

    /// The scheme in use, once the camera asked for one.
    pub fn scheme(&self) -> Option<AuthScheme> {
        self.chosen.as_ref().map(Chosen::scheme)
    }

    /// Takes up the challenges of a 401. `Ok` means: ask again, with a header.
    ///
    /// `attempts` counts how often this very request was answered by 401 before. A request that
    /// carried a proof may be asked again once, because nonces run out; further only if the camera
    /// says that the nonce was the matter, because wrong passwords lock accounts.
    pub fn accept<'a>(
        &mut self,
        challenges: impl Iterator<Item = &'a str>,
        attempts: u32,
    ) -> Result<(), AuthError> {
        const ATTEMPTS_MAX: u32 = 3;
        if self.account.is_none() {
            return Err(AuthError::NoCredentials);
        }
        let challenges = parse_challenges(challenges);
        if challenges.is_empty() {
            // Whoever asks for no proof has read the account in the URL, and knows it better.
            return Err(AuthError::Rejected);
        }
        let chosen = strongest(&challenges)?;
        if matches!(chosen, Chosen::Basic) && !self.is_basic_allowed {
            return Err(AuthError::PasswordInClear);
        }
        let is_stale = matches!(&chosen, Chosen::Digest(challenge) if challenge.is_stale);
        let is_same = match (&self.chosen, &chosen) {
            (Some(Chosen::Digest(old)), Chosen::Digest(new)) => old.nonce == new.nonce,
            (Some(Chosen::Basic), Chosen::Basic) => true,
            _ => false,
        };
        if (attempts > 0 || is_same) && !is_stale || attempts >= ATTEMPTS_MAX {
            return Err(AuthError::Rejected);
        }
        if self.chosen.as_ref().is_some_and(|old| old.scheme() > chosen.scheme()) {
            return Err(AuthError::Downgrade);
        }
        self.chosen = Some(chosen);
        self.nonce_count = 0;
        Ok(())
    }

    /// The URI with the account where its maker wants it: see [`SourceUrl::filled`].
    pub fn fill(&self, uri: &str) -> String {
        match &self.account {
            Some((username, password)) => SourceUrl::filled(uri, username, password.expose()),
            None => uri.to_owned(),
        }
    }

    /// The `Authorization` value for a request, once a challenge was taken up.
    pub fn authorize(&mut self, method: &str, uri: &str) -> Option<String> {
        let (username, password) = self.account.as_ref()?;
        match self.chosen.as_ref()? {
            Chosen::Basic if !self.is_basic_allowed => None,
            Chosen::Basic => {
                let joined = Secret::new(format!("{username}:{}", password.expose()));
                let encoded = base64::engine::general_purpose::STANDARD.encode(joined.expose());
                Some(format!("Basic {encoded}"))
            }
            Chosen::Digest(challenge) => {
                self.nonce_count = self.nonce_count.saturating_add(1);
                let (nonce_count, client_nonce) = (self.nonce_count, self.client_nonce.as_str());
                let input =
                    DigestInput { username, password, method, uri, nonce_count, client_nonce };
                Some(digest_header(challenge, &input))
            }
        }
    }
}

fn strongest(challenges: &[Challenge]) -> Result<Chosen, AuthError> {
    let digest = challenges
        .iter()
        .filter_map(|challenge| match challenge {
            Challenge::Digest(digest) => Some(digest),
            Challenge::Basic { .. } | Challenge::UnknownDigest | Challenge::Other => None,
        })
        .max_by_key(|digest| digest.algorithm.scheme());
    if let Some(digest) = digest {
        return Ok(Chosen::Digest(digest.clone()));
    }
    let digest_offered = challenges.contains(&Challenge::UnknownDigest);
    let basic_offered =
        challenges.iter().any(|challenge| matches!(challenge, Challenge::Basic { .. }));
    if basic_offered && !digest_offered { Ok(Chosen::Basic) } else { Err(AuthError::Unsupported) }
}

fn digest_header(challenge: &DigestChallenge, input: &DigestInput<'_>) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut header = format!(
        "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\"",
        quoted(input.username),
        quoted(&challenge.realm),
        quoted(&challenge.nonce),
        quoted(input.uri),
        digest_response(challenge, input),
    );
    // Old cameras do not know the parameter; it is sent only if they named it.
    if let Some(name) = &challenge.algorithm_name {
        header.push_str(&format!(", algorithm={name}"));
    }
    if let Some(opaque) = &challenge.opaque {
        header.push_str(&format!(", opaque=\"{}\"", quoted(opaque)));
    }
    if challenge.qop == Qop::Auth || challenge.algorithm.is_session() {
        header.push_str(&format!(", cnonce=\"{}\"", input.client_nonce));
    }
    if challenge.qop == Qop::Auth {
        header.push_str(&format!(", qop=auth, nc={:08x}", input.nonce_count));
    }
    header
}

#[cfg(test)]
mod tests;
