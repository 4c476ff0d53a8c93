//! Cameras: list, add, change, remove, watch.

use std::{sync::Arc, time::Duration};

use hearth_audit::Origin;
use hearth_auth::{CameraGrant, HouseGrant, Principal, ask};
use hearth_model::{
    CameraId, CameraName, CameraSettings, CameraStatus, DetectionSettings, EventBody, FaultKind,
    RecordSchedule, Retention, SourceScheme, SourceUrl, StateReason, Transport,
};
use hearth_secret::SecretString;
use hearth_stream::{Credentials, SourceSpec};

use crate::{
    Hub,
    camera::{
        given::split_source,
        handle::{Camera, parse_pin},
        live::{LiveItem, LiveViewer},
    },
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    views::{CameraView, ErasedView, FootageView},
    watchers::Viewing,
};

/// How long a new camera has until its first parameters, beyond the source's own deadlines.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// A camera to be added.
#[derive(Clone, Debug)]
pub struct NewCamera {
    /// How it is set up.
    pub settings: CameraSettings,
    /// Its account, if it has one.
    pub credentials: Option<(String, SecretString)>,
}

/// A camera whose stream was opened once.
#[derive(Clone, Debug)]
pub struct Probed {
    /// As it is best added.
    pub camera: NewCamera,
    /// Where it speaks RTSPS without sending this stream to this account.
    pub unused_offer: Option<SourceUrl>,
}

/// What is to change; absent parts stay.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraPatch {
    /// Name.
    pub name: Option<CameraName>,
    /// Source; credentials in it are taken out.
    #[schema(value_type = Option<String>)]
    pub url: Option<SecretString>,
    /// Smaller stream for the eyes, from the same account; an empty text removes it.
    #[schema(value_type = Option<String>)]
    pub sub_url: Option<SecretString>,
    /// How RTP travels.
    pub transport: Option<Transport>,
    /// SHA-256 of the certificate to accept; an empty text pins the next one seen.
    pub certificate_pin: Option<String>,
    /// When it records.
    pub record: Option<RecordSchedule>,
    /// Seconds kept before an event.
    pub pre_roll_seconds: Option<u16>,
    /// Seconds kept after an event.
    pub post_roll_seconds: Option<u16>,
    /// How long footage, pictures and events stay.
    pub retention: Option<Retention>,
    /// What the eyes do.
    pub detection: Option<DetectionSettings>,
    /// User name of the camera's account; needs the password with it.
    pub username: Option<String>,
    /// Password of the camera's account.
    #[schema(value_type = Option<String>, write_only)]
    pub password: Option<SecretString>,
}

/// Live view of a camera; its viewer counts as a watcher until this is dropped (promise T-21).
#[derive(Debug)]
pub struct LiveFeed {
    viewer: LiveViewer,
    _viewing: Viewing,
}

impl LiveFeed {
    /// The next item; `None` when the camera is removed or the hub ends. Cancel-safe.
    pub async fn next(&mut self) -> Option<LiveItem> {
        self.viewer.next().await
    }
}

impl Hub {
    /// The cameras that the principal may see, in the order they were added.
    pub fn cameras(&self, grant: &HouseGrant<ask::ListCameras>) -> Vec<CameraStatus> {
        let house = self.house();
        let visible = |camera: &Arc<Camera>| house.policy.visible(grant.principal(), camera.id());
        house.cameras.all().iter().filter(|camera| visible(camera)).map(|c| c.status()).collect()
    }

    /// The camera of that name or id, if the principal may see it.
    pub fn find_camera(&self, principal: &Principal, name_or_id: &str) -> Option<CameraId> {
        let cameras = self.house().cameras.all();
        let found = cameras.iter().find(|camera| {
            camera.settings().name.as_str() == name_or_id || camera.id().to_string() == name_or_id
        })?;
        self.policy().visible(principal, found.id()).then(|| found.id())
    }

