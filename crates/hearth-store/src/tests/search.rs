//! Facts found by words and ids, counted, and erased with their words; questions that are kept.

use hearth_model::{
    CameraId, ConversationId, DeviceId, Event, EventBody, EventKind, IncidentId, SavedSearchId,
    Severity, ZoneId,
};
use sqlx::Row as _;

use super::{House, at, ended, label, noticed};
use crate::{
    CONVERSATIONS_PER_OWNER_MAX, EventFilter, EventRow, EventSearch, SAVED_SEARCHES_PER_OWNER_MAX,
    StoreError, StoredConversation, StoredSearch,
};

fn incident(seconds: i64, title: &str) -> Event {
    let (incident, about) = (IncidentId::new(), "matters".to_owned());
    let title = title.to_owned();
    let severity = Severity::Warning;
    Event::new(at(seconds), EventBody::IncidentOpened { incident, about, severity, title })
}

fn in_zones(camera: CameraId, seconds: i64, zones: &[ZoneId]) -> Event {
    let mut event = noticed(camera, seconds, "person");
    if let EventBody::ActivityNoticed { zones: of, .. } = &mut event.body {
        *of = zones.to_vec();
    }
    event
}

fn words(groups: &[&[&str]]) -> EventSearch {
    let group = |group: &&[&str]| group.iter().map(|word| (*word).to_owned()).collect();
    EventSearch { words: groups.iter().map(group).collect(), ..search(EventFilter::default()) }
}

fn search(filter: EventFilter) -> EventSearch {
    EventSearch { filter, ..EventSearch::default() }
}

async fn found(house: &House, search: &EventSearch) -> Vec<i64> {
    let rows = house.store.search_events(search).await.expect("read");
    let counted = house.store.count_events(search).await.expect("counted");
    assert_eq!(counted, rows.len() as u64, "{search:?}");
    rows.iter().map(seconds_of).collect()
}

fn seconds_of(row: &EventRow) -> i64 {
    row.event.at.micros_since(at(0)) / 1_000_000
}

#[tokio::test]
async fn facts_are_found_by_all_words_of_their_texts() {
    let house = House::new().await;
    let facts = [
        incident(1, "Ten failed sign-ins from Łódź"),
        incident(2, "The battery of a sensor is low"),
        incident(3, "Low light, and failed pictures"),
    ];
    house.store.append_events(&facts).await.expect("appended");
    assert_eq!(found(&house, &words(&[&["failed"]])).await, [3, 1]);
    assert_eq!(found(&house, &words(&[&["failed"], &["lodz"]])).await, [1]);
    assert_eq!(found(&house, &words(&[&["lodz", "battery"]])).await, [2, 1]);
    assert_eq!(found(&house, &words(&[&["failed", "low"]])).await, [3, 2, 1], "each once");
    assert_eq!(found(&house, &words(&[&["nothing"]])).await, Vec::<i64>::new());
    assert_eq!(found(&house, &words(&[&["failed"], &[]])).await, Vec::<i64>::new());
    let oldest = EventSearch { oldest_first: true, ..words(&[&["failed"]]) };
    assert_eq!(found(&house, &oldest).await, [1, 3]);
}

/// promise: T-05. Words find nothing of cameras and kinds that were not asked for.
#[tokio::test]
async fn words_do_not_reach_beyond_the_filter() {
    let house = House::new().await;
    let (one, other, zone) = (CameraId::new(), CameraId::new(), ZoneId::new());
    let facts =
        [in_zones(one, 1, &[zone]), in_zones(other, 2, &[zone]), incident(3, "a house matter")];
    house.store.append_events(&facts).await.expect("appended");
    let zone = zone.to_string();
    let of = |cameras: Option<Vec<CameraId>>, is_house, word: &str| {
        let filter = EventFilter { cameras, house: is_house, ..EventFilter::default() };
        EventSearch { filter, ..words(&[&[word]]) }
    };
    assert_eq!(found(&house, &of(None, true, &zone)).await, [2, 1]);
    assert_eq!(found(&house, &of(Some(vec![one]), true, &zone)).await, [1]);
    assert_eq!(found(&house, &of(Some(vec![]), true, &zone)).await, Vec::<i64>::new());
    assert_eq!(found(&house, &of(Some(vec![one]), true, "matter")).await, [3]);
    assert_eq!(found(&house, &of(Some(vec![one]), false, "matter")).await, Vec::<i64>::new());
    let mut kinds = of(None, true, "matter");
    kinds.filter.kinds = vec![EventKind::ActivityNoticed];
    assert_eq!(found(&house, &kinds).await, Vec::<i64>::new());
    kinds.filter.house = false;
    kinds.filter.kinds = vec![EventKind::IncidentOpened];
    assert_eq!(found(&house, &kinds).await, Vec::<i64>::new());
}

