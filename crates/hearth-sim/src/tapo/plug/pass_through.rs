//! The AES pass-through, the device's side.

use rsa::{
    Pkcs1v15Encrypt, RsaPublicKey, pkcs8::DecodePublicKey as _, traits::PublicKeyParts as _,
};
use serde_json::{Value, json};

use crate::tapo::{
    TapoCredentials,
    cipher::{decode, encode, lower, open, random, seal, sha1, upper},
    fault::Conditions,
    http::{Answer, Received},
};

/// Bytes of the handshake, to the byte: real devices answer anything else with HTTP 500.
const HANDSHAKE_BYTES: &str = "314";

#[derive(Debug)]
pub(super) struct PassThrough {
    username: String,
    password: (&'static str, String),
    session: Option<Session>,
}

#[derive(Debug)]
struct Session {
    cookie: String,
    key: [u8; 16],
    vector: [u8; 16],
    token: Option<String>,
}

impl PassThrough {
    pub(super) fn new(hashed: bool, credentials: &TapoCredentials) -> Self {
        let hash = |text: &str| encode(lower(&sha1(text.as_bytes())).as_bytes());
        let word = credentials.password.expose();
        let password =
            if hashed { ("password2", hash(word)) } else { ("password", encode(word.as_bytes())) };
        Self { username: hash(&credentials.username), password, session: None }
    }

    pub(super) fn end_session(&mut self) {
        self.session = None;
    }

    pub(super) fn answer(
        &mut self,
        request: &Received,
        conditions: Conditions,
        carry_out: impl FnOnce(&Value) -> Value,
    ) -> Answer {
        let Ok(outer) = serde_json::from_slice::<Value>(&request.body) else {
            return Answer::json(&json!({"error_code": -1003}));
        };
        match outer["method"].as_str() {
            Some("handshake") => self.handshake(request, &outer),
            Some("securePassthrough") => self.request(request, &outer, conditions, carry_out),
            _ => Answer::json(&json!({"error_code": -1002})),
        }
    }

    fn handshake(&mut self, request: &Received, outer: &Value) -> Answer {
        if request.header("Content-Length") != Some(HANDSHAKE_BYTES) {
            return Answer::status(500);
        }
        let pem = outer["params"]["key"].as_str().unwrap_or_default();
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let key = decode(&body).and_then(|der| RsaPublicKey::from_public_key_der(&der).ok());
        let Some(client) = key.filter(|key| key.size() == 128) else {
            return Answer::json(&json!({"error_code": -1010}));
        };
        let (key, vector): ([u8; 16], [u8; 16]) = (random(), random());
        let mut chance = rsa::rand_core::UnwrapErr(getrandom::SysRng);
        let secret = [key, vector].concat();
        let Ok(sealed) = client.encrypt(&mut chance, Pkcs1v15Encrypt, &secret) else {
            return Answer::json(&json!({"error_code": -1010}));
        };
        let cookie = upper(&random::<16>());
        let header = format!("TP_SESSIONID={cookie};TIMEOUT=1440");
        self.session = Some(Session { cookie, key, vector, token: None });
        let answer = Answer::json(&json!({"error_code": 0, "result": {"key": encode(&sealed)}}));
        Answer { headers: vec![("Set-Cookie", header)], ..answer }
    }

    fn request(
        &mut self,
        request: &Received,
        outer: &Value,
        conditions: Conditions,
        carry_out: impl FnOnce(&Value) -> Value,
    ) -> Answer {
        let timed_out = || Answer::json(&json!({"error_code": 9999}));
        let Some(session) = &mut self.session else { return timed_out() };
        if request.header("Cookie") != Some(&format!("TP_SESSIONID={}", session.cookie)) {
            return timed_out();
        }
        let sealed = outer["params"]["request"].as_str().and_then(decode);
        let plain = sealed.and_then(|sealed| open(&session.key, &session.vector, &sealed));
        let json = plain.and_then(|plain| serde_json::from_slice::<Value>(&plain).ok());
        let Some(json) = json else { return Answer::json(&json!({"error_code": -1005})) };
        let given = request.path.split_once("?token=").map(|(_, token)| token);
        let answer = if json["method"] == "login_device" {
            let (field, word) = &self.password;
            let params = &json["params"];
            if params["username"] == self.username
                && params[*field] == *word
                && !conditions.wrong_proof
            {
                let token = upper(&random::<16>());
                session.token = Some(token.clone());
                json!({"error_code": 0, "result": {"token": token}})
            } else {
                json!({"error_code": -1501})
            }
        } else if given.is_some() && given == session.token.as_deref() {
            carry_out(&json)
        } else {
            return timed_out();
        };
        if conditions.malformed && given.is_some() {
            return Answer::bytes(b"{\"error_code\":0,\"result\":{\"response\":7}}".to_vec());
        }
        let nonsense = conditions.nonsense && given.is_some();
        let text = if nonsense { "[1, 2".to_owned() } else { answer.to_string() };
        let response = encode(&seal(&session.key, &session.vector, text.as_bytes()));
        Answer::json(&json!({"error_code": 0, "result": {"response": response}}))
    }
}
