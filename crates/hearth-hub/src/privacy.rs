//! The house's privacy switch: one move closes every camera (promise T-12).
//!
//! Closed means that the hub neither connects to a camera's stream nor keeps anything of it, whatever
//! the camera does. Where a camera's control side is known, its lens is closed as well, and the
//! answer says for each camera whether that worked. The switch is stored before it takes effect, so
//! that a crash leaves the house closed and not open.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::join_all;
use hearth_auth::{HouseGrant, ask};
use hearth_device::ControlValue;
use hearth_model::{CameraId, EventBody, StateReason, WallTime};
use tokio::{
    sync::{Mutex, watch},
    time::timeout,
};

use crate::{
    Hub,
    camera::handle::Camera,
    devices::{KeptDevice, device_error, name_of},
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// What each camera has to answer within. One that does not has failed, and delays no other.
const CAMERA_LIMIT: Duration = Duration::from_secs(3);

/// The control that closes a lens.
const LENS: &str = "privacy";

/// Who ends it when its time is over.
const CLOCK: &str = "clock";

/// The switch as it is stored.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Kept {
    is_on: bool,
    until: Option<WallTime>,
    since: Option<WallTime>,
    by: Option<String>,
    cameras: Vec<PrivacyCamera>,
    /// Lenses that were closed before: they stay closed afterwards.
    closed_before: BTreeSet<CameraId>,
}

impl Kept {
    const KEY: &'static str = "house_privacy";
}

/// How a camera is closed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// By its own lens, and by the hub.
    Lens,
    /// By the hub alone.
    Hub,
}

/// What became of a camera.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyResult {
    /// It is closed.
    Closed,
    /// Its lens did not do what it should; `reason` says what that means.
    Failed,
    /// It is open.
    Open,
}

/// One camera under the switch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct PrivacyCamera {
    /// Which.
    pub camera: CameraId,
    /// How it is closed.
    pub how: ClosedBy,
    /// What became of it.
    pub result: PrivacyResult,
    /// More about it, for a person.
    pub reason: Option<String>,
}

/// The switch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PrivacyView {
    /// Whether the house is closed.
    pub is_on: bool,
    /// Until when, if it ends by itself.
    pub until: Option<WallTime>,
    /// When it was last set.
    pub since: Option<WallTime>,
    /// Who set it.
    pub by: Option<String>,
    /// What became of each camera.
    pub cameras: Vec<PrivacyCamera>,
}

/// The switch while the hub runs.
pub(crate) struct HousePrivacy {
    kept: RwLock<Kept>,
    closed: watch::Sender<bool>,
    /// Set by one at a time.
    turn: Mutex<()>,
}

impl HousePrivacy {
    /// As the last run left it.
    pub(crate) async fn open(
        store: &hearth_store::Store,
    ) -> std::result::Result<Self, hearth_store::StoreError> {
        let kept: Kept = store.setting(Kept::KEY).await?.unwrap_or_default();
        let closed = watch::Sender::new(kept.is_on);
        Ok(Self { kept: RwLock::new(kept), closed, turn: Mutex::default() })
    }

    /// Tells cameras whether they are closed.
    pub(crate) fn closed(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Whether the house is closed.
    pub(crate) fn is_on(&self) -> bool {
        *self.closed.borrow()
    }

    fn now(&self) -> Kept {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether its time is over.
    fn is_over(&self, now: WallTime) -> bool {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.is_on && kept.until.is_some_and(|until| until <= now)
    }
}

impl Hub {
    /// How the switch stands, for the cameras that the principal may see.
    pub fn privacy(&self, grant: &HouseGrant<ask::ReadDevices>) -> PrivacyView {
        let house = self.house();
        let visible = |camera: CameraId| house.policy.visible(grant.principal(), camera);
        house.privacy_view(visible)
    }

    /// Closes or opens the house. Answers when every camera did, or failed to.
    ///
    /// # Errors
    /// `invalid` if it should end in the past, or if the switch could not be stored: nothing is
    /// changed then.
    pub async fn set_privacy(
        &self,
        grant: HouseGrant<ask::ControlDevices>,
        is_on: bool,
        until: Option<WallTime>,
    ) -> Result<PrivacyView> {
        let house = self.house();
        if until.is_some_and(|until| !is_on || until <= house.clock.wall_now()) {
            let text = "`until` is a time to come, and only when the switch is turned on.";
            return Err(UseCaseError::bad_input("invalid", text));
        }
        house.switch_privacy(is_on, until, name_of(grant.principal())).await?;
        let visible = |camera: CameraId| house.policy.visible(grant.principal(), camera);
        Ok(house.privacy_view(visible))
    }
}

impl House {
    fn privacy_view(&self, visible: impl Fn(CameraId) -> bool) -> PrivacyView {
        let Kept { is_on, until, since, by, mut cameras, .. } = self.privacy.now();
        cameras.retain(|row| visible(row.camera));
        PrivacyView { is_on, until, since, by, cameras }
    }

    /// Opens the house again when the time of its privacy is over.
    pub(crate) fn end_privacy(self: &Arc<Self>, now: WallTime) {
        if !self.privacy.is_over(now) || self.privacy.turn.try_lock().is_err() {
            return;
        }
        let house = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = house.switch_privacy(false, None, CLOCK.to_owned()).await {
                tracing::error!(%error, "the house's privacy did not end");
            }
        });
    }

