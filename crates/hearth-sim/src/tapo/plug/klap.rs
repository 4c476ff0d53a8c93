//! KLAP, the device's side. Strict: numbers must rise by one, signatures must be right.

use serde_json::Value;

use crate::tapo::{
    TapoCredentials,
    cipher::{first, md5, open, random, seal, sha1, sha256, upper},
    fault::Conditions,
    http::{Answer, Received},
};

#[derive(Debug)]
pub(super) struct Klap {
    second: bool,
    account: Vec<u8>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Greeted { cookie: String, local: Vec<u8>, remote: [u8; 16] },
    Open { cookie: String, keys: Keys },
}

#[derive(Debug)]
struct Keys {
    key: [u8; 16],
    vector: [u8; 12],
    signature: [u8; 28],
    sequence: i32,
}

impl Klap {
    pub(super) fn new(second: bool, credentials: &TapoCredentials) -> Self {
        let name = credentials.username.as_bytes();
        let word = credentials.password.expose().as_bytes();
        let account = if second {
            sha256(&[&sha1(name), &sha1(word)]).to_vec()
        } else {
            md5(&[&md5(&[name]), &md5(&[word])]).to_vec()
        };
        Self { second, account, stage: Stage::Idle }
    }

    pub(super) fn end_session(&mut self) {
        self.stage = Stage::Idle;
    }

    pub(super) fn answer(
        &mut self,
        request: &Received,
        conditions: Conditions,
        carry_out: impl FnOnce(&Value) -> Value,
    ) -> Answer {
        match request.path.as_str() {
            "/app/handshake1" => self.greet(&request.body, conditions),
            "/app/handshake2" => self.prove(request),
            path => match path.strip_prefix("/app/request?seq=").and_then(|seq| seq.parse().ok()) {
                Some(sequence) => self.request(request, sequence, conditions, carry_out),
                None => Answer::status(404),
            },
        }
    }

    fn greet(&mut self, local: &[u8], conditions: Conditions) -> Answer {
        if local.len() != 16 {
            return Answer::status(400);
        }
        let remote: [u8; 16] = random();
        let mut proof = if self.second {
            sha256(&[local, &remote, &self.account])
        } else {
            sha256(&[local, &self.account])
        };
        if conditions.wrong_proof {
            proof[0] ^= 1;
        }
        let cookie = upper(&random::<16>());
        let header = format!("TP_SESSIONID={cookie};TIMEOUT=86400");
        self.stage = Stage::Greeted { cookie, local: local.to_vec(), remote };
        let body = [remote.as_slice(), &proof].concat();
        Answer { headers: vec![("Set-Cookie", header)], ..Answer::bytes(body) }
    }

    fn prove(&mut self, request: &Received) -> Answer {
        let Stage::Greeted { cookie, local, remote } =
            std::mem::replace(&mut self.stage, Stage::Idle)
        else {
            return Answer::status(403);
        };
        let expected = if self.second {
            sha256(&[&remote, &local, &self.account])
        } else {
            sha256(&[&remote, &self.account])
        };
        if !has_cookie(request, &cookie) || request.body.as_ref() != expected {
            return Answer::status(403);
        }
        let derive = |name: &[u8]| sha256(&[name, &local, &remote, &self.account]);
        let vector = derive(b"iv");
        let keys = Keys {
            key: first(&derive(b"lsk")),
            vector: first(&vector),
            signature: first(&derive(b"ldk")),
            sequence: i32::from_be_bytes(first(&vector[28..])),
        };
        self.stage = Stage::Open { cookie, keys };
        Answer::bytes(Vec::new())
    }

    fn request(
        &mut self,
        request: &Received,
        sequence: i32,
        conditions: Conditions,
        carry_out: impl FnOnce(&Value) -> Value,
    ) -> Answer {
        let Stage::Open { cookie, keys } = &mut self.stage else { return Answer::status(403) };
        let expected = keys.sequence.wrapping_add(1);
        if !has_cookie(request, cookie) || sequence != expected {
            return Answer::status(403);
        }
        keys.sequence = expected;
        let Some((signature, sealed)) = request.body.split_at_checked(32) else {
            return Answer::status(400);
        };
        let number = expected.to_be_bytes();
        let vector: [u8; 16] = first(&[&keys.vector[..], &number].concat());
        let is_signed = signature == sha256(&[&keys.signature, &number, sealed]);
        let json = open(&keys.key, &vector, sealed).filter(|_| is_signed);
        let Some(json) = json.and_then(|plain| serde_json::from_slice::<Value>(&plain).ok()) else {
            return Answer::status(400);
        };
        let answer = carry_out(&json);
        if conditions.malformed {
            return Answer::bytes(vec![0; 20]);
        }
        let text = if conditions.nonsense { "[1, 2".to_owned() } else { answer.to_string() };
        let sealed = seal(&keys.key, &vector, text.as_bytes());
        let mut signature = sha256(&[&keys.signature, &number, &sealed]);
        if conditions.wrong_signature {
            signature[0] ^= 1;
        }
        Answer::bytes([signature.as_slice(), &sealed].concat())
    }
}

/// Whether exactly the session's cookie came, without the rest of `Set-Cookie`.
fn has_cookie(request: &Received, cookie: &str) -> bool {
    request.header("Cookie") == Some(&format!("TP_SESSIONID={cookie}"))
}
