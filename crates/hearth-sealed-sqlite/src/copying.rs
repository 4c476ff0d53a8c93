//! Files sealed as a whole, without SQLite: what earlier releases left in clear.
//!
//! Page by page, in the same places: what SQLite would have written there. Not for a file that is
//! open.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt as _,
    path::Path,
};

use hearth_secret::Key512;

use crate::{
    content::{Content, MAGIC, content_of},
    geometry::{FileKind, PAGE_BYTES},
    sealed::{Disk, Sealed},
    xts::Xts,
};

/// A file whose content comes in clear and is sealed on its way to the disk.
#[derive(Debug)]
pub struct SealingFile {
    file: File,
    kind: FileKind,
    cipher: Xts,
    offset: u64,
}

impl SealingFile {
    /// Writes to `file`, which is empty.
    pub fn new(file: File, kind: FileKind, key: &Key512) -> Self {
        Self { file, kind, cipher: Xts::new(key), offset: 0 }
    }

    /// The file, of which everything is on the disk when this returns.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(self) -> io::Result<File> {
        self.file.sync_all()?;
        Ok(self.file)
    }
}

impl Write for SealingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Sealed::new(&self.file, self.kind, &self.cipher).write(self.offset, bytes)?;
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes a database as it comes: one that is sealed already is written as it is, and one in clear
/// is sealed, so that nothing of it is on the disk at any time.
#[derive(Debug)]
pub struct ArrivingDatabase<'a> {
    key: &'a Key512,
    head: Vec<u8>,
    out: Arriving,
}

#[derive(Debug)]
enum Arriving {
    /// Until the first bytes are there.
    Undecided(File),
    AsItIs(File),
    InClear(Box<SealingFile>),
    /// After an error on the way.
    Lost,
}

impl<'a> ArrivingDatabase<'a> {
    /// Writes to `file`, which is empty; a database in clear is sealed under `key`.
    pub fn new(file: File, key: &'a Key512) -> Self {
        Self { key, head: Vec::with_capacity(MAGIC.len()), out: Arriving::Undecided(file) }
    }

    /// Ends it, and says whether it came in clear and so lies under the key now.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn finish(mut self) -> io::Result<bool> {
        self.decide()?;
        Ok(matches!(self.out, Arriving::InClear(_)))
    }

    /// By the bytes so far.
    fn decide(&mut self) -> io::Result<()> {
        self.out = match std::mem::replace(&mut self.out, Arriving::Lost) {
            Arriving::Undecided(file) if self.head == MAGIC => {
                let mut sealing = SealingFile::new(file, FileKind::Database, self.key);
                sealing.write_all(&self.head)?;
                Arriving::InClear(Box::new(sealing))
            }
            Arriving::Undecided(mut file) => {
                file.write_all(&self.head)?;
                Arriving::AsItIs(file)
            }
            decided => decided,
        };
        Ok(())
    }
}

impl Write for ArrivingDatabase<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Arriving::Undecided(_) => {
                let missing = MAGIC.len() - self.head.len();
                let now = bytes.get(..missing).unwrap_or(bytes);
                self.head.extend_from_slice(now);
                if self.head.len() == MAGIC.len() {
                    self.decide()?;
                }
                Ok(now.len())
            }
            Arriving::AsItIs(file) => file.write(bytes),
            Arriving::InClear(sealing) => sealing.write(bytes),
            Arriving::Lost => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Brings a database from one key to another, in place: a crash on the way leaves neither.
///
/// # Errors
/// If the file can't be read or written, or does not open with `from`.
pub fn change_key(path: &Path, from: &Key512, to: &Key512) -> io::Result<()> {
    if content_of(path, from)? != Content::Sealed {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let file = File::options().read(true).write(true).open(path)?;
    let (from, to) = (Xts::new(from), Xts::new(to));
    let (mut offset, mut page) = (0, [0; PAGE_BYTES]);
    loop {
        let got = Sealed::new(&file, FileKind::Database, &from).read(offset, &mut page)?;
        let Some(bytes) = page.get(..got).filter(|bytes| !bytes.is_empty()) else {
            return file.sync_all();
        };
        Sealed::new(&file, FileKind::Database, &to).write(offset, bytes)?;
        offset += got as u64;
    }
}

impl Disk for &File {
    type Error = io::Error;

    fn length(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(rest, offset + done as u64) {
                Ok(0) => break,
                Ok(got) => done += got,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn too_far(&self) -> io::Error {
        io::ErrorKind::InvalidInput.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> Key512 {
        Key512::new([byte; 64])
    }

    /// The beginning of a database, and a canary in it.
    fn plain(length: usize) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([0x10, 0, 2, 2, 0, 64, 32, 32]);
        bytes.extend(b"Anna came home. ".iter().cycle().take(length * PAGE_BYTES));
        bytes.truncate(length * PAGE_BYTES);
        bytes
    }

    fn arrive(bytes: &[u8], pieces: usize, path: &Path) -> bool {
        let (file, key) = (File::create_new(path).expect("made"), key(1));
        let mut arriving = ArrivingDatabase::new(file, &key);
        for piece in bytes.chunks(pieces) {
            arriving.write_all(piece).expect("written");
        }
        arriving.finish().expect("ended")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

        /// promise: V-07, V-18. However it comes in pieces, a database in clear never lies on the
        /// disk, and changing its key loses nothing.
        #[test]
        fn a_database_that_comes_in_clear_is_sealed(pages in 1usize..5, pieces in 1usize..9_000) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("index.db");
            let plain = plain(pages);
            prop_assert!(arrive(&plain, pieces, &path));
            let sealed = std::fs::read(&path).expect("read");
            prop_assert!(!sealed.windows(8).any(|window| window == b"Anna cam"));
            change_key(&path, &key(1), &key(2)).expect("changed");
            prop_assert_eq!(content_of(&path, &key(2)).expect("read"), Content::Sealed);
            let mut opened = vec![0; plain.len()];
            let (file, cipher) = (File::open(&path).expect("opened"), Xts::new(&key(2)));
            Sealed::new(&file, FileKind::Database, &cipher).read(0, &mut opened).expect("read");
            prop_assert_eq!(opened, plain);
        }

        #[test]
        fn a_sealed_one_is_written_as_it_is(
            bytes in prop::collection::vec(any::<u8>(), 0..9_000), pieces in 1usize..9_000,
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("index.db");
            prop_assert!(!arrive(&bytes, pieces, &path));
            prop_assert_eq!(std::fs::read(&path).expect("read"), bytes);
        }
    }

    #[test]
    fn a_key_that_is_not_the_files_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("index.db");
        arrive(&plain(2), 4096, &path);
        let before = std::fs::read(&path).expect("read");
        change_key(&path, &key(3), &key(2)).expect_err("not its key");
        assert_eq!(std::fs::read(&path).expect("read"), before);
    }
}
