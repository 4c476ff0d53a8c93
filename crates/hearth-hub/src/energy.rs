//! What plugs use: now, today, over time where somebody wants a history, and what that costs.
//!
//! Energy over time is what the plugs' own counters grew by, never power times time; where nothing
//! was kept there is a gap, not a zero.

use hearth_auth::{HouseGrant, ask};
use hearth_model::{DeviceId, WallTime};
use jiff::{Timestamp, ToSpan, Unit as Step, Zoned, tz::TimeZone};

use crate::{
    Hub,
    devices::History,
    error::{Result, UseCaseError},
    identity::store_error,
};

/// A month of hours, and some.
const BUCKETS_MAX: usize = 800;

/// Two samples further apart say nothing about the hours between them.
const SAMPLES_APART_MAX: i64 = 2 * 3_600 * 1_000_000;

/// Context under which the tariff is stored.
const TARIFF: &str = "energy_tariff";

/// How long a bucket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnergyStep {
    /// An hour.
    Hour,
    /// A day of the house's time zone.
    #[default]
    Day,
    /// A month of it.
    Month,
}

/// What energy costs.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// For a kilowatt-hour.
    pub price_per_kwh: f64,
    /// Three letters of ISO 4217.
    pub currency: String,
}

/// Energy of a span of time.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct EnergyBucket {
    /// Its first instant.
    pub at: WallTime,
    /// Watt-hours; absent where nothing was kept.
    pub wh: Option<f64>,
}

/// What a plug uses.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct PlugEnergy {
    /// Which plug.
    pub device: DeviceId,
    /// Its power, as it last said.
    pub power_watts: Option<f64>,
    /// When it said so.
    pub as_of: Option<WallTime>,
    /// Watt-hours since its midnight, as it last said.
    pub today_wh: Option<f64>,
    /// Whether a history is kept.
    pub history: History,
    /// What was asked for; empty without a history.
    pub buckets: Vec<EnergyBucket>,
    /// What the buckets cost together, with a tariff.
    pub cost: Option<f64>,
}

/// What all plugs use.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct EnergyView {
    /// The plugs.
    pub plugs: Vec<PlugEnergy>,
    /// What energy costs, if somebody said so.
    pub tariff: Option<Tariff>,
}

impl Hub {
    /// What plugs use.
    ///
    /// # Errors
    /// `invalid` for more than 800 buckets.
    pub async fn energy(
        &self,
        grant: HouseGrant<ask::ReadDevices>,
        from: WallTime,
        to: WallTime,
        step: EnergyStep,
    ) -> Result<EnergyView> {
        let house = self.house();
        let edges = edges(&house.zone, from, to, step).ok_or_else(|| {
            let text = format!("Ask for at most {BUCKETS_MAX} steps, from a time to a later one.");
            UseCaseError::bad_input("invalid", text)
        })?;
        let tariff: Option<Tariff> = house.store.setting(TARIFF).await.map_err(store_error)?;
        let mut plugs = Vec::new();
        for device in house.devices.all() {
            let settings = device.settings();
            if !settings.family.is_plug() || !house.sees_device(grant.principal(), &device) {
                continue;
            }
            let standing = device.supervised().standing();
            let reading = |key: &str| {
                let look = standing.look.as_ref()?;
                look.readings.iter().find(|reading| reading.key == key)
            };
            let buckets = match (settings.history, edges.first(), edges.last()) {
                (true, Some(first), Some(last)) => {
                    let before = first.plus_micros(-SAMPLES_APART_MAX);
                    let kept = house.kept_readings(device.id(), "energy_today", before, *last);
                    let mut meter = Meter::new(&edges);
                    meter.take(&kept.await?);
                    meter.buckets
                }
                _ => Vec::new(),
            };
            let used: Option<f64> =
                buckets.iter().filter_map(|bucket| bucket.wh).reduce(|a, b| a + b);
            let cost =
                tariff.as_ref().zip(used).map(|(tariff, wh)| wh / 1000.0 * tariff.price_per_kwh);
            plugs.push(PlugEnergy {
                device: device.id(),
                power_watts: reading("power").map(|reading| reading.value),
                as_of: reading("power").and_then(|reading| reading.as_of),
                today_wh: reading("energy_today").map(|reading| reading.value),
                history: settings.history.into(),
                buckets,
                cost,
            });
        }
        Ok(EnergyView { plugs, tariff })
    }

