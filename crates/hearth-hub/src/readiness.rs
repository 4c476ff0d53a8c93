//! Whether the hub can do its work now: its index answers, its vault opens, its disk takes bytes,
//! and what live cameras send reaches it.
//!
//! Anybody may ask, so an answer holds for a second and costs no more than one look a second.
//! promise: V-11.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use hearth_vault::KeyScope;
use tokio::{sync::Mutex, time::timeout};

use crate::{Hub, house::House};

/// An answer is given again for so long.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// An index or disk that needs longer cannot be worked with.
const PATIENCE: Duration = Duration::from_secs(3);

/// A live camera whose footage is older is not being recorded; the same time within which a person
/// must be told.
const STUCK_AFTER_MICROS: i64 = 15_000_000;

/// Written and removed again to see that the disk takes bytes.
const PROBE_FILE: &str = "ready.probe";

const PROBE_CONTEXT: &[u8] = b"readiness v1";

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The index answers.
    pub index: bool,
    /// The vault seals and opens.
    pub vault: bool,
    /// The data directory takes a file.
    pub disk: bool,
    /// Live cameras whose footage does not reach the disk.
    pub writers_stuck: usize,
}

impl Readiness {
    /// All is as it should be.
    pub fn is_ready(&self) -> bool {
        self.index && self.vault && self.disk && self.writers_stuck == 0
    }
}

/// The newest answer.
pub(crate) type LastLook = Mutex<Option<(Instant, Readiness)>>;

impl Hub {
    /// Whether the hub can do its work now.
    pub async fn readiness(&self) -> Readiness {
        self.house().readiness().await
    }
}

impl House {
    /// Whether the hub can do its work now.
    pub(crate) async fn readiness(self: &Arc<Self>) -> Readiness {
        // Whoever comes while one looks waits for that answer.
        let mut last = self.readiness.lock().await;
        if let Some((at, readiness)) = &*last
            && at.elapsed() < HOLDS_FOR
        {
            return readiness.clone();
        }
        let readiness = look(self).await;
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }
}

async fn look(house: &Arc<House>) -> Readiness {
    let index = timeout(PATIENCE, house.store.has_users()).await;
    let (data, vault) = (house.data.clone(), house.vault.clone());
    let disk = tokio::task::spawn_blocking(move || takes_a_file(&data));
    let opens = tokio::task::spawn_blocking(move || {
        let sealed = vault.seal(&KeyScope::House, PROBE_CONTEXT, b"probe");
        sealed.is_ok_and(|sealed| vault.unseal(&KeyScope::House, PROBE_CONTEXT, &sealed).is_ok())
    });
    let (disk, opens) = tokio::join!(timeout(PATIENCE, disk), timeout(PATIENCE, opens));
    Readiness {
        index: matches!(index, Ok(Ok(_))),
        vault: matches!(opens, Ok(Ok(true))),
        disk: matches!(disk, Ok(Ok(true))),
        writers_stuck: house
            .cameras
            .all()
            .iter()
            .filter(|camera| camera.is_writer_stuck(STUCK_AFTER_MICROS))
            .count(),
    }
}

fn takes_a_file(data: &Path) -> bool {
    let path = data.join(PROBE_FILE);
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| {
            file.write_all(&[0; 4096])?;
            file.sync_data()
        });
    let removed = fs::remove_file(&path);
    written.is_ok() && removed.is_ok()
}
