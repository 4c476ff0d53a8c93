//! What a search means to the store, page by page and range by range.

use std::collections::BTreeSet;

use hearth_auth::Principal;
use hearth_model::{CameraId, EventBody, EventKind, Label, PersonId, TimeRange, VisitId, WallTime};
use hearth_search::{Clock, Filters, NOISE, sentence_of};
use hearth_store::{
    ALTERNATIVES_MAX, EventCursor, EventFilter, EventRow, EventSearch, VISITS_PER_PAGE_MAX,
    VisitCursor, VisitFilter,
};

use super::{SearchItem, SearchQuery};
use crate::{Hub, error::Result, identity::store_error, visits::VisitView};

/// A search as the store is asked, for each range of time.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) search: EventSearch,
    /// Newest first; without any, all of time.
    pub(super) ranges: Vec<TimeRange>,
    /// Earlier days or visits were left out.
    pub(super) is_cut: bool,
    /// Nothing can fit.
    pub(super) is_void: bool,
    principal: Principal,
}

impl Scope {
    /// The same search in one range.
    fn within(&self, range: Option<TimeRange>) -> EventSearch {
        let mut search = self.search.clone();
        if let Some(range) = range {
            let filter = &mut search.filter;
            filter.from = Some(filter.from.map_or(range.from(), |from| from.max(range.from())));
            filter.to = Some(filter.to.map_or(range.to(), |to| to.min(range.to())));
        }
        search
    }

    fn parts(&self) -> Vec<EventSearch> {
        match self.ranges.as_slice() {
            [] => vec![self.within(None)],
            ranges => ranges.iter().map(|range| self.within(Some(*range))).collect(),
        }
    }

    /// The same search at one camera.
    pub(super) fn at(&self, camera: CameraId) -> Self {
        let mut scope = self.clone();
        scope.search.filter.cameras = Some(vec![camera]);
        scope.search.filter.house = false;
        scope
    }
}

impl Hub {
    /// What a principal is asked for, within what they may know.
    pub(super) async fn scope(
        &self,
        principal: &Principal,
        filters: &Filters,
        query: &SearchQuery,
        clock: &Clock,
    ) -> Result<Scope> {
        let (kinds, house) = self.kinds_of(principal, filters, query);
        let mut labels = filters.labels.clone();
        let mut is_void = kinds.is_empty();
        if let Some(label) = &query.label {
            is_void |= !labels.is_empty() && !labels.contains(label);
            labels = vec![label.clone()];
        }
        let cameras = self.cameras_of(principal, filters, query)?;
        is_void |= cameras.as_ref().is_some_and(Vec::is_empty) && !house;
        let mut words: Vec<Vec<String>> =
            filters.words.iter().map(|word| vec![word.clone()]).collect();
        let zones: Vec<_> = filters.zones.iter().chain(&query.zone).collect();
        if !zones.is_empty() {
            words.push(zones.iter().map(ToString::to_string).collect());
        }
        let devices: Vec<_> = filters.devices.iter().chain(&query.device).collect();
        if !devices.is_empty() {
            words.push(devices.iter().map(ToString::to_string).collect());
        }
        let (ranges, mut is_cut) = filters.when.ranges(clock);
        // Hours that no day has within the stretch.
        is_void |= ranges.is_empty() && !filters.when.is_empty();
        let people: Vec<PersonId> = filters.people.iter().chain(&query.person).copied().collect();
        if !people.is_empty() {
            let from = ranges.last().map(|range| range.from()).into_iter().chain(query.from).max();
            let to = ranges.first().map(|range| range.to()).into_iter().chain(query.to).min();
            let (visits, cut) = self.visits_of(principal, &people, from, to).await?;
            words.push(visits.iter().map(ToString::to_string).collect());
            is_cut |= cut;
        }
        let filter = EventFilter {
            kinds,
            cameras,
            house,
            from: query.from,
            to: query.to,
            ..EventFilter::default()
        };
        let search = EventSearch { filter, labels, words, oldest_first: false };
        Ok(Scope { search, ranges, is_cut, is_void, principal: principal.clone() })
    }

