//! Start and end of the hub.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use hearth_audit::{AuditError, AuditLog, Class, Keep, Opening};
use hearth_auth::Policy;
use hearth_device::{Board, KernelBoard};
use hearth_eyes::{Eyes, EyesReport, Model};
use hearth_media::MediaTime;
use hearth_model::{CameraId, EventBody, GapCause, Severity};
use hearth_recorder::{
    Fresh, Layout, LayoutError, Recorder, RecorderError, RecorderLimits, Survey,
};
use hearth_secret::SecretString;
use hearth_store::{Store, StoreError};
use hearth_vault::{
    MasterKeySource, Vault, VaultError, VaultId, default_key_file, remove_temporary_children,
};
use tokio::sync::{mpsc, watch};

use crate::{
    Hub, activity,
    alarm::{self, AlarmPanel},
    assistants::Assistants,
    audit::ANCHOR_SETTING,
    backup::Backups,
    camera::{
        handle::{Camera, CameraParts},
        registry::Cameras,
    },
    clock::{HouseClock, WallSource},
    config::{CONFIG_FILE, HouseConfig},
    devices::{self, DeviceRules, Devices},
    drift::DriftWatch,
    error::Chain,
    events::EventBus,
    faces::Faces,
    house::{House, read_snapshot},
    identity::{Identity, IdentityError},
    language_model::LanguageModel,
    loudspeaker::Speaking,
    notifications::{self, Desk},
    people::{PersonGroups, Roster},
    privacy::HousePrivacy,
    retention,
    review::{self, Review},
    rules::{self, HouseRules},
    upkeep::{self, SavedClock},
    visits::{self, Visits},
    watch_list::WatchList,
    watchers::Watchers,
    watchtower::{self, Watchtower, audit_finding},
};

/// File name of the index.
pub(crate) const INDEX_FILE: &str = "index.db";

/// Folder of the audit log, and that of the security log.
const AUDIT_FOLDER: &str = "audit";
const LOG_FOLDER: &str = "log";

/// Beside the index when a check found it damaged: the next start makes it anew.
pub(crate) const INDEX_DAMAGED_FILE: &str = "index.damaged";

/// Reports of the eyes that wait for the hub.
const REPORTS_MAX: usize = 1_024;

/// Readings that a slow listener may be behind; what is older is lost, and comes again.
const READINGS_LISTENED_MAX: usize = 256;

/// Certificates seen first that wait to be pinned.
const PINS_MAX: usize = 64;

/// What the hub is started with.
pub struct HubConfig {
    /// The data directory.
    pub data: PathBuf,
    /// Where the vault's key is; `None` takes the default key file of the user.
    pub key: Option<MasterKeySource>,
    /// Password of the account `admin`, if there is no account yet.
    pub admin_password: Option<SecretString>,
    /// The house's settings.
    pub settings: HouseConfig,
    /// Program and arguments of the eyes' worker; `None` runs without eyes.
    pub eyes_program: Option<(PathBuf, Vec<String>)>,
    /// The devices are simulated, and every page says so.
    pub simulated: bool,
    /// What hangs on this machine; `None` takes what its kernel knows.
    pub board: Option<Arc<dyn Board>>,
    /// The wall clock; `None` takes the system's.
    pub wall: Option<WallSource>,
}

#[cfg(test)]
impl HubConfig {
    /// A house in a folder of a test: without eyes, with the key beside the data, and on a disk that may
    /// be almost full.
    pub(crate) fn of_test(folder: &Path) -> Self {
        Self {
            data: folder.join("data"),
            key: Some(MasterKeySource::KeyFile(folder.join("key"))),
            admin_password: None,
            settings: HouseConfig {
                storage: crate::StorageConfig { bytes_max: None, bytes_free_min: 1 << 20 },
                ..HouseConfig::default()
            },
            eyes_program: None,
            simulated: true,
            board: None,
            wall: None,
        }
    }
}

