//! Telling people: who is told what, by which channel, and what became of it (promises V-13, D-13,
//! D-27, D-29).
//!
//! One entry, [`Hub::notify`], takes a [`Matter`]. `queueing` decides who is told and how much and
//! seals it into the outbox; `delivery` takes it out when its time has come. What people set up is
//! in `settings`; `commands` answers chats that may ask something.

mod calling;
mod commands;
mod delivery;
mod desk;
mod house_matters;
mod input;
mod matter;
mod metrics;
mod outbox;
mod push;
mod queueing;
mod quiet;
mod settings;
mod view;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{ChannelId, FaultKind, NotificationId, RecipientId, Severity};
use hearth_notify::{Attempt, DeliveryError, Message, VapidKey};
use hearth_secret::SecretString;

use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

pub(crate) use calling::Called;
pub(crate) use commands::answer_commands;
pub(crate) use delivery::run as deliver;
pub use desk::ChannelState;
pub(crate) use desk::Desk;
pub use input::{NewChannel, NewRecipient};
pub use matter::{Matter, MatterKind};
pub use outbox::DeliveryQuery;
pub use push::NewSubscription;
pub use quiet::QuietHours;
pub use settings::{
    ChannelKind, ChannelSettings, Escalation, EscalationStep, MuteView, Subscribed,
};
pub use view::{
    ChannelView, DeliveryPage, DeliveryView, MatterView, RecipientView, SubscriptionView, TestView,
    WebPushView,
};

use desk::spoken_for;
use input::{CHANNELS_MAX, RECIPIENTS_MAX};
use settings::{Kept, KeptChannel, KeptRecipient};

impl Hub {
    /// The ways to tell people.
    pub fn channels(&self, _grant: &HouseGrant<ask::ManageNotifications>) -> Vec<ChannelView> {
        let desk = &self.house().desk;
        let kept = desk.kept();
        kept.channels.iter().map(|one| ChannelView::of(one, desk.faring(one.id))).collect()
    }

    /// Sets up a channel.
    ///
    /// # Errors
    /// `invalid`, `too_many`; `conflict` for a second one for browsers.
    pub async fn add_channel(
        &self,
        grant: &HouseGrant<ask::ManageNotifications>,
        new: NewChannel,
    ) -> Result<ChannelView> {
        new.check(new.secret.as_ref())?;
        let this_machine = matches!(grant.principal(), Principal::Owner);
        let id = ChannelId::new();
        let house = self.house();
        let added = house.change_notifications(|kept| {
            if kept.channels.len() >= CHANNELS_MAX {
                return Err(too_many("channels", CHANNELS_MAX));
            }
            let is_for_browsers = |one: &KeptChannel| one.settings.kind() == ChannelKind::WebPush;
            if new.settings.kind() == ChannelKind::WebPush {
                if kept.channels.iter().any(is_for_browsers) {
                    return Err(conflict("There is a channel for browsers already."));
                }
                make_push_key(kept)?;
            }
            make_digest_key(kept)?;
            let channel = new.into_kept(id, None, this_machine);
            kept.channels.push(channel.clone());
            Ok(channel)
        });
        Ok(ChannelView::of(&added.await?, house.desk.faring(id)))
    }

    /// Changes a channel as a whole; a secret that is left out stays.
    ///
    /// # Errors
    /// `not_found`, `invalid`.
    pub async fn set_channel(
        &self,
        grant: &HouseGrant<ask::ManageNotifications>,
        id: ChannelId,
        new: NewChannel,
    ) -> Result<ChannelView> {
        let house = self.house();
        let is_owner = matches!(grant.principal(), Principal::Owner);
        let changed = house.change_notifications(|kept| {
            let missing = || UseCaseError::not_found("channel");
            let place = kept.channels.iter_mut().find(|one| one.id == id).ok_or_else(missing)?;
            if place.settings.kind() != new.settings.kind() {
                return Err(UseCaseError::bad_input("invalid", "A channel's kind stays."));
            }
            // A secret never follows to another service: it would be told to whoever runs that.
            let is_same_service = place.settings == new.settings;
            let secret = new.secret.clone().or_else(|| place.secret.clone());
            if new.secret.is_none() && place.secret.is_some() && !is_same_service {
                let text = "The service changed: enter the secret again.";
                return Err(UseCaseError::bad_input("secret_needed", text));
            }
            new.check(secret.as_ref())?;
            let this_machine = is_owner || (place.this_machine && is_same_service);
            *place = new.into_kept(id, secret, this_machine);
            Ok(place.clone())
        });
        let changed = changed.await?;
        desk::lock(&house.desk.faring).remove(&id);
        Ok(ChannelView::of(&changed, house.desk.faring(id)))
    }

