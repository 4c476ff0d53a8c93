//! What is like a fact: by where, what, when and how it was seen.

use hearth_auth::{HouseGrant, ask};
use hearth_model::{EventBody, EventId, EventKind};
use hearth_search::{Clock, Descriptor, Filters, Likeness, likeness};
use hearth_store::EventRow;

use super::{SearchItem, SearchQuery, facts::lasted_micros};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

/// Activities that are compared in each direction of time: some days of a busy camera.
const COMPARED_MAX: u32 = 400;

/// Most that are shown.
const SIMILAR_MAX: usize = 50;

/// Shown when nobody says how many.
const SIMILAR_DEFAULT: usize = 10;

/// Where to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Before and after.
    #[default]
    Both,
    /// After.
    Later,
    /// Before.
    Earlier,
}

/// A fact that is like another.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SimilarItem {
    /// The fact.
    #[serde(flatten)]
    pub item: SearchItem,
    /// How alike, 0 to 1.
    pub similarity: f32,
    /// What is alike.
    pub because: Vec<&'static str>,
}

impl Hub {
    /// The activities most like one, in order of time. They are of the same sort and near in time;
    /// what they are compared by is known of every activity and looks at nobody's face.
    ///
    /// # Errors
    /// `not_found` also for what may not be seen; `not_an_activity`.
    pub async fn similar_events(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        id: EventId,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<SimilarItem>> {
        let principal = grant.principal();
        let row = self.seen_event(principal, id).await?;
        let clock = self.search_clock();
        let Some(wanted) = descriptor(&row, &clock) else {
            let text = "Only activities that a camera saw are like others.";
            return Err(UseCaseError::bad_input("not_an_activity", text));
        };
        let mut compared: Vec<(EventRow, Likeness)> = Vec::new();
        for other in self.around(principal, &row, direction).await? {
            let Some(descriptor) = descriptor(&other, &clock) else { continue };
            compared.push((other, likeness(&wanted, &descriptor)));
        }
        compared.retain(|(other, _)| other.event.id != id);
        compared.sort_by(|one, other| other.1.similarity.total_cmp(&one.1.similarity));
        compared.truncate(if limit == 0 { SIMILAR_DEFAULT } else { limit.min(SIMILAR_MAX) });
        compared.sort_by_key(|(other, _)| other.cursor());
        let mut items = Vec::with_capacity(compared.len());
        for (other, Likeness { similarity, because }) in compared {
            let item = self.search_item(principal, &other).await;
            items.push(SimilarItem { item, similarity, because });
        }
        Ok(items)
    }

    /// Activities of the same sort that whoever asks may see, the nearest in time.
    async fn around(
        &self,
        principal: &hearth_auth::Principal,
        row: &EventRow,
        direction: Direction,
    ) -> Result<Vec<EventRow>> {
        let labels = row.label.iter().cloned().collect();
        let filters =
            Filters { labels, kinds: vec![EventKind::ActivityNoticed], ..Filters::default() };
        let query = SearchQuery::default();
        let scope = self.scope(principal, &filters, &query, &self.search_clock()).await?;
        let (store, mut found) = (&self.house().store, Vec::new());
        if direction != Direction::Later {
            let mut search = scope.search.clone();
            (search.filter.before, search.filter.limit) = (Some(row.cursor()), COMPARED_MAX);
            found.extend(store.search_events(&search).await.map_err(store_error)?);
        }
        if direction != Direction::Earlier {
            let mut search = scope.search;
            (search.oldest_first, search.filter.limit) = (true, COMPARED_MAX);
            search.filter.from = Some(row.event.at);
            let later = store.search_events(&search).await.map_err(store_error)?;
            found.extend(later.into_iter().filter(|other| other.cursor() > row.cursor()));
        }
        Ok(found)
    }
}

fn descriptor(row: &EventRow, clock: &Clock) -> Option<Descriptor> {
    let EventBody::ActivityNoticed { camera, label, area, zones, .. } = &row.event.body else {
        return None;
    };
    let local = clock.local(row.event.at);
    let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
    Some(Descriptor {
        camera: *camera,
        label: row.label.clone().unwrap_or_else(|| label.clone()),
        zones: zones.clone(),
        minute: minute.unsigned_abs(),
        weekday: local.weekday().to_monday_zero_offset().unsigned_abs(),
        area: *area,
        // Seconds of an activity are few; a picture's fraction needs no more.
        seconds: row.ended_at.map(|_| lasted_micros(row) as f32 / 1e6),
    })
}
