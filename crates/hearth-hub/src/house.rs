//! Everything the hub holds while it runs. Use cases are methods of [`crate::Hub`], each in the
//! file of its noun; what they share is here.

use std::{path::PathBuf, sync::Arc};

use hearth_audit::AuditLog;
use hearth_auth::Policy;
use hearth_device::Board;
use hearth_eyes::Eyes;
use hearth_model::{CameraId, CameraName, CameraSettings, Event, EventBody, TimeRange, WallTime};
use hearth_recorder::Recorder;
use hearth_secret::SecretString;
use hearth_store::{EventRow, Store};
use hearth_vault::{KeyScope, Vault};
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::{
    alarm::AlarmPanel,
    assistants::Assistants,
    backup::Backups,
    camera::{handle::CameraParts, registry::Cameras},
    clock::HouseClock,
    config::HouseConfig,
    devices::{DeviceReadings, DeviceRules, Devices},
    drift::DriftWatch,
    error::UseCaseError,
    events::EventBus,
    faces::Faces,
    identity::Identity,
    language_model::LanguageModel,
    loudspeaker::Speaking,
    notifications::Desk,
    people::{PersonGroups, Roster},
    privacy::HousePrivacy,
    readiness::LastLook,
    retention::LastRun,
    review::Review,
    rules::HouseRules,
    upkeep::StorageTrend,
    views::EventView,
    visits::Visits,
    watch_list::WatchList,
    watchers::Watchers,
    watchtower::Watchtower,
};

/// Context under which a camera's user name and password are sealed.
const CREDENTIALS_CONTEXT: &[u8] = b"camera credentials v1";

/// Context of the sealed copy of what people set up.
const SNAPSHOT_CONTEXT: &[u8] = b"house snapshot v1";

/// File name of that copy.
pub(crate) const SNAPSHOT_FILE: &str = "house.sealed";

/// The running house.
pub(crate) struct House {
    pub(crate) data: PathBuf,
    pub(crate) config: HouseConfig,
    pub(crate) zone: TimeZone,
    pub(crate) simulated: bool,
    pub(crate) clock: Arc<HouseClock>,
    pub(crate) started_at: WallTime,
    pub(crate) vault: Vault,
    pub(crate) store: Store,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) eyes: Option<Eyes>,
    pub(crate) cameras: Cameras,
    pub(crate) parts: CameraParts,
    pub(crate) devices: Devices,
    pub(crate) device_rules: DeviceRules,
    /// What hangs on this machine.
    pub(crate) board: Arc<dyn Board>,
    pub(crate) privacy: HousePrivacy,
    pub(crate) alarm: AlarmPanel,
    pub(crate) rules: HouseRules,
    /// The model that drafts rules and describes events, if the house has one.
    pub(crate) language_model: LanguageModel,
    pub(crate) people: Roster,
    pub(crate) groups: PersonGroups,
    pub(crate) watch_list: WatchList,
    pub(crate) faces: Faces,
    pub(crate) visits: Visits,
    /// The cameras through which something is said at the moment.
    pub(crate) speaking: Speaking,
    /// Pictures that people look at to correct the detector.
    pub(crate) review: Review,
    /// How sure the detector is, and was.
    pub(crate) drift: DriftWatch,
    /// Whom to tell what.
    pub(crate) desk: Desk,
    /// What devices measure, as they say it.
    pub(crate) readings: DeviceReadings,
    pub(crate) events: EventBus,
    pub(crate) identity: Identity,
    pub(crate) policy: Policy,
    pub(crate) assistants: Assistants,
    pub(crate) backups: Backups,
    pub(crate) audit: AuditLog,
    pub(crate) watchtower: Watchtower,
    pub(crate) watchers: Watchers,
    pub(crate) storage: StorageTrend,
    /// When retention last ran, and what it did.
    pub(crate) retention: LastRun,
    pub(crate) readiness: LastLook,
    /// Grows whenever a camera's state changed, so that listeners look again.
    pub(crate) status_version: watch::Sender<u64>,
    /// True once the hub ends.
    pub(crate) ending: watch::Sender<bool>,
}

