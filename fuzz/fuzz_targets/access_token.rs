//! Tokens: whatever a program presents is refused or reads the same again, and no made-up access
//! token is believed.
#![no_main]

use hearth_auth::{ApiTokenSecret, KeyRing, Network, RecoveryCode, RefreshToken, SessionToken};
use hearth_model::WallTime;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = WallTime::from_micros(1_800_000_000_000_000);
    assert!(KeyRing::new(Vec::new(), now).verify(text, now).is_err());
    if let Some(token) = ApiTokenSecret::parse(text) {
        assert_eq!(token.to_text().expose(), text);
    }
    if let Some(token) = RefreshToken::parse(text) {
        assert_eq!(token.to_text().expose(), text);
    }
    if let Some(token) = SessionToken::parse(text) {
        assert_eq!(token.to_text().expose(), text);
    }
    if let Some(code) = RecoveryCode::parse(text) {
        let again = RecoveryCode::parse(code.to_text().expose()).expect("what we wrote");
        assert_eq!(again.hash(), code.hash());
    }
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse(), Ok(network));
    }
});
