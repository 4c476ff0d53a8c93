//! The `AudioSpecificConfig` of AAC, and parameters of the other audio codecs.

use bytes::Bytes;

use crate::{AudioCodec, AudioParameters, ParameterError, bits::BitReader};

/// Longer configurations (with program elements and extensions) do not come from cameras.
const CONFIG_BYTES_MAX: usize = 64;
/// Samples a second by `samplingFrequencyIndex` (ISO/IEC 14496-3, table 1.18).
const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Rates beyond this are no sound from a camera; it keeps later arithmetic small.
const RATE_MAX: u32 = 192_000;
/// Spectral band replication.
const OBJECT_SBR: u32 = 5;
/// Parametric stereo.
const OBJECT_PS: u32 = 29;
/// `syncExtensionType` that announces SBR after the core configuration (1.6.5).
const SYNC_SBR: u32 = 0x2B7;

const WHAT: &str = "an AudioSpecificConfig";

/// What an `AudioSpecificConfig` tells (ISO/IEC 14496-3, 1.6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSpecificConfig {
    /// `audioObjectType` of the core: 2 is AAC LC.
    pub object_type: u32,
    /// Samples a second of the core coder.
    pub core_rate: u32,
    /// Samples a second of the output: twice the core's with spectral band replication.
    pub output_rate: u32,
    /// Number of channels.
    pub channels: u8,
    /// Whether spectral band replication is signalled, in either way.
    pub has_sbr: bool,
    /// Whether parametric stereo is signalled.
    pub has_ps: bool,
    /// Samples of a frame at the output rate: 960 or 1,024, or twice that.
    pub frame_samples: u32,
}

impl AudioSpecificConfig {
    /// Reads a configuration.
    ///
    /// # Errors
    /// If it ends early, uses reserved values, or tells its channels by a program element.
    pub fn parse(config: &[u8]) -> Result<Self, ParameterError> {
        if config.len() > CONFIG_BYTES_MAX {
            return Err(ParameterError::TooLarge(WHAT));
        }
        let mut bits = BitReader::new(config, WHAT);
        let mut object_type = read_object_type(&mut bits)?;
        let core_rate = read_rate(&mut bits)?;
        let channels = match bits.bits(4)? {
            count @ 1..=6 => count.to_le_bytes()[0],
            7 => 8,
            0 => return Err(ParameterError::Unsupported("an AAC program element")),
            _ => return Err(bits.malformed()),
        };
        let mut extension_rate = None;
        let has_ps = object_type == OBJECT_PS;
        if matches!(object_type, OBJECT_SBR | OBJECT_PS) {
            extension_rate = Some(read_rate(&mut bits)?);
            object_type = read_object_type(&mut bits)?;
        }
        if !matches!(object_type, 1..=4) {
            return Err(ParameterError::Unsupported("an audio object type"));
        }
        let core_samples = if bits.flag()? { 960 } else { 1024 };
        if bits.flag()? {
            bits.skip(14)?; // dependsOnCoreCoder, coreCoderDelay
        }
        bits.skip(1)?; // extensionFlag: no body for these object types
        if extension_rate.is_none() {
            extension_rate = read_sync_extension(&mut bits);
        }
        let output_rate = extension_rate.unwrap_or(core_rate);
        let doubled = if output_rate == core_rate * 2 { 2 } else { 1 };
        Ok(Self {
            object_type,
            core_rate,
            output_rate,
            channels,
            has_sbr: extension_rate.is_some(),
            has_ps,
            frame_samples: core_samples * doubled,
        })
    }
}

fn read_object_type(bits: &mut BitReader<'_>) -> Result<u32, ParameterError> {
    match bits.bits(5)? {
        31 => Ok(32 + bits.bits(6)?),
        object_type => Ok(object_type),
    }
}

fn read_rate(bits: &mut BitReader<'_>) -> Result<u32, ParameterError> {
    let rate = match bits.bits(4)? {
        15 => bits.bits(24)?,
        index => {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            *RATES.get(index).ok_or_else(|| bits.malformed())?
        }
    };
    if rate == 0 || rate > RATE_MAX { Err(bits.malformed()) } else { Ok(rate) }
}

/// The rate of a backward compatible SBR extension, if there is one. Whatever cannot be read there
/// is padding.
fn read_sync_extension(bits: &mut BitReader<'_>) -> Option<u32> {
    if bits.remaining() < 16 || bits.bits(11).ok()? != SYNC_SBR {
        return None;
    }
    let is_sbr = read_object_type(bits).ok()? == OBJECT_SBR && bits.flag().ok()?;
    if is_sbr { read_rate(bits).ok() } else { None }
}

