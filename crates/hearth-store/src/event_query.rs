//! The SQL of a question about events: its lanes, merged by the database, newest first.
//!
//! Values are bound, never written into the text; the text consists of constants and placeholders
//! and has few shapes, so prepared statements are reused. Each lane reads an index in its order and
//! the database takes from them in turn, so a page costs about as many steps as it has rows.

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;
use sqlx::{Any, Encode, Type};

use crate::event_filter::Lane;
use crate::{EventFilter, EventSearch, StoreError};

/// The newest rows of all lanes together, at most `limit`, in no order. `None` without lanes.
pub(crate) fn page_query(
    lanes: &[Lane],
    filter: &EventFilter,
    limit: u32,
) -> Result<Option<(String, AnyArguments)>, StoreError> {
    let mut query = PageQuery::default();
    let times = query.times(filter)?;
    let mut arms = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let conditions = query.conditions(lane)?.into_iter().chain(times.clone());
        let conditions = conditions.collect::<Vec<_>>().join(" AND ");
        arms.push(format!("SELECT at_us, seq FROM events WHERE {conditions}"));
    }
    if arms.is_empty() {
        return Ok(None);
    }
    let limit = query.bind(i64::from(limit))?;
    let arms = arms.join(" UNION ALL ");
    let sql = format!(
        "SELECT e.* FROM ({arms} ORDER BY at_us DESC, seq DESC LIMIT {limit}) AS page
         JOIN events AS e ON e.seq = page.seq"
    );
    Ok(Some((sql, query.arguments)))
}

/// In which order rows are wanted, and therefore which ones a limit leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Self::NewestFirst => "ORDER BY at_us DESC, seq DESC",
            Self::OldestFirst => "ORDER BY at_us, seq",
        }
    }
}

/// Where a row stands in the list: of facts alone, and beside their words.
const PLACES: (&str, &str) = ("at_us, seq", "w.at_us AS at_us, w.seq AS seq");

/// The first rows of a search in an order, at most `limit`. `None` if it can find nothing.
pub(crate) fn search_query(
    search: &EventSearch,
    order: Order,
    limit: u32,
) -> Result<Option<(String, AnyArguments)>, StoreError> {
    let mut query = PageQuery::default();
    let arms = query.arms(search, PLACES, "")?;
    if arms.is_empty() {
        return Ok(None);
    }
    let limit = query.bind(i64::from(limit))?;
    let (arms, order) = (arms.join(union(search)), order.sql());
    let sql = format!(
        "SELECT e.* FROM ({arms} {order} LIMIT {limit}) AS page
         JOIN events AS e ON e.seq = page.seq"
    );
    Ok(Some((sql, query.arguments)))
}

/// How many rows a search has.
pub(crate) fn count_query(
    search: &EventSearch,
) -> Result<Option<(String, AnyArguments)>, StoreError> {
    let mut query = PageQuery::default();
    let has_words = search.has_words();
    // Of words each place once, whichever words it has.
    let columns = if has_words { PLACES } else { ("COUNT(*) AS rows_found", "") };
    let arms = query.arms(search, columns, "")?;
    if arms.is_empty() {
        return Ok(None);
    }
    let arms = arms.join(union(search));
    let sum = if has_words { "COUNT(*)" } else { "CAST(SUM(rows_found) AS BIGINT)" };
    let sql = format!("SELECT {sum} AS found FROM ({arms}) AS page");
    Ok(Some((sql, query.arguments)))
}

/// The activity of a search that lasted longest.
pub(crate) fn longest_query(
    search: &EventSearch,
) -> Result<Option<(String, AnyArguments)>, StoreError> {
    let mut query = PageQuery::default();
    let over = " AND kind = 'activity_noticed' AND ended_us IS NOT NULL";
    let columns =
        ("seq, ended_us - at_us AS lasted", "w.seq AS seq, e.ended_us - w.at_us AS lasted");
    let arms = query.arms(search, columns, over)?;
    if arms.is_empty() {
        return Ok(None);
    }
    let arms = arms.join(union(search));
    let sql = format!(
        "SELECT e.* FROM ({arms} ORDER BY lasted DESC, seq DESC LIMIT 1) AS page
         JOIN events AS e ON e.seq = page.seq"
    );
    Ok(Some((sql, query.arguments)))
}

/// A fact can have several of the words that are asked for, and is still one.
fn union(search: &EventSearch) -> &'static str {
    if search.has_words() { " UNION " } else { " UNION ALL " }
}

/// `to` and `before` are both an end; the nearer one counts.
fn upper_bound(filter: &EventFilter) -> Option<(i64, i64)> {
    let to = filter.to.map(|to| (to.as_micros(), i64::MIN));
    let before = filter.before.map(|before| (before.at.as_micros(), before.seq));
    [to, before].into_iter().flatten().min()
}

#[derive(Default)]
struct PageQuery {
    arguments: AnyArguments,
}

impl PageQuery {
    /// Binds a value and says its placeholder.
    fn bind<'q, T: Encode<'q, Any> + Type<Any>>(&mut self, value: T) -> Result<String, StoreError> {
        self.arguments.add(value).map_err(StoreError::Internal)?;
        Ok(format!("${}", self.arguments.len()))
    }

