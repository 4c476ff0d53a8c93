//! The SQL of a question about events: its lanes, merged by the database, newest first.
//!
//! Values are bound, never written into the text; the text consists of constants and placeholders
//! and has few shapes, so prepared statements are reused. Each lane reads an index in its order and
//! the database takes from them in turn, so a page costs about as many steps as it has rows.

use sqlx::Arguments as _;
use sqlx::any::AnyArguments;
use sqlx::{Any, Encode, Type};

use crate::event_filter::Lane;
use crate::{EventFilter, StoreError};

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
