//! Rooms with a thermometer: how warm they are, and how warm they were where that is kept.

use hearth_auth::{HouseGrant, ask};
use hearth_device::Reading;
use hearth_model::{DeviceId, WallTime};

use crate::{Hub, devices::History, error::Result};

/// More than a screen has columns: a month, one every five minutes.
const POINTS_MAX: usize = 10_000;

/// How warm it was.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ClimatePoint {
    /// When.
    pub at: WallTime,
    /// In °C.
    pub celsius: f64,
}

/// A room.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct RoomClimate {
    /// The device that measures it.
    pub device: DeviceId,
    /// What that is called.
    pub name: String,
    /// In °C, as it last said.
    pub temperature: Option<f64>,
    /// What is wanted, in °C.
    pub set_point: Option<f64>,
    /// Everything it measures.
    pub readings: Vec<Reading>,
    /// Whether a history is kept.
    pub history: History,
    /// What was kept of the range that was asked for.
    pub points: Vec<ClimatePoint>,
}

/// All rooms.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ClimateView {
    /// The rooms.
    pub rooms: Vec<RoomClimate>,
}

impl Hub {
    /// How warm rooms are and were.
    ///
    /// # Errors
    /// If the store refuses.
    pub async fn climate(
        &self,
        grant: HouseGrant<ask::ReadDevices>,
        from: WallTime,
        to: WallTime,
    ) -> Result<ClimateView> {
        let house = self.house();
        let mut rooms = Vec::new();
        for device in house.devices.all() {
            let settings = device.settings();
            let readings = device.supervised().standing().look.map(|look| look.readings);
            let readings = readings.unwrap_or_default();
            let of = |key: &str| readings.iter().find(|one| one.key == key).map(|one| one.value);
            let measures = settings.family.is_remote() || of("temperature").is_some();
            if !measures || !house.sees_device(grant.principal(), &device) {
                continue;
            }
            let (temperature, set_point) = (of("temperature"), of("set_point"));
            let kept = if settings.history {
                thinned(house.kept_readings(device.id(), "temperature", from, to).await?)
            } else {
                Vec::new()
            };
            rooms.push(RoomClimate {
                device: device.id(),
                name: device.name(),
                temperature,
                set_point,
                readings,
                history: settings.history.into(),
                points: kept
                    .into_iter()
                    .map(|(at, celsius)| ClimatePoint { at, celsius })
                    .collect(),
            });
        }
        Ok(ClimateView { rooms })
    }
}

/// Of many points every n-th, and the newest: none is made up.
fn thinned(points: Vec<(WallTime, f64)>) -> Vec<(WallTime, f64)> {
    let step = points.len().div_ceil(POINTS_MAX).max(1);
    let offset = points.len().saturating_sub(1) % step;
    points.into_iter().skip(offset).step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_has_fewer_points_and_still_the_newest() {
        for count in [0, 1, POINTS_MAX, POINTS_MAX + 1, 3 * POINTS_MAX + 7] {
            let count = i64::try_from(count).expect("small");
            let all: Vec<_> = (0..count).map(|at| (WallTime::from_micros(at), 20.0)).collect();
            let some = thinned(all.clone());
            assert!(some.len() <= POINTS_MAX);
            assert_eq!(some.last(), all.last());
            assert_eq!(some.len() == all.len(), all.len() <= POINTS_MAX);
        }
    }
}
