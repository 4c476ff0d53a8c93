//! The token that proves a state-changing request comes from our own page (promise D-09).
//!
//! It is derived from the session token, so it needs no storage, a page can fetch it again after a
//! reload, and a copy of the database does not contain it. A page of another origin can make the
//! browser send the cookie, but can read neither the cookie nor an answer of ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_secret::{Key256, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

// Another hash of the same token (the one that is stored) must not be equal to this one.
const DOMAIN: &[u8] = b"hearthwatch csrf v1\0";

/// The CSRF token of one session.
#[derive(Clone, Debug)]
pub struct CsrfToken(Key256);

impl CsrfToken {
    pub(crate) fn derive(session_token: &[u8; 32]) -> Self {
        // A plain hash is a sound derivation here: the input is 256 uniformly random bits of fixed
        // length, so there is neither a guess to check nor a length to extend.
        let digest = Sha256::new().chain_update(DOMAIN).chain_update(session_token).finalize();
        Self(Key256::new(digest.into()))
    }

    /// As the page gets it and sends it back in `X-CSRF-Token`.
    pub fn to_text(&self) -> SecretString {
        SecretString::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// Whether a request carries this token. The time taken says nothing about where they differ.
    pub fn matches(&self, header: &str) -> bool {
        let own = self.to_text();
        own.expose().as_bytes().ct_eq(header.as_bytes()).into()
    }
}
