//! Lets somebody speak through a camera's loudspeaker as they speak.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hearth_media::{
    g711::Law,
    speech::{JitterBuffer, Played, is_quiet},
};
use hearth_rtsp::voice::VoicePackets;

use crate::{
    SourceSpec, SpeakError, Timeline,
    rtsp::Voice,
    source::SET_UP_TIMEOUT,
    speak::{GOODBYE_TIMEOUT, SLACK, within},
};

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
    time.as_millis() / VoicePackets::MILLIS as u128
}

impl Voice for Talking {
    fn next(&mut self, law: Law) -> Option<Vec<u8>> {
        let played = lock(&self.buffer).play(VoicePackets::SAMPLES);
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
}

/// Plays through the loudspeaker of a camera what somebody speaks, until they are done; calls `listens`
/// when the camera is there.
///
/// Answers when the camera has taken the last word. Dropping the future ends it in the middle of one.
///
/// # Errors
/// [`SpeakError::NoSpeaker`], or what happened to the session.
pub async fn talk(
    spec: &SourceSpec,
    mut talking: Talking,
    timeline: Arc<dyn Timeline>,
    listens: impl FnOnce() + Send,
) -> Result<TalkEnd, SpeakError> {
    let time_max = SET_UP_TIMEOUT + TALK_TIME_MAX + SLACK + GOODBYE_TIMEOUT;
    within(time_max, spec, &mut talking, timeline, listens).await?;
    Ok(talking.end)
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

    #[test]
    fn whoever_says_nothing_or_does_not_end_is_ended() {
        let (_open, mut talking) = microphone();
        assert_eq!(said(&mut talking, |_| {}), packets(TALK_QUIET_MAX));
        assert_eq!(talking.end, TalkEnd::Quiet);

        let (microphone, mut talking) = microphone();
        let loud = [Law::Mu.encode(9_000); VoicePackets::SAMPLES];
        assert_eq!(said(&mut talking, |_| microphone.hear(&loud)), packets(TALK_TIME_MAX));
        assert_eq!(talking.end, TalkEnd::TooLong);
    }

    #[test]
    fn whoever_is_done_is_heard_to_the_end() {
        let (microphone, mut talking) = microphone();
        microphone.hear(&[Law::Mu.encode(9_000); 200]);
        drop(microphone);
        assert_eq!(talking.next(Law::Mu).map(|codes| codes.len()), Some(VoicePackets::SAMPLES));
        assert_eq!(
            talking.next(Law::A),
            Some(vec![Law::A.encode(Law::Mu.decode(Law::Mu.encode(9_000))); 40])
        );
        assert_eq!((talking.next(Law::A), talking.end), (None, TalkEnd::Done));
    }
}
