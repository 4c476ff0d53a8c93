//! What the writer needs of a file, so that tests can make it fail at any step.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use crate::private_file::{create_private_file, sync_directory};

/// A file that is written at its end.
pub trait Disk: Send {
    /// Writes some of `bytes` at `offset` and returns how many.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Cuts the file to `length` bytes.
    fn set_length(&mut self, length: u64) -> io::Result<()>;
    /// Returns when everything written so far, and the file's name, survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// A real file.
#[derive(Debug)]
pub struct DiskFile {
    file: File,
    /// The folder whose entry for this file is not durable yet.
    unsynced_folder: Option<PathBuf>,
}

impl DiskFile {
    /// Creates a file that must not exist, mode 0600.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = create_private_file(path)?;
        Ok(Self { file, unsynced_folder: path.parent().map(Path::to_path_buf) })
    }

    /// Opens an existing file.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Self { file, unsynced_folder: path.parent().map(Path::to_path_buf) })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Disk for DiskFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }

    fn set_length(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if let Some(folder) = &self.unsynced_folder {
            // An empty parent is the current folder ("file.hw" has the parent "").
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            sync_directory(folder)?;
            self.unsynced_folder = None;
        }
        Ok(())
    }
}

/// Writes all of `bytes` at `offset`; a short write is continued.
pub(crate) fn write_all_at(
    disk: &mut impl Disk,
    mut bytes: &[u8],
    mut offset: u64,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match disk.write_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
