//! How the hub fares, and checking what it keeps.

use hearth_audit::ChainReport;
use hearth_auth::{HouseGrant, ask};
use hearth_recorder::{VerifyProgress, VerifyReport};
use tokio::sync::mpsc;

use crate::{
    Hub,
    audit::check_chain,
    error::{Result, UseCaseError},
    identity::store_error,
    playback::footage_error,
    views::{ClockView, EyesView, ModelView, StorageView, SystemView},
};

/// What a check of everything found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct VerifyView {
    /// Nothing is wrong.
    pub ok: bool,
    /// The index itself is sound.
    pub index_ok: bool,
    /// Every key opens.
    pub vault_ok: bool,
    /// Footage.
    pub footage: VerifyReport,
    /// The audit log.
    pub audit: ChainReport,
}

impl Hub {
    /// How the hub fares.
    ///
    /// # Errors
    /// If the store or the disk does not answer.
    pub async fn system(&self, _grant: HouseGrant<ask::ReadSystem>) -> Result<SystemView> {
        let house = self.house();
        let now = house.clock.wall_now();
        let uptime = now.micros_since(house.started_at) / 1_000_000;
        Ok(SystemView {
            version: env!("CARGO_PKG_VERSION"),
            started_at: house.started_at,
            uptime_seconds: u64::try_from(uptime).unwrap_or(0),
            storage: self.storage().await?,
            eyes: self.eyes(),
            clock: ClockView { now, wall_offset_us: house.clock.wall_offset() },
        })
    }

    async fn storage(&self) -> Result<StorageView> {
        let house = self.house();
        let usage = house.store.usage().await.map_err(store_error)?;
        let figures = rustix::fs::statvfs(&house.data)
            .map_err(|error| UseCaseError::internal(&std::io::Error::from(error)))?;
        let bytes_free = figures.f_bavail.saturating_mul(figures.f_frsize);
        let usable = bytes_free.saturating_sub(house.config.storage.bytes_free_min);
        Ok(StorageView {
            bytes_recorded: usage.iter().map(|usage| usage.bytes).sum(),
            bytes_free,
            bytes_total: figures.f_blocks.saturating_mul(figures.f_frsize),
            days_left: house.storage.bytes_a_day().map(|rate| usable as f64 / rate),
            swept_at: house.retention.get().map(|run| run.at),
            last_sweep: house.retention.get(),
        })
    }

    fn eyes(&self) -> EyesView {
        let Some(eyes) = &self.house().eyes else {
            return EyesView { running: false, model: None, restarts: 0, sandbox: Vec::new() };
        };
        let status = eyes.status();
        let confined = |by: bool, name: &'static str| by.then_some(name);
        let sandbox = status.sandbox.map_or_else(Vec::new, |sandbox| {
            let by = [confined(sandbox.landlock, "landlock"), confined(sandbox.seccomp, "seccomp")];
            by.into_iter().flatten().collect()
        });
        let model = status.model.map(|(name, sha256)| ModelView {
            name,
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        EyesView { running: status.running, model, restarts: status.restarts, sandbox }
    }

    /// Checks index, keys, every byte of footage and the audit log. Recording goes on meanwhile.
    ///
    /// # Errors
    /// If the check itself can't run.
    pub async fn verify(
        &self,
        _grant: HouseGrant<ask::Maintain>,
        progress: mpsc::Sender<VerifyProgress>,
    ) -> Result<VerifyView> {
        let house = self.house();
        let index_ok = house.store.quick_check().await.is_ok();
        let vault = house.vault.clone();
        let vault = tokio::task::spawn_blocking(move || vault.verify()).await;
        let vault_ok = matches!(vault, Ok(Ok(report)) if report.is_sound());
        let footage = house.recorder.verify(|state| {
            // Whoever shows progress slowly sees the next state instead.
            progress.try_send(state).ok();
        });
        let footage = footage.await.map_err(footage_error)?;
        let audit = check_chain(house).await?;
        let ok = index_ok && vault_ok && footage.is_clean() && audit.ok;
        Ok(VerifyView { ok, index_ok, vault_ok, footage, audit })
    }
}
