use hearth_model::CameraId;

use super::{House, noticed, puts, segment};
use crate::{EventFilter, StoreError};

/// promise: D-23. Many writers and readers at once: nothing is lost, nothing is torn.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_and_readers_lose_nothing() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let tasks: Vec<_> = (0..16_i64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let start = (writer * 10 + round) * 60;
                    let pair = [
                        segment(camera, start, start + 30),
                        segment(camera, start + 30, start + 60),
                    ];
                    store.commit_segments(&puts(&pair)).await.expect("written");
                    store.append_event(&noticed(camera, start, "car")).await.expect("appended");
                    let usage = store.usage().await.expect("read");
                    assert_eq!(usage[0].segments % 2, 0, "a pair is seen whole");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(store.usage().await.expect("read")[0].segments, 320);
    let filter = EventFilter { limit: 500, ..EventFilter::default() };
    assert_eq!(store.events(&filter).await.expect("read").len(), 160);
    assert!(store.recount_usage().await.expect("counted"));
}

#[tokio::test]
async fn an_abandoned_write_leaves_nothing_and_blocks_nobody() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let mut write = store.begin().await.expect("begun");
    let sql = "INSERT INTO camera_usage (camera, segments, bytes) VALUES ($1, 1, 1)";
    let query = sqlx::query(sql).bind(camera.as_bytes().to_vec());
    query.execute(write.connection()).await.expect("written");
    drop(write);
    store.commit_segments(&puts(&[segment(camera, 0, 60)])).await.expect("written");
    assert_eq!(store.usage().await.expect("read")[0].segments, 1);
}

#[tokio::test]
async fn readers_cannot_write() {
    let House { store, folder: _folder } = House::new().await;
    let refused = sqlx::query("DELETE FROM users").execute(store.readers()).await;
    assert!(matches!(StoreError::from(refused.expect_err("read-only")), StoreError::Disk(_)));
}
