//! Public keys in COSE's form (RFC 9052, 7; RFC 9053; RFC 8230), three kinds of them, and what is
//! checked with them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::PasskeyError;
use super::cbor::{Item, Reader};

// An RSA key of 4096 bits with its frame.
const KEY_BYTES_MAX: usize = 1024;

/// A public key as it came, after it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    text: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// RFC 8032.
    Ed25519([u8; 32]),
    /// An uncompressed point.
    P256([u8; 65]),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

/// Fields of a key that have a meaning here.
#[derive(Default)]
struct Fields<'a> {
    kty: Option<i128>,
    alg: Option<i128>,
    /// `crv`, or for RSA `n`.
    minus_1: Option<Item<'a>>,
    /// `x`, or for RSA `e`.
    minus_2: Option<Item<'a>>,
    /// `y`.
    minus_3: Option<Item<'a>>,
}

impl PublicKey {
    /// Reads a key: the whole slice, one of the algorithms that are offered.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        if bytes.len() > KEY_BYTES_MAX {
            return Err(PasskeyError::Malformed);
        }
        let Fields { kty, alg, minus_1, minus_2, minus_3 } = fields(bytes)?;
        let kind = match (kty, alg, minus_1, minus_2, minus_3) {
            (Some(1), Some(-8), Some(Item::Integer(6)), Some(Item::Bytes(x)), None) => {
                Kind::Ed25519(x.try_into().map_err(|_| PasskeyError::Malformed)?)
            }
            (
                Some(2),
                Some(-7),
                Some(Item::Integer(1)),
                Some(Item::Bytes(x)),
                Some(Item::Bytes(y)),
            ) => Kind::P256(point(x, y)?),
            (Some(3), Some(-257), Some(Item::Bytes(n)), Some(Item::Bytes(e)), None) => {
                Kind::Rsa { modulus: n.to_vec(), exponent: e.to_vec() }
            }
            _ => return Err(PasskeyError::Algorithm),
        };
        Ok(Self { kind, text: bytes.to_vec() })
    }

    /// As it came, for storage.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// Whether a signature over a message is this key's.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let verified = match &self.kind {
            Kind::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Kind::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Kind::Rsa { modulus: n, exponent: e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.map_err(|_| PasskeyError::Signature)
    }
}

fn point(x: &[u8], y: &[u8]) -> Result<[u8; 65], PasskeyError> {
    let mut point = [4; 65];
    let (_, coordinates) = point.split_at_mut(1);
    let (to_x, to_y) = coordinates.split_at_mut(32);
    if x.len() != to_x.len() || y.len() != to_y.len() {
        return Err(PasskeyError::Malformed);
    }
    to_x.copy_from_slice(x);
    to_y.copy_from_slice(y);
    Ok(point)
}

fn fields(bytes: &[u8]) -> Result<Fields<'_>, PasskeyError> {
    let mut reader = Reader::new(bytes);
    let Item::Map(pairs) = reader.item()? else { return Err(PasskeyError::Malformed) };
    let mut fields = Fields::default();
    for _ in 0..pairs {
        let Item::Integer(label) = reader.item()? else { return Err(PasskeyError::Malformed) };
        let value = Reader::new(reader.rest()).item()?;
        reader.skip()?;
        let again = match (label, value) {
            (1, Item::Integer(kty)) => fields.kty.replace(kty).is_some(),
            (3, Item::Integer(alg)) => fields.alg.replace(alg).is_some(),
            (-1, value) => fields.minus_1.replace(value).is_some(),
            (-2, value) => fields.minus_2.replace(value).is_some(),
            (-3, value) => fields.minus_3.replace(value).is_some(),
            _ => return Err(PasskeyError::Malformed),
        };
        if again {
            return Err(PasskeyError::Malformed);
        }
    }
    if reader.rest().is_empty() { Ok(fields) } else { Err(PasskeyError::Malformed) }
}