impl AudioParameters {
    /// Of AAC, from its `AudioSpecificConfig`. The sample rate is that of the output, in which RTP
    /// and MP4 count when spectral band replication is signalled.
    ///
    /// # Errors
    /// See [`AudioSpecificConfig::parse`].
    pub fn from_aac_config(config: &[u8]) -> Result<Self, ParameterError> {
        let parsed = AudioSpecificConfig::parse(config)?;
        let object_type = match (parsed.has_ps, parsed.has_sbr) {
            (true, _) => OBJECT_PS,
            (false, true) => OBJECT_SBR,
            (false, false) => parsed.object_type,
        };
        Ok(Self {
            codec: AudioCodec::Aac,
            sample_rate: parsed.output_rate,
            channels: parsed.channels,
            config: Bytes::copy_from_slice(config),
            rfc6381: format!("mp4a.40.{object_type}"),
        })
    }

    /// Of G.711 mu-law.
    pub fn pcmu(sample_rate: u32, channels: u8) -> Self {
        Self::without_config(AudioCodec::Pcmu, sample_rate, channels, "ulaw")
    }

    /// Of G.711 A-law.
    pub fn pcma(sample_rate: u32, channels: u8) -> Self {
        Self::without_config(AudioCodec::Pcma, sample_rate, channels, "alaw")
    }

    /// Of Opus, whose clock is always 48 kHz.
    pub fn opus(channels: u8) -> Self {
        Self::without_config(AudioCodec::Opus, 48_000, channels, "opus")
    }

    fn without_config(codec: AudioCodec, sample_rate: u32, channels: u8, name: &str) -> Self {
        Self {
            codec,
            sample_rate: sample_rate.clamp(1, RATE_MAX),
            channels: channels.max(1),
            config: Bytes::new(),
            rfc6381: name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(config: &[u8], rate: u32, channels: u8, frame_samples: u32, name: &str) {
        let parsed = AudioSpecificConfig::parse(config).expect("a valid configuration");
        assert_eq!(parsed.frame_samples, frame_samples);
        let parameters = AudioParameters::from_aac_config(config).expect("a valid configuration");
        assert_eq!((parameters.sample_rate, parameters.channels), (rate, channels));
        assert_eq!((parameters.rfc6381.as_str(), &parameters.config[..]), (name, config));
    }

    #[test]
    fn configurations_of_low_complexity_tell_rate_and_channels() {
        check(&[0x12, 0x10], 44_100, 2, 1024, "mp4a.40.2");
        check(&[0x14, 0x08], 16_000, 1, 1024, "mp4a.40.2");
        // As written by ffmpeg's encoder: a sync extension that says there is no SBR.
        check(&[0x12, 0x10, 0x56, 0xE5, 0x00], 44_100, 2, 1024, "mp4a.40.2");
        // 960 samples a frame.
        check(&[0x11, 0x94], 48_000, 2, 960, "mp4a.40.2");
    }

    #[test]
    fn an_explicit_sample_rate_is_read() {
        // Object type 2, index 15, 24 bits of 8,000, one channel.
        check(&[0x17, 0x80, 0x0F, 0xA0, 0x08], 8_000, 1, 1024, "mp4a.40.2");
    }

    #[test]
    fn spectral_band_replication_doubles_rate_and_frame() {
        // Hierarchical: type 5, 24 kHz, stereo, extension 48 kHz, core type 2.
        check(&[0x2B, 0x11, 0x88, 0x00], 48_000, 2, 2048, "mp4a.40.5");
        // Backward compatible: type 2, 24 kHz, stereo, then the sync extension with 48 kHz.
        check(&[0x13, 0x10, 0x56, 0xE5, 0x98], 48_000, 2, 2048, "mp4a.40.5");
        // Parametric stereo.
        check(&[0xEB, 0x09, 0x88, 0x00], 48_000, 1, 2048, "mp4a.40.29");
    }

    #[test]
    fn unusable_configurations_are_refused() {
        for config in [&[][..], &[0x12], &[0x16, 0x90], &[0x12, 0x00], &[0xF9, 0x48, 0x10]] {
            assert!(AudioParameters::from_aac_config(config).is_err(), "{config:02x?}");
        }
        assert!(AudioParameters::from_aac_config(&[0x12; 65]).is_err());
        // An explicit rate of 0.
        assert!(AudioParameters::from_aac_config(&[0x17, 0x80, 0, 0, 0x08]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data: Vec<u8>) {
            if let Ok(parameters) = AudioParameters::from_aac_config(&data) {
                prop_assert!(parameters.sample_rate > 0 && parameters.channels > 0);
            }
        }
    }
}
