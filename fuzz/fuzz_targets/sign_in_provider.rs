//! What a sign-in provider publishes and answers: read or refused, and no made-up token is believed.
#![no_main]

use hearth_auth::{IdToken, IdTokenCheck, ProviderKeys, ProviderMetadata};
use hearth_model::WallTime;
use libfuzzer_sys::fuzz_target;

const ISSUER: &str = "https://id.example";

fuzz_target!(|input: (&[u8], &str)| {
    let (document, token) = input;
    if let Ok(found) = ProviderMetadata::parse(ISSUER, document) {
        assert_eq!(found.issuer, ISSUER);
        assert!(found.token_endpoint.starts_with("https://"));
    }
    let keys = ProviderKeys::parse(document).unwrap_or_default();
    let now = WallTime::from_micros(1_800_000_000_000_000);
    let check = IdTokenCheck { issuer: ISSUER, client_id: "hearth", nonce: "n", now };
    assert!(IdToken::verify(token, &keys, &check).is_err());
});