/// User name and password of a camera on their way into the seal; borrowed, so nothing is copied.
#[derive(serde::Serialize)]
struct PlainCredentials<'a> {
    username: &'a str,
    password: &'a str,
}

/// The same on their way out.
#[derive(serde::Deserialize)]
struct OpenedCredentials {
    username: String,
    password: SecretString,
}

impl House {
    /// Appends a fact that happened now.
    pub(crate) async fn note(&self, body: EventBody) {
        self.events.append(Event::new(self.clock.wall_now(), body)).await;
    }

    pub(crate) fn status_changed(&self) {
        self.status_version.send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Waits until the hub ends; at once if it did already, however late somebody asks.
    pub(crate) async fn ended(&self) {
        let mut ending = self.ending.subscribe();
        // The other end lives in this house.
        ending.wait_for(|ending| *ending).await.map(drop).ok();
    }

    /// The name of a camera that runs.
    pub(crate) fn camera_name(&self, id: CameraId) -> Option<CameraName> {
        self.cameras.get(id).map(|camera| camera.settings().name.clone())
    }

    /// Seals a camera's user name and password under the camera's own key, so that removing the
    /// camera destroys them too (promises T-17, D-04).
    pub(crate) fn seal_credentials(
        &self,
        camera: CameraId,
        credentials: &hearth_stream::Credentials,
    ) -> Result<Vec<u8>, UseCaseError> {
        let plain = PlainCredentials {
            username: &credentials.username,
            password: credentials.password.expose(),
        };
        let json = zeroizing_json(&plain)?;
        let scope = KeyScope::Camera(camera);
        self.vault.create_scope(&scope).map_err(|error| UseCaseError::internal(&error))?;
        self.vault
            .seal(&scope, CREDENTIALS_CONTEXT, json.expose())
            .map_err(|error| UseCaseError::internal(&error))
    }

    /// Opens what [`House::seal_credentials`] made.
    pub(crate) fn open_credentials(
        &self,
        camera: CameraId,
        sealed: &[u8],
    ) -> Option<hearth_stream::Credentials> {
        let opened = self.unseal_credentials(&KeyScope::Camera(camera), sealed);
        if opened.is_none() {
            tracing::error!(camera.id = %camera, "a camera's credentials do not open");
        }
        opened
    }

    /// Opens a camera's credentials at start. Those that an early version sealed under the house's
    /// key are sealed anew under the camera's own: an older copy of the index must not give them
    /// away when the camera is gone (promise D-04).
    pub(crate) async fn stored_credentials(
        &self,
        camera: CameraId,
        sealed: &[u8],
    ) -> Option<hearth_stream::Credentials> {
        let Some(credentials) = self.unseal_credentials(&KeyScope::House, sealed) else {
            return self.open_credentials(camera, sealed);
        };
        match self.seal_credentials(camera, &credentials) {
            Ok(anew) => match self.store.set_camera_credentials(camera, Some(&anew)).await {
                Ok(()) => self.keep_snapshot().await,
                Err(error) => tracing::warn!(%error, "a camera's credentials stay as they were"),
            },
            Err(error) => tracing::warn!(%error, "a camera's credentials stay as they were"),
        }
        Some(credentials)
    }

    fn unseal_credentials(
        &self,
        scope: &KeyScope,
        sealed: &[u8],
    ) -> Option<hearth_stream::Credentials> {
        let plain = self.vault.unseal(scope, CREDENTIALS_CONTEXT, sealed).ok()?;
        let OpenedCredentials { username, password } =
            serde_json::from_slice(plain.expose()).ok()?;
        Some(hearth_stream::Credentials { username, password })
    }

    /// The key of a camera, to seal something under it; `None` for one that is not there any more: its
    /// keys must not come back (promise D-04).
    pub(crate) fn camera_scope(&self, camera: CameraId) -> Option<KeyScope> {
        self.cameras.get(camera)?;
        let scope = KeyScope::Camera(camera);
        let made = self.vault.create_scope(&scope);
        made.inspect_err(|error| tracing::error!(%error, "a camera has no key")).ok()?;
        Some(scope)
    }

    /// Destroys the keys of a camera that was not added after all.
    pub(crate) fn forget_keys(&self, camera: CameraId) {
        if let Err(error) = self.vault.destroy_scope(&KeyScope::Camera(camera)) {
            tracing::warn!(%error, "keys of a camera that was not added stay behind");
        }
    }

    /// Keeps a sealed copy of what people set up beside the index, so that it survives the index.
    pub(crate) async fn keep_snapshot(&self) {
        if let Err(error) = self.try_keep_snapshot().await {
            tracing::error!(%error, "the sealed copy of the house was not written");
        }
    }

    async fn try_keep_snapshot(&self) -> Result<(), UseCaseError> {
        let snapshot =
            self.store.snapshot().await.map_err(|error| UseCaseError::internal(&error))?;
        let json = zeroizing_json(&snapshot)?;
        let path = self.data.join(SNAPSHOT_FILE);
        let vault = self.vault.clone();
        let written = tokio::task::spawn_blocking(move || {
            vault.write_sealed_file(&path, &KeyScope::House, SNAPSHOT_CONTEXT, json.expose())
        });
        match written.await {
            Ok(result) => result.map_err(|error| UseCaseError::internal(&error)),
            Err(error) => Err(UseCaseError::internal(&error)),
        }
    }

    /// A fact as surfaces show it.
    pub(crate) fn event_view(&self, row: &EventRow) -> EventView {
        let event = &row.event;
        let camera = event.body.camera();
        EventView {
            id: event.id,
            seq: u64::try_from(row.seq).unwrap_or(0),
            kind: event.body.kind(),
            at: event.at,
            camera,
            camera_name: camera.and_then(|id| self.camera_name(id)),
            label: row.label.clone(),
            score: row.score,
            end: row.ended_at,
            thumbnail: row.thumbnail,
            clip: self.clip_of(row),
            severity: event.body.severity(),
            detail: event.clone(),
        }
    }

    /// Where an activity's footage is fetched, if its camera keeps any.
    fn clip_of(&self, row: &EventRow) -> Option<String> {
        let EventBody::ActivityNoticed { camera, .. } = &row.event.body else { return None };
        self.clip_around(*camera, row.event.at, row.ended_at?)
    }

    /// Where a camera's footage around a time is fetched, if it keeps any.
    pub(crate) fn clip_around(
        &self,
        camera: CameraId,
        from: WallTime,
        end: WallTime,
    ) -> Option<String> {
        let settings = self.cameras.get(camera)?.settings();
        if !settings.record.ever_records() {
            return None;
        }
        let range = with_rolls(&settings, from, end)?;
        let (from, to) = (range.from(), range.to());
        Some(format!("/api/v1/cameras/{camera}/clip.mp4?from={from}&to={to}"))
    }
}

/// What is recorded around something that lasted so long.
pub(crate) fn with_rolls(
    settings: &CameraSettings,
    from: WallTime,
    end: WallTime,
) -> Option<TimeRange> {
    let micros = |seconds: u16| i64::from(seconds) * 1_000_000;
    TimeRange::new(
        from.plus_micros(-micros(settings.pre_roll_seconds)),
        end.plus_micros(micros(settings.post_roll_seconds)),
    )
}

/// Reads the sealed copy of the house, if there is one that opens.
pub(crate) fn read_snapshot(
    vault: &Vault,
    data: &std::path::Path,
) -> Option<hearth_store::HouseSnapshot> {
    let path = data.join(SNAPSHOT_FILE);
    let plain = vault.read_sealed_file(&path, &KeyScope::House, SNAPSHOT_CONTEXT).ok()?;
    serde_json::from_slice(plain.expose()).ok()
}

pub(crate) fn zeroizing_json<T: serde::Serialize>(
    value: &T,
) -> Result<hearth_secret::SecretBytes, UseCaseError> {
    hearth_secret::SecretBytes::of_json(value).map_err(|error| UseCaseError::internal(&error))
}
