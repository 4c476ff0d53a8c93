//! The question that a person takes to the provider, and the answer they bring back.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_secret::SecretString;
use sha2::{Digest as _, Sha256};

use super::ProviderMetadata;
use crate::random::random_bytes;

/// One sign-in under way. Made here, kept until its answer comes.
pub struct AuthorizationRequest {
    /// Comes back with the answer, and finds this again.
    pub state: String,
    /// Comes back inside the token.
    pub nonce: String,
    /// Proves to the provider that whoever trades the code is whoever asked for it.
    pub verifier: SecretString,
    /// Stays with the browser that asked. Without it a stranger could bring their own answer into
    /// somebody's browser (RFC 6749, 10.12).
    pub binding: SecretString,
}

impl AuthorizationRequest {
    /// A new one: four values that nobody can guess.
    pub fn generate() -> Self {
        let random = || URL_SAFE_NO_PAD.encode(random_bytes::<32>());
        Self {
            state: random(),
            nonce: random(),
            verifier: SecretString::new(random()),
            binding: SecretString::new(random()),
        }
    }

    /// Where to send the person (Core 1.0, 3.1.2.1; RFC 7636, 4.3).
    pub fn address(
        &self,
        provider: &ProviderMetadata,
        client_id: &str,
        redirect_uri: &str,
    ) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose().as_bytes()));
        let fields = [
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("client_id", client_id),
            ("redirect_uri", redirect_uri),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let joint = if provider.authorization_endpoint.contains('?') { '&' } else { '?' };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields);
        format!("{}{joint}{}", provider.authorization_endpoint, query.finish())
    }

    /// The form by which its code is traded (Core 1.0, 3.1.3.1).
    pub fn trade(&self, code: &SecretString, client_id: &str, redirect_uri: &str) -> SecretString {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.expose().as_str()),
            ("redirect_uri", redirect_uri),
            ("client_id", client_id),
            ("code_verifier", self.verifier.expose().as_str()),
        ];
        // Room for every byte to be encoded: a text that grows leaves copies behind, unwiped.
        let bytes = fields.iter().map(|(name, value)| 2 + name.len() + 3 * value.len()).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(bytes));
        form.extend_pairs(fields);
        SecretString::new(form.finish())
    }
}

impl fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationRequest(..)")
    }
}
