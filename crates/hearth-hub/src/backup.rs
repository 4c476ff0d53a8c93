//! Backups: everything of the house in one sealed stream, made while it records.
//!
//! What is in it: the index as of one moment, the vault's keys, settings and whatever else lies in
//! the data directory, and the footage that was chosen, as it lies there. In this order: index,
//! then files, then keys, so that the copy holds nothing that the disk would not have held after a
//! power cut, which every start resolves. Nothing that records waits for it: files are read as they
//! are, the index through a connection of its own, and whoever reads the stream slowly delays only
//! the backup.
//!
//! It opens with a passphrase of its own or with the recovery key, on any machine, without the
//! vault's everyday key. So it holds keys: what was erased before it was made is not in it, and what
//! is erased later opens from it as long as it exists. A backup that could forget would need the
//! live vault, and be none when the machine is gone; instead each carries its date, the doctor says
//! how old the newest is, and old ones are to be destroyed when something must be gone.
//!
//! Only the owner, on the control socket, may ask for one: it is the whole house.

pub(crate) mod contents;
mod stream;

use std::sync::{Arc, Mutex, PoisonError};

use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{FaultKind, TimeRange, WallTime};
use hearth_recorder::FootageChoice;
use hearth_secret::SecretString;
use tokio::sync::Semaphore;

pub use stream::{BackupFailed, BackupStream};

use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Which footage and pictures go into a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BackupMedia {
    /// None: index, keys and settings.
    #[default]
    None,
    /// What is protected from retention.
    Held,
    /// All there is.
    All,
    /// What lies in a range of time.
    Range {
        /// First instant.
        from: WallTime,
        /// First instant after.
        to: WallTime,
    },
}

/// A backup to be made.
#[derive(Clone, Debug, Default)]
pub struct NewBackup {
    /// Which footage.
    pub media: BackupMedia,
    /// What opens it; without it, only the recovery key does.
    pub passphrase: Option<SecretString>,
}

/// What the house knows of backups: that one is being made, and which ones were kept.
#[derive(Debug)]
pub(crate) struct Backups {
    /// One at a time: two would only make each other slower.
    turn: Arc<Semaphore>,
    /// The newest one that was handed out whole, until whoever took it says that it is kept.
    handed_out: Arc<Mutex<Option<KeptBackup>>>,
}

impl Default for Backups {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), handed_out: Arc::default() }
    }
}

/// A backup that was made, as the index remembers it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct KeptBackup {
    pub(crate) id: String,
    pub(crate) made_at: WallTime,
    pub(crate) bytes: u64,
    pub(crate) media: BackupMedia,
}

impl KeptBackup {
    pub(crate) const KEY: &'static str = "newest_backup";
}

/// Refuses anybody but the owner of the machine's account.
pub(crate) fn require_owner(grant: &HouseGrant<ask::Maintain>) -> Result<()> {
    match grant.principal() {
        Principal::Owner => Ok(()),
        Principal::User { .. } | Principal::Machine { .. } => Err(UseCaseError::new(
            FaultKind::Denied,
            "owner_only",
            "Keys and backups are handled on the hub's own machine, with the command line.",
        )),
    }
}

impl Hub {
    /// Begins a backup. Its pieces are made while they are taken.
    ///
    /// # Errors
    /// `owner_only`; `busy` while another is being made; `no_backup_key` without a passphrase and
    /// without a recovery key; `weak_passphrase`.
    pub async fn backup(
        &self,
        grant: HouseGrant<ask::Maintain>,
        new: NewBackup,
    ) -> Result<BackupStream> {
        require_owner(&grant)?;
        let house = self.house();
        if let Some(passphrase) = &new.passphrase {
            require_strong(passphrase)?;
        } else if !house.vault.key_status().has_recovery {
            return Err(UseCaseError::bad_input(
                "no_backup_key",
                "Give a passphrase for the backup, or make a recovery key first.",
            ));
        }
        let turn = Arc::clone(&house.backups.turn).try_acquire_owned();
        let turn = turn.map_err(|_| {
            UseCaseError::new(FaultKind::Conflict, "busy", "Another backup is being made.")
        })?;
        let footage = choice(house, new.media).await?;
        let bytes_expected = expected_bytes(house, footage.as_ref()).await?;
        Ok(stream::begin(house, new, footage, bytes_expected, turn))
    }

    /// Notes that a backup arrived where it is kept.
    ///
    /// # Errors
    /// `not_found` if it is not the newest that was handed out whole.
    pub async fn backup_kept(&self, grant: HouseGrant<ask::Maintain>, id: &str) -> Result<()> {
        require_owner(&grant)?;
        let house = self.house();
        let kept = {
            let mut handed_out = lock(&house.backups.handed_out);
            handed_out.take_if(|kept| kept.id == id)
        };
        let kept = kept.ok_or_else(|| UseCaseError::not_found("backup"))?;
        house.store.put_setting(KeptBackup::KEY, &kept).await.map_err(store_error)
    }
}

/// A passphrase that somebody with the file may guess at for years.
pub(crate) fn require_strong(passphrase: &SecretString) -> Result<()> {
    hearth_auth::check_strength(passphrase, "")
        .map_err(|weak| UseCaseError::bad_input("weak_passphrase", weak.to_string()))
}

async fn choice(house: &House, media: BackupMedia) -> Result<Option<FootageChoice>> {
    Ok(match media {
        BackupMedia::None => None,
        BackupMedia::All => Some(FootageChoice::All),
        BackupMedia::Range { from, to } => {
            let range = TimeRange::new(from, to).ok_or_else(|| {
                UseCaseError::bad_input("bad_range", "`from` must be before `to`.")
            })?;
            Some(FootageChoice::Within(vec![(None, range)]))
        }
        BackupMedia::Held => {
            let holds = house.store.holds().await.map_err(store_error)?;
            let within = |hold: hearth_store::Hold| {
                TimeRange::new(hold.from, hold.to).map(|range| (Some(hold.camera), range))
            };
            Some(FootageChoice::Within(holds.into_iter().filter_map(within).collect()))
        }
    })
}

/// For progress only: the index, and all footage if all is wanted. A part of it is not counted
/// before it is copied.
async fn expected_bytes(house: &House, footage: Option<&FootageChoice>) -> Result<u64> {
    let index = std::fs::metadata(house.data.join(crate::start::INDEX_FILE));
    let index = index.map_or(0, |metadata| metadata.len());
    let footage = match footage {
        Some(FootageChoice::All) => {
            let usage = house.store.usage().await.map_err(store_error)?;
            usage.iter().map(|usage| usage.bytes).sum()
        }
        _ => 0,
    };
    Ok(index.saturating_add(footage))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
