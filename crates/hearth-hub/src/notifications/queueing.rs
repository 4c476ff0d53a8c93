//! From a matter to rows in the outbox: who is told what, and when.

use std::collections::HashMap;
use std::fmt::Write as _;

use bytes::Bytes;
use hearth_model::{CameraId, NotificationId, RecipientId, Severity, WallTime};
use hearth_notify::{Content, Message, Picture, Report};
use hearth_store::{NewNotification, RecentMatter, StoreError, StoredMatter};
use hearth_vault::{KeyScope, MacKey};

use super::{
    Matter,
    matter::is_correlation,
    settings::{Kept, KeptRecipient},
};
use crate::{Hub, error::Chain, house::House};

/// Context under which words are sealed.
const CONTEXT: &[u8] = b"notification v1";
/// Use of the key that hashes words, so that they cannot be guessed from the index.
const DIGESTS: &[u8] = b"notification digests v1";
/// Bytes of a matter's tag: its 32 hexadecimal digits fit the `Topic` of RFC 8030.
const TAG_BYTES: usize = 16;

/// Nobody wants to hear in the evening that somebody rang yesterday.
const AGE_MAX_MICROS: i64 = 24 * 3_600_000_000;
/// A broken lock is still news after a weekend.
const CRITICAL_AGE_MAX_MICROS: i64 = 72 * 3_600_000_000;

/// Pictures that still wait to be shown, by recipient and step.
type Pictures = HashMap<(RecipientId, u32), Picture>;

/// Whose message, how much it says, from which step on, and when it may go out.
struct Told<'a> {
    recipient: &'a KeptRecipient,
    content: Content,
    step: u32,
    due_at: WallTime,
}

impl Hub {
    /// Tells people of a matter, or news of one: whoever wants to know of it, as much as they may
    /// know. Returns when it is written down; what cannot be written down is logged.
    pub async fn notify(&self, matter: Matter) {
        self.house().notify(matter).await;
    }
}

impl House {
    /// See [`Hub::notify`]. Says how many messages wait now; `None` if it failed, which is logged.
    pub(crate) async fn notify(&self, matter: Matter) -> Option<usize> {
        self.notify_while(matter, || true).await
    }

    /// The same, unless it turns out to be over: judged when nobody can answer it in between.
    pub(super) async fn notify_while(
        &self,
        matter: Matter,
        goes_on: impl Fn() -> bool,
    ) -> Option<usize> {
        if !is_correlation(&matter.correlation) {
            tracing::error!(?matter, "a matter has no proper correlation id and is not told");
            return None;
        }
        self.try_notify(&matter, goes_on).await.unwrap_or_else(|error| {
            tracing::error!(error = %Chain(&error), ?matter, "a matter was not queued");
            None
        })
    }

