//! The files of the chain in their folder.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use hearth_vault::MacKey;

use crate::record::Head;

/// Bytes of one file, beyond which the next begins: read whole in a blink, and 1 GiB of them is a
/// list that a person can look at.
pub(crate) const FILE_BYTES_MAX: u64 = 8 << 20;

/// Bytes that are read of one file: an append may go beyond the limit by one batch.
const READ_BYTES_MAX: u64 = 4 * FILE_BYTES_MAX;

const ENDING: &str = ".audit";

/// One file of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChainFile {
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
}

impl ChainFile {
    pub(crate) fn new(folder: &Path, number: u64) -> Self {
        Self { number, path: folder.join(format!("{number:010}{ENDING}")) }
    }

    /// All of it, as far as such a file may go.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(READ_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Its head, if it is one of this log.
    pub(crate) fn head(&self, key: &MacKey) -> Option<Head> {
        let mut bytes = Vec::with_capacity(Head::BYTES);
        File::open(&self.path).ok()?.take(Head::BYTES as u64).read_to_end(&mut bytes).ok()?;
        Head::from_bytes(key, &bytes).filter(|head| head.number == self.number)
    }

    pub(crate) fn bytes(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }
}

/// The files of a folder, oldest first.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<ChainFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_suffix(ENDING).and_then(|digits| digits.parse().ok());
        files.extend(number.map(|number| ChainFile { number, path: path.clone() }));
    }
    files.sort_by_key(|file| file.number);
    Ok(files)
}
