//! What is usual at a camera, from counts of the past, and what is not.
//!
//! Robust on purpose: the middle and the spread come from medians, so that the one wild day that is
//! to be noticed does not widen what counts as usual.

use hearth_model::{CameraId, Label, WallTime};

/// Days that have to be known before anything is called unusual.
const DAYS_MIN: usize = 7;

/// A day without anything in an hour says little; fourteen of them say that it is unusual.
const QUIET_DAYS_MIN: usize = 14;

/// So much has to be known of a source before its quiet hours mean anything.
const TOTAL_MIN: u32 = 20;

/// In how many deviations beyond the middle something is a spike, and how many there have to be.
const SPIKE_DEVIATIONS: f64 = 5.0;
const SPIKE_COUNT_MIN: u32 = 5;

/// How many were to be expected by now of a camera that shows nothing, before it is called silent.
const SILENT_EXPECTED_MIN: f64 = 6.0;

/// How many a usual day has to have, that fewer of them mean something.
const LESS_MEDIAN_MIN: f64 = 10.0;
const LESS_DEVIATIONS: f64 = 4.0;

/// Makes a median deviation comparable to a standard one.
const MAD_SCALE: f64 = 1.4826;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// At which camera.
    pub camera: CameraId,
    /// What; all labels together without it.
    pub label: Option<Label>,
}

/// Counts of one source by hours of the house's clocks. The last day is the one that is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct HourlyCounts {
    /// Of what.
    pub source: Source,
    /// When each day's 24 hours begin; days follow each other.
    pub days: Vec<WallTime>,
    /// 24 counts for each day.
    pub counts: Vec<[u32; 24]>,
}

/// What is usual.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Baseline {
    /// The middle.
    pub median: f64,
    /// From here on it is usual.
    pub low: f64,
    /// Up to here it is usual.
    pub high: f64,
    /// From so many days.
    pub days: usize,
}

/// What is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InsightKind {
    /// Far more in an hour than at this hour of other days.
    Spike,
    /// Nothing, where something was to be expected long ago.
    SilentCamera,
    /// Something at an hour at which there never is anything.
    UnusualHour,
    /// Far less in a day than on others.
    LessThanUsual,
}

/// How much it wants attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InsightSeverity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
}

/// Something unusual.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// What.
    pub kind: InsightKind,
    /// How much it wants attention.
    pub severity: InsightSeverity,
    /// Where.
    pub source: Source,
    /// When the stretch began in which it was so.
    pub at: WallTime,
    /// How many hours it is about.
    pub hours: u32,
    /// How many there were.
    pub value: u32,
    /// What is usual.
    pub baseline: Baseline,
}

/// What is unusual in the last of the days. Nothing, if there are too few of them.
pub fn insights(series: &HourlyCounts) -> Vec<Insight> {
    let known = series.counts.len().min(series.days.len());
    let (Some(past), Some(last)) =
        (series.counts.get(..known.saturating_sub(1)), series.counts.get(known.saturating_sub(1)))
    else {
        return Vec::new();
    };
    if past.len() < DAYS_MIN {
        return Vec::new();
    }
    let judged = Judged { series, past, last };
    let mut found = judged.by_hour();
    found.extend(judged.silence().or_else(|| judged.less()));
    found
}

struct Judged<'a> {
    series: &'a HourlyCounts,
    past: &'a [[u32; 24]],
    last: &'a [u32; 24],
}

