//! The watch list.

use hearth_model::{SampleId, WallTime, WatchedId};

use super::House;
use crate::{StoreError, StoredWatched, WATCHED_MAX, WATCHED_PICTURES_MAX};

fn somebody(sealed: &[u8]) -> StoredWatched {
    let created_at = WallTime::from_micros(1_000);
    StoredWatched { id: WatchedId::new(), sealed: sealed.to_vec(), created_at }
}

/// promise: V-18. What people set up survives the loss of the index.
#[tokio::test]
async fn somebody_on_the_watch_list_goes_with_their_pictures_and_comes_back_with_the_snapshot() {
    let House { store, folder: _folder } = House::new().await;
    let (one, other) = (somebody(b"one"), somebody(b"other"));
    let picture = SampleId::new();
    store.put_watched(&one, &[(picture, b"jpeg".to_vec())]).await.expect("written");
    store.put_watched(&other, &[]).await.expect("written");
    let changed = StoredWatched { sealed: b"changed".to_vec(), ..one.clone() };
    store.put_watched(&changed, &[]).await.expect("written");
    let all = store.watched().await.expect("read");
    assert!(all.len() == 2 && all.contains(&changed) && all.contains(&other));
    assert_eq!(store.watched_picture(picture).await.expect("read"), Some(b"jpeg".to_vec()));
    let snapshot = store.snapshot().await.expect("taken");

    store.remove_watched(one.id).await.expect("removed");
    assert_eq!(store.watched_picture(picture).await.expect("read"), None);
    let again = store.remove_watched(one.id).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    store.restore(&snapshot).await.expect("put back");
    assert_eq!(store.watched().await.expect("read"), all);
}

#[tokio::test]
async fn there_is_an_end_to_the_watch_list() {
    let House { store, folder: _folder } = House::new().await;
    let one = somebody(b"x");
    let picture = |_| (SampleId::new(), b"jpeg".to_vec());
    let many: Vec<_> = (0..WATCHED_PICTURES_MAX).map(picture).collect();
    store.put_watched(&one, &many).await.expect("fits");
    let refused = store.put_watched(&one, &[picture(0)]).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    store.remove_watched_picture(many[0].0).await.expect("removed");
    store.put_watched(&one, &[picture(0)]).await.expect("fits again");
    for _ in 1..WATCHED_MAX {
        store.put_watched(&somebody(b"x"), &[]).await.expect("fits");
    }
    let refused = store.put_watched(&somebody(b"x"), &[]).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    assert_eq!(store.watched().await.expect("read").len(), WATCHED_MAX);
}
