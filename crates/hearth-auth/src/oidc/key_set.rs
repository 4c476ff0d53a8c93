//! The keys that a provider publishes (RFC 7517, RFC 7518 6, RFC 8037 2).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::OidcError;

/// A provider publishes two to ten.
const KEYS_MAX: usize = 64;
/// Ten RSA keys with certificate chains.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// An RSA key of 8192 bits.
const MODULUS_BYTES_MAX: usize = 1024;

/// A provider's keys, those of them that sign tokens in a way that is accepted here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderKeys(Vec<Key>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    kid: Option<String>,
    /// If its publisher bound it to one.
    alg: Option<String>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(serde::Deserialize)]
struct Document {
    keys: Vec<Published>,
}

#[derive(serde::Deserialize)]
struct Published {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl ProviderKeys {
    /// Reads a published set. Keys of other kinds and for other purposes are left out.
    ///
    /// # Errors
    /// [`OidcError::Malformed`].
    pub fn parse(document: &[u8]) -> Result<Self, OidcError> {
        let malformed = OidcError::Malformed("the provider's key set");
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(malformed);
        }
        let found: Document = serde_json::from_slice(document).map_err(|_| malformed)?;
        if found.keys.len() > KEYS_MAX {
            return Err(malformed);
        }
        Ok(Self(found.keys.into_iter().filter_map(Key::of).collect()))
    }

    /// Whether a key of this name is in the set. Without a name, whether there is exactly one key.
    pub fn knows(&self, kid: Option<&str>) -> bool {
        self.find(kid).is_some()
    }

    /// Checks a signature (RFC 7518 3). The algorithm's name decides nothing by itself: it has to
    /// fit the kind of the key that was named.
    ///
    /// # Errors
    /// [`OidcError::UnknownKey`], [`OidcError::Algorithm`], [`OidcError::Signature`].
    pub(super) fn verify(
        &self,
        kid: Option<&str>,
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), OidcError> {
        let key = self.find(kid).ok_or(OidcError::UnknownKey)?;
        if key.alg.as_deref().is_some_and(|bound| bound != algorithm) {
            return Err(OidcError::Algorithm);
        }
        let verified = match (&key.material, algorithm) {
            (Material::Rsa { modulus: n, exponent: e }, "RS256") => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            (Material::Rsa { modulus: n, exponent: e }, "PS256") => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PSS_2048_8192_SHA256, message, signature),
            (Material::P256(point), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Material::Ed25519(key), "EdDSA") => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            _ => return Err(OidcError::Algorithm),
        };
        verified.map_err(|_| OidcError::Signature)
    }

    fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match (kid, self.0.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Key {
    fn of(published: Published) -> Option<Self> {
        if published.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let material = match (published.kty.as_str(), published.crv.as_deref()) {
            ("RSA", None) => {
                let (modulus, exponent) = (bytes(published.n)?, bytes(published.e)?);
                if modulus.len() > MODULUS_BYTES_MAX || exponent.len() > 8 {
                    return None;
                }
                Material::Rsa { modulus, exponent }
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(published.x)?, bytes(published.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("OKP", Some("Ed25519")) => {
                Material::Ed25519(bytes(published.x).filter(|x| x.len() == 32)?)
            }
            _ => return None,
        };
        Some(Self { kid: published.kid, alg: published.alg, material })
    }
}
