//! Who may know of what: rights that are taken away, visits that are erased, chats that ask.

use std::collections::BTreeMap;

use hearth_auth::{AccountGrant, Action, CameraAccess, HouseGrant, Principal, ask};
use hearth_hub::{
    ChannelSettings, Escalation, EscalationStep, Hub, Matter, MatterKind, NewChannel, NewRecipient,
    NewSubscription, NewUser, RecipientView, Subscribed, UserPatch, VisitFilter,
};
use hearth_model::{CameraId, RecordMode, Role, Severity, UserId, VisitTrigger};
use hearth_sim::{NotifyFault, PushRelay};

use crate::{
    home::{HOUR, Home, SECOND},
    identity::{PASSWORD, peer},
    notifications::{Told, is, managing, matter, recipient, settling},
    watching::{add_as, allowed, allowed_on, described, house, new_camera, poll, still_camera},
};

fn people(hub: &Hub) -> HouseGrant<ask::ManageUsers> {
    hub.policy().house(&Principal::Owner).expect("the owner may")
}

async fn camera(hub: &Hub, spec: &hearth_sim::House, name: &str) -> CameraId {
    add_as(hub, new_camera(&described(spec, name), RecordMode::Off)).await
}

async fn person(hub: &Hub, name: &str) -> (UserId, AccountGrant) {
    let new = NewUser {
        name: name.to_owned(),
        role: Role::Viewer,
        password: Some(PASSWORD.into()),
        expires_at: None,
        camera_access: CameraAccess::default(),
    };
    let user = hub.add_user(&people(hub), new).await.expect("added").user.id;
    let signed_in = hub.sign_in(name, PASSWORD.into(), &peer()).await.expect("right");
    (user, hub.policy().account(&signed_in.session.principal).expect("a person"))
}

async fn set_up_browsers(hub: &Hub, relay: &PushRelay) {
    let channel = NewChannel {
        name: "Browsers".to_owned(),
        enabled: true,
        settings: ChannelSettings::WebPush { contact: "mailto:anna@house.example".to_owned() },
        secret: None,
        private_network: false,
        certificate: Some(relay.certificate_sha256().parse().expect("a fingerprint")),
    };
    hub.add_channel(&managing(hub), channel).await.expect("added");
}

fn browser(relay: &PushRelay) -> NewSubscription {
    let said = relay.subscription();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    NewSubscription {
        name: "Phone".to_owned(),
        endpoint: text(&said["endpoint"]).as_str().into(),
        p256dh: text(&said["keys"]["p256dh"]),
        auth: text(&said["keys"]["auth"]).as_str().into(),
        content: None,
        matters: None,
        quiet_hours: Vec::new(),
    }
}

fn visit(camera: CameraId, number: u32) -> Matter {
    let correlation = format!("vis_{number}");
    Matter { camera: Some(camera), ..matter(MatterKind::Visit, Severity::Info, &correlation) }
}

async fn allow(hub: &Hub, user: UserId, camera: CameraId, actions: &[Action]) {
    let actions = actions.iter().copied().collect();
    let cameras = BTreeMap::from([(camera, actions)]);
    let camera_access = Some(CameraAccess { only_listed: false, cameras });
    let patch = UserPatch { camera_access, ..UserPatch::default() };
    hub.change_user(&people(hub), user, patch).await.expect("changed");
}

