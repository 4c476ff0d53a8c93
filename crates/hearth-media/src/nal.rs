//! Splits and joins NAL units of H.264 and H.265.
//!
//! Two framings exist: Annex B (start codes) as decoders want it, and length prefixes of four bytes
//! as MP4 and [`Frame`](crate::Frame) hold it. A broken length ends the iteration; nothing is
//! guessed after it.

use bytes::{BufMut, Bytes, BytesMut};

/// The NAL units of data with four-byte length prefixes. Empty units are passed over.
pub fn length_prefixed(data: &[u8]) -> LengthPrefixed<'_> {
    LengthPrefixed { rest: data }
}

/// See [`length_prefixed`].
#[derive(Clone, Debug)]
pub struct LengthPrefixed<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for LengthPrefixed<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let (length, rest) = self.rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let Some((unit, rest)) = rest.split_at_checked(length) else {
                self.rest = &[];
                return None;
            };
            self.rest = rest;
            if !unit.is_empty() {
                return Some(unit);
            }
        }
    }
}

/// The NAL units of an Annex B byte stream (ITU-T H.264 B.1), without start codes and without the
/// zero bytes that may trail a unit. What comes before the first start code is passed over.
pub fn annex_b(data: &[u8]) -> AnnexB<'_> {
    AnnexB { rest: after_start_code(data).unwrap_or(&[]) }
}

/// See [`annex_b`].
#[derive(Clone, Debug)]
pub struct AnnexB<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for AnnexB<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = start_code(self.rest).unwrap_or(self.rest.len());
            let (unit, tail) = self.rest.split_at(end);
            self.rest = tail.get(3..).unwrap_or(&[]);
            let zeros = unit.iter().rev().take_while(|&&byte| byte == 0).count();
            let unit = &unit[..unit.len() - zeros];
            if !unit.is_empty() {
                return Some(unit);
            }
        }
        None
    }
}

/// Position of the first `00 00 01`.
fn start_code(data: &[u8]) -> Option<usize> {
    data.windows(3).position(|three| three == [0, 0, 1])
}

fn after_start_code(data: &[u8]) -> Option<&[u8]> {
    data.get(start_code(data)? + 3..)
}

/// Joins NAL units, each with a four-byte length before it.
pub fn to_length_prefixed<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Bytes {
    let mut joined = BytesMut::new();
    for unit in units {
        // No frame comes near 4 GiB; should one do so, leaving it out keeps the rest readable.
        if let Ok(length) = u32::try_from(unit.len()) {
            joined.put_u32(length);
            joined.put_slice(unit);
        }
    }
    joined.freeze()
}

/// Joins NAL units, each with a four-byte start code before it.
pub fn to_annex_b<'a>(units: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut joined = Vec::new();
    for unit in units {
        joined.extend_from_slice(&[0, 0, 0, 1]);
        joined.extend_from_slice(unit);
    }
    joined
}

/// The payload of a NAL unit without emulation prevention bytes (ITU-T H.264 7.4.1), at most
/// `limit` bytes of it.
pub(crate) fn unescape(payload: &[u8], limit: usize) -> Vec<u8> {
    let mut clean = Vec::with_capacity(payload.len().min(limit));
    let mut zeros = 0;
    for &byte in payload {
        if clean.len() == limit {
            break;
        }
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        clean.push(byte);
    }
    clean
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn annex_b_takes_short_and_long_start_codes_and_trailing_zeros() {
        let data = [9, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 1, 0x65, 3, 0];
        let units: Vec<_> = annex_b(&data).collect();
        assert_eq!(units, [&[0x67, 1][..], &[0x68, 2], &[0x65, 3]]);
    }

    #[test]
    fn a_length_beyond_the_end_stops_the_iteration() {
        let data = [0, 0, 0, 1, 7, 0, 0, 0, 9, 7];
        assert_eq!(length_prefixed(&data).collect::<Vec<_>>(), [&[7][..]]);
    }

    #[test]
    fn emulation_prevention_bytes_are_taken_out() {
        assert_eq!(unescape(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3], 99), [0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(unescape(&[0, 0, 3, 1, 5], 3), [0, 0, 1]);
    }

    proptest! {
        #[test]
        fn splitting_arbitrary_bytes_never_panics(data: Vec<u8>) {
            prop_assert!(annex_b(&data).all(|unit| !unit.is_empty()));
            prop_assert!(length_prefixed(&data).all(|unit| !unit.is_empty()));
        }

        #[test]
        fn units_survive_both_framings(
            units in prop::collection::vec(prop::collection::vec(1u8.., 1..40), 0..8),
        ) {
            let units: Vec<&[u8]> = units.iter().map(Vec::as_slice).collect();
            let prefixed = to_length_prefixed(units.iter().copied());
            prop_assert_eq!(length_prefixed(&prefixed).collect::<Vec<_>>(), units.clone());
            // Bytes above 0 only, so no unit holds a start code.
            let joined = to_annex_b(units.iter().copied());
            prop_assert_eq!(annex_b(&joined).collect::<Vec<_>>(), units);
        }
    }
}
