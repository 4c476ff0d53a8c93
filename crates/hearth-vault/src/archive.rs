//! Named contents one after the other in one stream, each with its hash: what a backup holds.
//!
//! ```text
//! archive = "HWARCH1\0" | entry ... | end
//! entry   = kind u8 | name length u16 | name | (length u32 | bytes) ... | 0 u32 | sha256 32
//! end     = 255 u8 | entries u64 | bytes u64 | sha256 32, of all entries' kinds, names and hashes
//! ```
//!
//! Pure: over any reader and writer. A content's length need not be known before its end, because
//! files grow and shrink while they are copied. Names are relative paths of a few plain components;
//! anything else is refused when it is read, so an archive cannot write outside its folder.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

use crate::VaultError;

const MAGIC: &[u8; 8] = b"HWARCH1\0";
const END: u8 = 255;
const HASH_BYTES: usize = 32;
/// Bytes of content read and written at once.
const PART_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a name: the longest of ours has some 130.
const NAME_BYTES_MAX: usize = 512;
/// Folders a file may lie in: `vault/slots/<camera>/<day>` are four.
const NAME_PARTS_MAX: usize = 8;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A description of the whole, for people and programs.
    About,
    /// Keys; never written to a disk.
    Keys,
    /// A file of the data directory, named by its path in it.
    File,
}

impl EntryKind {
    const ALL: [(Self, u8); 3] = [(Self::About, 1), (Self::Keys, 2), (Self::File, 3)];

    fn code(self) -> u8 {
        Self::ALL.iter().find(|row| row.0 == self).map_or(0, |row| row.1)
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == code).map(|row| row.0)
    }
}

/// Kind and name of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// A relative path of plain components.
    pub name: String,
}

/// What an archive holds altogether.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveTotals {
    /// Entries.
    pub entries: u64,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// Whether a name is a relative path that stays where it is put.
fn is_plain(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control)
    };
    name.len() <= NAME_BYTES_MAX
        && name.split('/').count() <= NAME_PARTS_MAX
        && name.split('/').all(is_part)
        && !name.contains('\\')
}

/// Hashes over everything, and counts.
struct Sum {
    hash: Context,
    totals: ArchiveTotals,
}

impl Sum {
    fn new() -> Self {
        Self { hash: Context::new(&SHA256), totals: ArchiveTotals::default() }
    }

    fn add(&mut self, entry: &Entry, bytes: u64, hash: &[u8]) {
        self.hash.update(&[entry.kind.code()]);
        // Fixed-length parts around the name, so that no two archives give the same bytes.
        self.hash.update(&(entry.name.len() as u64).to_le_bytes());
        self.hash.update(entry.name.as_bytes());
        self.hash.update(hash);
        self.totals.entries += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(bytes);
    }
}

/// Writes an archive.
pub struct ArchiveWriter<W: Write> {
    out: W,
    sum: Sum,
    part: Vec<u8>,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins one.
    ///
    /// # Errors
    /// If `out` takes nothing.
    pub fn new(mut out: W) -> Result<Self, VaultError> {
        put(&mut out, MAGIC)?;
        Ok(Self { out, sum: Sum::new(), part: vec![0; PART_BYTES_MAX] })
    }

    /// Adds a content to its end and returns its length.
    ///
    /// # Errors
    /// [`VaultError::OutOfRange`] for a name that no reader would take; the answers of both sides.
    pub fn add(
        &mut self,
        kind: EntryKind,
        name: &str,
        mut content: impl Read,
    ) -> Result<u64, VaultError> {
        let length = u16::try_from(name.len()).map_err(|_| VaultError::OutOfRange)?;
        if !is_plain(name) {
            return Err(VaultError::OutOfRange);
        }
        put(&mut self.out, &[kind.code()])?;
        put(&mut self.out, &length.to_le_bytes())?;
        put(&mut self.out, name.as_bytes())?;
        let (mut hash, mut bytes) = (Context::new(&SHA256), 0_u64);
        loop {
            let count = match content.read(&mut self.part) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(VaultError::io("read what is backed up")(error)),
            };
            let part = self.part.get(..count).unwrap_or_default();
            put(&mut self.out, &u32::try_from(count).unwrap_or(0).to_le_bytes())?;
            if part.is_empty() {
                break;
            }
            hash.update(part);
            bytes += part.len() as u64;
            put(&mut self.out, part)?;
        }
        let hash = hash.finish();
        put(&mut self.out, hash.as_ref())?;
        self.sum.add(&Entry { kind, name: name.to_owned() }, bytes, hash.as_ref());
        Ok(bytes)
    }

    /// Ends it.
    ///
    /// # Errors
    /// If the end cannot be written.
    pub fn finish(mut self) -> Result<(W, ArchiveTotals), VaultError> {
        let ArchiveTotals { entries, bytes } = self.sum.totals;
        put(&mut self.out, &[END])?;
        put(&mut self.out, &entries.to_le_bytes())?;
        put(&mut self.out, &bytes.to_le_bytes())?;
        put(&mut self.out, self.sum.hash.finish().as_ref())?;
        Ok((self.out, self.sum.totals))
    }
}

