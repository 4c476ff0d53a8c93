use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;

use hearth_auth::{Session, SessionToken};
use hearth_model::CameraId;

use super::{House, at, key, puts, segment, settings, user};
use crate::Store;

/// promise: V-18. A copy of the database is whole, private, and of one moment, while others write.
#[tokio::test]
async fn a_copy_is_whole_and_private_while_others_write() {
    let house = House::new().await;
    let camera = CameraId::new();
    house.store.add_camera(camera, &settings("Door"), Some(b"sealed"), at(0)).await.expect("added");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("with ' and space.db");
    let segments: Vec<_> = (0..600).map(|n| segment(camera, n, n + 1)).collect();
    house.store.commit_segments(&puts(&segments[..300])).await.expect("written");
    let (copied, written) = tokio::join!(house.store.copy_to(&path), async {
        for segment in &segments[300..] {
            house.store.commit_segments(&puts(std::slice::from_ref(segment))).await?;
        }
        Ok::<_, crate::StoreError>(())
    });
    copied.expect("copied");
    written.expect("written meanwhile");
    let mode = std::fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copy = Store::open(&path, &key()).await.expect("opens");
    copy.quick_check().await.expect("sound");
    assert_eq!(copy.camera(camera).await.expect("there").credentials, Some(b"sealed".to_vec()));
    let known = copy.usage().await.expect("sums")[0].segments;
    assert!((300..=600).contains(&known), "{known}");
    assert!(house.store.copy_to(&path).await.is_err(), "nothing is overwritten");
    assert!(path.exists());
}

#[tokio::test]
async fn a_restored_database_forgets_sessions_and_footage_that_is_not_there() {
    let house = House::new().await;
    let camera = CameraId::new();
    let anna = user("Anna");
    house.store.add_user(&anna).await.expect("added");
    let token = SessionToken::generate();
    let session = Session::begin(anna.id, Ipv4Addr::LOCALHOST.into(), "", at(0));
    house.store.add_session(&token.hash(), &session, &anna.password).await.expect("added");
    let segments: Vec<_> = (0..1_200).map(|n| segment(camera, n, n + 1)).collect();
    house.store.commit_segments(&puts(&segments)).await.expect("written");
    let kept = segments[7].id;
    let forgotten = house.store.keep_segments(|segment| segment.id == kept).await.expect("looked");
    assert_eq!(forgotten, 1_199);
    house.store.segment(kept).await.expect("there");
    assert_eq!(house.store.usage().await.expect("sums")[0].segments, 1);
    assert_eq!(house.store.end_all_access().await.expect("ended"), 1);
    assert!(house.store.signed_in(&token.hash()).await.expect("asked").is_none());
}
