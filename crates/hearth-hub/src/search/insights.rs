//! What is unusual by counts of the last weeks, and what is to be expected tomorrow.

use std::collections::BTreeMap;

use hearth_auth::{HouseGrant, ask};
use hearth_model::{CameraId, EventId, EventKind, Label, WallTime};
use hearth_search::{
    Baseline, Clock, DAYS_NEEDED, Filters, HourlyCounts, Insight, InsightKind, InsightSeverity,
    Source, forecast, insights, noun_of, say_clock_time,
};
use hearth_store::{ActivityCount, EventFilter, EventSearch};
use jiff::{ToSpan as _, civil};

use super::SearchQuery;
use crate::{
    Hub,
    error::{Result, UseCaseError},
    identity::store_error,
};

/// Days that are looked at: four weeks.
const DAYS: i64 = 28;

/// Insights told at once; of more, a person reads none.
const INSIGHTS_MAX: usize = 30;

/// Facts shown for each.
const EVIDENCE_MAX: u32 = 10;

/// Something unusual.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct InsightView {
    /// What.
    pub kind: InsightKind,
    /// How much it wants attention.
    pub severity: InsightSeverity,
    /// Where.
    pub camera: CameraId,
    /// What; absent if it is about all that a camera sees.
    pub label: Option<Label>,
    /// When the stretch began in which it was so.
    pub at: WallTime,
    /// In a sentence.
    pub text: String,
    /// How many there were.
    pub value: u32,
    /// How many are usual.
    pub baseline: Baseline,
    /// The newest facts of it.
    pub evidence: Vec<EventId>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct LookedAt {
    /// From.
    pub from: WallTime,
    /// To.
    pub to: WallTime,
    /// Whole days.
    pub days: usize,
}

/// What is unusual.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct InsightsView {
    /// The warnings first, then the newest.
    pub insights: Vec<InsightView>,
    /// What was looked at.
    pub looked_at: LookedAt,
}

/// What is to be expected tomorrow.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ForecastView {
    /// Enough days are known.
    Forecast {
        /// For which day, e.g. `2026-11-23`.
        for_day: String,
        /// How many.
        expected: f64,
        /// Five of a hundred days had fewer.
        low: f64,
        /// Five of a hundred had more.
        high: f64,
        /// From so many days.
        days: usize,
    },
    /// Too few days are known to say anything.
    InsufficientData {
        /// So many.
        days: usize,
        /// So many are needed.
        needed: usize,
    },
}

/// The last days up to the last hour that is over, by the house's clocks; the last of them are the
/// 24 hours before.
struct Looked {
    /// When each begins; and when the last one ends.
    starts: Vec<WallTime>,
    end: WallTime,
}

impl Looked {
    /// 24 hours each, the last ones ending with the last whole hour. What happened before `first` was
    /// not looked at, so a day that is not whole is none.
    fn until_now(clock: &Clock, first: Option<WallTime>) -> Self {
        let now = clock.local(clock.now());
        // Below 1,440.
        let minute = u16::from(now.hour().unsigned_abs()) * 60;
        let end = clock.at(now.date(), minute);
        let day = |back: i64| now.date().checked_sub(back.days()).ok();
        let starts = (1..=DAYS).rev().filter_map(day).map(|day| clock.at(day, minute));
        let starts = starts.filter(|start| first.is_some_and(|first| *start >= first));
        Self { starts: starts.collect(), end }
    }

    fn from(&self) -> WallTime {
        self.starts.first().copied().unwrap_or(self.end)
    }

    /// In which day and hour of it something lies. A day on which clocks change has its 25th hour
    /// counted with the 24th.
    fn place(&self, at: WallTime) -> Option<(usize, usize)> {
        let day = self.starts.partition_point(|start| *start <= at).checked_sub(1)?;
        let hour = at.micros_since(*self.starts.get(day)?) / 3_600_000_000;
        Some((day, usize::try_from(hour).ok()?.min(23)))
    }

    fn series(&self, camera: CameraId, counts: &[ActivityCount]) -> Vec<HourlyCounts> {
        let mut by_label: BTreeMap<Option<Label>, Vec<[u32; 24]>> = BTreeMap::new();
        let empty = || vec![[0; 24]; self.starts.len()];
        by_label.insert(None, empty());
        for count in counts {
            let Some((day, hour)) = self.place(count.at) else { continue };
            for label in [None, Some(count.label.clone())] {
                let days = by_label.entry(label).or_insert_with(empty);
                if let Some(place) = days.get_mut(day).and_then(|day| day.get_mut(hour)) {
                    *place = place.saturating_add(count.count);
                }
            }
        }
        let source = |label| Source { camera, label };
        let series = |(label, counts)| HourlyCounts {
            source: source(label),
            days: self.starts.clone(),
            counts,
        };
        by_label.into_iter().map(series).collect()
    }
}

