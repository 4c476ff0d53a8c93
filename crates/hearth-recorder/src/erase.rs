//! Erases footage: key first, then file, then row.
//!
//! A crash in between leaves a row or a file without a key, which nothing can read; the row is
//! dropped when it is met.

use std::{
    fs, io,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use hearth_model::{CameraId, EventId, TimeRange};
use hearth_store::{Segment, SegmentChange};
use hearth_vault::{KeyScope, VaultError};

use crate::{
    error::RecorderError,
    layout::{Day, day_of, day_of_event},
    recorder::{Recorder, Shared},
};

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Segment files.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What was erased of a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasedRange {
    /// Segment files.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Segment files that had to stay: held, or still being written.
    pub left: u64,
}

/// Segments asked for at once, so that other users of the index get in between.
pub(crate) const BATCH: u32 = 64;

/// Erases one segment and returns its bytes.
///
/// promise: D-04.
pub(crate) async fn segment(shared: &Shared, segment: &Segment) -> Result<u64, RecorderError> {
    let day = day_of(segment.wall_start);
    destroy_key(shared, segment.camera, day, *segment.id.as_bytes())?;
    remove_file(&shared.layout.segment(segment.camera, day, segment.id))?;
    remove_empty_day(&shared.layout.day(segment.camera, day))?;
    shared.store.commit_segments(&[SegmentChange::Erase(segment.id)]).await?;
    Ok(segment.bytes)
}

fn destroy_key(
    shared: &Shared,
    camera: CameraId,
    day: Day,
    file: [u8; 16],
) -> Result<(), RecorderError> {
    match shared.vault.destroy_file_key(camera, day, file) {
        Err(VaultError::FileKeyMissing | VaultError::ScopeMissing(_)) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A day's folder goes with its last file; one that is in use again is simply not empty.
fn remove_empty_day(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Shared {
    /// Takes away a file that never got into the index.
    pub(crate) fn discard(&self, meta: &crate::meta::SegmentMeta, day: Day) {
        let key = destroy_key(self, meta.camera, day, *meta.segment.as_bytes());
        let file = remove_file(&self.layout.segment(meta.camera, day, meta.segment));
        if key.is_err() || file.is_err() {
            tracing::warn!(segment.id = %meta.segment, "an unfinished file was left behind");
        }
    }
}

impl Recorder {
    /// Erases everything of a camera: its keys first, so that it is gone at once.
    ///
    /// # Errors
    /// If keys could not be destroyed; call again. Files without a key are harmless.
    ///
    /// promise: D-04.
    pub async fn erase_camera(&self, camera: CameraId) -> Result<Erased, RecorderError> {
        self.shared().vault.destroy_scope(&KeyScope::Camera(camera))?;
        self.footage().forget(|segment| segment.camera == camera);
        remove_tree(&self.shared().layout.camera_media(camera))?;
        remove_tree(&self.shared().layout.camera_stills(camera))?;
        let (segments, bytes) = self.shared().store.erase_footage(camera).await?;
        Ok(Erased { segments, bytes })
    }

    /// Erases what a camera recorded within a range: whole segments, as far as they are complete and no
    /// hold protects them.
    ///
    /// # Errors
    /// If the index or a key refuses; what was erased before stays erased.
    ///
    /// promise: V-16, D-04.
    pub async fn erase_between(
        &self,
        camera: CameraId,
        range: TimeRange,
    ) -> Result<ErasedRange, RecorderError> {
        let mut erased = ErasedRange::default();
        let mut rest = Some(range);
        while let Some(range) = rest {
            let (shared, now) = (self.shared(), self.shared().wall_now());
            let (free, left) = shared.store.erasable_in(camera, range, now, BATCH).await?;
            erased.left += left.len() as u64;
            for one in &free {
                erased.bytes += segment(shared, one).await?;
                erased.segments += 1;
                self.footage().forget(|row| row.id == one.id);
            }
            let last = free.iter().chain(&left).map(Segment::wall_end).max();
            rest = last.and_then(|end| TimeRange::new(end, range.to()));
        }
        Ok(erased)
    }

    /// Erases one event's picture.
    ///
    /// # Errors
    /// If its key could not be destroyed.
    pub fn erase_picture(&self, camera: CameraId, event: EventId) -> Result<(), RecorderError> {
        destroy_key(self.shared(), camera, day_of_event(event), *event.as_bytes())?;
        Ok(remove_file(&self.shared().layout.picture(camera, event))?)
    }
}

/// What was erased to make room, until somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Reclaimed {
    segments: AtomicU64,
    bytes: AtomicU64,
}

impl Reclaimed {
    pub(crate) fn note(&self, segments: u64, bytes: u64) {
        self.segments.fetch_add(segments, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn take(&self) -> Erased {
        Erased {
            segments: self.segments.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
        }
    }
}
