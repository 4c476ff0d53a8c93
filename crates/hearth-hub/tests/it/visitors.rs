//! Who rings and who only comes, alone and together: visits, names, messages and clips. A whole week
//! of it is `cargo xtask bench week`.

use std::sync::Arc;

use hearth_hub::{ChannelSettings, Hub, MatterKind, Subscribed, VisitView};
use hearth_model::{EventBody, Severity, VisitId, VisitTrigger};
use hearth_sim::{
    CameraSpec, HookCall, HookReceiver, House, HouseSpec, Portrait, SceneKind, SceneSpec, Visit,
    Visitor,
};

use crate::{
    home::Home,
    notifications::{managing, recipient},
    people::{add_photo, consent, door, eyes_run, name, photo, portrait_of, visits},
    rule_actions::channel,
    watching::{allowed, allowed_on, clip, fact, fact_after, frames, poll, until_live},
};

/// A door at which nobody is, and people who may come.
async fn quiet_door(portraits: Vec<Portrait>) -> House {
    let scene = SceneSpec::new(SceneKind::Garage, 1280, 720, 8);
    let scene = SceneSpec { seconds: 8, crossings: Some(Vec::new()), ..scene };
    let mut spec = HouseSpec::new("Test house", vec![CameraSpec::scene("door", scene, 0)]);
    spec.portraits = portraits.into_iter().map(Arc::new).collect();
    House::start(spec).await.expect("a house")
}

/// Somebody is told of rings and visits.
async fn told(hub: &Hub) -> HookReceiver {
    let hook = HookReceiver::start().await.expect("started");
    let settings = ChannelSettings::Webhook { url: hook.url() };
    let channel = channel(hub, settings, hook.secret(), &hook.certificate_sha256()).await;
    let mut new = recipient("Ben", channel, None);
    let of = |kind| Subscribed { kind, severity: Severity::Info, cameras: Vec::new() };
    new.matters = vec![of(MatterKind::Ring), of(MatterKind::Visit)];
    hub.add_recipient(&managing(hub), new).await.expect("added");
    hook
}

/// Those with these portraits come together; the first visit after a fact, once it has begun.
async fn come(hub: &Hub, spec: &House, portraits: &[usize], after: u64) -> (VisitId, u64) {
    let places: &[f32] = if portraits.len() == 1 { &[0.5] } else { &[0.3, 0.7] };
    let visitor = |(portrait, x): (&usize, &f32)| Visitor {
        portrait: *portrait,
        x: *x,
        height: 1.2,
        light: 1.0,
    };
    let people = portraits.iter().zip(places).map(visitor).collect();
    spec.visit("door", &Visit { people, seconds: 8.0 }).await.expect("nobody is there");
    let begun = |body: &EventBody| matches!(body, EventBody::VisitBegan { .. });
    let view = fact_after(hub, after, "the visit begins", begun).await;
    match view.detail.body {
        EventBody::VisitBegan { visit, .. } => (visit, view.seq),
        _ => unreachable!("it was waited for"),
    }
}

async fn over(hub: &Hub, visit: VisitId) -> VisitView {
    let ended =
        |body: &EventBody| matches!(body, EventBody::VisitEnded { visit: of, .. } if *of == visit);
    fact(hub, "the visit ends", ended).await;
    hub.visit(&allowed(hub), visit).await.expect("kept")
}

fn names(visit: &VisitView) -> Vec<Option<&str>> {
    let mut names: Vec<_> =
        visit.faces.iter().map(|face| face.name.as_ref().map(|name| name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The last that was told of a visit is this.
async fn is_told(hook: &HookReceiver, visit: VisitId, title: &str) {
    poll(title, async || {
        let taken = hook.taken();
        let last = taken.iter().rfind(|call| call.body["matter"] == visit.to_string())?;
        (last.body["title"] == title).then_some(())
    })
    .await;
}

/// promise: D-34, D-01. Who is known is named in the visit and in what is told, who is not never is,
/// alone or beside somebody known, and of each visit there is a clip.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_is_told_of_by_their_own_name() {
    let (Some(anna), Some(other)) = (photo("sample1.jpg"), photo("sample2.jpg")) else { return };
    let portraits = vec![portrait_of(&anna).await, portrait_of(&other).await];
    let (home, spec) = (Home::with_eyes(), quiet_door(portraits).await);
    let hub = home.start().await;
    eyes_run(&hub).await;
    let person = hub.add_person(&allowed(&hub), name("Anna"), consent()).await.expect("added");
    assert_eq!(add_photo(&hub, person.id, &anna, Some(0)).await, Ok(()));
    let hook = told(&hub).await;
    let door = door(&hub, &spec, "door", true).await;
    until_live(&hub, door).await;

    let (alone, seq) = come(&hub, &spec, &[0], 0).await;
    let alone = over(&hub, alone).await;
    assert_eq!((alone.trigger, names(&alone)), (VisitTrigger::Approach, vec![Some("Anna")]));
    is_told(&hook, alone.id, "Anna is at the door").await;

    let (stranger, seq) = come(&hub, &spec, &[1], seq).await;
    let rung = hub.ring(allowed_on(&hub, door), VisitTrigger::Button).await.expect("rung");
    assert_eq!(rung.id, stranger, "whoever was seen coming rang");
    let stranger = over(&hub, stranger).await;
    assert_eq!((stranger.trigger, names(&stranger)), (VisitTrigger::Button, vec![None]));
    is_told(&hook, stranger.id, "Somebody unknown rings").await;

    let (both, _) = come(&hub, &spec, &[0, 1], seq).await;
    hub.ring(allowed_on(&hub, door), VisitTrigger::Button).await.expect("rung");
    let both = over(&hub, both).await;
    assert_eq!(names(&both), [None, Some("Anna")]);
    is_told(&hook, both.id, "Anna and somebody unknown ring").await;

    let names_anna = |call: &HookCall| call.body["title"].to_string().contains("Anna");
    let of_stranger = stranger.id.to_string();
    let wrong = hook
        .taken()
        .into_iter()
        .find(|call| call.body["matter"] == of_stranger && names_anna(call));
    assert_eq!(wrong, None, "nobody else is ever called Anna");
    for visit in visits(&hub).await {
        let range = hearth_model::TimeRange::new(visit.started_at, visit.ended_at.expect("over"));
        let (_, bytes) = clip(&hub, door, range.expect("it lasted")).await;
        assert!(!frames(bytes).is_empty(), "no pictures of {}", visit.id);
    }
    hub.shutdown().await;
}