fn put(out: &mut impl Write, bytes: &[u8]) -> Result<(), VaultError> {
    out.write_all(bytes).map_err(VaultError::of_io)
}

/// Reads an archive: [`ArchiveReader::next_entry`] and [`ArchiveReader::copy_to`] in turns.
pub struct ArchiveReader<R: Read> {
    input: R,
    sum: Sum,
    part: Vec<u8>,
    /// The entry whose content is next.
    current: Option<Entry>,
}

impl<R: Read> ArchiveReader<R> {
    /// Begins to read one.
    ///
    /// # Errors
    /// [`VaultError::NotABackup`] if it is none.
    pub fn new(mut input: R) -> Result<Self, VaultError> {
        let magic: [u8; MAGIC.len()] = take(&mut input)?;
        if magic != *MAGIC {
            return Err(VaultError::NotABackup);
        }
        Ok(Self { input, sum: Sum::new(), part: vec![0; PART_BYTES_MAX], current: None })
    }

    /// The next entry, whose content must be read then; `None` at the end, when all was there and
    /// nothing follows.
    ///
    /// # Errors
    /// [`VaultError::Altered`] or [`VaultError::Truncated`].
    pub fn next_entry(&mut self) -> Result<Option<Entry>, VaultError> {
        if self.current.is_some() {
            self.copy_to(io::sink())?;
        }
        let [code] = take(&mut self.input)?;
        if code == END {
            self.end()?;
            return Ok(None);
        }
        let kind = EntryKind::from_code(code).ok_or(VaultError::Altered)?;
        let length = usize::from(u16::from_le_bytes(take(&mut self.input)?));
        if length > NAME_BYTES_MAX {
            return Err(VaultError::Altered);
        }
        let mut name = vec![0; length];
        take_into(&mut self.input, &mut name)?;
        let name = String::from_utf8(name).ok().filter(|name| is_plain(name));
        let entry = Entry { kind, name: name.ok_or(VaultError::Altered)? };
        self.current = Some(entry.clone());
        Ok(Some(entry))
    }

    /// Copies the current entry's content, and checks it against its hash; returns its length.
    ///
    /// # Errors
    /// [`VaultError::Altered`] or [`VaultError::Truncated`]; the answer of `out`.
    pub fn copy_to(&mut self, mut out: impl Write) -> Result<u64, VaultError> {
        let entry = self.current.take().ok_or(VaultError::OutOfRange)?;
        let (mut hash, mut bytes) = (Context::new(&SHA256), 0_u64);
        loop {
            let length = u32::from_le_bytes(take(&mut self.input)?) as usize;
            if length == 0 {
                break;
            }
            let part = self.part.get_mut(..length).ok_or(VaultError::Altered)?;
            take_into(&mut self.input, part)?;
            hash.update(part);
            bytes = bytes.saturating_add(part.len() as u64);
            out.write_all(part).map_err(VaultError::io("write what is restored"))?;
        }
        let hash = hash.finish();
        let kept: [u8; HASH_BYTES] = take(&mut self.input)?;
        if hash.as_ref() != kept {
            return Err(VaultError::Altered);
        }
        self.sum.add(&entry, bytes, &kept);
        Ok(bytes)
    }

    /// What was read so far.
    pub fn totals(&self) -> ArchiveTotals {
        self.sum.totals
    }

