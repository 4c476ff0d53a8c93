//! The session: login, keys, one request, and its parts.

use std::collections::VecDeque;

use hearth_rtsp::auth::{Algorithm, DigestChallenge, DigestInput, Qop, digest_response};
use hearth_secret::SecretString;
use serde_json::{Value, json};

use super::{
    MediaRequest, Part, PartReader,
    head::{Head, parameter},
    key::{MediaKey, password_hash},
    part::written,
};
use crate::{Code, Malformed, cipher::hex_lower, transport::secure::PasswordHash};

/// The user on this port, whoever it is elsewhere.
const USER: &str = "admin";
/// Events that wait to be taken; the machine takes no more bytes meanwhile.
const EVENTS_MAX: usize = 1_024;
/// A body of an answer that says no.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// Why there is no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The password is wrong. One attempt was made.
    #[error("wrong user name or password")]
    Credentials,
    /// It does not do this.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It refuses the request.
    #[error("{0}")]
    Refused(Code),
    /// It wants an encryption or login that is not known here.
    #[error("wants {0}, which is not supported")]
    Unsupported(&'static str),
    /// It says something strange.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// The camera accepted the request.
    Started {
        /// Whether the bodies are encrypted with a key that depends on the password.
        is_private: bool,
    },
    /// A piece of an MPEG transport stream: whole packets of 188 bytes if the camera is right.
    Transport(Vec<u8>),
    /// A JPEG.
    Picture(Vec<u8>),
    /// There is no more.
    Finished,
}

enum Stage {
    Challenge,
    Key,
    // A refusal's body has to be skipped before the next answer.
    Parts,
}

/// One connection to port 8800, the client's side.
pub struct MediaSession {
    request: MediaRequest,
    password: SecretString,
    hash: Option<PasswordHash>,
    random: [u8; 24],
    stage: Stage,
    head: Vec<u8>,
    skip: usize,
    hashed: Option<SecretString>,
    key: Option<MediaKey>,
    parts: PartReader,
    session_id: Option<String>,
    sequence: u16,
    output: Vec<u8>,
    events: VecDeque<MediaEvent>,
}

impl MediaSession {
    /// Begins; the first bytes to send are ready. `hash` is the one of the control channel where
    /// it is known; else the camera's hint decides. `random` must be unpredictable.
    pub fn begin(
        request: MediaRequest,
        password: SecretString,
        hash: Option<PasswordHash>,
        random: [u8; 24],
    ) -> Self {
        // Other clients use 1000 to 32767.
        let sequence = 1_000 + u16::from_be_bytes([random[0], random[1]]) % 31_768;
        Self {
            request,
            password,
            hash,
            random,
            stage: Stage::Challenge,
            head: Vec::new(),
            skip: 0,
            hashed: None,
            key: None,
            parts: PartReader::default(),
            session_id: None,
            sequence,
            output: head(None),
            events: VecDeque::new(),
        }
    }

