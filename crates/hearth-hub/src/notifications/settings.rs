//! What people set up: channels, recipients, escalation. Kept as one sealed document, so that no
//! address, chat or name of a recipient is readable in the index (promises D-13, T-17).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_http::Fingerprint;
use hearth_model::{CameraId, ChannelId, RecipientId, Severity, UserId, WallTime};
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
    /// What hashes of words are keyed with, so that they cannot be guessed from the index.
    #[serde(serialize_with = "exposed")]
    pub(super) digest_key: Option<SecretString>,
}

/// The only way out of these secrets: the JSON is made for the seal and nothing else.
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
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

    /// A recipient that can be told something, with its channel.
    pub(super) fn reachable(&self, id: RecipientId) -> Option<(&KeptRecipient, &KeptChannel)> {
        let recipient = self.recipient(id).filter(|one| one.enabled)?;
        let channel = self.channel(recipient.channel).filter(|one| one.enabled)?;
        Some((recipient, channel))
    }
}

impl KeptRecipient {
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
