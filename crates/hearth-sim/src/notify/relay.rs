//! A simulated push service with one browser behind it, which decrypts what it gets (RFC 8291) and
//! checks who sent it (RFC 8292).

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    signature::{self, ECDSA_P256_SHA256_FIXED},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Inbox, NotifyFault, inbox_methods, reply_to};
use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};

/// What the browser shares with senders.
const AUTH: [u8; 16] = *b"simulated secret";

/// Something that the browser showed.
#[derive(Clone, Debug, PartialEq)]
pub struct PushMessage {
    /// What replaces what at the relay.
    pub topic: String,
    /// How urgent.
    pub urgency: String,
    /// What the service worker gets.
    pub payload: Value,
    /// By whose key it was sent.
    pub sender: String,
}

/// A running relay. Dropping it stops it.
pub struct PushRelay {
    service: Service,
    browser: Arc<Browser>,
}

struct Browser {
    inbox: Inbox<PushMessage>,
    key: PrivateKey,
    public: Vec<u8>,
}

impl std::fmt::Debug for PushRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushRelay").field("service", &self.service).finish_non_exhaustive()
    }
}

impl PushRelay {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    ///
    /// # Panics
    /// If no key can be made, which does not happen.
    pub async fn start() -> Result<Self, ServiceError> {
        let key = PrivateKey::generate(&ECDH_P256).expect("a key is made");
        let public = key.compute_public_key().expect("it has a public half").as_ref().to_vec();
        let browser = Arc::new(Browser { inbox: Inbox::default(), key, public });
        Ok(Self { service: Service::start(Arc::clone(&browser)).await?, browser })
    }

    /// What the browser's `PushSubscription` says.
    pub fn subscription(&self) -> Value {
        json!({
            "endpoint": format!("https://127.0.0.1:{}/push/one", self.service.port()),
            "expirationTime": null,
            "keys": {
                "p256dh": URL_SAFE_NO_PAD.encode(&self.browser.public),
                "auth": URL_SAFE_NO_PAD.encode(AUTH),
            },
        })
    }

    /// SHA-256 of its certificate.
    pub fn certificate_sha256(&self) -> String {
        self.service.certificate_sha256()
    }

    fn inbox(&self) -> &Inbox<PushMessage> {
        &self.browser.inbox
    }
}

inbox_methods!(PushRelay, PushMessage);

impl Answering for Browser {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let fault = self.inbox.tried();
        let reply = reply_to(fault);
        if reply.is_some() && fault != NotifyFault::ClosesHalfway {
            return reply.unwrap_or(Reply::Silence);
        }
        let Some(sender) = sender(request) else {
            return Reply::Http("403 Forbidden", Vec::new(), String::new());
        };
        let Some(message) = self.message(request, sender) else {
            return Reply::Http("400 Bad Request", Vec::new(), String::new());
        };
        self.inbox.take(message);
        reply.unwrap_or(Reply::Http("201 Created", Vec::new(), String::new()))
    }
}

impl Browser {
    fn message(&self, request: &HttpRequest, sender: String) -> Option<PushMessage> {
        (request.header("content-encoding")? == "aes128gcm").then_some(())?;
        request.header("ttl")?.parse::<u32>().ok()?;
        let topic = request.header("topic")?.to_owned();
        (topic.len() <= 32).then_some(())?;
        Some(PushMessage {
            topic,
            urgency: request.header("urgency")?.to_owned(),
            payload: serde_json::from_slice(&self.opened(&request.body)?).ok()?,
            sender,
        })
    }

    fn opened(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (salt, rest) = body.split_at_checked(16)?;
        let (_record_size, rest) = rest.split_at_checked(4)?;
        let (length, rest) = rest.split_first()?;
        let (their_public, record) = rest.split_at_checked(usize::from(*length))?;
        let peer = UnparsedPublicKey::new(&ECDH_P256, their_public);
        let shared = agree(&self.key, peer, (), |shared| Ok(shared.to_vec())).ok()?;
        let derive = |salt: &[u8], secret: &[u8], info: &[u8], bytes: &mut [u8]| {
            Hkdf::<Sha256>::new(Some(salt), secret).expand(info, bytes).ok()
        };
        let mut material = [0; 32];
        let info = [b"WebPush: info\0", &self.public[..], their_public].concat();
        derive(&AUTH, &shared, &info, &mut material)?;
        let (mut key, mut nonce) = ([0; 16], [0; 12]);
        derive(salt, &material, b"Content-Encoding: aes128gcm\0", &mut key)?;
        derive(salt, &material, b"Content-Encoding: nonce\0", &mut nonce)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
        let mut record = record.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = key.open_in_place(nonce, Aad::empty(), &mut record).ok()?;
        // The last record ends with 2 and zeros.
        let end = plain.iter().rposition(|byte| *byte != 0)?;
        (plain.get(end)? == &2).then(|| plain.get(..end).map(<[u8]>::to_vec)).flatten()
    }
}

/// The key of whoever sent it, if they hold it and mean this relay.
fn sender(request: &HttpRequest) -> Option<String> {
    let (token, key) =
        request.authorization.as_deref()?.strip_prefix("vapid t=")?.split_once(", k=")?;
    let (signed, proof) = token.rsplit_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let public = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key)?);
    public.verify(signed.as_bytes(), &decode(proof)?).ok()?;
    let claims: Value = serde_json::from_slice(&decode(signed.split_once('.')?.1)?).ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let ends = claims["exp"].as_u64()?;
    let host = request.header("host")?;
    let is_meant = claims["aud"].as_str()? == format!("https://{host}");
    let has_contact = claims["sub"].as_str()?.starts_with("mailto:");
    // Clocks of tests are set by hours; a token of more than a day never counts.
    (is_meant && has_contact && ends <= now + 2 * 86_400).then(|| key.to_owned())
}
