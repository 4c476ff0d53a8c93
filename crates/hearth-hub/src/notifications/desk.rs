//! What the hub holds of notifications while it runs.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hearth_model::{AddressPolicy, ChannelId, RecipientId, WallTime};
use hearth_notify::{
    Backoff, Channel, DeliveryError, Email, Mqtt, Ntfy, Reach, Telegram, VapidKey, WebPush, Webhook,
};
use hearth_secret::{SecretBytes, SecretString};
use hearth_store::{Store, StoreError};
use hearth_vault::Vault;
use tokio::sync::{Notify, watch};

use super::{
    ChannelKind, ChannelSettings,
    input::PER_HOUR,
    settings::{Kept, KeptChannel},
};
use crate::{error::Result, last_words::LastWords, network::host_and_port};

/// Times of messages kept for a recipient: as many as an hour may have.
const SENT_KEPT_MAX: usize = *PER_HOUR.end() as usize;

/// How a channel fares since the hub started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// Nothing was sent yet.
    #[default]
    Unused,
    /// The last attempt was a success.
    Working,
    /// The last attempt failed; it is tried again.
    Failing,
    /// Somebody has to set it right.
    Misconfigured,
}

/// How a channel fares.
#[derive(Clone, Debug, Default)]
pub(super) struct Faring {
    pub(super) state: ChannelState,
    pub(super) last_sent_at: Option<WallTime>,
    pub(super) last_error: Option<String>,
    /// Why nobody can write to it at the moment. Says nothing of what is sent.
    pub(super) deaf: Option<String>,
}

/// How patient the hub is with a recipient.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    pub(super) backoff: Backoff,
    pub(super) not_before: Option<WallTime>,
}

/// What was counted since the start, by kind of channel.
#[derive(Debug, Default)]
pub(super) struct Counts {
    rows: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    pub(super) suppressed: AtomicU64,
    pub(super) seconds_micros: AtomicU64,
}

impl Counts {
    pub(super) fn count(&self, kind: ChannelKind, outcome: &'static str) {
        *lock(&self.rows).entry((kind.name(), outcome)).or_default() += 1;
    }

    pub(super) fn rows(&self) -> Vec<((&'static str, &'static str), u64)> {
        lock(&self.rows).iter().map(|(key, count)| (*key, *count)).collect()
    }

    pub(super) fn suppress(&self) {
        self.suppressed.fetch_add(1, Ordering::Relaxed);
    }
}

/// Notifications while the hub runs.
pub(crate) struct Desk {
    kept: watch::Sender<Arc<Kept>>,
    /// One change of settings, and one matter, at a time.
    pub(super) changing: tokio::sync::Mutex<()>,
    pub(super) queueing: tokio::sync::Mutex<()>,
    pub(super) faring: Mutex<HashMap<ChannelId, Faring>>,
    pub(super) paces: Mutex<HashMap<RecipientId, Pace>>,
    /// When recipients were sent something in the last hour: news of a matter is one more message,
    /// and not one more row.
    sent: Mutex<HashMap<RecipientId, VecDeque<WallTime>>>,
    /// To whom a message is on its way.
    pub(super) busy: Mutex<HashSet<RecipientId>>,
    /// One change of what is known of silent cameras, and of what was read of bots, at a time.
    pub(super) silence: tokio::sync::Mutex<()>,
    pub(super) reading: tokio::sync::Mutex<()>,
    /// The task that delivers.
    pub(crate) delivering: LastWords,
    /// There is something new in the outbox.
    pub(super) wake: Notify,
    pub(super) counts: Counts,
}

impl Desk {
    pub(crate) async fn open(
        store: &Store,
        vault: &Vault,
    ) -> std::result::Result<Self, StoreError> {
        let kept = Kept::open(store, vault).await?;
        Ok(Self {
            kept: watch::Sender::new(Arc::new(kept)),
            changing: tokio::sync::Mutex::default(),
            queueing: tokio::sync::Mutex::default(),
            faring: Mutex::default(),
            paces: Mutex::default(),
            sent: Mutex::default(),
            busy: Mutex::default(),
            silence: tokio::sync::Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            delivering: LastWords::default(),
            wake: Notify::new(),
            counts: Counts::default(),
        })
    }

