//! A simulated Netatmo: sign-in pages, the API and the documented token service, on one port.
//!
//! Written from the description of the service, not from the client.

mod api;
mod sign_in;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    http::HttpRequest,
    service::{Answering, Reply, Service, ServiceError},
};
use api::House;
use sign_in::SignIn;

/// How to reach a simulated Netatmo. Its secrets guard nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetatmoDescription {
    /// Always true: there is no such service.
    pub simulated: bool,
    /// `https://127.0.0.1:..`, for signing in and for the API.
    pub url: String,
    /// Its port.
    pub port: u16,
    /// Whose account it is.
    pub username: String,
    /// And the password.
    pub password: String,
    /// The owner's application.
    pub client_id: String,
    /// And its secret.
    pub client_secret: String,
    /// The first refresh token; each is good for one use.
    pub refresh_token: String,
    /// SHA-256 of the certificate it shows now, in hexadecimal.
    pub certificate_sha256: String,
}

/// What can go wrong. Lasts until the next one, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetatmoFault {
    /// All is well.
    None,
    /// The API refuses the next request with 403, and no other.
    ForbiddenOnce,
    /// The API refuses the next request with 401, and no other.
    UnauthorizedOnce,
    /// The API refuses everybody with 403.
    Forbidden,
    /// Everything answers 429, with this wish in seconds.
    Limited(Option<u32>),
    /// The API answers 403 with the code for too many requests.
    UsageReached,
    /// Everything answers 502.
    Failing,
    /// Requests are taken and never answered.
    Slow,
    /// Answers of the API mean nothing.
    Malformed,
    /// Signing in leads elsewhere.
    Hijacked,
}

/// What was asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetatmoCounts {
    /// Passwords that were sent.
    pub passwords: u32,
    /// Checks whether a session still works, and first halves of signing in.
    pub checks: u32,
    /// Requests to the API.
    pub api: u32,
    /// Renewals of a grant.
    pub refreshes: u32,
}

/// A running simulated Netatmo. Dropping it stops it.
#[derive(Debug)]
pub struct Netatmo {
    service: Service,
    cloud: Arc<Cloud>,
}

#[derive(Debug)]
struct Cloud(Mutex<Inside>);

#[derive(Debug)]
struct Inside {
    fault: NetatmoFault,
    counts: NetatmoCounts,
    sign_in: SignIn,
    house: House,
    grants: Grants,
}

/// The documented token service: tokens that are good now.
#[derive(Debug)]
struct Grants {
    access: HashSet<String>,
    refresh: String,
    number: u32,
}

const CLIENT_ID: &str = "simulated-application";
const CLIENT_SECRET: &str = "simulated-application-secret";
const FIRST_REFRESH: &str = "simulated|refresh-0";

impl Netatmo {
    /// Starts on a port of 127.0.0.1 that the system chooses.
    ///
    /// # Errors
    /// If there is no port or no certificate.
    pub async fn start() -> Result<Self, ServiceError> {
        let grants =
            Grants { access: HashSet::new(), refresh: FIRST_REFRESH.to_owned(), number: 0 };
        let cloud = Arc::new(Cloud(Mutex::new(Inside {
            fault: NetatmoFault::None,
            counts: NetatmoCounts::default(),
            sign_in: SignIn::default(),
            house: House::new(),
            grants,
        })));
        let service = Service::start(Arc::clone(&cloud)).await?;
        Ok(Self { service, cloud })
    }

