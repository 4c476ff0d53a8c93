//! Messages from the worker survive the pipe, and lies are refused.

use proptest::prelude::*;

use super::*;
use crate::{
    AnonymousStill, Jpeg, PhotoRefused, SeenThing,
    wiped::tests::{is_in_memory, plant},
    wire::{PacketReader, a_face, put},
};

fn activity() -> impl Strategy<Value = Activity> {
    let area = (0.0f32..0.5, 0.0f32..0.5, 0.0f32..0.5, 0.0f32..0.5);
    let zones = prop::collection::vec(any::<[u8; 16]>(), 0..=ZONES_MAX);
    let ways = (
        prop::option::of(0..2_usize).prop_map(|way| way.map(|way| DIRECTIONS[way])),
        prop::option::of(2..4_usize).prop_map(|way| way.map(|way| DIRECTIONS[way])),
    );
    (any::<(u32, u32, i64)>(), "[a-z ]{1,40}", 0.0f32..=1.0, area, zones, ways).prop_map(
        |((slot, track, at), label, score, (x, y, w, h), zones, (along, across))| Activity {
            slot: Slot(slot),
            track,
            at: MediaTime::from_micros(at),
            label: Label::new(&label).expect("valid characters"),
            score,
            area: Rect { x, y, w, h },
            zones: zones.into_iter().map(ZoneId::from_bytes).collect(),
            directions: along.into_iter().chain(across).collect(),
        },
    )
}

fn back(message: &FromWorker) -> Result<FromWorker, WireError> {
    let bytes = message.encode();
    let limit = FromWorker::limit(bytes[0]).expect("a known kind");
    assert!(bytes.len() - 5 <= limit, "a message of ours is over its limit");
    FromWorker::decode(bytes[0], bytes.share(5))
}

/// promise: D-03. A face that came over the pipe leaves nothing behind, on neither side, once nobody holds
/// it any more.
#[test]
fn a_face_leaves_nothing_behind() {
    let mut picture = Wiped::default();
    picture.extend(&[0xFF, 0xD8, 0xFF]);
    plant(|part| picture.extend(part));
    picture.extend(&[0xFF, 0xD9]);
    let face = Box::new(SeenFace { picture: Some(picture.share(0)), ..a_face() });
    let (slot, at) = (Slot(1), MediaTime::from_micros(1));
    let sent = FromWorker::Face { slot, track: 1, at, face }.encode();
    let mut reader = PacketReader::new(FromWorker::limit);
    let mut heard = None;
    for part in sent.chunks(100) {
        put(&mut reader, part);
        if let Some((kind, payload)) = reader.next().expect("a message") {
            heard = FromWorker::decode(kind, payload).ok();
        }
    }
    drop(sent);
    assert!(heard.is_some() && is_in_memory(), "the hub holds it");
    drop(heard);
    assert!(!is_in_memory());
    // The reader reads on.
    drop(reader);
}

fn jpeg() -> Bytes {
    Bytes::from_static(&[0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 0xFF, 0xD9])
}

fn anonymous() -> AnonymousStill {
    let area = Rect { x: 0.25, y: 0.5, w: 0.5, h: 0.25 };
    let thing = SeenThing { label: Label::new("dog").expect("valid"), score: 0.5, area };
    let jpeg = Jpeg { bytes: jpeg(), width: 640, height: 360, at: MediaTime::from_micros(5) };
    AnonymousStill { jpeg, things: vec![thing.clone(), thing] }
}

/// Clipping a box to the picture may move an edge by a rounding step.
fn alike(a: &Activity, b: &Activity) -> bool {
    let near = |x: f32, y: f32| (x - y).abs() < 1e-5;
    let areas = near(a.area.x, b.area.x) && near(a.area.w, b.area.w) && near(a.area.h, b.area.h);
    areas && Activity { area: b.area, ..a.clone() } == *b
}