    /// Removes a channel, and with it its secret.
    ///
    /// # Errors
    /// `not_found`; `conflict` while recipients use it.
    pub async fn remove_channel(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        id: ChannelId,
    ) -> Result<()> {
        let removed = self.house().change_notifications(|kept| {
            if kept.recipients.iter().any(|one| one.channel == id) {
                return Err(conflict("Recipients use this channel. Remove them first."));
            }
            let before = kept.channels.len();
            kept.channels.retain(|one| one.id != id);
            let found = kept.channels.len() < before;
            found.then_some(()).ok_or_else(|| UseCaseError::not_found("channel"))
        });
        removed.await
    }

    /// Who is told.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn recipients(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
    ) -> Result<Vec<RecipientView>> {
        let kept = self.house().desk.kept();
        let mut views = Vec::with_capacity(kept.recipients.len());
        for recipient in &kept.recipients {
            views.push(self.recipient_view(recipient, &kept).await?);
        }
        Ok(views)
    }

    async fn recipient_view(
        &self,
        recipient: &KeptRecipient,
        kept: &Kept,
    ) -> Result<RecipientView> {
        let store = &self.house().store;
        let waiting = store.notifications_waiting().await.map_err(store_error)?;
        let waiting = waiting.get(&recipient.id).copied().unwrap_or(0);
        let user_name = match recipient.user {
            Some(user) => store.user(user).await.ok().map(|user| user.name.as_str().to_owned()),
            None => None,
        };
        Ok(RecipientView::of(recipient, kept, waiting, user_name))
    }

    /// Adds a recipient.
    ///
    /// # Errors
    /// `invalid`, `too_many`, `not_found` for the channel.
    pub async fn add_recipient(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        new: NewRecipient,
    ) -> Result<RecipientView> {
        let house = self.house();
        let now = house.clock.wall_now();
        let added = house.change_notifications(|kept| {
            if kept.recipients.len() >= RECIPIENTS_MAX {
                return Err(too_many("recipients", RECIPIENTS_MAX));
            }
            let channel =
                kept.channel(new.channel).ok_or_else(|| UseCaseError::not_found("channel"))?;
            new.check(channel.settings.kind(), false)?;
            let address = new.address.clone().map(SecretString::new);
            let recipient = KeptRecipient {
                id: RecipientId::new(),
                name: new.name,
                channel: new.channel,
                address,
                enabled: new.enabled,
                content: new.content,
                commands: new.commands,
                matters: new.matters,
                quiet_hours: new.quiet_hours,
                per_hour: new.per_hour,
                dedup_seconds: new.dedup_seconds,
                user: None,
                created_at: now,
            };
            kept.recipients.push(recipient.clone());
            Ok(recipient)
        });
        let added = added.await?;
        self.recipient_view(&added, &house.desk.kept()).await
    }

    /// Changes a recipient as a whole.
    ///
    /// # Errors
    /// `not_found`, `invalid`.
    pub async fn set_recipient(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        id: RecipientId,
        new: NewRecipient,
    ) -> Result<RecipientView> {
        let house = self.house();
        let changed = house.change_notifications(|kept| {
            let channel =
                kept.channel(new.channel).ok_or_else(|| UseCaseError::not_found("channel"))?;
            let kind = channel.settings.kind();
            let place = kept.recipients.iter_mut().find(|one| one.id == id);
            let place = place.ok_or_else(|| UseCaseError::not_found("recipient"))?;
            let is_browser = place.user.is_some() && new.channel == place.channel;
            new.check(kind, is_browser)?;
            let address = if is_browser {
                place.address.clone()
            } else {
                new.address.clone().map(SecretString::new)
            };
            *place = KeptRecipient {
                id,
                name: new.name,
                channel: new.channel,
                address,
                enabled: new.enabled,
                content: new.content,
                commands: new.commands,
                matters: new.matters,
                quiet_hours: new.quiet_hours,
                per_hour: new.per_hour,
                dedup_seconds: new.dedup_seconds,
                user: place.user.filter(|_| is_browser),
                created_at: place.created_at,
            };
            Ok(place.clone())
        });
        let changed = changed.await?;
        self.recipient_view(&changed, &house.desk.kept()).await
    }

    /// Removes a recipient; what waits for it is erased.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_recipient(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        id: RecipientId,
    ) -> Result<()> {
        self.house().forget_recipient(id).await
    }

    /// Who else is told if nobody answers.
    pub fn escalation(&self, _grant: &HouseGrant<ask::ManageNotifications>) -> Escalation {
        self.house().desk.kept().escalation.clone()
    }

    /// Says who else is told if nobody answers. Holds for matters from now on.
    ///
    /// # Errors
    /// `invalid`.
    pub async fn set_escalation(
        &self,
        _grant: &HouseGrant<ask::ManageNotifications>,
        escalation: Escalation,
    ) -> Result<Escalation> {
        let set = self.house().change_notifications(|kept| {
            escalation.check(kept)?;
            kept.escalation = escalation.clone();
            Ok(escalation)
        });
        set.await
    }

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
        let message = test_message(&house.config.house_name, now);
        let attempt = Attempt {
            to: recipient.address.as_ref().map_or("", |address| address.expose()),
            message: &message,
            replaces: None,
            now,
        };
        let begun = std::time::Instant::now();
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

