use hearth_model::CameraId;

use super::{House, at, settings};
use crate::StoreError;

#[tokio::test]
async fn a_camera_is_found_as_it_was_added() {
    let House { store, folder: _folder } = House::new().await;
    let (id, sealed) = (CameraId::new(), b"sealed".as_slice());
    let door = store.add_camera(id, &settings("Door"), Some(sealed), at(0)).await.expect("added");
    assert_eq!(store.camera(id).await.expect("found"), door);
    assert_eq!((door.position, door.credentials.as_deref()), (0, Some(sealed)));
    let yard =
        store.add_camera(CameraId::new(), &settings("Yard"), None, at(1)).await.expect("yes");
    assert_eq!(store.cameras().await.expect("listed"), vec![door, yard]);
}

#[tokio::test]
async fn settings_and_credentials_are_replaced() {
    let House { store, folder: _folder } = House::new().await;
    let id = CameraId::new();
    store.add_camera(id, &settings("Door"), Some(b"old"), at(0)).await.expect("added");
    store.set_camera_settings(id, &settings("Front door")).await.expect("changed");
    store.set_camera_credentials(id, None).await.expect("changed");
    let camera = store.camera(id).await.expect("found");
    assert_eq!((camera.settings, camera.credentials), (settings("Front door"), None));
}

#[tokio::test]
async fn two_cameras_cannot_have_one_name() {
    let House { store, folder: _folder } = House::new().await;
    let (door, yard) = (CameraId::new(), CameraId::new());
    store.add_camera(door, &settings("Door"), None, at(0)).await.expect("added");
    store.add_camera(yard, &settings("Yard"), None, at(0)).await.expect("added");
    let twice = store.add_camera(CameraId::new(), &settings("Door"), None, at(0)).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
    let renamed = store.set_camera_settings(yard, &settings("Door")).await;
    assert!(matches!(renamed, Err(StoreError::Conflict { .. })), "{renamed:?}");
    assert_eq!(store.camera(yard).await.expect("as before").settings, settings("Yard"));
}

/// promise: D-04. A removed camera leaves every list at once, and its erasure can be resumed.
#[tokio::test]
async fn a_removed_camera_is_gone_and_its_erasure_is_remembered() {
    let House { store, folder: _folder } = House::new().await;
    let id = CameraId::new();
    store.add_camera(id, &settings("Door"), Some(b"sealed"), at(0)).await.expect("added");
    store.remove_camera(id, at(9)).await.expect("removed");
    assert!(matches!(store.camera(id).await, Err(StoreError::NotFound { .. })));
    assert!(matches!(store.remove_camera(id, at(9)).await, Err(StoreError::NotFound { .. })));
    assert!(store.cameras().await.expect("listed").is_empty());
    assert_eq!(store.removed_cameras().await.expect("listed"), vec![id]);
    store.add_camera(CameraId::new(), &settings("Door"), None, at(10)).await.expect("name is free");
    store.forget_camera(id).await.expect("forgotten");
    assert!(store.removed_cameras().await.expect("listed").is_empty());
}

#[tokio::test]
async fn settings_of_the_house_are_kept_by_name() {
    let House { store, folder: _folder } = House::new().await;
    assert_eq!(store.setting::<String>("house_name").await.expect("read"), None);
    store.put_setting("house_name", &"Home").await.expect("written");
    store.put_setting("house_name", &"Cottage").await.expect("written");
    assert_eq!(store.setting("house_name").await.expect("read"), Some("Cottage".to_owned()));
    let long = "x".repeat(crate::SETTING_BYTES_MAX);
    let refused = store.put_setting("house_name", &long).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })));
    let wrong = store.setting::<u32>("house_name").await;
    assert!(matches!(wrong, Err(StoreError::Corrupt(_))), "{wrong:?}");
}
