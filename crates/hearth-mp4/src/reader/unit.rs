//! The data of a picture as [`Frame`](hearth_media::Frame) has it.

use bytes::Bytes;
use hearth_media::{VideoCodec, h264, h265, nal};

use crate::Mp4Error;

/// Gives NAL units lengths of four bytes and leaves parameter sets out. Data that is so already, as
/// most is, is not copied.
pub(super) fn frame_data(
    codec: VideoCodec,
    length_bytes: u8,
    data: Bytes,
) -> Result<Bytes, Mp4Error> {
    let is_parameter_set = match codec {
        VideoCodec::H264 => h264::is_parameter_set,
        VideoCodec::H265 => h265::is_parameter_set,
        VideoCodec::Mjpeg => return Ok(data),
    };
    let units = split(&data, usize::from(length_bytes))?;
    if length_bytes == 4 && !units.iter().any(|unit| is_parameter_set(unit)) {
        return Ok(data);
    }
    Ok(nal::to_length_prefixed(units.into_iter().filter(|unit| !is_parameter_set(unit))))
}

fn split(mut data: &[u8], length_bytes: usize) -> Result<Vec<&[u8]>, Mp4Error> {
    const WHAT: &str = "a frame";
    let mut units = Vec::new();
    while !data.is_empty() {
        let (length, rest) =
            data.split_at_checked(length_bytes.max(1)).ok_or(Mp4Error::Malformed(WHAT))?;
        let length = length.iter().fold(0usize, |length, &byte| length << 8 | usize::from(byte));
        let (unit, rest) = rest.split_at_checked(length).ok_or(Mp4Error::Malformed(WHAT))?;
        if !unit.is_empty() {
            units.push(unit);
        }
        data = rest;
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lengths_become_four_bytes_and_parameter_sets_go() {
        let data = Bytes::from_static(&[0, 2, 0x67, 1, 0, 3, 0x65, 2, 3, 0, 1, 0x06]);
        let frame = frame_data(VideoCodec::H264, 2, data).expect("valid data");
        assert_eq!(frame[..], [0, 0, 0, 3, 0x65, 2, 3, 0, 0, 0, 1, 0x06]);
    }

    #[test]
    fn data_that_is_right_already_is_not_copied() {
        let data = Bytes::from(vec![0, 0, 0, 2, 0x65, 1]);
        let frame = frame_data(VideoCodec::H264, 4, data.clone()).expect("valid data");
        assert_eq!(frame.as_ptr(), data.as_ptr());
    }

    #[test]
    fn a_length_beyond_the_frame_is_malformed() {
        let data = Bytes::from_static(&[0, 0, 0, 9, 0x65, 1]);
        assert!(frame_data(VideoCodec::H264, 4, data).is_err());
    }
}
