//! Pictures as JPEG images, and JPEG images as pictures.

use bytes::Bytes;
use hearth_media::MediaTime;
use hearth_vision::PixelRegion;
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};
use zune_jpeg::zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

use super::{picture::Picture, scale::scale_plane};
use crate::wiped::Wiped;

/// Below this, edges of faces get blocky; above, files grow without a visible gain.
pub(super) const QUALITY: u8 = 82;

/// The picture at most `width_max` pixels wide, in its own shape.
pub(crate) fn shrunk(picture: &Picture, width_max: usize) -> Picture {
    let width = picture.width.min(width_max.max(1));
    if width == picture.width {
        return picture.clone();
    }
    let height = (picture.height * width / picture.width).max(1);
    let (colour_width, colour_height) = picture.colour_size();
    let luma_region = PixelRegion::whole(picture.width, picture.height);
    let colour_region = PixelRegion::whole(colour_width, colour_height);
    let colour_size = (width.div_ceil(2), height.div_ceil(2));
    let [luma, cb, cr] = &picture.planes;
    let planes = [
        scale_plane(luma, picture.width, luma_region, (width, height)),
        scale_plane(cb, colour_width, colour_region, colour_size),
        scale_plane(cr, colour_width, colour_region, colour_size),
    ];
    Picture { width, height, planes, ..*picture }
}

/// The picture as a JPEG; `None` if it is larger than a JPEG can be.
pub(crate) fn encode(picture: &Picture) -> Option<Bytes> {
    let width = u16::try_from(picture.width).ok()?;
    let height = u16::try_from(picture.height).ok()?;
    let mut image = Wiped::default();
    let mut encoder = Encoder::new(&mut image, QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode_image(Rows { picture, width, height }).ok()?;
    Some(image.share(0))
}

/// Gives the encoder a picture row by row, stretched to the full range a JPEG has.
struct Rows<'a> {
    picture: &'a Picture,
    width: u16,
    height: u16,
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let (picture, y) = (self.picture, usize::from(y));
        let [luma, cb, cr] = &picture.planes;
        let colour_width = picture.width.div_ceil(2);
        let row = |plane: &'_ [u8], line: usize, width: usize| -> Vec<u8> {
            plane.get(line * width..(line + 1) * width).unwrap_or(&[]).to_vec()
        };
        let stretch = !picture.full_range;
        buffers[0].extend(
            row(luma, y, picture.width)
                .into_iter()
                .map(|sample| if stretch { LUMA_STRETCHED[usize::from(sample)] } else { sample }),
        );
        for (buffer, plane) in buffers[1..].iter_mut().zip([cb, cr]) {
            let samples = row(plane, y / 2, colour_width);
            let doubled = samples.into_iter().flat_map(|sample| {
                let value = if stretch { COLOUR_STRETCHED[usize::from(sample)] } else { sample };
                [value, value]
            });
            buffer.extend(doubled.take(picture.width));
        }
    }
}

/// 16..=235 to 0..=255 (ITU-T T.871 against ITU-R BT.601).
const LUMA_STRETCHED: [u8; 256] = stretched(16, 219, 0);

/// 16..=240 around 128 to 0..=255.
const COLOUR_STRETCHED: [u8; 256] = stretched(128, 224, 128);

const fn stretched(zero: i32, span: i32, middle: i32) -> [u8; 256] {
    let mut table = [0; 256];
    let mut sample = 0;
    while sample < 256 {
        let scaled = (sample - zero) * 255;
        let rounded = if scaled < 0 { scaled - span / 2 } else { scaled + span / 2 };
        let value = rounded / span + middle;
        table[sample as usize] = if value < 0 {
            0
        } else if value > 255 {
            255
        } else {
            value as u8
        };
        sample += 1;
    }
    table
}

/// A JPEG image (a frame of an MJPEG camera) as a picture of at most `pixels_max` pixels.
pub(crate) fn decode(image: &[u8], pts: MediaTime, pixels_max: usize) -> Option<Picture> {
    let options = DecoderOptions::new_safe()
        .set_max_width(16_384)
        .set_max_height(16_384)
        .jpeg_set_max_scans(64)
        .jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(image), options);
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    if width == 0 || height == 0 || width * height > pixels_max {
        return None;
    }
    if decoder.input_colorspace() == Some(ColorSpace::Luma) {
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::Luma));
        let luma = decoder.decode().ok()?;
        let grey = vec![128; width.div_ceil(2) * height.div_ceil(2)];
        return Picture::new(pts, (width, height), true, [luma, grey.clone(), grey]);
    }
    let samples = decoder.decode().ok()?;
    if samples.len() != width * height * 3 {
        return None;
    }
    let part = |channel: usize| samples.iter().skip(channel).step_by(3).copied();
    let luma: Vec<u8> = part(0).collect();
    let halved = |channel: usize| -> Vec<u8> {
        let plane: Vec<u8> = part(channel).collect();
        let size = (width.div_ceil(2), height.div_ceil(2));
        scale_plane(&plane, width, PixelRegion::whole(width, height), size)
    };
    Picture::new(pts, (width, height), true, [luma, halved(1), halved(2)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(width: usize, height: usize) -> Picture {
        let luma = (0..width * height).map(|i| 40 + (i % width * 150 / width) as u8).collect();
        let colour = vec![110; width.div_ceil(2) * height.div_ceil(2)];
        Picture::new(MediaTime::default(), (width, height), true, [luma, colour.clone(), colour])
            .expect("planes cover it")
    }

    #[test]
    fn a_picture_survives_a_jpeg_nearly() {
        for (width, height) in [(64, 48), (33, 17)] {
            let before = picture(width, height);
            let image = encode(&before).expect("small enough");
            let after = decode(&image, MediaTime::default(), 1 << 20).expect("a JPEG");
            assert_eq!((after.width, after.height), (width, height));
            for (a, b) in before.planes.iter().flatten().zip(after.planes.iter().flatten()) {
                assert!(a.abs_diff(*b) < 12, "{a} became {b}");
            }
        }
    }

    #[test]
    fn black_and_white_of_video_become_black_and_white_of_a_jpeg() {
        assert_eq!((LUMA_STRETCHED[16], LUMA_STRETCHED[235]), (0, 255));
        assert_eq!((COLOUR_STRETCHED[128], COLOUR_STRETCHED[240]), (128, 255));
    }

    #[test]
    fn a_shrunk_picture_keeps_its_shape() {
        let small = shrunk(&picture(640, 360), 480);
        assert_eq!((small.width, small.height), (480, 270));
        assert_eq!(small.planes[0].len(), 480 * 270);
    }

    #[test]
    fn an_image_over_the_limit_is_refused() {
        let image = encode(&picture(64, 48)).expect("small enough");
        assert!(decode(&image, MediaTime::default(), 64 * 47).is_none());
    }

    proptest! {
        #[test]
        fn damaged_images_never_panic(at in 0usize..600, with: u8, keep in 0usize..2_000) {
            let mut image = encode(&picture(64, 48)).expect("small enough").to_vec();
            if let Some(byte) = image.get_mut(at) {
                *byte = with;
            }
            image.truncate(keep);
            let _ = decode(&image, MediaTime::default(), 1 << 20);
        }
    }
}