/// promise: T-05, D-13. A right that is taken away counts for what waits as well: without the right
/// to faces nobody is named, without the right to look back nothing arrives, and with the account
/// its browsers go.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_counts_for_what_waits() {
    let (home, spec) = (Home::new(), house(vec![still_camera("door")]).await);
    let hub = home.start().await;
    let door = camera(&hub, &spec, "door").await;
    let relay = PushRelay::start().await.expect("started");
    set_up_browsers(&hub, &relay).await;
    let (ben, account) = person(&hub, "ben").await;
    hub.subscribe_browser(&account, browser(&relay)).await.expect("subscribed");
    let deliveries = async || {
        let all = hub.deliveries(&settling(&hub), hearth_hub::DeliveryQuery::default()).await;
        all.expect("read").deliveries
    };
    let told_next = async |tries: usize, number: u32| {
        // What much resembles it is not told for a minute.
        home.step_clock(HOUR);
        relay.fault(NotifyFault::Failing);
        hub.notify(visit(door, number)).await;
        relay.wait_for_tries(tries).await;
    };
    let goes_on = || {
        relay.fault(NotifyFault::None);
        home.step_clock(HOUR / 4);
    };

    hub.notify(visit(door, 1)).await;
    let shown = relay.wait_for(1).await.remove(0);
    assert_eq!(shown.payload["title"], "Ben Example: vis_1");

    told_next(2, 2).await;
    allow(&hub, ben, door, &[Action::Live, Action::Playback]).await;
    goes_on();
    let shown = relay.wait_for(2).await.remove(1);
    let words = (&shown.payload["title"], &shown.payload["body"]);
    assert_eq!(words, (&"A visit".into(), &"door".into()));
    poll("it says that less was told", async || {
        let all = deliveries().await;
        all.iter()
            .any(|one| one.error.as_deref().is_some_and(|e| e.contains("told less")))
            .then_some(())
    })
    .await;
    // From now on it is not even kept for them.
    home.step_clock(HOUR);
    hub.notify(visit(door, 3)).await;
    let shown = relay.wait_for(3).await.remove(2);
    assert_eq!(shown.payload["title"], "A visit");

    let tries = relay.tries();
    told_next(tries + 1, 4).await;
    allow(&hub, ben, door, &[Action::Live]).await;
    goes_on();
    poll("it is withdrawn", async || {
        let all = deliveries().await;
        let is_withdrawn = |one: &hearth_hub::DeliveryView| {
            is(one, "dead") && one.error.as_deref().is_some_and(|e| e.contains("may not know"))
        };
        all.iter().any(is_withdrawn).then_some(())
    })
    .await;
    let withdrawn = deliveries().await.into_iter().find(|one| is(one, "dead")).expect("it is");
    let again = hub.replay_delivery(&settling(&hub), withdrawn.id).await;
    assert_eq!(again.expect_err("erased").code, "expired");
    hub.notify(visit(door, 5)).await;
    assert_eq!((relay.taken().len(), deliveries().await.len()), (3, 4));

    let everything = [Action::Live, Action::Playback, Action::Faces];
    allow(&hub, ben, door, &everything).await;
    let tries = relay.tries();
    told_next(tries + 1, 6).await;
    hub.remove_user(&people(&hub), ben).await.expect("removed");
    assert!(hub.recipients(&managing(&hub)).await.expect("read").is_empty());
    assert!(deliveries().await.is_empty());
    goes_on();
    hub.shutdown().await;
    assert_eq!(relay.taken().len(), 3, "nothing more arrived");
}

/// A browser at which somebody else signs in is told nothing more of what the one before set up.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_changes_hands_takes_nothing_along() {
    let home = Home::new();
    let hub = home.start().await;
    let relay = PushRelay::start().await.expect("started");
    set_up_browsers(&hub, &relay).await;
    let (_, anna) = person(&hub, "anna").await;
    let (_, ben) = person(&hub, "ben").await;
    let of_anna = hub.subscribe_browser(&anna, browser(&relay)).await.expect("subscribed").id;
    let step = EscalationStep { after_seconds: 300, recipients: vec![of_anna] };
    let escalation = Escalation { severity: Severity::Critical, steps: vec![step] };
    hub.set_escalation(&managing(&hub), escalation).await.expect("set");
    let of_ben = hub.subscribe_browser(&ben, browser(&relay)).await.expect("subscribed").id;
    assert_ne!(of_anna, of_ben);
    assert!(hub.escalation(&managing(&hub)).steps.is_empty());
    assert!(hub.web_push(&anna).subscriptions.is_empty());
    let ids = |all: Vec<RecipientView>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(hub.recipients(&managing(&hub)).await.expect("read")), [of_ben]);

    // And one account's browsers leave room for everybody else.
    let cameras: Vec<CameraId> = (0..64).map(|_| CameraId::new()).collect();
    let large = Subscribed { kind: MatterKind::Ring, severity: Severity::Info, cameras };
    let large = NewSubscription { matters: Some(vec![large; 16]), ..browser(&relay) };
    let refused = hub.subscribe_browser(&ben, large).await.expect_err("too large");
    assert_eq!(refused.code, "too_many");
    assert_eq!(hub.web_push(&ben).subscriptions.len(), 1, "the one before stays");
    hub.shutdown().await;
}

