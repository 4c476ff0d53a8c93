//! WAV files: RIFF chunks with a description and samples (Microsoft, Multimedia Programming
//! Interface and Data Specifications 1.0; `WAVEFORMATEXTENSIBLE`).
//!
//! A person chose the file, so it is read like anything that comes from outside: bounded, and
//! without panics. What programs write carelessly is taken as it is meant: a length that was never
//! filled in, a file that was cut off.

use crate::{
    g711::{Law, RATE},
    speech::Speech,
};

/// Why a file cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaveError {
    /// More than [`Speech::FILE_BYTES_MAX`].
    #[error("a sound file has at most {} MiB", Speech::FILE_BYTES_MAX / (1024 * 1024))]
    TooLarge,
    /// It begins with no RIFF header, or tells nothing of its samples.
    #[error("it is no WAV file")]
    NotWave,
    /// MP3 and the like in a WAV file, 24 bits, floating point.
    #[error("a WAV file is taken with samples of 8 or 16 bits, or with G.711")]
    Encoding,
    /// Three channels and more, or none.
    #[error("a sound file has one channel or two")]
    Channels,
    /// Outside of [`RATES`].
    #[error("a sound file has from 8,000 to 48,000 samples a second")]
    Rate,
    /// Not one sample.
    #[error("the sound file holds no sound")]
    Empty,
    /// Longer than [`Speech::SECONDS_MAX`].
    #[error("a sound file lasts at most {} seconds", Speech::SECONDS_MAX)]
    TooLong,
}

/// Samples a second: from a telephone's to a studio's.
const RATES: std::ops::RangeInclusive<u32> = RATE..=48_000;
/// Chunks of a file; recorders write up to ten.
const CHUNKS_MAX: usize = 64;

/// Format tags (`mmreg.h`).
const TAG_PCM: u16 = 1;
const TAG_ALAW: u16 = 6;
const TAG_MULAW: u16 = 7;
/// The tag is the beginning of a longer name further on.
const TAG_EXTENSIBLE: u16 = 0xfffe;

/// The sound of a file, its channels mixed.
#[derive(Debug)]
pub(super) struct Wave {
    /// Samples a second.
    pub(super) rate: u32,
    /// At most [`Speech::SECONDS_MAX`] of them.
    pub(super) samples: Vec<i16>,
}

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Bits8,
    Bits16,
    G711(Law),
}

#[derive(Clone, Copy, Debug)]
struct Format {
    encoding: Encoding,
    channels: usize,
    rate: u32,
}

/// Reads a file.
pub(super) fn read(file: &[u8]) -> Result<Wave, WaveError> {
    if file.len() > Speech::FILE_BYTES_MAX {
        return Err(WaveError::TooLarge);
    }
    let Some((b"RIFF", rest)) = file.split_first_chunk() else { return Err(WaveError::NotWave) };
    let Some(([_, _, _, _, b'W', b'A', b'V', b'E'], mut rest)) = rest.split_first_chunk() else {
        return Err(WaveError::NotWave);
    };
    let mut format = None;
    for _ in 0..CHUNKS_MAX {
        let Some((name, body, after)) = chunk(rest) else { break };
        match name {
            b"fmt " => format = Some(Format::read(body)?),
            b"data" => return format.ok_or(WaveError::NotWave)?.samples(body),
            _ => {}
        }
        rest = after;
    }
    Err(WaveError::NotWave)
}

/// Name and content of the first chunk, and what comes after it. One that says it is longer than
/// the file, as recorders write it that were switched off, goes to the end.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (name, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let body = rest.get(..length).unwrap_or(rest);
    // A chunk of an odd length is filled up by a byte.
    let after = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
    Some((name, body, after))
}

impl Format {
    fn read(body: &[u8]) -> Result<Self, WaveError> {
        let field = |at: usize| {
            let bytes = body.get(at..)?.first_chunk()?;
            Some(u16::from_le_bytes(*bytes))
        };
        let [tag, channels, rate_low, rate_high, bits] =
            [field(0), field(2), field(4), field(6), field(14)];
        let tag = if tag == Some(TAG_EXTENSIBLE) { field(24) } else { tag };
        let encoding = match (tag.ok_or(WaveError::NotWave)?, bits.ok_or(WaveError::NotWave)?) {
            (TAG_PCM, 8) => Encoding::Bits8,
            (TAG_PCM, 16) => Encoding::Bits16,
            (TAG_MULAW, 8) => Encoding::G711(Law::Mu),
            (TAG_ALAW, 8) => Encoding::G711(Law::A),
            _ => return Err(WaveError::Encoding),
        };
        let channels = match channels {
            Some(1) => 1,
            Some(2) => 2,
            _ => return Err(WaveError::Channels),
        };
        let rate = u32::from(rate_low.unwrap_or(0)) | u32::from(rate_high.unwrap_or(0)) << 16;
        if !RATES.contains(&rate) {
            return Err(WaveError::Rate);
        }
        Ok(Self { encoding, channels, rate })
    }

    fn samples(self, body: &[u8]) -> Result<Wave, WaveError> {
        let bytes = if self.encoding == Encoding::Bits16 { 2 } else { 1 };
        let blocks = body.chunks_exact(bytes * self.channels);
        if blocks.len() == 0 {
            return Err(WaveError::Empty);
        }
        // At most 48,000 a second for 15 s.
        let count_max = self.rate as usize * Speech::SECONDS_MAX;
        if blocks.len() > count_max {
            return Err(WaveError::TooLong);
        }
        let samples = blocks.map(|block| self.mix(block.chunks_exact(bytes))).collect();
        Ok(Wave { rate: self.rate, samples })
    }

    /// One sample of what all channels say at the same time.
    fn mix<'a>(self, channels: impl ExactSizeIterator<Item = &'a [u8]>) -> i16 {
        let count = i32::try_from(channels.len()).unwrap_or(1).max(1);
        let sum: i32 = channels.map(|bytes| i32::from(self.sample(bytes))).sum();
        // The mean of samples is a sample.
        i16::try_from(sum / count).unwrap_or(0)
    }

    fn sample(self, bytes: &[u8]) -> i16 {
        match (self.encoding, bytes) {
            // Without a sign: 128 is silence.
            (Encoding::Bits8, &[byte]) => (i16::from(byte) - 128) << 8,
            (Encoding::Bits16, &[low, high]) => i16::from_le_bytes([low, high]),
            (Encoding::G711(law), &[code]) => law.decode(code),
            _ => 0,
        }
    }
}
