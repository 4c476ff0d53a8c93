//! Passkeys: whatever a browser sends, it is read or refused, and what was read reads the same
//! again. Input: one byte that says where the first part ends, the parts of an answer.
#![no_main]

use hearth_auth::{
    PasskeyChallenge, PasskeySite, PublicKey, assert_passkey, register_passkey,
};
use libfuzzer_sys::fuzz_target;

// Client data that passes, so that the rest is reached.
fn client_data(kind: &str, challenge: PasskeyChallenge) -> String {
    let challenge = challenge.to_text();
    format!(r#"{{"type":"webauthn.{kind}","challenge":"{challenge}","origin":"https://localhost"}}"#)
}

fuzz_target!(|input: &[u8]| {
    let Some((cut, rest)) = input.split_first() else { return };
    let (first, second) = rest.split_at(usize::from(*cut).min(rest.len()));
    let site = PasskeySite { id: "localhost".to_owned(), origin: "https://localhost".to_owned() };
    let challenge = PasskeyChallenge::generate();
    assert!(PasskeyChallenge::claimed_by(rest) != Some(challenge));
    let create = client_data("create", challenge);
    if let Ok(passkey) = register_passkey(&site, &challenge, create.as_bytes(), rest) {
        assert_eq!(PublicKey::parse(passkey.key.as_bytes()).as_ref(), Ok(&passkey.key));
    }
    if let Ok(key) = PublicKey::parse(first) {
        let get = client_data("get", challenge);
        let signed = assert_passkey(&site, &challenge, (&key, 0), get.as_bytes(), second, first);
        assert!(signed.is_err(), "nobody signed this challenge");
    }
});