/// promise: V-16. What waits to be told of a visit goes with the visit.
#[tokio::test(flavor = "multi_thread")]
async fn a_visit_that_is_removed_is_not_told_any_more() {
    let spec = house(vec![still_camera("door")]).await;
    let told = Told::at(Home::new()).await;
    let mut new = new_camera(&described(&spec, "door"), RecordMode::Off);
    new.settings.detection.visits = true;
    let door = add_as(&told.hub, new).await;
    told.add_chat("Ben", "1").await;
    told.api.fault(NotifyFault::Failing);
    let grant = allowed_on(&told.hub, door);
    let rung = told.hub.ring(grant, VisitTrigger::Button).await.expect("rung").id;
    told.api.wait_for_tries(1).await;
    told.home.step_clock(60 * SECOND);
    let removed = poll("the visit is over", async || {
        told.hub.remove_visit(&allowed(&told.hub), rung).await.ok()
    });
    removed.await;
    let filter = VisitFilter { limit: 10, ..VisitFilter::default() };
    let left = told.hub.visits(&allowed(&told.hub), filter).await.expect("read");
    assert!(left.visits.is_empty());
    let all = told.deliveries().await;
    assert!(all.len() == 1 && is(&all[0], "dead"), "{all:?}");
    let again = told.hub.replay_delivery(&settling(&told.hub), all[0].id).await;
    assert_eq!(again.expect_err("erased").code, "expired");
    told.api.fault(NotifyFault::None);
    told.home.step_clock(HOUR);
    told.hub.shutdown().await;
    assert!(told.api.taken().is_empty());
}

/// promise: V-01, T-05. A chat that may ask is answered with what it is told of, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_asks_only_for_what_it_is_told_of() {
    let spec = house(vec![still_camera("door"), still_camera("bedroom")]).await;
    let told = Told::at(Home::new()).await;
    let door = camera(&told.hub, &spec, "door").await;
    camera(&told.hub, &spec, "bedroom").await;
    let rings =
        Subscribed { kind: MatterKind::Ring, severity: Severity::Info, cameras: vec![door] };
    let new = NewRecipient {
        commands: true,
        matters: vec![rings],
        ..recipient("Ben", told.channel, Some("1"))
    };
    told.add(new.clone()).await;
    told.add_chat("Anna", "2").await;
    let least = NewRecipient {
        content: hearth_hub::NotificationContent::SomethingHappened,
        address: Some("3".to_owned()),
        ..new
    };
    told.add(least).await;
    told.hub.notify(matter(MatterKind::Incident, Severity::Critical, "inc_1")).await;
    told.until_sent(1).await;
    let now = told.now().as_micros() / SECOND;
    let mut count = 1;
    let mut ask = async |chat: i64, text: &str| {
        told.api.write(chat, text, now);
        count += 1;
        told.api.wait_for(count).await.remove(count - 1)
    };
    // Groups and chats that are nobody's get no answer, which would be counted below.
    for stranger in [-1_001_234, 77] {
        for text in ["/status", "/snapshot door", "/ack", "hello"] {
            told.api.write(stranger, text, now);
        }
    }
    let status = ask(1, "/status").await.text;
    assert!(status.contains("door") && !status.contains("bedroom"), "{status}");
    assert!(!status.contains("incidents"), "it is told of none: {status}");
    let refused = ask(1, "/snapshot bedroom").await;
    assert_eq!((refused.text.as_str(), refused.picture), ("There is no such camera.", None));
    assert_eq!(ask(1, "/ack").await.text, "Nothing waits for an answer.");
    assert_eq!(ask(1, "/ack inc_1").await.text, "No such matter waits for an answer.");
    let status = ask(3, "/status").await.text;
    assert!(status.contains("of 1 cameras live") && !status.contains("door"), "{status}");
    assert_eq!(ask(3, "/snapshot").await.text, "This chat is not sent pictures.");
    let open = told.hub.matters(&settling(&told.hub), false).await.expect("read");
    assert_eq!(open.len(), 1, "nobody who was told has answered");
    told.hub.shutdown().await;
    let chats = told.api.taken().into_iter().map(|one| one.chat);
    assert!(chats.into_iter().all(|chat| ["1", "2", "3"].contains(&chat.as_str())));
}
