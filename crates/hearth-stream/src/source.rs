//! One session with one camera, whatever its protocol.

use std::{sync::Arc, time::Duration};

use hearth_media::StreamItem;
use hearth_model::{SourceScheme, StateReason};
use tokio::time::timeout;

use crate::{
    SourceError, SourceSpec, Timeline, local::LocalSource, mjpeg::MjpegSource,
    replay::ReplaySource, rtsp::RtspSource,
};

/// Three steps of 5 s each would be 15 s anyway; a camera that needs more is down.
pub(crate) const SET_UP_TIMEOUT: Duration = Duration::from_secs(15);
/// A goodbye is a courtesy.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What a source counted since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceStats {
    /// Bytes of media that arrived, with packet headers.
    pub bytes: u64,
    /// Video frames handed out.
    pub video_frames: u64,
    /// Audio frames handed out.
    pub audio_frames: u64,
    /// Times that something was lost between two frames of a track: packets that never came,
    /// frames that were dropped because parts of them were missing.
    pub losses: u64,
    /// Packets that never came.
    pub packets_lost: u64,
    /// Times that the camera's clock jumped and the mapping started over.
    pub clock_jumps: u64,
}

/// An open stream. Dropping it closes the connection at once; [`Source::close`] says goodbye first.
#[derive(Debug)]
pub struct Source(Kind);

#[derive(Debug)]
enum Kind {
    Rtsp(Box<RtspSource>),
    Mjpeg(Box<MjpegSource>),
    Replay(Box<ReplaySource>),
    Local(Box<LocalSource>),
}

/// Opens a stream: resolves, connects, authenticates, negotiates and starts it.
///
/// Ends within 15 s whatever the other side does. Each step has its own deadline of 5 s.
///
/// # Errors
/// One [`StateReason`] for each thing that a person could do something about.
pub async fn connect(
    spec: &SourceSpec,
    timeline: Arc<dyn Timeline>,
) -> Result<Source, SourceError> {
    let opened = async {
        Ok(Source(match spec.url.scheme() {
            SourceScheme::Rtsp | SourceScheme::Rtsps => {
                Kind::Rtsp(Box::new(crate::rtsp::connect(spec, timeline).await?))
            }
            SourceScheme::Http | SourceScheme::Https => {
                Kind::Mjpeg(Box::new(crate::mjpeg::connect(spec, timeline).await?))
            }
            SourceScheme::File => {
                Kind::Replay(Box::new(crate::replay::open(spec, timeline).await?))
            }
            SourceScheme::V4l2 => Kind::Local(Box::new(crate::local::open(spec, timeline).await?)),
        }))
    };
    timeout(SET_UP_TIMEOUT, opened).await.unwrap_or_else(|_| {
        Err(SourceError::new(StateReason::Unreachable, "the stream was not set up in time"))
    })
}

impl Source {
    /// The next item; parameters come before the first frame.
    ///
    /// Cancel-safe: dropping the future loses nothing.
    ///
    /// # Errors
    /// An error ends the source, and is given again by every later call. Among them is
    /// [`StateReason::Silent`] when no picture came for 10 frame intervals (1 to 5 s).
    pub async fn next(&mut self) -> Result<StreamItem, SourceError> {
        match &mut self.0 {
            Kind::Rtsp(source) => source.next().await,
            Kind::Mjpeg(source) => source.next().await,
            Kind::Replay(source) => source.next().await,
            Kind::Local(source) => source.next().await,
        }
    }

    /// Ends the session politely, within a second.
    pub async fn close(self) {
        if let Kind::Rtsp(source) = self.0
            && timeout(CLOSE_TIMEOUT, source.close()).await.is_err()
        {
            tracing::debug!("the camera did not answer the goodbye");
        }
    }

    /// SHA-256 of the certificate that the camera showed, if the connection is encrypted.
    pub fn certificate(&self) -> Option<[u8; 32]> {
        match &self.0 {
            Kind::Rtsp(source) => source.certificate(),
            Kind::Mjpeg(source) => source.certificate(),
            Kind::Replay(_) | Kind::Local(_) => None,
        }
    }

    /// Whether the camera made us send the password readably over a connection that is not
    /// encrypted (promise T-04: shown, not silent).
    pub fn is_password_exposed(&self) -> bool {
        match &self.0 {
            Kind::Rtsp(source) => source.is_password_exposed(),
            Kind::Mjpeg(source) => source.is_password_exposed(),
            Kind::Replay(_) | Kind::Local(_) => false,
        }
    }

    /// What was counted so far.
    pub fn stats(&self) -> SourceStats {
        match &self.0 {
            Kind::Rtsp(source) => source.stats(),
            Kind::Mjpeg(source) => source.stats(),
            Kind::Replay(source) => source.stats(),
            Kind::Local(source) => source.stats(),
        }
    }
}