/// Why the hub does not start. The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The directory holds something else.
    #[error(
        "{} is not empty and holds no Hearthwatch data; check the path or name an empty folder",
        .0.display()
    )]
    WrongDirectory(PathBuf),
    /// The directory can't be made or read.
    #[error("the data directory {} can't be used: {source}", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nowhere to put the key.
    #[error("there is no home directory for the key file; name one with --key-file")]
    NoKeyPlace,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The media folder.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The index.
    #[error("{}", Chain(.0))]
    Store(#[from] StoreError),
    /// The recorder.
    #[error("{}", Chain(.0))]
    Recorder(#[from] RecorderError),
    /// The first account.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The audit log.
    #[error("{}", Chain(.0))]
    Audit(#[from] AuditError),
    /// The object model.
    #[error("the object model {} can't be used: {reason}", path.display())]
    Model {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl Hub {
    /// Opens the data directory and starts everything in it.
    ///
    /// # Errors
    /// [`StartError`], which says what to do next. Nothing runs then.
    pub async fn start(config: HubConfig) -> Result<Self, StartError> {
        let model = read_model(&config.settings)?;
        let fresh = open_directory(&config.data)?;
        remove_leftovers(&config.data);
        let vault = open_vault(&config.data, config.key.as_ref(), fresh)?;
        let layout = Layout::open(&config.data, vault.id().as_bytes(), fresh)?;
        let (store, lost_index) = open_store(&config.data, &vault, fresh).await?;

        let wall = config.wall.unwrap_or_else(HouseClock::system_wall);
        let saved: Option<SavedClock> = store.setting(SavedClock::KEY).await?;
        let not_before = saved.map(|saved| MediaTime::from_micros(saved.not_before_us()));
        let clock = Arc::new(HouseClock::new(wall, not_before));

        let policy = Policy::new();
        let admin_password = config.admin_password.as_ref();
        let identity =
            Identity::start(&store, &vault, &policy, admin_password, clock.wall_now()).await?;
        let (audit, opening) =
            open_audit(&config.data, &config.settings, &vault, &store, &clock).await?;
        let (watchtower, findings) = Watchtower::open(&vault, &config.data);
        let limits = RecorderLimits {
            bytes_free_min: config.settings.storage.bytes_free_min,
            free_bytes: RecorderLimits::free_bytes_of(&config.data),
            wall: {
                let clock = Arc::clone(&clock);
                Box::new(move || clock.wall_now())
            },
        };
        let recorder = Arc::new(Recorder::new(vault.clone(), layout, store.clone(), limits));
        let (reports, reports_rx) = mpsc::channel(REPORTS_MAX);
        let eyes = start_eyes(&config.settings, config.eyes_program, model, reports);
        let privacy = HousePrivacy::open(&store).await?;
        let people = Roster::open(&store, &vault, clock.wall_now()).await?;
        let groups = PersonGroups::open(&store, &vault, &people).await?;
        let watch_list = WatchList::open(&store, &vault).await?;
        let faces = Faces::open(&store).await?;
        let (visits, signals) = Visits::new();
        let (review, candidates) = Review::open(&store).await?;
        let drift = DriftWatch::open(&vault, &config.data);
        let desk = Desk::open(&store, &vault).await?;
        let assistants = Assistants::open(&store).await?;
        let zone = config.settings.zone();
        let (alarm, alarm_told) = AlarmPanel::open(&vault, &config.data, &zone, clock.wall_now());
        let rules = HouseRules::open(&store, &vault, &config.data, &zone, groups.members()).await?;
        let language_model = LanguageModel::open(&store, &vault).await?;
        let (pins, pins_rx) = mpsc::channel(PINS_MAX);
        let parts = CameraParts {
            clock: Arc::clone(&clock),
            recorder: Arc::clone(&recorder),
            eyes: eyes.clone(),
            pins,
            privacy: privacy.closed(),
            is_simulated: config.simulated,
        };
        let house = Arc::new(House {
            zone,
            config: config.settings,
            simulated: config.simulated,
            started_at: clock.wall_now(),
            events: EventBus::start(store.clone()),
            data: config.data,
            clock,
            vault,
            store,
            recorder,
            eyes,
            cameras: Cameras::default(),
            parts,
            devices: Devices::default(),
            device_rules: DeviceRules::default(),
            board: config.board.unwrap_or_else(|| Arc::new(KernelBoard)),
            privacy,
            alarm,
            rules,
            language_model,
            people,
            groups,
            watch_list,
            faces,
            visits,
            speaking: Speaking::default(),
            review,
            drift,
            desk,
            assistants,
            readings: tokio::sync::broadcast::Sender::new(READINGS_LISTENED_MAX),
            identity,
            policy,
            audit,
            watchtower,
            watchers: Watchers::default(),
            backups: Backups::default(),
            storage: upkeep::StorageTrend::default(),
            retention: retention::LastRun::default(),
            readiness: crate::readiness::LastLook::default(),
            status_version: watch::Sender::new(0),
            ending: watch::Sender::new(false),
        });
        note_start(&house, opening, fresh);
        start_cameras(&house, lost_index).await?;
        house.start_devices().await?;
        house.start_device_rules().await?;
        tokio::spawn(watchtower::run(Arc::clone(&house), findings));
        if let Err(error) = house.end_interrupted_visits().await {
            tracing::error!(%error, "visits of the last run were not ended");
        }
        house.alarm.telling.of(tokio::spawn(alarm::tell(Arc::clone(&house), alarm_told)));
        tokio::spawn(alarm::run(Arc::clone(&house)));
        house.rules.judging.of(tokio::spawn(rules::run(Arc::clone(&house))));
        tokio::spawn(rules::switch_back(Arc::clone(&house)));
        tokio::spawn(devices::show_signals(Arc::clone(&house)));
        tokio::spawn(visits::run(Arc::clone(&house), signals));
        tokio::spawn(review::run(Arc::clone(&house), candidates));
        house.desk.delivering.of(tokio::spawn(notifications::deliver(Arc::clone(&house))));
        tokio::spawn(notifications::answer_commands(Arc::clone(&house)));
        tokio::spawn(activity::follow(Arc::clone(&house), reports_rx));
        tokio::spawn(upkeep::pin_certificates(Arc::clone(&house), pins_rx));
        tokio::spawn(upkeep::run(Arc::clone(&house)));
        Ok(Self(house))
    }

    /// Ends everything in order: cameras, writers, index.
    pub async fn shutdown(&self) {
        let house = self.house();
        house.ending.send_replace(true);
        // While devices still listen: a siren that is to be silent, a rule that is half done.
        house.rules.judging.said().await;
        house.alarm.telling.said().await;
        for camera in house.cameras.all() {
            camera.stop().await;
        }
        // All at once: one that does not answer keeps no other waiting.
        let devices = house.devices.all();
        let stopped = devices.iter().map(|device| device.supervised().stop());
        futures_util::future::join_all(stopped).await;
        if let Some(eyes) = &house.eyes {
            eyes.shutdown().await;
        }
        house.end_visits(true).await;
        // What a service takes now is noted as taken, or the next run tells it again.
        house.desk.delivering.said().await;
        upkeep::end_open_activities(house).await;
        upkeep::save_clock(house).await;
        house.keep_drift().await;
        house.recorder.flush_index().await;
        house.events.flush().await;
        house.record_own(Class::System, "hub_stopped", Severity::Info, "");
        house.keep_security().await;
        let audit = house.audit.clone();
        // A thread that failed has said so.
        tokio::task::spawn_blocking(move || audit.close()).await.ok();
        house.keep_anchor().await;
        if let Err(error) = house.store.close().await {
            tracing::warn!(%error, "the index was not closed in order");
        }
    }

    /// Seals something of the surfaces' own, e.g. the listener's private key.
    ///
    /// # Errors
    /// If the vault refuses.
    pub fn seal_house(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.house().vault.seal(&hearth_vault::KeyScope::House, context, plain)
    }

    /// Opens what [`Hub::seal_house`] made.
    ///
    /// # Errors
    /// If it was altered or sealed for something else.
    pub fn unseal_house(
        &self,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<hearth_secret::SecretBytes, VaultError> {
        self.house().vault.unseal(&hearth_vault::KeyScope::House, context, sealed)
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.house().data
    }

    /// The short forms that names and addresses have in this house's anonymised logs.
    pub fn pseudonyms(&self) -> hearth_audit::Pseudonyms {
        self.house().audit.pseudonyms().clone()
    }

    /// The house's settings.
    pub fn settings(&self) -> &HouseConfig {
        &self.house().config
    }
}

async fn open_audit(
    data: &Path,
    settings: &HouseConfig,
    vault: &Vault,
    store: &Store,
    clock: &Arc<HouseClock>,
) -> Result<(AuditLog, Opening), StartError> {
    let clock = Arc::clone(clock);
    let config = hearth_audit::AuditConfig {
        folder: data.join(AUDIT_FOLDER),
        log_folder: data.join(LOG_FOLDER),
        vault: vault.clone(),
        clock: Arc::new(move || clock.wall_now()),
        keep: Keep { days_max: settings.audit.days_max, bytes_max: settings.audit.bytes_max },
        anonymise: settings.log.anonymise,
        known: store.setting(ANCHOR_SETTING).await?,
    };
    Ok(AuditLog::start(config)?)
}

/// The log's first lines in this run, and what was found wrong with it.
fn note_start(house: &House, opening: Opening, fresh: Fresh) {
    match opening {
        Opening::Torn { bytes } => {
            let text = format!("the last entry, {bytes} bytes, was torn by a crash");
            house.record_own(Class::System, "audit_recovered", Severity::Info, text);
        }
        Opening::Broken { seq } => {
            let text = format!("entries from number {seq} on are missing or altered");
            house.record_own(Class::Security, "audit_broken", Severity::Critical, text.clone());
            house.watchtower.find([audit_finding("The audit log was cut or altered", text)]);
        }
        Opening::Fresh if fresh == Fresh::No => {
            let text = "this house had none, or it was removed together with the index";
            house.record_own(Class::Security, "audit_began", Severity::Warning, text);
            house.watchtower.find([audit_finding("The audit log began anew", text.to_owned())]);
        }
        Opening::Fresh | Opening::Sound => {}
    }
    let text = format!("version {}", env!("CARGO_PKG_VERSION"));
    house.record_own(Class::System, "hub_started", Severity::Info, text);
}

/// Makes the directory, or checks that it is ours; owner-only either way (promise D-05).
fn open_directory(data: &Path) -> Result<Fresh, StartError> {
    let failed = |source| StartError::Directory { path: data.to_owned(), source };
    if Vault::exists(data) {
        fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        return Ok(Fresh::No);
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(failed)?;
    for entry in fs::read_dir(data).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        // What an interrupted first start, an administrator or a file system leaves there.
        let expected = [CONFIG_FILE, "vault", "hub.lock", "lost+found"];
        if !expected.contains(&name.as_ref()) && !name.starts_with("vault.") {
            return Err(StartError::WrongDirectory(data.to_owned()));
        }
    }
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    Ok(Fresh::Yes)
}

/// Removes what a crash left half-written directly in the data directory; the vault does so in its
/// folder, and the recorder, in the background, among the pictures (promise T-16).
fn remove_leftovers(data: &Path) {
    match remove_temporary_children(data) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "leftovers of a crash were removed"),
        Err(error) => tracing::warn!(%error, "leftovers of a crash were not removed"),
    }
}

fn open_vault(
    data: &Path,
    key: Option<&MasterKeySource>,
    fresh: Fresh,
) -> Result<Vault, StartError> {
    let by_default = |id: VaultId| {
        default_key_file(id).map(MasterKeySource::KeyFile).ok_or(StartError::NoKeyPlace)
    };
    Ok(match (fresh, key) {
        (Fresh::Yes, Some(key)) => Vault::create(data, key)?,
        (Fresh::Yes, None) => {
            let id = VaultId::random()?;
            Vault::create_as(data, id, &by_default(id)?)?
        }
        (Fresh::No, Some(key)) => Vault::open(data, key)?,
        (Fresh::No, None) => Vault::open(data, &by_default(Vault::id_of(data)?)?)?,
    })
}

/// Opens the index; one that is damaged or lost is made anew, with what people set up from the
/// sealed copy. Returns whether footage must be indexed again.
async fn open_store(data: &Path, vault: &Vault, fresh: Fresh) -> Result<(Store, bool), StartError> {
    let path = data.join(INDEX_FILE);
    let mark = data.join(INDEX_DAMAGED_FILE);
    let key = vault.index_key()?;
    if mark.exists() {
        Store::set_aside(&path, &key)?;
    }
    let store = match Store::open(&path, &key).await {
        // The vault has proven that this is the house's key, so a file that does not open with it
        // is damaged, or was put there from another house. It is kept aside either way.
        Err(error @ (StoreError::Corrupt(_) | StoreError::WrongKey)) => {
            let cause = Chain(&error);
            tracing::error!(%cause, "the index is damaged and is made anew from the footage");
            Store::set_aside(&path, &key)?;
            Store::open(&path, &key).await?
        }
        other => other?,
    };
    let lost = store.is_new() && fresh == Fresh::No;
    if lost && let Some(snapshot) = read_snapshot(vault, data) {
        store.restore(&snapshot).await?;
    }
    if mark.exists() {
        fs::remove_file(&mark)
            .map_err(|source| StartError::Directory { path: mark.clone(), source })?;
    }
    Ok((store, lost))
}

fn read_model(settings: &HouseConfig) -> Result<Option<Model>, StartError> {
    let Some(path) = &settings.eyes.model else { return Ok(None) };
    let failed = |reason: String| StartError::Model { path: path.clone(), reason };
    let length = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > Model::BYTES_MAX as u64 {
        return Err(failed(format!("it is larger than {} bytes", Model::BYTES_MAX)));
    }
    let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    Model::new(name, bytes.into()).map(Some).ok_or_else(|| failed("it is empty".to_owned()))
}

fn start_eyes(
    settings: &HouseConfig,
    program: Option<(PathBuf, Vec<String>)>,
    model: Option<Model>,
    reports: mpsc::Sender<EyesReport>,
) -> Option<Eyes> {
    let (program, args) = program.filter(|_| settings.eyes.enabled)?;
    Some(Eyes::start(hearth_eyes::EyesConfig { program, args, model }, reports))
}

/// Starts all cameras; what the last run left behind is resolved in the background.
async fn start_cameras(house: &Arc<House>, lost_index: bool) -> Result<(), StartError> {
    let stored = house.store.cameras().await?;
    let ids: Vec<CameraId> = stored.iter().map(|camera| camera.id).collect();
    let survey = house.recorder.survey(&ids).await?;
    note_downtime(house).await?;
    for camera in stored {
        let credentials = match camera.credentials.as_deref() {
            Some(sealed) => house.stored_credentials(camera.id, sealed).await,
            None => None,
        };
        let started = Camera::start(camera.id, camera.settings, credentials, &house.parts)?;
        house.adopt(Arc::clone(&started));
        started.begin();
    }
    tokio::spawn(resolve(Arc::clone(house), survey, lost_index));
    Ok(())
}

/// Footage is missing since the newest segment, until a camera says otherwise.
async fn note_downtime(house: &Arc<House>) -> Result<(), StartError> {
    let running: Vec<CameraId> =
        house.store.cameras().await?.iter().map(|camera| camera.id).collect();
    for usage in house.store.usage().await? {
        if let (Some(newest), true) = (usage.newest, running.contains(&usage.camera)) {
            house.store.begin_gap(usage.camera, newest, GapCause::HubDown).await?;
        }
    }
    Ok(())
}

async fn remove_picture_leftovers(house: &Arc<House>) {
    let recorder = Arc::clone(&house.recorder);
    match tokio::task::spawn_blocking(move || recorder.remove_leftovers()).await {
        Ok(Ok(0)) | Err(_) => {}
        Ok(Ok(removed)) => tracing::info!(removed, "half-written pictures were removed"),
        Ok(Err(error)) => tracing::warn!(%error, "half-written pictures were not removed"),
    }
}

async fn resolve(house: Arc<House>, survey: Survey, lost_index: bool) {
    if lost_index {
        match house.recorder.rebuild_index().await {
            Ok(report) => {
                house.note(EventBody::IndexRebuilt { segments: report.segments }).await;
            }
            Err(error) => tracing::error!(%error, "the index could not be made anew"),
        }
    }
    match house.recorder.recover(survey).await {
        Ok(recovered) => tracing::info!(?recovered, "footage of the last run is in order"),
        Err(error) => tracing::error!(%error, "footage of the last run was not looked at"),
    }
    remove_picture_leftovers(&house).await;
    upkeep::finish_removals(&house).await;
    upkeep::end_open_activities(&house).await;
    upkeep::check_index(&house).await;
}
