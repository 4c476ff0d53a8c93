//! Logins of all generations, the device's side, and the sessions that come of them.

use serde_json::{Value, json};

use super::{TapoCameraSpec, TapoGeneration, spake2};
use crate::tapo::{
    cipher::{decode, encode, first, lower, md5, open, random, seal, sha256, upper},
    fault::Conditions,
    http::{Answer, Received},
};

/// Attempts before the device locks.
const ATTEMPTS: u32 = 10;
/// For how long it then locks.
const LOCK_SECONDS: u32 = 1_800;

/// A login that was begun, and the session.
#[derive(Debug)]
pub(super) struct Logins {
    generation: TapoGeneration,
    attempts_left: u32,
    challenge: Option<Challenge>,
    pake: Option<spake2::Registered>,
    session: Option<Session>,
}

#[derive(Debug)]
struct Challenge {
    client_nonce: String,
    nonce: String,
}

#[derive(Debug)]
enum Session {
    Token { token: String },
    Secure { token: String, sequence: u64, key: [u8; 16], vector: [u8; 16], tag_key: String },
    Tpap { token: String, sequence: u32, keys: spake2::Keys },
}

/// A request, decrypted, or the answer that it does not deserve better than.
pub(super) enum Opened {
    Request(Value),
    Refused(Answer),
}

impl Logins {
    pub(super) fn new(generation: TapoGeneration) -> Self {
        let attempts_left = ATTEMPTS;
        Self { generation, attempts_left, challenge: None, pake: None, session: None }
    }

    pub(super) fn end_session(&mut self) {
        self.session = None;
    }

    /// Checks path, number and tag, and decrypts.
    pub(super) fn open(&mut self, request: &Received) -> Opened {
        let gone = || Opened::Refused(Answer::json(&json!({"error_code": -40401})));
        let token = request.path.strip_prefix("/stok=").and_then(|path| path.strip_suffix("/ds"));
        let Some((session, given)) = self.session.as_mut().zip(token) else { return gone() };
        let body = &request.body;
        match session {
            Session::Token { token } if token == given => match serde_json::from_slice(body) {
                Ok(json) => Opened::Request(json),
                Err(_) => Opened::Refused(Answer::json(&json!({"error_code": -40210}))),
            },
            Session::Secure { token, sequence, key, vector, tag_key } if token == given => {
                let expected = sequence.to_string();
                let tag = sha256(&[tag_key.as_bytes(), body, expected.as_bytes()]);
                let numbered = request.header("Seq") == Some(&expected);
                let tagged = request.header("Tapo_tag") == Some(&upper(&tag));
                *sequence += 1;
                if !numbered || !tagged {
                    let refused = json!({"error_code": -1, "msg": "Check tapo tag failed"});
                    return Opened::Refused(Answer::json(&refused));
                }
                match unsealed(body, key, vector) {
                    Some(json) => Opened::Request(json),
                    None => Opened::Refused(Answer::json(&json!({"error_code": -40210}))),
                }
            }
            Session::Tpap { token, sequence, keys } if token == given => {
                let plain = keys.open(*sequence, body);
                *sequence = sequence.wrapping_add(1);
                let json = plain.and_then(|plain| serde_json::from_slice::<Value>(&plain).ok());
                match json {
                    Some(json) if json["method"] == "multipleRequest" => Opened::Request(json),
                    // A refused request ends the session.
                    _ => {
                        self.session = None;
                        Opened::Refused(Answer::json(&json!({"error_code": -40421})))
                    }
                }
            }
            _ => gone(),
        }
    }

    /// Encrypts an answer.
    pub(super) fn seal(&mut self, text: &str, wrong_signature: bool) -> Answer {
        match &self.session {
            None => Answer::json(&json!({"error_code": -40401})),
            Some(Session::Token { .. }) => Answer::bytes(text.as_bytes().to_vec()),
            Some(Session::Secure { key, vector, .. }) => {
                let response = encode(&seal(key, vector, text.as_bytes()));
                Answer::json(&json!({"error_code": 0, "result": {"response": response}}))
            }
            Some(Session::Tpap { sequence, keys, .. }) => {
                // Its own count, which the client takes from the answer.
                let mut body = keys.seal(sequence.wrapping_add(1_000), text.as_bytes());
                if wrong_signature {
                    body.iter_mut().rev().take(1).for_each(|byte| *byte ^= 1);
                }
                Answer::bytes(body)
            }
        }
    }