    /// Which kinds, of those whoever asks may read, and whether those about no camera belong to them.
    fn kinds_of(
        &self,
        principal: &Principal,
        filters: &Filters,
        query: &SearchQuery,
    ) -> (Vec<EventKind>, bool) {
        let is_seen = !filters.labels.is_empty()
            || query.label.is_some()
            || !filters.zones.is_empty()
            || query.zone.is_some();
        let by_words: Vec<EventKind> = match (filters.kinds.as_slice(), is_seen) {
            // A label or a zone is one of an activity, told once.
            (_, true) => vec![EventKind::ActivityNoticed],
            ([], false) if !filters.people.is_empty() || query.person.is_some() => {
                vec![EventKind::VisitBegan]
            }
            ([], false) if query.kinds.is_empty() => {
                let all = EventKind::ALL.iter().map(|row| row.0);
                all.filter(|kind| !NOISE.contains(kind)).collect()
            }
            ([], false) => EventKind::ALL.map(|row| row.0).to_vec(),
            (kinds, false) => kinds.to_vec(),
        };
        let asked = |kind: &EventKind| query.kinds.is_empty() || query.kinds.contains(kind);
        let house = self.house();
        let readable = |kind: &EventKind| house.policy.reads(principal, *kind);
        let kinds = by_words.into_iter().filter(|kind| asked(kind) && readable(kind)).collect();
        // Who names a camera does not ask for the house.
        (kinds, filters.cameras.is_empty() && query.cameras.is_empty())
    }

    fn cameras_of(
        &self,
        principal: &Principal,
        filters: &Filters,
        query: &SearchQuery,
    ) -> Result<Option<Vec<CameraId>>> {
        for camera in &query.cameras {
            self.told_of(principal, Some(*camera))?;
        }
        if query.cameras.is_empty() && filters.cameras.is_empty() {
            return self.told_of(principal, None);
        }
        let named = |camera: &CameraId| {
            (filters.cameras.is_empty() || filters.cameras.contains(camera))
                && (query.cameras.is_empty() || query.cameras.contains(camera))
        };
        let all = filters.cameras.iter().chain(&query.cameras).copied();
        let all: BTreeSet<CameraId> = all.filter(named).collect();
        let seen = |camera: &CameraId| self.house().policy.recalls(principal, *camera);
        Ok(Some(all.into_iter().filter(seen).collect()))
    }

    /// The visits of people, at cameras of which whoever asks may know names, and whether earlier
    /// ones were left out.
    async fn visits_of(
        &self,
        principal: &Principal,
        people: &[PersonId],
        from: Option<WallTime>,
        to: Option<WallTime>,
    ) -> Result<(Vec<VisitId>, bool)> {
        let house = self.house();
        let first = VisitId::from_bytes([0; 16]);
        let before = to.map(|to| VisitCursor { at: to, id: first });
        let (mut visits, mut is_cut) = (Vec::new(), false);
        for person in people {
            let filter = VisitFilter {
                person: Some(*person),
                from,
                before,
                limit: VISITS_PER_PAGE_MAX,
                ..VisitFilter::default()
            };
            let page = house.store.visits(&filter).await.map_err(store_error)?;
            is_cut |= page.len() == VISITS_PER_PAGE_MAX as usize;
            let may_know = |camera| {
                house.policy.recalls(principal, camera) && house.policy.names(principal, camera)
            };
            visits.extend(page.iter().filter(|visit| may_know(visit.camera)).map(|one| one.id));
        }
        is_cut |= visits.len() > ALTERNATIVES_MAX;
        visits.truncate(ALTERNATIVES_MAX);
        Ok((visits, is_cut))
    }

