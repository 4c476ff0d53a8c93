//! The open slot files of one camera: a short list of days, the most recent last.
//!
//! One value per camera behind its own lock, so that one camera's fsync delays no other camera.

use std::{fs, io, path::PathBuf};

use hearth_model::CameraId;

use crate::{
    FileKey, VaultError,
    key::AeadKey,
    private_file::{create_private_directory, sync_directory},
    slot::{self, DaySlots, FileId, SlotDay},
};

/// Days kept open per camera: today, yesterday around midnight, and the two that are played back
/// or erased. Each costs a file descriptor and an index of some 20 bytes a file.
const OPEN_DAYS_MAX: usize = 4;

pub(crate) struct CameraSlots {
    camera: CameraId,
    folder: PathBuf,
    open: Vec<DaySlots>,
}

impl CameraSlots {
    pub(crate) fn new(camera: CameraId, folder: PathBuf) -> Self {
        Self { camera, folder, open: Vec::new() }
    }

    pub(crate) fn create_key(
        &mut self,
        wraps: &AeadKey,
        day: u32,
        file: FileId,
    ) -> Result<FileKey, VaultError> {
        let mut slots = match self.take(day)? {
            Some(slots) => slots,
            None => self.create_day(day)?,
        };
        // On an error the slots are dropped and read anew next time.
        let key = slots.create(wraps, file)?;
        self.put(slots);
        Ok(key)
    }

    pub(crate) fn key(
        &mut self,
        wraps: &AeadKey,
        day: u32,
        file: &FileId,
    ) -> Result<FileKey, VaultError> {
        let slots = self.take(day)?.ok_or(VaultError::FileKeyMissing)?;
        let key = slots.key(wraps, file);
        self.put(slots);
        key
    }

    pub(crate) fn destroy_key(&mut self, day: u32, file: &FileId) -> Result<(), VaultError> {
        let mut slots = self.take(day)?.ok_or(VaultError::FileKeyMissing)?;
        match slots.destroy(file) {
            Ok(true) => self.put(slots),
            Ok(false) => slots.destroy_all()?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Destroys every key of a day; no error if there is none.
    pub(crate) fn destroy_day(&mut self, day: u32) -> Result<(), VaultError> {
        match self.take(day)? {
            Some(slots) => slots.destroy_all(),
            None => Ok(()),
        }
    }

    /// Removes all slot files. Their scope key is already destroyed, so they hold nothing.
    pub(crate) fn remove(&mut self) -> Result<(), VaultError> {
        self.open.clear();
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(VaultError::io("remove a camera's slot files")(error))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn days(&self) -> Result<Vec<u32>, VaultError> {
        slot::days(&self.folder)
    }

    /// The files of a day that have a key.
    pub(crate) fn files(&mut self, day: u32) -> Result<Vec<FileId>, VaultError> {
        let Some(slots) = self.take(day)? else { return Ok(Vec::new()) };
        let files = slots.files().collect();
        self.put(slots);
        Ok(files)
    }

    /// Tries every key of a day: how many open, how many do not, how many slots are dead.
    pub(crate) fn verify(&mut self, wraps: &AeadKey, day: u32) -> Result<[usize; 3], VaultError> {
        let Some(slots) = self.take(day)? else { return Ok([0; 3]) };
        let (good, bad): (Vec<_>, Vec<_>) =
            slots.files().partition(|file| slots.key(wraps, file).is_ok());
        let dead = slots.dead();
        self.put(slots);
        Ok([good.len(), bad.len(), dead])
    }

    /// Takes a day's slots out of the list, or from disk.
    fn take(&mut self, day: u32) -> Result<Option<DaySlots>, VaultError> {
        if let Some(at) = self.open.iter().position(|slots| slots.day() == day) {
            return Ok(Some(self.open.remove(at)));
        }
        let camera = self.camera;
        let Some(slots) = DaySlots::open(&self.folder, SlotDay { camera, day })? else {
            return Ok(None);
        };
        if slots.files().next().is_none() {
            // A crash between the last key's end and the file's, or before the first key.
            slots.destroy_all()?;
            return Ok(None);
        }
        Ok(Some(slots))
    }

    fn put(&mut self, slots: DaySlots) {
        if self.open.len() >= OPEN_DAYS_MAX {
            self.open.remove(0);
        }
        self.open.push(slots);
    }

    fn create_day(&self, day: u32) -> Result<DaySlots, VaultError> {
        create_private_directory(&self.folder)
            .and_then(|()| self.folder.parent().map_or(Ok(()), sync_directory))
            .map_err(VaultError::io("make a camera's slot folder"))?;
        DaySlots::open_or_create(&self.folder, SlotDay { camera: self.camera, day })
    }
}
