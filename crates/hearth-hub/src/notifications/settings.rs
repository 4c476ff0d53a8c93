//! What people set up: channels, recipients, escalation. Kept as one sealed document, so that no
//! address, chat or name of a recipient is readable in the index (promises D-13, T-17).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_http::Fingerprint;
use hearth_model::{CameraId, ChannelId, FaultKind, RecipientId, Severity, UserId, WallTime};
use hearth_notify::{Content, EmailSecurity, Telegram};
use hearth_secret::{SecretBytes, SecretString};
use hearth_store::{Store, StoreError};
use hearth_vault::{KeyScope, Vault};
use serde::Serializer;

use super::{MatterKind, QuietHours};
use crate::error::UseCaseError;

/// Setting that holds it.
const SETTING: &str = "notifications";
/// Context under which it is sealed.
const CONTEXT: &[u8] = b"notification settings v1";
/// Bytes of everything together, as JSON. Sealed and in base64 that is below the store's 64 KiB, with
/// room left for a silence and for switching a recipient off.
const BYTES_MAX: usize = 40 << 10;
/// Of that, for browsers: whoever is signed in subscribes them, and must not fill the house's room.
const BROWSERS_BYTES_MAX: usize = 20 << 10;
/// Of that, for the browsers of one account.
const ACCOUNT_BYTES_MAX: usize = 8 << 10;

/// A service and what it takes to use it, by kind.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChannelSettings {
    /// A bot.
    Telegram {
        /// Address of the API: Telegram's own unless a house runs one.
        #[serde(default = "telegram_api")]
        api_url: String,
    },
    /// A mail server.
    Email {
        /// Its name.
        host: String,
        /// Its port.
        port: u16,
        /// When the connection is encrypted.
        security: EmailSecurity,
        /// User name, if it wants one.
        #[serde(default)]
        username: Option<String>,
        /// The sender's address.
        from: String,
    },
    /// A machine of one's own.
    Webhook {
        /// Its address.
        url: String,
    },
    /// A server of ntfy.
    Ntfy {
        /// Its address.
        url: String,
    },
    /// A broker.
    Mqtt {
        /// Its name.
        host: String,
        /// Its port.
        port: u16,
        /// User name, if it wants one.
        #[serde(default)]
        username: Option<String>,
    },
    /// Browsers.
    WebPush {
        /// To whom relays write when something is wrong: `mailto:..` or `https:..`.
        contact: String,
    },
}

fn telegram_api() -> String {
    Telegram::API.to_owned()
}

/// The kinds of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "documented at ChannelSettings")]
pub enum ChannelKind {
    Telegram,
    Email,
    Webhook,
    Ntfy,
    Mqtt,
    WebPush,
}

impl ChannelKind {
    /// All kinds with their names.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Telegram, "telegram"),
        (Self::Email, "email"),
        (Self::Webhook, "webhook"),
        (Self::Ntfy, "ntfy"),
        (Self::Mqtt, "mqtt"),
        (Self::WebPush, "web_push"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }
}

impl ChannelSettings {
    /// Its kind.
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Telegram { .. } => ChannelKind::Telegram,
            Self::Email { .. } => ChannelKind::Email,
            Self::Webhook { .. } => ChannelKind::Webhook,
            Self::Ntfy { .. } => ChannelKind::Ntfy,
            Self::Mqtt { .. } => ChannelKind::Mqtt,
            Self::WebPush { .. } => ChannelKind::WebPush,
        }
    }
}

/// Which matters a recipient is told of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribed {
    /// Of this kind.
    pub kind: MatterKind,
    /// At least this bad.
    pub severity: Severity,
    /// Only at these cameras; without any, at all.
    #[serde(default)]
    pub cameras: Vec<CameraId>,
}

/// Who else is told if nobody answers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// From how bad a matter on.
    pub severity: Severity,
    /// One after the other.
    pub steps: Vec<EscalationStep>,
}

impl Default for Escalation {
    fn default() -> Self {
        Self { severity: Severity::Critical, steps: Vec::new() }
    }
}

/// One step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationStep {
    /// How long after the matter was told first.
    pub after_seconds: u32,
    /// Whom.
    pub recipients: Vec<RecipientId>,
}

/// A channel as it is kept.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct KeptChannel {
    pub(super) id: ChannelId,
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) settings: ChannelSettings,
    #[serde(serialize_with = "exposed")]
    pub(super) secret: Option<SecretString>,
    pub(super) private_network: bool,
    /// The owner of the machine allowed it to reach the machine itself.
    pub(super) this_machine: bool,
    pub(super) certificate: Option<Fingerprint>,
}

/// A recipient as it is kept.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct KeptRecipient {
    pub(super) id: RecipientId,
    pub(super) name: String,
    pub(super) channel: ChannelId,
    /// Chat, address or topic; of a browser its subscription, which is a secret.
    #[serde(serialize_with = "exposed")]
    pub(super) address: Option<SecretString>,
    pub(super) enabled: bool,
    pub(super) content: Content,
    pub(super) commands: bool,
    pub(super) matters: Vec<Subscribed>,
    pub(super) quiet_hours: Vec<QuietHours>,
    pub(super) per_hour: u32,
    pub(super) dedup_seconds: u32,
    pub(super) user: Option<UserId>,
    pub(super) created_at: WallTime,
}

/// Since when and until when only critical matters are told.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub struct MuteView {
    /// Until when; absent while everything is told.
    pub until: Option<WallTime>,
    /// Who said so.
    pub by: Option<String>,
}

