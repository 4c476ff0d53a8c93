//! Everything about a device that changes, behind one lock.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use hearth_model::WallTime;
use tokio::{sync::Notify, time::Instant};

use super::{
    OnvifAccess, OnvifEvent, OnvifFault, OnvifSpec,
    door::{Door, Verdict},
    event::Mailbox,
    imaging::Image,
    ptz::Head,
};
use crate::{certificate::Certificate, chance::Chance};

/// So many requests are remembered.
const SEEN_MAX: usize = 4_096;
/// Subscriptions at the same time; cameras keep some ten.
const SUBSCRIPTIONS_MAX: usize = 16;

/// How a request proved its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// It did not.
    Nothing,
    /// By WS-UsernameToken.
    UsernameToken,
    /// By HTTP Digest.
    Digest,
    /// By telling the password.
    Basic,
}

/// A request that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it asked for.
    pub operation: String,
    /// Its proof, right or wrong.
    pub proven: Proven,
}

/// What a device is.
#[derive(Debug)]
pub(super) struct State {
    pub(super) spec: OnvifSpec,
    pub(super) port: u16,
    pub(super) certificate: Option<Certificate>,
    pub(super) picture: Vec<u8>,
    /// Something was noticed.
    pub(super) news: Notify,
    inner: Mutex<Inner>,
}

/// What changes.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) door: Door,
    pub(super) head: Head,
    pub(super) image: Image,
    pub(super) mailboxes: Vec<Mailbox>,
    pub(super) next_mailbox: u64,
    pub(super) fault: Option<OnvifFault>,
    clock_ahead: i64,
    seen: VecDeque<Seen>,
    chance: Chance,
}

impl State {
    pub(super) fn new(
        spec: OnvifSpec,
        port: u16,
        certificate: Option<Certificate>,
        picture: Vec<u8>,
        random: u64,
    ) -> Self {
        let inner = Inner {
            door: Door::new(&spec, random),
            head: Head::default(),
            image: Image::default(),
            mailboxes: Vec::new(),
            next_mailbox: 1,
            fault: None,
            clock_ahead: spec.clock_ahead_seconds,
            seen: VecDeque::new(),
            chance: Chance::new(random),
        };
        Self { spec, port, certificate, picture, news: Notify::new(), inner: Mutex::new(inner) }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An address of this device.
    pub(super) fn own_url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}/onvif/{path}", self.scheme(), self.port)
    }

    /// The address that it tells: its own, or one on another machine if it misbehaves so.
    pub(super) fn url(&self, path: &str) -> String {
        match &self.inner().fault {
            Some(OnvifFault::ForeignUrls { host }) => {
                format!("{}://{host}/onvif/{path}", self.scheme())
            }
            _ => self.own_url(path),
        }
    }

    fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    pub(super) fn strike(&self, fault: OnvifFault) {
        let mut inner = self.inner();
        let random = inner.chance.next();
        match fault {
            OnvifFault::LoseSubscriptions => inner.mailboxes.clear(),
            OnvifFault::ClockAhead { seconds } => inner.clock_ahead = seconds,
            OnvifFault::OnlyMd5 => inner.door.change(OnvifAccess::Digest, random),
            OnvifFault::Recover => {
                inner.fault = None;
                inner.clock_ahead = self.spec.clock_ahead_seconds;
                inner.door.change(self.spec.access, random);
            }
            fault => inner.fault = Some(fault),
        }
        drop(inner);
        self.news.notify_waiters();
    }

    /// Notes a request and judges it; before that, a device that misbehaves so takes a new nonce.
    pub(super) fn judge(
        &self,
        operation: &str,
        authorization: Option<&str>,
        body: &str,
    ) -> Verdict {
        let now = self.now();
        let mut inner = self.inner();
        if matches!(inner.fault, Some(OnvifFault::StaleNonces | OnvifFault::WrongNonces)) {
            let (access, random) = (inner.door.access(), inner.chance.next());
            inner.door.change(access, random);
        }
        let verdict = inner.door.judge(authorization, body, now);
        inner.seen.push_back(Seen { operation: operation.to_owned(), proven: verdict.proven });
        if inner.seen.len() > SEEN_MAX {
            inner.seen.pop_front();
        }
        verdict
    }

    /// The device's own time.
    pub(super) fn now(&self) -> WallTime {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        WallTime::from_micros(micros)
            .plus_micros(self.inner().clock_ahead.saturating_mul(1_000_000))
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.inner().seen.iter().cloned().collect()
    }

    pub(super) fn position(&self) -> (f32, f32, f32) {
        self.inner().head.position(Instant::now())
    }

    pub(super) fn subscriptions(&self) -> usize {
        let mut inner = self.inner();
        inner.forget_expired();
        inner.mailboxes.len()
    }

    pub(super) fn notice(&self, event: OnvifEvent) {
        let at = self.now();
        let mut inner = self.inner();
        inner.forget_expired();
        for mailbox in &mut inner.mailboxes {
            mailbox.put(event.message(at, "Changed"));
        }
        drop(inner);
        self.news.notify_waiters();
    }
}

impl Inner {
    pub(super) fn forget_expired(&mut self) {
        let now = Instant::now();
        self.mailboxes.retain(|mailbox| mailbox.expires_at > now);
    }

    /// A new subscription, unless there are too many.
    pub(super) fn subscribe(&mut self, lifetime: Duration) -> Option<u64> {
        self.forget_expired();
        if self.mailboxes.len() >= SUBSCRIPTIONS_MAX {
            return None;
        }
        let id = self.next_mailbox;
        self.next_mailbox += 1;
        self.mailboxes.push(Mailbox::new(id, Instant::now() + lifetime));
        Some(id)
    }
}
