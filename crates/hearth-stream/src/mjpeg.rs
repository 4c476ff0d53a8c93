//! Cameras that send JPEG images in an endless HTTP answer (`multipart/x-mixed-replace`).
//!
//! Each image is a key frame; its time is when it arrived, for it carries none.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use hearth_media::{Frame, MediaTime, StreamItem, StreamParameters, TrackKind, VideoParameters};
use hearth_model::{SourceUrl, StateReason};
use hearth_rtsp::auth::{AuthError, AuthScheme, Authenticator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{MissedTickBehavior, timeout},
};

use crate::{
    SourceError, SourceSpec, SourceStats, Timeline,
    connection::{self, Connection, Opened, closed},
    watch::{FloodWatch, SilenceWatch},
};

mod body;
mod http;
mod multipart;

use body::BodyDecoder;
use http::ResponseHead;
use multipart::Multipart;

/// As for RTSP.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Challenges, a stale nonce and a redirect.
const REQUESTS_MAX: u32 = 5;
/// What arrives at home speeds between two wake-ups.
const READ_BYTES: usize = 64 * 1024;
/// How often silence is looked at.
const TICK: Duration = Duration::from_millis(250);
/// So many parts in a row that are no images are no camera.
const BAD_IMAGES_MAX: u32 = 30;

/// See the module.
#[derive(Debug)]
pub(crate) struct MjpegSource {
    connection: Connection,
    decoder: BodyDecoder,
    multipart: Multipart,
    scratch: Vec<u8>,
    items: VecDeque<StreamItem>,
    error: Option<SourceError>,
    parameters: Option<VideoParameters>,
    has_lost: bool,
    bad_images: u32,
    last_pts: MediaTime,
    tick: tokio::time::Interval,
    silence: SilenceWatch,
    flood: FloodWatch,
    timeline: Arc<dyn Timeline>,
    certificate: Option<[u8; 32]>,
    is_password_exposed: bool,
    stats: SourceStats,
}

/// Opens a source; the caller sets the deadline for all of it.
pub(crate) async fn connect(
    spec: &SourceSpec,
    timeline: Arc<dyn Timeline>,
) -> Result<MjpegSource, SourceError> {
    let account = spec.credentials.as_ref();
    let account = account.map(|one| (one.username.clone(), one.password.clone()));
    let mut authenticator = Authenticator::new(account, crate::random_bytes()?);
    let mut url = spec.url.clone();
    let mut refusals = 0;
    for _ in 0..REQUESTS_MAX {
        let opened = connection::open(&url, spec).await?;
        // Each connection may end elsewhere than the one before.
        authenticator.allow_basic(opened.is_private());
        let path = authenticator.fill(url.path());
        let proof = authenticator.authorize("GET", &path);
        let request = http::request(&url, &path, proof.as_deref());
        let asked = ask(opened, &request);
        let (opened, head, rest) = timeout(ANSWER_TIMEOUT, asked).await.map_err(|_| {
            SourceError::new(StateReason::Unreachable, "no answer to the request in time")
        })??;
        match head.status {
            401 => {
                let challenges = head.headers.all("WWW-Authenticate");
                authenticator.accept(challenges, refusals).map_err(refused)?;
                refusals += 1;
            }
            301..=308 => url = redirected(&url, &head)?,
            _ => {
                let is_clear = !url.scheme().is_encrypted();
                let is_basic = authenticator.scheme() == Some(AuthScheme::Basic);
                let mut source = MjpegSource::start(opened, &head, timeline)?;
                source.is_password_exposed = is_clear && (is_basic || url.wants_password());
                if source.is_password_exposed {
                    tracing::warn!("the camera takes the password in the clear only");
                }
                source.take(&rest);
                return Ok(source);
            }
        }
    }
    Err(SourceError::new(StateReason::Malformed, "the camera redirects again and again"))
}

fn refused(error: AuthError) -> SourceError {
    let error = hearth_rtsp::session::SessionError::from(error);
    SourceError::new(error.reason(), error.to_string())
}

/// Follows a redirect on the same host only, and never away from encryption.
fn redirected(from: &SourceUrl, head: &ResponseHead) -> Result<SourceUrl, SourceError> {
    let location = head.headers.get("Location").unwrap_or_default();
    let target = match location.strip_prefix('/') {
        Some(path) => {
            let host = from.host();
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            SourceUrl::told(&format!("{}://{host}:{}/{path}", from.scheme().name(), from.port()))
        }
        None => SourceUrl::told(location),
    };
    target
        .ok()
        .filter(|url| url.host() == from.host())
        .filter(|url| url.scheme().is_encrypted() || !from.scheme().is_encrypted())
        .ok_or_else(|| {
            SourceError::new(StateReason::Malformed, "the camera redirects to another place")
        })
}

