//! The bytes of a clip, piece by piece.

use std::ops::Range;

use bytes::Bytes;

use super::Clip;

/// Bytes of a segment in a clip: `bytes` from `offset` of source `source` are at `at` of the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) at: u64,
    pub(super) source: usize,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

/// A part of a clip's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<K> {
    /// These bytes.
    Bytes(Bytes),
    /// Bytes of a stored segment's plaintext.
    Stored {
        /// Which segment.
        key: K,
        /// Where in its plaintext.
        offset: u64,
        /// How many.
        bytes: u64,
    },
}

pub(super) struct Pieces<'a, K> {
    clip: &'a Clip<K>,
    /// Where the next piece begins in the clip.
    position: u64,
    end: u64,
    /// The run that holds `position`, once that is beyond the head.
    run: usize,
}

impl<'a, K> Pieces<'a, K> {
    pub(super) fn new(clip: &'a Clip<K>, range: Range<u64>) -> Self {
        let after = clip.runs.partition_point(|run| run.at <= range.start);
        let end = range.end.min(clip.length);
        Self { clip, position: range.start, end, run: after.saturating_sub(1) }
    }
}

impl<K: Clone> Iterator for Pieces<'_, K> {
    type Item = Piece<K>;

    fn next(&mut self) -> Option<Piece<K>> {
        if self.position >= self.end {
            return None;
        }
        let head = &self.clip.head;
        let head_end = self.end.min(head.len() as u64);
        if self.position < head_end {
            // Both are within the head, which is in memory, so they fit a usize.
            let range = usize::try_from(self.position).ok()?..usize::try_from(head_end).ok()?;
            self.position = head_end;
            return Some(Piece::Bytes(head.slice(range)));
        }
        let run = self.clip.runs.get(self.run)?;
        self.run += 1;
        let skipped = self.position - run.at;
        let bytes = (run.bytes - skipped).min(self.end - self.position);
        self.position += bytes;
        let key = self.clip.keys.get(run.source)?.clone();
        Some(Piece::Stored { key, offset: run.offset + skipped, bytes })
    }
}
