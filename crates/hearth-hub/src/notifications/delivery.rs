//! Takes rows out of the outbox when their time has come, and delivers them: for each recipient in
//! order and one at a time, however slow others are.
//!
//! A row is counted as tried before the attempt and marked as delivered after it, so a power cut in
//! between makes a second attempt with the same id: at least once. `hearth-notify` says on which
//! channels a second copy is seen.

use std::{sync::Arc, time::Duration};

use hearth_model::{NotificationId, RecipientId, Severity, WallTime};
use hearth_notify::{Attempt, Content, DeliveryError};
use hearth_store::{NotificationState, StoreError, StoredNotification};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    MatterKind,
    desk::{lock, spoken_for},
    quiet::quiet_until,
    settings::{KeptChannel, KeptRecipient},
};
use crate::house::House;

/// How often clocks are looked at; the database is asked only when something is due.
const TICK: Duration = Duration::from_secs(1);
/// How often, by the wall clock, what is too old is looked for, while something waits.
const EXPIRE_EVERY_MICROS: i64 = 60 * 1_000_000;
/// Ticks between two times that old matters are erased.
const PRUNE_TICKS: u64 = 3_600;
/// Messages on their way at the same time; each is a connection.
const ATTEMPTS_AT_ONCE: usize = 8;
/// Channels have deadlines of their own below this.
const ATTEMPT_MAX: Duration = Duration::from_secs(45);
/// The end of the hub waits so long for attempts: most take less than a second.
const FINISH_MAX: Duration = Duration::from_secs(10);
/// With waits of five minutes more than a day; age ends patience sooner.
const ATTEMPTS_MAX: u32 = 300;
/// A wait that a clock made longer than any service asks for does not count.
const WAIT_MAX_MICROS: i64 = 3_600 * 1_000_000;
/// What was told is known for a month.
const MATTER_AGE_MAX_MICROS: i64 = 30 * 86_400 * 1_000_000;
/// What was given up can be tried again for a week.
const DEAD_AGE_MAX_MICROS: i64 = 7 * 86_400 * 1_000_000;
const HOUR_MICROS: i64 = 3_600 * 1_000_000;

const TOO_OLD: &str = "It waited for too long.";
const MAY_NOT_KNOW: &str = "The recipient may not know of this any more.";
const TOLD_LESS: &str = "The recipient may know less by now, and was told less.";

/// Runs until the hub ends.
pub(crate) async fn run(house: Arc<House>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let turns = Arc::new(Semaphore::new(ATTEMPTS_AT_ONCE));
    let mut attempts = JoinSet::new();
    let mut next = Some(WallTime::from_micros(i64::MIN));
    let mut expired_at = WallTime::from_micros(i64::MIN);
    let mut count: u64 = 0;
    loop {
        let is_woken = tokio::select! {
            () = house.ended() => return finish(attempts).await,
            () = house.desk.wake.notified() => true,
            _ = ticks.tick() => false,
        };
        while attempts.try_join_next().is_some() {}
        let now = house.clock.wall_now();
        if !is_woken {
            count = count.wrapping_add(1);
            if count % PRUNE_TICKS == 7 {
                prune(&house, now).await;
            }
        }
        if next.is_some() && now.micros_since(expired_at).saturating_abs() >= EXPIRE_EVERY_MICROS {
            expired_at = now;
            expire(&house, now).await;
        }
        if is_woken || next.is_some_and(|next| next <= now) {
            next = match begin_due(&house, &mut attempts, &turns, now).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "the outbox was not read");
                    Some(now)
                }
            };
        }
    }
}

/// Waits for attempts that are on their way when the hub ends, and ends those that take too long.
async fn finish(mut attempts: JoinSet<()>) {
    let all = async { while attempts.join_next().await.is_some() {} };
    if timeout(FINISH_MAX, all).await.is_err() {
        tracing::warn!(attempts = attempts.len(), "attempts were cut off and are made again");
    }
    attempts.shutdown().await;
}

async fn expire(house: &House, now: WallTime) {
    match house.store.expire_notifications(now, TOO_OLD).await {
        Ok(0) => {}
        Ok(expired) => tracing::warn!(expired, "messages waited for too long"),
        Err(error) => tracing::error!(%error, "the outbox was not looked at"),
    }
}

