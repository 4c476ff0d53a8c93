//! What a provider says about itself (OpenID Connect Discovery 1.0, 3 and 4).

use super::OidcError;

/// The largest of the well-known ones has 4 KiB.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
/// No address of a real provider comes near.
const ADDRESS_BYTES_MAX: usize = 2 * 1024;

/// Where to ask what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMetadata {
    /// Its name: the prefix of the document's address.
    pub issuer: String,
    /// Where people prove who they are.
    pub authorization_endpoint: String,
    /// Where a code is traded.
    pub token_endpoint: String,
    /// Where its keys are published.
    pub jwks_uri: String,
}

#[derive(serde::Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

impl ProviderMetadata {
    /// Whether a text may name a provider: an `https` address without query, fragment or
    /// credentials (Discovery 3).
    pub fn is_issuer(text: &str) -> bool {
        is_address(text) && !text.contains('?')
    }

    /// Where the document of an issuer lies (Discovery 4.1).
    pub fn address(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads the document that was found there.
    ///
    /// # Errors
    /// [`OidcError::Malformed`], [`OidcError::Issuer`] if it names another one (Discovery 4.3),
    /// [`OidcError::NotHttps`].
    pub fn parse(issuer: &str, document: &[u8]) -> Result<Self, OidcError> {
        let malformed = OidcError::Malformed("the provider's description");
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(malformed);
        }
        let found: Document = serde_json::from_slice(document).map_err(|_| malformed)?;
        if found.issuer != issuer {
            return Err(OidcError::Issuer);
        }
        let addresses = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        if !addresses.into_iter().all(|address| is_address(address)) {
            return Err(OidcError::NotHttps);
        }
        let Document { issuer, authorization_endpoint, token_endpoint, jwks_uri } = found;
        Ok(Self { issuer, authorization_endpoint, token_endpoint, jwks_uri })
    }
}

/// An address that may be asked: `https`, a host, no credentials, no fragment, nothing that ends a
/// line.
fn is_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    text.len() <= ADDRESS_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte))
        && !authority.is_empty()
        && !authority.contains('@')
}
