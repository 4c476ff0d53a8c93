//! Waiting for what a hub does and reading what it kept, as its owner.

use std::{io::Cursor, time::Duration};

use hearth_auth::{CameraAction, CameraGrant, HouseAction, HouseGrant};
use hearth_hub::{ClipStream, EventView, FeedItem, Hub, NewCamera, TimelineView};
use hearth_media::Frame;
use hearth_model::{
    CameraId, CameraName, CameraSettings, CameraState, CameraStatus, EventBody, RecordMode,
    RecordSchedule, SourceUrl, TimeRange, WallTime,
};
use hearth_mp4::Reader;
use hearth_sim::{
    CameraDescription, CameraSpec, Content, Crossing, House, HouseSpec, SceneKind, SceneSpec,
    Subject,
};

use crate::home::HOUR;

/// Whoever waits longer has failed; generous, because machines are shared.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Between two looks at what nobody announces.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer.
pub(crate) async fn poll<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let answered = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    answered.await.unwrap_or_else(|_| panic!("in time: {what}"))
}

/// A camera in front of which nothing happens, with a key frame a second.
pub(crate) fn still_camera(name: &str) -> CameraSpec {
    camera(name, 4, Vec::new())
}

/// A camera that somebody walks by, for four seconds of every twelve.
pub(crate) fn busy_camera(name: &str) -> CameraSpec {
    let point = |x| hearth_model::Point { x, y: 0.95 };
    let crossing = Crossing {
        subject: Subject::Person,
        from_seconds: 5.0,
        to_seconds: 9.0,
        start: point(0.05),
        end: point(0.95),
        start_height: 0.6,
        end_height: 0.6,
        look: 1,
        portrait: None,
    };
    camera(name, 12, vec![crossing])
}

fn camera(name: &str, seconds: u32, crossings: Vec<Crossing>) -> CameraSpec {
    let crossings = Some(crossings);
    let scene = SceneSpec::new(SceneKind::Garage, 320, 180, 10);
    let mut camera = CameraSpec::scene(name, SceneSpec { seconds, crossings, ..scene }, 0);
    if let Content::Scene(reel) = &mut camera.main {
        reel.key_interval_frames = reel.scene.fps;
    }
    camera
}

/// A simulated house.
pub(crate) async fn house(cameras: Vec<CameraSpec>) -> House {
    House::start(HouseSpec::new("Test house", cameras)).await.expect("a house")
}

/// How to reach a camera of it.
pub(crate) fn described(house: &House, name: &str) -> CameraDescription {
    house.camera(name).expect("a camera of that name")
}

/// A camera as somebody would add it.
pub(crate) fn new_camera(camera: &CameraDescription, mode: RecordMode) -> NewCamera {
    let name = CameraName::new(&camera.name).expect("a name");
    let (url, _) = SourceUrl::parse(&camera.url).expect("a URL");
    let mut settings = CameraSettings::new(name, url);
    settings.record = RecordSchedule::always(mode);
    let credentials = (camera.username.clone(), camera.password.as_str().into());
    NewCamera { settings, credentials: Some(credentials) }
}

/// Adds a camera of the house that records all the time.
pub(crate) async fn add(hub: &Hub, house: &House, name: &str) -> CameraId {
    add_as(hub, new_camera(&described(house, name), RecordMode::Continuous)).await
}

pub(crate) async fn add_as(hub: &Hub, camera: NewCamera) -> CameraId {
    hub.add_camera(allowed(hub), camera).await.expect("added").id
}

/// The owner's permission.
pub(crate) fn allowed<A: HouseAction>(hub: &Hub) -> HouseGrant<A> {
    hub.policy().house(&hub.owner()).expect("the owner may")
}

/// The owner's permission for a camera.
pub(crate) fn allowed_on<A: CameraAction>(hub: &Hub, camera: CameraId) -> CameraGrant<A> {
    hub.policy().camera(&hub.owner(), camera).expect("the owner may")
}

pub(crate) async fn status(hub: &Hub, camera: CameraId) -> CameraStatus {
    hub.camera(allowed_on(hub, camera)).await.expect("a camera").status
}

