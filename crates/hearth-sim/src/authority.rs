//! A simulated authority that issues certificates by itself (ACME, RFC 8555; TLS-ALPN-01, RFC 8737).
//!
//! Written from the standards, not from the client: nonces are good for one use, each request must be
//! signed with the account's key for the address it goes to, and a certificate is issued only after
//! the listener has shown, in a handshake, what only the account's owner can compute.

mod challenge;
mod jws;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer,
    KeyPair,
};
use rustls_pki_types::CertificateSigningRequestDer;
use serde::Serialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tokio::sync::watch;

use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};
use jws::{Signed, Signer};

/// How to reach a simulated authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorityDescription {
    /// Always true: nobody trusts it.
    pub simulated: bool,
    /// Its directory.
    pub directory: String,
    /// SHA-256 of its own certificate, in hexadecimal.
    pub certificate_sha256: String,
}

/// What was asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthorityCounts {
    /// Accounts that were made.
    pub accounts: u32,
    /// Orders.
    pub orders: u32,
    /// Names that were looked for and not shown.
    pub not_shown: u32,
    /// Certificates that were issued.
    pub issued: u32,
}

/// A running simulated authority. Dropping it stops it.
#[derive(Debug)]
pub struct Authority {
    service: Service,
    desk: Arc<Desk>,
}

#[derive(Debug)]
struct Desk {
    key: KeyPair,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug)]
struct Inside {
    base: String,
    /// Where names are looked for instead of port 443, once it is known.
    listener: watch::Sender<Option<SocketAddr>>,
    days: i64,
    nonces: HashSet<String>,
    number: u32,
    accounts: HashMap<String, Signer>,
    orders: HashMap<String, Order>,
    counts: AuthorityCounts,
}

#[derive(Debug)]
struct Order {
    account: String,
    /// Each with what its challenge became.
    names: Vec<(String, State)>,
    token: String,
    chain: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    Valid,
    Invalid,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

impl Authority {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port, no key or no certificate.
    pub async fn start() -> Result<Self, ServiceError> {
        let key = KeyPair::generate().map_err(crate::certificate::CertificateError::Make)?;
        let inside = Inside {
            base: String::new(),
            listener: watch::Sender::default(),
            days: 90,
            nonces: HashSet::new(),
            number: 0,
            accounts: HashMap::new(),
            orders: HashMap::new(),
            counts: AuthorityCounts::default(),
        };
        let desk = Arc::new(Desk { key, inside: Arc::new(Mutex::new(inside)) });
        let service = Service::start(Arc::clone(&desk)).await?;
        desk.lock().base = format!("https://127.0.0.1:{}", service.port());
        Ok(Self { service, desk })
    }

    /// How to reach it.
    pub fn describe(&self) -> AuthorityDescription {
        AuthorityDescription {
            simulated: true,
            directory: format!("{}/directory", self.desk.lock().base),
            certificate_sha256: self.service.certificate_sha256(),
        }
    }

    /// Looks for all names there. Whoever asks before waits until then.
    pub fn look_at(&self, listener: SocketAddr) {
        self.desk.lock().listener.send_replace(Some(listener));
    }

    /// Issues certificates for so many days; at first for 90.
    pub fn issue_for_days(&self, days: i64) {
        self.desk.lock().days = days;
    }

