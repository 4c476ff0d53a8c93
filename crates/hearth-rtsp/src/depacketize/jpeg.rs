//! JPEG images cut into packets, with their headers left out (RFC 2435).
//!
//! The headers are put back: quantisation tables from the packets or from the quality factor, the
//! Huffman tables of the JPEG standard.

use hearth_media::VideoParameters;

use super::{
    ACCESS_UNIT_BYTES_MAX, AccessUnit, Depacketized, Output,
    jpeg::tables::{HUFFMAN_TABLES, quantization_tables},
};
use crate::rtp::RtpPacket;

mod tables;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct JpegDepacketizer {
    parameters: Option<VideoParameters>,
    is_announced: bool,
    image: Vec<u8>,
    head_bytes: usize,
    /// Of the image in the making.
    timestamp: Option<u32>,
    /// Tables sent in an earlier image, with the quality factor that stands for them.
    tables: Option<(u8, Vec<u8>)>,
    has_lost: bool,
    dropped: u64,
}

/// The headers of one packet (3.1).
struct Headers<'a> {
    offset: usize,
    /// 4:2:2 or 4:2:0.
    sampling: u8,
    restart_interval: Option<u16>,
    quality: u8,
    width: u16,
    height: u16,
    tables: Option<&'a [u8]>,
    data: &'a [u8],
}

impl JpegDepacketizer {
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn push(&mut self, packet: &RtpPacket<'_>, lost_before: bool, output: &mut Output) {
        let timestamp = packet.header.timestamp;
        if lost_before || self.timestamp.is_some_and(|begun| begun != timestamp) {
            self.lose();
        }
        if self.take(packet).is_none() {
            self.lose();
        } else if packet.header.marker && self.timestamp.is_some() {
            self.emit(timestamp, output);
        }
    }

    fn lose(&mut self) {
        self.has_lost = true;
        self.dropped += u64::from(self.timestamp.take().is_some());
        self.image.clear();
    }

    fn take(&mut self, packet: &RtpPacket<'_>) -> Option<()> {
        let headers = parse(packet.payload)?;
        if headers.offset == 0 {
            self.begin(&headers)?;
            self.timestamp = Some(packet.header.timestamp);
        }
        let came = self.image.len().checked_sub(self.head_bytes)?;
        let fits = self.image.len() + headers.data.len() <= ACCESS_UNIT_BYTES_MAX;
        if self.timestamp.is_none() || headers.offset != came || !fits {
            return None;
        }
        self.image.extend_from_slice(headers.data);
        Some(())
    }

    /// Writes the headers of an image (appendix B).
    fn begin(&mut self, headers: &Headers<'_>) -> Option<()> {
        let computed;
        let tables = match (headers.tables, &self.tables) {
            (Some(sent), _) if !sent.is_empty() => {
                self.tables = Some((headers.quality, sent.to_vec()));
                sent
            }
            (Some(_), Some((quality, known))) if *quality == headers.quality => known.as_slice(),
            (Some(_), _) => return None,
            (None, _) => {
                computed = quantization_tables(headers.quality);
                &computed
            }
        };
        let image = &mut self.image;
        image.clear();
        image.extend_from_slice(&[0xff, 0xd8]);
        for (id, table) in (0u8..2).zip(tables.chunks_exact(64)) {
            image.extend_from_slice(&[0xff, 0xdb, 0, 67, id]);
            image.extend_from_slice(table);
        }
        if let Some(interval) = headers.restart_interval {
            image.extend_from_slice(&[0xff, 0xdd, 0, 4]);
            image.extend_from_slice(&interval.to_be_bytes());
        }
        let ([h1, h0], [w1, w0]) = (headers.height.to_be_bytes(), headers.width.to_be_bytes());
        // With one table for all components, the chroma components use it too.
        let chroma_table = u8::from(tables.len() >= 128);
        image.extend_from_slice(&[0xff, 0xc0, 0, 17, 8, h1, h0, w1, w0, 3]);
        image.extend_from_slice(&[1, headers.sampling, 0, 2, 0x11, chroma_table]);
        image.extend_from_slice(&[3, 0x11, chroma_table]);
        image.extend_from_slice(&HUFFMAN_TABLES);
        image.extend_from_slice(&[0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
        self.head_bytes = image.len();
        let parameters = VideoParameters::mjpeg(headers.width, headers.height);
        if self.parameters.as_ref() != Some(&parameters) {
            self.parameters = Some(parameters);
            self.is_announced = false;
        }
        Some(())
    }

    fn emit(&mut self, timestamp: u32, output: &mut Output) {
        if !self.image.ends_with(&[0xff, 0xd9]) {
            self.image.extend_from_slice(&[0xff, 0xd9]);
        }
        if !std::mem::replace(&mut self.is_announced, true)
            && let Some(parameters) = &self.parameters
        {
            output.push_back(Depacketized::VideoParameters(parameters.clone()));
        }
        output.push_back(Depacketized::Unit(AccessUnit {
            timestamp,
            duration_samples: None,
            is_key: true,
            after_loss: std::mem::take(&mut self.has_lost),
            data: bytes::Bytes::copy_from_slice(&self.image),
        }));
        self.timestamp = None;
        self.image.clear();
    }
}

fn parse(payload: &[u8]) -> Option<Headers<'_>> {
    let (main, mut rest) = payload.split_first_chunk::<8>()?;
    let &[_, o2, o1, o0, kind, quality, width, height] = main;
    let offset = usize::try_from(u32::from_be_bytes([0, o2, o1, o0])).ok()?;
    let sampling = match kind & 0x3f {
        0 => 0x21,
        1 => 0x22,
        _ => return None,
    };
    let mut restart_interval = None;
    if kind & 0x40 != 0 {
        let (&[i1, i0, _, _], after) = rest.split_first_chunk::<4>()?;
        restart_interval = Some(u16::from_be_bytes([i1, i0]));
        rest = after;
    }
    let mut tables = None;
    if quality >= 128 && offset == 0 {
        let (&[_, precision, l1, l0], after) = rest.split_first_chunk::<4>()?;
        let length = usize::from(u16::from_be_bytes([l1, l0]));
        // 16-bit tables (precision bits) do not occur in baseline JPEG.
        if precision != 0 || !matches!(length, 0 | 64 | 128) {
            return None;
        }
        let (sent, after) = after.split_at_checked(length)?;
        tables = Some(sent);
        rest = after;
    }
    let (width, height) = (u16::from(width) * 8, u16::from(height) * 8);
    // 0 stands for more than 2,040 pixels, and the size is told nowhere (3.1.5).
    if width == 0 || height == 0 || kind & 0x80 != 0 || quality == 0 {
        return None;
    }
    Some(Headers { offset, sampling, restart_interval, quality, width, height, tables, data: rest })
}