    /// Says what energy costs, or that nobody knows.
    ///
    /// # Errors
    /// `invalid` for a price that is none.
    pub async fn set_tariff(
        &self,
        _grant: HouseGrant<ask::ManageCameras>,
        tariff: Option<Tariff>,
    ) -> Result<()> {
        let is_fit = |tariff: &Tariff| {
            let letters = tariff.currency.len() == 3
                && tariff.currency.bytes().all(|letter| letter.is_ascii_uppercase());
            letters && (0.0..=1_000.0).contains(&tariff.price_per_kwh)
        };
        if !tariff.as_ref().is_none_or(is_fit) {
            let text = "A price is a number from 0 to 1000, and a currency three capital letters.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        let house = self.house();
        house.store.put_setting(TARIFF, &tariff).await.map_err(store_error)?;
        house.keep_snapshot().await;
        Ok(())
    }
}

/// The edges of the buckets that cover a range, by the house's local time.
fn edges(zone: &TimeZone, from: WallTime, to: WallTime, step: EnergyStep) -> Option<Vec<WallTime>> {
    let local = |at: WallTime| -> Option<Zoned> {
        Some(Timestamp::from_microsecond(at.as_micros()).ok()?.to_zoned(zone.clone()))
    };
    let start = local(from)?;
    let (mut edge, span) = match step {
        EnergyStep::Hour => (start.round(floor(Step::Hour)).ok()?, 1.hour()),
        EnergyStep::Day => (start.start_of_day().ok()?, 1.day()),
        EnergyStep::Month => (start.first_of_month().ok()?.start_of_day().ok()?, 1.month()),
    };
    let end = local(to)?;
    let mut edges = vec![wall(&edge)];
    while edge < end {
        edge = edge.checked_add(span).ok()?;
        edges.push(wall(&edge));
        if edges.len() > BUCKETS_MAX + 1 {
            return None;
        }
    }
    (from < to).then_some(edges)
}

fn floor(unit: Step) -> jiff::ZonedRound {
    jiff::ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Floor)
}

fn wall(at: &Zoned) -> WallTime {
    WallTime::from_micros(at.timestamp().as_microsecond())
}

/// What a counter grew by in each bucket. A counter that fell began anew at its midnight.
struct Meter<'a> {
    edges: &'a [WallTime],
    buckets: Vec<EnergyBucket>,
    before: Option<(WallTime, f64)>,
}

impl<'a> Meter<'a> {
    fn new(edges: &'a [WallTime]) -> Self {
        let starts = edges.iter().take(edges.len().saturating_sub(1));
        let buckets = starts.map(|at| EnergyBucket { at: *at, wh: None }).collect();
        Self { edges, buckets, before: None }
    }

    /// Takes in samples that follow those before.
    fn take(&mut self, samples: &[(WallTime, f64)]) {
        for (at, is) in samples.iter().copied() {
            let Some((before, was)) = self.before.replace((at, is)) else { continue };
            if at.micros_since(before) > SAMPLES_APART_MAX {
                continue;
            }
            let grown = if is >= was { is - was } else { is };
            let number = self.edges.partition_point(|edge| *edge <= at);
            let bucket = number.checked_sub(1).and_then(|number| self.buckets.get_mut(number));
            if let Some(bucket) = bucket {
                bucket.wh = Some(bucket.wh.unwrap_or(0.0) + grown);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> WallTime {
        text.parse().expect("a time")
    }

    /// promise: N-10. What was not kept is a gap and not a zero.
    #[test]
    fn energy_is_what_the_counter_grew_by() {
        let zone = TimeZone::UTC;
        let (from, to) = (at("2026-11-21T22:00:00Z"), at("2026-11-22T03:00:00Z"));
        let edges = edges(&zone, from, to, EnergyStep::Hour).expect("few");
        assert_eq!(edges.len(), 6);
        let samples = [
            (at("2026-11-21T21:55:00Z"), 900.0),
            (at("2026-11-21T22:30:00Z"), 950.0),
            (at("2026-11-21T23:30:00Z"), 1_000.0),
            // Its midnight.
            (at("2026-11-22T00:30:00Z"), 20.0),
            // Nobody was there for longer than may be guessed.
            (at("2026-11-22T02:40:00Z"), 500.0),
        ];
        let mut meter = Meter::new(&edges);
        // Wherever a page ends.
        let (first, rest) = samples.split_at(2);
        meter.take(first);
        meter.take(rest);
        let wh: Vec<Option<f64>> = meter.buckets.iter().map(|one| one.wh).collect();
        assert_eq!(wh, [Some(50.0), Some(50.0), Some(20.0), None, None]);
    }

    #[test]
    fn days_and_months_begin_where_the_house_is() {
        let zone = TimeZone::get("Europe/Berlin").expect("known");
        let (from, to) = (at("2026-10-25T12:00:00Z"), at("2026-10-26T12:00:00Z"));
        let days = edges(&zone, from, to, EnergyStep::Day).expect("few");
        // The day on which the clocks go back has 25 hours.
        assert_eq!(days[..2], [at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")]);
        let months = edges(&zone, from, to, EnergyStep::Month).expect("few");
        assert_eq!(months[0], at("2026-09-30T22:00:00Z"));
        assert_eq!(edges(&zone, to, from, EnergyStep::Day), None);
        let year = at("2027-10-26T12:00:00Z");
        assert_eq!(edges(&zone, from, year, EnergyStep::Hour), None, "too many");
    }
}
