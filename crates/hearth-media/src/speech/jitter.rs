//! What comes in bursts, played evenly.

use std::collections::VecDeque;

use crate::g711::{Law, RATE};

/// What somebody says at the moment and a camera has not got yet.
///
/// Microphones deliver in bursts, and their clocks run a little faster or slower than ours. So much is
/// collected before any of it is played that bursts are not heard, and what collects beyond that is
/// thrown away from its old end: who stands at the door answers what is said now.
#[derive(Default)]
pub(super) struct JitterBuffer {
    /// Codes of mu-law.
    codes: VecDeque<u8>,
    is_playing: bool,
    is_over: bool,
}

/// What to play next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Played {
    /// Codes of mu-law, as many as were asked for or fewer; none is silence.
    Codes(Vec<u8>),
    /// All of it was played, and nothing follows.
    Over,
}

impl JitterBuffer {
    /// So many samples are collected first, and again after there were none: 80 ms.
    pub(super) const FILL: usize = (RATE / 1_000 * 80) as usize;
    /// More samples than this are too late: half a second.
    pub(super) const SAMPLES_MAX: usize = (RATE / 2) as usize;

    /// Takes codes of mu-law. None counts after the end.
    pub(super) fn push(&mut self, codes: &[u8]) {
        if self.is_over {
            return;
        }
        self.codes.extend(codes);
        if self.codes.len() > Self::SAMPLES_MAX {
            self.codes.drain(..self.codes.len() - Self::FILL);
        }
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Hands out at most so many codes.
    pub(super) fn play(&mut self, count: usize) -> Played {
        if self.codes.is_empty() {
            self.is_playing = false;
            return if self.is_over { Played::Over } else { Played::Codes(Vec::new()) };
        }
        self.is_playing |= self.is_over || self.codes.len() >= Self::FILL;
        let count = if self.is_playing { count.min(self.codes.len()) } else { 0 };
        Played::Codes(self.codes.drain(..count).collect())
    }
}

/// Whether nobody says anything in these codes of mu-law: at most the hum of a room.
pub(super) fn is_quiet(codes: &[u8]) -> bool {
    /// -42 dB of full scale.
    const LOUDEST: u16 = 256;
    codes.iter().all(|code| Law::Mu.decode(*code).unsigned_abs() <= LOUDEST)
}

/// What people say is nobody's business in a log.
impl std::fmt::Debug for JitterBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} samples to play", self.codes.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(buffer: &mut JitterBuffer, count: usize) -> Option<Vec<u8>> {
        match buffer.play(count) {
            Played::Codes(codes) => Some(codes),
            Played::Over => None,
        }
    }

    #[test]
    fn it_plays_once_enough_is_there_and_collects_anew_when_it_ran_dry() {
        let mut buffer = JitterBuffer::default();
        buffer.push(&[1; JitterBuffer::FILL - 1]);
        assert_eq!(codes(&mut buffer, 160), Some(vec![]));
        buffer.push(&[2]);
        assert_eq!(codes(&mut buffer, 160), Some(vec![1; 160]));
        let rest = codes(&mut buffer, 1_000).map(|codes| codes.len());
        assert_eq!(rest, Some(JitterBuffer::FILL - 160));
        assert_eq!(codes(&mut buffer, 160), Some(vec![]));
        buffer.push(&[3; 160]);
        assert_eq!(codes(&mut buffer, 160), Some(vec![]), "it collects again");
        buffer.end();
        buffer.push(&[4; 160]);
        let rest = codes(&mut buffer, 1_000);
        assert_eq!(rest, Some(vec![3; 160]), "the rest, and nothing behind the end");
        assert_eq!(codes(&mut buffer, 160), None);
    }

    #[test]
    fn what_comes_too_late_is_the_oldest_that_goes() {
        let mut buffer = JitterBuffer::default();
        for millis in 0..100 {
            buffer.push(&[millis; 80]);
        }
        let first = codes(&mut buffer, 1).expect("it is not over")[0];
        assert!(usize::from(100 - first) * 80 <= JitterBuffer::SAMPLES_MAX, "{first}");
    }

    #[test]
    fn a_hum_is_no_word() {
        let hum = [Law::Mu.encode(0), Law::Mu.encode(-200), Law::Mu.silence()];
        assert!(is_quiet(&hum) && is_quiet(&[]));
        assert!(!is_quiet(&[hum[0], Law::Mu.encode(-3_000)]));
    }

    proptest! {
        /// promise: D-19. Whatever is brought and asked for: bounded, in order, and over at last.
        #[test]
        fn it_holds_little_and_ends(steps in prop::collection::vec((0..3_000_usize, 0..400_usize), 0..60)) {
            let mut buffer = JitterBuffer::default();
            for (brought, asked) in steps {
                buffer.push(&vec![7; brought]);
                prop_assert!(buffer.codes.len() <= JitterBuffer::SAMPLES_MAX);
                let codes = codes(&mut buffer, asked).map(|codes| codes.len());
                prop_assert!(codes.is_some_and(|count| count <= asked));
            }
            buffer.end();
            let mut turns = 0;
            while buffer.play(160) != Played::Over {
                turns += 1;
                prop_assert!(turns <= JitterBuffer::SAMPLES_MAX / 160 + 1);
            }
        }
    }
}
