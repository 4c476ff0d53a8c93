//! A simulated sign-in provider (OpenID Connect): everybody who comes is let in as one person.
//!
//! Written from the specifications, not from the client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};

const CLIENT_ID: &str = "simulated hub";
const CLIENT_SECRET: &str = "simulated secret: 100%";
const KEY_NAME: &str = "simulated-1";
/// Codes that nobody traded; more push the oldest out.
const CODES_MAX: usize = 64;

/// How to reach a simulated provider. Its secret guards nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderDescription {
    /// Always true: nobody proves anything there.
    pub simulated: bool,
    /// Its name, `https://127.0.0.1:..`.
    pub issuer: String,
    /// What it calls the hub.
    pub client_id: String,
    /// What the hub proves itself with.
    pub client_secret: String,
    /// SHA-256 of its certificate, in hexadecimal.
    pub certificate_sha256: String,
}

/// What can go wrong with a token. Lasts until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderFault {
    /// All is well.
    None,
    /// The token belongs to another sign-in.
    OtherNonce,
    /// The token is for another client.
    OtherAudience,
    /// The token names another provider.
    OtherIssuer,
    /// The token is over.
    Expired,
    /// The token is signed with a key that is not published.
    OtherKey,
    /// The token says that it needs no signature.
    Unsigned,
    /// Nothing is answered.
    Silent,
}

/// A running simulated provider. Dropping it stops it.
#[derive(Debug)]
pub struct SignInProvider {
    service: Service,
    desk: Arc<Desk>,
}

#[derive(Debug)]
struct Desk {
    key: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    issuer: String,
    subject: String,
    fault: ProviderFault,
    codes: HashMap<String, Question>,
    number: u32,
}

/// What a code was given out for.
#[derive(Debug)]
struct Question {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    subject: String,
}

impl SignInProvider {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    ///
    /// # Panics
    /// If no key can be made, which does not happen.
    pub async fn start() -> Result<Self, ServiceError> {
        let key =
            || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key is made");
        let inside = Inside {
            issuer: String::new(),
            subject: "simulated-anna".to_owned(),
            fault: ProviderFault::None,
            codes: HashMap::new(),
            number: 0,
        };
        let desk = Arc::new(Desk { key: key(), stranger: key(), inside: Mutex::new(inside) });
        let service = Service::start(Arc::clone(&desk)).await?;
        desk.lock().issuer = format!("https://127.0.0.1:{}", service.port());
        Ok(Self { service, desk })
    }

    /// How to reach it.
    pub fn describe(&self) -> ProviderDescription {
        ProviderDescription {
            simulated: true,
            issuer: self.desk.lock().issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            certificate_sha256: self.service.certificate_sha256(),
        }
    }

    /// Makes something go wrong, or all well again.
    pub fn fault(&self, fault: ProviderFault) {
        self.desk.lock().fault = fault;
    }

    /// From now on, everybody who comes is this person.
    pub fn become_person(&self, subject: &str) {
        subject.clone_into(&mut self.desk.lock().subject);
    }

    /// Goes where the hub sent somebody, and comes back with `(code, state)`.
    pub fn visit(&self, question: &str) -> Option<(String, String)> {
        let query = question.split_once('?')?.1;
        let back = self.desk.lock().grant(query)?;
        let mut fields = fields(back.split_once('?')?.1);
        Some((fields.remove("code")?, fields.remove("state")?))
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn metadata(&self) -> Value {
        let issuer = self.lock().issuer.clone();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    fn keys(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let text = |bytes: Option<&[u8]>| URL_SAFE_NO_PAD.encode(bytes.unwrap_or_default());
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_NAME,
            "x": text(point.get(1..33)), "y": text(point.get(33..)),
        }] })
    }

    fn trade(&self, request: &HttpRequest) -> Option<Value> {
        let encode =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let pair = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
        if request.authorization.as_deref() != Some(&format!("Basic {pair}")) {
            return None;
        }
        let form = fields(std::str::from_utf8(&request.body).ok()?);
        let mut inside = self.lock();
        // Used up by the first try, right or wrong.
        let asked = inside.codes.remove(form.get("code")?)?;
        let proof = digest::digest(&digest::SHA256, form.get("code_verifier")?.as_bytes());
        let is_right = form.get("grant_type")? == "authorization_code"
            && form.get("redirect_uri")? == &asked.redirect_uri
            && URL_SAFE_NO_PAD.encode(proof) == asked.challenge;
        is_right.then(|| json!({ "token_type": "Bearer", "id_token": self.token(&inside, &asked) }))
    }

    fn token(&self, inside: &Inside, asked: &Question) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let fault = inside.fault;
        let or = |wrong: ProviderFault, then: &str, right: &str| {
            if fault == wrong { then.to_owned() } else { right.to_owned() }
        };
        let claims = json!({
            "iss": or(ProviderFault::OtherIssuer, "https://127.0.0.1:1", &inside.issuer),
            "sub": asked.subject,
            "aud": or(ProviderFault::OtherAudience, "another", CLIENT_ID),
            "nonce": or(ProviderFault::OtherNonce, "another", &asked.nonce),
            "iat": now,
            "exp": if fault == ProviderFault::Expired { now - 3600 } else { now + 300 },
            "preferred_username": "Anna <anna@example>",
        });
        let algorithm = or(ProviderFault::Unsigned, "none", "ES256");
        let header = json!({ "alg": algorithm, "kid": KEY_NAME, "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let key = if fault == ProviderFault::OtherKey { &self.stranger } else { &self.key };
        let signature = key.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map(|made| made.as_ref().to_vec()).unwrap_or_default();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Inside {
    /// Where somebody is sent back to, with a code.
    fn grant(&mut self, query: &str) -> Option<String> {
        let mut asked = fields(query);
        let is_ours = asked.get("client_id")? == CLIENT_ID
            && asked.get("response_type")? == "code"
            && asked.get("code_challenge_method")? == "S256"
            && asked.get("scope")?.split(' ').any(|scope| scope == "openid");
        if !is_ours || self.codes.len() >= CODES_MAX {
            return None;
        }
        self.number += 1;
        let (code, redirect_uri) = (format!("code-{}", self.number), asked.remove("redirect_uri")?);
        let mut back = form_urlencoded::Serializer::new(String::new());
        back.extend_pairs([("code", code.as_str()), ("state", &asked.remove("state")?)]);
        let location = format!("{redirect_uri}?{}", back.finish());
        let question = Question {
            nonce: asked.remove("nonce")?,
            challenge: asked.remove("code_challenge")?,
            redirect_uri,
            subject: self.subject.clone(),
        };
        self.codes.insert(code, question);
        Some(location)
    }
}

impl Answering for Desk {
    fn answer(&self, request: &HttpRequest) -> Reply {
        if self.lock().fault == ProviderFault::Silent {
            return Reply::Silence;
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let refused = || Reply::json("400 Bad Request", &json!({ "error": "invalid_request" }));
        match (request.method.as_str(), path) {
            ("GET", "/.well-known/openid-configuration") => Reply::json("200 OK", &self.metadata()),
            ("GET", "/keys") => Reply::json("200 OK", &self.keys()),
            ("GET", "/authorize") => match self.lock().grant(query) {
                Some(back) => Reply::Http("302 Found", vec![("Location", back)], String::new()),
                None => refused(),
            },
            ("POST", "/token") => {
                self.trade(request).map_or_else(refused, |token| Reply::json("200 OK", &token))
            }
            _ => Reply::json("404 Not Found", &json!({})),
        }
    }
}

fn fields(text: &str) -> HashMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
