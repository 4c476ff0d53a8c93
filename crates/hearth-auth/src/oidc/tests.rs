use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_model::WallTime;
use hearth_secret::SecretString;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example/realms/home";
const NOW: i64 = 1_795_000_000;

fn now() -> WallTime {
    WallTime::from_micros(NOW * 1_000_000)
}

fn check<'a>() -> IdTokenCheck<'a> {
    IdTokenCheck { issuer: ISSUER, client_id: "hearth", nonce: "n-1", now: now() }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "248289761001", "aud": "hearth", "nonce": "n-1",
        "exp": NOW + 300, "iat": NOW - 2, "preferred_username": "anna",
    })
}

/// A provider with one key of each kind.
struct Provider {
    ed25519: Ed25519KeyPair,
    p256: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

impl Provider {
    fn new() -> Self {
        Self {
            ed25519: Ed25519KeyPair::generate().expect("a key"),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
        }
    }

    fn keys(&self) -> ProviderKeys {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let point = self.p256.public_key().as_ref();
        // RFC 8017, A.1.1: of a key of 2048 bits, the modulus lies behind nine bytes.
        let rsa = &self.rsa.public_key().as_ref()[9..265];
        let document = json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "ed",
              "x": text(self.ed25519.public_key().as_ref()) },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "x": text(&point[1..33]),
              "y": text(&point[33..]) },
            { "kty": "RSA", "use": "sig", "kid": "rsa", "alg": "RS256",
              "n": text(rsa),
              "e": "AQAB" },
            { "kty": "RSA", "use": "enc", "kid": "for secrets",
              "n": text(rsa), "e": "AQAB" },
            { "kty": "oct", "kid": "shared", "k": "AAAA" },
        ] });
        ProviderKeys::parse(document.to_string().as_bytes()).expect("a key set")
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let random = SystemRandom::new();
        let signature = match header["kid"].as_str() {
            Some("ec") => {
                self.p256.sign(&random, signed.as_bytes()).expect("signs").as_ref().to_vec()
            }
            Some("rsa") => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
                    .expect("signs");
                signature
            }
            _ => self.ed25519.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn verify(&self, header: &Value, claims: &Value) -> Result<IdToken, OidcError> {
        IdToken::verify(&self.sign(header, claims), &self.keys(), &check())
    }
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = claims();
    change(&mut claims);
    claims
}

#[test]
fn a_token_of_each_kind_of_key_is_believed() {
    let provider = Provider::new();
    for (kid, alg) in [("ed", "EdDSA"), ("ec", "ES256"), ("rsa", "RS256")] {
        let token = provider.verify(&json!({ "alg": alg, "kid": kid }), &claims());
        let token = token.expect(alg);
        assert_eq!(token.subject, "248289761001");
        assert_eq!(token.label.as_deref(), Some("anna"));
    }
    let several = with(|claims| {
        claims["aud"] = json!(["hearth", "other"]);
        claims["azp"] = json!("hearth");
    });
    provider.verify(&json!({ "alg": "EdDSA", "kid": "ed" }), &several).expect("made for us");
}

/// promise: V-01. What a provider did not say to this hub, about this sign-in, now, signs in nobody.
#[test]
fn what_was_not_said_to_this_hub_now_is_not_believed() {
    let provider = Provider::new();
    let header = json!({ "alg": "EdDSA", "kid": "ed" });
    let cases: Vec<(Value, OidcError)> = vec![
        (with(|c| c["iss"] = json!("https://id.example")), OidcError::Issuer),
        (with(|c| c["aud"] = json!("another")), OidcError::Audience),
        (with(|c| c["aud"] = json!(["hearth", "another"])), OidcError::Audience),
        (with(|c| c["azp"] = json!("another")), OidcError::Audience),
        (with(|c| c["nonce"] = json!("n-2")), OidcError::Nonce),
        (with(|c| drop(c.as_object_mut().expect("claims").remove("nonce"))), OidcError::Nonce),
        (with(|c| c["exp"] = json!(NOW - 121)), OidcError::Time),
        (with(|c| c["iat"] = json!(NOW + 800)), OidcError::Time),
        (with(|c| c["iat"] = json!(NOW - 800)), OidcError::Time),
        (with(|c| c["sub"] = json!("")), OidcError::Malformed("the token")),
        (with(|c| c["sub"] = json!("x".repeat(256))), OidcError::Malformed("the token")),
    ];
    for (claims, expected) in cases {
        assert_eq!(provider.verify(&header, &claims), Err(expected), "{claims}");
    }
}

