use hearth_model::{DeviceId, DeviceRuleId, WallTime};
use serde_json::json;

use super::{House, at};
use crate::{DEVICE_RULES_MAX, StoreError, StoredDevice, StoredDeviceRule, StoredReading};

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

/// promise: V-18. Rules survive the loss of the database with how far they went, and not the loss of
/// their device.
#[tokio::test]
async fn rules_are_kept_restored_and_go_with_their_device() {
    let house = House::new().await;
    let lamp = device("Lamp");
    let mut rule = StoredDeviceRule {
        id: DeviceRuleId::new(),
        device: lamp.id,
        rule: json!({"kind": "schedule"}),
        created_at: at(1),
        handled_at: None,
    };
    let orphan = house.store.add_device_rule(&rule).await;
    assert!(matches!(orphan, Err(StoreError::NotFound { what: "device" })), "{orphan:?}");
    house.store.add_device(&lamp).await.expect("added");
    house.store.add_device_rule(&rule).await.expect("added");
    rule.rule = json!({"kind": "limit"});
    house.store.update_device_rule(&rule).await.expect("changed");
    house.store.note_device_rule(rule.id, Some(at(7))).await.expect("noted");
    rule.handled_at = Some(at(7));
    assert_eq!(house.store.device_rules().await.expect("read"), [rule.clone()]);
    let snapshot = house.store.snapshot().await.expect("taken");
    let other = House::new().await;
    other.store.restore(&snapshot).await.expect("restored");
    assert_eq!(other.store.device_rules().await.expect("read"), [rule.clone()]);
    for _ in 1..DEVICE_RULES_MAX {
        let another = StoredDeviceRule { id: DeviceRuleId::new(), ..rule.clone() };
        house.store.add_device_rule(&another).await.expect("added");
    }
    let another = StoredDeviceRule { id: DeviceRuleId::new(), ..rule.clone() };
    let many = house.store.add_device_rule(&another).await;
    assert!(matches!(many, Err(StoreError::TooMany { .. })), "{many:?}");
    house.store.remove_device_rule(rule.id).await.expect("removed");
    let gone = house.store.remove_device_rule(rule.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound { what: "rule" })), "{gone:?}");
    house.store.remove_device(lamp.id).await.expect("removed");
    assert_eq!(house.store.device_rules().await.expect("read"), []);
}
