//! That the queries which grow with footage are answered by their index and in its order, also
//! when there are many rows. The statistics that SQLite plans by are written by the migrations and
//! nothing else (nobody runs ANALYZE), so plans do not change as a house fills.

use hearth_model::{CameraId, EventKind};
use sqlx::any::AnyArguments;
use sqlx::{AssertSqlSafe, Row as _};

use super::{House, at, label, range};
use crate::event_filter::Lane;
use crate::event_query::{Order, page_query, search_query};
use crate::event_search::ACTIVITY_COUNTS;
use crate::{
    Erasable, EventCursor, EventFilter, EventSearch, Store, event, gap, retention,
    segment as segments,
};

async fn plan(store: &Store, sql: &str, arguments: AnyArguments) -> String {
    let rows = sqlx::query_with(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")), arguments)
        .fetch_all(store.readers())
        .await
        .expect("explained");
    let detail = |row: &sqlx::any::AnyRow| row.get::<String, _>("detail");
    rows.iter().map(detail).collect::<Vec<_>>().join("; ")
}

/// Searched by its index (and no other way), nothing scanned, nothing sorted.
async fn assert_uses(store: &Store, sql: &str, index: &str) {
    assert_plan(&plan(store, sql, AnyArguments::default()).await, index, sql);
}

fn assert_plan(plan: &str, index: &str, sql: &str) {
    assert!(plan.contains(index), "{index} is not used: {plan}\n{sql}");
    assert!(!plan.contains("TEMP B-TREE"), "sorted: {plan}\n{sql}");
    let scans = |step: &str| {
        step.starts_with("SCAN") && !step.contains("USING INDEX") && !step.contains("SCAN page")
    };
    assert!(!plan.split("; ").any(scans), "scanned: {plan}\n{sql}");
}

#[tokio::test]
async fn footage_queries_use_their_index() {
    let House { store, folder: _folder } = House::new().await;
    assert_footage_uses_indexes(&store).await;
}

async fn assert_footage_uses_indexes(store: &Store) {
    for (sql, index) in [
        (segments::SEGMENTS_IN, "INDEX segments_by_time (camera=? AND wall_start_us>?"),
        (segments::SEGMENTS_OF_DAY, "INDEX segments_by_time (camera=? AND wall_start_us>?"),
        (retention::ERASABLE, "INDEX segments_by_time (camera=? AND wall_start_us>?"),
        (segments::OPEN_SEGMENTS, "INDEX segments_open"),
        (gap::GAPS_IN, "INDEX gaps_by_time (camera=? AND from_us>?"),
    ] {
        assert_uses(store, sql, index).await;
    }
    // It groups what the index gave it: a month is 45,000 small rows at most.
    let spans = plan(store, segments::FOOTAGE_SPANS, AnyArguments::default()).await;
    let covering = "COVERING INDEX segments_by_time (camera=? AND wall_start_us>?";
    assert!(spans.contains(covering), "{spans}");
    let usage = plan(store, crate::usage::USAGE, AnyArguments::default()).await;
    assert!(!usage.contains("SCAN s"), "{usage}");
}

#[tokio::test]
async fn event_queries_use_their_index() {
    let House { store, folder: _folder } = House::new().await;
    assert_events_use_indexes(&store).await;
}

async fn assert_events_use_indexes(store: &Store) {
    assert_uses(
        store,
        event::ACTIVITIES_IN,
        "COVERING INDEX events_activities (camera=? AND at_us>?",
    )
    .await;
    assert_uses(store, event::UNENDED, "INDEX events_unended").await;
    assert_uses(
        store,
        event::PICTURES_BETWEEN,
        "INDEX events_with_picture (camera=? AND at_us>? AND at_us<?)",
    )
    .await;
    // These also scan a list of words, and one row for each camera.
    for (sql, index) in [
        (event::ERASE_BEFORE, "events_by_camera (camera=? AND kind=? AND at_us<?)"),
        (event::EVENT_CAMERAS, "COVERING INDEX events_by_camera (camera>?)"),
    ] {
        let plan = plan(store, sql, AnyArguments::default()).await;
        assert!(plan.contains(index) && !plan.contains("SCAN events;"), "{plan}");
    }
    let camera = Some(CameraId::new());
    let kind = Some(EventKind::ActivityNoticed);
    let person = Some(label("person"));
    let lane = Lane::default;
    for (lane, index) in [
        (lane(), "COVERING INDEX events_by_time (at_us>? AND at_us<?)"),
        (Lane { kind, ..lane() }, "COVERING INDEX events_by_kind (kind=? AND at_us>? AND at_us<?)"),
        (Lane { kind, camera, ..lane() }, "events_by_camera (camera=? AND kind=? AND at_us>?"),
        (Lane { label: person.clone(), ..lane() }, "events_by_label (label=? AND at_us>?"),
        (
            Lane { label: person, camera, only_kinds: vec![EventKind::ActivityEnded], ..lane() },
            "events_by_camera_label (camera=? AND label=? AND at_us>?",
        ),
        (
            Lane { kind, only_cameras: vec![CameraId::new(), CameraId::new()], ..lane() },
            "events_by_kind (kind=? AND at_us>?",
        ),
    ] {
        let before = Some(EventCursor { at: at(9), seq: 1 });
        let filter = EventFilter { from: Some(at(0)), before, ..EventFilter::default() };
        let page = page_query(&[lane], &filter, 100).expect("a query");
        let (sql, arguments) = page.expect("with a lane");
        assert_plan(&plan(store, &sql, arguments).await, index, &sql);
    }
}

/// Words are read in order of time, and nothing is sorted but the few rows of a page.
#[tokio::test]
async fn searches_use_their_index() {
    let House { store, folder: _folder } = House::new().await;
    let filter = EventFilter { from: Some(at(0)), to: Some(at(9)), ..EventFilter::default() };
    for count in [1, 3] {
        let group: Vec<String> = (0..count).map(|number| format!("word{number}")).collect();
        let words = vec![group, vec!["other".to_owned()]];
        let search = EventSearch { filter: filter.clone(), words, ..EventSearch::default() };
        let page = search_query(&search, Order::NewestFirst, 100).expect("a query");
        let (sql, arguments) = page.expect("with words");
        let plan = plan(&store, &sql, arguments).await;
        assert_plan(&plan, "PRIMARY KEY (word=? AND at_us>?", &sql);
    }
    let labels = vec![label("cat"), label("dog")];
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let filter = EventFilter { cameras: Some(vec![CameraId::new()]), ..filter.clone() };
        let search = EventSearch { filter, labels: labels.clone(), ..EventSearch::default() };
        let page = search_query(&search, order, 100).expect("a query");
        let (sql, arguments) = page.expect("with lanes");
        let plan = plan(&store, &sql, arguments).await;
        assert_plan(&plan, "events_by_camera_label (camera=? AND label=? AND at_us>?", &sql);
    }
    let counted = plan(&store, ACTIVITY_COUNTS, AnyArguments::default()).await;
    let index = "COVERING INDEX events_activities (camera=? AND at_us>?";
    assert!(counted.contains(index), "{counted}");
}

