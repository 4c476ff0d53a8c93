use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Ceremonies that another implementation of the standard accepted; the file says which.
const CEREMONIES: &str = include_str!("../../testdata/passkeys.json");

struct Ceremonies {
    algorithm: String,
    credential: Vec<u8>,
    create: (PasskeyChallenge, Vec<u8>, Vec<u8>),
    get: (PasskeyChallenge, Vec<u8>, Vec<u8>, Vec<u8>),
}

fn site() -> PasskeySite {
    PasskeySite { id: "localhost".to_owned(), origin: "https://localhost:8443".to_owned() }
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().expect("a text")).expect("base64url")
}

fn challenge(value: &Value) -> PasskeyChallenge {
    PasskeyChallenge(bytes(value).try_into().expect("32 bytes"))
}

fn ceremonies() -> Vec<Ceremonies> {
    let file: Value = serde_json::from_str(CEREMONIES).expect("JSON");
    let read = |one: &Value| {
        let (create, get) = (&one["create"], &one["get"]);
        Ceremonies {
            algorithm: one["algorithm"].as_str().expect("a text").to_owned(),
            credential: bytes(&one["credential"]),
            create: (
                challenge(&create["challenge"]),
                bytes(&create["client_data"]),
                bytes(&create["attestation"]),
            ),
            get: (
                challenge(&get["challenge"]),
                bytes(&get["client_data"]),
                bytes(&get["authenticator_data"]),
                bytes(&get["signature"]),
            ),
        }
    };
    file["ceremonies"].as_array().expect("a list").iter().map(read).collect()
}

impl Ceremonies {
    fn register(&self) -> Result<NewPasskey, PasskeyError> {
        let (challenge, client_data, attestation) = &self.create;
        register_passkey(&site(), challenge, client_data, attestation)
    }

    fn assert(&self, key: &PublicKey, counter: u32) -> Result<u32, PasskeyError> {
        let (challenge, client_data, data, signature) = &self.get;
        assert_passkey(&site(), challenge, (key, counter), client_data, data, signature)
    }
}

/// What another implementation made and accepted, this one reads and accepts, in all algorithms.
#[test]
fn ceremonies_of_another_implementation_are_accepted() {
    let ceremonies = ceremonies();
    assert_eq!(ceremonies.len(), PASSKEY_ALGORITHMS.len());
    for one in &ceremonies {
        let passkey = one.register().expect(&one.algorithm);
        assert_eq!((&passkey.credential, passkey.counter), (&one.credential, 1));
        let kept = PublicKey::parse(passkey.key.as_bytes()).expect("ours");
        assert_eq!(one.assert(&kept, passkey.counter), Ok(2), "{}", one.algorithm);
        assert_eq!(PasskeyChallenge::claimed_by(&one.get.1), Some(one.get.0));
    }
}

/// A key of somebody else, a counter that does not grow: refused.
#[test]
fn another_key_and_a_copied_authenticator_are_refused() {
    let all = ceremonies();
    let keys: Vec<PublicKey> = all.iter().map(|one| one.register().expect("sound").key).collect();
    for (at, one) in all.iter().enumerate() {
        for (other, key) in keys.iter().enumerate().filter(|(other, _)| *other != at) {
            assert_eq!(one.assert(key, 1), Err(PasskeyError::Signature), "{at} {other}");
        }
        assert_eq!(one.assert(&keys[at], 2), Err(PasskeyError::Cloned));
        assert_eq!(one.assert(&keys[at], 3), Err(PasskeyError::Cloned));
    }
}

/// promise: D-23. An answer to another challenge, page or kind of ceremony is refused, however
/// soundly it is signed.
#[test]
fn an_answer_is_good_for_its_own_challenge_page_and_ceremony_only() {
    for one in ceremonies() {
        let key = one.register().expect("sound").key;
        let (challenge, client_data, data, signature) = &one.get;
        let other_id = PasskeySite { id: "hearth.lan".to_owned(), ..site() };
        let other_port = PasskeySite { origin: "https://localhost:9443".to_owned(), ..site() };
        let fresh = PasskeyChallenge::generate();
        for (site, challenge) in
            [(&other_id, challenge), (&other_port, challenge), (&site(), &fresh)]
        {
            let refused = assert_passkey(site, challenge, (&key, 1), client_data, data, signature);
            assert_eq!(refused, Err(PasskeyError::WrongCeremony));
        }
        let (challenge, client_data, attestation) = &one.create;
        let mixed = assert_passkey(&site(), challenge, (&key, 1), client_data, data, signature);
        assert_eq!(mixed, Err(PasskeyError::WrongCeremony));
        let mixed = register_passkey(&site(), &one.get.0, &one.get.1, attestation);
        assert_eq!(mixed, Err(PasskeyError::WrongCeremony));
    }
}

/// A frame of another page may not ask, and a touch alone is not enough.
#[test]
fn frames_and_unverified_users_are_refused() {
    for one in ceremonies() {
        let (challenge, client_data, attestation) = &one.create;
        let text = String::from_utf8(client_data.clone()).expect("JSON");
        let framed = text.replace("\"crossOrigin\":false", "\"crossOrigin\":true");
        let refused = register_passkey(&site(), challenge, framed.as_bytes(), attestation);
        assert_eq!(refused, Err(PasskeyError::WrongCeremony));
        let hash = Sha256::digest(b"localhost");
        let at = attestation.windows(32).position(|part| part == hash.as_slice()).expect("there");
        for flags in [0x41, 0x44, 0x40] {
            let mut attestation = attestation.clone();
            attestation[at + 32] = flags;
            let refused = register_passkey(&site(), challenge, client_data, &attestation);
            assert_eq!(refused, Err(PasskeyError::NotVerified), "{flags:#x}");
        }
    }
}

proptest! {
    /// promise: D-23. Whatever is altered or cut off in an assertion, it is refused.
    #[test]
    fn an_altered_assertion_is_refused(which in 0_usize..3, at in 0_usize..600, by in 1_u8..=255) {
        let all = ceremonies();
        let key = all[which].register().expect("sound").key;
        let (challenge, client_data, data, signature) = &all[which].get;
        let mut parts = [client_data.clone(), data.clone(), signature.clone()];
        let lengths: usize = parts.iter().map(Vec::len).sum();
        let mut at = at % lengths;
        for part in &mut parts {
            if at < part.len() {
                part[at] ^= by;
                break;
            }
            at -= part.len();
        }
        let [client_data, data, signature] = &parts;
        let refused = assert_passkey(&site(), challenge, (&key, 1), client_data, data, signature);
        prop_assert!(refused.is_err());
    }

    #[test]
    fn a_mutated_registration_is_read_or_refused_without_panic(
        which in 0_usize..3, at in 0_usize..600, by in 0_u8..=255, cut in 0_usize..600,
    ) {
        let one = &ceremonies()[which];
        let (challenge, client_data, attestation) = &one.create;
        let mut attestation = attestation.clone();
        let length = attestation.len();
        attestation[at % length] ^= by;
        attestation.truncate(length - cut % length);
        if let Ok(passkey) = register_passkey(&site(), challenge, client_data, &attestation) {
            prop_assert_eq!(PublicKey::parse(passkey.key.as_bytes()), Ok(passkey.key));
        }
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let challenge = PasskeyChallenge::generate();
        prop_assert!(register_passkey(&site(), &challenge, &bytes, &bytes).is_err());
        let _outcome = (AuthenticatorData::parse(&bytes), PublicKey::parse(&bytes));
        prop_assert!(PasskeyChallenge::claimed_by(&bytes).is_none());
    }
}