    /// How to reach it.
    pub fn describe(&self) -> NetatmoDescription {
        let port = self.service.port();
        NetatmoDescription {
            simulated: true,
            url: format!("https://127.0.0.1:{port}"),
            port,
            username: sign_in::USERNAME.to_owned(),
            password: sign_in::PASSWORD.to_owned(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            refresh_token: FIRST_REFRESH.to_owned(),
            certificate_sha256: self.service.certificate_sha256(),
        }
    }

    /// Makes something go wrong, or all well again.
    pub fn fault(&self, fault: NetatmoFault) {
        self.cloud.lock().fault = fault;
    }

    /// Ends all sessions and grants that are in use.
    pub fn end_sessions(&self) {
        let mut inside = self.cloud.lock();
        inside.sign_in.end_sessions();
        inside.grants.access.clear();
    }

    /// The owner takes the grant back: no refresh token is good any more.
    pub fn withdraw_grant(&self) {
        let mut inside = self.cloud.lock();
        inside.grants.access.clear();
        inside.grants.refresh.clear();
    }

    /// Shows another certificate from now on.
    ///
    /// # Errors
    /// If none can be made.
    pub fn replace_certificate(&self) -> Result<(), ServiceError> {
        self.service.replace_certificate()
    }

    /// What was asked so far.
    pub fn counts(&self) -> NetatmoCounts {
        self.cloud.lock().counts
    }

    /// The corrections that were made: room, measured, true.
    pub fn corrections(&self) -> Vec<(String, f64, f64)> {
        self.cloud.lock().house.corrections()
    }
}

impl Cloud {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answering for Cloud {
    fn answer(&self, request: &HttpRequest) -> Reply {
        let mut inside = self.lock();
        let path = request.path.split('?').next().unwrap_or_default().to_owned();
        let (is_api, is_grant) = (path.starts_with("/api/"), path == "/oauth2/token");
        inside.counts.api += u32::from(is_api);
        inside.counts.refreshes += u32::from(is_grant);
        inside.counts.passwords += u32::from(path == "/access/postlogin");
        inside.counts.checks += u32::from(path == "/access/csrf");
        match inside.fault {
            NetatmoFault::Slow => return Reply::Silence,
            NetatmoFault::Limited(wish) => return limited(wish),
            NetatmoFault::Failing => {
                return Reply::Http("502 Bad Gateway", Vec::new(), "<html>".to_owned());
            }
            NetatmoFault::Hijacked if !is_api => {
                let elsewhere = vec![("Location", "https://127.0.0.2:9/steal".to_owned())];
                return Reply::Http("302 Found", elsewhere, String::new());
            }
            _ => {}
        }
        if is_grant {
            inside.grants.renew(request)
        } else if is_api {
            inside.api(&path, request)
        } else {
            inside.sign_in.answer(&path, request)
        }
    }
}

impl Inside {
    fn api(&mut self, path: &str, request: &HttpRequest) -> Reply {
        let refused = |status, code, message: &str| {
            Reply::json(status, &json!({ "error": { "code": code, "message": message } }))
        };
        match std::mem::replace(&mut self.fault, NetatmoFault::None) {
            NetatmoFault::ForbiddenOnce => return refused("403 Forbidden", 3, "expired"),
            NetatmoFault::UnauthorizedOnce => return refused("401 Unauthorized", 2, "invalid"),
            NetatmoFault::Malformed => {
                self.fault = NetatmoFault::Malformed;
                return Reply::json("200 OK", &json!({ "status": "ok", "body": [7] }));
            }
            lasting @ (NetatmoFault::Forbidden | NetatmoFault::UsageReached) => {
                self.fault = lasting;
                let code = if lasting == NetatmoFault::Forbidden { 5 } else { 26 };
                return refused("403 Forbidden", code, "simulated");
            }
            lasting => self.fault = lasting,
        }
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let is_session = token.is_some_and(|token| self.sign_in.is_token(token));
        let is_grant = token.is_some_and(|token| self.grants.access.contains(token));
        match path {
            "/api/getstationsdata" if is_grant => Reply::json("200 OK", &api::stations()),
            _ if is_session => self.house.answer(path, request),
            _ => refused("403 Forbidden", 3, "Access token expired"),
        }
    }
}

impl Grants {
    fn renew(&mut self, request: &HttpRequest) -> Reply {
        let body = String::from_utf8_lossy(&request.body);
        let field = |name: &str| sign_in::form_field(&body, name).unwrap_or_default();
        let is_known = field("client_id") == CLIENT_ID && field("client_secret") == CLIENT_SECRET;
        let is_good = field("grant_type") == "refresh_token"
            && !self.refresh.is_empty()
            && field("refresh_token") == self.refresh;
        if !is_known || !is_good {
            return Reply::json("400 Bad Request", &json!({ "error": "invalid_grant" }));
        }
        self.number += 1;
        let access = format!("simulated|access-{}", self.number);
        self.refresh = format!("simulated|refresh-{}", self.number);
        self.access.insert(access.clone());
        let answer: Value = json!({
            "access_token": access,
            "refresh_token": self.refresh,
            "expires_in": 10_800,
            "scope": ["read_station"],
        });
        Reply::json("200 OK", &answer)
    }
}

fn limited(wish: Option<u32>) -> Reply {
    let headers = wish.map(|seconds| ("Retry-After", seconds.to_string()));
    Reply::Http("429 Too Many Requests", headers.into_iter().collect(), String::new())
}