/// promise: V-02. The header of a token chooses neither the algorithm nor the kind of key.
#[test]
fn an_algorithm_that_does_not_fit_its_key_is_refused() {
    let provider = Provider::new();
    for (kid, alg) in [
        ("ed", "none"),
        ("ed", "HS256"),
        ("ed", "RS256"),
        ("ec", "EdDSA"),
        // Bound to RS256 by its publisher.
        ("rsa", "PS256"),
    ] {
        let answer = provider.verify(&json!({ "alg": alg, "kid": kid }), &claims());
        assert_eq!(answer, Err(OidcError::Algorithm), "{kid} {alg}");
    }
    for kid in [json!("unheard of"), json!("shared"), json!("for secrets"), Value::Null] {
        let answer = provider.verify(&json!({ "alg": "EdDSA", "kid": kid }), &claims());
        assert_eq!(answer, Err(OidcError::UnknownKey), "{kid}");
    }
    let critical = json!({ "alg": "EdDSA", "kid": "ed", "crit": ["x"] });
    assert_eq!(provider.verify(&critical, &claims()), Err(OidcError::Algorithm));
    let stranger = Provider::new().sign(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims());
    let answer = IdToken::verify(&stranger, &provider.keys(), &check());
    assert_eq!(answer, Err(OidcError::Signature));
}

#[test]
fn a_description_names_its_own_issuer_and_https_only() {
    let description = |issuer: &str, token: &str| {
        json!({
            "issuer": issuer, "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": token, "jwks_uri": "https://id.example/keys",
        })
        .to_string()
    };
    let parse = |text: String| ProviderMetadata::parse(ISSUER, text.as_bytes());
    assert!(parse(description(ISSUER, "https://id.example/token")).is_ok());
    let foreign = parse(description("https://evil.example", "https://id.example/token"));
    assert_eq!(foreign, Err(OidcError::Issuer));
    for address in [
        "http://id.example/token",
        "https://user@id.example/token",
        "https://id.example/token#x",
        "https://id.example/to ken",
        "https:///token",
    ] {
        let answer = parse(description(ISSUER, address));
        assert_eq!(answer, Err(OidcError::NotHttps), "{address}");
    }
    assert_eq!(
        ProviderMetadata::address("https://id.example/"),
        "https://id.example/.well-known/openid-configuration"
    );
    assert!(ProviderMetadata::is_issuer(ISSUER));
    assert!(!ProviderMetadata::is_issuer("https://id.example/?realm=home"));
}

/// The pair is the one of RFC 7636, appendix B.
#[test]
fn the_question_carries_everything_that_binds_its_answer() {
    let provider = ProviderMetadata {
        issuer: ISSUER.into(),
        authorization_endpoint: "https://id.example/auth?realm=home".into(),
        token_endpoint: String::new(),
        jwks_uri: String::new(),
    };
    let request = AuthorizationRequest {
        state: "s 1".into(),
        nonce: "n&1".into(),
        verifier: SecretString::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into()),
        binding: SecretString::new(String::new()),
    };
    let address = request.address(&provider, "hearth", "https://hub.lan:8443/signin/return");
    assert_eq!(
        address,
        "https://id.example/auth?realm=home&response_type=code&scope=openid+profile\
         &client_id=hearth&redirect_uri=https%3A%2F%2Fhub.lan%3A8443%2Fsignin%2Freturn\
         &state=s+1&nonce=n%261&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256"
    );
    let other = AuthorizationRequest::generate();
    assert_ne!(other.state, AuthorizationRequest::generate().state);
    assert_eq!(format!("{other:?}"), "AuthorizationRequest(..)");
}

proptest! {
    #[test]
    fn any_document_and_token_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[ -~]{0,120}") {
        ProviderMetadata::parse(ISSUER, &bytes).ok();
        ProviderKeys::parse(&bytes).ok();
        ProviderMetadata::parse(ISSUER, text.as_bytes()).ok();
        ProviderKeys::parse(text.as_bytes()).ok();
        IdToken::key_name(&text).ok();
        IdToken::verify(&text, &ProviderKeys::default(), &check()).ok();
    }
}