    fn cost(&mut self) -> Option<Answer> {
        self.attempts_left = self.attempts_left.saturating_sub(1);
        (self.attempts_left == 0).then(|| Answer::json(&blocked(LOCK_SECONDS)))
    }

    fn refused(&self, code: i32, inner: i32) -> Answer {
        let kinds: &[&str] = match self.generation {
            TapoGeneration::Legacy => &["1", "2"],
            _ => &["3"],
        };
        Answer::json(&json!({"error_code": code, "result": {"data": {
            "code": inner, "time": self.attempts_left, "max_time": ATTEMPTS, "encrypt_type": kinds,
        }}}))
    }
}

fn unsealed(body: &[u8], key: &[u8; 16], vector: &[u8; 16]) -> Option<Value> {
    let outer: Value = serde_json::from_slice(body).ok()?;
    let sealed = decode(outer["params"]["request"].as_str()?)?;
    let is_pass_through = outer["method"] == "securePassthrough";
    serde_json::from_slice(&open(key, vector, &sealed)?).ok().filter(|_| is_pass_through)
}

/// The answer of a locked device.
pub(super) fn blocked(seconds: u32) -> Value {
    json!({"error_code": -40401, "data": {"code": -40404, "sec_left": seconds}})
}

/// The answer to a post of a login.
pub(super) fn answer(
    logins: &mut Logins,
    spec: &TapoCameraSpec,
    conditions: Conditions,
    body: &[u8],
) -> Answer {
    if let Some(blocked) = logins.cost() {
        return blocked;
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        return Answer::json(&json!({"error_code": -40210}));
    };
    if request["method"] != "login" {
        return Answer::json(&json!({"error_code": -40401}));
    }
    let params = &request["params"];
    match (logins.generation, params["sub_method"].as_str()) {
        (TapoGeneration::Tpap, Some(step)) => tpap(logins, spec, conditions, step, params),
        (TapoGeneration::Tpap, None) => Answer::json(&json!({"error_code": -40211})),
        (TapoGeneration::Legacy, _) if params["hashed"] == true => legacy(logins, spec, params),
        (TapoGeneration::Legacy, _) => logins.refused(-40401, -40401),
        (TapoGeneration::SecureMd5 | TapoGeneration::SecureSha256, Some(_)) => {
            // The question for TPAP is answered by the own challenge.
            challenge(logins, spec, conditions, "0000000000000000")
        }
        (TapoGeneration::SecureMd5 | TapoGeneration::SecureSha256, None) => {
            secure(logins, spec, conditions, params)
        }
    }
}

fn legacy(logins: &mut Logins, spec: &TapoCameraSpec, params: &Value) -> Answer {
    let expected = upper(&md5(&[spec.credentials.password.expose().as_bytes()]));
    if params["username"] != spec.credentials.username {
        return logins.refused(-40401, -40411);
    }
    if params["password"] != expected {
        return Answer::json(&json!({"error_code": -40401}));
    }
    logins.attempts_left = ATTEMPTS;
    let token = lower(&random::<16>());
    let result = json!({"stok": token, "user_group": "root"});
    logins.session = Some(Session::Token { token });
    Answer::json(&json!({"error_code": 0, "result": result}))
}

fn secure(
    logins: &mut Logins,
    spec: &TapoCameraSpec,
    conditions: Conditions,
    params: &Value,
) -> Answer {
    if params["encrypt_type"] != "3" {
        return logins.refused(-40401, -40401);
    }
    if params["username"] != spec.credentials.username {
        return logins.refused(-40401, -60502);
    }
    let Some(client_nonce) = params["cnonce"].as_str().filter(|nonce| nonce.len() == 16) else {
        return Answer::json(&json!({"error_code": -40209}));
    };
    match params["digest_passwd"].as_str() {
        None => challenge(logins, spec, conditions, client_nonce),
        Some(digest) => prove(logins, spec, client_nonce, digest),
    }
}

/// The hash of the password that the device keeps, as text.
fn kept(generation: TapoGeneration, spec: &TapoCameraSpec) -> String {
    let password = spec.credentials.password.expose().as_bytes();
    match generation {
        TapoGeneration::SecureMd5 | TapoGeneration::Legacy => upper(&md5(&[password])),
        TapoGeneration::SecureSha256 | TapoGeneration::Tpap => upper(&sha256(&[password])),
    }
}

