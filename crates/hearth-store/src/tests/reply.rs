//! Quick replies.

use hearth_model::{ReplyId, WallTime};

use super::House;
use crate::{REPLIES_MAX, StoreError, StoredReply};

fn reply(sealed: &[u8]) -> StoredReply {
    let created_at = WallTime::from_micros(1_000);
    let sound = (0..=u8::MAX).collect();
    StoredReply { id: ReplyId::new(), sealed: sealed.to_vec(), sound, created_at }
}

/// promise: V-18. What people set up survives the loss of the index.
#[tokio::test]
async fn a_reply_is_read_with_its_sound_and_comes_back_with_the_snapshot() {
    let house = House::new().await;
    let store = &house.store;
    let (parcel, soon) = (reply(b"parcel"), reply(b"soon"));
    store.add_quick_reply(&parcel).await.expect("written");
    store.add_quick_reply(&soon).await.expect("written");
    let names = store.quick_reply_names().await.expect("read");
    assert_eq!(names.len(), 2);
    assert!(names.iter().any(|name| name.id == soon.id && name.sealed == b"soon"));
    assert_eq!(store.quick_reply(parcel.id).await.expect("read"), parcel);
    let snapshot = serde_json::to_string(&store.snapshot().await.expect("taken")).expect("JSON");
    store.remove_quick_reply(parcel.id).await.expect("removed");
    let again = store.remove_quick_reply(parcel.id).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    let gone = store.quick_reply(parcel.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
    store.restore(&serde_json::from_str(&snapshot).expect("read")).await.expect("put back");
    assert_eq!(store.quick_reply(parcel.id).await.expect("read"), parcel);
}

#[tokio::test]
async fn one_reply_too_many_is_refused() {
    let house = House::new().await;
    for _ in 0..REPLIES_MAX {
        house.store.add_quick_reply(&reply(b"x")).await.expect("written");
    }
    let refused = house.store.add_quick_reply(&reply(b"one more")).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    assert_eq!(house.store.quick_reply_names().await.expect("read").len(), REPLIES_MAX);
}