/// Everything that is set up.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub(super) channels: Vec<KeptChannel>,
    pub(super) recipients: Vec<KeptRecipient>,
    pub(super) escalation: Escalation,
    pub(super) mute: MuteView,
    /// PKCS #8 in base64.
    #[serde(serialize_with = "exposed")]
    pub(super) push_key: Option<SecretString>,
}

/// The only way out of these secrets: the JSON is made for the seal and nothing else.
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
}

fn full(text: &str) -> UseCaseError {
    UseCaseError::new(FaultKind::Limited, "too_many", text)
}

fn bytes_of(value: &impl serde::Serialize) -> Result<usize, UseCaseError> {
    let json = SecretBytes::of_json(value).map_err(|error| UseCaseError::internal(&error))?;
    Ok(json.expose().len())
}

impl Kept {
    /// Reads what was set up. What does not open leaves the house without: people have the dashboard.
    pub(super) async fn open(store: &Store, vault: &Vault) -> Result<Self, StoreError> {
        let Some(text) = store.setting::<String>(SETTING).await? else {
            return Ok(Self::default());
        };
        let plain = STANDARD.decode(text).ok();
        let plain = plain.and_then(|sealed| vault.unseal(&KeyScope::House, CONTEXT, &sealed).ok());
        let kept = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        if kept.is_none() {
            tracing::error!("the settings of notifications do not open");
        }
        Ok(kept.unwrap_or_default())
    }

    /// How large it is. Silence is not counted: there is always room for it.
    pub(super) fn bytes(&self) -> Result<usize, UseCaseError> {
        let spoken = Self { mute: MuteView::default(), ..self.clone() };
        bytes_of(&spoken)
    }

    /// Refuses what makes it grow too large to be written down; what shrinks it is always taken.
    pub(super) fn check_room(&self, bytes_before: usize) -> Result<(), UseCaseError> {
        let fits = self.bytes()? <= bytes_before.max(BYTES_MAX);
        fits.then_some(()).ok_or_else(|| full("There is no room for more channels and recipients."))
    }

    /// Refuses browsers of an account that leave no room for others.
    pub(super) fn check_room_for_browsers(&self, user: UserId) -> Result<(), UseCaseError> {
        let browsers = || self.recipients.iter().filter(|one| one.user.is_some());
        let all: Vec<&KeptRecipient> = browsers().collect();
        let own: Vec<&KeptRecipient> = browsers().filter(|one| one.user == Some(user)).collect();
        let fits = bytes_of(&all)? <= BROWSERS_BYTES_MAX && bytes_of(&own)? <= ACCOUNT_BYTES_MAX;
        fits.then_some(()).ok_or_else(|| full("There is no room for more browsers."))
    }

    /// Seals and writes it down.
    pub(super) async fn save(&self, store: &Store, vault: &Vault) -> Result<(), UseCaseError> {
        let json = SecretBytes::of_json(self).map_err(|error| UseCaseError::internal(&error))?;
        let sealed = vault.seal(&KeyScope::House, CONTEXT, json.expose());
        let sealed = sealed.map_err(|error| UseCaseError::internal(&error))?;
        let written = store.put_setting(SETTING, &STANDARD.encode(sealed)).await;
        written.map_err(crate::identity::store_error)
    }

    pub(super) fn channel(&self, id: ChannelId) -> Option<&KeptChannel> {
        self.channels.iter().find(|one| one.id == id)
    }

    pub(super) fn recipient(&self, id: RecipientId) -> Option<&KeptRecipient> {
        self.recipients.iter().find(|one| one.id == id)
    }

    /// Removes recipients, also from the escalation. Answers which they were.
    pub(super) fn remove_recipients(
        &mut self,
        is_one: impl Fn(&KeptRecipient) -> bool,
    ) -> Vec<RecipientId> {
        let removed = self.recipients.iter().filter(|one| is_one(one)).map(|one| one.id);
        let removed: Vec<RecipientId> = removed.collect();
        self.recipients.retain(|one| !removed.contains(&one.id));
        for step in &mut self.escalation.steps {
            step.recipients.retain(|one| !removed.contains(one));
        }
        self.escalation.steps.retain(|step| !step.recipients.is_empty());
        removed
    }

    /// A recipient that can be told something, with its channel.
    pub(super) fn reachable(&self, id: RecipientId) -> Option<(&KeptRecipient, &KeptChannel)> {
        let recipient = self.recipient(id).filter(|one| one.enabled)?;
        let channel = self.channel(recipient.channel).filter(|one| one.enabled)?;
        Some((recipient, channel))
    }
}

impl KeptRecipient {
    /// Whether it is told of anything at a camera.
    pub(super) fn hears_of(&self, camera: CameraId) -> bool {
        self.matters.iter().any(|one| one.cameras.is_empty() || one.cameras.contains(&camera))
    }

    /// Whether it is told of matters of a kind.
    pub(super) fn hears_of_kind(&self, kind: MatterKind) -> bool {
        self.matters.iter().any(|one| one.kind == kind)
    }

    /// Whether it wants to be told of such a matter.
    pub(super) fn wants(
        &self,
        kind: MatterKind,
        severity: Severity,
        camera: Option<CameraId>,
    ) -> bool {
        self.matters.iter().any(|one| {
            let there =
                camera.is_none_or(|camera| one.cameras.is_empty() || one.cameras.contains(&camera));
            one.kind == kind && severity >= one.severity && there
        })
    }
}
