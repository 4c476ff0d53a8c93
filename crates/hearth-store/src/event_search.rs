//! Facts by words, labels and ids, counted and ordered either way.
//!
//! A search is an [`EventFilter`] that also asks for words. Lanes stay what they are: each is read
//! from one index in its order, and they are merged.

use hearth_model::{CameraId, EventKind, Label, WallTime};

use sqlx::AssertSqlSafe;

use crate::event_filter::{Lane, is_about_camera};
use crate::event_query::{Order, count_query, longest_query, search_query};
use crate::row::get;
use crate::{EVENTS_PER_PAGE_MAX, EventFilter, EventRow, Store, StoreError};

/// Words or ids of which each fact has one; more are not asked for in one search.
pub const ALTERNATIVES_MAX: usize = 200;

/// Groups of words that all have to fit.
pub const WORD_GROUPS_MAX: usize = 12;

/// Which facts are searched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSearch {
    /// What every fact has to pass; its `label` is one more label.
    pub filter: EventFilter,
    /// One of these labels; empty asks for all.
    pub labels: Vec<Label>,
    /// Of each group one word (or id) at least; see [`ALTERNATIVES_MAX`], [`WORD_GROUPS_MAX`].
    pub words: Vec<Vec<String>>,
    /// The oldest first. A cursor (`filter.before`) then still means what is older.
    pub oldest_first: bool,
}

/// Counts of activities of one camera in a quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityCount {
    /// What.
    pub label: Label,
    /// When the quarter began; quarters are counted from 1970, which all time zones' offsets are
    /// multiples of.
    pub at: WallTime,
    /// How many began in it.
    pub count: u32,
}

/// Length of a quarter, in microseconds.
pub const QUARTER_MICROS: i64 = 900_000_000;

impl EventSearch {
    /// Whether words decide, and not only the columns of facts.
    pub(crate) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let labels = self.filter.label.iter().chain(&self.labels);
        let of = |label: &Label| EventFilter { label: Some(label.clone()), ..self.filter.clone() };
        let mut lanes: Vec<Lane> = labels.flat_map(|label| of(label).lanes()).collect();
        if self.filter.label.is_none() && self.labels.is_empty() {
            lanes = self.filter.lanes();
        }
        lanes
    }

    /// The asked kinds about cameras, and those about the house.
    pub(crate) fn kinds(&self) -> (Vec<EventKind>, Vec<EventKind>) {
        let asked = &self.filter.kinds;
        let kinds = EventKind::ALL.iter().map(|row| row.0);
        let kinds = kinds.filter(|kind| asked.is_empty() || asked.contains(kind));
        let (cameras, house): (Vec<_>, Vec<_>) = kinds.partition(|kind| is_about_camera(*kind));
        (cameras, if self.filter.house { house } else { Vec::new() })
    }

    fn check(&self) -> Result<(), StoreError> {
        let too_many = self.words.len() > WORD_GROUPS_MAX
            || self.words.iter().any(|group| group.len() > ALTERNATIVES_MAX);
        if too_many {
            return Err(StoreError::Invalid { message: "too many words to search for" });
        }
        Ok(())
    }

    /// A group of which there is no word fits nothing.
    fn is_void(&self) -> bool {
        self.words.iter().any(Vec::is_empty)
    }
}

impl Store {
    /// The facts that fit, in the asked order, at most `filter.limit`.
    pub async fn search_events(&self, search: &EventSearch) -> Result<Vec<EventRow>, StoreError> {
        search.check()?;
        let order = if search.oldest_first { Order::OldestFirst } else { Order::NewestFirst };
        let limit = search.filter.limit.min(EVENTS_PER_PAGE_MAX);
        let query = if search.is_void() { None } else { search_query(search, order, limit)? };
        let Some((sql, arguments)) = query else { return Ok(Vec::new()) };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let rows = query.fetch_all(self.readers()).await?;
        let mut found: Vec<EventRow> =
            rows.iter().map(EventRow::from_row).collect::<Result<_, _>>()?;
        found.sort_by_key(|row| std::cmp::Reverse(row.cursor()));
        if search.oldest_first {
            found.reverse();
        }
        Ok(found)
    }

    /// How many facts fit, however many; the limit does not count.
    pub async fn count_events(&self, search: &EventSearch) -> Result<u64, StoreError> {
        search.check()?;
        let query = if search.is_void() { None } else { count_query(search)? };
        let Some((sql, arguments)) = query else { return Ok(0) };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        get(&query.fetch_one(self.readers()).await?, "found")
    }

    /// The activity that fits and lasted longest, of those that ended.
    pub async fn longest_activity(
        &self,
        search: &EventSearch,
    ) -> Result<Option<EventRow>, StoreError> {
        search.check()?;
        let query = if search.is_void() { None } else { longest_query(search)? };
        let Some((sql, arguments)) = query else { return Ok(None) };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        query.fetch_optional(self.readers()).await?.as_ref().map(EventRow::from_row).transpose()
    }

    /// How many activities of a camera began in each quarter of an hour, those without left out.
    pub async fn activity_counts(
        &self,
        camera: CameraId,
        from: WallTime,
        to: WallTime,
    ) -> Result<Vec<ActivityCount>, StoreError> {
        let rows = sqlx::query(ACTIVITY_COUNTS)
            .bind(camera.as_bytes().to_vec())
            .bind(from.as_micros())
            .bind(to.as_micros())
            .bind(QUARTER_MICROS)
            .fetch_all(self.readers())
            .await?;
        let count = |row: &sqlx::any::AnyRow| {
            let missing = || StoreError::corrupt("an activity without a label");
            let quarter: i64 = get(row, "quarter")?;
            Ok(ActivityCount {
                label: get::<Option<Label>>(row, "label")?.ok_or_else(missing)?,
                at: WallTime::from_micros(quarter.saturating_mul(QUARTER_MICROS)),
                count: u32::try_from(get::<u64>(row, "found")?).unwrap_or(u32::MAX),
            })
        };
        rows.iter().map(count).collect()
    }

    /// When the first activity began that is kept.
    pub async fn first_activity(&self) -> Result<Option<WallTime>, StoreError> {
        let sql = "SELECT MIN(at_us) AS at_us FROM events WHERE kind = 'activity_noticed'";
        let row = sqlx::query(sql).fetch_one(self.readers()).await?;
        Ok(get::<Option<i64>>(&row, "at_us")?.map(WallTime::from_micros))
    }
}

pub(crate) const ACTIVITY_COUNTS: &str = "
    SELECT label, at_us / $4 AS quarter, COUNT(*) AS found FROM events
    WHERE camera = $1 AND kind = 'activity_noticed' AND at_us >= $2 AND at_us < $3
    GROUP BY label, at_us / $4";
