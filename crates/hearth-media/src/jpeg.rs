//! Reads the size of a JPEG image from its frame header.

use bytes::Bytes;

use crate::{ParameterError, VideoCodec, VideoParameters};

const WHAT: &str = "a JPEG image";

/// Width and height in pixels (ITU-T T.81 B.2.2).
///
/// # Errors
/// If `image` is not a JPEG, ends before its frame header, or leaves its height to a later marker.
pub fn dimensions(image: &[u8]) -> Result<(u16, u16), ParameterError> {
    let mut rest = image.strip_prefix(&[0xFF, 0xD8]).ok_or(ParameterError::Malformed(WHAT))?;
    loop {
        let (marker, after) = next_marker(rest)?;
        // Markers without a body: TEM and restarts.
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            rest = after;
            continue;
        }
        // The scan or the end, and no frame header before it.
        if matches!(marker, 0xD9 | 0xDA) {
            return Err(ParameterError::Malformed(WHAT));
        }
        let (length, _) = after.split_first_chunk::<2>().ok_or(ParameterError::Truncated(WHAT))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let body = after.get(2..length).ok_or(ParameterError::Truncated(WHAT))?;
        // SOF0 to SOF15 but for DHT, JPG and DAC, which share the range.
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            return frame_size(body);
        }
        rest = &after[length..];
    }
}

/// The marker's second byte and what follows it. Fill bytes may come before it.
fn next_marker(data: &[u8]) -> Result<(u8, &[u8]), ParameterError> {
    let [0xFF, rest @ ..] = data else {
        return Err(if data.is_empty() {
            ParameterError::Truncated(WHAT)
        } else {
            ParameterError::Malformed(WHAT)
        });
    };
    let at = rest.iter().position(|&byte| byte != 0xFF).ok_or(ParameterError::Truncated(WHAT))?;
    Ok((rest[at], &rest[at + 1..]))
}

fn frame_size(body: &[u8]) -> Result<(u16, u16), ParameterError> {
    let head = body.first_chunk::<5>().ok_or(ParameterError::Truncated(WHAT))?;
    let height = u16::from_be_bytes([head[1], head[2]]);
    let width = u16::from_be_bytes([head[3], head[4]]);
    if width == 0 || height == 0 {
        return Err(ParameterError::Unsupported("a JPEG image of unknown size"));
    }
    Ok((width, height))
}

impl VideoParameters {
    /// From the first image of an MJPEG stream.
    ///
    /// # Errors
    /// See [`dimensions`].
    pub fn from_jpeg(image: &[u8]) -> Result<Self, ParameterError> {
        let (width, height) = dimensions(image)?;
        Ok(Self::mjpeg(width, height))
    }

    /// Of an MJPEG stream whose size is known already.
    pub fn mjpeg(width: u16, height: u16) -> Self {
        Self {
            codec: VideoCodec::Mjpeg,
            width,
            height,
            config: Bytes::new(),
            rfc6381: "mp4v.6c".to_owned(),
            reorder_frames_max: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// SOI, APP0, DQT (empty for the test), a fill byte, SOF0 of 640x480.
    const IMAGE: &[u8] = &[
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xDB, 0, 2, 0xFF, 0xFF, 0xC0, 0, 11, 8, 0x01,
        0xE0, 0x02, 0x80, 1, 1, 0x11, 0,
    ];

    #[test]
    fn the_frame_header_tells_the_size() {
        assert_eq!(dimensions(IMAGE), Ok((640, 480)));
        let parameters = VideoParameters::from_jpeg(IMAGE).expect("a valid image");
        assert_eq!((parameters.width, parameters.height), (640, 480));
        assert_eq!(parameters.rfc6381, "mp4v.6c");
    }

    #[test]
    fn an_image_cut_short_is_truncated() {
        for end in 2..21 {
            assert_eq!(dimensions(&IMAGE[..end]), Err(ParameterError::Truncated(WHAT)), "{end}");
        }
    }

    #[test]
    fn what_is_not_a_jpeg_is_refused() {
        assert!(dimensions(b"GIF89a").is_err());
        assert!(dimensions(&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2]).is_err());
        assert!(dimensions(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0xFF]).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(mut data: Vec<u8>, is_jpeg: bool) {
            if is_jpeg {
                data.splice(0..0, [0xFF, 0xD8, 0xFF]);
            }
            if let Ok((width, height)) = dimensions(&data) {
                prop_assert!(width > 0 && height > 0);
            }
        }
    }
}
