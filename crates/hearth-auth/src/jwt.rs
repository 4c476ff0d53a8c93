//! Access tokens: JSON Web Tokens of a few minutes, signed with Ed25519 (promise V-02).
//!
//! Our own hundred lines instead of a library's choices: one algorithm (RFC 8037), one type
//! (RFC 9068), one issuer and audience, a key that must be named and known. Nothing in a token's
//! header is believed before it is one of these constants, so there is no algorithm to confuse.
//! A token names its row in the store, which is looked up each time: ending that row revokes it.

use std::time::Duration;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_model::{FamilyId, TokenId, WallTime};
use hearth_secret::{Key256, SecretString};
use sha2::{Digest as _, Sha256};

use crate::random::random_bytes;

const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "at+jwt";
const ISSUER: &str = "hearthwatch";
const AUDIENCE: &str = "hearthwatch-api";

// Ours are below 500 characters; anything longer is not one of ours.
const TEXT_BYTES_MAX: usize = 1024;

// The clock that signed is the clock that checks; it may have been set back a little in between.
const STEP_BACK_SECONDS_MAX: i64 = 60;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtClaims {
    iss: String,
    aud: String,
    /// For which token of a program it stands.
    pub sub: TokenId,
    /// The row of refresh tokens it came with; ending that ends it too.
    pub fam: FamilyId,
    jti: String,
    iat: i64,
    exp: i64,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Why a text is not a token that may be used now. Not told to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Not of the form that we write.
    #[error("not a token of this hub")]
    Malformed,
    /// Another algorithm, type or key.
    #[error("signed with another algorithm or key")]
    UnknownKey,
    /// Altered, or signed by somebody else.
    #[error("the signature is wrong")]
    Signature,
    /// For somebody else, or from the future.
    #[error("not for this hub")]
    Audience,
    /// Over.
    #[error("the token has ended")]
    Expired,
}

/// One key pair. It is made here and kept sealed by the hub.
pub struct SigningKey {
    seed: Key256,
    pair: Ed25519KeyPair,
    created_at: WallTime,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}, {})", self.kid(), self.created_at)
    }
}

impl SigningKey {
    /// A new one.
    pub fn generate(now: WallTime) -> Self {
        Self::from_seed(Key256::new(random_bytes()), now)
    }

    /// One that was kept.
    pub fn from_seed(seed: Key256, created_at: WallTime) -> Self {
        // RFC 8032, 5.1.5: any 32 bytes are a private key.
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
            .expect("32 bytes are an Ed25519 seed");
        Self { seed, pair, created_at }
    }

    /// To be sealed and kept.
    pub fn seed(&self) -> &Key256 {
        &self.seed
    }

    /// Since when it signs.
    pub fn created_at(&self) -> WallTime {
        self.created_at
    }

    /// Its name: the beginning of the public key's hash.
    pub fn kid(&self) -> String {
        URL_SAFE_NO_PAD.encode(&Sha256::digest(self.pair.public_key().as_ref())[..12])
    }

    fn sign(&self, claims: &JwtClaims) -> SecretString {
        let header = Header { alg: ALGORITHM.into(), typ: TYPE.into(), kid: self.kid() };
        // Structs of texts and numbers: JSON can say them.
        let part = |json: Result<Vec<u8>, _>| URL_SAFE_NO_PAD.encode(json.unwrap_or_default());
        let signed =
            format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(claims)));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()).as_ref());
        SecretString::new(format!("{signed}.{signature}"))
    }
}

/// The keys in use: the newest signs, those before it are still believed for a while.
#[derive(Debug)]
pub struct KeyRing {
    /// Newest first; never empty.
    keys: Vec<SigningKey>,
}