    /// The conditions that all lanes share; their placeholders are reused in each.
    fn times(&mut self, filter: &EventFilter) -> Result<Vec<String>, StoreError> {
        // Without a lower bound the condition is still there: the same statement serves both.
        let from = self.bind(filter.from.map_or(i64::MIN, |from| from.as_micros()))?;
        let mut conditions = vec![format!("at_us >= {from}")];
        if let Some((at, seq)) = upper_bound(filter) {
            let (at, seq) = (self.bind(at)?, self.bind(seq)?);
            conditions.push(format!("(at_us, seq) < ({at}, {seq})"));
        }
        Ok(conditions)
    }

    /// The parts of a search, each in order by one index.
    fn arms(
        &mut self,
        search: &EventSearch,
        (plain, joined): (&str, &str),
        and: &str,
    ) -> Result<Vec<String>, StoreError> {
        let times = self.times(&search.filter)?;
        if search.has_words() {
            return self.word_arms(search, &times, joined, and);
        }
        let mut arms = Vec::new();
        for lane in search.lanes() {
            let conditions = self.conditions(&lane)?.into_iter().chain(times.clone());
            let conditions = conditions.collect::<Vec<_>>().join(" AND ");
            arms.push(format!("SELECT {plain} FROM events WHERE {conditions}{and}"));
        }
        Ok(arms)
    }

    /// Facts with words: the first group is read from the index of words in order of time, and each
    /// fact it names is looked at once.
    fn word_arms(
        &mut self,
        search: &EventSearch,
        times: &[String],
        columns: &str,
        and: &str,
    ) -> Result<Vec<String>, StoreError> {
        let Some((first, others)) = search.words.split_first() else { return Ok(Vec::new()) };
        let Some(mut conditions) = self.fact_conditions(search)? else { return Ok(Vec::new()) };
        for group in others {
            let words = self.one_of("x.word", group.iter().cloned())?.unwrap_or_default();
            conditions.push(format!(
                "EXISTS (SELECT 1 FROM event_words AS x
                 WHERE x.at_us = w.at_us AND x.seq = w.seq AND {words})"
            ));
        }
        let times: Vec<String> =
            times.iter().map(|time| time.replace("at_us", "w.at_us")).collect();
        let times = times.iter().map(|time| time.replace(", seq", ", w.seq"));
        let times = times.collect::<Vec<_>>().join(" AND ");
        let conditions = conditions.join(" AND ");
        // The order of a cross join is kept: words first.
        let mut arms = Vec::with_capacity(first.len());
        for word in first {
            let word = self.bind(word.clone())?;
            arms.push(format!(
                "SELECT {columns} FROM event_words AS w CROSS JOIN events AS e
                 WHERE w.word = {word} AND {times} AND e.seq = w.seq AND {conditions}{and}"
            ));
        }
        Ok(arms)
    }

    /// What a fact that was found by its words must be; `None` if it can be nothing.
    fn fact_conditions(&mut self, search: &EventSearch) -> Result<Option<Vec<String>>, StoreError> {
        let (about_cameras, about_house) = search.kinds();
        let mut ways = Vec::new();
        let cameras = search.filter.cameras.as_ref();
        let names = |kinds: &[hearth_model::EventKind]| {
            kinds.iter().map(|kind| kind.name().to_owned()).collect::<Vec<_>>()
        };
        if cameras.is_none_or(|cameras| !cameras.is_empty())
            && let Some(kinds) = self.one_of("e.kind", names(&about_cameras).into_iter())?
        {
            let ids = cameras.into_iter().flatten().map(|camera| camera.as_bytes().to_vec());
            let ids = self.one_of("e.camera", ids)?;
            ways.push(ids.map_or(kinds.clone(), |ids| format!("({kinds} AND {ids})")));
        }
        ways.extend(self.one_of("e.kind", names(&about_house).into_iter())?);
        if ways.is_empty() {
            return Ok(None);
        }
        let mut conditions = vec![format!("({})", ways.join(" OR "))];
        let labels = search.filter.label.iter().chain(&search.labels);
        let labels = labels.map(|label| label.as_str().to_owned()).collect::<Vec<_>>();
        conditions.extend(self.one_of("e.label", labels.into_iter())?);
        Ok(Some(conditions))
    }

    fn conditions(&mut self, lane: &Lane) -> Result<Vec<String>, StoreError> {
        let mut conditions = Vec::new();
        if let Some(camera) = lane.camera {
            conditions.push(format!("camera = {}", self.bind(camera.as_bytes().to_vec())?));
        }
        if let Some(label) = &lane.label {
            conditions.push(format!("label = {}", self.bind(label.as_str().to_owned())?));
        }
        if let Some(kind) = lane.kind {
            conditions.push(format!("kind = {}", self.bind(kind.name().to_owned())?));
        }
        let cameras = lane.only_cameras.iter().map(|camera| camera.as_bytes().to_vec());
        conditions.extend(self.one_of("camera", cameras)?);
        let kinds = lane.only_kinds.iter().map(|kind| kind.name().to_owned());
        conditions.extend(self.one_of("kind", kinds)?);
        Ok(conditions)
    }

    fn one_of<'q, T: Encode<'q, Any> + Type<Any>>(
        &mut self,
        column: &str,
        values: impl Iterator<Item = T>,
    ) -> Result<Option<String>, StoreError> {
        let placeholders: Vec<String> =
            values.map(|value| self.bind(value)).collect::<Result<_, _>>()?;
        let list = placeholders.join(", ");
        Ok((!list.is_empty()).then(|| format!("{column} IN ({list})")))
    }
}
