use hearth_model::{DeviceId, WallTime};
use serde_json::json;

use super::{House, at};
use crate::{StoreError, StoredDevice, StoredReading};

fn device(name: &str) -> StoredDevice {
    StoredDevice {
        id: DeviceId::new(),
        name: name.to_owned(),
        settings: json!({"family": "tapo_plug"}),
        credentials: Some(b"sealed".to_vec()),
        memory: json!({}),
        created_at: at(1),
    }
}

/// promise: V-18. Devices survive the loss of the database.
#[tokio::test]
async fn a_device_is_kept_changed_and_restored() {
    let house = House::new().await;
    let mut lamp = device("Lamp");
    house.store.add_device(&lamp).await.expect("added");
    let twice = house.store.add_device(&device("Lamp")).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
    lamp.name = "Hall lamp".to_owned();
    lamp.memory = json!({"login": "klap_v2"});
    house.store.update_device(&lamp).await.expect("changed");
    assert_eq!(house.store.devices().await.expect("read"), [lamp.clone()]);
    let snapshot = house.store.snapshot().await.expect("taken");
    let other = House::new().await;
    other.store.restore(&snapshot).await.expect("restored");
    assert_eq!(other.store.devices().await.expect("read"), [lamp]);
}

/// promise: N-10. What a device measured goes with it.
#[tokio::test]
async fn readings_go_with_their_device_and_with_time() {
    let house = House::new().await;
    let (lamp, heater) = (device("Lamp"), device("Heater"));
    for one in [&lamp, &heater] {
        house.store.add_device(one).await.expect("added");
        let reading = |minute| StoredReading {
            device: one.id,
            key: "power".to_owned(),
            at: at(minute),
            value: f64::from(u32::try_from(minute).expect("small")),
        };
        let readings: Vec<StoredReading> = (0..4).map(reading).collect();
        house.store.add_readings(&readings).await.expect("kept");
    }
    let of = async |device: &StoredDevice| {
        let all = WallTime::from_micros(i64::MAX);
        house.store.readings(device.id, "power", at(0), all).await.expect("read")
    };
    assert_eq!(of(&lamp).await[1], (at(1), 1.0));
    assert_eq!(house.store.erase_readings(None, at(2)).await.expect("erased"), 4);
    assert_eq!(of(&lamp).await.len(), 2);
    house.store.remove_device(lamp.id).await.expect("removed");
    assert_eq!((of(&lamp).await.len(), of(&heater).await.len()), (0, 2));
    let gone = house.store.remove_device(lamp.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound { what: "device" })), "{gone:?}");
}