async fn prune(house: &House, now: WallTime) {
    let matters = now.plus_micros(-MATTER_AGE_MAX_MICROS);
    let dead = now.plus_micros(-DEAD_AGE_MAX_MICROS);
    if let Err(error) = house.store.prune_notifications(matters, dead).await {
        tracing::error!(%error, "old matters were not erased");
    }
}

/// Begins an attempt for each recipient who has something due. Says when to look again.
async fn begin_due(
    house: &Arc<House>,
    attempts: &mut JoinSet<()>,
    turns: &Arc<Semaphore>,
    now: WallTime,
) -> Result<Option<WallTime>, StoreError> {
    for row in house.store.due_notifications(now).await? {
        let recipient = row.recipient;
        if is_paused(house, recipient, now) || !lock(&house.desk.busy).insert(recipient) {
            continue;
        }
        let (house, turns) = (Arc::clone(house), Arc::clone(turns));
        attempts.spawn(async move {
            let busy = Busy { house: &house, recipient };
            // Never closed.
            let _turn = turns.acquire().await;
            if *house.ending.borrow() {
                return;
            }
            if let Err(error) = attempt(&house, row.id).await {
                tracing::error!(%error, "the outcome of an attempt was not noted");
                // Without this the same row would be tried at once, again and again.
                pause(&house, recipient, None);
            }
            drop(busy);
        });
    }
    house.store.next_notification_due().await
}

/// Somebody to whom a message is on its way; free again whatever happens, also to a task that
/// panics.
struct Busy<'a> {
    house: &'a House,
    recipient: RecipientId,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(&self.house.desk.busy).remove(&self.recipient);
        self.house.desk.wake.notify_one();
    }
}

fn is_paused(house: &House, recipient: RecipientId, now: WallTime) -> bool {
    let paces = lock(&house.desk.paces);
    let until = paces.get(&recipient).and_then(|pace| pace.not_before);
    until.is_some_and(|until| until > now && until.micros_since(now) <= WAIT_MAX_MICROS)
}

/// Lets a recipient's queue rest; says until when.
fn pause(house: &House, recipient: RecipientId, asked: Option<Duration>) -> WallTime {
    let mut chance = [0; 4];
    // Without chance queues march in step, which is a pity and no more.
    getrandom::fill(&mut chance).ok();
    let mut paces = lock(&house.desk.paces);
    let pace = paces.entry(recipient).or_default();
    let wait = pace.backoff.failed(asked, u32::from_ne_bytes(chance));
    let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    let until = house.clock.wall_now().plus_micros(micros);
    pace.not_before = Some(until);
    until
}

async fn attempt(house: &House, id: NotificationId) -> Result<(), StoreError> {
    let (store, now) = (&house.store, house.clock.wall_now());
    // Read again now that nobody else delivers to this recipient: between the look at the queue and
    // this turn an earlier attempt may have delivered it.
    let (row, sealed) = store.sealed_notification(id).await?;
    if row.state != NotificationState::Waiting || row.due_at > now {
        return Ok(());
    }
    let kept = house.desk.kept();
    let Some((recipient, channel)) = kept.reachable(row.recipient) else {
        let gone = "The recipient or the channel is gone or switched off.";
        return store.give_up_notification(row.id, gone).await;
    };
    if row.expires_at <= now || row.attempts >= ATTEMPTS_MAX {
        return store.give_up_notification(row.id, row.error.as_deref().unwrap_or(TOO_OLD)).await;
    }
    let Some(content) = content_now(house, recipient, &row).await? else {
        return store.withdraw_notification(row.id, MAY_NOT_KNOW).await;
    };
    if let Some(until) = held_until(house, recipient, row.severity, now).await? {
        return store.hold_notification(row.id, until, None).await;
    }
    let opened = sealed.as_ref().and_then(|sealed| house.open_message(row.camera, sealed));
    let Some(queued) = opened else {
        let gone = "What it says is erased: its camera was removed.";
        return store.withdraw_notification(row.id, gone).await;
    };
    let plain_title = MatterKind::from_name(&row.kind).map_or("", MatterKind::plain);
    let message = queued.clone().lowered(content, plain_title, &house.plain_place(row.camera));
    let less = (message != queued).then_some(TOLD_LESS);
    let Some(spoken_for) = spoken_for(channel, &kept, house.simulated) else {
        let incomplete = "Something that the channel needs is missing, e.g. its secret.";
        return store.give_up_notification(row.id, incomplete).await;
    };
    store.notification_tried(row.id).await?;
    let attempt = Attempt {
        to: recipient.address.as_ref().map_or("", |address| address.expose()),
        message: &message,
        replaces: row.reference.as_deref(),
        now,
    };
    let late = DeliveryError::TryAgain { reason: "It took too long.", after: None };
    let outcome = timeout(ATTEMPT_MAX, spoken_for.deliver(attempt)).await.unwrap_or(Err(late));
    let done_at = house.clock.wall_now();
    house.desk.went(channel, outcome.as_ref().map(|_| ()), done_at);
    match outcome {
        Ok(receipt) => {
            lock(&house.desk.paces).remove(&row.recipient);
            house.desk.sent(row.recipient, done_at);
            note_latency(house, &row, done_at);
            let reference = receipt.reference.as_deref();
            store.notification_sent(&row, done_at, reference, less).await
        }
        Err(error) => failed(house, &row, channel, &error).await,
    }
}

