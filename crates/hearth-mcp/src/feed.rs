//! What a session is told without asking: that a resource it wants to know of has changed.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use hearth_hub::{EventFeed, FeedItem};
use hearth_model::EventKind;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    resources::{Resource, resources},
    rpc,
};

/// Messages to one session, until it is over.
pub struct Feed {
    /// None for those who may not read what happens.
    events: Option<EventFeed>,
    subscriptions: Arc<Mutex<BTreeSet<&'static str>>>,
    life: watch::Receiver<()>,
    resources: Vec<Resource>,
    /// At most one for each resource, and no more is heard until they are told.
    waiting: VecDeque<Value>,
}

impl Feed {
    pub(crate) fn new(
        events: Option<EventFeed>,
        subscriptions: Arc<Mutex<BTreeSet<&'static str>>>,
        life: watch::Receiver<()>,
    ) -> Self {
        let (resources, waiting) = (resources(), VecDeque::new());
        Self { events, subscriptions, life, resources, waiting }
    }

    /// The next message; `None` when the session or the hub ends. Cancel-safe.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Some(message);
            }
            let item = tokio::select! {
                // Nothing is ever sent there: it only closes.
                _ = self.life.changed() => return None,
                item = heard(self.events.as_mut()) => item?,
            };
            match item {
                FeedItem::Event(event) => self.changed(Some(event.kind)),
                // Facts were lost: everything may have changed.
                FeedItem::Gone => self.changed(None),
                FeedItem::Status(_) | FeedItem::Readings(_) => {}
            }
        }
    }

    fn changed(&mut self, kind: Option<EventKind>) {
        let wanted = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        for resource in &self.resources {
            let changes = resource.changes_with.is_some_and(|with| kind.is_none_or(with));
            if changes && wanted.contains(resource.uri) {
                let params = json!({ "uri": resource.uri });
                self.waiting
                    .push_back(rpc::notification("notifications/resources/updated", params));
            }
        }
    }
}

async fn heard(events: Option<&mut EventFeed>) -> Option<FeedItem> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}
