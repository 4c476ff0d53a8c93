//! Simulated services that tell people: a bot's API, a mail server, a relay of browsers, a receiver of
//! webhooks, a server of ntfy, an MQTT broker. All on 127.0.0.1, with certificates of their own, and
//! each fails on command.
//!
//! Written from the specifications, not from the clients. Their secrets guard nothing.

mod bot;
mod broker;
mod hook;
mod mail;
mod relay;
mod topic;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub use bot::{BotApi, BotMessage};
pub use broker::{Broker, BrokerMessage};
pub use hook::{HookCall, HookReceiver};
pub use mail::{Mail, MailServer};
pub use relay::{PushMessage, PushRelay};
pub use topic::{TopicMessage, TopicServer};

use crate::service::Reply;

/// What is taken is kept for whoever looks; more push the oldest out.
const TAKEN_MAX: usize = 10_000;

/// What goes wrong, until told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotifyFault {
    /// Nothing.
    #[default]
    None,
    /// Too many messages: wait for so many seconds.
    TooMany(u64),
    /// The service fails (500, 450, "unavailable").
    Failing,
    /// Nothing is answered.
    Silent,
    /// The message is taken, and said so a second later.
    Slow,
    /// The message is taken, and the connection closed before that is said.
    ClosesHalfway,
    /// The secret is not accepted.
    Refuses,
    /// The receiver is gone for good.
    Gone,
}

/// What a service took.
#[derive(Debug)]
struct Inbox<T> {
    inside: Mutex<Inside<T>>,
    changed: Notify,
}

#[derive(Debug)]
struct Inside<T> {
    fault: NotifyFault,
    taken: Vec<T>,
    tries: usize,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        let inside = Inside { fault: NotifyFault::None, taken: Vec::new(), tries: 0 };
        Self { inside: Mutex::new(inside), changed: Notify::new() }
    }
}

impl<T: Clone> Inbox<T> {
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_fault(&self, fault: NotifyFault) {
        self.lock().fault = fault;
    }

    /// Counts a try, and says what goes wrong with it.
    fn tried(&self) -> NotifyFault {
        let mut inside = self.lock();
        inside.tries += 1;
        let fault = inside.fault;
        drop(inside);
        self.changed.notify_waiters();
        fault
    }

    fn tries(&self) -> usize {
        self.lock().tries
    }

    fn take(&self, one: T) {
        let mut inside = self.lock();
        if inside.taken.len() >= TAKEN_MAX {
            inside.taken.remove(0);
        }
        inside.taken.push(one);
        drop(inside);
        self.changed.notify_waiters();
    }

    fn taken(&self) -> Vec<T> {
        self.lock().taken.clone()
    }

    async fn wait_until(&self, enough: impl Fn(&Inside<T>) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if enough(&self.lock()) {
                return;
            }
            changed.await;
        }
    }
}

/// What an HTTP service answers to a fault; `None` where it goes on.
fn reply_to(fault: NotifyFault) -> Option<Reply> {
    let text = |status, headers| Some(Reply::Http(status, headers, "{}".to_owned()));
    match fault {
        NotifyFault::None | NotifyFault::Slow => None,
        NotifyFault::TooMany(seconds) => {
            text("429 Too Many Requests", vec![("Retry-After", seconds.to_string())])
        }
        NotifyFault::Failing => text("500 Internal Server Error", Vec::new()),
        NotifyFault::Silent => Some(Reply::Silence),
        NotifyFault::ClosesHalfway => Some(Reply::CutShort),
        NotifyFault::Refuses => text("401 Unauthorized", Vec::new()),
        NotifyFault::Gone => text("410 Gone", Vec::new()),
    }
}

/// The methods that every simulated service of this kind has.
macro_rules! inbox_methods {
    ($service:ident, $item:ty) => {
        impl $service {
            /// Makes something go wrong from now on, or all well again.
            pub fn fault(&self, fault: crate::notify::NotifyFault) {
                self.inbox().set_fault(fault);
            }

            /// What was taken, oldest first.
            pub fn taken(&self) -> Vec<$item> {
                self.inbox().taken()
            }

            /// How often somebody tried.
            pub fn tries(&self) -> usize {
                self.inbox().tries()
            }

            /// Waits until so many were taken, and gives them.
            pub async fn wait_for(&self, count: usize) -> Vec<$item> {
                self.inbox().wait_until(|inside| inside.taken.len() >= count).await;
                self.taken()
            }

            /// Waits until somebody tried so often.
            pub async fn wait_for_tries(&self, count: usize) {
                self.inbox().wait_until(|inside| inside.tries >= count).await;
            }
        }
    };
}
use inbox_methods;
