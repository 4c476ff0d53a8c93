//! What people see and do of what is told: deliveries, another try, acknowledging, silence.

use hearth_auth::{HouseGrant, ask};
use hearth_model::{CameraId, FaultKind, NotificationId, RecipientId, WallTime};
use hearth_store::{
    NOTIFICATIONS_PER_PAGE_MAX, NotificationFilter, NotificationState, StoreError, StoredMatter,
    StoredNotification,
};

use super::{DeliveryPage, DeliveryView, MatterKind, MatterView, MuteView};
use crate::{
    Hub,
    audit::actor,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Matters in one answer.
const MATTERS_PER_PAGE: u32 = 200;
/// The longest silence: who wants more removes a subscription.
const MUTE_MAX_MICROS: i64 = 24 * 3_600_000_000;
/// What is tried again is given up after another day.
const REPLAY_MICROS: i64 = 24 * 3_600_000_000;

/// Which deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryQuery {
    /// Only in this state.
    pub state: Option<String>,
    /// Only of this recipient.
    pub recipient: Option<RecipientId>,
    /// Only of this matter, e.g. an incident by its ID.
    pub matter: Option<String>,
    /// The `next` of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Whether nothing in the house may show that it was told.
fn is_secret(kind: &str) -> bool {
    MatterKind::from_name(kind) == Some(MatterKind::Duress)
}

impl Hub {
    /// Deliveries, newest first.
    ///
    /// # Errors
    /// `invalid` for an unknown state.
    pub async fn deliveries(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        query: DeliveryQuery,
    ) -> Result<DeliveryPage> {
        let house = self.house();
        let unknown = || UseCaseError::bad_input("invalid", "waiting, sent, dead or acknowledged.");
        let state = query.state.as_deref();
        let state = state.map(|name| NotificationState::from_name(name).ok_or_else(unknown));
        let limit = query.limit.unwrap_or(100).clamp(1, NOTIFICATIONS_PER_PAGE_MAX);
        let filter = NotificationFilter {
            state: state.transpose()?,
            recipient: query.recipient,
            matter: query.matter,
            before: query.before,
            limit,
        };
        let rows = house.store.notifications(filter).await.map_err(store_error)?;
        let is_full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next = rows.last().filter(|_| is_full).map(|row| row.seq.to_string());
        let kept = house.desk.kept();
        let seen =
            |row: &StoredNotification| self.may_see(grant, row.camera) && !is_secret(&row.kind);
        let rows = rows.into_iter().filter(seen);
        Ok(DeliveryPage {
            deliveries: rows.map(|row| DeliveryView::of(row, &kept)).collect(),
            next,
        })
    }

    /// promise: T-05. What happened at a camera is for those who may look back at it.
    fn may_see(&self, grant: &HouseGrant<ask::ManageIncidents>, camera: Option<CameraId>) -> bool {
        camera.is_none_or(|camera| self.policy().recalls(grant.principal(), camera))
    }

    /// Has one that was given up tried again.
    ///
    /// # Errors
    /// `not_found`; `conflict` unless it was given up; `expired` if what it says is erased.
    pub async fn replay_delivery(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        id: NotificationId,
    ) -> Result<DeliveryView> {
        let house = self.house();
        let row = house.store.notification(id).await.map_err(store_error)?;
        if !self.may_see(grant, row.camera) {
            return Err(UseCaseError::not_found("notification"));
        }
        if row.state == NotificationState::Dead && !row.has_words {
            let text = "What it says is erased by now.";
            return Err(UseCaseError::new(FaultKind::Conflict, "expired", text));
        }
        let now = house.clock.wall_now();
        let replayed =
            house.store.replay_notification(id, now, now.plus_micros(REPLAY_MICROS)).await;
        replayed.map_err(store_error)?;
        super::desk::lock(&house.desk.paces).remove(&row.recipient);
        house.desk.wake.notify_one();
        let row = house.store.notification(id).await.map_err(store_error)?;
        Ok(DeliveryView::of(row, &house.desk.kept()))
    }

    /// Matters that somebody should acknowledge, newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn matters(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        with_acknowledged: bool,
    ) -> Result<Vec<MatterView>> {
        let store = &self.house().store;
        let found = store.matters(with_acknowledged, MATTERS_PER_PAGE).await;
        let mut views = Vec::new();
        for matter in found.map_err(store_error)? {
            if self.may_see(grant, matter.camera) && !is_secret(&matter.kind) {
                views.push(self.matter_view(matter).await?);
            }
        }
        Ok(views)
    }

    async fn matter_view(&self, matter: StoredMatter) -> Result<MatterView> {
        let counts = self.house().store.matter_counts(&matter.id).await.map_err(store_error)?;
        Ok(MatterView::of(matter, counts))
    }

    /// Says that somebody looks after a matter: it is told no more, to nobody. An incident is
    /// acknowledged with it.
    ///
    /// # Errors
    /// `not_found`, also for a matter at a camera that may not be seen.
    pub async fn acknowledge_matter(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        id: &str,
    ) -> Result<MatterView> {
        let house = self.house();
        let known = house.store.matter(id).await.map_err(store_error)?;
        if !self.may_see(grant, known.camera) {
            return Err(UseCaseError::not_found("matter"));
        }
        let who = actor(grant.principal());
        let by = who.name.clone().unwrap_or_else(|| who.kind.name().to_owned());
        // One that is acknowledged or settled already needs nothing.
        house.acknowledge_incident_of(id, who).await;
        let matter = house.acknowledge(id, &by).await.map_err(store_error)?;
        self.matter_view(matter).await
    }

    /// Since when and until when only critical matters are told.
    pub fn mute(&self, _grant: &HouseGrant<ask::ManageIncidents>) -> MuteView {
        self.house().current_mute()
    }

    /// Has only critical matters told until a time, or everything again.
    ///
    /// # Errors
    /// `invalid` beyond a day.
    pub async fn set_mute(
        &self,
        grant: &HouseGrant<ask::ManageIncidents>,
        until: Option<WallTime>,
    ) -> Result<MuteView> {
        let who = actor(grant.principal());
        let by = who.name.clone().unwrap_or_else(|| who.kind.name().to_owned());
        self.house().mute_until(until, by).await
    }
}

impl House {
    pub(super) fn current_mute(&self) -> MuteView {
        let mute = self.desk.kept().mute.clone();
        let lasts = mute.until.is_some_and(|until| until > self.clock.wall_now());
        if lasts { mute } else { MuteView::default() }
    }

    pub(super) async fn mute_until(&self, until: Option<WallTime>, by: String) -> Result<MuteView> {
        let now = self.clock.wall_now();
        let fits =
            until.is_none_or(|until| until > now && until.micros_since(now) <= MUTE_MAX_MICROS);
        if !fits {
            let text = "The silence ends within a day.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        self.change_notifications(|kept| {
            kept.mute = MuteView { by: until.map(|_| by), until };
            Ok(kept.mute.clone())
        })
        .await
    }

    /// Somebody looks after a matter. Never while one is being queued: it would be told on.
    pub(super) async fn acknowledge(
        &self,
        matter: &str,
        by: &str,
    ) -> std::result::Result<StoredMatter, StoreError> {
        let _one_at_a_time = self.desk.queueing.lock().await;
        self.store.acknowledge_matter(matter, by, self.clock.wall_now()).await
    }

    /// An incident was acknowledged or settled: nobody is told of it any more.
    pub(crate) async fn stop_telling(&self, matter: &str, by: &str) {
        match self.acknowledge(matter, by).await {
            Ok(_) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => tracing::error!(%error, "a matter is told on although it is settled"),
        }
    }
}
