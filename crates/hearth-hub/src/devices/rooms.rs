//! Rooms: one command for every switch in one of them, with a result for each.

use futures_util::future::join_all;
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_device::{Control, ControlKind, ControlValue};
use hearth_model::DeviceId;

use super::{KeptDevice, limits::POWER};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    name::DeviceName,
};

/// What became of a device.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct RoomResult {
    /// Which.
    pub device: DeviceId,
    /// What it is called.
    pub name: String,
    /// Whether it acknowledged.
    pub done: bool,
    /// Why not, for a person.
    pub reason: Option<String>,
}

impl Hub {
    /// Switches everything in a room that has a switch. All at once: one that does not answer keeps
    /// no other waiting.
    ///
    /// # Errors
    /// `not_found` if nothing in that room has a switch, as far as the principal may see.
    pub async fn switch_room(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        room: &DeviceName,
        is_on: bool,
    ) -> Result<Vec<RoomResult>> {
        let house = self.house();
        let all = house.devices.all();
        let is_there = |device: &&std::sync::Arc<KeptDevice>| {
            device.settings().room.as_ref() == Some(room)
                && house.sees_device(grant.principal(), device)
                && has_switch(device)
        };
        let switched = all.iter().filter(is_there);
        let results: Vec<RoomResult> = join_all(switched.map(|device| async {
            let set = self.switch(grant.principal(), device, is_on).await;
            let (device, name) = (device.id(), device.name());
            let reason = set.err().map(|error| error.fault.message);
            RoomResult { device, name, done: reason.is_none(), reason }
        }))
        .await;
        if results.is_empty() { Err(UseCaseError::not_found("room")) } else { Ok(results) }
    }

    async fn switch(&self, principal: &Principal, device: &KeptDevice, is_on: bool) -> Result<()> {
        self.controlled_device(principal, device.id())?;
        let (value, by) = (ControlValue::Switch(is_on), super::name_of(principal));
        self.house().set_by(device, POWER, value, by).await
    }
}

/// One that has not answered yet and is a plug has one.
fn has_switch(device: &KeptDevice) -> bool {
    let standing = device.supervised().standing();
    let is_toggle = |control: &Control| control.kind == ControlKind::Toggle;
    match &standing.look {
        Some(_) => standing.control(POWER).is_some_and(is_toggle),
        None => device.settings().family.is_plug(),
    }
}
