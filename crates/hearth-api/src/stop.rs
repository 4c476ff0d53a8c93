//! The word to stop: said once, heard by everything that has no end of its own.

use tokio::sync::watch;

/// Says it. Dropping it says it too.
pub(crate) struct StopSender(watch::Sender<bool>);

/// Hears it.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// A pair of both.
pub(crate) fn stop() -> (StopSender, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSender(sender), Stop(receiver))
}

impl StopSender {
    pub(crate) fn say(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for the word. Cancel-safe.
    pub(crate) async fn heard(mut self) {
        drop(self.0.wait_for(|stopped| *stopped).await);
    }
}