    /// What was asked so far.
    pub fn counts(&self) -> AuthorityCounts {
        self.desk.lock().counts
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn directory(&self) -> Value {
        let base = self.lock().base.clone();
        json!({
            "newNonce": format!("{base}/nonce"),
            "newAccount": format!("{base}/account"),
            "newOrder": format!("{base}/order"),
            "revokeCert": format!("{base}/revoke"),
            "keyChange": format!("{base}/key"),
        })
    }

    /// A request that is signed as it must be, and by whom.
    fn signed(&self, request: &HttpRequest) -> Option<Signed> {
        let mut inside = self.lock();
        let url = format!("{}{}", inside.base, request.path);
        let Inside { accounts, nonces, .. } = &mut *inside;
        jws::open(&request.body, &url, nonces, accounts)
    }

    fn account(&self, signed: &Signed) -> Option<Reply> {
        let mut inside = self.lock();
        let signer = signed.new_signer.clone()?;
        let known = inside.accounts.iter().find(|(_, known)| **known == signer);
        let id = match known.map(|(id, _)| id.clone()) {
            Some(id) => id,
            None => {
                inside.counts.accounts += 1;
                let id = format!("{}/account/{}", inside.base, inside.counts.accounts);
                inside.accounts.insert(id.clone(), signer);
                id
            }
        };
        Some(created(&id, &json!({ "status": "valid" })))
    }

    fn new_order(&self, signed: &Signed) -> Option<Reply> {
        let names = signed.payload["identifiers"].as_array()?.iter();
        let names: Option<Vec<_>> =
            names.map(|one| Some((one["value"].as_str()?.to_owned(), State::Pending))).collect();
        let mut inside = self.lock();
        inside.counts.orders += 1;
        let id = inside.counts.orders.to_string();
        let token = format!("token-{id}");
        let order = Order { account: signed.account.clone()?, names: names?, token, chain: None };
        inside.orders.insert(id.clone(), order);
        let order = inside.order(&id)?;
        Some(created(&format!("{}/order/{id}", inside.base), &order))
    }

    /// Looks in the background whether the listener shows the proof.
    fn look(&self, id: &str, at: usize) -> Option<()> {
        let inside = self.lock();
        let order = inside.orders.get(id)?;
        let (name, _) = order.names.get(at)?.clone();
        let account = inside.accounts.get(&order.account)?;
        let wanted = challenge::digest(&order.token, account);
        let mut listener = inside.listener.subscribe();
        let (desk, id) = (Arc::clone(&self.inside), id.to_owned());
        drop(inside);
        tokio::spawn(async move {
            let Ok(Some(listener)) = listener.wait_for(Option::is_some).await.map(|known| *known)
            else {
                return;
            };
            let shown = challenge::shown(listener, &name).await;
            let state = if shown == Some(wanted) { State::Valid } else { State::Invalid };
            let mut inside = desk.lock().unwrap_or_else(PoisonError::into_inner);
            inside.counts.not_shown += u32::from(state == State::Invalid);
            if let Some(name) = inside.orders.get_mut(&id).and_then(|order| order.names.get_mut(at))
            {
                name.1 = state;
            }
        });
        Some(())
    }

    fn finalize(&self, id: &str, signed: &Signed) -> Option<()> {
        let request = URL_SAFE_NO_PAD.decode(signed.payload["csr"].as_str()?).ok()?;
        let request = CertificateSigningRequestDer::from(request);
        let mut request = CertificateSigningRequestParams::from_der(&request).ok()?;
        let mut inside = self.lock();
        let days = inside.days;
        let order = inside.orders.get_mut(id)?;
        if order.names.iter().any(|(_, state)| *state != State::Valid) {
            return None;
        }
        let now = OffsetDateTime::now_utc();
        request.params.not_before = now - Duration::hours(1);
        request.params.not_after = now + Duration::days(days);
        let root = root()?;
        let issuer = Issuer::new(root.clone(), &self.key);
        let leaf = request.signed_by(&issuer).ok()?;
        order.chain = Some(leaf.pem() + &root.self_signed(&self.key).ok()?.pem());
        inside.counts.issued += 1;
        Some(())
    }

    fn answer_signed(&self, path: &[&str], signed: &Signed) -> Option<Reply> {
        match path {
            ["account"] => self.account(signed),
            ["order"] => self.new_order(signed),
            ["order", id] => Some(ok(&self.lock().order(id)?)),
            ["authorization", id, at] => {
                Some(ok(&self.lock().authorization(id, at.parse().ok()?)?))
            }
            ["challenge", id, at] => {
                let at = at.parse().ok()?;
                self.look(id, at)?;
                Some(ok(&self.lock().challenge(id, at)?))
            }
            ["finalize", id] => {
                self.finalize(id, signed)?;
                Some(ok(&self.lock().order(id)?))
            }
            ["certificate", id] => {
                let chain = self.lock().orders.get(*id)?.chain.clone()?;
                let kind = vec![("Content-Type", "application/pem-certificate-chain".to_owned())];
                Some(Reply::Http("200 OK", kind, chain))
            }
            _ => None,
        }
    }
}

impl Inside {
    fn nonce(&mut self) -> String {
        self.number += 1;
        let nonce = format!("nonce-{}", self.number);
        self.nonces.insert(nonce.clone());
        nonce
    }

