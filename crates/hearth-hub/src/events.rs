//! Facts: appended once, in order, and told to whoever listens.
//!
//! One task appends, so that the order in the store is the order in which listeners hear. A store
//! that refuses delays facts, never footage; what does not fit meanwhile is counted and logged.

use std::{sync::Arc, time::Duration};

use hearth_model::Event;
use hearth_store::{EventRow, Store};
use tokio::sync::{broadcast, mpsc, oneshot};

/// Facts on their way to the store.
const QUEUE_MAX: usize = 1_024;

/// Facts that a slow listener may be behind before it reads them from the store instead.
const LISTENERS_MAX: usize = 256;

/// Facts appended in one transaction.
const BATCH_MAX: usize = 64;

/// Wait after a refusal, and how often before a fact is given up.
const RETRY: Duration = Duration::from_millis(500);
const RETRIES_MAX: u32 = 20;

enum Input {
    Event(Event),
    Flush(oneshot::Sender<()>),
}

/// Where facts are appended and heard.
#[derive(Clone)]
pub(crate) struct EventBus {
    inputs: mpsc::Sender<Input>,
    heard: broadcast::Sender<Arc<EventRow>>,
}

impl EventBus {
    /// Starts the task that appends; it ends with the last sender.
    pub(crate) fn start(store: Store) -> Self {
        let (inputs, rx) = mpsc::channel(QUEUE_MAX);
        let (heard, _) = broadcast::channel(LISTENERS_MAX);
        tokio::spawn(run(store, rx, heard.clone()));
        Self { inputs, heard }
    }

    /// Appends a fact; waits while the queue is full.
    pub(crate) async fn append(&self, event: Event) {
        if self.inputs.send(Input::Event(event)).await.is_err() {
            tracing::error!("a fact came after the end");
        }
    }

    /// Waits until all facts appended before are stored.
    pub(crate) async fn flush(&self) {
        let (tx, rx) = oneshot::channel();
        if self.inputs.send(Input::Flush(tx)).await.is_ok() {
            rx.await.ok();
        }
    }

    /// Facts stored from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<EventRow>> {
        self.heard.subscribe()
    }
}

async fn run(
    store: Store,
    mut inputs: mpsc::Receiver<Input>,
    heard: broadcast::Sender<Arc<EventRow>>,
) {
    let mut events = Vec::new();
    let mut flushed = Vec::new();
    while let Some(first) = inputs.recv().await {
        let mut next = Some(first);
        while let Some(input) = next {
            match input {
                Input::Event(event) => events.push(event),
                Input::Flush(reply) => flushed.push(reply),
            }
            next = if events.len() < BATCH_MAX { inputs.try_recv().ok() } else { None };
        }
        store_batch(&store, &mut events, &heard).await;
        for reply in flushed.drain(..) {
            reply.send(()).ok();
        }
    }
}

async fn store_batch(
    store: &Store,
    events: &mut Vec<Event>,
    heard: &broadcast::Sender<Arc<EventRow>>,
) {
    for attempt in 0..RETRIES_MAX {
        match store.append_events(events).await {
            Ok(numbers) => {
                for (event, seq) in events.drain(..).zip(numbers) {
                    // Nobody listening is not a failure.
                    heard.send(Arc::new(fresh_row(event, seq))).ok();
                }
                return;
            }
            Err(error) => {
                tracing::warn!(%error, attempt, "facts were not stored");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    tracing::error!(lost = events.len(), "facts were given up");
    events.clear();
}

/// A fact as it reads right after it was appended.
fn fresh_row(event: Event, seq: i64) -> EventRow {
    EventRow {
        seq,
        label: event.body.label().cloned(),
        score: event.body.score(),
        ended_at: None,
        thumbnail: false,
        event,
    }
}
