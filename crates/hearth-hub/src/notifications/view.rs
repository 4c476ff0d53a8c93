//! Notifications as surfaces show them. Never a secret, and never what a message says.

use hearth_http::Fingerprint;
use hearth_model::{CameraId, ChannelId, NotificationId, RecipientId, Severity, UserId, WallTime};
use hearth_notify::Content;
use hearth_store::{NotificationState, StoredMatter, StoredNotification};

use super::{
    ChannelKind, ChannelSettings, ChannelState, MatterKind, QuietHours, Subscribed,
    desk::Faring,
    settings::{Kept, KeptChannel, KeptRecipient},
};

/// A channel.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// What people call it.
    pub name: String,
    /// Whether it is used.
    pub enabled: bool,
    /// The service.
    pub settings: ChannelSettings,
    /// Whether a secret is kept.
    pub has_secret: bool,
    /// Whether addresses of the house's network are allowed.
    pub private_network: bool,
    /// SHA-256 of the certificate that is pinned.
    #[schema(value_type = Option<String>)]
    pub certificate_sha256: Option<Fingerprint>,
    /// How it fares since the hub started.
    pub state: ChannelState,
    /// When something was sent last, since then.
    pub last_sent_at: Option<WallTime>,
    /// Why the last attempt failed, if it did; or why commands are not heard.
    pub last_error: Option<String>,
}

impl ChannelView {
    pub(super) fn of(channel: &KeptChannel, faring: Faring) -> Self {
        Self {
            id: channel.id,
            name: channel.name.clone(),
            enabled: channel.enabled,
            settings: channel.settings.clone(),
            has_secret: channel.secret.is_some(),
            private_network: channel.private_network,
            certificate_sha256: channel.certificate,
            state: faring.state,
            last_sent_at: faring.last_sent_at,
            last_error: faring.last_error.or(faring.deaf),
        }
    }
}

/// A recipient.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct RecipientView {
    /// Its id.
    pub id: RecipientId,
    /// What people call them.
    pub name: String,
    /// By which channel.
    pub channel: ChannelId,
    /// Of which kind that is.
    pub channel_kind: Option<ChannelKind>,
    /// Chat, address or topic.
    pub address: Option<String>,
    /// Whether they are told anything.
    pub enabled: bool,
    /// How much they are told.
    pub content: Content,
    /// Whether this chat may send commands.
    pub commands: bool,
    /// Of what.
    pub matters: Vec<Subscribed>,
    /// When only of what is critical.
    pub quiet_hours: Vec<QuietHours>,
    /// At most so many messages an hour that are not critical.
    pub per_hour: u32,
    /// How long much the same is not told again.
    pub dedup_seconds: u32,
    /// Whose browser it is.
    pub user: Option<UserId>,
    /// What that account is called.
    pub user_name: Option<String>,
    /// How many messages wait.
    pub waiting: u64,
}

impl RecipientView {
    pub(super) fn of(
        recipient: &KeptRecipient,
        kept: &Kept,
        waiting: u64,
        user_name: Option<String>,
    ) -> Self {
        let address = recipient.address.as_ref().filter(|_| recipient.user.is_none());
        Self {
            id: recipient.id,
            name: recipient.name.clone(),
            channel: recipient.channel,
            channel_kind: kept.channel(recipient.channel).map(|channel| channel.settings.kind()),
            address: address.map(|address| address.expose().clone()),
            enabled: recipient.enabled,
            content: recipient.content,
            commands: recipient.commands,
            matters: recipient.matters.clone(),
            quiet_hours: recipient.quiet_hours.clone(),
            per_hour: recipient.per_hour,
            dedup_seconds: recipient.dedup_seconds,
            user: recipient.user,
            user_name,
            waiting,
        }
    }
}

/// One's own browser.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SubscriptionView {
    /// Its id.
    pub id: RecipientId,
    /// What its user calls it.
    pub name: String,
    /// How much it is told.
    pub content: Content,
    /// Of what.
    pub matters: Vec<Subscribed>,
    /// When only of what is critical.
    pub quiet_hours: Vec<QuietHours>,
    /// When it subscribed.
    pub created_at: WallTime,
}