fn challenge(
    logins: &mut Logins,
    spec: &TapoCameraSpec,
    conditions: Conditions,
    client_nonce: &str,
) -> Answer {
    let nonce = upper(&random::<8>());
    let mut hash = kept(logins.generation, spec);
    if conditions.wrong_proof {
        hash.clear();
    }
    let proof = sha256(&[client_nonce.as_bytes(), hash.as_bytes(), nonce.as_bytes()]);
    let confirm = format!("{}{nonce}{client_nonce}", upper(&proof));
    let data = json!({
        "code": -40401, "time": logins.attempts_left, "max_time": ATTEMPTS, "encrypt_type": ["3"],
        "key": "unused", "nonce": nonce, "device_confirm": confirm,
    });
    logins.challenge = Some(Challenge { client_nonce: client_nonce.to_owned(), nonce });
    Answer::json(&json!({"error_code": -40413, "result": {"data": data}}))
}

fn prove(logins: &mut Logins, spec: &TapoCameraSpec, client_nonce: &str, digest: &str) -> Answer {
    let Some(Challenge { client_nonce: asked, nonce }) = logins.challenge.take() else {
        return logins.refused(-40409, -40409);
    };
    let hash = kept(logins.generation, spec);
    let proof = sha256(&[hash.as_bytes(), client_nonce.as_bytes(), nonce.as_bytes()]);
    let expected = format!("{}{client_nonce}{nonce}", upper(&proof));
    if asked != client_nonce || digest != expected {
        return logins.refused(-40413, -40413);
    }
    let seed = sha256(&[client_nonce.as_bytes(), hash.as_bytes(), nonce.as_bytes()]);
    let seed = format!("{client_nonce}{nonce}{}", upper(&seed));
    let derive = |name: &str| first(&sha256(&[name.as_bytes(), seed.as_bytes()]));
    let token = lower(&random::<16>());
    let sequence = u64::from(u16::from_be_bytes(random()));
    let result = json!({"stok": token, "user_group": "root", "start_seq": sequence});
    let (key, vector) = (derive("lsk"), derive("ivb"));
    let tag_key = upper(&sha256(&[hash.as_bytes(), client_nonce.as_bytes()]));
    logins.attempts_left = ATTEMPTS;
    logins.session = Some(Session::Secure { token, sequence, key, vector, tag_key });
    Answer::json(&json!({"error_code": 0, "result": result}))
}

fn tpap(
    logins: &mut Logins,
    spec: &TapoCameraSpec,
    conditions: Conditions,
    step: &str,
    params: &Value,
) -> Answer {
    match step {
        "discover" => {
            let tpap = json!({"pake": [2], "noc": 0, "tls": 1, "port": 443, "user_hash_type": 0});
            Answer::json(&json!({"error_code": 0, "result": {"tpap": tpap}}))
        }
        "pake_register" => {
            let known = lower(&md5(&[b"admin"]));
            let given = params["user_random"].as_str().and_then(decode);
            let Some(user_random) = given.filter(|_| params["username"] == known) else {
                return Answer::json(&json!({"error_code": -40401}));
            };
            let credential = lower(&md5(&[spec.credentials.password.expose().as_bytes()]));
            let registered = spake2::Registered::new(&credential, user_random);
            let result = registered.half();
            logins.pake = Some(registered);
            Answer::json(&json!({"error_code": 0, "result": result}))
        }
        "pake_share" => {
            let bytes = |key: &str| params[key].as_str().and_then(decode);
            let given = bytes("user_share").zip(bytes("user_confirm"));
            let confirmed = logins
                .pake
                .take()
                .zip(given)
                .and_then(|(pake, (share, confirm))| pake.confirm(&share, &confirm));
            let Some((mut confirm, keys)) = confirmed else {
                return Answer::json(&json!({"error_code": -40401}));
            };
            if conditions.wrong_proof {
                confirm[0] ^= 1;
            }
            let (token, sequence) = (lower(&random::<16>()), u32::from_be_bytes(random()) >> 8);
            let result = json!({
                "dev_confirm": encode(&confirm), "stok": token, "start_seq": sequence,
                "expired": 86_400,
            });
            logins.attempts_left = ATTEMPTS;
            logins.session = Some(Session::Tpap { token, sequence, keys });
            Answer::json(&json!({"error_code": 0, "result": result}))
        }
        _ => Answer::json(&json!({"error_code": -40209})),
    }
}