/// Sends the request and reads the head of the answer, and what came of the body.
async fn ask(
    mut opened: Opened,
    request: &str,
) -> Result<(Opened, ResponseHead, Vec<u8>), SourceError> {
    let connection = &mut opened.connection;
    connection.write_all(request.as_bytes()).await.map_err(|error| closed(&error))?;
    connection.flush().await.map_err(|error| closed(&error))?;
    let mut bytes = Vec::with_capacity(4096);
    loop {
        if let Some((head, used)) = http::parse_head(&bytes)? {
            bytes.drain(..used);
            return Ok((opened, head, bytes));
        }
        let count = connection.read_buf(&mut bytes).await.map_err(|error| closed(&error))?;
        if count == 0 {
            return Err(closed(&std::io::ErrorKind::UnexpectedEof.into()));
        }
    }
}

impl MjpegSource {
    fn start(
        opened: Opened,
        head: &ResponseHead,
        timeline: Arc<dyn Timeline>,
    ) -> Result<Self, SourceError> {
        let boundary = head.boundary()?;
        let now = timeline.now();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            connection: opened.connection,
            decoder: BodyDecoder::new(head.is_chunked()),
            multipart: Multipart::new(&boundary),
            scratch: vec![0; READ_BYTES],
            items: VecDeque::new(),
            error: None,
            parameters: None,
            has_lost: false,
            bad_images: 0,
            last_pts: MediaTime::from_micros(i64::MIN),
            tick,
            silence: SilenceWatch::new(now),
            flood: FloodWatch::new(now),
            timeline,
            certificate: opened.certificate,
            is_password_exposed: false,
            stats: SourceStats::default(),
        })
    }

    /// The next item. Cancel-safe: everything that arrived is in `self`.
    pub(crate) async fn next(&mut self) -> Result<StreamItem, SourceError> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Ok(item);
            }
            if let Some(error) = &self.error {
                return Err(error.clone());
            }
            tokio::select! {
                read = self.connection.read(&mut self.scratch) => match read {
                    Ok(count @ 1..) => {
                        let bytes = std::mem::take(&mut self.scratch);
                        self.take(bytes.get(..count).unwrap_or_default());
                        self.scratch = bytes;
                    }
                    Ok(0) => self.fail(closed(&std::io::ErrorKind::UnexpectedEof.into())),
                    Err(error) => self.fail(closed(&error)),
                },
                _ = self.tick.tick() => {
                    if let Err(error) = self.silence.check(self.timeline.now()) {
                        self.fail(error);
                    }
                }
            }
        }
    }

    fn fail(&mut self, error: SourceError) {
        self.error.get_or_insert(error);
    }

    /// Takes bytes of the answer's body.
    fn take(&mut self, bytes: &[u8]) {
        let now = self.timeline.now();
        self.stats.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        let before = self.items.len();
        let mut read = self.decoder.decode(bytes, |part| self.multipart.add(part));
        while read.is_ok() {
            match self.multipart.next_part() {
                Ok(Some(image)) => read = self.put(image, now),
                Ok(None) => break,
                Err(error) => read = Err(error),
            }
        }
        let frames = self.items.len() - before;
        if let Err(error) = read.and_then(|()| self.flood.note(bytes.len(), frames, now)) {
            self.fail(error);
        }
    }

    fn put(&mut self, image: Bytes, now: MediaTime) -> Result<(), SourceError> {
        let Ok(parameters) = VideoParameters::from_jpeg(&image) else {
            self.has_lost = true;
            self.bad_images += 1;
            return if self.bad_images > BAD_IMAGES_MAX {
                Err(SourceError::new(StateReason::Malformed, "its parts are no JPEG images"))
            } else {
                Ok(())
            };
        };
        self.bad_images = 0;
        if self.parameters.as_ref() != Some(&parameters) {
            self.parameters = Some(parameters.clone());
            let parameters = StreamParameters { video: Some(parameters), audio: None };
            self.items.push_back(StreamItem::Parameters(Arc::new(parameters)));
        }
        let pts = now.max(self.last_pts.plus_micros(1));
        self.last_pts = pts;
        self.silence.note(now, pts);
        self.stats.video_frames += 1;
        let after_loss = std::mem::take(&mut self.has_lost);
        self.stats.losses += u64::from(after_loss);
        self.items.push_back(StreamItem::Frame(Frame {
            track: TrackKind::Video,
            pts,
            duration_samples: None,
            is_key: true,
            after_loss,
            data: image,
        }));
        Ok(())
    }

    pub(crate) fn certificate(&self) -> Option<[u8; 32]> {
        self.certificate
    }

    pub(crate) fn stats(&self) -> SourceStats {
        self.stats
    }

    pub(crate) fn is_password_exposed(&self) -> bool {
        self.is_password_exposed
    }
}

#[cfg(test)]
mod tests {
    use hearth_rtsp::message::Headers;

    use super::*;

    /// promise: V-24. A camera that only has to see the password proved is not sent it by a redirect.
    #[test]
    fn a_redirect_cannot_ask_for_the_password() {
        let from: SourceUrl = "http://10.0.0.5/video".parse().expect("a URL");
        for location in ["/{username}?pwd={password}", "http://10.0.0.5/{password}"] {
            let mut headers = Headers::new();
            headers.push("Location", location);
            let head = ResponseHead { status: 302, headers };
            let url = redirected(&from, &head).expect("the same host");
            assert!(!url.wants_password(), "{url}");
        }
    }
}
