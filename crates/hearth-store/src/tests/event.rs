use hearth_model::{CameraId, Event, EventBody, EventId, EventKind, WallTime};

use super::{House, at, ended, label, noticed, range};
use crate::{EventFilter, EventRow, PicturePlace, StoreError};

fn seqs(rows: &[EventRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn a_fact_is_found_as_it_was_appended() {
    let House { store, folder: _folder } = House::new().await;
    let started = Event::new(at(0), EventBody::EyesStarted);
    let person = noticed(CameraId::new(), 1, "person");
    let one = store.append_event(&started).await.expect("appended");
    let two = store.append_event(&person).await.expect("appended");
    assert!(one < two);
    let row = store.event(person.id).await.expect("found");
    assert_eq!((row.event, row.seq), (person.clone(), two));
    assert_eq!((row.label, row.score, row.ended_at), (Some(label("person")), Some(0.5), None));
    let missing = store.event(EventId::new()).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
    let twice = store.append_event(&person).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
}

#[tokio::test]
async fn a_stream_resumes_after_a_number() {
    let House { store, folder: _folder } = House::new().await;
    assert_eq!(store.event_bounds().await.expect("read"), None);
    let camera = CameraId::new();
    let facts: Vec<Event> = (0..5).map(|at| noticed(camera, at, "car")).collect();
    let numbers = store.append_events(&facts).await.expect("appended");
    assert_eq!(store.event_bounds().await.expect("read"), Some((numbers[0], numbers[4])));
    let after = store.events_after(numbers[1], 2).await.expect("read");
    assert_eq!(seqs(&after), numbers[2..4]);
    assert!(store.events_after(numbers[4], 10).await.expect("read").is_empty());
}

#[tokio::test]
async fn numbers_are_never_used_twice() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let first = store.append_event(&noticed(camera, 0, "car")).await.expect("appended");
    store.erase_events_before(Some(camera), at(1), 10).await.expect("erased");
    let second = store.append_event(&noticed(CameraId::new(), 0, "car")).await.expect("appended");
    assert!(second > first);
}

#[tokio::test]
async fn what_becomes_known_of_an_activity_is_kept_beside_it() {
    let House { store, folder: _folder } = House::new().await;
    let motion = noticed(CameraId::new(), 0, "motion");
    let EventBody::ActivityNoticed { camera, area, .. } = motion.body.clone() else {
        unreachable!("made so above")
    };
    let body = EventBody::ActivityRecognized {
        camera,
        activity: motion.id,
        label: label("person"),
        score: 0.6,
        area,
        zones: Vec::new(),
        directions: Vec::new(),
    };
    let facts = [motion.clone(), Event::new(at(1), body)];
    store.append_events(&facts).await.expect("appended");
    let row = store.event(motion.id).await.expect("found");
    assert_eq!((row.label, row.ended_at, row.thumbnail), (Some(label("person")), None, false));
    assert_eq!(store.unended_activities(10).await.expect("read").len(), 1);
    store.append_event(&ended(&motion, 8, "cat")).await.expect("appended");
    let row = store.event(motion.id).await.expect("found");
    assert_eq!((row.label, row.score), (Some(label("cat")), Some(0.75)));
    assert_eq!((row.ended_at, row.thumbnail), (Some(at(8)), true));
    assert_eq!(row.event, motion, "the fact itself is as it was");
    assert!(store.unended_activities(10).await.expect("read").is_empty());
}

/// promise: T-05. A fact about one camera cannot change what is known of another's.
#[tokio::test]
async fn an_end_does_not_reach_another_cameras_activity() {
    let House { store, folder: _folder } = House::new().await;
    let person = noticed(CameraId::new(), 0, "person");
    let mut end = ended(&person, 5, "cat");
    if let EventBody::ActivityEnded { camera, .. } = &mut end.body {
        *camera = CameraId::new();
    }
    store.append_events(&[person.clone(), end]).await.expect("appended");
    assert_eq!(store.event(person.id).await.expect("found").ended_at, None);
}

#[tokio::test]
async fn a_score_that_is_no_number_is_refused() {
    let House { store, folder: _folder } = House::new().await;
    let mut fact = noticed(CameraId::new(), 0, "person");
    if let EventBody::ActivityNoticed { score, .. } = &mut fact.body {
        *score = f32::NAN;
    }
    assert!(matches!(store.append_event(&fact).await, Err(StoreError::Invalid { .. })));
}

/// Facts of every sort: three cameras, two labels, the house, several at the same instant.
async fn busy_house() -> (House, [CameraId; 3], Vec<EventRow>) {
    let house = House::new().await;
    let cameras = [CameraId::new(), CameraId::new(), CameraId::new()];
    let mut facts = Vec::new();
    for step in 0..60_i64 {
        let camera = cameras[(step % 3) as usize];
        // Times that repeat and go back and forth.
        let when = (step * 7) % 40;
        facts.push(match step % 5 {
            0 => noticed(camera, when, "person"),
            1 => noticed(camera, when, "car"),
            2 => Event::new(at(when), EventBody::RecordingResumed { camera }),
            3 => Event::new(at(when), EventBody::EyesStarted),
            _ => Event::new(at(when), EventBody::SignedIn { user: "anna".to_owned() }),
        });
    }
    house.store.append_events(&facts).await.expect("appended");
    let mut all = house.store.events_after(0, 500).await.expect("read");
    all.sort_by_key(|row| std::cmp::Reverse((row.event.at, row.seq)));
    (house, cameras, all)
}

/// What a filter means, said the slow way.
fn passes(filter: &EventFilter, row: &EventRow) -> bool {
    let kind = row.event.body.kind();
    (filter.kinds.is_empty() || filter.kinds.contains(&kind))
        && match row.event.body.camera() {
            Some(camera) => filter.cameras.as_ref().is_none_or(|set| set.contains(&camera)),
            None => filter.house,
        }
        && filter.label.as_ref().is_none_or(|label| row.label.as_ref() == Some(label))
        && filter.from.is_none_or(|from| row.event.at >= from)
        && filter.to.is_none_or(|to| row.event.at < to)
        && filter.before.is_none_or(|before| row.cursor() < before)
}

/// promise: T-05. A filter lets through exactly what it says, page by page, newest first.
#[tokio::test]
async fn every_filter_means_what_it_says() {
    let (house, cameras, all) = busy_house().await;
    let kinds = [
        vec![],
        vec![EventKind::ActivityNoticed],
        vec![EventKind::RecordingResumed, EventKind::EyesStarted, EventKind::SignedIn],
    ];
    let crowd: Vec<CameraId> = (0..100).map(|_| CameraId::new()).chain([cameras[1]]).collect();
    let sets =
        [None, Some(vec![]), Some(vec![cameras[0]]), Some(cameras[1..].to_vec()), Some(crowd)];
    let labels = [None, Some(label("person")), Some(label("dog"))];
    let times: [(Option<WallTime>, Option<WallTime>); 3] =
        [(None, None), (Some(at(5)), Some(at(30))), (Some(at(30)), Some(at(5)))];
    let mut asked = 0;
    for kinds in &kinds {
        for cameras in &sets {
            for label in &labels {
                for (from, to) in times {
                    for house_too in [true, false] {
                        let filter = EventFilter {
                            kinds: kinds.clone(),
                            cameras: cameras.clone(),
                            house: house_too,
                            label: label.clone(),
                            from,
                            to,
                            before: None,
                            limit: 7,
                        };
                        check_pages(&house, &filter, &all).await;
                        asked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(asked, 270);
}

async fn check_pages(house: &House, filter: &EventFilter, all: &[EventRow]) {
    let expected: Vec<&EventRow> = all.iter().filter(|row| passes(filter, row)).collect();
    let mut filter = filter.clone();
    let mut found = Vec::new();
    loop {
        let page = house.store.events(&filter).await.expect("read");
        assert!(page.len() <= 7);
        filter.before = page.last().map(EventRow::cursor);
        let is_last = page.len() < 7;
        found.extend(page);
        if is_last {
            break;
        }
    }
    assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
}

#[tokio::test]
async fn activities_that_overlap_a_range_are_found() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let long = noticed(camera, 0, "person");
    let lasting = noticed(camera, 50, "car");
    let other = noticed(CameraId::new(), 20, "car");
    store.append_events(&[long.clone(), lasting.clone(), other]).await.expect("appended");
    store.append_event(&ended(&long, 40, "person")).await.expect("appended");
    let found = |from, to| {
        let store = store.clone();
        async move {
            let rows = store.activities_in(camera, range(from, to)).await.expect("read");
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(30, 60).await, [long.id, lasting.id]);
    assert_eq!(found(40, 50).await, []);
    assert_eq!(found(39, 40).await, [long.id]);
    assert_eq!(found(100, 200).await, [lasting.id]);
    assert_eq!(found(50 + 3600, 50 + 3700).await, [], "it does not last for ever");
}

/// promise: D-06, V-15. Pictures can go before their facts do, and old facts go.
#[tokio::test]
async fn old_pictures_and_facts_are_erased_in_steps() {
    let House { store, folder: _folder } = House::new().await;
    let camera = CameraId::new();
    let person = noticed(camera, 0, "person");
    let end = ended(&person, 1, "person");
    let later = noticed(camera, 100, "car");
    store.append_events(&[person.clone(), end, later.clone()]).await.expect("appended");
    let pictures = async |camera, after, before| {
        store.pictures_between(camera, after, at(before), 10).await.expect("read")
    };
    let [picture] = pictures(camera, PicturePlace::FIRST, 50).await.try_into().expect("one");
    assert_eq!((picture.event, picture.place.at), (person.id, at(0)));
    let other = pictures(CameraId::new(), PicturePlace::FIRST, 50).await;
    assert_eq!(other, [], "each camera has its own time");
    assert_eq!(pictures(camera, picture.place, 50).await, []);
    let of_range = async |from, to| pictures(camera, PicturePlace::from(at(from)), to).await.len();
    assert_eq!((of_range(0, 1).await, of_range(1, 50).await), (1, 0));
    store.forget_picture(person.id).await.expect("forgotten");
    assert_eq!(pictures(camera, PicturePlace::FIRST, 50).await, []);
    assert!(!store.event(person.id).await.expect("the fact stays").thumbnail);
    let of = Some(camera);
    assert_eq!(store.erase_events_before(of, at(50), 1).await.expect("erased"), 1);
    assert_eq!(store.erase_events_before(of, at(50), 10).await.expect("erased"), 1);
    assert_eq!(store.erase_events_before(of, at(50), 10).await.expect("none"), 0);
    let left = store.events(&EventFilter::default()).await.expect("read");
    assert_eq!(left.iter().map(|row| row.event.id).collect::<Vec<_>>(), [later.id]);
}

/// promise: V-15. Facts of one camera go without those of another or of none.
#[tokio::test]
async fn facts_are_erased_camera_by_camera() {
    let House { store, folder: _folder } = House::new().await;
    assert_eq!(store.event_cameras().await.expect("read"), []);
    let (mut one, mut other) = (CameraId::new(), CameraId::new());
    if other < one {
        (one, other) = (other, one);
    }
    let started = Event::new(at(0), EventBody::EyesStarted);
    let facts =
        [noticed(one, 0, "car"), noticed(other, 0, "car"), noticed(one, 60, "car"), started];
    store.append_events(&facts).await.expect("appended");
    assert_eq!(store.event_cameras().await.expect("read"), [one, other]);
    assert_eq!(store.erase_events_before(Some(one), at(50), 10).await.expect("erased"), 1);
    let left = async || {
        let left = store.events(&EventFilter::default()).await.expect("read");
        left.iter().map(|row| row.event.id).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(left().await, facts[1..].iter().map(|fact| fact.id).collect());
    assert_eq!(store.erase_events_before(None, at(50), 10).await.expect("erased"), 1);
    assert_eq!(left().await, facts[1..3].iter().map(|fact| fact.id).collect());
}
