//! Speaking with whoever stands at a door.

use hearth_hub::{Family, Talk, TalkEnd, TalkState};
use hearth_media::g711::Law;
use hearth_model::{VisitState, VisitTrigger};

use crate::{
    devices::{self, new_device, speaking_lens},
    home::Home,
    replies::{door, door_camera, heard},
    watching::{add, allowed, allowed_on, house, poll, still_camera},
};

/// Waits until the camera listens.
async fn listening(talk: &mut Talk) {
    let mut state = talk.state();
    while !matches!(state, TalkState::Listening) {
        assert!(matches!(state, TalkState::Connecting), "{state:?}");
        state = talk.changed().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_speaks_is_heard_at_the_door_and_answers_the_visit() {
    let (home, spec) = (Home::new(), house(vec![door_camera(), still_camera("hall")]).await);
    let hub = home.start().await;
    let (camera, hall) = (door(&hub, &spec).await, add(&hub, &spec, "hall").await);
    let rung = hub.ring(allowed_on(&hub, camera), VisitTrigger::Button).await.expect("rung");

    let mut talk = hub.talk(allowed_on(&hub, camera)).expect("nobody speaks");
    // What is spoken before the camera listens is not lost.
    let words: Vec<u8> = (0..1_600).map(|at| (at % 97) as u8).collect();
    talk.hear(&words);
    listening(&mut talk).await;
    let busy = hub.talk(allowed_on(&hub, camera)).expect_err("somebody speaks");
    assert_eq!(busy.code, "busy");
    let done = talk.done().await.expect("said");
    assert_eq!((done.end, done.visit), (TalkEnd::Done, Some(rung.id)));
    let saying = spec.heard("door").expect("a camera").remove(0);
    let said: Vec<u8> = words.iter().map(|code| Law::A.encode(Law::Mu.decode(*code))).collect();
    let is_there = saying.samples.windows(said.len()).any(|heard| heard == said);
    assert!(is_there, "all of it, in one piece");
    let visit = hub.visit(&allowed(&hub), rung.id).await.expect("kept");
    assert_eq!(visit.state, VisitState::Answered);

    let mut silent = hub.talk(allowed_on(&hub, hall)).expect("nobody speaks");
    let TalkState::Over(Err(error)) = silent.changed().await else { panic!("it hears") };
    assert_eq!(error.code, "cannot_speak");
    hub.shutdown().await;
}

/// A camera whose RTSP knows no way back is a Tapo camera: it is spoken to as that.
#[tokio::test(flavor = "multi_thread")]
async fn a_camera_without_a_way_back_is_spoken_to_as_the_device_that_it_is() {
    let (home, spec) = (Home::new(), house(vec![still_camera("hall")]).await);
    let hub = home.start().await;
    let hall = add(&hub, &spec, "hall").await;
    let (eye, media) = speaking_lens().await;
    let mut new = new_device("Hall lens", Family::TapoCamera, eye.port());
    new.camera = Some(hall);
    devices::add(&hub, new).await;

    let mut talk = hub.talk(allowed_on(&hub, hall)).expect("nobody speaks");
    listening(&mut talk).await;
    talk.hear(&[Law::Mu.encode(9_000); 1_600]);
    assert_eq!(talk.done().await.expect("said").end, TalkEnd::Done);
    let code = Law::A.of_mu(&[Law::Mu.encode(9_000)])[0];
    let loud = media.talk().into_iter().filter(|byte| *byte == code).count();
    assert!(loud >= 1_600, "{loud} of 1600");
    hub.shutdown().await;
}

/// promise: T-12. A house that is closed says nothing, and whoever leaves without a word lets the
/// loudspeaker go.
#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_whoever_speaks_and_when_the_house_is_closed() {
    let (home, spec) = (Home::new(), house(vec![door_camera()]).await);
    let hub = home.start().await;
    let camera = door(&hub, &spec).await;
    let begin = async || {
        poll("the loudspeaker is free", async || hub.talk(allowed_on(&hub, camera)).ok()).await
    };
    let mut left = begin().await;
    listening(&mut left).await;
    drop(left);

    let mut talk = begin().await;
    listening(&mut talk).await;
    heard(&spec, 2).await;
    hub.set_privacy(allowed(&hub), true, None).await.expect("closed");
    let TalkState::Over(Err(error)) = talk.changed().await else { panic!("it goes on") };
    assert_eq!(error.code, "privacy");
    hub.set_privacy(allowed(&hub), false, None).await.expect("opened");

    let mut last = begin().await;
    listening(&mut last).await;
    let ended = tokio::spawn(async move { last.changed().await });
    hub.shutdown().await;
    let TalkState::Over(Err(error)) = ended.await.expect("it ends") else { panic!("it goes on") };
    assert_eq!(error.code, "not_ready");
}
