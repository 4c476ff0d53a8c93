//! A task of a driver that hears what its device tells by itself. It ends with the driver.

use std::{future::Future, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::timeout};

/// Ending is a courtesy to the device; one that does not answer keeps nobody waiting.
const END_MAX: Duration = Duration::from_secs(4);

/// Runs until it is ended or dropped.
#[derive(Debug)]
pub(super) struct Background {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Tells a task when it has to end.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Background {
    /// Begins.
    pub(super) fn start<F>(run: impl FnOnce(Stop) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(run(Stop(stopped))) }
    }

    /// Whether it ended by itself.
    pub(super) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Lets it end in order, and waits for that.
    pub(super) async fn end(mut self) {
        self.stop.send_replace(true);
        // A task that panicked has ended too.
        timeout(END_MAX, &mut self.task).await.ok();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stop {
    /// What a future leads to, unless it is time to end first.
    pub(super) async fn or<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = self.0.wait_for(|stopped| *stopped) => None,
            result = future => Some(result),
        }
    }
}