#[tokio::test]
async fn zones_that_become_known_later_find_the_activity() {
    let house = House::new().await;
    let (camera, first, later) = (CameraId::new(), ZoneId::new(), ZoneId::new());
    let begun = in_zones(camera, 1, &[first]);
    let body = EventBody::ActivityRecognized {
        camera,
        activity: begun.id,
        label: label("person"),
        score: 0.9,
        area: hearth_model::Rect { x: 0.0, y: 0.0, w: 0.1, h: 0.1 },
        zones: vec![first, later],
        directions: vec![hearth_model::Direction::Left],
    };
    house.store.append_events(&[begun, Event::new(at(5), body)]).await.expect("appended");
    for zone in [first, later] {
        assert_eq!(found(&house, &words(&[&[&zone.to_string()]])).await, [1]);
    }
}

#[tokio::test]
async fn facts_of_a_device_are_found_by_its_id_and_not_by_its_name() {
    let house = House::new().await;
    let device = DeviceId::new();
    let body = EventBody::DeviceNoticed {
        device,
        name: "Annas Klingel".to_owned(),
        camera: None,
        what: "motion".to_owned(),
    };
    house.store.append_event(&Event::new(at(1), body)).await.expect("appended");
    assert_eq!(found(&house, &words(&[&[&device.to_string()]])).await, [1]);
    assert_eq!(found(&house, &words(&[&["motion"]])).await, [1]);
    assert_eq!(found(&house, &words(&[&["annas"]])).await, Vec::<i64>::new());
}

#[tokio::test]
async fn labels_are_alternatives_and_counted_without_pages() {
    let house = House::new().await;
    let camera = CameraId::new();
    let mut facts: Vec<Event> = (0..700).map(|second| noticed(camera, second, "car")).collect();
    facts.push(noticed(camera, 800, "dog"));
    facts.push(noticed(camera, 900, "cat"));
    house.store.append_events(&facts).await.expect("appended");
    let mut pets = search(EventFilter { cameras: Some(vec![camera]), ..EventFilter::default() });
    pets.labels = vec![label("cat"), label("dog")];
    assert_eq!(found(&house, &pets).await, [900, 800]);
    pets.labels = vec![label("car")];
    assert_eq!(house.store.count_events(&pets).await.expect("counted"), 700);
    pets.filter.from = Some(at(690));
    assert_eq!(house.store.count_events(&pets).await.expect("counted"), 10);
}

#[tokio::test]
async fn the_longest_activity_and_the_counts_of_quarters_are_found() {
    let house = House::new().await;
    let camera = CameraId::new();
    let (short, long) = (noticed(camera, 0, "dog"), noticed(camera, 1_000, "dog"));
    let facts = [
        short.clone(),
        ended(&short, 5, "dog"),
        long.clone(),
        ended(&long, 1_050, "dog"),
        noticed(camera, 2_000, "dog"),
    ];
    house.store.append_events(&facts).await.expect("appended");
    let mut dogs = search(EventFilter::default());
    dogs.labels = vec![label("dog")];
    let longest = house.store.longest_activity(&dogs).await.expect("read").expect("one");
    assert_eq!(longest.event.id, long.id);
    let counts = house.store.activity_counts(camera, at(0), at(3_000)).await.expect("counted");
    assert_eq!(counts.iter().map(|count| count.count).sum::<u32>(), 3);
    assert!(counts.iter().all(|count| count.at.as_micros() % crate::QUARTER_MICROS == 0));
    assert_eq!(house.store.first_activity().await.expect("read"), Some(at(0)));
}