    async fn try_notify(
        &self,
        matter: &Matter,
        goes_on: impl Fn() -> bool,
    ) -> Result<Option<usize>, StoreError> {
        let kept = self.desk.kept();
        if kept.recipients.is_empty() {
            return Ok(Some(0));
        }
        let key = self.vault.mac_key(&KeyScope::House, DIGESTS);
        let Ok(key) = key.inspect_err(|error| tracing::error!(%error, "nothing is told")) else {
            return Ok(None);
        };
        let _one_at_a_time = self.desk.queueing.lock().await;
        if !goes_on() {
            return Ok(Some(0));
        }
        let now = self.clock.wall_now();
        let known = match self.store.matter(&matter.correlation).await {
            Ok(known) => Some(known),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let is_answered = |known: &StoredMatter| {
            known.acknowledged_at.is_some() && matter.severity <= known.severity
        };
        if known.as_ref().is_some_and(is_answered) {
            return Ok(Some(0));
        }
        let told = self.told(&kept, matter, known.is_some(), now).await?;
        let report = self.report(matter, now);
        let mut unseen = match (&known, &report.picture) {
            (Some(known), None) => self.unseen_pictures(known).await?,
            _ => Pictures::new(),
        };
        let rows = told.into_iter().filter_map(|told| {
            let picture = unseen.remove(&(told.recipient.id, told.step));
            self.row(&told, matter, &report, picture, &key)
        });
        let rows: Vec<NewNotification> = rows.collect();
        if rows.is_empty() {
            return Ok(Some(0));
        }
        let stored = StoredMatter {
            id: matter.correlation.clone(),
            kind: matter.kind.name().to_owned(),
            severity: matter.severity,
            camera: matter.camera,
            needs_answer: matter.severity >= kept.escalation.severity,
            opened_at: now,
            updated_at: now,
            acknowledged_at: None,
            acknowledged_by: None,
        };
        let queued = self.store.queue_notifications(&stored, &rows).await?;
        tracing::debug!(?queued, ?matter, "a matter was queued");
        self.desk.wake.notify_one();
        Ok(Some(rows.len()))
    }

    /// Who is told: at once who is subscribed, later who is told unless somebody answers.
    async fn told<'a>(
        &self,
        kept: &'a Kept,
        matter: &Matter,
        is_known: bool,
        now: WallTime,
    ) -> Result<Vec<Told<'a>>, StoreError> {
        let is_muted = kept.mute.until.is_some_and(|until| until > now)
            && matter.severity < Severity::Critical;
        let mut told = Vec::new();
        for recipient in &kept.recipients {
            let wants = if matter.to.is_empty() {
                recipient.wants(matter.kind, matter.severity, matter.camera)
            } else {
                recipient.enabled && matter.to.contains(&recipient.id)
            };
            if !wants {
                continue;
            }
            let Some(content) = self.content_for(kept, recipient, matter).await? else { continue };
            if is_muted || (!is_known && self.is_repetition(recipient, matter, now).await?) {
                self.desk.counts.suppress();
                continue;
            }
            told.push(Told { recipient, content, step: 0, due_at: now });
        }
        if matter.severity < kept.escalation.severity {
            return Ok(told);
        }
        for (number, step) in (1_u32..).zip(&kept.escalation.steps) {
            let due_at = now.plus_micros(i64::from(step.after_seconds) * 1_000_000);
            for id in &step.recipients {
                let Some(recipient) = kept.recipient(*id) else { continue };
                if let Some(content) = self.content_for(kept, recipient, matter).await? {
                    told.push(Told { recipient, content, step: number, due_at });
                }
            }
        }
        Ok(told)
    }

    /// How much somebody may be told, if there is a way to tell them.
    async fn content_for(
        &self,
        kept: &Kept,
        recipient: &KeptRecipient,
        matter: &Matter,
    ) -> Result<Option<Content>, StoreError> {
        if kept.reachable(recipient.id).is_none() {
            return Ok(None);
        }
        self.may_be_told(recipient, matter.kind, matter.camera).await
    }

    /// Pictures of a matter that nobody has seen yet: news without one does not take them away.
    async fn unseen_pictures(&self, known: &StoredMatter) -> Result<Pictures, StoreError> {
        let waiting = self.store.waiting_words(&known.id).await?.into_iter();
        let pictures = waiting.filter_map(|words| {
            let picture = self.open_message(known.camera, &words.payload)?.picture?;
            Some(((words.recipient, words.step), picture))
        });
        Ok(pictures.collect())
    }

    /// Whether much the same was told a moment ago. Never said of what is critical.
    async fn is_repetition(
        &self,
        recipient: &KeptRecipient,
        matter: &Matter,
        now: WallTime,
    ) -> Result<bool, StoreError> {
        if recipient.dedup_seconds == 0 || matter.severity == Severity::Critical {
            return Ok(false);
        }
        let asked = RecentMatter {
            recipient: recipient.id,
            matter: &matter.correlation,
            kind: matter.kind.name(),
            camera: matter.camera,
            severity: matter.severity,
            since: now.plus_micros(-i64::from(recipient.dedup_seconds) * 1_000_000),
        };
        self.store.was_told_lately(asked).await
    }

    fn report(&self, matter: &Matter, now: WallTime) -> Report {
        let dashboard = self.config.network.dashboard.as_ref();
        Report {
            title: matter.title.clone(),
            text: matter.text.clone(),
            plain_title: matter.kind.plain().to_owned(),
            plain_text: self.plain_place(matter.camera),
            severity: matter.severity,
            at: now,
            link: matter.link.clone(),
            origin: dashboard.map(|origin| origin.as_str().to_owned()),
            matter: matter.correlation.clone(),
            picture: matter.picture.clone().and_then(Picture::new),
        }
    }

    /// Where something happens, without anybody's name.
    pub(super) fn plain_place(&self, camera: Option<CameraId>) -> String {
        let camera = camera.and_then(|camera| self.camera_name(camera));
        camera.map_or_else(|| "The house".to_owned(), |name| name.to_string())
    }

    /// promise: D-13. What is more than the recipient may be told is left out before anything is
    /// sealed.
    fn row(
        &self,
        told: &Told<'_>,
        matter: &Matter,
        report: &Report,
        unseen: Option<Picture>,
        key: &MacKey,
    ) -> Option<NewNotification> {
        let Told { recipient, content, step, due_at } = told;
        let id = NotificationId::new();
        let tag = tag_of(key, &matter.correlation);
        let mut message = report.reduced(*content, id.to_string(), tag);
        message.picture = message.picture.or(unseen.filter(|_| *content == Content::Full));
        let payload = self.seal_message(matter.camera, &message)?;
        let digest = digest_of(key, &message);
        let age_max = match matter.severity {
            Severity::Critical => CRITICAL_AGE_MAX_MICROS,
            Severity::Info | Severity::Warning => AGE_MAX_MICROS,
        };
        let expires_at = due_at.plus_micros(age_max);
        let (recipient, step, due_at) = (recipient.id, *step, *due_at);
        Some(NewNotification { id, recipient, step, payload, digest, due_at, expires_at })
    }

    /// Seals a message under the key of its camera, so that removing the camera erases it too
    /// (promise D-04); of no camera, under the house's.
    fn seal_message(&self, camera: Option<CameraId>, message: &Message) -> Option<Vec<u8>> {
        let scope = match camera {
            Some(camera) => self.camera_scope(camera)?,
            None => KeyScope::House,
        };
        let json = crate::house::zeroizing_json(message).ok()?;
        let length = u32::try_from(json.expose().len()).ok()?;
        let picture = message.picture.as_ref().map_or(&[][..], |picture| picture.jpeg());
        let plain =
            zeroize::Zeroizing::new([&length.to_be_bytes()[..], json.expose(), picture].concat());
        let sealed = self.vault.seal(&scope, CONTEXT, &plain);
        sealed.inspect_err(|error| tracing::error!(%error, "a message was not sealed")).ok()
    }

    /// Opens what [`House::seal_message`] made; `None` if its camera was removed.
    pub(super) fn open_message(&self, camera: Option<CameraId>, sealed: &[u8]) -> Option<Message> {
        let scope = camera.map_or(KeyScope::House, KeyScope::Camera);
        let plain = self.vault.unseal(&scope, CONTEXT, sealed).ok()?;
        let (length, rest) = plain.expose().split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (json, picture) = rest.split_at_checked(length)?;
        let mut message: Message = serde_json::from_slice(json).ok()?;
        message.picture = Picture::new(Bytes::copy_from_slice(picture));
        Some(message)
    }
}

/// The same for everything about one matter, and nothing that tells which.
fn tag_of(key: &MacKey, correlation: &str) -> String {
    let tag = key.tag(&[b"matter", correlation.as_bytes()]);
    tag.iter().take(TAG_BYTES).fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    })
}

/// The same for the same words and picture.
fn digest_of(key: &MacKey, message: &Message) -> Vec<u8> {
    let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes();
    let picture = message.picture.as_ref().map_or(&[][..], |picture| picture.jpeg());
    let severity = format!("{:?}", message.severity);
    let tag = key.tag(&[
        b"words ",
        &length(&message.title),
        message.title.as_bytes(),
        &length(&message.text),
        message.text.as_bytes(),
        &length(&severity),
        severity.as_bytes(),
        picture,
    ]);
    tag.to_vec()
}
