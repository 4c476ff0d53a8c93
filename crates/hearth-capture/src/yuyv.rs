//! Pictures of cameras that do not compress: YUYV becomes JPEG.
//!
//! Pure. Two pixels are four bytes: Y0 U Y1 V (V4L2_PIX_FMT_YUYV).

use crate::CaptureError;

/// As cameras that compress themselves have it.
const QUALITY: u8 = 80;

/// Encodes one picture. `stride` is the number of bytes from one line to the next.
///
/// # Errors
/// If the picture is not as large as it says.
pub fn to_jpeg(
    bytes: &[u8],
    width: u16,
    height: u16,
    stride: usize,
) -> Result<Vec<u8>, CaptureError> {
    let malformed = || CaptureError::Malformed("the picture");
    let line_bytes = usize::from(width) * 2;
    if width == 0 || height == 0 || !width.is_multiple_of(2) || stride < line_bytes {
        return Err(malformed());
    }
    let mut samples = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for line in 0..usize::from(height) {
        let start = line * stride;
        let line = bytes.get(start..start + line_bytes).ok_or_else(malformed)?;
        for pair in line.chunks_exact(4) {
            if let [first, u, second, v] = *pair {
                samples.extend_from_slice(&[first, u, v, second, u, v]);
            }
        }
    }
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_1);
    encoder
        .encode(&samples, width, height, jpeg_encoder::ColorType::Ycbcr)
        .map_err(|error| CaptureError::Failed(error.to_string()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_picture_keeps_its_size_and_a_short_one_is_refused(
            half_width in 1_u16..40, height in 1_u16..40, pad in 0_usize..9, seed: u8
        ) {
            let width = half_width * 2;
            let stride = usize::from(width) * 2 + pad;
            let bytes: Vec<u8> = (0..stride * usize::from(height)).map(|at| (at as u8).wrapping_mul(seed)).collect();
            let file = to_jpeg(&bytes, width, height, stride).expect("whole");
            prop_assert_eq!(hearth_media::jpeg::dimensions(&file), Ok((width, height)));
            let cut = bytes.len() - pad - 1;
            prop_assert!(to_jpeg(&bytes[..cut], width, height, stride).is_err());
        }
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for (width, height, stride) in [(0, 1, 0), (1, 1, 4), (4, 0, 8), (4, 1, 7)] {
            assert!(to_jpeg(&[0; 64], width, height, stride).is_err());
        }
    }
}
