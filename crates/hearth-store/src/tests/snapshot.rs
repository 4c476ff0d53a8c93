use std::net::Ipv4Addr;

use hearth_auth::{Session, SessionToken};
use hearth_model::{CameraId, HoldId, SavedSearchId};

use super::{House, at, puts, segment, settings, user};
use crate::{Hold, HouseSnapshot, StoreError, StoredSearch};

async fn furnished() -> (House, CameraId) {
    let house = House::new().await;
    let (door, gone) = (CameraId::new(), CameraId::new());
    let store = &house.store;
    store.add_camera(door, &settings("Door"), Some(b"sealed"), at(0)).await.expect("added");
    store.add_camera(gone, &settings("Yard"), None, at(1)).await.expect("added");
    store.remove_camera(gone, at(2)).await.expect("removed");
    store.add_user(&user("Anna")).await.expect("added");
    let hold = Hold {
        id: HoldId::new(),
        camera: door,
        from: at(0),
        to: at(9),
        reason: "why".to_owned(),
        until: None,
        created_at: at(3),
        created_by: None,
    };
    store.add_hold(&hold).await.expect("added");
    store.put_setting("house_name", &"Home").await.expect("written");
    let search = StoredSearch {
        id: SavedSearchId::new(),
        owner: "usr_1".to_owned(),
        sealed: b"sealed".to_vec(),
        created_at: at(4),
    };
    store.add_saved_search(&search).await.expect("added");
    (house, door)
}

/// promise: V-18. The house survives the loss of its database.
#[tokio::test]
async fn a_house_is_restored_from_its_snapshot() {
    let (house, _) = furnished().await;
    let snapshot = house.store.snapshot().await.expect("taken");
    let json = serde_json::to_vec(&snapshot).expect("serialised");
    let read: HouseSnapshot = serde_json::from_slice(&json).expect("read back");
    assert_eq!(read, snapshot);
    let other = House::new().await;
    other.store.restore(&read).await.expect("restored");
    assert_eq!(other.store.snapshot().await.expect("taken"), snapshot);
}

#[tokio::test]
async fn restoring_replaces_the_house_and_keeps_the_footage() {
    let (house, door) = furnished().await;
    let ben = user("Ben");
    house.store.add_user(&ben).await.expect("added");
    let token = SessionToken::generate();
    let session = Session::begin(ben.id, Ipv4Addr::LOCALHOST.into(), "", at(0));
    house.store.add_session(&token.hash(), &session, &ben.password).await.expect("added");
    house.store.commit_segments(&puts(&[segment(door, 0, 60)])).await.expect("written");
    house.store.restore(&HouseSnapshot::default()).await.expect("restored");
    assert_eq!(house.store.snapshot().await.expect("taken"), HouseSnapshot::default());
    assert_eq!(house.store.signed_in(&token.hash()).await.expect("read"), None);
    assert_eq!(house.store.usage().await.expect("read").len(), 1);
}

#[tokio::test]
async fn a_snapshot_that_contradicts_itself_changes_nothing() {
    let (house, _) = furnished().await;
    let before = house.store.snapshot().await.expect("taken");
    let mut twice = before.clone();
    twice.users.push(user("ANNA"));
    let refused = house.store.restore(&twice).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert_eq!(house.store.snapshot().await.expect("taken"), before);
}
