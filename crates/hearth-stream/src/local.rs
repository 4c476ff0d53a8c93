//! A camera on this machine itself (`v4l2:///dev/video0`): each picture is a JPEG and a key frame.
//!
//! Waiting for the camera, and its silence, are `hearth-capture`'s.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use hearth_capture::{
    CaptureError,
    camera::{CameraStream, Picture},
};
use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind, VideoParameters};
use hearth_model::StateReason;

use crate::{SourceError, SourceSpec, SourceStats, Timeline};

/// What is asked for; the driver takes the nearest that the camera can.
const SIZE: (u32, u32) = (1280, 720);
/// A picture that waited longer was not late but is from before a suspend of the machine.
const AGE_MAX: Duration = Duration::from_secs(5);

/// See the module.
#[derive(Debug)]
pub(crate) struct LocalSource {
    camera: CameraStream,
    timeline: Arc<dyn Timeline>,
    parameters: Option<VideoParameters>,
    next: Option<Frame>,
    error: Option<SourceError>,
    last_pts: MediaTime,
    dropped: u64,
    stats: SourceStats,
}

/// Opens the camera; that is a handful of ioctls, which may block while it wakes up.
pub(crate) async fn open(
    spec: &SourceSpec,
    timeline: Arc<dyn Timeline>,
) -> Result<LocalSource, SourceError> {
    let path = PathBuf::from(spec.url.path());
    let opened = tokio::task::spawn_blocking(move || CameraStream::open(&path, SIZE.0, SIZE.1));
    let camera = opened
        .await
        .map_err(|_| SourceError::new(StateReason::Internal, "the opening thread died"))?
        .map_err(failed)?;
    Ok(LocalSource::new(camera, timeline))
}

fn failed(error: CaptureError) -> SourceError {
    let reason = match error {
        CaptureError::Missing(_) => StateReason::Unreachable,
        CaptureError::Busy { .. } | CaptureError::Permission => StateReason::Refused,
        CaptureError::Silent => StateReason::Silent,
        CaptureError::Format => StateReason::UnsupportedCodec,
        CaptureError::Malformed(_) => StateReason::Malformed,
        CaptureError::Failed(_) => StateReason::Closed,
    };
    SourceError::new(reason, error.to_string())
}

impl LocalSource {
    fn new(camera: CameraStream, timeline: Arc<dyn Timeline>) -> Self {
        Self {
            camera,
            timeline,
            parameters: None,
            next: None,
            error: None,
            last_pts: MediaTime::from_micros(i64::MIN),
            dropped: 0,
            stats: SourceStats::default(),
        }
    }

    /// The next item. Cancel-safe: a frame that waits for its parameters waits in `self`.
    pub(crate) async fn next(&mut self) -> Result<StreamItem, SourceError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if let Some(frame) = self.next.take() {
            return Ok(StreamItem::Frame(frame));
        }
        let picture = match self.camera.next().await {
            Ok(picture) => picture,
            Err(error) => return Err(self.error.insert(failed(error)).clone()),
        };
        let parameters = match VideoParameters::from_jpeg(&picture.jpeg) {
            Ok(parameters) => parameters,
            Err(error) => {
                let error = SourceError::new(StateReason::Malformed, error.to_string());
                return Err(self.error.insert(error).clone());
            }
        };
        let frame = self.frame(picture);
        if self.parameters.as_ref() == Some(&parameters) {
            return Ok(StreamItem::Frame(frame));
        }
        self.next = Some(frame);
        self.parameters = Some(parameters.clone());
        let parameters = StreamParameters { video: Some(parameters), audio: None };
        Ok(StreamItem::Parameters(Arc::new(parameters)))
    }

    fn frame(&mut self, picture: Picture) -> Frame {
        let age = Instant::now().saturating_duration_since(picture.at).min(AGE_MAX);
        let age = i64::try_from(age.as_micros()).unwrap_or(0);
        let pts = self.timeline.now().plus_micros(-age).max(self.last_pts.plus_micros(1));
        self.last_pts = pts;
        let dropped = self.camera.dropped();
        let after_loss = dropped != self.dropped;
        self.dropped = dropped;
        self.stats.bytes += u64::try_from(picture.jpeg.len()).unwrap_or(0);
        self.stats.video_frames += 1;
        self.stats.losses += u64::from(after_loss);
        Frame {
            track: TrackKind::Video,
            pts,
            duration_samples: None,
            is_key: true,
            after_loss,
            data: picture.jpeg,
        }
    }

    pub(crate) fn stats(&self) -> SourceStats {
        self.stats
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hearth_model::{AddressPolicy, Transport};

    use super::*;

    struct Standing;

    impl Timeline for Standing {
        fn now(&self) -> MediaTime {
            MediaTime::from_micros(1_000_000)
        }
    }

    /// SOI and a frame header of this size.
    fn jpeg(width: u8) -> Bytes {
        let header = [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 48, 0, width, 1, 1, 0x11, 0];
        Bytes::copy_from_slice(&header)
    }

    /// promise: D-22. A camera that is not of metal streams like one that is.
    #[tokio::test]
    async fn pictures_become_key_frames_on_the_timeline() {
        let (sender, receiver) = tokio::sync::mpsc::channel(8);
        for width in [64, 64, 32] {
            let picture = Picture { jpeg: jpeg(width), at: Instant::now() };
            sender.send(Ok(picture)).await.expect("there is room");
        }
        sender.send(Err(CaptureError::Silent)).await.expect("there is room");
        let mut source = LocalSource::new(CameraStream::simulated(receiver), Arc::new(Standing));
        let mut seen = String::new();
        let mut last = MediaTime::from_micros(i64::MIN);
        let error = loop {
            match source.next().await {
                Ok(StreamItem::Parameters(_)) => seen.push('p'),
                Ok(StreamItem::Frame(frame)) => {
                    assert!(frame.is_key && frame.pts > last);
                    last = frame.pts;
                    seen.push('f');
                }
                Err(error) => break error,
            }
        };
        assert_eq!(seen, "pffpf");
        assert_eq!(error.reason, StateReason::Silent);
        assert_eq!(source.next().await.expect_err("it ended").reason, StateReason::Silent);
        assert_eq!(source.stats().video_frames, 3);
    }

    #[tokio::test]
    async fn a_camera_that_is_not_plugged_in_is_unreachable() {
        let url = "v4l2:///dev/video999".parse().expect("valid");
        let transport = Transport::Tcp;
        let spec = SourceSpec {
            url,
            credentials: None,
            transport,
            certificate_pin: None,
            addresses: AddressPolicy::DEVICES,
        };
        let error = open(&spec, Arc::new(Standing)).await.expect_err("it is not there");
        assert_eq!(error.reason, StateReason::Unreachable);
    }
}
