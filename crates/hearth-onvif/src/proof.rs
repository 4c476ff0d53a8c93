//! Which proof of the account goes with a request (promise T-04).
//!
//! Pure: time and randomness are arguments. A device is asked without a proof first; what it answers
//! decides. The strongest scheme it offers is used: HTTP Digest with SHA-256, HTTP Digest with MD5,
//! WS-UsernameToken with its digest. The password itself never travels: `Basic` and `PasswordText`
//! are not implemented, whatever a device offers. Once a scheme was used, no weaker one is.
//!
//! Wrong passwords lock accounts on many devices, so a password is tried once: after that the
//! prover stays refused and nothing is sent any more.

use hearth_model::WallTime;
use hearth_rtsp::auth::{self, AuthScheme, Authenticator, Challenge};
use hearth_secret::SecretString;

use crate::soap::UsernameToken;

/// User name and password of an account on a device.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// Ways to prove an account, from the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// SHA-1 over nonce, time and password; the nonce is the client's own.
    UsernameToken,
    /// HTTP Digest with MD5; the nonce is the server's.
    DigestMd5,
    /// HTTP Digest with SHA-256.
    DigestSha256,
}

/// Why there is no proof that would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The device wants an account, and none was given.
    #[error("the device asks for a user name and password, and none is known")]
    NoAccount,
    /// The proof was not accepted. Nothing more is sent.
    #[error("the device refused the user name or password")]
    WrongPassword,
    /// The account is right but may not do this.
    #[error("the account may not do this on the device")]
    Forbidden,
    /// The device asks for something that is not known here.
    #[error("the device asks for an authentication scheme that is not supported")]
    Unsupported,
    /// It asks for less than it did before, or than was demanded.
    #[error("the device asks for a weaker authentication scheme than before")]
    Downgrade,
}

/// What goes along with one request.
#[derive(Debug, Default)]
pub struct Proof {
    /// The value of the HTTP header `Authorization`.
    pub authorization: Option<String>,
    /// For the SOAP header.
    pub token: Option<UsernameToken>,
}

impl Proof {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.authorization.is_none() && self.token.is_none()
    }
}

/// Proves one account to one device.
#[derive(Debug)]
pub struct Prover {
    account: Option<Account>,
    http: Authenticator,
    scheme: Option<Scheme>,
    at_least: Option<Scheme>,
    is_accepted: bool,
    refusal: Option<ProofError>,
}

impl Prover {
    /// `random` must be unpredictable. With `at_least`, the scheme that a device once used, nothing
    /// weaker is ever used: so a downgrade is noticed across restarts too.
    pub fn new(account: Option<Account>, at_least: Option<Scheme>, random: [u8; 16]) -> Self {
        let for_http = account.as_ref();
        let for_http = for_http.map(|one| (one.username.clone(), one.password.clone()));
        Self {
            account,
            http: Authenticator::new(for_http, random),
            scheme: None,
            at_least,
            is_accepted: false,
            refusal: None,
        }
    }

    /// The scheme in use, once the device asked for one.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// Whether the next proof needs to know the device's clock.
    pub fn needs_clock(&self) -> bool {
        self.scheme == Some(Scheme::UsernameToken)
    }

    /// The proof for a request; `nonce` must be unpredictable, `device_time` is the device's.
    ///
    /// # Errors
    /// [`ProofError::WrongPassword`] if the password was refused before.
    pub fn proof(
        &mut self,
        uri: &str,
        method: &str,
        nonce: &[u8; 16],
        device_time: WallTime,
    ) -> Result<Proof, ProofError> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        Ok(match (self.scheme, &self.account) {
            (None, _) | (_, None) => Proof::default(),
            (Some(Scheme::UsernameToken), Some(Account { username, password })) => Proof {
                authorization: None,
                token: Some(UsernameToken::new(username, password, nonce, device_time)),
            },
            (Some(Scheme::DigestMd5 | Scheme::DigestSha256), Some(_)) => {
                Proof { authorization: self.http.authorize(method, uri), token: None }
            }
        })
    }

    /// Takes up a refusal. `Ok` means: ask again, with a new proof.
    ///
    /// `challenges` are the values of `WWW-Authenticate`, `had_proof` says whether the refused
    /// request carried a proof, `attempts` how often this very request was refused before.
    ///
    /// # Errors
    /// If asking again makes no sense.
    pub fn refused(
        &mut self,
        challenges: &[&str],
        had_proof: bool,
        attempts: u32,
    ) -> Result<(), ProofError> {
        if self.account.is_none() {
            return Err(ProofError::NoAccount);
        }
        let digests: Vec<Challenge> = auth::parse_challenges(challenges.iter().copied())
            .into_iter()
            .filter(|one| matches!(one, Challenge::Digest(_) | Challenge::UnknownDigest))
            .collect();
        let result = if digests.is_empty() {
            self.refused_by_soap(had_proof)
        } else {
            self.refused_by_http(challenges, attempts)
        };
        if let Err(error @ (ProofError::WrongPassword | ProofError::Downgrade)) = result {
            self.refusal = Some(error);
        }
        result
    }

    fn refused_by_soap(&mut self, had_proof: bool) -> Result<(), ProofError> {
        match self.scheme {
            // The proof was good for something else a moment ago.
            Some(_) if had_proof && self.is_accepted => Err(ProofError::Forbidden),
            Some(_) if had_proof => Err(ProofError::WrongPassword),
            Some(Scheme::UsernameToken) => Ok(()),
            Some(_) => Err(ProofError::Downgrade),
            None => self.choose(Scheme::UsernameToken),
        }
    }

    fn refused_by_http(&mut self, challenges: &[&str], attempts: u32) -> Result<(), ProofError> {
        self.http.accept(challenges.iter().copied(), attempts).map_err(|error| match error {
            auth::AuthError::NoCredentials => ProofError::NoAccount,
            auth::AuthError::Rejected => ProofError::WrongPassword,
            auth::AuthError::Unsupported | auth::AuthError::PasswordInClear => {
                ProofError::Unsupported
            }
            auth::AuthError::Downgrade => ProofError::Downgrade,
        })?;
        match self.http.scheme() {
            Some(AuthScheme::DigestSha256) => self.choose(Scheme::DigestSha256),
            Some(AuthScheme::DigestMd5) => self.choose(Scheme::DigestMd5),
            Some(AuthScheme::Basic) | None => Err(ProofError::Unsupported),
        }
    }

    fn choose(&mut self, scheme: Scheme) -> Result<(), ProofError> {
        if self.scheme.max(self.at_least).is_some_and(|floor| scheme < floor) {
            return Err(ProofError::Downgrade);
        }
        self.scheme = Some(scheme);
        Ok(())
    }

    /// Notes that a request passed that had been refused without a proof: the account is right.
    pub fn accepted(&mut self) {
        self.is_accepted = true;
    }
}

#[cfg(test)]
mod tests;
