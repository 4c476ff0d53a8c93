//! Facts: listed, paged, filtered, followed, and kept from those who may not know them.

use hearth_auth::{Principal, UserName, ask};
use hearth_hub::{EventFeed, EventQuery, EventView, FeedItem, Hub};
use hearth_model::{CameraId, EventKind, RecordMode, Role, SessionId, SourceUrl, UserId};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    home::{Home, SECOND},
    identity::{PASSWORD, peer},
    watching::{PATIENCE, add_as, allowed, described, house, new_camera, still_camera},
};

pub(crate) fn somebody(role: Role) -> Principal {
    let name = UserName::new("somebody").expect("a name");
    Principal::User { user: UserId::new(), name, role, session: SessionId::new() }
}

/// Adds cameras where nobody answers: each addition is a fact.
async fn add_dead_cameras(hub: &Hub, names: &[&str]) -> Vec<CameraId> {
    let house = house(vec![still_camera("model")]).await;
    let model = new_camera(&described(&house, "model"), RecordMode::Off);
    house.stop().await;
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("bound").port()
    };
    let mut ids = Vec::new();
    for name in names {
        let mut new = model.clone();
        new.settings.name = hearth_model::CameraName::new(name).expect("a name");
        let url = format!("rtsp://127.0.0.1:{port}/{name}");
        (new.settings.url, _) = SourceUrl::parse(&url).expect("a URL");
        ids.push(add_as(hub, new).await);
    }
    ids
}

async fn listed(hub: &Hub, query: EventQuery) -> (Vec<EventView>, Option<String>) {
    let page = hub.events(allowed(hub), query).await.expect("facts");
    (page.events, page.next)
}

fn additions() -> EventQuery {
    EventQuery { kinds: vec![EventKind::CameraAdded], ..EventQuery::default() }
}

/// Waits until so many additions are listed: facts are stored a moment after they happened.
async fn all_additions(hub: &Hub, count: usize) -> Vec<EventView> {
    crate::watching::poll("facts are stored", async || {
        let (events, _) = listed(hub, additions()).await;
        (events.len() == count).then_some(events)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_listed_by_page_and_by_filter() {
    let home = Home::new();
    let hub = home.start().await;
    let ids = add_dead_cameras(&hub, &["a", "b", "c", "d", "e"]).await;
    let all = all_additions(&hub, 5).await;
    let mut newest_first = ids.clone();
    newest_first.reverse();
    assert_eq!(all.iter().filter_map(|view| view.camera).collect::<Vec<_>>(), newest_first);
    assert_eq!(all[0].camera_name.as_ref().map(|name| name.as_str()), Some("e"));

    let (mut paged, mut before, mut sizes) = (Vec::new(), None, Vec::new());
    loop {
        let query = EventQuery { limit: 2, before, ..additions() };
        let (events, next) = listed(&hub, query).await;
        sizes.push(events.len());
        paged.extend(events.into_iter().map(|view| view.seq));
        before = next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(paged, all.iter().map(|view| view.seq).collect::<Vec<_>>());

    let of_one = EventQuery { camera: Some(ids[2]), ..EventQuery::default() };
    let (events, _) = listed(&hub, of_one).await;
    assert!(!events.is_empty() && events.iter().all(|view| view.camera == Some(ids[2])));
    let between = EventQuery { from: Some(all[3].at), to: Some(all[1].at), ..additions() };
    let (events, _) = listed(&hub, between).await;
    assert_eq!(events.iter().map(|view| view.seq).collect::<Vec<_>>(), [all[2].seq, all[3].seq]);
    let later = EventQuery { from: Some(all[0].at.plus_micros(SECOND)), ..additions() };
    assert!(listed(&hub, later).await.0.is_empty());

    let refused = async |query| hub.events(allowed(&hub), query).await.expect_err("refused").code;
    let nonsense = EventQuery { before: Some("; DROP".to_owned()), ..EventQuery::default() };
    assert_eq!(refused(nonsense).await, "bad_cursor");
    let unknown = EventQuery { camera: Some(CameraId::new()), ..EventQuery::default() };
    assert_eq!(refused(unknown).await, "not_found");
    hub.shutdown().await;
}

/// The next fact of a feed.
async fn next(feed: &mut EventFeed) -> EventView {
    let told = timeout(PATIENCE, async {
        loop {
            match feed.next().await.expect("the hub runs") {
                FeedItem::Event(view) => return *view,
                FeedItem::Status(_) | FeedItem::Readings(_) => {}
                FeedItem::Gone => panic!("nothing is gone"),
            }
        }
    });
    told.await.expect("in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let home = Home::new();
    let hub = home.start().await;
    add_dead_cameras(&hub, &["a", "b", "c"]).await;
    let mut first = hub.follow(allowed(&hub), Some(0)).await.expect("a feed");
    let mut told = Vec::new();
    while told.iter().filter(|view: &&EventView| view.kind == EventKind::CameraAdded).count() < 3 {
        told.push(next(&mut first).await);
    }
    let numbers: Vec<u64> = told.iter().map(|view| view.seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");

    // Comes back after the first fact, and goes on to those that happen while it listens.
    let mut second = hub.follow(allowed(&hub), Some(numbers[0])).await.expect("a feed");
    add_dead_cameras(&hub, &["d"]).await;
    let (mut expected, mut additions) = (numbers[0], 0);
    while additions < 3 {
        let view = next(&mut second).await;
        expected += 1;
        assert_eq!(view.seq, expected);
        additions += usize::from(view.kind == EventKind::CameraAdded && view.seq > numbers[0]);
    }

    let mut lost = hub.follow(allowed(&hub), Some(1_000_000)).await.expect("a feed");
    assert!(matches!(lost.next().await, Some(FeedItem::Gone)));
    hub.shutdown().await;
    let ended = timeout(PATIENCE, async { while lost.next().await.is_some() {} });
    assert!(ended.await.is_ok(), "a feed ends with the hub");
}

/// promise: T-05. A guest reads no facts at all, and a viewer none about sign-ins: neither listed,
/// nor asked for by kind, nor as they happen.
#[tokio::test(flavor = "multi_thread")]
async fn facts_are_kept_from_those_who_may_not_know_them() {
    let home = Home::new();
    let mut config = home.config();
    config.admin_password = Some(PASSWORD.into());
    let hub = Hub::start(config).await.expect("the hub starts");
    let guest = somebody(Role::Guest);
    assert!(hub.policy().house::<ask::ReadEvents>(&guest).is_err());

    let viewer = somebody(Role::Viewer);
    let may = || hub.policy().house::<ask::ReadEvents>(&viewer).expect("viewers may");
    let mut feed = hub.follow(may(), None).await.expect("a feed");
    hub.sign_in("admin", PASSWORD.into(), &peer()).await.expect("signed in");
    hub.sign_in("admin", "wrong".into(), &peer()).await.expect_err("wrong");
    add_dead_cameras(&hub, &["a"]).await;
    all_additions(&hub, 1).await;
    assert_eq!(next(&mut feed).await.kind, EventKind::CameraAdded, "what came before is not told");

    let seen = async |query| hub.events(may(), query).await.expect("facts").events;
    let secret = [EventKind::SignedIn, EventKind::SignInFailed];
    let all = seen(EventQuery::default()).await;
    assert!(!all.is_empty() && all.iter().all(|view| !secret.contains(&view.kind)), "{all:?}");
    let asked = EventQuery { kinds: secret.to_vec(), ..EventQuery::default() };
    assert!(seen(asked.clone()).await.is_empty());
    assert_eq!(listed(&hub, asked).await.0.len(), 2, "the owner sees both");
    hub.shutdown().await;
}
