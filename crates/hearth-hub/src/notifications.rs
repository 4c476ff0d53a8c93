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
mod rights;
mod settings;
#[cfg(test)]
mod tests;
mod trial;
mod view;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{ChannelId, FaultKind, RecipientId, UserId, WallTime};
use hearth_notify::VapidKey;
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
            let is_same_service =
                place.settings == new.settings && place.certificate == new.certificate;
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
        self.recipient_views(&kept.recipients, &kept).await
    }

    async fn recipient_views(
        &self,
        recipients: &[KeptRecipient],
        kept: &Kept,
    ) -> Result<Vec<RecipientView>> {
        let waiting = self.house().store.notifications_waiting().await.map_err(store_error)?;
        let mut views = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            let waiting = waiting.get(&recipient.id).copied().unwrap_or(0);
            views.push(self.recipient_view(recipient, kept, waiting).await);
        }
        Ok(views)
    }

    async fn one_recipient_view(&self, recipient: KeptRecipient) -> Result<RecipientView> {
        let views = self.recipient_views(&[recipient], &self.house().desk.kept()).await?;
        views.into_iter().next().ok_or_else(|| UseCaseError::not_found("recipient"))
    }

    async fn recipient_view(
        &self,
        recipient: &KeptRecipient,
        kept: &Kept,
        waiting: u64,
    ) -> RecipientView {
        let store = &self.house().store;
        let user_name = match recipient.user {
            Some(user) => store.user(user).await.ok().map(|user| user.name.as_str().to_owned()),
            None => None,
        };
        RecipientView::of(recipient, kept, waiting, user_name)
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
            if kept.recipients.iter().filter(|one| one.user.is_none()).count() >= RECIPIENTS_MAX {
                return Err(too_many("recipients", RECIPIENTS_MAX));
            }
            let channel =
                kept.channel(new.channel).ok_or_else(|| UseCaseError::not_found("channel"))?;
            new.check(channel.settings.kind(), false)?;
            let address = new.address.clone().map(SecretString::new);
            let recipient = new.into_kept(RecipientId::new(), address, None, now);
            kept.recipients.push(recipient.clone());
            Ok(recipient)
        });
        let added = added.await?;
        self.one_recipient_view(added).await
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
            let user = place.user.filter(|_| is_browser);
            *place = new.into_kept(id, address, user, place.created_at);
            Ok(place.clone())
        });
        let changed = changed.await?;
        self.one_recipient_view(changed).await
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

impl NewRecipient {
    fn into_kept(
        self,
        id: RecipientId,
        address: Option<SecretString>,
        user: Option<UserId>,
        created_at: WallTime,
    ) -> KeptRecipient {
        KeptRecipient {
            id,
            name: self.name,
            channel: self.channel,
            address,
            enabled: self.enabled,
            content: self.content,
            commands: self.commands,
            matters: self.matters,
            quiet_hours: self.quiet_hours,
            per_hour: self.per_hour,
            dedup_seconds: self.dedup_seconds,
            user,
            created_at,
        }
    }
}

impl crate::house::House {
    pub(super) async fn forget_recipient(&self, id: RecipientId) -> Result<()> {
        self.change_notifications(|kept| {
            let found = !kept.remove_recipients(|one| one.id == id).is_empty();
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

fn no_chance() -> UseCaseError {
    UseCaseError::unavailable("no_chance", "The system gives no random numbers.")
}

fn conflict(text: &str) -> UseCaseError {
    UseCaseError::new(FaultKind::Conflict, "conflict", text)
}

fn too_many(what: &str, max: usize) -> UseCaseError {
    UseCaseError::new(FaultKind::Limited, "too_many", format!("At most {max} {what}."))
}
