//! Tasks that the end of the hub waits for: what they still have to say or to write down belongs to
//! this run.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

/// One such task. It ends by itself, in bounded time, once the hub ends.
#[derive(Default)]
pub(crate) struct LastWords(Mutex<Option<JoinHandle<()>>>);

impl LastWords {
    /// Keeps the task.
    pub(crate) fn of(&self, task: JoinHandle<()>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    /// Waits until it has ended.
    pub(crate) async fn said(&self) {
        let task = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // One that panicked has said so.
            task.await.ok();
        }
    }
}
