//! Reads boxes (ISO/IEC 14496-12, 4.2) from memory.
//!
//! Everything here reads files of unknown origin: lengths are checked against what is there, and a
//! field that is missing is an error.

pub(crate) mod description;
pub(crate) mod moof;
pub(crate) mod movie;

use crate::Mp4Error;

/// One box: its kind and what is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom<'a> {
    pub(crate) kind: [u8; 4],
    pub(crate) body: &'a [u8],
}

/// The header of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AtomHeader {
    pub(crate) kind: [u8; 4],
    /// Length of the header itself: 8 or 16.
    pub(crate) header_bytes: u64,
    /// Length of header and body; `None` if the box goes on to the end of the file.
    pub(crate) total_bytes: Option<u64>,
}

impl AtomHeader {
    /// Bytes of the longest header.
    pub(crate) const BYTES_MAX: usize = 16;

    /// Reads the header at the start of `bytes`; `Ok(None)` if it is not all there.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Mp4Error> {
        let Some(([a, b, c, d, kind @ ..], rest)) = bytes.split_first_chunk::<8>() else {
            return Ok(None);
        };
        let (header_bytes, total_bytes) = match u32::from_be_bytes([*a, *b, *c, *d]) {
            0 => (8, None),
            1 => match rest.first_chunk::<8>() {
                None => return Ok(None),
                Some(large) => (16, Some(u64::from_be_bytes(*large))),
            },
            small => (8, Some(u64::from(small))),
        };
        if total_bytes.is_some_and(|total| total < header_bytes) {
            return Err(Mp4Error::Malformed("a box length"));
        }
        Ok(Some(Self { kind: *kind, header_bytes, total_bytes }))
    }
}

/// The boxes in `body`, one after another. A length that is wrong ends the iteration with an error.
pub(crate) fn atoms(body: &[u8]) -> Atoms<'_> {
    Atoms { rest: body }
}

/// See [`atoms`].
pub(crate) struct Atoms<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Result<Atom<'a>, Mp4Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Some writers end a container with four zero bytes (QuickTime's terminator).
        if self.rest.len() < 8 {
            return None;
        }
        let atom = self.read();
        if atom.is_err() {
            self.rest = &[];
        }
        Some(atom)
    }
}

impl<'a> Atoms<'a> {
    fn read(&mut self) -> Result<Atom<'a>, Mp4Error> {
        let header = AtomHeader::read(self.rest)?.ok_or(Mp4Error::Truncated("a box"))?;
        let total = header.total_bytes.unwrap_or(self.rest.len() as u64);
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        let (atom, rest) = self.rest.split_at_checked(total).ok_or(Mp4Error::Truncated("a box"))?;
        self.rest = rest;
        let header_bytes = if header.header_bytes == 16 { 16 } else { 8 };
        Ok(Atom { kind: header.kind, body: atom.get(header_bytes..).unwrap_or(&[]) })
    }
}

/// The first box of `kind` in `body`.
pub(crate) fn find<'a>(body: &'a [u8], kind: &[u8; 4]) -> Result<Option<&'a [u8]>, Mp4Error> {
    for atom in atoms(body) {
        let atom = atom?;
        if &atom.kind == kind {
            return Ok(Some(atom.body));
        }
    }
    Ok(None)
}

/// Like [`find`], but the box must be there.
pub(crate) fn require<'a>(
    body: &'a [u8],
    kind: &[u8; 4],
    what: &'static str,
) -> Result<&'a [u8], Mp4Error> {
    find(body, kind)?.ok_or(Mp4Error::Malformed(what))
}

/// A cursor over the fields of a box.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// `what` names the box in errors.
    pub(crate) fn new(body: &'a [u8], what: &'static str) -> Self {
        Self { rest: body, what }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Mp4Error> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or(Mp4Error::Truncated(self.what))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Mp4Error> {
        let (taken, rest) =
            self.rest.split_first_chunk::<N>().ok_or(Mp4Error::Truncated(self.what))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Mp4Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Mp4Error> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Mp4Error> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32, Mp4Error> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Mp4Error> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Version and flags of a full box.
    pub(crate) fn version(&mut self) -> Result<(u8, u32), Mp4Error> {
        let word = self.u32()?;
        Ok((word.to_be_bytes()[0], word & 0x00FF_FFFF))
    }

    /// 32 bits in version 0 of a box, 64 in version 1.
    pub(crate) fn sized(&mut self, version: u8) -> Result<u64, Mp4Error> {
        if version == 0 { self.u32().map(u64::from) } else { self.u64() }
    }

    /// The count of a table whose entries take `entry_bytes` each, all of which must be there.
    pub(crate) fn count(&mut self, entry_bytes: usize) -> Result<usize, Mp4Error> {
        let count = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        match count.checked_mul(entry_bytes) {
            Some(bytes) if bytes <= self.rest.len() => Ok(count),
            _ => Err(Mp4Error::Truncated(self.what)),
        }
    }
}
