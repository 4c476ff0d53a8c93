//! A subscription that stays alive while somebody asks.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Device, Target};
use crate::{
    Error,
    events::{
        CreatePullPointSubscription, Notification, PullMessages, Renew, Subscription, Unsubscribe,
    },
};

/// How long a device holds a pull back when nothing happens: short enough that a dead one is noticed,
/// long enough that it costs nothing.
pub(super) const PULL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a subscription lives without a renewal; a device keeps few, and a crash leaks one.
const LIFETIME: Duration = Duration::from_secs(60);
/// Messages in one answer.
const MESSAGES_MAX: u16 = 64;
/// Some devices answer at once that nothing happened; they are not asked more often than this.
const EMPTY_PACE: Duration = Duration::from_secs(1);

/// A pull point on a device. Dropping it leaves it to run out; [`PullPoint::end`] ends it.
#[derive(Debug)]
pub struct PullPoint {
    device: Arc<Device>,
    subscription: Subscription,
    renew_at: Option<Instant>,
}

impl Device {
    /// Subscribes to all that happens.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn subscribe(self: &Arc<Self>) -> Result<PullPoint, Error> {
        let asked = CreatePullPointSubscription { lifetime: LIFETIME };
        let subscription = self.ask(&asked).await?;
        let renew_at = Some(Instant::now() + subscription.lease.renew_after());
        Ok(PullPoint { device: Arc::clone(self), subscription, renew_at })
    }
}

impl PullPoint {
    /// What happened since the last call; waits until something did, 10 s at most, and then may be
    /// empty. Renews the subscription when it is time. Not cancel-safe: what the device was about to
    /// tell is lost with the future.
    ///
    /// # Errors
    /// See [`Error`]; [`Error::is_gone`] means that a new subscription is needed.
    pub async fn next(&mut self) -> Result<Vec<Notification>, Error> {
        if self.renew_at.is_some_and(|at| at <= Instant::now()) {
            self.renew().await?;
        }
        let begun = Instant::now();
        let pull = PullMessages { timeout: PULL_TIMEOUT, limit: MESSAGES_MAX };
        let pulled = self.ask(&pull).await?;
        if pulled.unreadable > 0 {
            let device = self.device.url.host();
            tracing::warn!(%device, count = pulled.unreadable, "events that cannot be read");
        }
        if pulled.notifications.is_empty() {
            tokio::time::sleep_until(begun + EMPTY_PACE).await;
        }
        Ok(pulled.notifications)
    }

    async fn renew(&mut self) -> Result<(), Error> {
        match self.ask(&Renew { lifetime: LIFETIME }).await {
            Ok(lease) => self.renew_at = Some(Instant::now() + lease.renew_after()),
            // Such devices prolong a subscription with every pull.
            Err(error) if error.is_not_supported() => self.renew_at = None,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Ends the subscription.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn end(self) -> Result<(), Error> {
        self.ask(&Unsubscribe).await
    }

    async fn ask<O: crate::soap::Operation>(&self, operation: &O) -> Result<O::Answer, Error> {
        let to = self.subscription.address.to_string();
        let target = Target {
            client: &self.device.clients.pulling,
            url: &self.subscription.address,
            recipient: Some((&to, &self.subscription.parameters)),
        };
        self.device.exchange(operation, target).await
    }
}
