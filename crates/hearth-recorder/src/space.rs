//! Keeps a reserve of free space by erasing the oldest footage, on the write path itself: a disk
//! that fills between two sweeps costs the oldest minutes and never the newest.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;

use hearth_store::{Erasable, Segment};

use crate::{erase, error::RecorderError, recorder::Shared};

/// Erased in one go when space runs out: enough that the next fragments do not ask again at once.
const MARGIN_BYTES: u64 = 64 << 20;

/// Most segments erased for one fragment; the next fragment goes on.
const ERASED_AT_ONCE_MAX: usize = 256;

/// Segments asked for at once: about a minute of eight cameras.
const ERASED_PER_QUERY: u32 = 8;

/// Where the file system's free space comes from; tests inject a disk that fills.
pub(crate) type FreeBytes = Box<dyn Fn() -> std::io::Result<u64> + Send + Sync>;

/// Watches free space for all writers.
pub(crate) struct Space {
    reserve_bytes: u64,
    free_bytes: FreeBytes,
    runtime: Handle,
    /// Only writers that found no space meet here, and only one of them needs to erase.
    erasing: Mutex<()>,
}

impl Space {
    pub(crate) fn new(reserve_bytes: u64, free_bytes: FreeBytes, runtime: Handle) -> Self {
        Self { reserve_bytes, free_bytes, runtime, erasing: Mutex::new(()) }
    }

    /// Returns when `bytes` more leave the reserve free.
    ///
    /// # Errors
    /// [`RecorderError::Full`] if nothing is left that may be erased and even the reserve would not
    /// hold them. While it does, the reserve is used: newest footage first.
    pub(crate) fn make_room(&self, shared: &Shared, bytes: u64) -> Result<(), RecorderError> {
        if (self.free_bytes)()? >= self.reserve_bytes.saturating_add(bytes) {
            return Ok(());
        }
        self.erase_until(shared, self.reserve_bytes.saturating_add(bytes))?;
        if (self.free_bytes)()? > bytes { Ok(()) } else { Err(RecorderError::Full) }
    }

    /// Makes room although there seemed to be some: the disk refused.
    ///
    /// # Errors
    /// [`RecorderError::Full`] if nothing could be erased.
    pub(crate) fn make_room_after_refusal(
        &self,
        shared: &Shared,
        bytes: u64,
    ) -> Result<(), RecorderError> {
        let free = (self.free_bytes)()?;
        let erased = self.erase_until(shared, free.saturating_add(bytes))?;
        if erased > 0 { Ok(()) } else { Err(RecorderError::Full) }
    }

    /// Erases the oldest footage that may go until so much is free; returns how many segments went.
    fn erase_until(&self, shared: &Shared, wanted: u64) -> Result<u64, RecorderError> {
        let _one = self.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut erased = 0;
        let mut freed = 0;
        while (self.free_bytes)()? < wanted.saturating_add(MARGIN_BYTES)
            && erased < ERASED_AT_ONCE_MAX as u64
        {
            // On a disk that reports free space late, what was erased counts as well.
            if freed > wanted.saturating_add(MARGIN_BYTES) {
                break;
            }
            let oldest = self.oldest(shared)?;
            if oldest.is_empty() {
                break;
            }
            for segment in &oldest {
                freed += self.runtime.block_on(erase::segment(shared, segment))?;
                erased += 1;
            }
        }
        if erased > 0 {
            shared.reclaimed.note(erased, freed);
        }
        Ok(erased)
    }

    fn oldest(&self, shared: &Shared) -> Result<Vec<Segment>, RecorderError> {
        let (anything, now) = (Erasable::default(), shared.wall_now());
        Ok(self.runtime.block_on(shared.store.erasable(anything, now, ERASED_PER_QUERY))?)
    }

    /// Free bytes now.
    pub(crate) fn free(&self) -> std::io::Result<u64> {
        (self.free_bytes)()
    }
}
