//! Passkeys: registration and assertion of Web Authentication (W3C WebAuthn Level 3, sections 7.1
//! and 7.2), for the one kind of ceremony that this hub starts.
//!
//! Pure: challenges are kept by the caller, who hands over the one it expects. The hub asks for no
//! attestation, so none is judged: which make of authenticator somebody uses is not our business.
//! User verification (PIN, finger, face) is always asked for and checked, so a passkey alone is two
//! factors. Foreign bytes are read by three small readers with a bound each: `cbor`, `cose`,
//! `authenticator_data`.

mod authenticator_data;
mod cbor;
mod client_data;
mod cose;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::random::random_bytes;
use authenticator_data::AuthenticatorData;
use client_data::Ceremony;
pub use cose::PublicKey;

// 4 KiB hold any client data, 1,023 bytes any credential id (WebAuthn, 4), and an RSA key with its
// authenticator data stays below 2 KiB.
const CLIENT_DATA_BYTES_MAX: usize = 4096;
const ATTESTATION_BYTES_MAX: usize = 8192;
const SIGNATURE_BYTES_MAX: usize = 1024;
const CREDENTIAL_ID_BYTES_MAX: usize = 1023;

/// COSE numbers of the algorithms that are offered, in the order of preference (RFC 9053, RFC
/// 8812): EdDSA, ES256, RS256.
pub const PASSKEY_ALGORITHMS: [i32; 3] = [-8, -7, -257];

/// Where a ceremony takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeySite {
    /// The relying party id: the host's name, without port.
    pub id: String,
    /// The page's origin: scheme, name and port.
    pub origin: String,
}

/// 256 random bits that a ceremony must sign, good for one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PasskeyChallenge([u8; 32]);

impl PasskeyChallenge {
    /// A new one.
    pub fn generate() -> Self {
        Self(random_bytes())
    }

    /// As the page gets it: base64url.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The challenge that a page's answer claims to be for, to find what was kept about it.
    pub fn claimed_by(client_data: &[u8]) -> Option<Self> {
        client_data::challenge(client_data)
    }
}

impl std::fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[challenge]")
    }
}

/// Why an answer is refused. For the log; whoever sent it hears that it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// Not of the form that the standard says.
    #[error("the answer is malformed")]
    Malformed,
    /// Of another ceremony, page or moment.
    #[error("the answer is for another ceremony or page")]
    WrongCeremony,
    /// The authenticator did not check who holds it.
    #[error("the authenticator did not verify its user")]
    NotVerified,
    /// A key of a kind that was not offered.
    #[error("the authenticator chose an algorithm that was not offered")]
    Algorithm,
    /// Signed by another key, or altered.
    #[error("the signature is wrong")]
    Signature,
    /// The counter went back: there are two of this authenticator.
    #[error("the authenticator's counter went back")]
    Cloned,
}

/// What is kept of a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPasskey {
    /// By which it is found.
    pub credential: Vec<u8>,
    /// What its signatures are checked with, in COSE's form.
    pub key: PublicKey,
    /// The authenticator's counter; stays 0 for those that do not count.
    pub counter: u32,
}

/// Reads the answer to `navigator.credentials.create`.
pub fn register_passkey(
    site: &PasskeySite,
    challenge: &PasskeyChallenge,
    client_data: &[u8],
    attestation: &[u8],
) -> Result<NewPasskey, PasskeyError> {
    client_data::check(client_data, Ceremony::Create, challenge, site)?;
    if attestation.len() > ATTESTATION_BYTES_MAX {
        return Err(PasskeyError::Malformed);
    }
    let data = AuthenticatorData::parse(cbor::authenticator_data(attestation)?)?;
    check_data(&data, site)?;
    let credential = data.credential.ok_or(PasskeyError::Malformed)?;
    let key = PublicKey::parse(credential.key)?;
    Ok(NewPasskey { credential: credential.id.to_vec(), key, counter: data.counter })
}

/// Checks the answer to `navigator.credentials.get` against a kept passkey. Returns its new
/// counter, which the caller stores.
pub fn assert_passkey(
    site: &PasskeySite,
    challenge: &PasskeyChallenge,
    passkey: (&PublicKey, u32),
    client_data: &[u8],
    authenticator_data: &[u8],
    signature: &[u8],
) -> Result<u32, PasskeyError> {
    client_data::check(client_data, Ceremony::Get, challenge, site)?;
    let too_long =
        authenticator_data.len() > ATTESTATION_BYTES_MAX || signature.len() > SIGNATURE_BYTES_MAX;
    if too_long {
        return Err(PasskeyError::Malformed);
    }
    let data = AuthenticatorData::parse(authenticator_data)?;
    check_data(&data, site)?;
    let (key, counter) = passkey;
    let mut signed = authenticator_data.to_vec();
    signed.extend_from_slice(&Sha256::digest(client_data));
    key.verify(&signed, signature)?;
    // WebAuthn, 7.2 step 22; both 0 means that it does not count.
    let counts = data.counter > 0 || counter > 0;
    if counts && data.counter <= counter {
        return Err(PasskeyError::Cloned);
    }
    Ok(data.counter)
}

fn check_data(data: &AuthenticatorData<'_>, site: &PasskeySite) -> Result<(), PasskeyError> {
    let expected: [u8; 32] = Sha256::digest(site.id.as_bytes()).into();
    if data.site_hash != expected {
        return Err(PasskeyError::WrongCeremony);
    }
    if data.user_present && data.user_verified { Ok(()) } else { Err(PasskeyError::NotVerified) }
}

#[cfg(test)]
mod tests;
