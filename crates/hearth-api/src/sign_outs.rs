//! Which sign-ins end, told to the streams that were opened with them.
//!
//! A stream that lasts must not outlive its sign-in, and asking the hub again and again would keep
//! an unused sign-in alive. So streams listen for sign-outs, and set an alarm for the sign-in's
//! latest end. promise: D-08, T-11.

use std::{future::Future, time::Duration};

use hearth_model::SessionId;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::sleep,
};

/// Sign-outs that a busy stream may be behind. One that is further behind ends, and asks again.
const BEHIND_MAX: usize = 64;

/// Tells and hears of sign-outs.
pub(crate) struct SignOuts(broadcast::Sender<SessionId>);

impl SignOuts {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BEHIND_MAX))
    }

    /// This sign-in has ended.
    pub(crate) fn tell(&self, session: SessionId) {
        // Nobody listening is not a failure.
        drop(self.0.send(session));
    }

    /// Waits until a sign-in ends, at the latest in `left`.
    pub(crate) fn ended(
        &self,
        session: SessionId,
        left: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut heard = self.0.subscribe();
        let told = async move {
            loop {
                match heard.recv().await {
                    Ok(other) if other != session => {}
                    Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        };
        async move {
            tokio::select! {
                () = told => {}
                () = sleep(left) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    /// promise: D-08. Signing out ends the streams of that sign-in and of no other.
    #[tokio::test]
    async fn a_sign_out_is_heard_by_its_own_streams_only() {
        let sign_outs = SignOuts::new();
        let (own, other) = (SessionId::new(), SessionId::new());
        let (own_ended, other_ended) = (sign_outs.ended(own, LONG), sign_outs.ended(other, LONG));
        tokio::pin!(other_ended);
        sign_outs.tell(own);
        own_ended.await;
        tokio::select! {
            biased;
            () = &mut other_ended => unreachable!("nobody signed it out"),
            () = std::future::ready(()) => {}
        }
    }

    /// promise: T-11. A stream ends with its sign-in's time, even if nobody signs out.
    #[tokio::test]
    async fn the_latest_end_is_kept() {
        SignOuts::new().ended(SessionId::new(), Duration::ZERO).await;
    }
}