    /// Sets the switch for somebody, or something, of this name.
    pub(crate) async fn switch_privacy(
        &self,
        is_on: bool,
        until: Option<WallTime>,
        by: String,
    ) -> Result<()> {
        let _turn = self.privacy.turn.lock().await;
        let before = self.privacy.now();
        let cameras = self.cameras.all();
        let lenses: Vec<Option<Arc<KeptDevice>>> =
            cameras.iter().map(|camera| self.lens_of(camera.id())).collect();
        let closed_before = match (is_on, before.is_on) {
            (true, false) => {
                let pairs = cameras.iter().zip(&lenses);
                pairs.filter(|(_, lens)| is_closed(lens)).map(|(camera, _)| camera.id()).collect()
            }
            _ => before.closed_before,
        };
        let since = Some(self.clock.wall_now());
        let mut kept =
            Kept { is_on, until, since, by: Some(by.clone()), cameras: Vec::new(), closed_before };
        self.store.put_setting(Kept::KEY, &kept).await.map_err(store_error)?;
        self.privacy.closed.send_replace(is_on);
        let asked = cameras.iter().zip(&lenses).map(|(camera, lens)| {
            let stays = !is_on && kept.closed_before.contains(&camera.id());
            self.move_camera(camera, lens.as_deref(), is_on, stays, &by)
        });
        kept.cameras = join_all(asked).await;
        if !is_on {
            kept.closed_before.clear();
        }
        self.store.put_setting(Kept::KEY, &kept).await.map_err(store_error)?;
        *self.privacy.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
        self.note(EventBody::HousePrivacyChanged { is_on, until, by }).await;
        self.keep_snapshot().await;
        self.status_changed();
        Ok(())
    }

    /// The device that closes a camera's lens.
    fn lens_of(&self, camera: CameraId) -> Option<Arc<KeptDevice>> {
        let has_lens = |device: &Arc<KeptDevice>| {
            let standing = device.supervised().standing();
            device.settings().camera == Some(camera)
                // One that did not answer yet may have a lens; asking it tells.
                && (standing.look.is_none() || standing.control(LENS).is_some())
        };
        self.devices.all().into_iter().find(has_lens)
    }

    async fn move_camera(
        &self,
        camera: &Camera,
        lens: Option<&KeptDevice>,
        is_on: bool,
        stays: bool,
        by: &str,
    ) -> PrivacyCamera {
        let done = if is_on { PrivacyResult::Closed } else { PrivacyResult::Open };
        let row = |how, result, reason| PrivacyCamera { camera: camera.id(), how, result, reason };
        let stream = self.move_stream(camera, is_on);
        let Some(lens) = lens else {
            return match stream.await {
                true => row(ClosedBy::Hub, done, None),
                false => row(ClosedBy::Hub, PrivacyResult::Failed, Some(STUCK.to_owned())),
            };
        };
        if stays {
            stream.await;
            let reason = "Its lens was closed before, and stays closed.".to_owned();
            return row(ClosedBy::Lens, PrivacyResult::Closed, Some(reason));
        }
        let value = ControlValue::Switch(is_on);
        let moved = timeout(CAMERA_LIMIT, lens.supervised().set(LENS, value.clone()));
        let (moved, _) = tokio::join!(moved, stream);
        let failure = match moved {
            Ok(Ok(())) => {
                self.note_control(lens, LENS, Some(&value), by.to_owned()).await;
                return row(ClosedBy::Lens, done, None);
            }
            Ok(Err(error)) => device_error(error).fault.message,
            Err(_) => "The device did not answer within 3 seconds.".to_owned(),
        };
        let rest = if is_on {
            "Its lens may be open, but the hub watches and keeps nothing of it."
        } else {
            "Its lens may still be closed."
        };
        row(ClosedBy::Lens, PrivacyResult::Failed, Some(format!("{failure} {rest}")))
    }

    /// Whether the hub has let go of a camera's stream, or begun with it again.
    async fn move_stream(&self, camera: &Camera, is_on: bool) -> bool {
        let mut standing = camera.standing();
        let is_there = standing.wait_for(|now| (now.reason == Some(StateReason::Privacy)) == is_on);
        timeout(CAMERA_LIMIT, is_there).await.is_ok_and(|there| there.is_ok())
    }
}

/// What is wrong when a stream does not end within its time.
const STUCK: &str = "Its stream did not follow within 3 seconds.";

fn is_closed(lens: &Option<Arc<KeptDevice>>) -> bool {
    let standing = lens.as_ref().map(|lens| lens.supervised().standing());
    let value = standing.and_then(|now| now.control(LENS).and_then(|lens| lens.value.clone()));
    value == Some(ControlValue::Switch(true))
}
