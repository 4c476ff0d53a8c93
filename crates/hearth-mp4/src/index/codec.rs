//! The stored form of an index.
//!
//! A version byte, the parameters, the fragments, the pictures, the sound. Numbers are in groups of
//! seven bits, lowest first, the highest bit set on all but the last; signed ones are zigzagged.
//! A sample is one number, its length times 32 plus flags, and then only what differs from what the
//! sample before it lets expect. That makes some 5 bytes a picture and 2 a packet of sound.

use bytes::Bytes;
use hearth_media::{
    AudioCodec, AudioParameters, MediaTime, StreamParameters, VideoCodec, VideoParameters,
};

use super::{FragmentEntry, SegmentIndex};
use crate::{Mp4Error, Sample};

const VERSION: u8 = 1;
/// Offsets and times beyond this are refused, so that sums of them cannot overflow.
const MAGNITUDE_MAX: u64 = 1 << 60;

const WHAT: &str = "a segment index";

const IS_KEY: u64 = 1;
const HAS_OFFSET: u64 = 2;
const HAS_DTS: u64 = 4;
const HAS_DURATION: u64 = 8;
const HAS_CTS: u64 = 16;
const FLAG_BITS: u32 = 5;

impl SegmentIndex {
    /// The stored form: compact, and independent of the machine.
    pub fn encode(&self) -> Vec<u8> {
        let samples = self.video.len() * 6 + self.audio.len() * 3;
        let mut out = Encoder(Vec::with_capacity(256 + samples + self.fragments.len() * 12));
        out.0.push(VERSION);
        out.video_parameters(self.parameters.video.as_ref());
        out.audio_parameters(self.parameters.audio.as_ref());
        out.fragments(&self.fragments);
        out.samples(&self.video);
        out.samples(&self.audio);
        out.0
    }

    /// Reads the stored form. The result takes at most some 40 times the memory of `data`.
    ///
    /// # Errors
    /// If `data` is of another version, ends early, goes on after the end, or holds numbers that
    /// cannot be.
    pub fn decode(data: &[u8]) -> Result<Self, Mp4Error> {
        let (&version, rest) = data.split_first().ok_or(Mp4Error::Truncated(WHAT))?;
        if version != VERSION {
            return Err(Mp4Error::Unsupported(WHAT));
        }
        let mut input = Decoder(rest);
        let video = input.video_parameters()?;
        let audio = input.audio_parameters()?;
        let index = Self {
            parameters: StreamParameters { video, audio },
            fragments: input.fragments()?,
            video: input.samples()?,
            audio: input.samples()?,
        };
        if input.0.is_empty() { Ok(index) } else { Err(Mp4Error::Malformed(WHAT)) }
    }
}

struct Encoder(Vec<u8>);

impl Encoder {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn signed(&mut self, value: i64) {
        self.number(value.wrapping_shl(1).cast_unsigned() ^ (value >> 63).cast_unsigned());
    }

    fn text(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn video_parameters(&mut self, parameters: Option<&VideoParameters>) {
        let Some(video) = parameters else {
            self.0.push(0);
            return;
        };
        self.0.push(match video.codec {
            VideoCodec::H264 => 1,
            VideoCodec::H265 => 2,
            VideoCodec::Mjpeg => 3,
        });
        self.number(video.width.into());
        self.number(video.height.into());
        self.number(video.reorder_frames_max.into());
        self.text(&video.config);
        self.text(video.rfc6381.as_bytes());
    }

    fn audio_parameters(&mut self, parameters: Option<&AudioParameters>) {
        let Some(audio) = parameters else {
            self.0.push(0);
            return;
        };
        self.0.push(match audio.codec {
            AudioCodec::Aac => 1,
            AudioCodec::Pcmu => 2,
            AudioCodec::Pcma => 3,
            AudioCodec::Opus => 4,
        });
        self.number(audio.sample_rate.into());
        self.number(audio.channels.into());
        self.text(&audio.config);
        self.text(audio.rfc6381.as_bytes());
    }

    fn fragments(&mut self, fragments: &[FragmentEntry]) {
        self.number(fragments.len() as u64);
        let (mut end, mut start) = (0u64, 0i64);
        for entry in fragments {
            self.signed(entry.offset.wrapping_sub(end).cast_signed());
            self.number(entry.bytes << 1 | u64::from(entry.starts_with_key));
            self.signed(entry.start.as_micros().wrapping_sub(start));
            end = entry.offset.wrapping_add(entry.bytes);
            start = entry.start.as_micros();
        }
    }

    fn samples(&mut self, samples: &[Sample]) {
        self.number(samples.len() as u64);
        let mut expected = Expected::default();
        for sample in samples {
            let flag = |is_set: bool, flag: u64| if is_set { flag } else { 0 };
            let flags = flag(sample.is_key, IS_KEY)
                | flag(sample.offset != expected.offset, HAS_OFFSET)
                | flag(sample.dts != expected.dts, HAS_DTS)
                | flag(sample.duration != expected.duration, HAS_DURATION)
                | flag(sample.cts != 0, HAS_CTS);
            self.number(u64::from(sample.bytes) << FLAG_BITS | flags);
            if flags & HAS_OFFSET != 0 {
                self.signed(sample.offset.wrapping_sub(expected.offset).cast_signed());
            }
            if flags & HAS_DTS != 0 {
                self.signed(sample.dts.wrapping_sub(expected.dts));
            }
            if flags & HAS_DURATION != 0 {
                self.signed(i64::from(sample.duration) - i64::from(expected.duration));
            }
            if flags & HAS_CTS != 0 {
                self.signed(sample.cts.into());
            }
            expected = Expected::after(sample);
        }
    }
}

/// What the sample before lets expect.
#[derive(Default)]
struct Expected {
    offset: u64,
    dts: i64,
    duration: u32,
}

impl Expected {
    fn after(sample: &Sample) -> Self {
        Self {
            offset: sample.offset.wrapping_add(sample.bytes.into()),
            dts: sample.dts.wrapping_add(sample.duration.into()),
            duration: sample.duration,
        }
    }
}

struct Decoder<'a>(&'a [u8]);

