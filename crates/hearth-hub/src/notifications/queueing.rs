//! From a matter to rows in the outbox: who is told what, and when.

use bytes::Bytes;
use hearth_auth::Principal;
use hearth_model::{CameraId, EventKind, NotificationId, SessionId, Severity, UserId, WallTime};
use hearth_notify::{Message, Picture, Report, signature};
use hearth_secret::SecretString;
use hearth_store::{NewNotification, RecentMatter, StoreError, StoredMatter};
use hearth_vault::KeyScope;

use super::{
    Matter,
    matter::is_correlation,
    settings::{Kept, KeptRecipient},
};
use crate::{Hub, error::Chain, house::House};

/// Context under which words are sealed.
const CONTEXT: &[u8] = b"notification v1";

/// Nobody wants to hear in the evening that somebody rang yesterday.
const AGE_MAX_MICROS: i64 = 24 * 3_600_000_000;
/// A broken lock is still news after a weekend.
const CRITICAL_AGE_MAX_MICROS: i64 = 72 * 3_600_000_000;

/// Whose message, from which step on, and when it may go out.
struct Told<'a> {
    recipient: &'a KeptRecipient,
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
    /// See [`Hub::notify`].
    pub(crate) async fn notify(&self, matter: Matter) {
        if !is_correlation(&matter.correlation) {
            tracing::error!(?matter, "a matter has no proper correlation id and is not told");
            return;
        }
        if let Err(error) = self.try_notify(&matter).await {
            tracing::error!(error = %Chain(&error), ?matter, "a matter was not queued");
        }
    }

    async fn try_notify(&self, matter: &Matter) -> Result<(), StoreError> {
        let kept = self.desk.kept();
        let Some(key) = kept.digest_key.as_ref().filter(|_| !kept.recipients.is_empty()) else {
            // Nobody is to be told of anything.
            return Ok(());
        };
        let _one_at_a_time = self.desk.queueing.lock().await;
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
            return Ok(());
        }
        let told = self.told(&kept, matter, known.is_some(), now).await?;
        let report = self.report(matter, now);
        let rows = told.into_iter().filter_map(|told| self.row(&told, matter, &report, key));
        let rows: Vec<NewNotification> = rows.collect();
        if rows.is_empty() {
            return Ok(());
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
        Ok(())
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
            if !wants || !self.may_be_told(kept, recipient, matter).await {
                continue;
            }
            if is_muted || (!is_known && self.is_repetition(recipient, matter, now).await?) {
                self.desk.counts.suppress();
                continue;
            }
            told.push(Told { recipient, step: 0, due_at: now });
        }
        if matter.severity < kept.escalation.severity {
            return Ok(told);
        }
        for (number, step) in (1_u32..).zip(&kept.escalation.steps) {
            let due_at = now.plus_micros(i64::from(step.after_seconds) * 1_000_000);
            for id in &step.recipients {
                let Some(recipient) = kept.recipient(*id) else { continue };
                if self.may_be_told(kept, recipient, matter).await {
                    told.push(Told { recipient, step: number, due_at });
                }
            }
        }
        Ok(told)
    }

    /// Whether there is a way to tell somebody, and their account, if they have one, may know.
    async fn may_be_told(&self, kept: &Kept, recipient: &KeptRecipient, matter: &Matter) -> bool {
        if kept.reachable(recipient.id).is_none() {
            return false;
        }
        match recipient.user {
            None => true,
            Some(user) => self.account_may_know(user, matter).await,
        }
    }

    /// promise: T-05. An account hears of what it could look at, as its rights are now.
    async fn account_may_know(&self, user: UserId, matter: &Matter) -> bool {
        let Ok(user) = self.store.user(user).await else { return false };
        if !user.is_active(self.clock.wall_now()) {
            return false;
        }
        let principal = Principal::User {
            user: user.id,
            name: user.name,
            role: user.role,
            // Asked for no sign-in: the policy decides by account and role.
            session: SessionId::from_bytes([0; 16]),
        };
        let about = if matter.kind.is_of_security() {
            EventKind::IncidentOpened
        } else {
            EventKind::ActivityNoticed
        };
        let sees = |camera: CameraId| self.policy.recalls(&principal, camera);
        self.policy.reads(&principal, about) && matter.camera.is_none_or(sees)
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
        let camera = matter.camera.and_then(|camera| self.camera_name(camera));
        let dashboard = self.config.network.dashboard.as_ref();
        let link = matter.link.as_ref().map(|link| match dashboard {
            Some(origin) => format!("{}{link}", origin.as_str()),
            None => link.clone(),
        });
        Report {
            title: matter.title.clone(),
            text: matter.text.clone(),
            plain_title: matter.kind.plain().to_owned(),
            plain_text: camera.map_or_else(|| "The house".to_owned(), |name| name.to_string()),
            severity: matter.severity,
            at: now,
            link,
            matter: matter.correlation.clone(),
            picture: matter.picture.clone().and_then(Picture::new),
        }
    }

    /// promise: D-13. What is more than the recipient may be told is left out before anything is
    /// sealed.
    fn row(
        &self,
        told: &Told<'_>,
        matter: &Matter,
        report: &Report,
        key: &SecretString,
    ) -> Option<NewNotification> {
        let Told { recipient, step, due_at } = told;
        let id = NotificationId::new();
        let mut tag = signature(key, 1, matter.correlation.as_bytes()).split_off("v1=".len());
        tag.truncate(32);
        let message = report.reduced(recipient.content, id.to_string(), tag);
        let payload = self.seal_message(matter.camera, &message)?;
        let picture = message.picture.as_ref().map_or(&[][..], |picture| picture.jpeg());
        let words = format!("{}\n{}\n{:?}\n", message.title, message.text, message.severity);
        let digest = signature(key, 0, &[words.as_bytes(), picture].concat()).into_bytes();
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
