//! Sample entries: what a decoder must know, inside `stsd`.
//!
//! `avc1` and `hvc1` (ISO/IEC 14496-15), `mp4v` and `mp4a` with an elementary stream descriptor
//! (ISO/IEC 14496-14), `Opus` (the Opus-in-ISOBMFF specification), `ulaw` and `alaw` (QuickTime).

use hearth_media::{AudioCodec, AudioParameters, VideoCodec, VideoParameters};

use super::BoxWriter;
use crate::sample::audio_timescale;

/// 72 dots an inch as a 16.16 number: what everybody writes, nobody reads.
const RESOLUTION: u32 = 0x0048_0000;
/// `objectTypeIndication` of JPEG (the MP4 registration authority's table).
const OBJECT_TYPE_JPEG: u8 = 0x6C;
/// `objectTypeIndication` of MPEG-4 audio.
const OBJECT_TYPE_MPEG4_AUDIO: u8 = 0x40;
/// `streamType` 4 (visual), then upStream 0 and a reserved 1.
const STREAM_TYPE_VISUAL: u8 = 0x11;
/// `streamType` 5 (audio), then upStream 0 and a reserved 1.
const STREAM_TYPE_AUDIO: u8 = 0x15;

/// Writes the entry of a video track.
pub(crate) fn write_video(w: &mut BoxWriter, parameters: &VideoParameters) {
    let kind = match parameters.codec {
        VideoCodec::H264 => b"avc1",
        VideoCodec::H265 => b"hvc1",
        VideoCodec::Mjpeg => b"mp4v",
    };
    w.boxed(kind, |w| {
        write_entry_head(w);
        w.zeros(16);
        w.u16(parameters.width);
        w.u16(parameters.height);
        w.u32(RESOLUTION);
        w.u32(RESOLUTION);
        w.u32(0);
        w.u16(1); // frame_count
        w.zeros(32); // compressorname
        w.u16(24); // depth: colour without alpha
        w.u16(0xFFFF); // pre_defined = -1
        match parameters.codec {
            VideoCodec::H264 => w.boxed(b"avcC", |w| w.put(&parameters.config)),
            VideoCodec::H265 => w.boxed(b"hvcC", |w| w.put(&parameters.config)),
            VideoCodec::Mjpeg => write_esds(w, OBJECT_TYPE_JPEG, STREAM_TYPE_VISUAL, &[]),
        }
    });
}

/// Writes the entry of an audio track.
pub(crate) fn write_audio(w: &mut BoxWriter, parameters: &AudioParameters) {
    let kind = match parameters.codec {
        AudioCodec::Aac => b"mp4a",
        AudioCodec::Opus => b"Opus",
        AudioCodec::Pcmu => b"ulaw",
        AudioCodec::Pcma => b"alaw",
    };
    w.boxed(kind, |w| {
        write_entry_head(w);
        w.zeros(8);
        w.u16(u16::from(parameters.channels));
        w.u16(16); // samplesize, of decoded sound
        w.u32(0);
        // A 16.16 number; rates that do not fit are told by the codec's own configuration.
        w.u32(u16::try_from(parameters.sample_rate).map_or(0, |rate| u32::from(rate) << 16));
        match parameters.codec {
            AudioCodec::Aac => {
                write_esds(w, OBJECT_TYPE_MPEG4_AUDIO, STREAM_TYPE_AUDIO, &parameters.config);
            }
            AudioCodec::Opus => write_opus(w, parameters),
            AudioCodec::Pcmu | AudioCodec::Pcma => {}
        }
    });
}

/// Reserved bytes and the index of the only data reference.
fn write_entry_head(w: &mut BoxWriter) {
    w.zeros(6);
    w.u16(1);
}

fn write_opus(w: &mut BoxWriter, parameters: &AudioParameters) {
    w.boxed(b"dOps", |w| {
        w.u8(0); // Version
        w.u8(parameters.channels.clamp(1, 2)); // mapping family 0 knows no more
        w.u16(0); // PreSkip: a live stream has none
        w.u32(audio_timescale(parameters));
        w.u16(0); // OutputGain
        w.u8(0); // ChannelMappingFamily
    });
}

/// The elementary stream descriptor (ISO/IEC 14496-1, 7.2.6.5).
fn write_esds(w: &mut BoxWriter, object_type: u8, stream_type: u8, specific: &[u8]) {
    let specific = if specific.is_empty() { Vec::new() } else { descriptor(5, specific) };
    let mut config = vec![object_type, stream_type];
    config.extend_from_slice(&[0; 11]); // buffer size and bit rates: not known
    config.extend_from_slice(&specific);
    let mut stream = vec![0, 0, 0]; // ES_ID, flags
    stream.extend_from_slice(&descriptor(4, &config));
    stream.extend_from_slice(&descriptor(6, &[2])); // SLConfig: as MP4 prescribes
    w.full(b"esds", 0, 0, |w| w.put(&descriptor(3, &stream)));
}

/// A descriptor with its length in four groups of seven bits, which everybody can read.
fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let group = |shift: u32| ((length >> shift) & 0x7F).to_le_bytes()[0];
    let mut bytes = vec![tag, group(21) | 0x80, group(14) | 0x80, group(7) | 0x80, group(0)];
    bytes.extend_from_slice(body);
    bytes
}