    /// One camera with its settings; what it is asked for only whoever sets it up gets to know.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn camera(&self, grant: CameraGrant<ask::Live>) -> Result<CameraView> {
        let mut view = self.view(grant.camera()).await?;
        if !self.policy().configures(grant.principal(), grant.camera()) {
            // There are cameras that serve whoever knows their path.
            view.settings.url = view.settings.url.without_path();
            view.settings.sub_url = view.settings.sub_url.map(|url| url.without_path());
            view.rtsps_url = None;
        }
        Ok(view)
    }

    async fn view(&self, id: CameraId) -> Result<CameraView> {
        let camera = self.running(id)?;
        let stored = self.house().store.camera(id).await.map_err(store_error)?;
        let usage = self.house().store.usage().await.map_err(store_error)?;
        let usage = usage.into_iter().find(|usage| usage.camera == id);
        let footage = usage.map_or_else(FootageView::default, |usage| FootageView {
            segments: usage.segments,
            bytes: usage.bytes,
            from: usage.oldest,
        });
        Ok(CameraView {
            footage,
            status: camera.status(),
            settings: CameraSettings::clone(&camera.settings()),
            has_credentials: stored.credentials.is_some(),
            rtsps_url: camera.known_offer(),
        })
    }

    /// Watches a camera live, from where everybody who may see it is told.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn live(&self, grant: CameraGrant<ask::Live>, from: Origin) -> Result<LiveFeed> {
        let camera = self.running(grant.camera())?;
        let viewer = camera.live().join().await.ok_or_else(|| UseCaseError::not_found("camera"))?;
        Ok(LiveFeed { viewer, _viewing: self.watch(&grant, from)? })
    }

    /// Tries to open a camera's stream once, so that mistakes are told before anything is stored.
    /// A plain stream that the camera also sends by RTSPS, under the same path and to the same account,
    /// is set to that (promise V-10). What it offers and did not answer so is for a person to look up.
    ///
    /// # Errors
    /// One code for each [`StateReason`], e.g. `wrong_password`, `unreachable`.
    pub async fn probe_camera(
        &self,
        grant: &HouseGrant<ask::ManageCameras>,
        mut camera: NewCamera,
    ) -> Result<Probed> {
        camera.settings.this_machine = may_name_this_machine(grant.principal());
        let plain = self.house().new_spec(&camera, &camera.settings.url);
        self.house().probe(&plain).await?;
        let ports = &self.house().config.cameras.rtsps_ports;
        let Some(offer) = hearth_stream::rtsps_offer(&plain, ports).await else {
            return Ok(Probed { camera, unused_offer: None });
        };
        let encrypted = self.house().new_spec(&camera, &offer);
        if self.house().probe(&encrypted).await.is_err() {
            return Ok(Probed { camera, unused_offer: Some(offer) });
        }
        let is_plain = |sub: &&SourceUrl| sub.scheme() == SourceScheme::Rtsp;
        if let Some(sub) = camera.settings.sub_url.as_ref().filter(is_plain) {
            let sub = self.house().new_spec(&camera, &sub.with_rtsps(offer.port()));
            if self.house().probe(&sub).await.is_ok() {
                camera.settings.sub_url = Some(sub.url);
            }
        }
        camera.settings.url = offer;
        Ok(Probed { camera, unused_offer: None })
    }

    /// Adds a camera and starts it.
    ///
    /// # Errors
    /// `conflict` if the name is taken, `invalid` for settings out of range; nothing is kept then.
    pub async fn add_camera(
        &self,
        grant: HouseGrant<ask::ManageCameras>,
        mut new: NewCamera,
    ) -> Result<CameraStatus> {
        let house = self.house();
        new.settings.this_machine = may_name_this_machine(grant.principal());
        check(&new.settings)?;
        let id = CameraId::new();
        let credentials = credentials(&new.credentials);
        let sealed = credentials.as_ref().map(|c| house.seal_credentials(id, c)).transpose()?;
        let now = house.clock.wall_now();
        if let Err(error) = house.store.add_camera(id, &new.settings, sealed.as_deref(), now).await
        {
            house.forget_keys(id);
            return Err(store_error(error));
        }
        let camera = match Camera::start(id, new.settings, credentials, &house.parts) {
            Ok(camera) => camera,
            Err(error) => {
                // Nothing half-made stays behind.
                house.store.remove_camera(id, now).await.map_err(store_error)?;
                house.store.forget_camera(id).await.map_err(store_error)?;
                house.forget_keys(id);
                return Err(UseCaseError::internal(&error));
            }
        };
        // First this, then what happens to it.
        house.note(EventBody::CameraAdded { camera: id }).await;
        house.adopt(Arc::clone(&camera));
        camera.begin();
        house.keep_snapshot().await;
        house.status_changed();
        Ok(camera.status())
    }

    /// Changes a camera's settings or credentials.
    ///
    /// # Errors
    /// `not_found`, `conflict`, `invalid`, and the codes of bad URLs.
    pub async fn update_camera(
        &self,
        grant: CameraGrant<ask::Configure>,
        patch: CameraPatch,
    ) -> Result<CameraView> {
        let house = self.house();
        let id = grant.camera();
        let camera = self.running(id)?;
        let old = camera.settings();
        let moves = patch.url.is_some() || patch.sub_url.is_some();
        let (mut settings, credentials) = patched(&old, patch)?;
        if moves {
            settings.this_machine = may_name_this_machine(grant.principal());
        }
        check(&settings)?;
        let stored = house.store.camera(id).await.map_err(store_error)?;
        if stored.credentials.is_some() && credentials.is_none() && is_elsewhere(&old, &settings) {
            let message =
                "At a new address the camera's user name and password must be given again.";
            return Err(UseCaseError::bad_input("credentials_needed", message));
        }
        house.store.set_camera_settings(id, &settings).await.map_err(store_error)?;
        if let Some(credentials) = &credentials {
            let sealed = house.seal_credentials(id, credentials)?;
            let stored = house.store.set_camera_credentials(id, Some(&sealed)).await;
            stored.map_err(store_error)?;
        }
        if old.sub_url == settings.sub_url && (settings.sub_url.is_none() || credentials.is_none())
        {
            camera.apply(settings, credentials);
        } else {
            self.restart(id, settings).await?;
        }
        house.keep_snapshot().await;
        house.status_changed();
        self.view(id).await
    }

    /// Another sub stream needs other tasks: ends the old ones and starts anew.
    async fn restart(&self, id: CameraId, settings: CameraSettings) -> Result<()> {
        let house = self.house();
        if let Some(camera) = house.cameras.remove(id) {
            camera.stop().await;
        }
        let stored = house.store.camera(id).await.map_err(store_error)?;
        let credentials = stored.credentials.and_then(|sealed| house.open_credentials(id, &sealed));
        let camera = Camera::start(id, settings, credentials, &house.parts)
            .map_err(|error| UseCaseError::internal(&error))?;
        house.adopt(Arc::clone(&camera));
        camera.begin();
        Ok(())
    }

    /// Removes a camera: its keys are destroyed, so its footage is gone at once, here and in every
    /// copy (promise D-04).
    ///
    /// # Errors
    /// `not_found`; an erasure that fails half-way goes on at the next start.
    pub async fn remove_camera(&self, grant: CameraGrant<ask::Configure>) -> Result<ErasedView> {
        let house = self.house();
        let id = grant.camera();
        let camera = house.cameras.remove(id).ok_or_else(|| UseCaseError::not_found("camera"))?;
        camera.stop().await;
        house.store.remove_camera(id, house.clock.wall_now()).await.map_err(store_error)?;
        house.recorder.flush_index().await;
        let erased = house.recorder.erase_camera(id).await;
        let erased = erased.map_err(|error| UseCaseError::internal(&error))?;
        house.store.forget_camera(id).await.map_err(store_error)?;
        house.unlink_devices(id).await?;
        house.note(EventBody::CameraRemoved { camera: id }).await;
        house.keep_snapshot().await;
        house.status_changed();
        Ok(ErasedView { segments: erased.segments, bytes: erased.bytes })
    }

    pub(crate) fn running(&self, id: CameraId) -> Result<Arc<Camera>> {
        self.house().cameras.get(id).ok_or_else(|| UseCaseError::not_found("camera"))
    }
}

