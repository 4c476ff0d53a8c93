//! Facts as they happen, and listing those that happened.

use std::{collections::VecDeque, str::FromStr, sync::Arc, time::Duration};

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{CameraId, CameraStatus, EventId, EventKind};
use hearth_store::{EventCursor, EventFilter, EventRow};
use tokio::{
    sync::{broadcast, watch},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    Hub,
    devices::ReadingsView,
    error::{Result, UseCaseError},
    identity::store_error,
    views::{EventPage, EventQuery, EventView},
};

/// Facts listed when nobody says how many.
const PAGE_DEFAULT: u32 = 100;

/// Facts read at a time when a listener catches up.
const CATCH_UP: u32 = 200;

/// How often every listener hears how the cameras fare, whether something changed or not.
const STATUS_EVERY: Duration = Duration::from_secs(5);

/// Changes of state that come together are told together.
const STATUS_SETTLES: Duration = Duration::from_millis(100);

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum FeedItem {
    /// A fact.
    Event(Box<EventView>),
    /// The place to resume from is gone: load what is shown anew.
    Gone,
    /// How all visible cameras fare.
    Status(Vec<CameraStatus>),
    /// What a device measured.
    Readings(Arc<ReadingsView>),
}

/// Facts from a place on, then as they happen.
pub struct EventFeed {
    hub: Hub,
    principal: Principal,
    heard: broadcast::Receiver<Arc<EventRow>>,
    /// Read from the store, not yet told.
    waiting: VecDeque<EventRow>,
    /// Facts after this number may be in the store and were not heard.
    catch_up: bool,
    told: i64,
    is_gone: bool,
    status: watch::Receiver<u64>,
    status_due: Interval,
    readings: broadcast::Receiver<Arc<ReadingsView>>,
}

impl Hub {
    /// Lists facts, newest first, about cameras that the principal may see.
    ///
    /// # Errors
    /// `bad_cursor`; `not_found` for a camera that may not be seen.
    pub async fn events(
        &self,
        grant: HouseGrant<ask::ReadEvents>,
        query: EventQuery,
    ) -> Result<EventPage> {
        let house = self.house();
        let principal = grant.principal();
        let cameras = self.told_of(principal, query.camera)?;
        let readable = |kind: &EventKind| house.policy.reads(principal, *kind);
        let kinds: Vec<EventKind> = match query.kinds.as_slice() {
            [] => EventKind::ALL.iter().map(|row| row.0).filter(readable).collect(),
            asked => asked.iter().copied().filter(readable).collect(),
        };
        if kinds.is_empty() {
            return Ok(EventPage { events: Vec::new(), next: None });
        }
        let before = query.before.as_deref().map(EventCursor::from_str).transpose();
        let before =
            before.map_err(|error| UseCaseError::bad_input("bad_cursor", error.to_string()))?;
        let limit = if query.limit == 0 { PAGE_DEFAULT } else { query.limit };
        let filter = EventFilter {
            kinds: if kinds.len() == EventKind::ALL.len() { Vec::new() } else { kinds },
            cameras,
            house: query.camera.is_none() && query.label.is_none(),
            label: query.label,
            from: query.from,
            to: query.to,
            before,
            limit,
        };
        let rows = house.store.events(&filter).await.map_err(store_error)?;
        if rows.is_empty() && query.camera.is_some_and(|one| house.cameras.get(one).is_none()) {
            return Err(UseCaseError::not_found("camera"));
        }
        let is_full = rows.len() >= limit.min(hearth_store::EVENTS_PER_PAGE_MAX) as usize;
        let next = rows.last().filter(|_| is_full).map(|row| row.cursor().to_string());
        let seen = rows.iter().filter(|row| {
            let camera = row.event.body.camera_of_device();
            camera.is_none_or(|camera| house.policy.recalls(principal, camera))
        });
        Ok(EventPage { events: seen.map(|row| house.event_view(row)).collect(), next })
    }

    /// One fact.
    ///
    /// # Errors
    /// `not_found` also for a fact of a kind or of a camera that the principal is not told of
    /// (promise T-05).
    pub async fn event(
        &self,
        grant: HouseGrant<ask::ReadEvents>,
        id: EventId,
    ) -> Result<EventView> {
        Ok(self.house().event_view(&self.seen_event(grant.principal(), id).await?))
    }

    /// A fact that a principal may know of.
    pub(crate) async fn seen_event(&self, principal: &Principal, id: EventId) -> Result<EventRow> {
        let (house, missing) = (self.house(), || UseCaseError::not_found("event"));
        let row = house.store.event(id).await.map_err(|_| missing())?;
        let body = &row.event.body;
        if !house.policy.reads(principal, body.kind()) {
            return Err(missing());
        }
        if let Some(camera) = body.camera() {
            self.told_of(principal, Some(camera)).map_err(|_| missing())?;
        }
        let of_device = body.camera_of_device();
        if of_device.is_some_and(|camera| !house.policy.recalls(principal, camera)) {
            return Err(missing());
        }
        Ok(row)
    }

