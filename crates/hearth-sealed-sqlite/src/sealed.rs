//! Reads and writes of any bytes of a sealed file.
//!
//! Pure: the file is a [`Disk`]. Seen through it, the file behaves like a plain one; only its
//! length is rounded up to whole blocks, of which the last is filled with zeros.

use crate::{
    geometry::{FileKind, PAGE_BYTES},
    xts::{BLOCK_BYTES, Xts},
};

/// How far behind its end a file is written to at most: what lies between is filled with sealed
/// zeros. SQLite leaves out pages that are free again before they were ever written.
pub const GAP_BYTES_MAX: u64 = 1 << 30;

/// A file as it lies on the disk. Offsets are below 2^63.
pub trait Disk {
    /// Why it failed.
    type Error;

    /// Bytes in the file.
    ///
    /// # Errors
    /// What the file says.
    fn length(&mut self) -> Result<u64, Self::Error>;

    /// Reads at `offset` and says how many bytes there were; fewer only at the end.
    ///
    /// # Errors
    /// What the file says.
    fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Result<usize, Self::Error>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// What the file says.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Cuts the file off.
    ///
    /// # Errors
    /// What the file says.
    fn truncate(&mut self, length: u64) -> Result<(), Self::Error>;

    /// The error for a write that is further behind the end than [`GAP_BYTES_MAX`].
    fn too_far(&self) -> Self::Error;
}

/// A file seen through its cipher.
#[derive(Debug)]
pub struct Sealed<'a, D> {
    disk: D,
    kind: FileKind,
    cipher: &'a Xts,
}

impl<'a, D: Disk> Sealed<'a, D> {
    /// Looks at `disk`, which is a `kind`, through `cipher`.
    pub fn new(disk: D, kind: FileKind, cipher: &'a Xts) -> Self {
        Self { disk, kind, cipher }
    }

    /// Reads at `offset` and says how many bytes there were; what is behind the end is zeros.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read(&mut self, offset: u64, bytes: &mut [u8]) -> Result<usize, D::Error> {
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let (wanted, got) = self.read_piece(offset + done as u64, rest)?;
            done += got;
            if got < wanted {
                break;
            }
        }
        if let Some(rest) = bytes.get_mut(done..) {
            rest.fill(0);
        }
        Ok(done)
    }

    /// Writes `bytes` at `offset`. Between the end and `offset` there are zeros then.
    ///
    /// # Errors
    /// What the disk says; the file may hold a part of the bytes then.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), D::Error> {
        let length = self.disk.length()?;
        if offset > length {
            self.fill(length, offset)?;
        }
        self.write_pieces(offset, bytes)
    }

    /// Makes the file `length` bytes long, rounded up to a whole block.
    ///
    /// # Errors
    /// What the disk says.
    pub fn truncate(&mut self, length: u64) -> Result<(), D::Error> {
        let now = self.disk.length()?;
        if length >= now {
            return self.fill(now, length);
        }
        if length > 0 {
            let last = self.kind.stretch(length - 1, 1);
            let end = last.start + last.bytes as u64;
            // What was in the last block behind the new end.
            self.fill(length, end.min(now))?;
            return if end < now { self.disk.truncate(end) } else { Ok(()) };
        }
        self.disk.truncate(0)
    }

    /// Reads as far as the unit at `offset` goes: how many bytes that is, and how many there were.
    fn read_piece(&mut self, offset: u64, out: &mut [u8]) -> Result<(usize, usize), D::Error> {
        let piece = self.kind.stretch(offset, out.len());
        let mut buffer = [0; PAGE_BYTES];
        let blocks = if piece.wanted == piece.bytes { &mut *out } else { &mut buffer };
        let Some(blocks) = blocks.get_mut(..piece.bytes) else { return Ok((piece.wanted, 0)) };
        let got = whole_blocks(self.disk.read(piece.start, blocks)?, piece.bytes);
        let Some(there) = blocks.get_mut(..got) else { return Ok((piece.wanted, 0)) };
        self.cipher.open(piece.unit, piece.block, there);
        let got = got.saturating_sub(piece.skip).min(piece.wanted);
        if piece.wanted != piece.bytes
            && let Some(from) = buffer.get(piece.skip..piece.skip + got)
            && let Some(out) = out.get_mut(..got)
        {
            out.copy_from_slice(from);
        }
        Ok((piece.wanted, got))
    }

    fn write_pieces(&mut self, mut offset: u64, mut bytes: &[u8]) -> Result<(), D::Error> {
        let mut buffer = [0; PAGE_BYTES];
        while !bytes.is_empty() {
            let piece = self.kind.stretch(offset, bytes.len());
            let Some((now, rest)) = bytes.split_at_checked(piece.wanted) else { break };
            let Some(blocks) = buffer.get_mut(..piece.bytes) else { break };
            if piece.wanted < piece.bytes {
                let got = whole_blocks(self.disk.read(piece.start, blocks)?, piece.bytes);
                let (there, missing) = blocks.split_at_mut(got);
                self.cipher.open(piece.unit, piece.block, there);
                missing.fill(0);
            }
            if let Some(place) = blocks.get_mut(piece.skip..piece.skip + piece.wanted) {
                place.copy_from_slice(now);
            }
            self.cipher.seal(piece.unit, piece.block, blocks);
            self.disk.write(piece.start, blocks)?;
            offset += piece.wanted as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// Writes zeros from `from` up to `to`.
    fn fill(&mut self, mut from: u64, to: u64) -> Result<(), D::Error> {
        if to.saturating_sub(from) > GAP_BYTES_MAX {
            return Err(self.disk.too_far());
        }
        let zeros = [0; PAGE_BYTES];
        while from < to {
            let length = usize::try_from(to - from).unwrap_or(PAGE_BYTES).min(PAGE_BYTES);
            self.write_pieces(from, zeros.get(..length).unwrap_or(&zeros))?;
            from += length as u64;
        }
        Ok(())
    }
}

/// How much of `got` bytes can be decrypted: whole blocks, or all of a stretch that ends within one.
fn whole_blocks(got: usize, stretch: usize) -> usize {
    match got {
        _ if got >= stretch => stretch,
        _ if stretch.is_multiple_of(BLOCK_BYTES) => got - got % BLOCK_BYTES,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
