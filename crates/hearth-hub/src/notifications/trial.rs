//! A test of a recipient: a fixed text, sent at once.

use std::time::{Duration, Instant};

use hearth_auth::{HouseGrant, ask};
use hearth_model::{FaultKind, RecipientId};
use hearth_notify::{Attempt, DeliveryError};

use super::{TestView, calling::lone_message, desk::spoken_for};
use crate::{
    Hub,
    error::{Result, UseCaseError},
};

/// A little more than the deadline of any channel.
const TEST_MAX: Duration = Duration::from_secs(25);

impl Hub {
    /// Sends a recipient a fixed text at once, past quiet hours, mute and the outbox.
    ///
    /// # Errors
    /// `not_found`; `incomplete` if the channel lacks something.
    pub async fn test_notification(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        id: RecipientId,
    ) -> Result<TestView> {
        let house = self.house();
        let kept = house.desk.kept();
        let missing = || UseCaseError::not_found("recipient");
        let recipient = kept.recipient(id).ok_or_else(missing)?;
        let channel = kept.channel(recipient.channel).ok_or_else(missing)?;
        let spoken_for = spoken_for(channel, &kept, house.simulated).ok_or_else(|| {
            let text = "Something that the channel needs is missing, e.g. its secret.";
            UseCaseError::new(FaultKind::Conflict, "incomplete", text)
        })?;
        let now = house.clock.wall_now();
        let title = format!("Test from {}", house.config.house_name);
        let message = lone_message(title, "Notifications reach you here.", now);
        let attempt = Attempt {
            to: recipient.address.as_ref().map_or("", |address| address.expose()),
            message: &message,
            replaces: None,
            now,
        };
        let begun = Instant::now();
        let late = DeliveryError::TryAgain { reason: "It took too long.", after: None };
        let outcome = tokio::time::timeout(TEST_MAX, spoken_for.deliver(attempt)).await;
        let outcome = outcome.unwrap_or(Err(late)).map(drop);
        house.desk.went(channel, outcome.as_ref().copied(), house.clock.wall_now());
        Ok(TestView {
            delivered: outcome.is_ok(),
            seconds: begun.elapsed().as_secs_f64(),
            code: outcome.as_ref().err().map(DeliveryError::code),
            message: outcome.err().map(|error| error.to_string()),
        })
    }
}
