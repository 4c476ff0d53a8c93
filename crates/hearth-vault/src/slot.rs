//! Slot files: the wrapped keys of one camera's files of one day.
//!
//! A slot is 128 bytes, so it never straddles a sector (512 bytes and more) and a torn write
//! leaves whole slots whole. Slots are appended and overwritten in place, never moved.
//!
//! ```text
//! magic 4 | file id 16 | nonce 12 | wrapped key 48 | zero 48
//! ```
//!
//! The wrapping binds camera, day and file id; a slot copied elsewhere does not open.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use hearth_model::CameraId;

use crate::{
    FileKey, VaultError,
    key::{AeadKey, WrappedKey, random, random_key},
    private_file::{create_private_file, read_bounded, sync_directory},
    shred::overwrite,
};

/// Bytes of a slot.
pub(crate) const SLOT_BYTES: usize = 128;
const LIVE: &[u8; 4] = b"HWK1";
const DEAD: &[u8; 4] = b"HWK0";

/// Files of one camera and day: one a second would be 86 400.
const SLOTS_MAX: usize = 100_000;

/// The 16 bytes that name a file within its camera.
pub type FileId = [u8; 16];

/// What a day's slots are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotDay {
    pub(crate) camera: CameraId,
    /// Days since 1970-01-01 UTC.
    pub(crate) day: u32,
}

impl SlotDay {
    fn binding(&self, file: &FileId) -> [u8; 36] {
        let mut binding = [0; 36];
        let (camera, rest) = binding.split_at_mut(16);
        let (day, id) = rest.split_at_mut(4);
        camera.copy_from_slice(self.camera.as_bytes());
        day.copy_from_slice(&self.day.to_le_bytes());
        id.copy_from_slice(file);
        binding
    }
}

/// The slot file of one camera and day, open, with an index of its live slots.
///
/// Its owner holds the camera's lock: one process, one thread at a time.
pub(crate) struct DaySlots {
    day: SlotDay,
    path: PathBuf,
    file: File,
    /// File id to slot number, live slots only.
    live: HashMap<FileId, usize>,
    /// Slots in the file, dead ones too.
    slots: usize,
}

