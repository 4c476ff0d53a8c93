//! RFC 8292: who sends. A token that is signed for one relay and half a day.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_http::Uri;
use hearth_secret::{SecretBytes, SecretString};
use serde_json::json;

use crate::DeliveryError;

/// At most a day (RFC 8292, 2); half of it forgives clocks.
const TOKEN_SECONDS: i64 = 12 * 3600;

/// The key pair by which relays and browsers know this house.
pub struct VapidKey {
    pair: EcdsaKeyPair,
}

impl VapidKey {
    /// A new key in its form for the vault (PKCS #8); `None` if the system gives no chance.
    pub fn generate() -> Option<SecretBytes> {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Some(SecretBytes::new(made.ok()?.as_ref().to_vec()))
    }

    /// Reads what [`VapidKey::generate`] made.
    pub fn read(pkcs8: &SecretBytes) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose());
        Some(Self { pair: pair.ok()? })
    }

    /// What a page hands to `pushManager.subscribe`, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref())
    }

    /// The value of `Authorization` for a relay.
    pub(super) fn proof(
        &self,
        endpoint: &str,
        contact: &str,
        now_seconds: i64,
    ) -> Result<SecretString, DeliveryError> {
        let unreadable = DeliveryError::misconfigured("The subscription is not readable.");
        let uri: Uri = endpoint.parse().map_err(|_| unreadable.clone())?;
        let authority = uri.authority().ok_or(unreadable)?;
        let head = json!({"typ": "JWT", "alg": "ES256"});
        let claims = json!({
            "aud": format!("https://{authority}"),
            "exp": now_seconds.saturating_add(TOKEN_SECONDS),
            "sub": contact,
        });
        let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(head), encode(claims));
        let failed = |_| DeliveryError::try_again("The message cannot be signed.");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(failed)?;
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        Ok(SecretString::new(format!("vapid t={token}, k={}", self.public())))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// RFC 8292, section 2: signed for the relay's origin, verifiable with the key beside it.
    #[test]
    fn the_proof_is_for_one_relay_and_can_be_checked_with_its_key() {
        let key = VapidKey::read(&VapidKey::generate().expect("made")).expect("read");
        let proof = key.proof("https://push.example:444/p/x", "mailto:a@b.example", 1_000);
        let proof = proof.expect("signed").expose().clone();
        let (token, public) = proof
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .expect("two parts");
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(public));
        public.verify(signed.as_bytes(), &decode(signature)).expect("signed by that key");
        let (_, claims) = signed.split_once('.').expect("two parts");
        let claims: serde_json::Value = serde_json::from_slice(&decode(claims)).expect("JSON");
        assert_eq!(claims["aud"], "https://push.example:444");
        assert_eq!(claims["exp"], 1_000 + TOKEN_SECONDS);
    }
}
