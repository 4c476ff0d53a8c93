//! A house of made-up MJPEG cameras for the eyes to look at.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_eyes::{Eyes, EyesConfig, EyesFeed, EyesReport, Model};
use hearth_media::{
    Frame, MediaTime, StreamItem, StreamParameters, TrackKind, VideoCodec, VideoParameters,
};
use hearth_model::{CameraId, DetectionSettings, EyesState};
use jpeg_encoder::{ColorType, Encoder};
use tokio::sync::mpsc;

pub(crate) const WIDTH: u16 = 320;
pub(crate) const HEIGHT: u16 = 180;

/// A test that waits longer than this has failed; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(120);

/// The eyes, and what they report.
pub(crate) struct Rig {
    pub(crate) eyes: Eyes,
    reports: mpsc::Receiver<EyesReport>,
}

impl Rig {
    /// Starts the eyes with a variant of the test worker.
    pub(crate) async fn start(variant: &str, model: Option<Model>) -> Self {
        let (sender, reports) = mpsc::channel(1_024);
        let args = if variant.is_empty() { Vec::new() } else { vec![variant.to_owned()] };
        let program = PathBuf::from(env!("CARGO_BIN_EXE_hearth-eyes-worker"));
        let eyes = Eyes::start(EyesConfig { program, args, model }, sender);
        let mut rig = Self { eyes, reports };
        rig.wait(|report| matches!(report, EyesReport::WorkerStarted)).await;
        rig
    }

    /// The next report that fits; others before it are passed over.
    pub(crate) async fn wait(&mut self, fits: impl Fn(&EyesReport) -> bool) -> EyesReport {
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let report = self.reports.recv().await.expect("the eyes are there");
                if fits(&report) {
                    return report;
                }
            }
        });
        found.await.expect("the report comes in time")
    }

    /// Waits for a camera to be in a state.
    pub(crate) async fn wait_for_state(&mut self, of: CameraId, wanted: EyesState) {
        self.wait(|report| {
            matches!(report,
                EyesReport::State { camera, state, .. } if *camera == of && *state == wanted)
        })
        .await;
    }

    /// Process id of the worker.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        let pid = self.eyes.status().pid.expect("the worker runs");
        rustix::process::Pid::from_raw(i32::try_from(pid).expect("a small number"))
            .expect("not zero")
    }
}

/// A camera whose mover comes and goes.
pub(crate) struct Camera {
    pub(crate) id: CameraId,
    pub(crate) feed: EyesFeed,
    pub(crate) frame: i64,
    /// Put into each frame, where decoders pass it over.
    pub(crate) poison: Option<&'static [u8]>,
}

impl Camera {
    pub(crate) fn new(eyes: &Eyes) -> Self {
        let id = CameraId::new();
        let mut feed = eyes.watch(id, DetectionSettings::default());
        feed.offer(&StreamItem::Parameters(parameters()));
        Self { id, feed, frame: 0, poison: None }
    }

    /// Offers the next frame, 100 ms of the camera's time after the one before.
    pub(crate) fn offer(&mut self, mover: bool) {
        let place = mover.then_some((self.frame % 30) as usize * 8);
        let mut image = image(self.frame as usize, place);
        if let Some(poison) = self.poison {
            // A comment segment of JPEG (ITU-T T.81, B.2.4.5) after the start marker.
            let length = u16::try_from(poison.len() + 2).expect("short").to_be_bytes();
            let comment = [&[0xFF, 0xFE], &length[..], poison].concat();
            image.splice(2..2, comment);
        }
        let frame = frame(self.frame, image.into());
        self.frame += 1;
        self.feed.offer(&StreamItem::Frame(frame));
    }

    /// Plays frames ten times as fast as a camera would: quiet until it is known, then a mover,
    /// then quiet, over and over.
    pub(crate) async fn play(mut self) {
        loop {
            let phase = self.frame % 120;
            self.offer((60..90).contains(&phase));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(crate) fn parameters() -> Arc<StreamParameters> {
    let video = VideoParameters {
        codec: VideoCodec::Mjpeg,
        width: WIDTH,
        height: HEIGHT,
        config: Bytes::new(),
        rfc6381: "mp4v.6c".to_owned(),
        reorder_frames_max: 0,
    };
    Arc::new(StreamParameters { video: Some(video), audio: None })
}

pub(crate) fn frame(number: i64, data: Bytes) -> Frame {
    Frame {
        track: TrackKind::Video,
        pts: MediaTime::from_micros(number * 100_000),
        duration_samples: None,
        is_key: true,
        after_loss: false,
        data,
    }
}

/// A noisy grey room, with a bright box in it or not.
pub(crate) fn image(seed: usize, mover: Option<usize>) -> Vec<u8> {
    let (width, height) = (usize::from(WIDTH), usize::from(HEIGHT));
    let mut pixels: Vec<u8> =
        (0..width * height).map(|i| 80 + ((i * 31 + seed * 17) % 7) as u8).collect();
    if let Some(left) = mover {
        for y in 60..110 {
            pixels[y * width + left..y * width + left + 40].fill(210);
        }
    }
    let mut image = Vec::new();
    Encoder::new(&mut image, 80)
        .encode(&pixels, WIDTH, HEIGHT, ColorType::Luma)
        .expect("small enough");
    image
}
