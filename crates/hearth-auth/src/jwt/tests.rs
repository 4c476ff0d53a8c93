use proptest::prelude::*;

use super::*;

const START: WallTime = WallTime::from_micros(1_800_000_000_000_000);

fn after(seconds: i64) -> WallTime {
    START.plus_micros(seconds * 1_000_000)
}

fn ring() -> KeyRing {
    KeyRing::new(Vec::new(), START)
}

fn issue(ring: &KeyRing) -> (String, TokenId, FamilyId) {
    let (token, family) = (TokenId::new(), FamilyId::new());
    let (text, _) = ring.issue(token, family, START, after(86_400));
    (text.expose().clone(), token, family)
}

fn encode(json: &serde_json::Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token with any header and claims, soundly signed by the ring's own key.
fn forge(ring: &KeyRing, header: &serde_json::Value, claims: &serde_json::Value) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = ring.keys[0].pair.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

fn sound(ring: &KeyRing) -> (serde_json::Value, serde_json::Value) {
    let header = serde_json::json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": ring.keys[0].kid() });
    let claims = serde_json::json!({
        "iss": "hearthwatch", "aud": "hearthwatch-api", "sub": TokenId::new(),
        "fam": FamilyId::new(), "jti": "x", "iat": seconds(START), "exp": seconds(after(600)),
    });
    (header, claims)
}

/// promise: V-02. Short-lived: ten minutes, and never longer than what it stands for.
#[test]
fn a_token_is_believed_for_ten_minutes() {
    let ring = ring();
    let (text, token, family) = issue(&ring);
    let claims = ring.verify(&text, after(599)).expect("in time");
    assert_eq!((claims.sub, claims.fam), (token, family));
    assert_eq!(ring.verify(&text, after(600)), Err(JwtError::Expired));
    let (short, end) = ring.issue(token, family, START, after(5));
    assert_eq!(end, after(5));
    assert_eq!(ring.verify(short.expose(), after(5)), Err(JwtError::Expired));
    assert_eq!(ring.verify(&text, after(-61)), Err(JwtError::Audience), "from the future");
}

/// promise: V-02. The algorithm is pinned: `none` and other names are refused even when the
/// signature is sound.
#[test]
fn no_other_algorithm_type_or_key_is_believed() {
    let ring = ring();
    let (header, claims) = sound(&ring);
    ring.verify(&forge(&ring, &header, &claims), START).expect("the sound one");
    for (field, value) in [
        ("alg", "none"),
        ("alg", "HS256"),
        ("alg", "eddsa"),
        ("typ", "JWT"),
        ("kid", "other"),
        ("kid", ""),
    ] {
        let mut header = header.clone();
        header[field] = value.into();
        let refused = ring.verify(&forge(&ring, &header, &claims), START);
        assert_eq!(refused, Err(JwtError::UnknownKey), "{field} {value}");
    }
    let mut header = header;
    header["jwk"] = serde_json::json!({ "kty": "OKP" });
    assert_eq!(ring.verify(&forge(&ring, &header, &claims), START), Err(JwtError::Malformed));
}

/// promise: V-02. A token for another audience or of another issuer is not for us.
#[test]
fn audience_and_issuer_are_pinned() {
    let ring = ring();
    let (header, claims) = sound(&ring);
    for (field, value) in [("aud", "elsewhere"), ("iss", "somebody")] {
        let mut claims = claims.clone();
        claims[field] = value.into();
        let refused = ring.verify(&forge(&ring, &header, &claims), START);
        assert_eq!(refused, Err(JwtError::Audience), "{field}");
    }
}

/// promise: V-02. Keys rotate: a new one signs each day, the one before is believed until its last
/// token has ended, and then forgotten.
#[test]
fn keys_rotate_and_old_ones_are_believed_until_their_last_token_ended() {
    let mut ring = ring();
    let day = 86_400;
    assert!(!ring.rotate(after(day - 1)));
    let family = FamilyId::new();
    let (old, _) = ring.issue(TokenId::new(), family, after(day - 1), after(9 * day));
    assert!(ring.rotate(after(day)));
    assert_eq!(ring.keys().len(), 2);
    ring.verify(old.expose(), after(day + 598)).expect("signed by the key before");
    let (new, _) = ring.issue(TokenId::new(), family, after(day), after(9 * day));
    assert!(ring.rotate(after(day + 600)), "one to forget");
    assert_eq!(ring.verify(old.expose(), after(day + 598)), Err(JwtError::UnknownKey));
    ring.verify(new.expose(), after(day + 1)).expect("the new key");
    let published = ring.published();
    assert_eq!(published["keys"].as_array().map(Vec::len), Some(1));
    assert!(!published.to_string().contains("\"d\""), "no private key");
}

#[test]
fn a_kept_key_signs_the_same_again() {
    let key = SigningKey::generate(START);
    let again = SigningKey::from_seed(key.seed().clone(), START);
    assert_eq!(again.kid(), key.kid());
    let (one, two) = (KeyRing::new(vec![key], START), KeyRing::new(vec![again], START));
    let (text, ..) = issue(&one);
    two.verify(&text, START).expect("the same key");
}

/// RFC 8037, appendix A.4: the signature of its example, with its key.
#[test]
fn signatures_are_those_of_the_standard() {
    let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("hex");
    let seed: [u8; 32] = seed.try_into().expect("32 bytes");
    let key = SigningKey::from_seed(Key256::new(seed), START);
    let signed = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt\
                    9g7sVvpAr_MuM0KAg";
    let signature = key.pair.sign(signed.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(signature.as_ref()), expected);
}

proptest! {
    #[test]
    fn any_text_is_refused_without_panic(text in "[A-Za-z0-9_.=-]{0,200}") {
        prop_assert!(ring().verify(&text, START).is_err());
    }

    /// promise: V-02. Whatever is altered in a token, it is refused.
    #[test]
    fn a_token_with_any_byte_altered_is_refused(at in 0_usize..400, by in 1_u8..=255) {
        let ring = ring();
        let (text, ..) = issue(&ring);
        let mut bytes = text.into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= by;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(ring.verify(&text, START).is_err());
        }
    }
}
