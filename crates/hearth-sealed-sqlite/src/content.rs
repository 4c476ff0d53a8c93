//! What a database file holds, as far as its beginning tells.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use hearth_secret::Key512;

use crate::{
    geometry::{FileKind, PAGE_BYTES},
    xts::Xts,
};

/// <https://sqlite.org/fileformat2.html#the_database_header>.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 32;

/// <https://sqlite.org/fileformat2.html#walformat>: a mark, whose last bit tells the order of bytes,
/// and 3,007,000. A sealed log begins like that once in 2^63.
const LOG_VERSION: [u8; 4] = 3_007_000u32.to_be_bytes();
const LOG_MAGIC_BYTES: usize = 8;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing: SQLite makes a database of it.
    Empty,
    /// A database in clear.
    Plain,
    /// A database sealed under this key.
    Sealed,
    /// A database in clear whose first bytes are damaged, or whose pages have another size.
    PlainDamaged,
    /// It was sealed under this key, and its first bytes are damaged; or it is too short.
    Damaged,
    /// Sealed under another key, or no database, or one whose whole beginning is damaged.
    Unknown,
}

/// Whether the file at `path` is a log in clear: what a crash of an earlier release left.
///
/// # Errors
/// If it can't be read.
pub fn is_plain_log(path: &Path) -> io::Result<bool> {
    let mut header = Vec::with_capacity(LOG_MAGIC_BYTES);
    File::open(path)?.take(LOG_MAGIC_BYTES as u64).read_to_end(&mut header)?;
    let [first, rest @ ..] = &*header else { return Ok(false) };
    let [a, b, last, version @ ..] = rest else { return Ok(false) };
    let is_magic = [*first, *a, *b, last & 0xfe] == [0x37, 0x7f, 0x06, 0x82];
    Ok(is_magic && *version == LOG_VERSION)
}

/// Looks at the beginning of the file at `path`.
///
/// # Errors
/// If it can't be read.
pub fn content_of(path: &Path, key: &Key512) -> io::Result<Content> {
    let mut file = File::open(path)?;
    let mut header = [0; HEADER_BYTES];
    let mut got = 0;
    while let Some(rest) = header.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(match got {
        0 => Content::Empty,
        HEADER_BYTES => judge(header, key),
        _ => Content::Damaged,
    })
}

fn judge(header: [u8; HEADER_BYTES], key: &Key512) -> Content {
    let mut opened = header;
    Xts::new(key).open(FileKind::Database.unit_at(0).number, 0, &mut opened);
    let signs = |header: &[u8; HEADER_BYTES]| (header.starts_with(MAGIC), is_second_block(header));
    match (signs(&opened), signs(&header)) {
        ((true, _), _) => Content::Sealed,
        // The key is proven right, so the first block is not what was written.
        ((false, true), _) => Content::Damaged,
        (_, (true, true)) => Content::Plain,
        (_, (false, false)) => Content::Unknown,
        _ => Content::PlainDamaged,
    }
}

/// Whether bytes 16 to 31 are those of a database: six of them are the same in all of ours.
fn is_second_block(header: &[u8; HEADER_BYTES]) -> bool {
    let [.., high, low, write, read, _reserved, a, b, c, _, _, _, _, _, _, _, _] = header;
    let page = usize::from(u16::from_be_bytes([*high, *low]));
    let is_version = |version: &u8| matches!(version, 1 | 2);
    page == PAGE_BYTES && is_version(write) && is_version(read) && [*a, *b, *c] == [64, 32, 32]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key512 {
        Key512::new([byte; 64])
    }

    fn header() -> Vec<u8> {
        let mut header = MAGIC.to_vec();
        header.extend([0x10, 0, 2, 2, 0, 64, 32, 32, 0, 0, 0, 9, 0, 0, 0, 3]);
        header.resize(PAGE_BYTES, 0);
        header
    }

    fn check(bytes: &[u8], expected: Content) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("index.db");
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(content_of(&path, &key(1)).expect("read"), expected);
    }

    /// promise: D-35. A file of another house is told apart from one of this house that is damaged.
    #[test]
    fn a_wrong_key_is_told_apart_from_damage() {
        let sealed = |byte| {
            let mut page = header();
            Xts::new(&key(byte)).seal(FileKind::Database.unit_at(0).number, 0, &mut page);
            page
        };
        check(&[], Content::Empty);
        check(&header(), Content::Plain);
        check(&sealed(1), Content::Sealed);
        check(&sealed(2), Content::Unknown);
        let mut plain = header();
        plain[3] ^= 1;
        check(&plain, Content::PlainDamaged);
        check(&[0x5a; 4096], Content::Unknown);
        check(&sealed(1)[..31], Content::Damaged);
        let mut damaged = sealed(1);
        damaged[3] ^= 1;
        check(&damaged, Content::Damaged);
        damaged[20] ^= 1;
        check(&damaged, Content::Unknown);
    }
}
