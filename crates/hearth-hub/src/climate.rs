//! Rooms with a thermometer: how warm they are, and how warm they were where that is kept.

use hearth_auth::{HouseGrant, ask};
use hearth_device::Reading;
use hearth_model::{DeviceId, WallTime};

use crate::{Hub, devices::History, error::Result, identity::store_error};

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
                let kept = house.store.readings(device.id(), "temperature", from, to).await;
                kept.map_err(store_error)?
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
