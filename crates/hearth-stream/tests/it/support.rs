//! What all of these tests need.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind};
use hearth_model::{AddressPolicy, SourceUrl, Transport};
use hearth_stream::{Credentials, Source, SourceSpec, Timeline};

/// Long enough for a busy machine; no test waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A timeline that starts somewhere in 2023.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Arc<dyn Timeline> {
        Arc::new(Self(Instant::now()))
    }
}

impl Timeline for Clock {
    fn now(&self) -> MediaTime {
        let micros = i64::try_from(self.0.elapsed().as_micros()).expect("a short test");
        MediaTime::from_micros(1_700_000_000_000_000 + micros)
    }
}

pub(crate) fn spec(url: &str, transport: Transport, password: Option<&str>) -> SourceSpec {
    let (url, _) = SourceUrl::parse(url).expect("a valid URL");
    let credentials = password
        .map(|password| Credentials { username: "anna".to_owned(), password: password.into() });
    SourceSpec {
        url,
        credentials,
        transport,
        certificate_pin: None,
        addresses: AddressPolicy::DEVICES.with_this_machine(),
    }
}

/// What came until so many video frames were there.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) parameters: Vec<Arc<StreamParameters>>,
    pub(crate) video: Vec<Frame>,
    pub(crate) audio: Vec<Frame>,
}

impl Received {
    /// From the start of a source.
    pub(crate) async fn from(source: &mut Source, video_frames: usize) -> Self {
        let first = tokio::time::timeout(PATIENCE, source.next()).await.expect("an item in time");
        let Ok(StreamItem::Parameters(parameters)) = first else {
            panic!("parameters come first, and not {first:?}");
        };
        let mut received = Self::more_from(source, video_frames).await;
        received.parameters.insert(0, parameters);
        received
    }

    /// From a source that is under way.
    pub(crate) async fn more_from(source: &mut Source, video_frames: usize) -> Self {
        let mut received = Self::default();
        let collect = async {
            while received.video.len() < video_frames {
                match source.next().await.expect("the stream goes on") {
                    StreamItem::Parameters(parameters) => received.parameters.push(parameters),
                    StreamItem::Frame(frame) if frame.track == TrackKind::Video => {
                        received.video.push(frame);
                    }
                    StreamItem::Frame(frame) => received.audio.push(frame),
                }
            }
        };
        tokio::time::timeout(PATIENCE, collect).await.expect("frames in time");
        received
    }
}

/// The folder with test films, or `None` and a word on standard error.
pub(crate) fn test_data() -> Option<PathBuf> {
    let root = std::env::var_os("HEARTHWATCH_TEST_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    if root.join("media").is_dir() {
        Some(root)
    } else {
        eprintln!("skipped: no test data");
        None
    }
}