impl KeyRing {
    /// How long an access token is valid.
    pub const ACCESS_LIFETIME: Duration = Duration::from_secs(10 * 60);
    /// How long a key signs.
    pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 3600);

    /// With the keys that were kept; without one, with a new one.
    pub fn new(mut keys: Vec<SigningKey>, now: WallTime) -> Self {
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        if keys.is_empty() {
            keys.push(SigningKey::generate(now));
        }
        Self { keys }
    }

    /// The keys, newest first.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }

    /// Makes a new key if the newest has signed long enough, and forgets those whose last token
    /// has ended. Says whether there is something to keep.
    pub fn rotate(&mut self, now: WallTime) -> bool {
        let age = |key: &SigningKey| now.micros_since(key.created_at);
        let (lifetime, access) = (micros(Self::KEY_LIFETIME), micros(Self::ACCESS_LIFETIME));
        // A key from the future is one from before the clock was set back.
        let is_old = self.keys.first().is_none_or(|key| !(0..lifetime).contains(&age(key)));
        if is_old {
            self.keys.insert(0, SigningKey::generate(now));
        }
        let before = self.keys.len();
        let newest = self.keys.first().map(SigningKey::kid);
        self.keys
            .retain(|key| Some(key.kid()) == newest || (0..lifetime + access).contains(&age(key)));
        is_old || self.keys.len() != before
    }

    /// Signs a token that is valid for [`KeyRing::ACCESS_LIFETIME`], or until `until` if that comes
    /// before. Says when it ends.
    pub fn issue(
        &self,
        token: TokenId,
        family: FamilyId,
        now: WallTime,
        until: WallTime,
    ) -> (SecretString, WallTime) {
        let end = now.plus_micros(micros(Self::ACCESS_LIFETIME)).min(until);
        let claims = JwtClaims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: token,
            fam: family,
            jti: URL_SAFE_NO_PAD.encode(random_bytes::<12>()),
            iat: seconds(now),
            exp: seconds(end),
        };
        let key = self.keys.first().expect("`new` and `rotate` keep one");
        (key.sign(&claims), end)
    }

    /// Reads a token that one of these keys signed and that is valid now.
    pub fn verify(&self, text: &str, now: WallTime) -> Result<JwtClaims, JwtError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(JwtError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed);
        let header: Header =
            serde_json::from_slice(&decode(header)?).map_err(|_| JwtError::Malformed)?;
        let key = self.keys.iter().find(|key| key.kid() == header.kid);
        let key = key.filter(|_| header.alg == ALGORITHM && header.typ == TYPE);
        let key = key.ok_or(JwtError::UnknownKey)?;
        UnparsedPublicKey::new(&ED25519, key.pair.public_key().as_ref())
            .verify(signed.as_bytes(), &decode(signature)?)
            .map_err(|_| JwtError::Signature)?;
        let claims: JwtClaims =
            serde_json::from_slice(&decode(claims)?).map_err(|_| JwtError::Malformed)?;
        claims.check(now).map(|()| claims)
    }

    /// The public keys, for whoever wants to check tokens by themselves (RFC 7517, RFC 8037 2).
    pub fn published(&self) -> serde_json::Value {
        let key = |key: &SigningKey| {
            serde_json::json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "alg": ALGORITHM,
                "kid": key.kid(),
                "x": URL_SAFE_NO_PAD.encode(key.pair.public_key().as_ref()),
            })
        };
        serde_json::json!({ "keys": self.keys.iter().map(key).collect::<Vec<_>>() })
    }
}

impl JwtClaims {
    /// When it ends.
    pub fn expires_at(&self) -> WallTime {
        WallTime::from_micros(self.exp.saturating_mul(1_000_000))
    }

    /// Whether it is ours and valid now. Asked again each time a token that was verified before is
    /// presented.
    pub fn check(&self, now: WallTime) -> Result<(), JwtError> {
        if self.iss != ISSUER
            || self.aud != AUDIENCE
            || self.iat > seconds(now).saturating_add(STEP_BACK_SECONDS_MAX)
        {
            Err(JwtError::Audience)
        } else if now >= self.expires_at() {
            Err(JwtError::Expired)
        } else {
            Ok(())
        }
    }
}

fn seconds(time: WallTime) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
