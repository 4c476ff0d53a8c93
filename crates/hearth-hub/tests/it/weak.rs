//! A camera that knows no better than to take its password in the clear.

use hearth_auth::ask;
use hearth_hub::Outcome;
use hearth_sim::Access;

use crate::{
    home::Home,
    watching::{add, allowed, house, still_camera, until_live},
};

/// promise: K-04, T-07. The weakness shows at the camera and in `doctor`, and a camera with a digest
/// does not have it.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_the_clear_is_shown() {
    let cameras = vec![
        still_camera("weak").with_access(Access::Basic),
        still_camera("sound").with_access(Access::Digest),
    ];
    let (home, house) = (Home::new(), house(cameras).await);
    let hub = home.start().await;
    let (weak, sound) = (add(&hub, &house, "weak").await, add(&hub, &house, "sound").await);
    assert!(until_live(&hub, weak).await.password_exposed);
    assert!(!until_live(&hub, sound).await.password_exposed);
    let report = hub.doctor(allowed::<ask::Maintain>(&hub)).await;
    let outcome = |camera| {
        let id = format!("camera.{camera}.password");
        report.checks.iter().find(|check| check.id == id).expect("a check").outcome
    };
    assert_ne!(outcome(weak), Outcome::Ok);
    assert_eq!(outcome(sound), Outcome::Ok);
    hub.shutdown().await;
}
