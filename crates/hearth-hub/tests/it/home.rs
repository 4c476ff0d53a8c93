//! A data directory in which hubs are started, one after the other, by a clock that can be set.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use hearth_hub::{EyesConfig, HouseClock, HouseConfig, Hub, HubConfig, StartError, StorageConfig};
use hearth_model::WallTime;
use hearth_sim::{SimulatedBoard, SimulatedSensors};
use hearth_vault::{MasterKeySource, VaultError};
use tempfile::TempDir;

use crate::watching::poll;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;

/// The directory, its key and its clock.
pub(crate) struct Home {
    folder: TempDir,
    /// By how much its clock differs from the machine's, in microseconds.
    ahead: Arc<AtomicI64>,
    has_eyes: bool,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, ahead: Arc::default(), has_eyes: false }
    }

    pub(crate) fn with_eyes() -> Self {
        Self { has_eyes: true, ..Self::new() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A place outside the data directory.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets the clock, as somebody or a time server would.
    pub(crate) fn step_clock(&self, micros: i64) {
        self.ahead.fetch_add(micros, Ordering::Relaxed);
    }

    /// Different for each home, and on the command line of its eyes.
    pub(crate) fn mark(&self) -> String {
        self.folder.path().display().to_string()
    }

    pub(crate) fn config(&self) -> HubConfig {
        self.config_of(&self.data())
    }

    pub(crate) fn config_of(&self, data: &Path) -> HubConfig {
        let (ahead, machine) = (Arc::clone(&self.ahead), HouseClock::system_wall());
        HubConfig {
            data: data.to_owned(),
            key: Some(MasterKeySource::KeyFile(self.beside("key"))),
            admin_password: None,
            settings: HouseConfig {
                // The machine that runs tests may have a small disk.
                storage: StorageConfig { bytes_max: None, bytes_free_min: 1 << 20 },
                eyes: EyesConfig { enabled: self.has_eyes, model: None },
                ..HouseConfig::default()
            },
            eyes_program: self.has_eyes.then(|| (eyes_worker(), vec![self.mark()])),
            simulated: true,
            board: None,
            wall: Some(Box::new(move || machine().plus_micros(ahead.load(Ordering::Relaxed)))),
        }
    }

    /// Starts a hub. What the one before still holds is let go a moment after it was shut down.
    pub(crate) async fn start(&self) -> Hub {
        poll("the hub before lets go", async || match Hub::start(self.config()).await {
            Ok(hub) => Some(hub),
            Err(StartError::Vault(VaultError::InUse)) => None,
            Err(error) => panic!("the hub starts: {error}"),
        })
        .await
    }

    /// Starts a hub on a machine with a board, from which something hangs.
    pub(crate) async fn start_with_board(&self) -> (Hub, Arc<SimulatedBoard>) {
        let sensors = self.beside("sys");
        SimulatedSensors::create(&sensors).expect("written");
        let board = Arc::new(SimulatedBoard::new(&sensors));
        let config = HubConfig { board: Some(Arc::clone(&board) as _), ..self.config() };
        (Hub::start(config).await.expect("it starts"), board)
    }

    /// What a power cut would leave: a copy of the data directory as it is now.
    ///
    /// Nothing stands still meanwhile. The index is copied before the footage and the keys after
    /// it, so that the copy holds nothing that the disk would not have held at some instant.
    pub(crate) fn power_cut_image(&self) -> PathBuf {
        let (data, image) = (self.data(), self.beside("image"));
        fs::create_dir(&image).expect("a folder");
        let is_index = |name: &str| name.starts_with("index.db");
        let rank = |name: &str| if is_index(name) { 0 } else { 1 + u8::from(name == "vault") };
        let mut names: Vec<String> = fs::read_dir(&data)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_by_key(|name| (rank(name), name.clone()));
        for name in names {
            copy(&data.join(&name), &image.join(&name));
        }
        image
    }
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).expect("copied");
        return;
    }
    fs::create_dir(to).expect("a folder");
    let names = fs::read_dir(from).expect("listed");
    let mut names: Vec<_> = names.map(|entry| entry.expect("an entry").file_name()).collect();
    // The audit log's anchor before its files, in the order in which a disk would not have them.
    names.sort_by(|a, b| b.cmp(a));
    for name in names {
        copy(&from.join(&name), &to.join(&name));
    }
}

/// The example beside this test's executable.
pub(crate) fn eyes_worker() -> PathBuf {
    let executable = std::env::current_exe().expect("this test");
    let target = executable.parent().and_then(Path::parent).expect("a target directory");
    target.join("examples").join("eyes_worker")
}

/// All files below a folder that may be gone.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    paths.flat_map(below).collect()
}

/// Seconds between two wall times.
pub(crate) fn seconds_between(from: WallTime, to: WallTime) -> f64 {
    Duration::from_micros(to.micros_since(from).unsigned_abs()).as_secs_f64()
        * if to < from { -1.0 } else { 1.0 }
}