impl House {
    /// Where a stream of a new camera comes from.
    fn new_spec(&self, camera: &NewCamera, url: &SourceUrl) -> SourceSpec {
        self.parts.source_spec(&camera.settings, url, credentials(&camera.credentials))
    }

    /// Opens a stream until its first picture.
    async fn probe(&self, spec: &SourceSpec) -> Result<()> {
        let clock = Arc::clone(&self.clock) as Arc<dyn hearth_stream::Timeline>;
        let probe = async {
            let mut source = hearth_stream::connect(spec, clock).await?;
            let first = source.next().await.map(|_| ());
            source.close().await;
            first
        };
        match tokio::time::timeout(PROBE_LIMIT, probe).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::info!(reason = ?error.reason, detail = %error.detail, "a probe failed");
                Err(reason_error(error.reason))
            }
            Err(_) => Err(reason_error(StateReason::Silent)),
        }
    }

    /// Takes a camera in and follows its state. Its streams begin after that, so that nothing they
    /// say is lost.
    pub(crate) fn adopt(self: &Arc<Self>, camera: Arc<Camera>) {
        let id = camera.id();
        let mut standing = camera.standing();
        let told = standing.borrow_and_update().clone();
        self.cameras.insert(camera);
        tokio::spawn(crate::upkeep::follow_camera(Arc::clone(self), id, standing, told));
    }
}

/// Whoever runs the hub reaches everything on this machine anyway; whoever signs in over the network
/// must not reach it through the hub.
fn may_name_this_machine(principal: &Principal) -> bool {
    matches!(principal, Principal::Owner)
}

fn credentials(given: &Option<(String, SecretString)>) -> Option<Credentials> {
    let (username, password) = given.clone()?;
    Some(Credentials { username, password })
}