    /// Of which cameras a principal is told, of all or of one; `None` is of all there are and were:
    /// what is left of removed ones is for those who manage cameras.
    pub(crate) fn told_of(
        &self,
        principal: &Principal,
        one: Option<CameraId>,
    ) -> Result<Option<Vec<CameraId>>> {
        let house = self.house();
        // A camera that never was stands for those that are gone: whoever is limited to some cameras,
        // by a rule or by a token, is not told of them.
        let manages = house.policy.house::<ask::ManageCameras>(principal).is_ok()
            && house.policy.recalls(principal, CameraId::new());
        let is_visible = |id: &CameraId| house.policy.recalls(principal, *id);
        if let Some(wanted) = one {
            let known = manages || house.cameras.get(wanted).is_some();
            return match known && is_visible(&wanted) {
                true => Ok(Some(vec![wanted])),
                false => Err(UseCaseError::not_found("camera")),
            };
        }
        let running: Vec<_> = house.cameras.all().iter().map(|camera| camera.id()).collect();
        let visible: Vec<_> = running.iter().copied().filter(is_visible).collect();
        Ok((!manages || visible.len() < running.len()).then_some(visible))
    }

    /// Follows facts: those after `after`, if that is given, then as they happen.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn follow(
        &self,
        grant: HouseGrant<ask::ReadEvents>,
        after: Option<u64>,
    ) -> Result<EventFeed> {
        let house = self.house();
        // Listen first, or facts between the look and the listening would be lost.
        let heard = house.events.listen();
        let bounds = house.store.event_bounds().await.map_err(store_error)?;
        let (first, last) = bounds.unwrap_or((1, 0));
        let asked = after.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        // Facts are numbered without end: a number beyond the last is from another index.
        let is_gone = asked.is_some_and(|seq| seq < first - 1 || seq > last);
        let told = asked.filter(|_| !is_gone).unwrap_or(last);
        let mut status_due = interval(STATUS_EVERY);
        status_due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(EventFeed {
            hub: self.clone(),
            principal: grant.principal().clone(),
            heard,
            waiting: VecDeque::new(),
            catch_up: told < last,
            told,
            is_gone,
            status: house.status_version.subscribe(),
            status_due,
            readings: house.readings.subscribe(),
        })
    }
}

impl EventFeed {
    /// The next item; `None` when the hub ends. Cancel-safe.
    pub async fn next(&mut self) -> Option<FeedItem> {
        if std::mem::take(&mut self.is_gone) {
            return Some(FeedItem::Gone);
        }
        loop {
            while let Some(row) = self.waiting.pop_front() {
                if let Some(view) = self.tell(&row) {
                    return Some(FeedItem::Event(Box::new(view)));
                }
            }
            if self.catch_up {
                self.read_missed().await;
                continue;
            }
            tokio::select! {
                heard = self.heard.recv() => match heard {
                    Ok(row) => {
                        if let Some(view) = self.tell(&row) {
                            return Some(FeedItem::Event(Box::new(view)));
                        }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up = true,
                    Err(broadcast::error::RecvError::Closed) => return None,
                },
                changed = self.status.changed() => {
                    changed.ok()?;
                    tokio::time::sleep(STATUS_SETTLES).await;
                    self.status.mark_unchanged();
                    return Some(FeedItem::Status(self.cameras()));
                }
                measured = self.readings.recv() => {
                    // What was missed comes again, and the sender lives as long as the house.
                    if let Ok(measured) = measured && self.may_read(&measured) {
                        return Some(FeedItem::Readings(measured));
                    }
                }
                _ = self.status_due.tick() => return Some(FeedItem::Status(self.cameras())),
                () = self.hub.house().ended() => return None,
            }
        }
    }

    /// Reads facts that were not heard; an answer that is not full means that none are left.
    async fn read_missed(&mut self) {
        let house = self.hub.house();
        match house.store.events_after(self.told, CATCH_UP).await {
            Ok(rows) => {
                self.catch_up = rows.len() >= CATCH_UP as usize;
                self.waiting.extend(rows);
            }
            Err(error) => {
                tracing::warn!(%error, "a listener could not catch up");
                tokio::time::sleep(STATUS_EVERY).await;
            }
        }
    }

    /// A fact that was not told before, if the principal may know it.
    fn tell(&mut self, row: &EventRow) -> Option<EventView> {
        if row.seq <= self.told {
            return None;
        }
        self.told = row.seq;
        let policy = &self.hub.house().policy;
        let body = &row.event.body;
        let camera = body.camera().or(body.camera_of_device());
        let visible = camera.is_none_or(|camera| policy.recalls(&self.principal, camera));
        let readable = policy.reads(&self.principal, body.kind());
        (visible && readable).then(|| self.hub.house().event_view(row))
    }

    fn may_read(&self, readings: &ReadingsView) -> bool {
        let house = self.hub.house();
        let may_read = self.hub.policy().house::<ask::ReadDevices>(&self.principal).is_ok();
        let device = house.devices.get(readings.device).filter(|_| may_read);
        device.is_some_and(|device| house.sees_device(&self.principal, &device))
    }

    fn cameras(&self) -> Vec<CameraStatus> {
        let grant = self.hub.policy().house::<ask::ListCameras>(&self.principal);
        grant.map_or_else(|_| Vec::new(), |grant| self.hub.cameras(&grant))
    }
}