impl Hub {
    /// What was unusual in the last 24 hours at cameras that one may look back at.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn insights(&self, grant: &HouseGrant<ask::ReadEvents>) -> Result<InsightsView> {
        let house = self.house();
        let clock = self.search_clock();
        let first = house.store.first_activity().await.map_err(store_error)?;
        let looked = Looked::until_now(&clock, first);
        let mut found = Vec::new();
        for camera in house.cameras.all() {
            if !house.policy.recalls(grant.principal(), camera.id()) {
                continue;
            }
            let counts = house.store.activity_counts(camera.id(), looked.from(), looked.end).await;
            let series = looked.series(camera.id(), &counts.map_err(store_error)?);
            found.extend(series.iter().flat_map(insights));
        }
        say_once(&mut found);
        let is_info = |one: &Insight| one.severity == InsightSeverity::Info;
        found.sort_by_key(|one| (is_info(one), std::cmp::Reverse(one.at)));
        found.truncate(INSIGHTS_MAX);
        let mut insights = Vec::with_capacity(found.len());
        for one in found {
            insights.push(self.insight_view(one, &clock).await?);
        }
        let (from, to, days) = (looked.from(), looked.end, looked.starts.len());
        Ok(InsightsView { insights, looked_at: LookedAt { from, to, days } })
    }

    async fn insight_view(&self, one: Insight, clock: &Clock) -> Result<InsightView> {
        let filter = EventFilter {
            kinds: vec![EventKind::ActivityNoticed],
            cameras: Some(vec![one.source.camera]),
            house: false,
            from: Some(one.at),
            to: Some(one.at.plus_micros(i64::from(one.hours) * 3_600_000_000)),
            limit: EVIDENCE_MAX,
            ..EventFilter::default()
        };
        let labels = one.source.label.iter().cloned().collect();
        let search = EventSearch { filter, labels, ..EventSearch::default() };
        let rows = self.house().store.search_events(&search).await.map_err(store_error)?;
        let name = self.house().camera_name(one.source.camera);
        let name = name.map_or_else(|| "a camera".to_owned(), |name| name.to_string());
        Ok(InsightView {
            kind: one.kind,
            severity: one.severity,
            camera: one.source.camera,
            label: one.source.label.clone(),
            at: one.at,
            text: sentence(&one, &name, clock),
            value: one.value,
            baseline: one.baseline,
            evidence: rows.iter().map(|row| row.event.id).collect(),
        })
    }

    /// How many activities are to be expected tomorrow, at one camera or of one label.
    ///
    /// # Errors
    /// `not_found` for a camera that may not be seen.
    pub async fn forecast(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        camera: Option<CameraId>,
        label: Option<Label>,
    ) -> Result<ForecastView> {
        let house = self.house();
        let cameras: Vec<CameraId> = camera.into_iter().collect();
        let query = SearchQuery { cameras, label, ..SearchQuery::default() };
        let filters = Filters { kinds: vec![EventKind::ActivityNoticed], ..Filters::default() };
        let clock = self.search_clock();
        let scope = self.scope(grant.principal(), &filters, &query, &clock).await?;
        let first = house.store.first_activity().await.map_err(store_error)?;
        let today = clock.today();
        let days: Vec<civil::Date> =
            (1..=DAYS).rev().filter_map(|back| today.checked_sub(back.days()).ok()).collect();
        let is_known = |day: &civil::Date| first.is_some_and(|first| clock.start_of(*day) >= first);
        let mut counts = Vec::new();
        for day in days.into_iter().filter(is_known) {
            let next = day.tomorrow().map_err(|error| UseCaseError::internal(&error))?;
            let mut scope = scope.clone();
            let range = hearth_model::TimeRange::new(clock.start_of(day), clock.start_of(next));
            scope.ranges = range.into_iter().collect();
            counts.push(u32::try_from(self.count(&scope).await?).unwrap_or(u32::MAX));
        }
        // Today is not over, so its count says nothing; tomorrow is the second day after the last.
        let days = counts.len();
        let for_day = today.tomorrow().map_err(|error| UseCaseError::internal(&error))?;
        Ok(match forecast(&counts, 2) {
            Some(made) => ForecastView::Forecast {
                for_day: for_day.to_string(),
                expected: made.expected,
                low: made.low,
                high: made.high,
                days: made.days,
            },
            None => ForecastView::InsufficientData { days, needed: DAYS_NEEDED },
        })
    }
}

/// Says one thing once: of all that a camera sees only what no label says for itself, and nothing of
/// the labels of a camera that shows nothing at all.
fn say_once(found: &mut Vec<Insight>) {
    let all = found.clone();
    let is_silent = |camera| {
        let is_it = |one: &Insight| one.source.camera == camera;
        all.iter().any(|one| is_it(one) && one.kind == InsightKind::SilentCamera)
    };
    let is_said_of_a_label = |of: &Insight| {
        all.iter().any(|one| {
            one.source.label.is_some()
                && (one.source.camera, one.kind, one.at) == (of.source.camera, of.kind, of.at)
        })
    };
    found.retain(|one| match (one.kind, &one.source.label) {
        (InsightKind::LessThanUsual, _) if is_silent(one.source.camera) => false,
        (_, Some(_)) => true,
        (_, None) => !is_said_of_a_label(one),
    });
}

fn sentence(one: &Insight, place: &str, clock: &Clock) -> String {
    let what = |count: u32| match &one.source.label {
        Some(label) => format!("{count} {}", sightings(label, count)),
        None if count == 1 => "1 activity".to_owned(),
        None => format!("{count} activities"),
    };
    let at = say_clock_time(one.at, clock);
    let usual = one.baseline.median;
    match one.kind {
        InsightKind::Spike => format!(
            "{} at {place} in the hour from {at}; {usual} is usual at this time.",
            what(one.value)
        ),
        InsightKind::SilentCamera => {
            format!("{place} has shown nothing since {at}; by now {usual} is usual.")
        }
        InsightKind::UnusualHour => format!(
            "{} at {place} in the hour from {at}; in {} days there was none around this time.",
            what(one.value),
            one.baseline.days
        ),
        InsightKind::LessThanUsual => {
            format!("{} at {place} in the last 24 hours; {usual} is usual.", what(one.value))
        }
    }
}

fn sightings(label: &Label, count: u32) -> String {
    let noun = noun_of(label, 1);
    let word = if count == 1 { "sighting" } else { "sightings" };
    format!("{word} ({noun})")
}
