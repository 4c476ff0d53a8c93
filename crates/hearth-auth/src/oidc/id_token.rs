//! The provider's word about who signed in (OpenID Connect Core 1.0, 2 and 3.1.3.7).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_model::WallTime;
use subtle::ConstantTimeEq as _;

use super::{OidcError, ProviderKeys};

/// Tokens with many groups in them have some kilobytes.
const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Core 1.0, 2.
const SUBJECT_BYTES_MAX: usize = 255;
/// What two clocks may differ, and how long a token may have been on its way.
const CLOCK_SECONDS_MAX: i64 = 120;

/// Who signed in, as far as the provider is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdToken {
    /// The provider's name for the person: never given to anybody else.
    pub subject: String,
    /// What to show of it: a name or address that the provider may change.
    pub label: Option<String>,
}

/// What a token is held against.
#[derive(Clone, Copy, Debug)]
pub struct IdTokenCheck<'a> {
    /// The configured provider.
    pub issuer: &'a str,
    /// What this hub is called there.
    pub client_id: &'a str,
    /// What was sent with this sign-in.
    pub nonce: &'a str,
    /// Now.
    pub now: WallTime,
}

#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515, 4.1.11): none is.
    crit: Option<serde_json::Value>,
}

#[derive(serde::Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nonce: Option<String>,
    email: Option<String>,
    preferred_username: Option<String>,
    name: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl IdToken {
    /// Name of the key that a token says it was signed with, to know whether the set has to be
    /// fetched again. Nothing of it is believed.
    ///
    /// # Errors
    /// [`OidcError::Malformed`].
    pub fn key_name(text: &str) -> Result<Option<String>, OidcError> {
        Ok(header(split(text)?.0)?.kid)
    }

    /// Reads a token and holds it against everything it must be.
    ///
    /// # Errors
    /// See [`OidcError`].
    pub fn verify(
        text: &str,
        keys: &ProviderKeys,
        check: &IdTokenCheck<'_>,
    ) -> Result<Self, OidcError> {
        let (head, claims, signature) = split(text)?;
        let Header { alg, kid, crit } = header(head)?;
        if crit.is_some() {
            return Err(OidcError::Algorithm);
        }
        let signed = text.get(..head.len() + 1 + claims.len()).ok_or(MALFORMED)?;
        keys.verify(kid.as_deref(), &alg, signed.as_bytes(), &decode(signature)?)?;
        let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| MALFORMED)?;
        claims.hold(check)?;
        let shown = claims.preferred_username.or(claims.email).or(claims.name);
        let label = shown.map(|text| text.chars().filter(|c| !c.is_control()).take(64).collect());
        Ok(Self { subject: claims.sub, label })
    }
}

impl Claims {
    fn hold(&self, check: &IdTokenCheck<'_>) -> Result<(), OidcError> {
        if self.iss != check.issuer {
            return Err(OidcError::Issuer);
        }
        if self.sub.is_empty() || self.sub.len() > SUBJECT_BYTES_MAX || !self.sub.is_ascii() {
            return Err(MALFORMED);
        }
        self.hold_audience(check.client_id)?;
        let nonce = self.nonce.as_deref().unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(check.nonce.as_bytes())) {
            return Err(OidcError::Nonce);
        }
        let now = check.now.as_micros() as f64 / 1e6;
        let skew = CLOCK_SECONDS_MAX as f64;
        // Written so that a time that is no number fails.
        let holds = self.exp > now - skew && (self.iat - now).abs() < skew + MADE_SECONDS_MAX;
        if holds { Ok(()) } else { Err(OidcError::Time) }
    }

    /// Core 1.0, 3.1.3.7, 3 to 5: one of several recipients must be the one it was made for.
    fn hold_audience(&self, client_id: &str) -> Result<(), OidcError> {
        let (is_meant, is_only) = match &self.aud {
            Audience::One(one) => (one == client_id, true),
            Audience::Several(all) => (all.iter().any(|one| one == client_id), all.len() == 1),
        };
        let is_made = match &self.azp {
            Some(party) => party == client_id,
            None => is_only,
        };
        if is_meant && is_made { Ok(()) } else { Err(OidcError::Audience) }
    }
}

const MALFORMED: OidcError = OidcError::Malformed("the token");
/// A token is made when its code is traded; one from earlier was kept by somebody.
const MADE_SECONDS_MAX: f64 = 600.0;

fn split(text: &str) -> Result<(&str, &str, &str), OidcError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(MALFORMED);
    }
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(head), Some(claims), Some(signature), None) => Ok((head, claims, signature)),
        _ => Err(MALFORMED),
    }
}

fn header(part: &str) -> Result<Header, OidcError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| MALFORMED)
}

fn decode(part: &str) -> Result<Vec<u8>, OidcError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| MALFORMED)
}