    /// The newest facts of a scope, and whether there may be more. What is about a device of a
    /// camera that may not be seen is left out.
    pub(super) async fn found(
        &self,
        scope: &Scope,
        before: Option<EventCursor>,
        limit: u32,
    ) -> Result<(Vec<EventRow>, bool)> {
        let mut rows: Vec<EventRow> = Vec::new();
        if scope.is_void {
            return Ok((rows, false));
        }
        for mut search in scope.parts() {
            let left = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(limit));
            if left == 0 {
                break;
            }
            (search.filter.before, search.filter.limit) = (before, left);
            let found = self.house().store.search_events(&search).await;
            rows.extend(found.map_err(store_error)?);
        }
        let is_full = rows.len() >= limit as usize;
        rows.retain(|row| self.may_read(&scope.principal, &row.event.body));
        Ok((rows, is_full))
    }

    /// The oldest fact of a scope.
    pub(super) async fn oldest(&self, scope: &Scope) -> Result<Option<EventRow>> {
        if scope.is_void {
            return Ok(None);
        }
        for mut search in scope.parts().into_iter().rev() {
            (search.oldest_first, search.filter.limit) = (true, OLDEST_LOOKED_AT);
            let found = self.house().store.search_events(&search).await.map_err(store_error)?;
            let first =
                found.into_iter().find(|row| self.may_read(&scope.principal, &row.event.body));
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }

    /// The activity that lasted longest.
    pub(super) async fn longest(&self, scope: &Scope) -> Result<Option<EventRow>> {
        let mut longest: Option<EventRow> = None;
        let parts = if scope.is_void { Vec::new() } else { scope.parts() };
        for search in parts {
            let found = self.house().store.longest_activity(&search).await.map_err(store_error)?;
            longest = longest.into_iter().chain(found).max_by_key(lasted_micros);
        }
        Ok(longest)
    }

    /// How many facts a scope has, however many. Of devices only where all may be seen: facts of a
    /// hidden one are not counted one by one, and a wrong number is worse than a look at fewer.
    pub(super) async fn count(&self, scope: &Scope) -> Result<u64> {
        let mut count = 0;
        let parts = if scope.is_void { Vec::new() } else { scope.parts() };
        for search in parts {
            let search = self.without_hidden_devices(&scope.principal, search);
            count += self.house().store.count_events(&search).await.map_err(store_error)?;
        }
        Ok(count)
    }

    /// Facts about devices are about the house, and some devices belong to a camera that whoever asks
    /// may not see. They cannot be told apart by columns, so their kinds are not counted then.
    fn without_hidden_devices(
        &self,
        principal: &Principal,
        mut search: EventSearch,
    ) -> EventSearch {
        let house = self.house();
        let devices = house.devices.all();
        let hidden = |device: &std::sync::Arc<crate::devices::KeptDevice>| {
            let camera = device.settings().camera;
            camera.is_some_and(|camera| !house.policy.recalls(principal, camera))
        };
        if devices.iter().any(hidden) {
            let kinds = &mut search.filter.kinds;
            kinds.retain(|kind| !OF_DEVICES.contains(kind));
            // No kind would ask for all of them.
            if kinds.is_empty() {
                search.words.push(Vec::new());
            }
        }
        search
    }

    /// Whether a word is in any text that a principal may read.
    pub(super) async fn is_in_a_text(&self, principal: &Principal, word: &str) -> Result<bool> {
        let filters = Filters { words: vec![word.to_owned()], ..Filters::default() };
        let clock = self.search_clock();
        let scope = self.scope(principal, &filters, &SearchQuery::default(), &clock).await?;
        Ok(!self.found(&scope, None, TEXTS_LOOKED_AT).await?.0.is_empty())
    }

    fn may_read(&self, principal: &Principal, body: &EventBody) -> bool {
        let camera = body.camera_of_device();
        camera.is_none_or(|camera| self.house().policy.recalls(principal, camera))
    }

    /// Facts as a search shows them.
    pub(super) async fn search_items(
        &self,
        principal: &Principal,
        rows: &[EventRow],
    ) -> Vec<SearchItem> {
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            items.push(self.search_item(principal, row).await);
        }
        items
    }

    pub(super) async fn search_item(&self, principal: &Principal, row: &EventRow) -> SearchItem {
        let event = self.house().event_view(row);
        let visit = visit_of(&row.event.body);
        let who = match (visit, event.kind) {
            (Some(visit), EventKind::VisitBegan) => self.who_came(principal, visit).await,
            _ => None,
        };
        let place = event.camera_name.as_ref().map(|name| name.as_str());
        let label: Option<&Label> = event.label.as_ref();
        let seconds = row.ended_at.map(|_| lasted_micros(row) / 1_000_000);
        let text = sentence_of(&row.event.body, place, label, seconds, who.as_deref());
        SearchItem { event, visit, text }
    }

    /// Who came, as far as whoever asks may know.
    async fn who_came(&self, principal: &Principal, visit: VisitId) -> Option<String> {
        let view = self.seen_visit_view(principal, visit).await?;
        let mut names: Vec<String> = view
            .faces
            .iter()
            .filter_map(|face| face.name.as_ref())
            .map(ToString::to_string)
            .collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(" and "))
    }

    /// A visit, if whoever asks may see it.
    pub(super) async fn seen_visit_view(
        &self,
        principal: &Principal,
        visit: VisitId,
    ) -> Option<VisitView> {
        let stored = self.house().store.visit(visit).await.ok()?;
        let may_see = self.house().policy.recalls(principal, stored.camera);
        self.house().visit_view(&stored, principal).filter(|_| may_see)
    }
}

/// Facts read to find one that may be seen.
const OLDEST_LOOKED_AT: u32 = 50;
const TEXTS_LOOKED_AT: u32 = 50;

/// Kinds of facts about devices.
const OF_DEVICES: [EventKind; 7] = [
    EventKind::DeviceAdded,
    EventKind::DeviceRemoved,
    EventKind::DeviceStateChanged,
    EventKind::DeviceControlChanged,
    EventKind::DeviceScheduleMissed,
    EventKind::DeviceLimitReached,
    EventKind::DeviceNoticed,
];

pub(super) fn visit_of(body: &EventBody) -> Option<VisitId> {
    match body {
        EventBody::VisitBegan { visit, .. }
        | EventBody::VisitChanged { visit, .. }
        | EventBody::VisitEnded { visit, .. } => Some(*visit),
        _ => None,
    }
}

/// How long an activity lasted, in microseconds; 0 while it goes on.
pub(super) fn lasted_micros(row: &EventRow) -> i64 {
    row.ended_at.map_or(0, |end| end.micros_since(row.event.at))
}