impl DaySlots {
    /// Opens the slots of a day; `None` if there are none.
    pub(crate) fn open(folder: &Path, day: SlotDay) -> Result<Option<Self>, VaultError> {
        let path = folder.join(file_name(day.day));
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(VaultError::io("open a slot file")(error)),
        };
        let bytes = read_bounded(&path, ((SLOTS_MAX + 1) * SLOT_BYTES) as u64)
            .map_err(VaultError::io("read a slot file"))?;
        // A torn slot at the end was never answered for; the next one takes its place.
        let (slots, _torn) = bytes.as_chunks::<SLOT_BYTES>();
        let live = slots.iter().enumerate().filter_map(|(number, slot)| {
            let id = slot.strip_prefix(LIVE)?.first_chunk()?;
            Some((*id, number))
        });
        let (live, slots) = (live.collect(), slots.len());
        Ok(Some(Self { day, path, file, live, slots }))
    }

    /// Opens the slots of a day, making the file if there is none.
    pub(crate) fn open_or_create(folder: &Path, day: SlotDay) -> Result<Self, VaultError> {
        if let Some(slots) = Self::open(folder, day)? {
            return Ok(slots);
        }
        let path = folder.join(file_name(day.day));
        let file = create_private_file(&path)
            .and_then(|file| sync_directory(folder).map(|()| file))
            .map_err(VaultError::io("create a slot file"))?;
        Ok(Self { day, path, file, live: HashMap::new(), slots: 0 })
    }

    pub(crate) fn day(&self) -> u32 {
        self.day.day
    }

    /// The files with a live key.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.live.keys().copied()
    }

    /// Slots that are not live: destroyed, or damaged beyond recognition.
    pub(crate) fn dead(&self) -> usize {
        self.slots - self.live.len()
    }

    /// Makes a key for `id`; durable on return.
    ///
    /// After an error the caller drops this value and opens the file anew: what the disk holds is
    /// unknown.
    pub(crate) fn create(&mut self, wraps: &AeadKey, id: FileId) -> Result<FileKey, VaultError> {
        if self.live.contains_key(&id) {
            return Err(VaultError::FileKeyExists);
        }
        if self.slots >= SLOTS_MAX {
            return Err(VaultError::LimitReached { what: "keys of one camera and day" });
        }
        let key = random_key()?;
        let slot = encode(&id, &wraps.wrap(&self.day.binding(&id), &key)?);
        let at = (self.slots * SLOT_BYTES) as u64;
        let written = self.file.write_all_at(&slot, at).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Best effort: on a full disk the half slot should not stay. If it does, it is torn
            // or names a file that does not exist, and either is harmless.
            drop(self.file.set_len(at));
            return Err(VaultError::io("write a file key")(error));
        }
        self.live.insert(id, self.slots);
        self.slots += 1;
        Ok(FileKey::new(key))
    }

    /// Unwraps the key of `id`.
    pub(crate) fn key(&self, wraps: &AeadKey, id: &FileId) -> Result<FileKey, VaultError> {
        let number = *self.live.get(id).ok_or(VaultError::FileKeyMissing)?;
        let mut slot = [0; SLOT_BYTES];
        self.file
            .read_exact_at(&mut slot, (number * SLOT_BYTES) as u64)
            .map_err(VaultError::io("read a file key"))?;
        let damaged = || VaultError::Damaged { what: "a file's key" };
        let wrapped = decode(&slot, id).ok_or_else(damaged)?;
        let key = wraps.unwrap(&self.day.binding(id), &wrapped).map_err(|_| damaged())?;
        Ok(FileKey::new(key))
    }

    /// Overwrites the key of `id`; durable on return. Whether any live key is left.
    pub(crate) fn destroy(&mut self, id: &FileId) -> Result<bool, VaultError> {
        let number = *self.live.get(id).ok_or(VaultError::FileKeyMissing)?;
        let mut slot: [u8; SLOT_BYTES] = random()?;
        slot.iter_mut().zip(DEAD).for_each(|(byte, mark)| *byte = *mark);
        self.file
            .write_all_at(&slot, (number * SLOT_BYTES) as u64)
            .and_then(|()| self.file.sync_data())
            .map_err(VaultError::io("overwrite a file key"))?;
        self.live.remove(id);
        Ok(!self.live.is_empty())
    }

    /// Overwrites every slot and removes the file; durable on return.
    pub(crate) fn destroy_all(self) -> Result<(), VaultError> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        overwrite(&self.path)
            .and_then(|()| fs::remove_file(&self.path))
            .and_then(|()| sync_directory(folder))
            .map_err(VaultError::io("remove a slot file"))
    }
}

/// The days of a camera that have a slot file, in order.
pub(crate) fn days(folder: &Path) -> Result<Vec<u32>, VaultError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(VaultError::io("list slot files")(error)),
    };
    let names: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.file_name())).collect();
    let names = names.map_err(VaultError::io("list slot files"))?;
    let mut days: Vec<u32> = names
        .iter()
        .filter_map(|name| name.to_str()?.strip_suffix(".slots")?.parse().ok())
        .collect();
    days.sort_unstable();
    Ok(days)
}

fn file_name(day: u32) -> String {
    format!("{day}.slots")
}

fn encode(id: &FileId, key: &WrappedKey) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    let parts: [&[u8]; 3] = [LIVE, id, &key.to_bytes()];
    slot.iter_mut().zip(parts.concat()).for_each(|(byte, value)| *byte = value);
    slot
}

fn decode(slot: &[u8; SLOT_BYTES], id: &FileId) -> Option<WrappedKey> {
    let body = slot.strip_prefix(LIVE)?.strip_prefix(id)?;
    WrappedKey::from_bytes(body.get(..WrappedKey::BYTES)?)
}

#[cfg(test)]
mod tests;
