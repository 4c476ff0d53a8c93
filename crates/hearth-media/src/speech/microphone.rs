//! Somebody who speaks now.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{JitterBuffer, PACKET, PACKET_SAMPLES, Played, Voice, is_quiet};
use crate::g711::Law;

/// The longest that somebody speaks: a loudspeaker that is left open keeps others from it, and some
/// doorbells from ringing.
pub const TALK_TIME_MAX: Duration = Duration::from_secs(120);

/// Somebody who says nothing for so long has gone and left it open.
pub const TALK_QUIET_MAX: Duration = Duration::from_secs(30);

/// Why somebody does not speak any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkEnd {
    /// They are done.
    Done,
    /// They said nothing for [`TALK_QUIET_MAX`].
    Quiet,
    /// They spoke for [`TALK_TIME_MAX`].
    TooLong,
}

/// What somebody speaks into. Whoever drops it is done; what they said until then is played.
#[derive(Debug)]
pub struct Microphone(Arc<Mutex<JitterBuffer>>);

/// What comes out of a [`Microphone`].
#[derive(Debug)]
pub struct Talking {
    buffer: Arc<Mutex<JitterBuffer>>,
    packets: u128,
    quiet: u128,
    end: TalkEnd,
}

/// A microphone, and what comes out of it.
pub fn microphone() -> (Microphone, Talking) {
    let buffer = Arc::default();
    let talking = Talking { buffer: Arc::clone(&buffer), packets: 0, quiet: 0, end: TalkEnd::Done };
    (Microphone(buffer), talking)
}

impl Microphone {
    /// Takes codes of mu-law, 8,000 a second.
    pub fn hear(&self, codes: &[u8]) {
        lock(&self.0).push(codes);
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        lock(&self.0).end();
    }
}

/// What is collected is whole whatever happened to whoever had it.
fn lock(buffer: &Mutex<JitterBuffer>) -> MutexGuard<'_, JitterBuffer> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many packets last so long.
const fn packets(time: Duration) -> u128 {
    time.as_millis() / PACKET.as_millis()
}

impl Voice for Talking {
    fn next(&mut self, law: Law) -> Option<Vec<u8>> {
        let played = lock(&self.buffer).play(PACKET_SAMPLES);
        let Played::Codes(codes) = played else { return None };
        self.packets += 1;
        self.quiet = if is_quiet(&codes) { self.quiet + 1 } else { 0 };
        self.end = match () {
            () if self.packets > packets(TALK_TIME_MAX) => TalkEnd::TooLong,
            () if self.quiet > packets(TALK_QUIET_MAX) => TalkEnd::Quiet,
            () => return Some(law.of_mu(&codes)),
        };
        None
    }

    fn time_max(&self) -> Duration {
        TALK_TIME_MAX
    }
}

impl Talking {
    /// Why it is over, once it is.
    pub fn end(&self) -> TalkEnd {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many packets a voice has; asks for at most twenty minutes.
    fn said(talking: &mut Talking, before_each: impl Fn(u128)) -> u128 {
        (0..60_000)
            .take_while(|packet| {
                before_each(*packet);
                talking.next(Law::A).is_some()
            })
            .count() as u128
    }

    /// promise: D-19.
    #[test]
    fn whoever_says_nothing_or_does_not_end_is_ended() {
        let (_open, mut talking) = microphone();
        assert_eq!(said(&mut talking, |_| {}), packets(TALK_QUIET_MAX));
        assert_eq!(talking.end(), TalkEnd::Quiet);

        let (microphone, mut talking) = microphone();
        let loud = [Law::Mu.encode(9_000); PACKET_SAMPLES];
        assert_eq!(said(&mut talking, |_| microphone.hear(&loud)), packets(TALK_TIME_MAX));
        assert_eq!(talking.end(), TalkEnd::TooLong);
    }

    #[test]
    fn whoever_begins_again_when_it_is_over_is_not_heard() {
        let (microphone, mut talking) = microphone();
        let said = crate::speech::packets(&mut talking, Law::Mu);
        // The first of the silence behind it is among these.
        let mut rest = said.skip(packets(TALK_QUIET_MAX) as usize + 1).peekable();
        assert!(rest.peek().is_some());
        microphone.hear(&[Law::Mu.encode(9_000); 2 * JitterBuffer::FILL]);
        assert!(rest.flatten().all(|code| code == Law::Mu.silence()));
    }

    #[test]
    fn whoever_is_done_is_heard_to_the_end() {
        let (microphone, mut talking) = microphone();
        microphone.hear(&[Law::Mu.encode(9_000); 200]);
        drop(microphone);
        assert_eq!(talking.next(Law::Mu).map(|codes| codes.len()), Some(PACKET_SAMPLES));
        assert_eq!(
            talking.next(Law::A),
            Some(vec![Law::A.encode(Law::Mu.decode(Law::Mu.encode(9_000))); 40])
        );
        assert_eq!((talking.next(Law::A), talking.end()), (None, TalkEnd::Done));
    }
}