/// promise: D-06. What a fact was found by goes with it.
#[tokio::test]
async fn words_are_erased_with_their_fact() {
    let house = House::new().await;
    house.store.append_event(&incident(1, "The battery is low")).await.expect("appended");
    house.store.append_event(&incident(9, "The battery is full")).await.expect("appended");
    assert_eq!(house.store.erase_events_before(None, at(5), 10).await.expect("erased"), 1);
    let row = sqlx::query("SELECT COUNT(*) AS kept FROM event_words WHERE word = 'low'");
    let row = row.fetch_one(house.store.readers()).await.expect("read");
    assert_eq!(row.get::<i64, _>("kept"), 0);
    assert_eq!(found(&house, &words(&[&["battery"]])).await, [9]);
}

fn conversation(owner: &str, seconds: i64) -> StoredConversation {
    StoredConversation {
        id: ConversationId::new(),
        owner: owner.to_owned(),
        sealed: vec![1],
        started_at: at(seconds),
        expires_at: at(seconds + 1_000),
    }
}

/// promise: T-05. Checklist 45: a conversation is its owner's, and ends.
#[tokio::test]
async fn conversations_are_their_owners_and_end() {
    let house = House::new().await;
    let store = &house.store;
    let one = conversation("anna", 0);
    store.put_conversation(&one).await.expect("written");
    let again = StoredConversation { sealed: vec![2], expires_at: at(2_000), ..one.clone() };
    store.put_conversation(&again).await.expect("written");
    assert_eq!(store.conversation(one.id, "anna", at(5)).await.expect("read"), again);
    for (owner, second) in [("ben", 5), ("anna", 2_000)] {
        let missing = store.conversation(one.id, owner, at(second)).await;
        assert!(matches!(missing, Err(StoreError::NotFound { .. })), "{missing:?}");
    }
    assert!(store.remove_conversation(one.id, "ben").await.is_err());
    assert_eq!(store.conversations("anna", at(5)).await.expect("read"), [again]);
    assert_eq!(store.sweep_conversations(at(1_999)).await.expect("swept"), 0);
    assert_eq!(store.sweep_conversations(at(2_000)).await.expect("swept"), 1);
    assert!(store.remove_conversation(one.id, "anna").await.is_err());
}

#[tokio::test]
async fn only_so_many_conversations_are_kept() {
    let house = House::new().await;
    let most = CONVERSATIONS_PER_OWNER_MAX as i64;
    for second in 0..most + 3 {
        house.store.put_conversation(&conversation("anna", second)).await.expect("written");
    }
    let kept = house.store.conversations("anna", at(0)).await.expect("read");
    assert_eq!(kept.len(), CONVERSATIONS_PER_OWNER_MAX);
    assert_eq!(kept.last().map(|one| one.started_at), Some(at(3)));
    house.store.forget_questions_of("anna").await.expect("forgotten");
    assert!(house.store.conversations("anna", at(0)).await.expect("read").is_empty());
}

#[tokio::test]
async fn kept_searches_are_their_owners_and_not_without_end() {
    let house = House::new().await;
    let one = |second: i64| StoredSearch {
        id: SavedSearchId::new(),
        owner: "anna".to_owned(),
        sealed: vec![1],
        created_at: at(second),
    };
    let first = one(0);
    house.store.add_saved_search(&first).await.expect("added");
    assert!(house.store.remove_saved_search(first.id, "ben").await.is_err());
    assert_eq!(house.store.saved_searches("ben").await.expect("read"), []);
    for second in 1..SAVED_SEARCHES_PER_OWNER_MAX as i64 {
        house.store.add_saved_search(&one(second)).await.expect("added");
    }
    let refused = house.store.add_saved_search(&one(99)).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    house.store.remove_saved_search(first.id, "anna").await.expect("removed");
}