proptest! {
    #[test]
    fn activities_survive_the_pipe(activity in activity(), thumbnail: bool) {
        let FromWorker::Started(found) = back(&FromWorker::Started(activity.clone()))? else {
            panic!("started");
        };
        prop_assert!(alike(&found, &activity));
        let ended = FromWorker::Ended(activity.clone(), thumbnail.then(jpeg));
        let FromWorker::Ended(found, image) = back(&ended)? else { panic!("ended") };
        prop_assert!(alike(&found, &activity));
        prop_assert_eq!(image, thumbnail.then(jpeg));
    }

    /// promise: T-01. The worker may be taken over by a picture: nothing it says can panic the hub.
    #[test]
    fn arbitrary_bytes_never_panic(kind in 0u8..16, data: Vec<u8>) {
        if let Ok(FromWorker::Started(found)) = FromWorker::decode(kind, data.into()) {
            prop_assert!((0.0..=1.0).contains(&found.score));
        }
    }
}

#[test]
fn plain_messages_survive_the_pipe() {
    let counters = CameraCounters { received: 9, wakeups_false: 3, ..CameraCounters::default() };
    let still = Ok((640, 360, MediaTime::from_micros(5), jpeg()));
    for message in [
        FromWorker::Hello(SandboxStatus { landlock: true, seccomp: true }),
        FromWorker::Ready(ModelState::Refused),
        FromWorker::Alive,
        FromWorker::Busy(None),
        FromWorker::Busy(Some(Slot(4))),
        FromWorker::State(Slot(4), Some(UndecodableReason::Malformed)),
        FromWorker::State(Slot(4), None),
        FromWorker::Counters(Slot(4), counters),
        FromWorker::StillDone { id: 8, result: still },
        FromWorker::Face {
            slot: Slot(4),
            track: 9,
            at: MediaTime::from_micros(7),
            face: Box::new(a_face()),
        },
        FromWorker::FacesDone { id: 8, result: Ok(vec![a_face(), a_face()]) },
        FromWorker::FacesDone { id: 8, result: Err(FacesFault::NoModel) },
        FromWorker::FacesDone { id: 8, result: Err(FacesFault::Photo(PhotoRefused::TooLarge)) },
        FromWorker::FacesDone { id: 8, result: Err(FacesFault::Still(StillFault::Damaged)) },
        FromWorker::FacesDone { id: 8, result: Err(FacesFault::TooMany) },
        FromWorker::AnonymousDone { id: 8, result: Ok(anonymous()) },
        FromWorker::AnonymousDone { id: 8, result: Err(FacesFault::NoObjectModel) },
        FromWorker::AnonymousDone { id: 8, result: Err(FacesFault::Still(StillFault::Damaged)) },
        FromWorker::StillDone { id: 8, result: Err(StillFault::Timeout) },
        FromWorker::StillDone {
            id: 8,
            result: Err(StillFault::Undecodable(UndecodableReason::Interlaced)),
        },
    ] {
        assert_eq!(back(&message), Ok(message));
    }
}

#[test]
fn a_score_above_one_a_box_outside_and_opposed_ways_are_refused() {
    let honest = Activity {
        slot: Slot(1),
        track: 1,
        at: MediaTime::default(),
        label: Label::motion(),
        score: 0.5,
        area: Rect { x: 0.2, y: 0.2, w: 0.2, h: 0.2 },
        zones: Vec::new(),
        directions: Vec::new(),
    };
    assert!(back(&FromWorker::Started(honest.clone())).is_ok());
    let sure = Activity { score: 1.5, ..honest.clone() };
    assert!(back(&FromWorker::Started(sure)).is_err());
    let unreal = Activity { score: f32::NAN, ..honest.clone() };
    assert!(back(&FromWorker::Started(unreal)).is_err());
    let outside = Activity { area: Rect { x: 0.9, y: 0.0, w: 0.5, h: 0.1 }, ..honest.clone() };
    assert!(back(&FromWorker::Started(outside)).is_err());
    let torn = Activity { directions: vec![Direction::Left, Direction::Right], ..honest.clone() };
    assert!(back(&FromWorker::Updated(torn)).is_err());
    let script = FromWorker::Ended(honest, Some(Bytes::from_static(b"<svg onload=alert(1)>")));
    assert!(back(&script).is_err());
}
