use hearth_model::{CameraId, GapCause, TimeRange, WallTime};

use super::{House, at, puts, range, segment};
use crate::{Segment, SegmentChange, SegmentKind, SegmentState, StoreError};

#[tokio::test]
async fn a_segment_is_found_as_it_was_put() {
    let House { store, folder: _folder } = House::new().await;
    let open = Segment {
        state: SegmentState::Open,
        kind: SegmentKind::Event,
        has_audio: false,
        bytes: 5_000_000_000,
        ..segment(CameraId::new(), 0, 60)
    };
    store.commit_segments(&puts(&[open])).await.expect("written");
    assert_eq!(store.segment(open.id).await.expect("found"), open);
    assert_eq!(store.open_segments().await.expect("found"), vec![open]);
    let closed = Segment { state: SegmentState::Damaged, bytes: 7, ..open };
    store.commit_segments(&puts(&[closed, closed])).await.expect("written");
    assert_eq!(store.segment(open.id).await.expect("found"), closed);
    assert!(store.open_segments().await.expect("none").is_empty());
    assert_eq!(
        store.known_segments(&[open.id, hearth_model::SegmentId::new()]).await.expect("known"),
        [true, false]
    );
}

#[tokio::test]
async fn a_range_finds_what_overlaps_it_in_order() {
    let House { store, folder: _folder } = House::new().await;
    let (camera, other) = (CameraId::new(), CameraId::new());
    let minutes: Vec<Segment> =
        (0..10).map(|minute| segment(camera, minute * 60, minute * 60 + 60)).collect();
    let mut shuffled = minutes.clone();
    shuffled.reverse();
    shuffled.push(segment(other, 0, 600));
    store.commit_segments(&puts(&shuffled)).await.expect("written");
    let found = |from, to, limit| store.segments_in(camera, range(from, to), limit);
    assert_eq!(found(90, 181, 100).await.expect("found"), minutes[1..4]);
    assert_eq!(found(60, 120, 100).await.expect("found"), minutes[1..2], "ends are half-open");
    assert_eq!(found(0, 600, 3).await.expect("found"), minutes[..3]);
    assert_eq!(found(-100, 0, 3).await.expect("found"), []);
    assert_eq!(found(600, 700, 3).await.expect("found"), []);
}

#[tokio::test]
async fn a_segment_of_the_longest_length_is_found_by_its_last_second() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let long = segment(camera, 0, 3600);
    store.commit_segments(&puts(&[long])).await.expect("written");
    assert_eq!(store.segments_in(camera, range(3599, 3600), 9).await.expect("found"), [long]);
    for (from, to) in [(0, 3601), (1, 0)] {
        let refused = store.commit_segments(&puts(&[segment(camera, from, to)])).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn spans_join_neighbours_and_keep_to_the_range() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let segments = [(0, 60), (60, 120), (121, 180), (300, 360)].map(|(a, b)| segment(camera, a, b));
    store.commit_segments(&puts(&segments)).await.expect("written");
    let spans = store.footage_spans(camera, range(30, 330), 1_000_000).await.expect("read");
    assert_eq!(spans, [range(30, 180), range(300, 330)]);
    let spans = store.footage_spans(camera, range(30, 330), 0).await.expect("read");
    assert_eq!(spans, [range(30, 120), range(121, 180), range(300, 330)]);
}

#[tokio::test]
async fn a_day_is_found_by_its_number() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let midnight = at(0).as_micros() / 86_400_000_000 * 86_400_000_000;
    let on = |micros: i64| Segment {
        wall_start: WallTime::from_micros(micros),
        ..segment(camera, 0, 60)
    };
    let (before, first, ancient) = (on(midnight - 1), on(midnight), on(-5));
    store.commit_segments(&puts(&[before, first, ancient])).await.expect("written");
    let day = first.day();
    assert_eq!((before.day(), ancient.day()), (day - 1, 0));
    assert_eq!(store.segments_of_day(camera, day).await.expect("found"), [first]);
    assert_eq!(store.segments_of_day(camera, day - 1).await.expect("found"), [before]);
    assert_eq!(store.segments_of_day(camera, 0).await.expect("found"), [ancient]);
}

#[tokio::test]
async fn sums_follow_every_change() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let (one, two) = (segment(camera, 0, 60), segment(camera, 60, 120));
    let grown = Segment { bytes: 5000, ..one };
    store.commit_segments(&puts(&[one, two, grown])).await.expect("written");
    let usage = store.usage().await.expect("read");
    assert_eq!((usage[0].segments, usage[0].bytes), (2, 6000));
    assert_eq!((usage[0].oldest, usage[0].newest), (Some(at(0)), Some(at(60))));
    let erase = SegmentChange::Erase(one.id);
    store.commit_segments(&[erase, erase]).await.expect("erasing twice is no error");
    assert_eq!(store.usage().await.expect("read")[0].bytes, 1000);
    assert!(store.recount_usage().await.expect("counted"), "the sums were right");
    store.commit_segments(&[SegmentChange::Erase(two.id)]).await.expect("erased");
    assert!(store.usage().await.expect("read").is_empty());
    assert!(store.recount_usage().await.expect("counted"), "the sums were right");
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let good = segment(camera, 0, 60);
    let stolen = Segment { camera: CameraId::new(), ..good };
    let refused = store.commit_segments(&puts(&[good, stolen])).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert!(store.usage().await.expect("read").is_empty());
    store.commit_segments(&puts(&[good])).await.expect("the writer still works");
}

#[tokio::test]
async fn wrong_sums_are_found_and_set_right() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    store.commit_segments(&puts(&[segment(camera, 0, 60)])).await.expect("written");
    let mut write = store.begin().await.expect("begun");
    let sql = "UPDATE camera_usage SET bytes = 5";
    sqlx::query(sql).execute(write.connection()).await.expect("spoiled");
    write.commit().await.expect("committed");
    assert!(!store.recount_usage().await.expect("counted"));
    assert_eq!(store.usage().await.expect("read")[0].bytes, 1000);
}

#[tokio::test]
async fn gaps_follow_one_another() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let first = store.begin_gap(camera, at(10), GapCause::Camera).await.expect("begun");
    let same = store.begin_gap(camera, at(12), GapCause::Camera).await.expect("goes on");
    assert_eq!(first, same);
    store.begin_gap(camera, at(20), GapCause::DiskFull).await.expect("another cause");
    assert_eq!(store.open_gaps().await.expect("read").len(), 1);
    store.end_gap(camera, at(30)).await.expect("ended");
    store.end_gap(camera, at(31)).await.expect("ending what is ended changes nothing");
    let times = |range: TimeRange| {
        let store = store.clone();
        async move {
            let gaps = store.gaps_in(camera, range).await.expect("read");
            gaps.into_iter().map(|gap| (gap.from, gap.to, gap.cause)).collect::<Vec<_>>()
        }
    };
    let (one, two) =
        ((at(10), Some(at(20)), GapCause::Camera), (at(20), Some(at(30)), GapCause::DiskFull));
    assert_eq!(times(range(0, 100)).await, [one, two]);
    assert_eq!(times(range(15, 20)).await, [one]);
    assert_eq!(times(range(20, 25)).await, [two]);
    assert_eq!(times(range(30, 40)).await, []);
    assert_eq!(times(range(0, 10)).await, []);
    assert_eq!(store.erase_gaps_before(camera, at(25)).await.expect("erased"), 1);
    store.begin_gap(camera, at(50), GapCause::HubDown).await.expect("begun");
    assert_eq!(times(range(60, 70)).await, [(at(50), None, GapCause::HubDown)]);
}
