//! Bytes that may show a face: wiped where they lay when they move to larger memory, and when nobody
//! holds them any more.
//!
//! promise: D-03.

use std::{
    io,
    ops::{Deref, DerefMut},
};

use bytes::Bytes;
use zeroize::Zeroizing;

/// Bytes that grow.
#[derive(Default)]
pub(crate) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    /// Puts bytes behind those that are there.
    pub(crate) fn extend(&mut self, part: &[u8]) {
        let wanted = self.0.len() + part.len();
        if wanted > self.0.capacity() {
            // A vector that grows by itself leaves what it held where it was.
            let mut larger = Vec::with_capacity(wanted.max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(part);
    }

    /// The bytes without their first ones, to be shared; wiped with the last part that somebody holds.
    pub(crate) fn share(self, from: usize) -> Bytes {
        let from = from.min(self.0.len());
        Bytes::from_owner(self.0).slice(from..)
    }
}

impl Deref for Wiped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Wiped {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl io::Write for Wiped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.extend(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::{
        fs::{self, File},
        hint::black_box,
        os::unix::fs::FileExt,
    };

    use super::*;

    /// Nobody holds the inverse of this by chance.
    const INVERTED: &[u8] = b"a face that nobody keeps";

    /// Bytes looked at at once.
    const PIECE: usize = 64 * 1024;

    /// Gives the planted bytes one by one, so that they lie nowhere else.
    pub(crate) fn plant(mut put: impl FnMut(&[u8])) {
        INVERTED.iter().for_each(|byte| put(&[black_box(!*byte)]));
    }

    /// Whether the planted bytes lie in memory that this process has for data.
    pub(crate) fn is_in_memory() -> bool {
        let maps = fs::read_to_string("/proc/self/maps").expect("maps");
        let memory = File::open("/proc/self/mem").expect("memory");
        maps.lines().filter_map(data_of).any(|(from, to)| {
            (from..to).step_by(PIECE).any(|start| {
                let mut piece = Zeroizing::new(vec![0; PIECE + INVERTED.len()]);
                let read = memory.read_at(&mut piece, start).unwrap_or(0);
                piece[..read].windows(INVERTED.len()).any(is_planted)
            })
        })
    }

    /// The range of a line of `/proc/self/maps`, if it is a heap or the like.
    fn data_of(line: &str) -> Option<(u64, u64)> {
        let mut fields = line.split_whitespace();
        let (from, to) = fields.next()?.split_once('-')?;
        let is_data =
            fields.next()?.starts_with("rw") && fields.nth(3).is_none_or(|name| name == "[heap]");
        let at = |text: &str| u64::from_str_radix(text, 16).ok();
        is_data.then_some((at(from)?, at(to)?))
    }

    fn is_planted(part: &[u8]) -> bool {
        part.iter().zip(INVERTED).all(|(byte, inverted)| *byte == !*inverted)
    }

    /// promise: D-03. Where it grew over, and after its last part was dropped, nothing is left.
    #[test]
    fn nothing_is_left_where_it_was() {
        let mut bytes = Wiped::default();
        plant(|part| bytes.extend(part));
        assert!(is_in_memory(), "the search finds what is there");
        for _ in 0..20 {
            bytes.extend(&[0; 4_096]);
        }
        let shared = bytes.share(4);
        let part = shared.slice(2..9);
        drop(shared);
        assert!(is_in_memory(), "somebody holds a part");
        drop(part);
        assert!(!is_in_memory());
    }
}
