//! Fields of messages.

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_model::Rect;

use super::{WireError, packet::HEADER};
use crate::wiped::Wiped;

/// Builds one message.
pub(super) struct Writer {
    bytes: Wiped,
}

impl Writer {
    pub(super) fn new(kind: u8) -> Self {
        let mut bytes = Wiped::default();
        bytes.extend(&[kind, 0, 0, 0, 0]);
        Self { bytes }
    }

    /// The whole message. Callers keep payloads far below 4 GiB.
    pub(super) fn finish(mut self) -> Wiped {
        let length = u32::try_from(self.bytes.len() - HEADER).unwrap_or(u32::MAX);
        self.bytes[1..HEADER].copy_from_slice(&length.to_le_bytes());
        self.bytes
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.extend(&[value]);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.bytes.extend(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes.extend(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes.extend(&value.to_le_bytes());
    }

    pub(super) fn f32(&mut self, value: f32) {
        self.bytes.extend(&value.to_le_bytes());
    }

    pub(super) fn time(&mut self, value: MediaTime) {
        self.bytes.extend(&value.as_micros().to_le_bytes());
    }

    pub(super) fn rect(&mut self, value: &Rect) {
        [value.x, value.y, value.w, value.h].into_iter().for_each(|part| self.f32(part));
    }

    /// Bytes with their length before them.
    pub(super) fn block(&mut self, value: &[u8]) {
        self.u32(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.bytes.extend(value);
    }

    /// Bytes without a length, up to the end of the message.
    pub(super) fn rest(&mut self, value: &[u8]) {
        self.bytes.extend(value);
    }
}

/// Reads one message.
pub(super) struct Reader {
    bytes: Bytes,
    what: &'static str,
}

impl Reader {
    pub(super) fn new(bytes: Bytes, what: &'static str) -> Self {
        Self { bytes, what }
    }

    pub(super) fn malformed(&self) -> WireError {
        WireError::Malformed(self.what)
    }

    fn take(&mut self, count: usize) -> Result<Bytes, WireError> {
        if count > self.bytes.len() {
            return Err(self.malformed());
        }
        Ok(self.bytes.split_to(count))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let bytes = self.take(N)?;
        bytes.first_chunk::<N>().copied().ok_or(self.malformed())
    }

    pub(super) fn u8(&mut self) -> Result<u8, WireError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn flag(&mut self) -> Result<bool, WireError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.malformed()),
        }
    }

    pub(super) fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn time(&mut self) -> Result<MediaTime, WireError> {
        self.array().map(|bytes| MediaTime::from_micros(i64::from_le_bytes(bytes)))
    }

    /// A number from 0 to 1.
    pub(super) fn fraction(&mut self) -> Result<f32, WireError> {
        let value = f32::from_le_bytes(self.array()?);
        if (0.0..=1.0).contains(&value) { Ok(value) } else { Err(self.malformed()) }
    }

    /// A number that is one.
    pub(super) fn number(&mut self) -> Result<f32, WireError> {
        let value = f32::from_le_bytes(self.array()?);
        if value.is_finite() { Ok(value) } else { Err(self.malformed()) }
    }

    /// A box inside the picture; rounding may let it stick out by a millionth.
    pub(super) fn rect(&mut self) -> Result<Rect, WireError> {
        let area = Rect {
            x: self.fraction()?,
            y: self.fraction()?,
            w: self.fraction()?,
            h: self.fraction()?,
        };
        let inside = area.x + area.w <= 1.000_01 && area.y + area.h <= 1.000_01;
        if inside { Ok(area.clamped()) } else { Err(self.malformed()) }
    }

    /// At most `limit` bytes with their length before them.
    pub(super) fn block(&mut self, limit: usize) -> Result<Bytes, WireError> {
        let length = self.u32()? as usize;
        if length > limit {
            return Err(self.malformed());
        }
        self.take(length)
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.bytes)
    }

    /// Refuses bytes that nobody read.
    pub(super) fn end<T>(self, value: T) -> Result<T, WireError> {
        if self.bytes.is_empty() { Ok(value) } else { Err(self.malformed()) }
    }
}
