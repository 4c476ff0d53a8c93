//! Retention: erases what is older or more than a camera may keep (promise V-15).

use hearth_model::{CameraId, Retention, WallTime};
use hearth_store::Erasable;

use crate::{
    erase::{self, BATCH},
    error::RecorderError,
    recorder::Recorder,
};

/// Most segments erased for one camera in one sweep; the next sweep goes on.
const ERASED_PER_SWEEP_MAX: u64 = 10_000;

/// What one camera may keep.
#[derive(Clone, Copy, Debug)]
pub struct SweepRule {
    /// Whose footage.
    pub camera: CameraId,
    /// How much.
    pub retention: Retention,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Segments erased.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Recorder {
    /// Applies retention to all cameras, then the limit of the whole house.
    ///
    /// # Errors
    /// If the index or a key refuses; what was erased before stays erased.
    pub async fn sweep(
        &self,
        rules: &[SweepRule],
        house_bytes_max: Option<u64>,
    ) -> Result<SweepReport, RecorderError> {
        let mut report = SweepReport::default();
        let now = self.shared().wall_now();
        for rule in rules {
            if let Some(days) = rule.retention.days_max {
                self.erase_aged(rule.camera, now.minus_days(days), &mut report).await?;
            }
            if let Some(bytes_max) = rule.retention.bytes_max {
                self.erase_beyond(Some(rule.camera), bytes_max, &mut report).await?;
            }
        }
        if let Some(bytes_max) = house_bytes_max {
            self.erase_beyond(None, bytes_max, &mut report).await?;
        }
        Ok(report)
    }

    async fn erase_aged(
        &self,
        camera: CameraId,
        ended_by: WallTime,
        report: &mut SweepReport,
    ) -> Result<(), RecorderError> {
        let what = Erasable { camera: Some(camera), ended_by: Some(ended_by) };
        let mut erased = 0;
        while erased < ERASED_PER_SWEEP_MAX {
            let count = self.erase_oldest(what, u64::MAX, report).await?;
            if count == 0 {
                break;
            }
            erased += count;
        }
        Ok(())
    }

    async fn erase_beyond(
        &self,
        camera: Option<CameraId>,
        bytes_max: u64,
        report: &mut SweepReport,
    ) -> Result<(), RecorderError> {
        let what = Erasable { camera, ended_by: None };
        let mut erased = 0;
        while erased < ERASED_PER_SWEEP_MAX {
            let kept = self.bytes_kept(camera).await?;
            let Some(surplus) = kept.checked_sub(bytes_max).filter(|surplus| *surplus > 0) else {
                break;
            };
            let count = self.erase_oldest(what, surplus, report).await?;
            if count == 0 {
                break;
            }
            erased += count;
        }
        Ok(())
    }

    /// Erases up to a batch of the oldest segments until `surplus` bytes are gone.
    async fn erase_oldest(
        &self,
        what: Erasable,
        surplus: u64,
        report: &mut SweepReport,
    ) -> Result<u64, RecorderError> {
        let shared = self.shared();
        let oldest = shared.store.erasable(what, shared.wall_now(), BATCH).await?;
        let (mut count, mut bytes) = (0, 0);
        for segment in oldest {
            if bytes >= surplus {
                break;
            }
            bytes += erase::segment(shared, &segment).await?;
            self.footage().forget(|row| row.id == segment.id);
            count += 1;
        }
        report.segments += count;
        report.bytes += bytes;
        Ok(count)
    }

    async fn bytes_kept(&self, camera: Option<CameraId>) -> Result<u64, RecorderError> {
        let usage = self.shared().store.usage().await?;
        let counted = usage.iter().filter(|usage| camera.is_none_or(|id| id == usage.camera));
        Ok(counted.map(|usage| usage.bytes).sum())
    }
}