impl SubscriptionView {
    pub(super) fn of(recipient: &KeptRecipient) -> Self {
        Self {
            id: recipient.id,
            name: recipient.name.clone(),
            content: recipient.content,
            matters: recipient.matters.clone(),
            quiet_hours: recipient.quiet_hours.clone(),
            created_at: recipient.created_at,
        }
    }
}

/// Web push, as somebody who is signed in sees it.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct WebPushView {
    /// Whether browsers can subscribe.
    pub available: bool,
    /// What a page hands to the browser, base64url.
    pub public_key: Option<String>,
    /// One's own browsers.
    pub subscriptions: Vec<SubscriptionView>,
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct TestView {
    /// Whether the service took the message.
    pub delivered: bool,
    /// How long it took.
    pub seconds: f64,
    /// `try_again`, `never_again` or `misconfigured`, if it was not delivered.
    pub code: Option<&'static str>,
    /// Why, for a person.
    pub message: Option<String>,
}

/// What one recipient is told of one matter, without what it says.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    /// Its id.
    pub id: NotificationId,
    /// Of which matter.
    pub matter: String,
    /// What kind of matter.
    pub kind: Option<MatterKind>,
    /// How bad.
    pub severity: Severity,
    /// At which camera.
    pub camera: Option<CameraId>,
    /// Whom.
    pub recipient: RecipientId,
    /// What they are called.
    pub recipient_name: Option<String>,
    /// By which kind of channel.
    pub channel_kind: Option<ChannelKind>,
    /// 0 for who is subscribed; the number of the step for who is told because nobody answered.
    pub step: u32,
    /// `waiting`, `sent`, `dead` or `acknowledged`.
    #[schema(value_type = String)]
    pub state: NotificationState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: WallTime,
    /// When it may go out.
    pub due_at: WallTime,
    /// When a service took it.
    pub sent_at: Option<WallTime>,
    /// How long that took from when it might go out.
    pub seconds: Option<f64>,
    /// Why the last attempt failed, or why less was told than was queued.
    pub error: Option<String>,
}

impl DeliveryView {
    pub(super) fn of(row: StoredNotification, kept: &Kept) -> Self {
        let recipient = kept.recipient(row.recipient);
        let channel = recipient.and_then(|recipient| kept.channel(recipient.channel));
        let from = row.due_at.max(row.created_at);
        Self {
            id: row.id,
            matter: row.matter,
            kind: MatterKind::from_name(&row.kind),
            severity: row.severity,
            camera: row.camera,
            recipient: row.recipient,
            recipient_name: recipient.map(|recipient| recipient.name.clone()),
            channel_kind: channel.map(|channel| channel.settings.kind()),
            step: row.step,
            state: row.state,
            attempts: row.attempts,
            created_at: row.created_at,
            due_at: row.due_at,
            sent_at: row.sent_at,
            seconds: row.sent_at.map(|sent| sent.micros_since(from).max(0) as f64 / 1e6),
            error: row.error,
        }
    }
}

/// A page of deliveries.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct DeliveryPage {
    /// Newest first.
    pub deliveries: Vec<DeliveryView>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A matter that somebody should acknowledge, or has.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct MatterView {
    /// Its correlation id.
    pub id: String,
    /// What kind.
    pub kind: Option<MatterKind>,
    /// How bad by now.
    pub severity: Severity,
    /// At which camera.
    pub camera: Option<CameraId>,
    /// When it was told first.
    pub opened_at: WallTime,
    /// When there was news of it last.
    pub updated_at: WallTime,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<WallTime>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// Messages about it that wait.
    pub waiting: u64,
    /// Messages about it that were sent.
    pub sent: u64,
}

impl MatterView {
    pub(super) fn of(matter: StoredMatter, (waiting, sent): (u64, u64)) -> Self {
        Self {
            kind: MatterKind::from_name(&matter.kind),
            id: matter.id,
            severity: matter.severity,
            camera: matter.camera,
            opened_at: matter.opened_at,
            updated_at: matter.updated_at,
            acknowledged_at: matter.acknowledged_at,
            acknowledged_by: matter.acknowledged_by,
            waiting,
            sent,
        }
    }
}
