//! What rules of the house send themselves: a channel is called at once and says whether it took it.
//!
//! Beside the outbox on purpose: what a rule publishes is for programs, of the moment, and worth
//! nothing an hour later.

use hearth_model::{ChannelId, NotificationId, RecipientId, Severity, WallTime};
use hearth_notify::{Attempt, Message};

use super::desk::{Desk, broker, spoken_for};
use crate::house::House;

/// What a channel is called with.
pub(crate) enum Called<'a> {
    /// A message in the form of the channel.
    Words {
        /// In one line.
        title: &'a str,
    },
    /// These bytes under this topic, at a broker.
    Published {
        /// Under which topic.
        topic: &'a str,
        /// What.
        payload: &'a str,
    },
}

impl Desk {
    /// Who can be told, by the names people gave.
    pub(crate) fn recipient_names(&self) -> Vec<(RecipientId, String)> {
        self.kept().recipients.iter().map(|one| (one.id, one.name.clone())).collect()
    }

    /// What can be called, by the names people gave.
    pub(crate) fn channel_names(&self) -> Vec<(ChannelId, String)> {
        self.kept().channels.iter().map(|one| (one.id, one.name.clone())).collect()
    }
}

impl House {
    /// Calls a channel. Says why it did not take it, for a person.
    pub(crate) async fn call_channel(
        &self,
        id: ChannelId,
        called: Called<'_>,
    ) -> Result<(), String> {
        let kept = self.desk.kept();
        let channel = kept.channel(id).ok_or("The channel was removed.")?;
        let now = self.clock.wall_now();
        let outcome = match called {
            Called::Published { topic, payload } => {
                let broker = broker(channel, self.simulated).ok_or("The channel is no broker.")?;
                broker.publish(topic, payload.as_bytes()).await
            }
            Called::Words { title } => {
                let incomplete = "Something that the channel needs is missing.";
                let spoken_for = spoken_for(channel, &kept, self.simulated).ok_or(incomplete)?;
                let message = lone_message(title.to_owned(), "", now);
                let attempt = Attempt { to: "", message: &message, replaces: None, now };
                spoken_for.deliver(attempt).await.map(drop)
            }
        };
        self.desk.went(channel, outcome.as_ref().copied(), self.clock.wall_now());
        outcome.map_err(|error| error.to_string())
    }
}

/// A message that belongs to no matter: each is one of its own, and nothing replaces it.
pub(super) fn lone_message(title: String, text: &str, at: WallTime) -> Message {
    let id = NotificationId::new().to_string();
    Message {
        tag: id.trim_start_matches("ntf_").to_owned(),
        id,
        title,
        text: text.to_owned(),
        severity: Severity::Info,
        at,
        link: None,
        origin: None,
        matter: None,
        picture: None,
    }
}
