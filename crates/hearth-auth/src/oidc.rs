//! Sign-in at an OpenID Connect provider: what is asked of it, and what is believed of its answer.
//!
//! The authorisation code flow (OpenID Connect Core 1.0, 3.1) with a proof key (RFC 7636), which
//! makes a code worthless to whoever reads it on its way. Nothing in an answer is believed for its
//! own sake: the issuer is the configured one, the key is one that it publishes over TLS, the
//! algorithm is one of four that sign with that kind of key, the audience is this hub, the nonce is
//! the one that was sent, and the times hold.
//!
//! Pure: whoever calls this fetches the documents and trades the code.

mod authorization;
mod id_token;
mod key_set;
mod metadata;

pub use authorization::AuthorizationRequest;
pub use id_token::{IdToken, IdTokenCheck};
pub use key_set::ProviderKeys;
pub use metadata::ProviderMetadata;

/// Why a provider's document or token is not believed. For the log, not for whoever signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// It cannot be read, or is too large.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// It is another provider's.
    #[error("the issuer is another one")]
    Issuer,
    /// The provider wants to be asked without TLS.
    #[error("an address of the provider is not https")]
    NotHttps,
    /// The algorithm is none of those accepted, or the key is not of its kind.
    #[error("signed in a way that is not accepted")]
    Algorithm,
    /// No published key has the name.
    #[error("signed with a key that the provider does not publish")]
    UnknownKey,
    /// Altered, or signed by somebody else.
    #[error("the signature is wrong")]
    Signature,
    /// For another client.
    #[error("meant for another client")]
    Audience,
    /// For another sign-in.
    #[error("the nonce belongs to another sign-in")]
    Nonce,
    /// Over, or from the future.
    #[error("the times do not hold")]
    Time,
}

#[cfg(test)]
mod tests;
