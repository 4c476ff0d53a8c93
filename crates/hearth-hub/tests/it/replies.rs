//! Quick replies: what the house says at a door.

use bytes::Bytes;
use hearth_auth::{HouseGrant, ask};
use hearth_hub::{Hub, ReplyView, UseCaseError};
use hearth_media::g711::Law;
use hearth_model::{CameraId, RecordMode, ReplyId, Role, VisitState, VisitTrigger};
use hearth_sim::{CameraSpec, Fault, House, Sound};

use crate::{
    events::somebody,
    home::Home,
    watching::{
        add, add_as, allowed, allowed_on, described, house, new_camera, poll, still_camera,
    },
};

/// A WAV file of so many samples: G.711, which is kept as it is.
fn wave(samples: usize) -> Bytes {
    let mut file =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data"
            .to_vec();
    file.extend(u32::try_from(samples).expect("short").to_le_bytes());
    file.extend((0..samples).map(|at| (at % 251) as u8));
    file.into()
}

async fn added(hub: &Hub, name: &str, samples: usize) -> Result<ReplyView, UseCaseError> {
    hub.add_reply(&allowed(hub), name, wave(samples)).await
}

async fn say(hub: &Hub, camera: CameraId, reply: ReplyId) -> Result<Option<u32>, &'static str> {
    let said = hub.say_reply(allowed_on(hub, camera), reply).await;
    said.map(|said| said.visit.map(|_| said.millis)).map_err(|error| error.code)
}

/// Waits until a camera hears something of its so-manieth saying.
pub(crate) async fn heard(spec: &House, count: usize) {
    poll("something is heard", async || {
        (spec.heard("door").expect("a camera").len() >= count).then_some(())
    })
    .await;
}

pub(crate) fn door_camera() -> CameraSpec {
    still_camera("door").with_speaker(Sound::Pcma)
}

pub(crate) async fn door(hub: &Hub, spec: &House) -> CameraId {
    let mut new = new_camera(&described(spec, "door"), RecordMode::Event);
    new.settings.detection.visits = true;
    add_as(hub, new).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_rings_is_answered_through_the_loudspeaker() {
    let (home, spec) = (Home::new(), house(vec![door_camera()]).await);
    let hub = home.start().await;
    let camera = door(&hub, &spec).await;
    let reply = added(&hub, "  We are coming ", 1_000).await.expect("added");
    assert_eq!(reply.name.as_str(), "We are coming");
    // Nobody is there: it is said, and answers no visit.
    assert_eq!(say(&hub, camera, reply.id).await, Ok(None));
    let rung = hub.ring(allowed_on(&hub, camera), VisitTrigger::Button).await.expect("rung");
    assert_eq!(rung.state, VisitState::New);
    assert_eq!(say(&hub, camera, reply.id).await, Ok(Some(125)));
    let visit = hub.visit(&allowed(&hub), rung.id).await.expect("kept");
    assert_eq!(visit.state, VisitState::Answered);
    let heard = spec.heard("door").expect("a camera");
    assert_eq!(heard.len(), 2);
    let expected: Vec<u8> =
        (0..1_000).map(|at| Law::A.encode(Law::Mu.decode((at % 251) as u8))).collect();
    assert!(heard.iter().all(|saying| saying.samples.starts_with(&expected)));
    hub.shutdown().await;
    drop(hub);

    // promise: V-18. What people set up outlives the hub, and its index.
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        std::fs::remove_file(home.data().join(name)).ok();
    }
    let hub = home.start().await;
    assert_eq!(hub.replies(&allowed(&hub)).await.expect("read"), std::slice::from_ref(&reply));
    assert_eq!(say(&hub, camera, reply.id).await, Ok(None), "with its sound");
    hub.remove_reply(&allowed(&hub), reply.id).await.expect("removed");
    assert_eq!(say(&hub, camera, reply.id).await, Err("not_found"));
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_said_at_a_time_and_not_in_a_closed_house() {
    let (home, spec) = (Home::new(), house(vec![door_camera(), still_camera("hall")]).await);
    let hub = home.start().await;
    let (camera, hall) = (door(&hub, &spec).await, add(&hub, &spec, "hall").await);
    let long = added(&hub, "Long", 120_000).await.expect("added").id;
    assert_eq!(say(&hub, hall, long).await, Err("cannot_speak"));
    let start = || {
        let hub = hub.clone();
        tokio::spawn(async move { say(&hub, camera, long).await })
    };
    let first = start();
    heard(&spec, 1).await;
    assert_eq!(say(&hub, camera, long).await, Err("busy"));
    hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    assert_eq!(first.await.expect("it ends"), Err("privacy"));
    assert_eq!(say(&hub, camera, long).await, Err("privacy"), "and is not busy any more");
    assert_eq!(spec.heard("door").expect("a camera").len(), 1);
    hub.set_privacy(allowed(&hub), false, None).await.expect("opened");

    let broken = start();
    heard(&spec, 2).await;
    spec.fault("door", Fault::Drop).expect("a fault");
    assert_eq!(broken.await.expect("it ends"), Err("closed"));
    // Whoever asked is gone; it is said all the same.
    let asked = start();
    heard(&spec, 3).await;
    asked.abort();
    assert_eq!(say(&hub, camera, long).await, Err("busy"));
    hub.remove_camera(allowed_on(&hub, camera)).await.expect("removed");
    let again = door(&hub, &spec).await;
    let said = tokio::spawn({
        let hub = hub.clone();
        async move { say(&hub, again, long).await }
    });
    heard(&spec, 4).await;
    hub.shutdown().await;
    assert_eq!(said.await.expect("it ends"), Err("not_ready"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_files_are_checked() {
    let (home, spec) = (Home::new(), house(vec![door_camera()]).await);
    let hub = home.start().await;
    let camera = door(&hub, &spec).await;
    let code = async |name: &str, samples| added(&hub, name, samples).await.map_err(|e| e.code);
    assert_eq!(code(" ", 80).await, Err("bad_name"));
    assert_eq!(code(&"x".repeat(61), 80).await, Err("bad_name"));
    assert_eq!(code("Empty", 0).await, Err("bad_sound"));
    let long = added(&hub, "Long", 120_001).await.expect_err("too long");
    assert_eq!(long.fault.message, "A sound file lasts at most 15 seconds.");
    code("Parcel", 80).await.expect("added");
    assert_eq!(code("parcel", 80).await, Err("name_taken"));
    for number in 1..16 {
        code(&format!("Reply {number}"), 80).await.expect("added");
    }
    assert_eq!(code("One more", 80).await, Err("too_many"));
    assert_eq!(say(&hub, camera, ReplyId::new()).await, Err("not_found"));
    // Whoever may say nothing is not told what could be said.
    let guest = somebody(Role::Guest);
    let grant: HouseGrant<ask::ListCameras> = hub.policy().house(&guest).expect("may list");
    assert_eq!(hub.replies(&grant).await, Ok(Vec::new()));
    assert_eq!(hub.replies(&allowed(&hub)).await.expect("read").len(), 16);
    hub.shutdown().await;
}
