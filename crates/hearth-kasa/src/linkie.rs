//! LINKIE: how a command becomes the body of a request, and a body an answer.
//!
//! Pure. No login, no session, no sequence: each request stands alone and carries the credentials.
//! ```text
//! JSON -> autokey XOR -> base64 -> percent-encoding -> `content=...`
//! ```

use base64::{Engine, prelude::BASE64_STANDARD};
use hearth_secret::SecretString;
use serde_json::{Map, Value, json};
use zeroize::Zeroize;

use crate::{Command, Error, Weakness, cipher};

/// `err_code` for credentials that are not accepted.
const UNAUTHORIZED: i64 = -10_007;
/// `err_code` for a method that this firmware does not have.
const UNSUPPORTED_CALL: i64 = -10_008;
/// `err_code` for a module that this model does not have.
const UNSUPPORTED_MODULE: i64 = -1;

/// What newer cameras all accept, whatever their owner chose: `admin` and the MD5 of `admin`.
const PUBLIC_CREDENTIALS: &str = "admin:21232f297a57a5a743894a0e4a801fc3";

/// The owner's account with the vendor.
#[derive(Clone, Debug)]
pub struct Credentials {
    username: String,
    password: SecretString,
}

impl Credentials {
    /// E-mail address and password of the account.
    pub fn new(username: &str, password: SecretString) -> Self {
        Self { username: username.to_owned(), password }
    }
}

/// One of the two variants, with what it needs to know.
#[derive(Clone, Debug)]
pub struct Linkie {
    variant: Variant,
}

#[derive(Clone, Debug)]
enum Variant {
    /// `LINKIE.json`: the owner's account.
    CloudAccount { credentials: Credentials, source: [u8; 16] },
    /// `LINKIE2.json`: credentials that everybody knows.
    Public,
}

/// A request, ready to be posted over HTTPS.
#[derive(Clone, Debug)]
pub struct LinkieRequest {
    /// The path of the URL.
    pub path: &'static str,
    /// The header `Authorization`.
    pub authorization: SecretString,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Linkie {
    /// The older variant, as locam speaks it. `source` stands for the caller: 16 random bytes.
    pub fn cloud_account(credentials: Credentials, source: [u8; 16]) -> Self {
        Self { variant: Variant::CloudAccount { credentials, source } }
    }

    /// The newer variant. There is nothing to configure: its credentials are public.
    pub fn public() -> Self {
        Self { variant: Variant::Public }
    }

    /// In which ways a camera that speaks this is weak, to be shown with it.
    pub fn weaknesses(&self) -> &'static [Weakness] {
        match self.variant {
            Variant::CloudAccount { .. } => &[
                Weakness::SelfSignedCertificate,
                Weakness::ReusablePassword,
                Weakness::CloudAccountPassword,
                Weakness::ReversibleObfuscation,
            ],
            Variant::Public => &[
                Weakness::SelfSignedCertificate,
                Weakness::PublicPassword,
                Weakness::ReversibleObfuscation,
            ],
        }
    }

    /// The request for a command.
    pub fn request(&self, command: &impl Command) -> LinkieRequest {
        let mut envelope = Map::new();
        envelope.insert(command.module().to_owned(), json!({ command.method(): command.params() }));
        let path = match &self.variant {
            Variant::CloudAccount { source, .. } => {
                // Sorts before all modules, where locam has it too.
                envelope.insert("context".to_owned(), json!({ "source": uuid(source) }));
                "/data/LINKIE.json"
            }
            Variant::Public => "/data/LINKIE2.json",
        };
        let wrapped = cipher::wrap(Value::Object(envelope).to_string().as_bytes());
        LinkieRequest {
            path,
            authorization: self.authorization(),
            content_type: "application/x-www-form-urlencoded",
            body: form(&BASE64_STANDARD.encode(wrapped)),
        }
    }

    /// Reads the body of the answer to a command.
    ///
    /// # Errors
    /// What the camera says is wrong, or [`Error::Malformed`] if it says nothing that makes sense.
    pub fn answer<C: Command>(&self, command: &C, body: &[u8]) -> Result<C::Answer, Error> {
        let mut answer = decode(body)?;
        refuse_errors(command, &answer)?;
        let Some(Value::Object(mut module)) = answer.remove(command.module()) else {
            return Err(Error::Malformed("the module does not answer"));
        };
        match module.remove(command.method()) {
            Some(Value::Object(answer)) => command.read(answer),
            _ => Err(Error::Malformed("the method does not answer")),
        }
    }

    fn authorization(&self) -> SecretString {
        let mut plain = match &self.variant {
            Variant::CloudAccount { credentials: Credentials { username, password }, .. } => {
                let mut encoded = BASE64_STANDARD.encode(password.expose());
                let plain = format!("{username}:{encoded}");
                encoded.zeroize();
                plain
            }
            Variant::Public => PUBLIC_CREDENTIALS.to_owned(),
        };
        let header = format!("Basic {}", BASE64_STANDARD.encode(&plain));
        plain.zeroize();
        SecretString::new(header)
    }
}

/// The form of a UUID (RFC 9562, 4).
fn uuid(bytes: &[u8; 16]) -> String {
    let hex = |from: usize, to: usize| {
        bytes
            .iter()
            .skip(from)
            .take(to - from)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    [hex(0, 4), hex(4, 6), hex(6, 8), hex(8, 10), hex(10, 16)].join("-")
}

/// Base64 as the value of a form.
fn form(base64: &str) -> String {
    let mut form = "content=".to_owned();
    for c in base64.chars() {
        match c {
            '+' => form.push_str("%2B"),
            '/' => form.push_str("%2F"),
            '=' => form.push_str("%3D"),
            plain => form.push(plain),
        }
    }
    form
}

/// Wrapped JSON, or plain JSON, which some cameras answer errors with.
fn decode(body: &[u8]) -> Result<Map<String, Value>, Error> {
    let plain = BASE64_STANDARD.decode(body.trim_ascii()).map(|wrapped| cipher::unwrap(&wrapped));
    let json = plain.as_deref().unwrap_or(body);
    serde_json::from_slice(json).map_err(|_| Error::Malformed("it is no JSON object"))
}

/// Codes stand at the method, at the module, at the context or at the top, always with status 200.
fn refuse_errors(command: &impl Command, answer: &Map<String, Value>) -> Result<(), Error> {
    let module = answer.get(command.module());
    let places = [
        module.and_then(|module| module.get(command.method())),
        module,
        answer.get("context").and_then(|context| context.get("source")),
        answer.get("context"),
    ];
    let code = |place: &Value| place.get("err_code").and_then(Value::as_i64);
    let codes = places.into_iter().flatten().filter_map(code);
    let top = answer.get("err_code").and_then(Value::as_i64);
    match codes.chain(top).find(|code| *code != 0) {
        None => Ok(()),
        Some(UNAUTHORIZED) => Err(Error::Unauthorized),
        Some(UNSUPPORTED_CALL | UNSUPPORTED_MODULE) => {
            Err(Error::Unsupported { command: command.name() })
        }
        Some(code) => Err(Error::Refused { command: command.name(), code }),
    }
}

#[cfg(test)]
mod tests;
