//! What people may set up, checked before anything is kept.

use hearth_http::Fingerprint;
use hearth_model::{ChannelId, RecipientId};
use hearth_notify::{Content, MailAddress, Ntfy, Telegram, is_topic};
use hearth_secret::SecretString;

use super::{ChannelKind, ChannelSettings, Escalation, QuietHours, Subscribed, settings::Kept};
use crate::error::{Result, UseCaseError};

/// More than a house has ways to tell people.
pub(super) const CHANNELS_MAX: usize = 16;
/// A family and its machines; what they are is bounded in bytes as well (`settings`).
pub(super) const RECIPIENTS_MAX: usize = 48;
/// Browsers besides: phones and computers of a family.
pub(super) const BROWSERS_MAX: usize = 32;
const NAME_CHARACTERS_MAX: usize = 60;
const TEXT_BYTES_MAX: usize = 512;
const SECRET_BYTES_MAX: usize = 1_024;
/// Shorter keys can be guessed from one message.
const WEBHOOK_SECRET_BYTES_MIN: usize = 16;
const SUBSCRIBED_MAX: usize = 16;
const CAMERAS_MAX: usize = 64;
const QUIET_HOURS_MAX: usize = 8;
pub(super) const PER_HOUR: std::ops::RangeInclusive<u32> = 1..=600;
const DEDUP_SECONDS_MAX: u32 = 86_400;
const STEPS_MAX: usize = 8;
const STEP_RECIPIENTS_MAX: usize = 16;
const STEP_SECONDS: std::ops::RangeInclusive<u32> = 30..=86_400;

/// A channel to set up.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// What people call it.
    pub name: String,
    /// Whether it is used.
    pub enabled: bool,
    /// The service.
    pub settings: ChannelSettings,
    /// Token, password or key; `None` keeps the one there is.
    pub secret: Option<SecretString>,
    /// Whether addresses of the house's network are allowed.
    pub private_network: bool,
    /// The service's certificate, if no public authority signed it.
    pub certificate: Option<Fingerprint>,
}

/// A recipient to set up.
#[derive(Clone, Debug)]
pub struct NewRecipient {
    /// What people call them.
    pub name: String,
    /// By which channel.
    pub channel: ChannelId,
    /// Chat, address or topic, where the channel has many receivers.
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
}

fn bad(text: &str) -> UseCaseError {
    UseCaseError::bad_input("invalid", text)
}

fn require(fits: bool, text: &str) -> Result<()> {
    if fits { Ok(()) } else { Err(bad(text)) }
}

fn check_name(name: &str) -> Result<()> {
    let fits = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count());
    require(fits && !name.chars().any(char::is_control), "A name has 1 to 60 characters.")
}

fn check_url(url: &str) -> Result<()> {
    let uri: Option<hearth_http::Uri> = url.parse().ok();
    let fits = uri.is_some_and(|uri| {
        let names_host = uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        uri.scheme_str() == Some("https") && names_host && url.len() <= TEXT_BYTES_MAX
    });
    require(fits, "The address begins with https:// and names a host, without a password.")
}

fn check_host(host: &str, port: u16) -> Result<()> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
    let fits = (1..=253).contains(&host.len()) && host.bytes().all(is_fit) && port > 0;
    require(fits, "Name a host and a port.")
}

fn check_username(username: Option<&str>) -> Result<()> {
    let fits = username.is_none_or(|name| {
        (1..=TEXT_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control)
    });
    require(fits, "A user name has 1 to 512 characters.")
}