impl Decoder<'_> {
    fn byte(&mut self) -> Result<u8, Mp4Error> {
        let (&byte, rest) = self.0.split_first().ok_or(Mp4Error::Truncated(WHAT))?;
        self.0 = rest;
        Ok(byte)
    }

    fn number(&mut self) -> Result<u64, Mp4Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Mp4Error::Malformed(WHAT))
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Mp4Error> {
        T::try_from(self.number()?).map_err(|_| Mp4Error::Malformed(WHAT))
    }

    fn signed(&mut self) -> Result<i64, Mp4Error> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// How many things follow, of at least `bytes` each.
    fn count(&mut self, bytes: usize) -> Result<usize, Mp4Error> {
        let count: usize = self.small()?;
        if count > self.0.len() / bytes { Err(Mp4Error::Truncated(WHAT)) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<&[u8], Mp4Error> {
        let length = self.count(1)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Mp4Error::Truncated(WHAT))?;
        self.0 = rest;
        Ok(text)
    }

    fn name(&mut self) -> Result<String, Mp4Error> {
        let text = self.text()?.to_vec();
        String::from_utf8(text).map_err(|_| Mp4Error::Malformed(WHAT))
    }

    fn video_parameters(&mut self) -> Result<Option<VideoParameters>, Mp4Error> {
        let codec = match self.byte()? {
            0 => return Ok(None),
            1 => VideoCodec::H264,
            2 => VideoCodec::H265,
            3 => VideoCodec::Mjpeg,
            _ => return Err(Mp4Error::Malformed(WHAT)),
        };
        Ok(Some(VideoParameters {
            codec,
            width: self.small()?,
            height: self.small()?,
            reorder_frames_max: self.small()?,
            config: Bytes::copy_from_slice(self.text()?),
            rfc6381: self.name()?,
        }))
    }

    fn audio_parameters(&mut self) -> Result<Option<AudioParameters>, Mp4Error> {
        let codec = match self.byte()? {
            0 => return Ok(None),
            1 => AudioCodec::Aac,
            2 => AudioCodec::Pcmu,
            3 => AudioCodec::Pcma,
            4 => AudioCodec::Opus,
            _ => return Err(Mp4Error::Malformed(WHAT)),
        };
        Ok(Some(AudioParameters {
            codec,
            sample_rate: self.small()?,
            channels: self.small()?,
            config: Bytes::copy_from_slice(self.text()?),
            rfc6381: self.name()?,
        }))
    }

    fn fragments(&mut self) -> Result<Vec<FragmentEntry>, Mp4Error> {
        let count = self.count(3)?;
        let mut fragments = Vec::with_capacity(count);
        let (mut end, mut start) = (0u64, 0i64);
        for _ in 0..count {
            let offset = end.wrapping_add_signed(self.signed()?);
            let bytes_and_key = self.number()?;
            let bytes = bytes_and_key >> 1;
            start = start.wrapping_add(self.signed()?);
            check(offset, start)?;
            check(bytes, 0)?;
            fragments.push(FragmentEntry {
                offset,
                bytes,
                start: MediaTime::from_micros(start),
                starts_with_key: bytes_and_key & 1 == 1,
            });
            end = offset + bytes;
        }
        Ok(fragments)
    }

    fn samples(&mut self) -> Result<Vec<Sample>, Mp4Error> {
        let count = self.count(1)?;
        let mut samples = Vec::with_capacity(count);
        let mut expected = Expected::default();
        for _ in 0..count {
            let sample = self.sample(&expected)?;
            expected = Expected::after(&sample);
            samples.push(sample);
        }
        Ok(samples)
    }

    fn sample(&mut self, expected: &Expected) -> Result<Sample, Mp4Error> {
        let head = self.number()?;
        let mut optional = |flag: u64| if head & flag != 0 { self.signed() } else { Ok(0) };
        let offset = expected.offset.wrapping_add_signed(optional(HAS_OFFSET)?);
        let dts = expected.dts.wrapping_add(optional(HAS_DTS)?);
        check(offset, dts)?;
        let duration = i64::from(expected.duration).checked_add(optional(HAS_DURATION)?);
        let cts = optional(HAS_CTS)?;
        Ok(Sample {
            offset,
            bytes: u32::try_from(head >> FLAG_BITS).map_err(|_| Mp4Error::Malformed(WHAT))?,
            dts,
            cts: i32::try_from(cts).map_err(|_| Mp4Error::Malformed(WHAT))?,
            duration: duration
                .and_then(|duration| u32::try_from(duration).ok())
                .ok_or(Mp4Error::Malformed(WHAT))?,
            is_key: head & IS_KEY != 0,
        })
    }
}

fn check(offset: u64, time: i64) -> Result<(), Mp4Error> {
    if offset > MAGNITUDE_MAX || time.unsigned_abs() > MAGNITUDE_MAX {
        return Err(Mp4Error::Malformed(WHAT));
    }
    Ok(())
}