/// Waits until a camera's status fits.
pub(crate) async fn until(
    hub: &Hub,
    camera: CameraId,
    what: &str,
    fits: impl Fn(&CameraStatus) -> bool,
) -> CameraStatus {
    poll(what, async || Some(status(hub, camera).await).filter(&fits)).await
}

pub(crate) async fn until_live(hub: &Hub, camera: CameraId) -> CameraStatus {
    until(hub, camera, "the camera is live", |status| status.state == CameraState::Live).await
}

/// Waits until so many more seconds are on disk.
pub(crate) async fn until_recorded(hub: &Hub, camera: CameraId, seconds: f64) -> CameraStatus {
    let before = status(hub, camera).await.recorded_seconds;
    let wanted = before + seconds;
    until(hub, camera, "footage grows", |status| status.recorded_seconds >= wanted).await
}

/// Waits for a fact, or finds it among those of the past.
pub(crate) async fn fact(hub: &Hub, what: &str, fits: impl Fn(&EventBody) -> bool) -> EventView {
    fact_after(hub, 0, what, fits).await
}

/// Waits for a fact later than that number.
pub(crate) async fn fact_after(
    hub: &Hub,
    seq: u64,
    what: &str,
    fits: impl Fn(&EventBody) -> bool,
) -> EventView {
    let mut feed = hub.follow(allowed(hub), Some(seq)).await.expect("a feed");
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            match feed.next().await.expect("the hub runs") {
                FeedItem::Event(view) if fits(&view.detail.body) => return *view,
                FeedItem::Event(_) | FeedItem::Status(_) | FeedItem::Readings(_) => {}
                FeedItem::Gone => panic!("facts of this run are kept"),
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("in time: {what}"))
}

/// Facts so far, oldest first.
pub(crate) async fn facts(hub: &Hub) -> Vec<EventBody> {
    let query = hearth_hub::EventQuery { limit: 500, ..Default::default() };
    let page = hub.events(allowed(hub), query).await.expect("facts");
    page.events.into_iter().rev().map(|view| view.detail.body).collect()
}

pub(crate) fn range(from: WallTime, to: WallTime) -> TimeRange {
    TimeRange::new(from, to).expect("a time that passes")
}

/// Two hours around now.
pub(crate) fn about_now(hub: &Hub) -> TimeRange {
    let now = hub.welcome().time;
    range(now.plus_micros(-HOUR), now.plus_micros(HOUR))
}

/// What there is of a camera around now.
pub(crate) async fn timeline(hub: &Hub, camera: CameraId) -> TimelineView {
    timeline_of(hub, camera, about_now(hub)).await
}

pub(crate) async fn timeline_of(hub: &Hub, camera: CameraId, range: TimeRange) -> TimelineView {
    hub.timeline(allowed_on(hub, camera), range).await.expect("a timeline")
}

/// Waits until a camera's timeline fits.
pub(crate) async fn until_timeline(
    hub: &Hub,
    camera: CameraId,
    what: &str,
    fits: impl Fn(&TimelineView) -> bool,
) -> TimelineView {
    poll(what, async || Some(timeline(hub, camera).await).filter(&fits)).await
}

/// A camera's clip and all its bytes.
pub(crate) async fn clip(hub: &Hub, camera: CameraId, range: TimeRange) -> (ClipStream, Vec<u8>) {
    let clip = hub.clip(allowed_on(hub, camera), range).await.expect("a clip");
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < clip.bytes() {
        let piece = clip.read_piece(bytes.len() as u64..u64::MAX).await.expect("readable");
        assert!(!piece.is_empty(), "the clip ends early");
        bytes.extend_from_slice(&piece);
    }
    (clip, bytes)
}

/// The frames of an MP4 file with the picture size of each.
pub(crate) fn frames(mp4: Vec<u8>) -> Vec<(Frame, (u16, u16))> {
    let mut reader = Reader::open(Cursor::new(mp4)).expect("an MP4 file");
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().expect("readable") {
        let video = reader.parameters().video.as_ref().expect("pictures");
        frames.push((frame, (video.width, video.height)));
    }
    frames
}