    /// Takes what has to be sent.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The next event.
    pub fn next_event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// Takes bytes from the camera.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        if matches!(self.stage, Stage::Parts) {
            self.parts.push(bytes);
            return self.read_parts();
        }
        let skipped = bytes.len().min(self.skip);
        self.skip -= skipped;
        self.head.extend_from_slice(&bytes[skipped..]);
        let no_head = MediaError::Malformed(Malformed::new("no answer of this protocol"));
        let Some((head, used)) = Head::read(&self.head).map_err(|_| no_head)? else {
            return Ok(());
        };
        let rest = self.head.split_off(used);
        self.head.clear();
        match self.stage {
            Stage::Challenge => {
                self.challenged(&head)?;
                let skipped = rest.len().min(head.body_bytes);
                self.skip = head.body_bytes - skipped;
                self.receive(&rest[skipped..])
            }
            Stage::Key | Stage::Parts => {
                self.opened(&head)?;
                self.receive(&rest)
            }
        }
    }

    fn challenged(&mut self, head: &Head) -> Result<(), MediaError> {
        if head.status != 401 {
            return Err(MediaError::Status(head.status));
        }
        if head.body_bytes > REFUSAL_BYTES_MAX {
            return Err(Malformed::new("a refusal is too long").into());
        }
        let get = |name: &str| parameter(&head.digest, name);
        let algorithm = get("algorithm").unwrap_or("MD5");
        if !algorithm.eq_ignore_ascii_case("MD5") {
            return Err(MediaError::Unsupported("another digest"));
        }
        let nonce = get("nonce").ok_or(Malformed::new("no nonce"))?;
        let hinted = match get("encrypt_type") {
            Some("3") => PasswordHash::Sha256,
            _ => PasswordHash::Md5,
        };
        let hashed = password_hash(&self.password, self.hash.unwrap_or(hinted));
        let challenge = DigestChallenge {
            realm: get("realm").unwrap_or_default().to_owned(),
            nonce: nonce.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            algorithm: Algorithm::Md5,
            algorithm_name: None,
            qop: Qop::Auth,
            is_stale: false,
        };
        self.output = self::head(Some(&self.authorization(&challenge, &hashed)));
        self.hashed = Some(hashed);
        self.stage = Stage::Key;
        Ok(())
    }

    fn authorization(&self, challenge: &DigestChallenge, hashed: &SecretString) -> String {
        let client_nonce = hex_lower(&self.random);
        let response = digest_response(
            challenge,
            &DigestInput {
                username: USER,
                password: hashed,
                method: "POST",
                uri: "/stream",
                nonce_count: 1,
                client_nonce: &client_nonce,
            },
        );
        // The camera's own words go back to it; a quote in them would end the value early.
        let quoted = |text: &str| text.replace(['"', '\r', '\n'], "");
        let mut text = format!(
            "Digest username=\"{USER}\",realm=\"{}\",uri=\"/stream\",algorithm=MD5,nonce=\"{}\",\
             nc=00000001,cnonce=\"{client_nonce}\",qop=auth,response=\"{response}\"",
            quoted(&challenge.realm),
            quoted(&challenge.nonce),
        );
        if let Some(opaque) = &challenge.opaque {
            text += &format!(",opaque=\"{}\"", quoted(opaque));
        }
        text
    }

    fn opened(&mut self, head: &Head) -> Result<(), MediaError> {
        match head.status {
            200 => {}
            401 => return Err(MediaError::Credentials),
            status => return Err(MediaError::Status(status)),
        }
        let hashed = self.hashed.as_ref().ok_or(Malformed::new("no login"))?;
        let key = MediaKey::derive(&head.key_exchange, hashed)
            .ok_or(MediaError::Unsupported("another key exchange"))?;
        let request = self.request.to_json(self.sequence).to_string();
        let window = self.request.window().to_string();
        let headers = [("X-If-Encrypt", "1".to_owned()), ("X-Data-Window-Size", window)];
        let body = key.seal(request.as_bytes());
        self.output.extend(written("application/json", &headers, &body));
        self.key = Some(key);
        self.stage = Stage::Parts;
        Ok(())
    }

    fn read_parts(&mut self) -> Result<(), MediaError> {
        while self.events.len() < EVENTS_MAX {
            let Some(mut part) = self.parts.next_part()? else { return Ok(()) };
            if part.is_encrypted {
                let key = self.key.as_ref().ok_or(Malformed::new("no key"))?;
                part.body =
                    key.open(&part.body).ok_or(Malformed::new("a part cannot be decrypted"))?;
            }
            self.part(part)?;
        }
        Err(Malformed::new("more parts than anybody takes").into())
    }

    fn part(&mut self, part: Part) -> Result<(), MediaError> {
        match part.content_type.split(';').next().unwrap_or_default().trim() {
            "application/json" => self.message(&part.body),
            "video/mp2t" => {
                self.acknowledge(&part);
                self.events.push_back(MediaEvent::Transport(part.body));
                Ok(())
            }
            "image/jpeg" => {
                self.events.push_back(MediaEvent::Picture(part.body));
                Ok(())
            }
            // Firmware adds kinds; what is not understood is not needed.
            _ => Ok(()),
        }
    }

    fn message(&mut self, body: &[u8]) -> Result<(), MediaError> {
        let no_json = Malformed::new("a part is no JSON");
        let message: Value = serde_json::from_slice(body).map_err(|_| no_json)?;
        let params = message.get("params").unwrap_or(&Value::Null);
        match message.get("type").and_then(Value::as_str) {
            Some("response")
                if message.get("seq").and_then(Value::as_u64) == Some(self.sequence.into()) =>
            {
                match crate::call::code_of(params, "error_code")? {
                    Code::SUCCESS => {}
                    code => return Err(MediaError::Refused(code)),
                }
                let id = params.get("session_id");
                let id = id.and_then(Value::as_str).filter(|id| {
                    (1..=32).contains(&id.len())
                        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
                });
                self.session_id = Some(id.ok_or(Malformed::new("no session"))?.to_owned());
                let is_private = self.key.as_ref().is_some_and(|key| key.is_secret);
                self.events.push_back(MediaEvent::Started { is_private });
            }
            Some("notification") => {
                let kind = params.get("event_type").and_then(Value::as_str);
                let status = params.get("status").and_then(Value::as_str);
                if kind == Some("stream_status") && status == Some("finished") {
                    self.events.push_back(MediaEvent::Finished);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Says that a window of parts came.
    fn acknowledge(&mut self, part: &Part) {
        let window = self.request.window();
        let Some(sequence) = part.sequence.filter(|sequence| sequence.is_multiple_of(window))
        else {
            return;
        };
        let (Some(id), Some(key)) = (&self.session_id, &self.key) else { return };
        let body = json!({"type": "notification", "params": {"event_type": "stream_sequence"}});
        let headers = [
            ("X-If-Encrypt", "1".to_owned()),
            ("X-Session-Id", id.clone()),
            ("X-Data-Received", sequence.to_string()),
        ];
        let sealed = key.seal(body.to_string().as_bytes());
        self.output.extend(written("application/json", &headers, &sealed));
    }

    /// Sends a piece of sound for the speaker: packets of [`super::AlawMuxer`]. Only after
    /// [`MediaEvent::Started`] of a [`MediaRequest::Talk`].
    pub fn talk(&mut self, transport: &[u8]) -> Result<(), MediaError> {
        let (MediaRequest::Talk, Some(id)) = (self.request, &self.session_id) else {
            return Err(MediaError::Unsupported("talking without having been accepted"));
        };
        let headers = [("X-If-Encrypt", "0".to_owned()), ("X-Session-Id", id.clone())];
        self.output.extend(written("audio/mp2t", &headers, transport));
        Ok(())
    }
}

/// The head of the client's request, with or without a proof.
fn head(authorization: Option<&str>) -> Vec<u8> {
    let mut text = String::from(
        "POST /stream HTTP/1.1\r\n\
         Content-Type: multipart/mixed;boundary=--client-stream-boundary--\r\n\
         Connection: keep-alive\r\nContent-Length: -1\r\n",
    );
    if let Some(authorization) = authorization {
        text += &format!("Authorization: {authorization}\r\n");
    }
    text += "\r\n";
    text.into_bytes()
}

#[cfg(test)]
mod tests;