impl NewChannel {
    /// Checks everything but addresses, which are judged when they are connected to.
    pub(super) fn check(&self, secret: Option<&SecretString>) -> Result<()> {
        check_name(&self.name)?;
        let secret = secret.map(SecretString::expose);
        let has_good_secret = secret.is_none_or(|secret| {
            (1..=SECRET_BYTES_MAX).contains(&secret.len()) && !secret.contains(['\r', '\n', '\0'])
        });
        require(has_good_secret, "A secret is one line of at most 1024 bytes.")?;
        match &self.settings {
            ChannelSettings::Telegram { api_url } => {
                check_url(api_url)?;
                let is_token = secret.is_some_and(|secret| Telegram::is_token(secret));
                require(is_token, "The secret is the bot's token, e.g. 123456:ABC-DEF.")
            }
            ChannelSettings::Email { host, port, username, from, .. } => {
                check_host(host, *port)?;
                check_username(username.as_deref())?;
                require(from.parse::<MailAddress>().is_ok(), "The sender is name@example.org.")?;
                let is_pair = username.is_some() == secret.is_some();
                require(is_pair, "User name and password belong together.")
            }
            ChannelSettings::Webhook { url } => {
                check_url(url)?;
                let is_long = secret.is_some_and(|key| key.len() >= WEBHOOK_SECRET_BYTES_MIN);
                require(is_long, "The secret that signs has at least 16 characters.")
            }
            ChannelSettings::Ntfy { url } => check_url(url),
            ChannelSettings::Mqtt { host, port, username } => {
                check_host(host, *port)?;
                check_username(username.as_deref())?;
                let is_pair = username.is_some() == secret.is_some();
                require(is_pair, "User name and password belong together.")
            }
            ChannelSettings::WebPush { contact } => {
                let is_mail = contact
                    .strip_prefix("mailto:")
                    .is_some_and(|mail| mail.parse::<MailAddress>().is_ok());
                require(
                    is_mail || check_url(contact).is_ok(),
                    "The contact is mailto:name@example.org or an https address.",
                )?;
                require(secret.is_none(), "Web push has no secret: the hub makes its own key.")
            }
        }
    }
}

pub(super) fn check_matters(matters: &[Subscribed]) -> Result<()> {
    let fits = matters.len() <= SUBSCRIBED_MAX
        && matters.iter().all(|one| one.cameras.len() <= CAMERAS_MAX);
    require(fits, "At most 16 kinds of matters, each of at most 64 cameras.")
}

pub(super) fn check_quiet_hours(hours: &[QuietHours]) -> Result<()> {
    let is_minute = |minute: u16| minute < QuietHours::MINUTES;
    let fits = hours.len() <= QUIET_HOURS_MAX
        && hours.iter().all(|one| {
            one.days.len() <= 7 && is_minute(one.from_minute) && is_minute(one.to_minute)
        });
    require(fits, "At most 8 quiet hours, with minutes of the day from 0 to 1439.")
}

impl NewRecipient {
    /// Checks it against the channel it is for. `has_subscription` for a browser that is known.
    pub(super) fn check(&self, kind: ChannelKind, has_subscription: bool) -> Result<()> {
        check_name(&self.name)?;
        check_matters(&self.matters)?;
        check_quiet_hours(&self.quiet_hours)?;
        require(PER_HOUR.contains(&self.per_hour), "1 to 600 messages an hour.")?;
        require(self.dedup_seconds <= DEDUP_SECONDS_MAX, "At most a day without repetition.")?;
        let is_bot = kind == ChannelKind::Telegram;
        require(!self.commands || is_bot, "Only chats with a bot send commands.")?;
        match (kind, self.address.as_deref()) {
            (ChannelKind::Telegram, Some(chat)) => {
                // Commands come from numbers; a name may change its owner.
                let is_number = chat.parse::<i64>().is_ok();
                require(Telegram::is_chat(chat), "The address is the number of a chat.")?;
                require(is_number || !self.commands, "Commands need the number of the chat.")
            }
            (ChannelKind::Email, Some(mail)) => {
                require(mail.parse::<MailAddress>().is_ok(), "The address is name@example.org.")
            }
            (ChannelKind::Ntfy, Some(topic)) => {
                require(Ntfy::is_topic(topic), "A topic has letters, digits, - and _.")
            }
            (ChannelKind::Mqtt, Some(topic)) => {
                require(is_topic(topic), "A topic has no wildcards and does not begin with $.")
            }
            (ChannelKind::Webhook, None) => Ok(()),
            (ChannelKind::WebPush, None) => {
                require(has_subscription, "A browser subscribes by itself, signed in as its user.")
            }
            (ChannelKind::Webhook | ChannelKind::WebPush, Some(_)) => {
                Err(bad("This channel has no addresses."))
            }
            (_, None) => Err(bad("This channel needs an address.")),
        }
    }
}

impl Escalation {
    pub(super) fn check(&self, kept: &Kept) -> Result<()> {
        let known = |id: &RecipientId| kept.recipient(*id).is_some();
        let is_step = |step: &super::EscalationStep| {
            STEP_SECONDS.contains(&step.after_seconds)
                && (1..=STEP_RECIPIENTS_MAX).contains(&step.recipients.len())
                && step.recipients.iter().all(known)
        };
        let rises = self.steps.is_sorted_by(|a, b| a.after_seconds < b.after_seconds);
        let fits = self.steps.len() <= STEPS_MAX && rises && self.steps.iter().all(is_step);
        require(
            fits,
            "At most 8 steps, each later than the one before (30 s to a day), with known recipients.",
        )
    }
}
