//! What is said through a camera's loudspeaker: sound of one channel at the rate of telephones.
//!
//! Pure. A person brings a file ([`Speech::from_wave`]), of which the G.711 codes are kept and sent, or
//! speaks now ([`microphone`]); either is a [`Voice`].
//! Not here: how cameras want it written (`hearth-rtsp`, `hearth-tapo`), connections (`hearth-stream`,
//! `hearth-device`).

use crate::g711::{Law, RATE};

mod jitter;
mod microphone;
mod resample;
mod voice;
mod wave;

use jitter::{JitterBuffer, Played, is_quiet};
pub use microphone::{Microphone, TALK_QUIET_MAX, TALK_TIME_MAX, TalkEnd, Talking, microphone};
pub use voice::{PACKET, PACKET_SAMPLES, Recorded, Voice, packets};
pub use wave::WaveError;

/// Sound that can be said at once.
#[derive(Clone, PartialEq, Eq)]
pub struct Speech {
    /// Codes of mu-law; every camera that speaks A-law gets them translated.
    codes: Vec<u8>,
}

impl Speech {
    /// Longest speech in seconds. Whoever stands at a door listens to a sentence or two.
    pub const SECONDS_MAX: usize = 15;
    /// Most samples.
    pub const SAMPLES_MAX: usize = Self::SECONDS_MAX * RATE as usize;
    /// Largest file that is read: the longest speech at the highest rate, twice over.
    pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

    /// Reads a WAV file: 8 or 16 bits, mu-law or A-law; 8 to 48 kHz; one channel or two.
    ///
    /// # Errors
    /// Why the file cannot be said, as a sentence for whoever brought it.
    pub fn from_wave(file: &[u8]) -> Result<Self, WaveError> {
        let wave::Wave { rate, samples } = wave::read(file)?;
        let samples = resample::to_telephone(&samples, rate);
        let codes = samples.iter().take(Self::SAMPLES_MAX).map(|one| Law::Mu.encode(*one));
        Self::from_codes(codes.collect()).ok_or(WaveError::Empty)
    }

    /// Takes codes of mu-law as they were kept; `None` if they are none or too many.
    pub fn from_codes(codes: Vec<u8>) -> Option<Self> {
        (1..=Self::SAMPLES_MAX).contains(&codes.len()).then_some(Self { codes })
    }

    /// Its codes of mu-law, as they are kept.
    pub fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// How long it takes, in milliseconds.
    pub fn millis(&self) -> u32 {
        // At most 15 s.
        u32::try_from(self.codes.len() * 1_000 / RATE as usize).unwrap_or(u32::MAX)
    }
}

/// What people say is nobody's business in a log.
impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ms of speech", self.millis())
    }
}

#[cfg(test)]
mod tests;