    /// What is set up at this moment.
    pub(super) fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.kept.borrow())
    }

    /// Hears of changes.
    pub(super) fn changes(&self) -> watch::Receiver<Arc<Kept>> {
        self.kept.subscribe()
    }

    pub(super) fn put(&self, kept: Kept) {
        self.kept.send_replace(Arc::new(kept));
        self.wake.notify_one();
    }

    pub(super) fn faring(&self, channel: ChannelId) -> Faring {
        lock(&self.faring).get(&channel).cloned().unwrap_or_default()
    }

    /// Remembers how an attempt went.
    pub(super) fn went(
        &self,
        channel: &KeptChannel,
        outcome: std::result::Result<(), &DeliveryError>,
        now: WallTime,
    ) {
        let kind = channel.settings.kind();
        let mut faring = lock(&self.faring);
        let faring = faring.entry(channel.id).or_default();
        match outcome {
            Ok(()) => {
                faring.state = ChannelState::Working;
                (faring.last_sent_at, faring.last_error) = (Some(now), None);
                self.counts.count(kind, "sent");
            }
            Err(error) => {
                faring.state = match error {
                    DeliveryError::Misconfigured { .. } => ChannelState::Misconfigured,
                    _ => ChannelState::Failing,
                };
                faring.last_error = Some(error.to_string());
                self.counts.count(kind, error.code());
            }
        }
    }

    /// Remembers that a recipient was sent something.
    pub(super) fn sent(&self, recipient: RecipientId, at: WallTime) {
        let mut sent = lock(&self.sent);
        let times = sent.entry(recipient).or_default();
        times.push_back(at);
        while times.len() > SENT_KEPT_MAX {
            times.pop_front();
        }
    }

    /// How often a recipient was sent something since a time in this run, and when first.
    pub(super) fn sent_since(
        &self,
        recipient: RecipientId,
        since: WallTime,
    ) -> (u64, Option<WallTime>) {
        let mut sent = lock(&self.sent);
        let Some(times) = sent.get_mut(&recipient) else { return (0, None) };
        times.retain(|at| *at > since);
        (u64::try_from(times.len()).unwrap_or(u64::MAX), times.front().copied())
    }

    /// Remembers whether what people write to a channel is heard.
    pub(super) fn heard(
        &self,
        channel: ChannelId,
        outcome: std::result::Result<(), &DeliveryError>,
    ) {
        let deaf = outcome.err().map(|error| format!("Commands are not heard: {error}"));
        lock(&self.faring).entry(channel).or_default().deaf = deaf;
    }

    /// Hosts that messages go to.
    pub(crate) fn hosts(&self) -> Vec<(String, u16)> {
        let kept = self.kept();
        let channels = kept.channels.iter().filter_map(|channel| match &channel.settings {
            ChannelSettings::Telegram { api_url: url }
            | ChannelSettings::Webhook { url }
            | ChannelSettings::Ntfy { url } => host_and_port(url),
            ChannelSettings::Email { host, port, .. }
            | ChannelSettings::Mqtt { host, port, .. } => Some((host.clone(), *port)),
            ChannelSettings::WebPush { .. } => None,
        });
        let browsers = kept.recipients.iter().filter_map(|recipient| {
            let text = recipient.user.and(recipient.address.as_ref())?;
            let value: serde_json::Value = serde_json::from_str(text.expose()).ok()?;
            host_and_port(value.get("endpoint")?.as_str()?)
        });
        channels.chain(browsers).collect()
    }
}

/// Which addresses a channel may reach.
///
/// promise: K-04. Addresses of browsers are said by whoever is signed in, not by who manages the
/// house: they never lead inside, whatever the channel may.
fn reach(channel: &KeptChannel, simulated: bool) -> Reach {
    let is_set_by_managers = channel.settings.kind() != ChannelKind::WebPush;
    let mut addresses = AddressPolicy::SERVICES;
    if channel.private_network && is_set_by_managers {
        addresses = addresses.with_private();
    }
    if simulated || (channel.this_machine && is_set_by_managers) {
        addresses = addresses.with_this_machine();
    }
    Reach { certificate: channel.certificate, addresses }
}

/// The bot of a channel that is one.
pub(super) fn bot(channel: &KeptChannel, simulated: bool) -> Option<Telegram> {
    let ChannelSettings::Telegram { api_url } = &channel.settings else { return None };
    Some(Telegram::new(api_url, channel.secret.clone()?, reach(channel, simulated)))
}

