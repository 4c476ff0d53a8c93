//! Groups of people.

use hearth_model::{GroupId, WallTime};

use super::House;
use crate::{GROUPS_MAX, StoreError, StoredGroup};

fn group(sealed: &[u8]) -> StoredGroup {
    let created_at = WallTime::from_micros(1_000);
    StoredGroup { id: GroupId::new(), sealed: sealed.to_vec(), created_at }
}

/// promise: V-18. What people set up survives the loss of the index.
#[tokio::test]
async fn a_group_is_changed_in_its_place_and_comes_back_with_the_snapshot() {
    let house = House::new().await;
    let store = &house.store;
    let (family, guests) = (group(b"family"), group(b"guests"));
    store.put_person_groups(&[family.clone(), guests.clone()]).await.expect("written");
    let changed = StoredGroup { sealed: b"all".to_vec(), ..family.clone() };
    store.put_person_groups(std::slice::from_ref(&changed)).await.expect("written");
    let all = store.person_groups().await.expect("read");
    assert!(all.len() == 2 && all.contains(&changed) && all.contains(&guests));
    let snapshot = store.snapshot().await.expect("taken");
    store.remove_person_group(family.id).await.expect("removed");
    let again = store.remove_person_group(family.id).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    store.restore(&snapshot).await.expect("put back");
    assert_eq!(store.person_groups().await.expect("read"), all);
}

#[tokio::test]
async fn one_group_too_many_changes_nothing() {
    let house = House::new().await;
    let groups: Vec<StoredGroup> = (0..GROUPS_MAX).map(|_| group(b"x")).collect();
    house.store.put_person_groups(&groups).await.expect("written");
    let changed = StoredGroup { sealed: b"y".to_vec(), ..groups[0].clone() };
    let refused = house.store.put_person_groups(&[changed, group(b"one more")]).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    let kept = house.store.person_groups().await.expect("read");
    assert!(kept.len() == GROUPS_MAX && kept.iter().all(|group| group.sealed == b"x"));
}