    fn order(&self, id: &str) -> Option<Value> {
        let (base, order) = (&self.base, self.orders.get(id)?);
        let has = |state: State| order.names.iter().any(|(_, of)| *of == state);
        let status = if order.chain.is_some() {
            "valid"
        } else if has(State::Invalid) {
            "invalid"
        } else if has(State::Pending) {
            "pending"
        } else {
            "ready"
        };
        let names = order.names.iter().map(|(name, _)| json!({ "type": "dns", "value": name }));
        let authorizations =
            (0..order.names.len()).map(|at| format!("{base}/authorization/{id}/{at}"));
        let mut answer = json!({
            "status": status,
            "identifiers": names.collect::<Vec<_>>(),
            "authorizations": authorizations.collect::<Vec<_>>(),
            "finalize": format!("{base}/finalize/{id}"),
        });
        if order.chain.is_some() {
            answer["certificate"] = format!("{base}/certificate/{id}").into();
        }
        Some(answer)
    }

    fn authorization(&self, id: &str, at: usize) -> Option<Value> {
        let (name, state) = self.orders.get(id)?.names.get(at)?;
        Some(json!({
            "status": state.word(),
            "identifier": { "type": "dns", "value": name },
            "challenges": [self.challenge(id, at)?],
        }))
    }

    fn challenge(&self, id: &str, at: usize) -> Option<Value> {
        let order = self.orders.get(id)?;
        Some(json!({
            "type": "tls-alpn-01",
            "url": format!("{}/challenge/{id}/{at}", self.base),
            "token": order.token,
            "status": order.names.get(at)?.1.word(),
        }))
    }
}

impl Answering for Desk {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
        let reply = match (request.method.as_str(), path.as_slice()) {
            ("GET", ["directory"]) => ok(&self.directory()),
            ("HEAD" | "GET", ["nonce"]) => Reply::Http("200 OK", Vec::new(), String::new()),
            ("POST", path) => match self.signed(request) {
                Some(signed) => self.answer_signed(path, &signed).unwrap_or_else(refused),
                None => refused(),
            },
            _ => refused(),
        };
        with_nonce(reply, self.lock().nonce())
    }
}

fn root() -> Option<CertificateParams> {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(DnType::CommonName, "Simulated authority");
    root.not_after = OffsetDateTime::now_utc().checked_add(Duration::days(3_650))?;
    Some(root)
}

fn ok(body: &Value) -> Reply {
    Reply::json("200 OK", body)
}

fn created(location: &str, body: &Value) -> Reply {
    let headers =
        vec![("Content-Type", "application/json".to_owned()), ("Location", location.to_owned())];
    Reply::Http("201 Created", headers, body.to_string())
}

fn refused() -> Reply {
    let problem = json!({ "type": "urn:ietf:params:acme:error:malformed", "status": 400 });
    let kind = vec![("Content-Type", "application/problem+json".to_owned())];
    Reply::Http("400 Bad Request", kind, problem.to_string())
}

fn with_nonce(reply: Reply, nonce: String) -> Reply {
    match reply {
        Reply::Http(status, mut headers, body) => {
            headers.push(("Replay-Nonce", nonce));
            Reply::Http(status, headers, body)
        }
        other @ (Reply::Late(..) | Reply::Silence | Reply::CutShort) => other,
    }
}