/// Enough rows that a scan would be felt; a recursive query writes them in a moment.
#[tokio::test]
async fn a_full_house_answers_from_its_indexes() {
    let House { store, folder: _folder } = House::new().await;
    let cameras: Vec<CameraId> =
        (0..4_u128).map(|n| CameraId::from_bytes(n.to_be_bytes())).collect();
    fill(&store).await;
    let found = store.segments_in(cameras[1], range(100_000, 103_600), 1000).await.expect("read");
    assert_eq!(found.len(), 360);
    let rare = EventFilter { label: Some(label("dog")), ..EventFilter::default() };
    assert!(store.events(&rare).await.expect("read").is_empty());
    let some = Some(cameras[..2].to_vec());
    let filter = EventFilter { cameras: some, house: false, ..EventFilter::default() };
    assert_eq!(store.events(&filter).await.expect("read").len(), 100);
    let oldest = store.erasable(Erasable::default(), at(0), 10).await.expect("read");
    assert_eq!(oldest.len(), 10);
    assert!(!store.recount_usage().await.expect("counted"), "they were not counted yet");
    let usage = store.usage().await.expect("read");
    assert_eq!(usage.iter().map(|usage| usage.segments).sum::<u64>(), 100_000);
    assert_footage_uses_indexes(&store).await;
    assert_events_use_indexes(&store).await;
}

/// 25,000 segments and as many events for each of four cameras, ten seconds apart.
async fn fill(store: &Store) {
    let rows = "WITH RECURSIVE rows (n) AS (
        SELECT 0 UNION ALL SELECT n + 1 FROM rows WHERE n < 99999)";
    let camera = "CAST(zeroblob(15) || char(n % 4) AS BLOB)";
    let id = "CAST(zeroblob(8) || printf('%08d', n) AS BLOB)";
    let start = format!("{} + n / 4 * 10000000", at(0).as_micros());
    let body = format!(
        "json_object('kind', 'activity_noticed', 'camera', '{}', 'label', 'car', 'score', 0.5,
            'area', json('{{\"x\":0.1,\"y\":0.1,\"w\":0.1,\"h\":0.1}}'), 'zones', json('[]'))",
        CameraId::from_bytes([0; 16]),
    );
    let segments = format!(
        "INSERT INTO segments {rows}
         SELECT {id}, {camera}, {start}, {start} + 10000000, {start}, {start} + 10000000, 1000, 1, 0,
             5, 1
         FROM rows"
    );
    let events = format!(
        "INSERT INTO events (id, kind, camera, at_us, label, score, severity, body) {rows}
         SELECT {id}, 'activity_noticed', {camera}, {start}, 'car', 0.5, 'info', {body} FROM rows"
    );
    let mut write = store.begin().await.expect("begun");
    for sql in [
        segments,
        events,
        "INSERT INTO camera_usage SELECT DISTINCT camera, 1, 1 FROM segments".to_owned(),
    ] {
        sqlx::query(AssertSqlSafe(sql)).execute(write.connection()).await.expect("written");
    }
    write.commit().await.expect("committed");
}

/// However many lanes there are, they are merged in order and none is read to its end.
#[tokio::test]
async fn lanes_are_merged_without_sorting() {
    let House { store, folder: _folder } = House::new().await;
    for cameras in [1, 3, 7] {
        let cameras = Some((0..cameras).map(|_| CameraId::new()).collect());
        let filter = EventFilter { cameras, ..EventFilter::default() };
        let page = page_query(&filter.lanes(), &filter, 100).expect("a query");
        let (sql, arguments) = page.expect("with lanes");
        let plan = plan(&store, &sql, arguments).await;
        assert_plan(&plan, "MERGE (UNION ALL)", &sql);
    }
}