/// How much a recipient may be told now, whatever it was when the message was queued.
async fn content_now(
    house: &House,
    recipient: &KeptRecipient,
    row: &StoredNotification,
) -> Result<Option<Content>, StoreError> {
    let Some(kind) = MatterKind::from_name(&row.kind) else { return Ok(None) };
    // Who is told because nobody answers is subscribed to nothing.
    let hears = row.step > 0 || row.camera.is_none_or(|camera| recipient.hears_of(camera));
    if !hears {
        return Ok(None);
    }
    house.may_be_told(recipient, kind, row.camera).await
}

fn note_latency(house: &House, row: &StoredNotification, done_at: WallTime) {
    let micros = done_at.micros_since(row.due_at.max(row.created_at)).max(0);
    let sum = &house.desk.counts.seconds_micros;
    sum.fetch_add(micros.unsigned_abs(), std::sync::atomic::Ordering::Relaxed);
}

async fn failed(
    house: &House,
    row: &StoredNotification,
    channel: &KeptChannel,
    error: &DeliveryError,
) -> Result<(), StoreError> {
    let text = error.to_string();
    tracing::warn!(channel.id = %channel.id, code = error.code(), %error, "a message was not delivered");
    match error {
        DeliveryError::TryAgain { after, .. } => {
            let until = pause(house, row.recipient, *after);
            house.store.hold_notification(row.id, until, Some(&text)).await
        }
        DeliveryError::NeverAgain { recipient_is_gone, .. } => {
            if *recipient_is_gone {
                switch_off(house, row.recipient).await;
            }
            house.store.give_up_notification(row.id, &text).await
        }
        DeliveryError::Misconfigured { .. } => {
            house.store.give_up_notification(row.id, &text).await
        }
    }
}

async fn switch_off(house: &House, recipient: RecipientId) {
    let switched = house.change_notifications(|kept| {
        if let Some(found) = kept.recipients.iter_mut().find(|one| one.id == recipient) {
            found.enabled = false;
        }
        Ok(())
    });
    if let Err(error) = switched.await {
        tracing::warn!(%error, "a recipient that is gone stays switched on");
    }
}

/// Until when a message waits for quiet hours to end or for the hour's number to allow another. What
/// is critical waits for neither (promise D-29).
async fn held_until(
    house: &House,
    recipient: &KeptRecipient,
    severity: Severity,
    now: WallTime,
) -> Result<Option<WallTime>, StoreError> {
    if severity == Severity::Critical {
        return Ok(None);
    }
    if let Some(until) = quiet_until(&recipient.quiet_hours, &house.zone, now) {
        return Ok(Some(until));
    }
    let since = now.plus_micros(-HOUR_MICROS);
    let before = house.store.notifications_sent_since(recipient.id, since).await?;
    // Rows outlive the run; messages, of which a row may be several, are known in this run only.
    let (sent, first) = before.max(house.desk.sent_since(recipient.id, since));
    let is_full = sent >= u64::from(recipient.per_hour);
    Ok(first.filter(|_| is_full).map(|first| first.plus_micros(HOUR_MICROS)))
}
