//! Pictures: thumbnails of events, and stills of any instant.

use std::sync::Arc;

use bytes::Bytes;
use hearth_auth::{CameraGrant, HouseGrant, ask};
use hearth_eyes::{EyesError, StillWish};
use hearth_media::{Frame, StreamParameters, VideoCodec};
use hearth_model::{CameraId, EventId, FaultKind, WallTime};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    views::Still,
};

/// Keeps the picture of an event; whether it worked.
pub(crate) async fn keep(
    house: &Arc<House>,
    camera: CameraId,
    event: EventId,
    jpeg: Bytes,
) -> bool {
    // A camera that never records keeps no picture either (promise T-14).
    let records =
        house.cameras.get(camera).is_some_and(|camera| camera.settings().record.ever_records());
    if !records {
        return false;
    }
    let recorder = Arc::clone(&house.recorder);
    let kept = tokio::task::spawn_blocking(move || recorder.keep_picture(camera, event, &jpeg));
    match kept.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a picture was not kept");
            false
        }
        Err(_) => false,
    }
}

/// No picture is there, because the camera sends none.
pub(crate) fn not_live() -> UseCaseError {
    UseCaseError::unavailable("not_live", "The camera sends no pictures now.")
}

impl Hub {
    /// The picture of an event, for whoever may see its camera.
    ///
    /// # Errors
    /// `not_found` also when the camera may not be seen (promise T-05).
    pub async fn thumbnail(
        &self,
        grant: HouseGrant<ask::ReadEvents>,
        event: EventId,
    ) -> Result<Bytes> {
        let house = self.house();
        let missing = || UseCaseError::not_found("picture");
        let row = house.store.event(event).await.map_err(|_| missing())?;
        let camera = row.event.body.camera().ok_or_else(missing)?;
        if !row.thumbnail || !house.policy.recalls(grant.principal(), camera) {
            return Err(missing());
        }
        let recorder = Arc::clone(&house.recorder);
        let read = tokio::task::spawn_blocking(move || recorder.picture(camera, event)).await;
        read.ok().and_then(std::result::Result::ok).map(Bytes::from).ok_or_else(missing)
    }

    /// The newest picture of a camera.
    ///
    /// # Errors
    /// `not_live` without frames, `undecodable` if its codec can't be decoded here.
    pub async fn still(&self, grant: CameraGrant<ask::Live>) -> Result<Still> {
        let camera = self.running(grant.camera())?;
        let group = camera.live().newest_group().await.ok_or_else(not_live)?;
        let newest = group.frames.iter().map(|frame| frame.pts).max().unwrap_or_default();
        let at = self.house().clock.wall_at(newest);
        self.decode(group.parameters, group.frames, at).await
    }

    /// The picture of a recorded instant.
    ///
    /// # Errors
    /// `no_footage` if nothing was recorded then.
    pub async fn snapshot(&self, grant: CameraGrant<ask::Playback>, at: WallTime) -> Result<Still> {
        let camera = self.running(grant.camera())?.id();
        let found = self.house().recorder.footage().frames_until(camera, at).await;
        let (parameters, frames, at) = found.map_err(crate::playback::footage_error)?;
        self.decode(parameters, frames, at).await
    }

    async fn decode(
        &self,
        parameters: Arc<StreamParameters>,
        frames: Vec<Frame>,
        at: WallTime,
    ) -> Result<Still> {
        let is_jpeg = |video: &hearth_media::VideoParameters| video.codec == VideoCodec::Mjpeg;
        if parameters.video.as_ref().is_some_and(is_jpeg)
            && let Some(frame) = frames.last()
        {
            return Ok(Still { jpeg: frame.data.clone(), at });
        }
        let down =
            || UseCaseError::unavailable("eyes_down", "Pictures can't be decoded at the moment.");
        let eyes = self.house().eyes.as_ref().ok_or_else(down)?;
        match eyes.still(&parameters, frames, &StillWish::default()).await {
            Ok(jpeg) => Ok(Still { jpeg: jpeg.bytes, at }),
            Err(error @ (EyesError::Undecodable(_) | EyesError::Damaged)) => {
                Err(UseCaseError::new(FaultKind::Device, "undecodable", error.to_string()))
            }
            Err(error @ (EyesError::NoKeyFrame | EyesError::TooLarge)) => {
                Err(UseCaseError::new(FaultKind::Limited, "no_picture", error.to_string()))
            }
            Err(error) => {
                tracing::debug!(%error, "no still picture");
                Err(down())
            }
        }
    }
}
