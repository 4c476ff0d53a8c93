//! A camera's port 8800: Digest, keys, and parts of a transport stream.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use hearth_secret::SecretString;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    TapoSimError,
    cipher::{lower, md5, open, random, seal, sha256, upper},
};

const REALM: &str = "TP-Link IP-Camera";
/// The largest head or part of a client.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// What a camera streams.
#[derive(Clone, Debug)]
pub struct TapoMediaSpec {
    /// The password of the vendor's account.
    pub password: SecretString,
    /// Whether the password is hashed with SHA-256, as newer firmware does, and says so.
    pub sha256: bool,
    /// Whether bodies are encrypted with a key that depends on the password.
    pub encrypts: bool,
    /// What it sends as `video/mp2t`, part by part, before it says that it is finished.
    pub parts: Vec<Vec<u8>>,
}

/// A running stream server. Dropping it stops it.
#[derive(Debug)]
pub struct TapoMedia {
    port: u16,
    heard: Arc<Mutex<Heard>>,
    _tasks: JoinSet<()>,
}

/// What clients sent.
#[derive(Debug, Default)]
struct Heard {
    requests: Vec<Value>,
    talk: Vec<u8>,
    acknowledged: Vec<u32>,
    logins: usize,
}

impl TapoMedia {
    /// Starts it on a port of 127.0.0.1 that the system chooses.
    pub async fn start(spec: TapoMediaSpec) -> Result<Self, TapoSimError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&heard);
        tasks.spawn(async move {
            let mut clients = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => if let Ok((wire, _)) = accepted {
                        let client = Client::new(wire, spec.clone(), Arc::clone(&shared));
                        clients.spawn(async move {
                            // A client that goes away in the middle is what the test wanted.
                            client.serve().await;
                        });
                    },
                    _ = clients.join_next(), if !clients.is_empty() => {}
                }
            }
        });
        Ok(Self { port, heard, _tasks: tasks })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests that came, decrypted.
    pub fn requests(&self) -> Vec<Value> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }

    /// What was said into the speaker.
    pub fn talk(&self) -> Vec<u8> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).talk.clone()
    }

    /// The numbers that clients acknowledged.
    pub fn acknowledged(&self) -> Vec<u32> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).acknowledged.clone()
    }

    /// How many proofs of a password came.
    pub fn logins(&self) -> usize {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).logins
    }
}

struct Client {
    wire: TcpStream,
    spec: TapoMediaSpec,
    heard: Arc<Mutex<Heard>>,
    buffer: Vec<u8>,
    key: [u8; 16],
    vector: [u8; 16],
}

impl Client {
    fn new(wire: TcpStream, spec: TapoMediaSpec, heard: Arc<Mutex<Heard>>) -> Self {
        Self { wire, spec, heard, buffer: Vec::new(), key: [0; 16], vector: [0; 16] }
    }

