//! What is said, packet by packet, whoever says it.

use std::{iter, time::Duration};

use super::Speech;
use crate::g711::{Law, RATE};

/// How long a packet lasts: what RFC 3551, 4.2 has for sound.
pub const PACKET: Duration = Duration::from_millis(20);
/// Samples in a packet.
pub const PACKET_SAMPLES: usize = (RATE as u128 * PACKET.as_millis() / 1_000) as usize;

/// A camera plays what it has collected, some tenths of a second later, and may drop the rest with the
/// session. So much silence comes behind the last word, that only silence is dropped.
const SILENCE_AFTER_PACKETS: usize = 25;

/// Somebody or something that speaks.
pub trait Voice: Send {
    /// The codes of the next packet by this law, at most [`PACKET_SAMPLES`]; none is silence. `None`
    /// when all was said.
    fn next(&mut self, law: Law) -> Option<Vec<u8>>;

    /// It does not speak longer.
    fn time_max(&self) -> Duration;
}

/// What a voice says, in packets of [`PACKET_SAMPLES`], and some silence behind its last word.
pub fn packets(voice: &mut impl Voice, law: Law) -> impl Iterator<Item = Vec<u8>> {
    let said = iter::from_fn(move || voice.next(law));
    // Who was told that it is over does not begin again in the silence: a chain does not go back.
    let all = said.chain(iter::repeat_n(Vec::new(), SILENCE_AFTER_PACKETS));
    all.map(move |mut codes| {
        codes.resize(PACKET_SAMPLES, law.silence());
        codes
    })
}

/// What was recorded, from its begin.
#[derive(Debug)]
pub struct Recorded<'a> {
    speech: &'a Speech,
    said: usize,
}

impl Speech {
    /// Says it.
    pub fn voice(&self) -> Recorded<'_> {
        Recorded { speech: self, said: 0 }
    }
}

impl Voice for Recorded<'_> {
    fn next(&mut self, law: Law) -> Option<Vec<u8>> {
        let left = self.speech.codes().get(self.said..)?;
        let packet = left.get(..PACKET_SAMPLES).unwrap_or(left);
        self.said += packet.len();
        (!packet.is_empty()).then(|| law.of_mu(packet))
    }

    fn time_max(&self) -> Duration {
        Duration::from_millis(self.speech.millis().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However long it is: in order, in packets of one length, and silence at its end.
        #[test]
        fn a_speech_is_said_whole(codes in prop::collection::vec(any::<u8>(), 1..1_000)) {
            let speech = Speech::from_codes(codes.clone()).expect("short");
            for law in [Law::Mu, Law::A] {
                let said: Vec<Vec<u8>> = packets(&mut speech.voice(), law).collect();
                prop_assert!(said.iter().all(|packet| packet.len() == PACKET_SAMPLES));
                prop_assert_eq!(said.len(), codes.len().div_ceil(PACKET_SAMPLES) + 25);
                let said = said.concat();
                prop_assert_eq!(&said[..codes.len()], law.of_mu(&codes));
                prop_assert!(said[codes.len()..].iter().all(|code| *code == law.silence()));
            }
        }
    }
}
