//! What the browser says of a ceremony (WebAuthn, 5.8.1): which kind, which challenge, which page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::{CLIENT_DATA_BYTES_MAX, PasskeyChallenge, PasskeyError, PasskeySite};

/// Which ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Create,
    Get,
}

// Unknown fields are allowed: the standard says that there may be more (WebAuthn, 5.8.1).
#[derive(serde::Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
}

fn read(client_data: &[u8]) -> Result<ClientData, PasskeyError> {
    if client_data.len() > CLIENT_DATA_BYTES_MAX {
        return Err(PasskeyError::Malformed);
    }
    serde_json::from_slice(client_data).map_err(|_| PasskeyError::Malformed)
}

/// The challenge it claims to answer.
pub(super) fn challenge(client_data: &[u8]) -> Option<PasskeyChallenge> {
    let challenge = URL_SAFE_NO_PAD.decode(read(client_data).ok()?.challenge).ok()?;
    Some(PasskeyChallenge(challenge.try_into().ok()?))
}

/// Whether it is about this ceremony on this page, and no frame of another page.
pub(super) fn check(
    client_data: &[u8],
    ceremony: Ceremony,
    challenge: &PasskeyChallenge,
    site: &PasskeySite,
) -> Result<(), PasskeyError> {
    let said = read(client_data)?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    let same = challenge.to_text().as_bytes().ct_eq(said.challenge.as_bytes());
    let fits = said.kind == kind
        && bool::from(same)
        && said.origin == site.origin
        && said.cross_origin != Some(true);
    if fits { Ok(()) } else { Err(PasskeyError::WrongCeremony) }
}