    fn hear(&self, note: impl FnOnce(&mut Heard)) {
        note(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn hash(&self) -> String {
        let password = self.spec.password.expose().as_bytes();
        if self.spec.sha256 { upper(&sha256(&[password])) } else { upper(&md5(&[password])) }
    }

    async fn serve(mut self) -> Option<()> {
        self.until(b"\r\n\r\n").await?;
        let nonce = lower(&random::<16>());
        let hint = if self.spec.sha256 { ",encrypt_type=\"3\"" } else { "" };
        let challenge = format!(
            "HTTP ERROR 401HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest \
             realm=\"{REALM}\",algorithm=MD5,qop=\"auth\",nonce=\"{nonce}\",opaque=\"64943214\"{hint}\
             \r\nContent-Length: 0\r\n\r\n"
        );
        self.wire.write_all(challenge.as_bytes()).await.ok()?;
        let head = self.until(b"\r\n\r\n").await?;
        self.hear(|heard| heard.logins += 1);
        if !self.proves(&String::from_utf8_lossy(&head), &nonce) {
            let refused = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
            self.wire.write_all(refused).await.ok()?;
            return None;
        }
        let name = if self.spec.encrypts { "admin" } else { "none" };
        let nonce = lower(&random::<16>());
        let secret = if self.spec.encrypts { self.hash() } else { "TPL075526460603".to_owned() };
        self.key = md5(&[nonce.as_bytes(), b":", secret.as_bytes()]);
        self.vector = md5(&[name.as_bytes(), b":", nonce.as_bytes()]);
        let opened = format!(
            "HTTP/1.1 200 OK\r\nKey-Exchange: cipher=\"AES_128_CBC\" username=\"{name}\" \
             padding=\"PKCS7_16\" algorithm=\"MD5\" nonce=\"{nonce}\"\r\nContent-Type: \
             multipart/mixed; boundary=--device-stream-boundary--\r\n\r\n"
        );
        self.wire.write_all(opened.as_bytes()).await.ok()?;
        let (_, body) = self.part().await?;
        let request: Value = serde_json::from_slice(&body).ok()?;
        self.hear(|heard| heard.requests.push(request.clone()));
        self.stream(&request).await
    }

    async fn stream(&mut self, request: &Value) -> Option<()> {
        let is_talk = request["params"].get("talk").is_some();
        let answer = json!({"type": "response", "seq": request["seq"],
            "params": {"error_code": 0, "session_id": "7"}});
        self.send("application/json", None, answer.to_string().as_bytes()).await?;
        if !is_talk {
            for (number, part) in (1_u32..).zip(self.spec.parts.clone()) {
                self.send("video/mp2t", Some(number), &part).await?;
            }
            let end = json!({"type": "notification",
                "params": {"event_type": "stream_status", "status": "finished"}});
            self.send("application/json", None, end.to_string().as_bytes()).await?;
        }
        loop {
            let (head, body) = self.part().await?;
            let received: Option<u32> =
                header(&head, "X-Data-Received").and_then(|number| number.parse().ok());
            self.hear(|heard| {
                if head.contains("audio/mp2t") {
                    heard.talk.extend(&body);
                }
                heard.acknowledged.extend(received);
            });
        }
    }

    /// Whether the proof in a request is right; computed from the words of the standard.
    fn proves(&self, head: &str, nonce: &str) -> bool {
        let field = |name: &str| {
            let begin = head.find(&format!("{name}="))? + name.len() + 1;
            let rest = head[begin..].trim_start_matches('"');
            rest.split(['"', ',', '\r']).next().map(str::to_owned)
        };
        let account = lower(&md5(&[format!("admin:{REALM}:{}", self.hash()).as_bytes()]));
        let uri = field("uri").unwrap_or_default();
        let request = lower(&md5(&[format!("POST:{uri}").as_bytes()]));
        let client = field("cnonce").unwrap_or_default();
        let count = field("nc").unwrap_or_default();
        let text = format!("{account}:{nonce}:{count}:{client}:auth:{request}");
        field("response").as_deref() == Some(&*lower(&md5(&[text.as_bytes()])))
    }

    async fn send(&mut self, kind: &str, number: Option<u32>, plain: &[u8]) -> Option<()> {
        let body = seal(&self.key, &self.vector, plain);
        let number = number.map_or_else(String::new, |number| {
            format!("X-Session-Id: 7\r\nX-Data-Sequence: {number}\r\n")
        });
        let mut part = format!(
            "----device-stream-boundary--\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             X-If-Encrypt: 1\r\n{number}\r\n",
            body.len()
        )
        .into_bytes();
        part.extend(body);
        part.extend(b"\r\n");
        self.wire.write_all(&part).await.ok()
    }

    /// The client's next part, decrypted.
    async fn part(&mut self) -> Option<(String, Vec<u8>)> {
        self.until(b"----client-stream-boundary--\r\n").await?;
        let head = String::from_utf8(self.until(b"\r\n\r\n").await?).ok()?;
        let length: usize = header(&head, "Content-Length")?.parse().ok()?;
        while self.buffer.len() < length {
            self.read().await?;
        }
        let body: Vec<u8> = self.buffer.drain(..length).collect();
        let body = match header(&head, "X-If-Encrypt") {
            Some("1") => open(&self.key, &self.vector, &body)?,
            _ => body,
        };
        Some((head, body))
    }

    /// Everything up to a mark, the mark included.
    async fn until(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(begin) = self.buffer.windows(mark.len()).position(|window| window == mark) {
                return Some(self.buffer.drain(..begin + mark.len()).collect());
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Option<()> {
        if self.buffer.len() > MESSAGE_BYTES_MAX {
            return None;
        }
        let length = self.wire.read_buf(&mut self.buffer).await.ok()?;
        (length > 0).then_some(())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
