//! Live pictures and recorded clips of a simulated camera.

use hearth_model::WallTime;
use http::{Method, Request, StatusCode};

use crate::{
    house::{Browser, House, request},
    viewer::{Camera, Message, Viewer},
};

/// Frames a test waits for at most: a minute of the simulated camera.
const FRAMES_MAX: usize = 600;

/// Watches until a second of footage is on the disk. Answers the query of a clip of it.
pub(crate) async fn recorded(house: &House, browser: &Browser<'_>, camera: &Camera) -> String {
    let mut viewer = Viewer::open(house, browser, &camera.path("/live")).await;
    for _ in 0..FRAMES_MAX {
        assert!(viewer.next().await.is_some(), "the camera is live");
        let to = house.hub.welcome().time;
        let from = to.plus_micros(-60_000_000);
        let target = camera.path(&format!("/timeline?from={from}&to={to}"));
        let timeline = browser.get(&target).await.json();
        let time = |name: &str| timeline["spans"][0][name].as_str()?.parse::<WallTime>().ok();
        if let (Some(from), Some(to)) = (time("from"), time("to"))
            && to.micros_since(from) > 1_000_000
        {
            return format!("from={from}&to={}", from.plus_micros(1_000_000));
        }
    }
    unreachable!("nothing was recorded within {FRAMES_MAX} frames")
}

fn with_range(target: &str, range: &str) -> Request<String> {
    let mut request = request(Method::GET, target);
    request.headers_mut().insert("range", range.parse().expect("visible"));
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn live_pictures_begin_with_their_kind_an_init_segment_and_a_fragment() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let mut viewer = Viewer::open(&house, &browser, &camera.path("/live")).await;
    let mut init = None;
    let mut media = Vec::new();
    while media.len() < 3 {
        match viewer.next().await.expect("the camera is live") {
            Message::Text(text) if text["type"] == "init" => init = Some(text),
            Message::Binary(bytes) => media.push(bytes),
            _ => {}
        }
    }
    let init = init.expect("said before the first segment");
    assert!(init["mime"].as_str().is_some_and(|mime| mime.starts_with("video/mp4; codecs=\"avc1")));
    assert_eq!((&init["width"], &init["height"]), (&320.into(), &240.into()));
    assert!(init["wall_offset_us"].is_i64());
    let boxes: Vec<&[u8]> = media.iter().map(|bytes| &bytes[4..8]).collect();
    assert_eq!(boxes, [b"ftyp", b"moof", b"moof"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_served_whole_in_ranges_and_by_its_head() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let query = recorded(&house, &browser, &camera).await;
    let target = camera.path(&format!("/clip.mp4?{query}"));

    let whole = browser.get(&target).await;
    assert_eq!(whole.status, StatusCode::OK);
    assert_eq!(whole.header("content-type"), "video/mp4");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let length = whole.body.len();
    assert_eq!(whole.header("content-length"), length.to_string());

    let part = browser.send(with_range(&target, "bytes=100-1099")).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.header("content-range"), format!("bytes 100-1099/{length}"));
    assert_eq!(part.body, whole.body.slice(100..1100));

    let beyond = browser.send(with_range(&target, &format!("bytes={length}-"))).await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));

    let head = browser.send(request(Method::HEAD, &target)).await;
    assert_eq!(head.header("content-length"), length.to_string());
    assert!(head.body.is_empty());

    let saved = browser.get(&format!("{target}&download=1")).await;
    let disposition = saved.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\"hearthwatch-"), "{disposition}");
    let view = browser.get(&camera.path(&format!("/clip?{query}"))).await.json();
    assert_eq!(view["bytes"], length);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_frame_comes_with_what_a_decoder_needs() {
    let house = House::start().await;
    let browser = house.browser().await;
    let camera = Camera::add(&browser).await;
    let query = recorded(&house, &browser, &camera).await;
    let to = query.rsplit_once("to=").expect("a time").1;
    let answer = browser.get(&camera.path(&format!("/keyframe?at={to}"))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("x-codec").starts_with("avc1."));
    assert_eq!((answer.header("x-width"), answer.header("x-height")), ("320", "240"));
    // The configuration record begins with its version, 1 (ISO/IEC 14496-15, 5.3.3.1).
    assert!(answer.header("x-decoder-config").starts_with("AU"));
    let length = answer.body.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes));
    assert!(length.is_some_and(|length| (length as usize) < answer.body.len()));
    let gone = browser.get(&camera.path("/keyframe?at=2020-01-01T00:00:00Z")).await;
    assert_eq!((gone.status, gone.code().as_str()), (StatusCode::NOT_FOUND, "no_footage"));
}
