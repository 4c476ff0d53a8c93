//! Reads photographs that people choose: JPEG and PNG files, upright.

use hearth_face::Picture;
use thiserror::Error;
use zune_jpeg::zune_core::{
    bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions, result::DecodingResult,
};

/// Bytes of a photograph: what the largest sensors make, with room.
pub const PHOTO_BYTES_MAX: usize = 48 << 20;

/// Longest side of a photograph.
const SIDE_MAX: usize = 16_384;

/// Pixels of a photograph: 60 million take 180 MB while they are looked at.
const PIXELS_MAX: usize = 60_000_000;

/// Scans of a progressive JPEG: cameras make about ten, hostile files thousands.
const SCANS_MAX: usize = 64;

/// How the first pixel of a file lies in the picture (Exif 2.32, 4.6.4, tag 274).
const ORIENTATION_TAG: u16 = 0x0112;

/// Entries of a directory that are looked at.
const EXIF_ENTRIES_MAX: usize = 512;

/// Why a file is no photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PhotoRefused {
    /// It is neither JPEG nor PNG.
    #[error("the file is neither JPEG nor PNG")]
    Format,
    /// It is broken.
    #[error("the picture is broken")]
    Broken,
    /// It has too many bytes or pixels.
    #[error("the picture is too large")]
    TooLarge,
}

/// The picture in a file, turned as the camera noted.
///
/// # Errors
/// [`PhotoRefused`].
pub fn read_photo(file: &[u8]) -> Result<Picture, PhotoRefused> {
    if file.len() > PHOTO_BYTES_MAX {
        return Err(PhotoRefused::TooLarge);
    }
    if file.starts_with(b"\xff\xd8\xff") {
        read_jpeg(file)
    } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        read_png(file)
    } else {
        Err(PhotoRefused::Format)
    }
}

fn limits() -> DecoderOptions {
    DecoderOptions::new_safe().set_max_width(SIDE_MAX).set_max_height(SIDE_MAX)
}

fn read_jpeg(file: &[u8]) -> Result<Picture, PhotoRefused> {
    let options = limits().jpeg_set_max_scans(SCANS_MAX).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| PhotoRefused::Broken)?;
    let info = decoder.info().ok_or(PhotoRefused::Broken)?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    // A height that only stands behind the picture is 0 here, and does not come from cameras.
    if width == 0 || height == 0 {
        return Err(PhotoRefused::Broken);
    }
    if width * height > PIXELS_MAX {
        return Err(PhotoRefused::TooLarge);
    }
    let turn = decoder.exif().and_then(|exif| orientation(exif)).unwrap_or(1);
    let rgb = decoder.decode().map_err(|_| PhotoRefused::Broken)?;
    upright(width, height, rgb, turn)
}

fn read_png(file: &[u8]) -> Result<Picture, PhotoRefused> {
    let options = limits().png_set_strip_to_8bit(true);
    let mut decoder = zune_png::PngDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| PhotoRefused::Broken)?;
    let (width, height) = decoder.dimensions().ok_or(PhotoRefused::Broken)?;
    if width.checked_mul(height).is_none_or(|pixels| pixels > PIXELS_MAX) {
        return Err(PhotoRefused::TooLarge);
    }
    let DecodingResult::U8(samples) = decoder.decode().map_err(|_| PhotoRefused::Broken)? else {
        return Err(PhotoRefused::Broken);
    };
    let rgb: Vec<u8> = match samples.len() / (width * height).max(1) {
        1 => samples.iter().flat_map(|light| [*light; 3]).collect(),
        2 => samples.as_chunks::<2>().0.iter().flat_map(|[light, _]| [*light; 3]).collect(),
        3 => samples,
        4 => samples.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect(),
        _ => return Err(PhotoRefused::Broken),
    };
    upright(width, height, rgb, 1)
}

/// The orientation in Exif data, 1 to 8.
fn orientation(exif: &[u8]) -> Option<u16> {
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = match exif.first_chunk()? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two = *exif.get(at..)?.first_chunk()?;
        Some(if is_little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| {
        let four = *exif.get(at..)?.first_chunk()?;
        Some(if is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = usize::from(short(directory)?).min(EXIF_ENTRIES_MAX);
    let entry = |number: usize| directory.checked_add(2 + 12 * number);
    let found = (0..entries).filter_map(entry).find(|at| short(*at) == Some(ORIENTATION_TAG))?;
    short(found.checked_add(8)?).filter(|turn| (1..=8).contains(turn))
}

/// The picture whose first pixel lies where `turn` says.
fn upright(width: usize, height: usize, rgb: Vec<u8>, turn: u16) -> Result<Picture, PhotoRefused> {
    let broken = |_| PhotoRefused::Broken;
    if turn == 1 || rgb.len() != width * height * 3 {
        return Picture::from_rgb(width, height, rgb).map_err(broken);
    }
    let rgb = zeroize::Zeroizing::new(rgb);
    // From 5 on, lines of the file are columns of the picture.
    let (columns, lines) = if turn >= 5 { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(rgb.len());
    for y in 0..lines {
        for x in 0..columns {
            let (right, below) = (columns - 1 - x, lines - 1 - y);
            let (column, line) = match turn {
                2 => (right, y),
                3 => (right, below),
                4 => (x, below),
                5 => (y, x),
                6 => (y, right),
                7 => (below, right),
                8 => (below, x),
                _ => (x, y),
            };
            let start = (line * width + column) * 3;
            turned.extend_from_slice(&rgb[start..start + 3]);
        }
    }
    Picture::from_rgb(columns, lines, turned).map_err(broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut file = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut file, 90);
        let pixels = vec![120; usize::from(width) * usize::from(height) * 3];
        encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).expect("encodes");
        file
    }

    /// A JPEG whose camera lay on its side.
    fn turned_jpeg(turn: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([turn, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        let file = jpeg(40, 20);
        [&file[..2], b"\xff\xe1", &length, &exif, &file[2..]].concat()
    }

    #[test]
    fn a_photograph_is_turned_as_the_camera_noted() {
        for (turn, size) in
            [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40)), (9, (40, 20))]
        {
            let picture = read_photo(&turned_jpeg(turn)).expect("a JPEG");
            assert_eq!((picture.width(), picture.height()), size, "orientation {turn}");
        }
    }

    #[test]
    fn other_files_are_named_as_such() {
        assert_eq!(read_photo(b"GIF89a").err(), Some(PhotoRefused::Format));
        assert_eq!(read_photo(b"\xff\xd8\xff\xe0").err(), Some(PhotoRefused::Broken));
        assert_eq!(read_photo(b"\x89PNG\r\n\x1a\n").err(), Some(PhotoRefused::Broken));
        assert_eq!(read_photo(&vec![0; PHOTO_BYTES_MAX + 1]).err(), Some(PhotoRefused::TooLarge));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// promise: T-01. Arbitrary and bent photographs never panic.
        #[test]
        fn bent_photographs_never_panic(
            bends in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
            noise in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let mut file = turned_jpeg(6);
            for (at, byte) in bends {
                let at = at.index(file.len());
                file[at] = byte;
            }
            read_photo(&file).ok();
            read_photo(&[b"\x89PNG\r\n\x1a\n", &noise[..]].concat()).ok();
            orientation(&[b"II*\0", &noise[..]].concat());
        }
    }
}
