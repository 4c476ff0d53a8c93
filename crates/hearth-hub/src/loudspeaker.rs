//! The loudspeakers of cameras: who says something through which, one at a time.
//!
//! What is said goes back on the way that RTSP has for it. A Tapo camera knows none, and is spoken to as
//! the device that it is, by its own protocol, which proves the account to whoever listens on the way:
//! only one that has no other is spoken to so. What is being said ends with the hub, with its camera,
//! and when the house is closed. A visit at that door counts as answered once the camera has taken the
//! last word.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use hearth_device::{DeviceError, Family};
use hearth_media::speech::Voice;
use hearth_model::{CameraId, FaultKind, StateReason, VisitId};
use hearth_stream::{SourceSpec, SpeakError, speak};

use crate::{
    camera::handle::Camera,
    cameras::reason_error,
    devices::{KeptDevice, device_error},
    error::{Result, UseCaseError},
    house::House,
};

/// The cameras through which something is said at the moment.
#[derive(Default)]
pub(crate) struct Speaking(Mutex<BTreeSet<CameraId>>);

impl Speaking {
    /// `false` if something is said there already.
    fn begin(&self, camera: CameraId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(camera)
    }

    fn end(&self, camera: CameraId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&camera);
    }
}

/// A camera's loudspeaker; nobody else has it as long as this lives.
pub(crate) struct Turn {
    house: Arc<House>,
    camera: Arc<Camera>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.house.speaking.end(self.camera.id());
    }
}

impl Turn {
    /// Takes it.
    ///
    /// # Errors
    /// `busy` while somebody has it.
    pub(crate) fn take(house: &Arc<House>, camera: Arc<Camera>) -> Result<Self> {
        if !house.speaking.begin(camera.id()) {
            let text = "Something is said at this camera already. Wait until it is over.";
            return Err(UseCaseError::new(FaultKind::Conflict, "busy", text));
        }
        Ok(Self { house: Arc::clone(house), camera })
    }

    pub(crate) fn camera(&self) -> CameraId {
        self.camera.id()
    }

    /// Says something, unless the house is closed or the camera goes meanwhile; calls `listens` when the
    /// camera is there, and answers the visit that was answered.
    pub(crate) async fn say(
        &self,
        voice: &mut impl Voice,
        listens: impl Fn() + Send + Sync,
    ) -> Result<Option<VisitId>> {
        let (house, camera) = (&self.house, &self.camera);
        let gone = || UseCaseError::not_found("camera");
        let anew = || {
            let text = "The camera was set up anew meanwhile.";
            UseCaseError::new(FaultKind::Conflict, "changed", text)
        };
        let mut source = camera.source().ok_or_else(gone)?;
        let mut privacy = camera.privacy();
        let spec = source.borrow_and_update().clone();
        let visit = house.open_visit(camera.id()).await;
        tokio::select! {
            // A house that is closed already says nothing.
            biased;
            // The switch lives as long as the house.
            _ = privacy.wait_for(|is_on| *is_on) => return Err(reason_error(StateReason::Privacy)),
            () = house.ended() => {
                return Err(UseCaseError::unavailable("not_ready", "The hub is ending."));
            }
            // Another address or account, or none any more.
            changed = source.changed() => return Err(changed.map_or_else(|_| gone(), |()| anew())),
            said = self.play(&spec, voice, listens) => said?,
        }
        if let Some(visit) = visit
            && let Err(error) = house.answer_visit(visit).await
        {
            tracing::warn!(%error, "a visit was not marked as answered");
        }
        Ok(visit)
    }

    /// Says it the way that this camera is spoken to.
    async fn play(
        &self,
        spec: &SourceSpec,
        voice: &mut impl Voice,
        listens: impl Fn() + Send + Sync,
    ) -> Result<()> {
        let timeline = Arc::clone(&self.house.clock) as Arc<_>;
        match (speak(spec, voice, timeline, &listens).await, self.device()) {
            (Err(SpeakError::NoSpeaker), Some(device)) => {
                let said = async {
                    let loudspeaker = device.supervised().open_loudspeaker().await?;
                    listens();
                    loudspeaker.speak(voice).await
                };
                said.await.map_err(|error| match error {
                    DeviceError::Unsupported => no_loudspeaker(),
                    error => device_error(error),
                })
            }
            (said, _) => said.map_err(|error| not_said(self.camera(), error)),
        }
    }

    /// The camera as a device with a loudspeaker of its own protocol.
    fn device(&self) -> Option<Arc<KeptDevice>> {
        self.house.devices.all().into_iter().find(|device| {
            let settings = device.settings();
            settings.camera == Some(self.camera()) && settings.family == Family::TapoCamera
        })
    }
}

fn no_loudspeaker() -> UseCaseError {
    let text = "This camera has no loudspeaker that the hub can speak through.";
    UseCaseError::new(FaultKind::Conflict, "cannot_speak", text)
}

fn not_said(camera: CameraId, error: SpeakError) -> UseCaseError {
    match error {
        SpeakError::NoSpeaker => no_loudspeaker(),
        SpeakError::Failed(error) => {
            tracing::info!(
                camera.id = %camera,
                reason = ?error.reason,
                detail = %error.detail,
                "a loudspeaker was not spoken through"
            );
            reason_error(error.reason)
        }
    }
}
