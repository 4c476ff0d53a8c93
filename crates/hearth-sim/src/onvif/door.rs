//! Who may ask: WS-UsernameToken and HTTP Digest, checked as the standards say.

use std::collections::VecDeque;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_model::WallTime;
use sha1::{Digest as _, Sha1};

use super::{OnvifAccess, OnvifSpec, Proven, scan};
use crate::{Access, lock::Lock};

/// How far a token may be from the device's own time.
const AGE_MICROS_MAX: u64 = 30_000_000;
/// So many nonces are remembered.
const NONCES_MAX: usize = 1_024;

/// The lock of one device.
#[derive(Debug)]
pub(super) struct Door {
    access: OnvifAccess,
    username: String,
    password: String,
    lock: Lock,
    used_nonces: VecDeque<String>,
}

/// What the door thinks of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Which proof came along, right or wrong.
    pub(super) proven: Proven,
    /// Whether it may pass.
    pub(super) passes: bool,
}

impl Door {
    pub(super) fn new(spec: &OnvifSpec, random: u64) -> Self {
        Self {
            access: spec.access,
            username: spec.username.clone(),
            password: spec.password.clone(),
            lock: lock(spec.access, &spec.username, &spec.password, random),
            used_nonces: VecDeque::new(),
        }
    }

    /// Another nonce, or another scheme.
    pub(super) fn change(&mut self, access: OnvifAccess, random: u64) {
        self.access = access;
        self.lock = lock(access, &self.username, &self.password, random);
    }

    pub(super) fn access(&self) -> OnvifAccess {
        self.access
    }

    /// The values of `WWW-Authenticate`.
    pub(super) fn challenges(&self) -> Vec<String> {
        match self.access {
            OnvifAccess::Open | OnvifAccess::UsernameToken => Vec::new(),
            OnvifAccess::Digest | OnvifAccess::DigestSha256 => self.lock.challenges(),
        }
    }

    /// For pictures, which have no SOAP header: always HTTP Digest, unless all is open.
    pub(super) fn picture_challenges(&self) -> Vec<String> {
        self.lock.challenges()
    }

    pub(super) fn opens_picture(&self, authorization: Option<&str>) -> bool {
        self.lock.opens("GET", authorization)
    }

    /// Judges a request.
    pub(super) fn judge(
        &mut self,
        authorization: Option<&str>,
        body: &str,
        now: WallTime,
    ) -> Verdict {
        let proven = match authorization.and_then(|text| text.split(' ').next()) {
            Some(scheme) if scheme.eq_ignore_ascii_case("Digest") => Proven::Digest,
            Some(scheme) if scheme.eq_ignore_ascii_case("Basic") => Proven::Basic,
            _ if scan::inside(body, "UsernameToken").is_some() => Proven::UsernameToken,
            _ => Proven::Nothing,
        };
        let passes = match self.access {
            OnvifAccess::Open => true,
            OnvifAccess::UsernameToken => self.takes_token(body, now),
            OnvifAccess::Digest | OnvifAccess::DigestSha256 => {
                self.lock.opens("POST", authorization)
            }
        };
        Verdict { proven, passes }
    }

    fn takes_token(&mut self, body: &str, now: WallTime) -> bool {
        let part = |name| scan::text(body, name);
        let (Some(username), Some(digest), Some(nonce), Some(created)) =
            (part("Username"), part("Password"), part("Nonce"), part("Created"))
        else {
            return false;
        };
        let kind = scan::attribute(body, "Password", "Type").unwrap_or_default();
        let (Ok(bytes), Ok(time)) = (STANDARD.decode(&nonce), created.parse::<WallTime>()) else {
            return false;
        };
        let mut hasher = Sha1::new();
        hasher.update(bytes);
        hasher.update(&created);
        hasher.update(&self.password);
        let is_right = kind.ends_with("#PasswordDigest")
            && username == self.username
            && digest == STANDARD.encode(hasher.finalize())
            && now.micros_since(time).unsigned_abs() <= AGE_MICROS_MAX
            && !self.used_nonces.contains(&nonce);
        self.used_nonces.push_back(nonce);
        if self.used_nonces.len() > NONCES_MAX {
            self.used_nonces.pop_front();
        }
        is_right
    }
}

fn lock(access: OnvifAccess, username: &str, password: &str, random: u64) -> Lock {
    let access = match access {
        OnvifAccess::Open => Access::Open,
        OnvifAccess::UsernameToken | OnvifAccess::Digest => Access::Digest,
        OnvifAccess::DigestSha256 => Access::DigestSha256,
    };
    Lock::new(access, username, password, random)
}
