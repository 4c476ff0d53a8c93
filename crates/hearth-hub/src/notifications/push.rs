//! Web push to one's own browser: whoever is signed in subscribes it, and hears of what their account
//! may look at.

use hearth_auth::AccountGrant;
use hearth_model::{RecipientId, Severity};
use hearth_notify::{Content, Subscription};
use hearth_secret::SecretString;

use super::{
    ChannelKind, MatterKind, QuietHours, Subscribed, SubscriptionView, WebPushView,
    desk::push_key,
    input::{BROWSERS_MAX, check_matters, check_quiet_hours},
    settings::{Kept, KeptChannel, KeptRecipient},
    too_many,
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

/// Browsers of one account: phones, tablets and computers of one person.
const PER_ACCOUNT_MAX: usize = 8;
/// What a browser is told at most in an hour, besides what is critical.
const PER_HOUR: u32 = 60;
const DEDUP_SECONDS: u32 = 60;
const NAME_CHARACTERS_MAX: usize = 60;

/// A browser that subscribes.
#[derive(Debug)]
pub struct NewSubscription {
    /// What its user calls it.
    pub name: String,
    /// The address of its relay; whoever has it can send the browser messages.
    pub endpoint: SecretString,
    /// Its public key, base64url.
    pub p256dh: String,
    /// What it shares with the sender, base64url.
    pub auth: SecretString,
    /// How much it is told; no picture unless said otherwise.
    pub content: Option<Content>,
    /// Of what; of the usual unless said otherwise.
    pub matters: Option<Vec<Subscribed>>,
    /// When only of what is critical.
    pub quiet_hours: Vec<QuietHours>,
}

fn usual() -> Vec<Subscribed> {
    let of = |kind, severity| Subscribed { kind, severity, cameras: Vec::new() };
    vec![
        of(MatterKind::Ring, Severity::Info),
        of(MatterKind::Visit, Severity::Info),
        of(MatterKind::Person, Severity::Info),
        of(MatterKind::Incident, Severity::Critical),
    ]
}

fn of_browsers(kept: &Kept) -> Option<&KeptChannel> {
    let is_one = |one: &&KeptChannel| one.enabled && one.settings.kind() == ChannelKind::WebPush;
    kept.channels.iter().find(is_one)
}

impl Hub {
    /// Whether browsers can subscribe, and which of one's own have.
    pub fn web_push(&self, grant: &AccountGrant) -> WebPushView {
        let kept = self.house().desk.kept();
        let public_key = of_browsers(&kept).and_then(|_| push_key(&kept)).map(|key| key.public());
        let own = kept.recipients.iter().filter(|one| one.user == Some(grant.user()));
        WebPushView {
            available: public_key.is_some(),
            public_key,
            subscriptions: own.map(SubscriptionView::of).collect(),
        }
    }

    /// Subscribes one's own browser; the same one again replaces what was said of it.
    ///
    /// # Errors
    /// `unavailable` without a channel for browsers, `invalid`, `too_many`.
    pub async fn subscribe_browser(
        &self,
        grant: &AccountGrant,
        new: NewSubscription,
    ) -> Result<SubscriptionView> {
        let house = self.house();
        let bad = |text: &str| UseCaseError::bad_input("invalid", text);
        let subscription = Subscription::new(new.endpoint, &new.p256dh, new.auth.expose())
            .ok_or_else(|| bad("This is no subscription of a browser."))?;
        let matters = new.matters.unwrap_or_else(usual);
        check_matters(&matters)?;
        check_quiet_hours(&new.quiet_hours)?;
        let name: String = new.name.chars().filter(|c| !c.is_control()).collect();
        if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
            return Err(bad("A name has 1 to 60 characters."));
        }
        let now = house.clock.wall_now();
        let subscribed = house.change_notifications(|kept| {
            let off = "Nobody has set up a channel for browsers.";
            let channel = of_browsers(kept).map(|channel| channel.id);
            let channel = channel.ok_or_else(|| UseCaseError::unavailable("unavailable", off))?;
            let is_same = |one: &KeptRecipient| {
                let text = one.user.and(one.address.as_ref());
                let known = text.and_then(|text| Subscription::parse(text.expose()));
                known.is_some_and(|known| known.is_same_browser(&subscription))
            };
            // A browser belongs to whoever is signed in there now: what was set up for somebody else
            // there, and what waits for them, goes.
            let is_others = |one: &KeptRecipient| is_same(one) && one.user != Some(grant.user());
            let taken_over = kept.remove_recipients(is_others);
            let before =
                kept.recipients.iter().position(is_same).map(|at| kept.recipients.remove(at));
            let own = kept.recipients.iter().filter(|one| one.user == Some(grant.user())).count();
            if own >= PER_ACCOUNT_MAX {
                return Err(too_many("browsers of one account", PER_ACCOUNT_MAX));
            }
            if kept.recipients.iter().filter(|one| one.user.is_some()).count() >= BROWSERS_MAX {
                return Err(too_many("browsers", BROWSERS_MAX));
            }
            let recipient = KeptRecipient {
                id: before.map_or_else(RecipientId::new, |before| before.id),
                name,
                channel,
                address: Some(subscription.to_text()),
                enabled: true,
                content: new.content.unwrap_or(Content::NoPicture),
                commands: false,
                matters,
                quiet_hours: new.quiet_hours,
                per_hour: PER_HOUR,
                dedup_seconds: DEDUP_SECONDS,
                user: Some(grant.user()),
                created_at: now,
            };
            kept.recipients.push(recipient.clone());
            kept.check_room_for_browsers(grant.user())?;
            Ok((recipient, taken_over))
        });
        let (recipient, taken_over) = subscribed.await?;
        for before in taken_over {
            house.store.erase_notifications_of(before).await.map_err(store_error)?;
        }
        Ok(SubscriptionView::of(&recipient))
    }

    /// Ends the subscription of one's own browser.
    ///
    /// # Errors
    /// `not_found`, also for somebody else's.
    pub async fn unsubscribe_browser(&self, grant: &AccountGrant, id: RecipientId) -> Result<()> {
        let house = self.house();
        let kept = house.desk.kept();
        let own = kept.recipient(id).filter(|one| one.user == Some(grant.user()));
        own.ok_or_else(|| UseCaseError::not_found("subscription"))?;
        house.forget_recipient(id).await
    }
}
