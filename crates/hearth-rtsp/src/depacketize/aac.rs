//! AAC in MPEG-4 elementary streams (RFC 3640), without interleaving.
//!
//! Several frames a packet, or one frame over several packets.

use bytes::Bytes;
use hearth_media::{AudioParameters, aac::AudioSpecificConfig};

use super::{AccessUnit, Depacketized, Output};
use crate::{rtp::RtpPacket, sdp::Format};

/// The longest frame that a 13-bit size can tell.
const FRAME_BYTES_MAX: usize = 8_191;

/// See the module.
#[derive(Debug)]
pub(super) struct AacDepacketizer {
    parameters: AudioParameters,
    frame_samples: u32,
    /// RTP units a frame.
    frame_ticks: u32,
    size_bits: usize,
    index_bits: usize,
    delta_bits: usize,
    /// A frame that continues: its size, its timestamp, what came of it.
    partial: Option<(usize, u32, Vec<u8>)>,
    has_lost: bool,
    dropped: u64,
}

impl AacDepacketizer {
    /// `None` without a usable configuration.
    pub(super) fn new(format: &Format) -> Option<Self> {
        let config = from_hex(format.parameter("config")?.trim_matches('"'))?;
        let parameters = AudioParameters::from_aac_config(&config).ok()?;
        let frame_samples = AudioSpecificConfig::parse(&config).ok()?.frame_samples;
        let ticks = u64::from(frame_samples) * u64::from(format.clock_rate)
            / u64::from(parameters.sample_rate.max(1));
        // Without parameters it is AAC-hbr (3.3.6), as all cameras send.
        let bits = |name: &str, default: usize| match format.parameter(name) {
            Some(text) => text.parse().ok().filter(|bits| *bits <= 16),
            None => Some(default),
        };
        Some(Self {
            parameters,
            frame_samples,
            frame_ticks: u32::try_from(ticks).ok()?,
            size_bits: bits("sizelength", 13).filter(|bits| *bits > 0)?,
            index_bits: bits("indexlength", 3)?,
            delta_bits: bits("indexdeltalength", 3)?,
            partial: None,
            has_lost: false,
            dropped: 0,
        })
    }

    pub(super) fn parameters(&self) -> &AudioParameters {
        &self.parameters
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn push(&mut self, packet: &RtpPacket<'_>, lost_before: bool, output: &mut Output) {
        if lost_before {
            self.lose();
        }
        if self.read(packet, output).is_none() {
            self.lose();
        }
    }

    fn lose(&mut self) {
        self.has_lost = true;
        self.dropped += u64::from(self.partial.take().is_some());
    }

    fn read(&mut self, packet: &RtpPacket<'_>, output: &mut Output) -> Option<()> {
        let (bits, rest) = packet.payload.split_first_chunk::<2>()?;
        let header_bits = usize::from(u16::from_be_bytes(*bits));
        let (headers, mut data) = rest.split_at_checked(header_bits.div_ceil(8))?;
        let mut timestamp = packet.header.timestamp;
        let mut at = 0;
        while at + self.size_bits <= header_bits {
            let size = read_bits(headers, at, self.size_bits)?;
            at += self.size_bits + if at == 0 { self.index_bits } else { self.delta_bits };
            if size > FRAME_BYTES_MAX {
                return None;
            }
            if size > data.len() || self.partial.is_some() {
                return self.read_fragment(size, timestamp, data, output);
            }
            let (frame, after) = data.split_at_checked(size)?;
            self.put(timestamp, frame, output);
            data = after;
            timestamp = timestamp.wrapping_add(self.frame_ticks);
        }
        Some(())
    }

    fn read_fragment(
        &mut self,
        size: usize,
        timestamp: u32,
        data: &[u8],
        output: &mut Output,
    ) -> Option<()> {
        let (whole, begun, mut bytes) =
            self.partial.take().unwrap_or((size, timestamp, Vec::with_capacity(size)));
        bytes.extend_from_slice(data);
        if whole != size || begun != timestamp || bytes.len() > whole {
            self.dropped += 1;
            return None;
        }
        if bytes.len() == whole {
            self.put(begun, &bytes, output);
        } else {
            self.partial = Some((whole, begun, bytes));
        }
        Some(())
    }

    fn put(&mut self, timestamp: u32, frame: &[u8], output: &mut Output) {
        if frame.is_empty() {
            return;
        }
        output.push_back(Depacketized::Unit(AccessUnit {
            timestamp,
            duration_samples: Some(self.frame_samples),
            is_key: true,
            after_loss: std::mem::take(&mut self.has_lost),
            data: Bytes::copy_from_slice(frame),
        }));
    }
}

fn read_bits(bytes: &[u8], from: usize, count: usize) -> Option<usize> {
    (from..from + count).try_fold(0, |value, at| {
        let bit = bytes.get(at / 8)? >> (7 - at % 8) & 1;
        Some(value << 1 | usize::from(bit))
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d)).collect())
}