/// A little more than the deadline of any channel.
const TEST_MAX: std::time::Duration = std::time::Duration::from_secs(25);

fn test_message(house: &str, now: hearth_model::WallTime) -> Message {
    let id = NotificationId::new().to_string();
    // Each test is a matter of its own.
    let tag = id.trim_start_matches("ntf_").to_owned();
    Message {
        tag,
        id,
        title: format!("Test from {house}"),
        text: "Notifications reach you here.".to_owned(),
        severity: Severity::Info,
        at: now,
        link: None,
        matter: None,
        picture: None,
    }
}

impl NewChannel {
    fn into_kept(
        self,
        id: ChannelId,
        secret: Option<SecretString>,
        this_machine: bool,
    ) -> KeptChannel {
        KeptChannel {
            id,
            name: self.name,
            enabled: self.enabled,
            settings: self.settings,
            secret: self.secret.or(secret),
            private_network: self.private_network,
            this_machine,
            certificate: self.certificate,
        }
    }
}

impl crate::house::House {
    pub(super) async fn forget_recipient(&self, id: RecipientId) -> Result<()> {
        self.change_notifications(|kept| {
            let before = kept.recipients.len();
            kept.recipients.retain(|one| one.id != id);
            for step in &mut kept.escalation.steps {
                step.recipients.retain(|one| *one != id);
            }
            kept.escalation.steps.retain(|step| !step.recipients.is_empty());
            let found = kept.recipients.len() < before;
            found.then_some(()).ok_or_else(|| UseCaseError::not_found("recipient"))
        })
        .await?;
        self.store.erase_notifications_of(id).await.map_err(store_error)
    }
}

fn make_push_key(kept: &mut Kept) -> Result<()> {
    let made = VapidKey::generate().ok_or_else(no_chance)?;
    kept.push_key = Some(SecretString::new(STANDARD.encode(made.expose())));
    Ok(())
}

fn make_digest_key(kept: &mut Kept) -> Result<()> {
    if kept.digest_key.is_none() {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| no_chance())?;
        kept.digest_key = Some(SecretString::new(STANDARD.encode(key)));
    }
    Ok(())
}

fn no_chance() -> UseCaseError {
    UseCaseError::unavailable("no_chance", "The system gives no random numbers.")
}

fn conflict(text: &str) -> UseCaseError {
    UseCaseError::new(FaultKind::Conflict, "conflict", text)
}

fn too_many(what: &str, max: usize) -> UseCaseError {
    UseCaseError::new(FaultKind::Limited, "too_many", format!("At most {max} {what}."))
}