/// Why a camera does not do what it should, for people and programs.
pub(crate) fn reason_error(reason: StateReason) -> UseCaseError {
    let code = match reason {
        StateReason::Unreachable => "unreachable",
        StateReason::Refused => "refused",
        StateReason::WrongPassword => "wrong_password",
        StateReason::NoSuchStream => "no_such_stream",
        StateReason::UnsupportedCodec => "unsupported_codec",
        StateReason::Silent => "silent",
        StateReason::Closed => "closed",
        StateReason::Malformed => "malformed",
        StateReason::Flooding => "flooding",
        StateReason::CertificateChanged => "certificate_changed",
        StateReason::TlsFailed => "tls_failed",
        StateReason::FileUnreadable => "file_unreadable",
        StateReason::AddressRefused => "address_refused",
        StateReason::PasswordInClear => "password_in_clear",
        StateReason::Internal => "internal",
        StateReason::Privacy => "privacy",
    };
    UseCaseError::new(FaultKind::Device, code, reason.message())
}

/// Checks what types alone do not.
fn check(settings: &CameraSettings) -> Result<()> {
    let invalid = |message: &str| Err(UseCaseError::bad_input("invalid", message));
    settings
        .record
        .check()
        .map_err(|error| UseCaseError::bad_input("invalid", error.to_string()))?;
    if settings.pre_roll_seconds > CameraSettings::PRE_ROLL_SECONDS_MAX {
        return invalid("The pre-roll is at most 60 seconds.");
    }
    if settings.post_roll_seconds > CameraSettings::POST_ROLL_SECONDS_MAX {
        return invalid("The post-roll is at most 600 seconds.");
    }
    if settings.certificate_pin.as_deref().is_some_and(|pin| parse_pin(pin).is_none()) {
        return invalid("A certificate pin is a SHA-256: 64 hexadecimal digits.");
    }
    let retention = &settings.retention;
    if retention.pictures_days_max.is_some_and(|days| days > Retention::DAYS_MAX)
        || retention.events_days_max.is_some_and(|days| !(1..=Retention::DAYS_MAX).contains(&days))
    {
        return invalid("Pictures are kept for 0 to 3650 days and events for 1 to 3650.");
    }
    let detection = &settings.detection;
    if detection.zones.len() > DetectionSettings::AREAS_MAX
        || detection.masks.len() > DetectionSettings::AREAS_MAX
    {
        return invalid("There are at most 32 zones and 32 masks.");
    }
    let fraction = |value: f32| (0.0..=1.0).contains(&value);
    if !fraction(detection.area_min) || !fraction(detection.score_min) {
        return invalid("Smallest area and lowest score are between 0 and 1.");
    }
    Ok(())
}

fn patched(
    old: &CameraSettings,
    patch: CameraPatch,
) -> Result<(CameraSettings, Option<Credentials>)> {
    let mut new = old.clone();
    let mut account = match (patch.username, patch.password) {
        (Some(username), Some(password)) => Some((username, password)),
        (None, None) => None,
        _ => {
            let message = "User name and password belong together.";
            return Err(UseCaseError::bad_input("invalid", message));
        }
    };
    if let Some(url) = patch.url {
        new.url = split_source(&url, &mut account)?;
        new.certificate_pin = None;
    }
    if let Some(url) = patch.sub_url {
        let is_given = !url.expose().is_empty();
        new.sub_url = is_given.then(|| split_source(&url, &mut account)).transpose()?;
    }
    if let Some(pin) = patch.certificate_pin {
        new.certificate_pin = (!pin.is_empty()).then_some(pin);
    }
    new.name = patch.name.unwrap_or(new.name);
    new.transport = patch.transport.unwrap_or(new.transport);
    new.record = patch.record.unwrap_or(new.record);
    new.pre_roll_seconds = patch.pre_roll_seconds.unwrap_or(new.pre_roll_seconds);
    new.post_roll_seconds = patch.post_roll_seconds.unwrap_or(new.post_roll_seconds);
    new.retention = patch.retention.unwrap_or(new.retention);
    new.detection = patch.detection.unwrap_or(new.detection);
    Ok((new, credentials(&account)))
}

/// Whether a camera's stream comes from another host, port or kind of connection than before: its
/// password was given for the old one and is not sent anywhere else.
fn is_elsewhere(old: &CameraSettings, new: &CameraSettings) -> bool {
    let sub = |settings: &CameraSettings| settings.sub_url.as_ref().map(SourceUrl::without_path);
    let place = new.url.without_path();
    let moved_sub =
        new.sub_url.is_some() && sub(new) != sub(old) && sub(new).as_ref() != Some(&place);
    old.url.without_path() != place || moved_sub
}
