//! Notes in the index what the writers have done, in batches, after it is on disk.
//!
//! Writers never wait for the index: what does not fit into the queue, or was not committed when
//! the power went, is found again from the files ([`crate::recover`]).

use std::{collections::BTreeMap, time::Duration};

use hearth_model::SegmentId;
use hearth_store::{Segment, SegmentChange, Store};
use tokio::sync::{mpsc, oneshot};

/// Notes on their way: a minute of 64 cameras.
const NOTES_MAX: usize = 4_096;

/// Notes that are collected before a commit: one transaction for all cameras, and a timeline that
/// is at most this much behind.
const COLLECT: Duration = Duration::from_millis(500);

/// Segments that wait for an index that refuses: about an hour of 64 cameras.
const WAITING_MAX: usize = 4_096;

/// Wait after a refused commit.
const RETRY: Duration = Duration::from_secs(2);

/// What became of a segment; a later note of the same segment replaces an earlier one.
#[derive(Clone, Debug)]
pub(crate) struct SegmentNote(pub(crate) Segment);

#[derive(Debug)]
enum Input {
    Note(SegmentNote),
    Flush(oneshot::Sender<()>),
}

/// The writers' end.
#[derive(Clone, Debug)]
pub(crate) struct Journal(mpsc::Sender<Input>);

impl Journal {
    /// Starts the task that commits; it ends when the last end is dropped.
    pub(crate) fn start(store: Store) -> Self {
        let (tx, rx) = mpsc::channel(NOTES_MAX);
        tokio::spawn(run(store, rx));
        Self(tx)
    }

    /// Notes a change. Never waits.
    pub(crate) fn note(&self, note: SegmentNote) {
        if self.0.try_send(Input::Note(note)).is_err() {
            tracing::debug!("a note for the index was left out; the file will be found");
        }
    }

    /// Waits until everything noted before is committed, or was refused.
    pub(crate) async fn flush(&self) {
        let (tx, rx) = oneshot::channel();
        if self.0.send(Input::Flush(tx)).await.is_ok() {
            rx.await.ok();
        }
    }
}

async fn run(store: Store, mut inputs: mpsc::Receiver<Input>) {
    let mut waiting: BTreeMap<SegmentId, Segment> = BTreeMap::new();
    while let Some(first) = inputs.recv().await {
        let mut flushed = Vec::new();
        take(first, &mut waiting, &mut flushed);
        if flushed.is_empty() {
            let collected = collect(&mut inputs, &mut waiting, &mut flushed);
            // Running out of time is the usual end of collecting.
            tokio::time::timeout(COLLECT, collected).await.ok();
        }
        while let Ok(input) = inputs.try_recv() {
            take(input, &mut waiting, &mut flushed);
        }
        let is_committed = commit(&store, &mut waiting).await;
        for reply in flushed {
            reply.send(()).ok();
        }
        if !is_committed {
            tokio::time::sleep(RETRY).await;
        }
    }
    commit(&store, &mut waiting).await;
}

async fn collect(
    inputs: &mut mpsc::Receiver<Input>,
    waiting: &mut BTreeMap<SegmentId, Segment>,
    flushed: &mut Vec<oneshot::Sender<()>>,
) {
    while flushed.is_empty() {
        let Some(input) = inputs.recv().await else { return };
        take(input, waiting, flushed);
    }
}

fn take(
    input: Input,
    waiting: &mut BTreeMap<SegmentId, Segment>,
    flushed: &mut Vec<oneshot::Sender<()>>,
) {
    match input {
        Input::Note(SegmentNote(segment)) => {
            waiting.insert(segment.id, segment);
            if waiting.len() > WAITING_MAX {
                waiting.pop_first();
            }
        }
        Input::Flush(reply) => flushed.push(reply),
    }
}

async fn commit(store: &Store, waiting: &mut BTreeMap<SegmentId, Segment>) -> bool {
    if waiting.is_empty() {
        return true;
    }
    let changes: Vec<SegmentChange> = waiting.values().cloned().map(SegmentChange::Put).collect();
    match store.commit_segments(&changes).await {
        Ok(()) => {
            waiting.clear();
            true
        }
        Err(error) => {
            tracing::warn!(%error, segments = waiting.len(), "the index did not take notes");
            false
        }
    }
}
