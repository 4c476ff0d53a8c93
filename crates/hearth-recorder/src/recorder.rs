//! All cameras' recorders, and what they share.

use std::{path::Path, sync::Arc, thread::JoinHandle};

use hearth_model::{CameraId, EventId, WallTime};
use hearth_store::Store;
use hearth_vault::{KeyScope, Vault, read_sealed_file, write_sealed_file};
use tokio::runtime::Handle;

use crate::{
    camera::{CameraRecorder, RecorderControl, RecorderCounters},
    erase::{Erased, Reclaimed},
    error::RecorderError,
    footage::Footage,
    journal::Journal,
    layout::{Layout, day_of_event, make_private_dir},
    space::{FreeBytes, Space},
    writer,
};

/// What a picture's seal is for.
const PICTURE_CONTEXT: &[u8] = b"picture of an event v1";

/// What a recorder must not exceed, and where it learns the time and the free space from.
pub struct RecorderLimits {
    /// Bytes of the disk that footage never takes while anything erasable is left.
    pub bytes_free_min: u64,
    /// Free bytes of the disk that footage lies on; [`RecorderLimits::free_bytes_of`] asks the
    /// file system.
    pub free_bytes: FreeBytes,
    /// The wall clock.
    pub wall: Box<dyn Fn() -> WallTime + Send + Sync>,
}

impl RecorderLimits {
    /// Asks the file system that holds `folder`.
    pub fn free_bytes_of(folder: &Path) -> FreeBytes {
        let folder = folder.to_owned();
        Box::new(move || {
            let figures = rustix::fs::statvfs(&folder)?;
            Ok(figures.f_bavail.saturating_mul(figures.f_frsize))
        })
    }
}

/// What all writers use.
pub(crate) struct Shared {
    pub(crate) vault: Vault,
    pub(crate) layout: Layout,
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    pub(crate) space: Space,
    pub(crate) reclaimed: Reclaimed,
    wall: Box<dyn Fn() -> WallTime + Send + Sync>,
}

impl Shared {
    pub(crate) fn wall_now(&self) -> WallTime {
        (self.wall)()
    }
}

/// Makes recorders for cameras, finds footage, and erases it.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
    footage: Footage,
}

impl Recorder {
    /// Starts on a laid-out data directory; needs a running event loop.
    pub fn new(vault: Vault, layout: Layout, store: Store, limits: RecorderLimits) -> Self {
        let runtime = Handle::current();
        let shared = Arc::new(Shared {
            vault,
            layout,
            journal: Journal::start(store.clone()),
            store,
            space: Space::new(limits.bytes_free_min, limits.free_bytes, runtime),
            reclaimed: Reclaimed::default(),
            wall: limits.wall,
        });
        Self { footage: Footage::new(Arc::clone(&shared)), shared }
    }

    /// Makes the recorder of a camera, with its keys and its thread. The thread ends after the
    /// recorder is dropped, when all is written.
    ///
    /// # Errors
    /// If the camera's keys can't be made or the system has no thread left.
    pub fn camera(
        &self,
        camera: CameraId,
        control: Arc<RecorderControl>,
        counters: Arc<RecorderCounters>,
    ) -> Result<(CameraRecorder, JoinHandle<()>), RecorderError> {
        self.shared.vault.create_scope(&KeyScope::Camera(camera))?;
        writer::spawn(Arc::clone(&self.shared), camera, control, counters)
    }

    /// Recorded footage.
    pub fn footage(&self) -> &Footage {
        &self.footage
    }

    /// Waits until the index knows all that is written.
    pub async fn flush_index(&self) {
        self.shared.journal.flush().await;
    }

    /// What was erased to make room since the last call.
    pub fn take_reclaimed(&self) -> Erased {
        self.shared.reclaimed.take()
    }

    /// Free bytes of the disk that footage lies on.
    ///
    /// # Errors
    /// If the file system does not answer.
    pub fn bytes_free(&self) -> std::io::Result<u64> {
        self.shared.space.free()
    }

    /// Keeps the picture of an event, sealed with a key of its own.
    ///
    /// # Errors
    /// If the disk or the vault refuses.
    pub fn keep_picture(
        &self,
        camera: CameraId,
        event: EventId,
        jpeg: &[u8],
    ) -> Result<(), RecorderError> {
        let path = self.shared.layout.picture(camera, event);
        if let Some(folder) = path.parent() {
            make_private_dir(folder)?;
        }
        let day = day_of_event(event);
        let key = self.shared.vault.create_file_key(camera, day, *event.as_bytes())?;
        Ok(write_sealed_file(&path, &key, PICTURE_CONTEXT, jpeg)?)
    }

    /// Reads the picture of an event.
    ///
    /// # Errors
    /// If it was erased, or the disk or the vault refuses.
    pub fn picture(&self, camera: CameraId, event: EventId) -> Result<Vec<u8>, RecorderError> {
        let day = day_of_event(event);
        let key = self.shared.vault.file_key(camera, day, *event.as_bytes())?;
        let path = self.shared.layout.picture(camera, event);
        Ok(read_sealed_file(&path, &key, PICTURE_CONTEXT)?.expose().clone())
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}