/// The broker of a channel that is one.
pub(super) fn broker(channel: &KeptChannel, simulated: bool) -> Option<Mqtt> {
    let ChannelSettings::Mqtt { host, port, username } = &channel.settings else { return None };
    let account = username.clone().zip(channel.secret.clone());
    Some(Mqtt { host: host.clone(), port: *port, account, reach: reach(channel, simulated) })
}

/// The key of web push.
pub(super) fn push_key(kept: &Kept) -> Option<VapidKey> {
    let pkcs8 = STANDARD.decode(kept.push_key.as_ref()?.expose()).ok()?;
    VapidKey::read(&SecretBytes::new(pkcs8))
}

/// What speaks for a channel; `None` if something that it needs is missing.
pub(super) fn spoken_for(
    channel: &KeptChannel,
    kept: &Kept,
    simulated: bool,
) -> Option<Box<dyn Channel>> {
    let reach = reach(channel, simulated);
    let secret = || channel.secret.clone();
    let account = |username: &Option<String>| -> Option<(String, SecretString)> {
        username.clone().zip(secret())
    };
    Some(match &channel.settings {
        ChannelSettings::Telegram { .. } => Box::new(bot(channel, simulated)?),
        ChannelSettings::Email { host, port, security, username, from } => Box::new(Email {
            host: host.clone(),
            port: *port,
            security: *security,
            account: account(username),
            from: from.parse().ok()?,
            reach,
        }),
        ChannelSettings::Webhook { url } => Box::new(Webhook::new(url.clone(), secret()?, reach)),
        ChannelSettings::Ntfy { url } => Box::new(Ntfy::new(url.clone(), secret(), reach)),
        ChannelSettings::Mqtt { .. } => Box::new(broker(channel, simulated)?),
        ChannelSettings::WebPush { contact } => {
            Box::new(WebPush::new(push_key(kept)?, contact.clone(), reach))
        }
    })
}

impl super::super::house::House {
    /// Changes what is set up; nothing is changed if it cannot be written down.
    pub(super) async fn change_notifications<T>(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<T>,
    ) -> Result<T> {
        let _one_at_a_time = self.desk.changing.lock().await;
        let mut kept = Kept::clone(&self.desk.kept());
        let before = kept.bytes()?;
        let changed = change(&mut kept)?;
        kept.check_room(before)?;
        kept.save(&self.store, &self.vault).await?;
        self.desk.put(kept);
        self.keep_snapshot().await;
        Ok(changed)
    }
}

/// A lock whose holder panicked still holds plain data.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use hearth_notify::EmailSecurity;

    use super::*;

    fn channel(
        settings: ChannelSettings,
        private_network: bool,
        this_machine: bool,
    ) -> KeptChannel {
        let (id, name) = (ChannelId::new(), "Channel".to_owned());
        let (secret, certificate) = (None, None);
        KeptChannel {
            id,
            name,
            enabled: true,
            settings,
            secret,
            private_network,
            this_machine,
            certificate,
        }
    }

    /// promise: K-04. In a house that is not simulated no channel leads inside unless somebody who
    /// manages the house allowed it, and browsers never do.
    #[test]
    fn what_a_channel_reaches_follows_from_its_settings() {
        let (url, host) = ("https://service.example".to_owned(), "service.example".to_owned());
        let (private, own) = ("192.168.1.20", "127.0.0.1");
        let all = [
            ChannelSettings::Telegram { api_url: url.clone() },
            ChannelSettings::Webhook { url: url.clone() },
            ChannelSettings::Ntfy { url: url.clone() },
            ChannelSettings::Mqtt { host: host.clone(), port: 8883, username: None },
            ChannelSettings::Email {
                host,
                port: 465,
                security: EmailSecurity::Tls,
                username: None,
                from: "hub@house.example".to_owned(),
            },
            ChannelSettings::WebPush { contact: url },
        ];
        for settings in all {
            let may = settings.kind() != ChannelKind::WebPush;
            for (private_network, this_machine) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let kept = channel(settings.clone(), private_network, this_machine);
                let admits = |address: &str| {
                    let address = address.parse().expect("an address");
                    reach(&kept, false).addresses.check(address).is_ok()
                };
                let kind = settings.kind();
                assert!(admits("93.184.216.34"), "{kind:?}");
                assert_eq!(admits(private), private_network && may, "{kind:?}");
                assert_eq!(admits(own), this_machine && may, "{kind:?}");
                assert!(!admits("169.254.169.254"), "{kind:?}");
            }
        }
    }
}