impl Judged<'_> {
    fn made(
        &self,
        kind: InsightKind,
        severity: InsightSeverity,
        hours: std::ops::Range<usize>,
        value: u32,
        baseline: Baseline,
    ) -> Insight {
        let day = self.series.days.get(self.past.len()).copied().unwrap_or_default();
        // At most 24 hours.
        let at = day.plus_micros(hours.start as i64 * 3_600_000_000);
        let (source, hours) = (self.series.source.clone(), hours.len() as u32);
        Insight { kind, severity, source, at, hours, value, baseline }
    }

    /// The hours of the last day, each judged by the same hour of the days before.
    fn by_hour(&self) -> Vec<Insight> {
        let mut found = Vec::new();
        let total: u32 = self.past.iter().flatten().sum();
        for (hour, count) in self.last.iter().copied().enumerate().filter(|(_, count)| *count > 0) {
            let usual: Vec<u32> = self.past.iter().map(|day| day[hour]).collect();
            let baseline = baseline(&usual);
            let beyond = baseline.median + SPIKE_DEVIATIONS * deviation(&usual);
            if count >= SPIKE_COUNT_MIN && f64::from(count) > beyond {
                let severity = InsightSeverity::Warning;
                let kind = InsightKind::Spike;
                found.push(self.made(kind, severity, hour..hour + 1, count, baseline));
            } else if total >= TOTAL_MIN && self.is_quiet(hour) {
                let severity = InsightSeverity::Info;
                let kind = InsightKind::UnusualHour;
                found.push(self.made(kind, severity, hour..hour + 1, count, baseline));
            }
        }
        found
    }

    /// Whether there never was anything at an hour or beside it.
    fn is_quiet(&self, hour: usize) -> bool {
        let beside = [(hour + 23) % 24, hour, (hour + 1) % 24];
        self.past.len() >= QUIET_DAYS_MIN
            && self.past.iter().all(|day| beside.iter().all(|hour| day[*hour] == 0))
    }

    /// Nothing since an hour, though by now there usually would have been much.
    fn silence(&self) -> Option<Insight> {
        // A camera is silent, whatever it looks for.
        if self.series.source.label.is_some() {
            return None;
        }
        let last_seen = self.last.iter().rposition(|count| *count > 0);
        let from = last_seen.map_or(0, |hour| hour + 1);
        let by_day: Vec<u32> = self.past.iter().map(|day| day[from..].iter().sum()).collect();
        let baseline = baseline(&by_day);
        (baseline.median >= SILENT_EXPECTED_MIN && baseline.low >= 1.0).then(|| {
            let severity = InsightSeverity::Warning;
            self.made(InsightKind::SilentCamera, severity, from..24, 0, baseline)
        })
    }

    fn less(&self) -> Option<Insight> {
        let by_day: Vec<u32> = self.past.iter().map(|day| day.iter().sum()).collect();
        let (value, baseline) = (self.last.iter().sum::<u32>(), baseline(&by_day));
        let below = baseline.median - LESS_DEVIATIONS * deviation(&by_day);
        (baseline.median >= LESS_MEDIAN_MIN && f64::from(value) < below).then(|| {
            let severity = InsightSeverity::Info;
            self.made(InsightKind::LessThanUsual, severity, 0..24, value, baseline)
        })
    }
}

fn baseline(usual: &[u32]) -> Baseline {
    Baseline {
        median: quantile(usual, 0.5),
        low: quantile(usual, 0.05),
        high: quantile(usual, 0.95),
        days: usual.len(),
    }
}

/// The median distance from the median, and never less than what chance alone makes of such counts:
/// the root of the middle, and one.
fn deviation(usual: &[u32]) -> f64 {
    let middle = quantile(usual, 0.5);
    let mut apart: Vec<f64> =
        usual.iter().map(|count| (f64::from(*count) - middle).abs()).collect();
    apart.sort_by(f64::total_cmp);
    let median = apart.get(apart.len() / 2).copied().unwrap_or(0.0);
    (MAD_SCALE * median).max(middle.sqrt()).max(1.0)
}

/// The value below which that part of the counts lies; between two of them in proportion.
pub(crate) fn quantile(counts: &[u32], part: f64) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let place = part.clamp(0.0, 1.0) * sorted.len().saturating_sub(1) as f64;
    let at = |index: f64| sorted.get(index as usize).map_or(0.0, |count| f64::from(*count));
    let (below, above) = (at(place.floor()), at(place.ceil()));
    below + (above - below) * place.fract()
}