    fn end(&mut self) -> Result<(), VaultError> {
        let entries = u64::from_le_bytes(take(&mut self.input)?);
        let bytes = u64::from_le_bytes(take(&mut self.input)?);
        let hash: [u8; HASH_BYTES] = take(&mut self.input)?;
        let is_all = self.sum.totals == ArchiveTotals { entries, bytes }
            && self.sum.hash.clone().finish().as_ref() == hash;
        // The end of what lies around it: a backup proves there that it is whole.
        let mut behind = [0];
        let more = self.input.read(&mut behind).map_err(VaultError::of_io)?;
        if is_all && more == 0 { Ok(()) } else { Err(VaultError::Altered) }
    }
}

fn take<const N: usize>(input: &mut impl Read) -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    take_into(input, &mut bytes)?;
    Ok(bytes)
}

fn take_into(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), VaultError> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => VaultError::Truncated,
        _ => VaultError::of_io(error),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Content = (EntryKind, String, Vec<u8>);

    fn written(contents: &[Content]) -> Vec<u8> {
        let mut archive = ArchiveWriter::new(Vec::new()).expect("begins");
        for (kind, name, content) in contents {
            let bytes = archive.add(*kind, name, &content[..]).expect("adds");
            assert_eq!(bytes, content.len() as u64);
        }
        let (bytes, totals) = archive.finish().expect("finishes");
        assert_eq!(totals.entries, contents.len() as u64);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<Content>, VaultError> {
        let mut archive = ArchiveReader::new(bytes)?;
        let mut contents = Vec::new();
        while let Some(entry) = archive.next_entry()? {
            let mut content = Vec::new();
            archive.copy_to(&mut content)?;
            contents.push((entry.kind, entry.name, content));
        }
        Ok(contents)
    }

    fn two() -> Vec<Content> {
        vec![
            (EntryKind::About, "about.json".into(), b"{}".to_vec()),
            (EntryKind::File, "vault/slots/cam_1/2.slots".into(), vec![7; 300]),
        ]
    }

    #[test]
    fn names_that_leave_their_folder_are_refused_on_both_sides() {
        for name in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "a\\b", "a\0b"] {
            let mut archive = ArchiveWriter::new(Vec::new()).expect("begins");
            let refused = archive.add(EntryKind::File, name, io::empty());
            assert!(matches!(refused, Err(VaultError::OutOfRange)), "{name:?}");
            let mut forged = [MAGIC, &[3][..], &(name.len() as u16).to_le_bytes()].concat();
            forged.extend_from_slice(name.as_bytes());
            forged.extend_from_slice(&[0; 4]);
            assert!(matches!(read(&forged), Err(VaultError::Altered)), "{name:?}");
        }
    }

    #[test]
    fn contents_that_are_skipped_are_checked_too() {
        let bytes = written(&two());
        let mut archive = ArchiveReader::new(&*bytes).expect("an archive");
        while archive.next_entry().expect("sound").is_some() {}
        assert_eq!(archive.totals(), ArchiveTotals { entries: 2, bytes: 302 });
        let mut altered = bytes.clone();
        let at = altered.len() - 200;
        altered[at] ^= 1;
        let mut archive = ArchiveReader::new(&*altered).expect("an archive");
        assert!((0..3).any(|_| archive.next_entry().is_err()));
    }

    #[test]
    fn no_flipped_bit_and_no_missing_or_added_byte_passes() {
        let bytes = written(&two());
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&altered).is_err(), "bit {bit}");
        }
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
        assert!(read(&[&bytes[..], b"x"].concat()).is_err());
    }

    proptest! {
        #[test]
        fn what_was_written_comes_back(
            names in prop::collection::vec("[a-z0-9_.]{1,9}x(/[a-z0-9]{1,9}){0,3}", 0..5),
            content in prop::collection::vec(any::<u8>(), 0..200_000),
        ) {
            let parts = content.chunks(content.len() / 3 + 1).map(<[u8]>::to_vec);
            let contents: Vec<Content> = names
                .into_iter()
                .zip(parts.chain(std::iter::repeat(Vec::new())))
                .map(|(name, content)| (EntryKind::File, name, content))
                .collect();
            prop_assert!(read(&written(&contents)).expect("reads") == contents);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, framed: bool) {
            let bytes = if framed { [MAGIC, &bytes[..]].concat() } else { bytes };
            prop_assert!(read(&bytes).is_err());
        }
    }
}
