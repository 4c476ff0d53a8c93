//! Where the units lie that are sealed by themselves.
//!
//! Pure. <https://sqlite.org/fileformat2.html>: a database is pages of 4,096 bytes; a write-ahead
//! log is a header of 32 bytes and then frames, each a header of 24 bytes and a page. No unit holds
//! parts of two of these, so a write of one never touches bytes of another on the disk.

use crate::xts::BLOCK_BYTES;

/// Bytes of a page. SQLite has made databases with this size since 3.12 unless told otherwise; the
/// VFS refuses others.
pub const PAGE_BYTES: usize = 4096;

/// Bytes of a log's header, and of a frame's.
const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// Where a log's header tells the size of its pages.
const LOG_PAGE_SIZE: std::ops::Range<usize> = 8..12;
const FRAME_BYTES: u64 = (FRAME_HEADER_BYTES + PAGE_BYTES) as u64;

/// What a file is to SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The database: pages.
    Database,
    /// The write-ahead log: a header and frames.
    Log,
    /// The rollback journal, while a database is made or copied and has no log yet. Its records lie
    /// anywhere; it is sealed like pages, and no two connections look at it at once.
    Journal,
}

/// A part of a file that is sealed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Where it begins in the file.
    pub(crate) start: u64,
    /// Its length in bytes when it is whole.
    pub(crate) bytes: usize,
    /// Which one it is, among all units under a key.
    pub(crate) number: u128,
}

/// A stretch of whole blocks of one unit around wanted bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Which unit.
    pub(crate) unit: u128,
    /// The first block's place in it.
    pub(crate) block: usize,
    /// Where the stretch begins in the file, and its bytes.
    pub(crate) start: u64,
    pub(crate) bytes: usize,
    /// Where the wanted bytes begin in it, and how many are in it.
    pub(crate) skip: usize,
    pub(crate) wanted: usize,
}

/// Kinds of units, which never share a number.
#[derive(Clone, Copy)]
enum UnitKind {
    Page = 1,
    LogHeader = 2,
    FrameHeader = 3,
    FramePage = 4,
    JournalPiece = 5,
}

impl UnitKind {
    fn number(self, index: u64) -> u128 {
        (self as u128) << 64 | u128::from(index)
    }
}

impl FileKind {
    /// The unit that holds the byte at `offset`.
    pub(crate) fn unit_at(self, offset: u64) -> Unit {
        let page = PAGE_BYTES as u64;
        let grid = |kind: UnitKind| Unit {
            start: offset - offset % page,
            bytes: PAGE_BYTES,
            number: kind.number(offset / page),
        };
        match self {
            Self::Database => grid(UnitKind::Page),
            Self::Journal => grid(UnitKind::JournalPiece),
            Self::Log => log_unit_at(offset),
        }
    }

    /// Whether `bytes` may be written at `offset`. A log of pages of another size may not: its frames
    /// would not lie where the units do.
    pub(crate) fn admits(self, offset: u64, bytes: &[u8]) -> bool {
        if self != Self::Log || offset >= LOG_HEADER_BYTES as u64 {
            return true;
        }
        let size = (PAGE_BYTES as u32).to_be_bytes();
        offset == 0 && bytes.get(LOG_PAGE_SIZE).is_some_and(|found| found == size)
    }

    /// The blocks to be read or written for the first of `length` bytes at `offset`: as far as the
    /// unit goes.
    pub(crate) fn stretch(self, offset: u64, length: usize) -> Stretch {
        let unit = self.unit_at(offset);
        // Less than a unit, so it fits.
        let inside = (offset - unit.start) as usize;
        let wanted = length.min(unit.bytes - inside);
        let (from, to) = if unit.bytes.is_multiple_of(BLOCK_BYTES) {
            (inside - inside % BLOCK_BYTES, (inside + wanted).next_multiple_of(BLOCK_BYTES))
        } else {
            // Its last block is sealed together with the one before: it goes as a whole.
            (0, unit.bytes)
        };
        Stretch {
            unit: unit.number,
            block: from / BLOCK_BYTES,
            start: unit.start + from as u64,
            bytes: to - from,
            skip: inside - from,
            wanted,
        }
    }
}

fn log_unit_at(offset: u64) -> Unit {
    let Some(behind) = offset.checked_sub(LOG_HEADER_BYTES as u64) else {
        let number = UnitKind::LogHeader.number(0);
        return Unit { start: 0, bytes: LOG_HEADER_BYTES, number };
    };
    let (frame, inside) = (behind / FRAME_BYTES, behind % FRAME_BYTES);
    let start = offset - inside;
    if inside < FRAME_HEADER_BYTES as u64 {
        let number = UnitKind::FrameHeader.number(frame);
        return Unit { start, bytes: FRAME_HEADER_BYTES, number };
    }
    let start = start + FRAME_HEADER_BYTES as u64;
    Unit { start, bytes: PAGE_BYTES, number: UnitKind::FramePage.number(frame) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_kind() -> impl Strategy<Value = FileKind> {
        prop_oneof![Just(FileKind::Database), Just(FileKind::Log), Just(FileKind::Journal)]
    }

    #[test]
    fn a_log_is_a_header_and_frames() {
        let starts = [0, 32, 56, 4152, 4176, 8272];
        for pair in starts.windows(2) {
            let unit = FileKind::Log.unit_at(pair[0]);
            assert_eq!((unit.start, unit.start + unit.bytes as u64), (pair[0], pair[1]));
        }
    }

    #[test]
    fn a_log_of_other_pages_is_not_admitted() {
        let mut header = [0; LOG_HEADER_BYTES];
        header[LOG_PAGE_SIZE].copy_from_slice(&4096u32.to_be_bytes());
        assert!(FileKind::Log.admits(0, &header) && FileKind::Log.admits(32, &[0; 24]));
        header[LOG_PAGE_SIZE].copy_from_slice(&8192u32.to_be_bytes());
        assert!(!FileKind::Log.admits(0, &header) && !FileKind::Log.admits(8, &header));
        assert!(FileKind::Database.admits(0, &header));
    }

    proptest! {
        #[test]
        fn units_follow_each_other_without_gap_and_have_their_own_numbers(
            kind in any_kind(), offset in 0..u64::MAX / 4,
        ) {
            let unit = kind.unit_at(offset);
            prop_assert!(unit.start <= offset && offset < unit.start + unit.bytes as u64);
            prop_assert_eq!(kind.unit_at(unit.start), unit);
            prop_assert_eq!(kind.unit_at(unit.start + unit.bytes as u64 - 1), unit);
            let next = kind.unit_at(unit.start + unit.bytes as u64);
            prop_assert_eq!(next.start, unit.start + unit.bytes as u64);
            prop_assert_ne!(next.number, unit.number);
        }

        #[test]
        fn a_stretch_covers_what_is_wanted_and_stays_in_its_unit(
            kind in any_kind(), offset in 0..u64::MAX / 4, length in 1usize..20_000,
        ) {
            let (unit, stretch) = (kind.unit_at(offset), kind.stretch(offset, length));
            prop_assert!(stretch.wanted >= 1 && stretch.wanted <= length);
            prop_assert_eq!(stretch.start + stretch.skip as u64, offset);
            prop_assert!(stretch.skip + stretch.wanted <= stretch.bytes);
            prop_assert!(stretch.start >= unit.start);
            prop_assert!(stretch.start + stretch.bytes as u64 <= unit.start + unit.bytes as u64);
            prop_assert_eq!(unit.start + (stretch.block * BLOCK_BYTES) as u64, stretch.start);
            prop_assert!(stretch.bytes <= PAGE_BYTES);
        }
    }
}
