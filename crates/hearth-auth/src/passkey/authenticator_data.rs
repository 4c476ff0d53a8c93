//! What the authenticator says of a ceremony (WebAuthn, 6.1): for which site, that its user was
//! there, how often it signed, and at registration the new credential.

use super::cbor::{Item, Reader};
use super::{CREDENTIAL_ID_BYTES_MAX, PasskeyError};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;

#[derive(Clone, Copy, Debug)]
pub(super) struct AuthenticatorData<'a> {
    /// SHA-256 of the relying party's id.
    pub(super) site_hash: [u8; 32],
    pub(super) user_present: bool,
    pub(super) user_verified: bool,
    pub(super) counter: u32,
    pub(super) credential: Option<Credential<'a>>,
}

/// A new credential.
#[derive(Clone, Copy, Debug)]
pub(super) struct Credential<'a> {
    pub(super) id: &'a [u8],
    /// A COSE key.
    pub(super) key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it; what is left over makes it malformed.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        let (site_hash, rest) = split(bytes)?;
        let ([flags], rest) = split(rest)?;
        let (counter, mut rest) = split(rest)?;
        let credential = match flags & HAS_CREDENTIAL {
            0 => None,
            _ => {
                let (credential, after) = credential(rest)?;
                rest = after;
                Some(credential)
            }
        };
        if flags & HAS_EXTENSIONS != 0 {
            let mut reader = Reader::new(rest);
            if !matches!(Reader::new(rest).item()?, Item::Map(_)) {
                return Err(PasskeyError::Malformed);
            }
            reader.skip()?;
            rest = reader.rest();
        }
        if !rest.is_empty() {
            return Err(PasskeyError::Malformed);
        }
        Ok(Self {
            site_hash,
            user_present: flags & USER_PRESENT != 0,
            user_verified: flags & USER_VERIFIED != 0,
            counter: u32::from_be_bytes(counter),
            credential,
        })
    }
}

fn credential(bytes: &[u8]) -> Result<(Credential<'_>, &[u8]), PasskeyError> {
    // The make of the authenticator (AAGUID): nobody here asks.
    let ([..], rest) = split::<16>(bytes)?;
    let (length, rest) = split(rest)?;
    let length = usize::from(u16::from_be_bytes(length));
    if length == 0 || length > CREDENTIAL_ID_BYTES_MAX {
        return Err(PasskeyError::Malformed);
    }
    let (id, rest) = rest.split_at_checked(length).ok_or(PasskeyError::Malformed)?;
    let mut reader = Reader::new(rest);
    reader.skip()?;
    let after = reader.rest();
    let key = rest.get(..rest.len() - after.len()).ok_or(PasskeyError::Malformed)?;
    Ok((Credential { id, key }, after))
}

fn split<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), PasskeyError> {
    let (head, rest) = bytes.split_first_chunk().ok_or(PasskeyError::Malformed)?;
    Ok((*head, rest))
}
