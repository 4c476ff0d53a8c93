//! A picture in red, green and blue, and views of it at other scales and angles.

use std::ops::Range;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{align::Similarity, finder::FoundFace};

/// Longest side of a picture.
const SIDE_MAX: usize = 16_384;

/// Pixels of a picture: more than any camera's or phone's.
const PIXELS_MAX: usize = 120_000_000;

/// Room around a face in its portrait, on each side, as a fraction of its size.
const PORTRAIT_BORDER: f32 = 0.4;

/// Values for colour and light.
const CHANNELS: usize = 3;

/// Why bytes are no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PictureError {
    /// A side is 0 or longer than a picture can be.
    #[error("a picture has 1 to {SIDE_MAX} pixels a side")]
    Size,
    /// There are not three bytes a pixel.
    #[error("the picture does not have three bytes a pixel")]
    Length,
}

/// A picture: 8 bits each of red, green and blue, row after row. Wiped when dropped.
///
/// promise: D-03.
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

impl Picture {
    /// A picture from three bytes a pixel.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, PictureError> {
        let rgb = Zeroizing::new(rgb);
        let fits = |side: usize| (1..=SIDE_MAX).contains(&side);
        if !(fits(width) && fits(height)) || width * height > PIXELS_MAX {
            return Err(PictureError::Size);
        }
        if rgb.len() != width * height * CHANNELS {
            return Err(PictureError::Length);
        }
        Ok(Self { width, height, rgb })
    }

    /// Pixels a line.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Lines.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green and blue, pixel after pixel, line after line.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// A face with room around it, so that people recognise it, of at most so many pixels a side.
    pub fn portrait(&self, face: &FoundFace, side_max: usize) -> Option<Self> {
        let range = |start: f32, length: f32| {
            let from = (start - length * PORTRAIT_BORDER).max(0.0);
            from as usize..(start + length * (1.0 + PORTRAIT_BORDER)).max(0.0) as usize
        };
        let (columns, lines) = (range(face.left, face.width), range(face.top, face.height));
        self.cropped(columns, lines, side_max)
    }

    /// The picture between these columns and lines, as far as they lie inside, halved until no side
    /// is longer than `side_max`; `None` if nothing lies inside.
    fn cropped(&self, columns: Range<usize>, lines: Range<usize>, side_max: usize) -> Option<Self> {
        let columns = columns.start..columns.end.min(self.width);
        let lines = lines.start..lines.end.min(self.height);
        if columns.is_empty() || lines.is_empty() {
            return None;
        }
        let mut cropped = self.cut(columns, lines);
        while cropped.width.max(cropped.height) > side_max.max(1) {
            cropped = cropped.halved();
        }
        Some(cropped)
    }

    /// What lies between these columns and lines, all of them inside.
    fn cut(&self, columns: Range<usize>, lines: Range<usize>) -> Self {
        let mut rgb = Vec::with_capacity(columns.len() * lines.len() * CHANNELS);
        for y in lines.clone() {
            let start = (y * self.width + columns.start) * CHANNELS;
            rgb.extend_from_slice(&self.rgb[start..start + columns.len() * CHANNELS]);
        }
        Self { width: columns.len(), height: lines.len(), rgb: Zeroizing::new(rgb) }
    }

    /// The picture with a grey border; `None` if that would be larger than a picture can be.
    pub(crate) fn framed(&self, border: usize) -> Option<Self> {
        let (width, height) = (self.width + 2 * border, self.height + 2 * border);
        if width.max(height) > SIDE_MAX || width * height > PIXELS_MAX {
            return None;
        }
        let mut rgb = Zeroizing::new(vec![128; width * height * CHANNELS]);
        for (y, line) in self.rgb.chunks_exact(self.width * CHANNELS).enumerate() {
            let start = ((y + border) * width + border) * CHANNELS;
            rgb[start..start + line.len()].copy_from_slice(line);
        }
        Some(Self { width, height, rgb })
    }

    /// Red, green and blue of a pixel; those outside are black.
    fn pixel(&self, x: isize, y: isize) -> [f32; CHANNELS] {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return [0.0; CHANNELS];
        };
        if x >= self.width || y >= self.height {
            return [0.0; CHANNELS];
        }
        let start = (y * self.width + x) * CHANNELS;
        [0, 1, 2].map(|channel| f32::from(self.rgb[start + channel]))
    }

    /// Between four pixels; (0, 0) is the centre of the first one.
    fn between(&self, x: f32, y: f32) -> [f32; CHANNELS] {
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        if let Some(four) = self.four(left, top) {
            let [upper, lower] = four.map(|[left, right]| mix(left, right, right_part));
            return mix(upper, lower, lower_part);
        }
        let (right, below) = (left.saturating_add(1), top.saturating_add(1));
        let upper = mix(self.pixel(left, top), self.pixel(right, top), right_part);
        let lower = mix(self.pixel(left, below), self.pixel(right, below), right_part);
        mix(upper, lower, lower_part)
    }

    /// A pixel, the one to the right, and the two below, if they all lie inside.
    fn four(&self, left: isize, top: isize) -> Option<[[[f32; CHANNELS]; 2]; 2]> {
        let (left, top) = (usize::try_from(left).ok()?, usize::try_from(top).ok()?);
        if left >= self.width - 1 || top >= self.height - 1 {
            return None;
        }
        let start = (top * self.width + left) * CHANNELS;
        let two = |start: usize| {
            let pixels: &[u8; 2 * CHANNELS] = self.rgb.get(start..)?.first_chunk()?;
            let [a, b, c, d, e, f] = pixels.map(f32::from);
            Some([[a, b, c], [d, e, f]])
        };
        Some([two(start)?, two(start + self.width * CHANNELS)?])
    }

    /// The picture at half the size, each pixel the mean of four.
    fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let mut rgb = Vec::with_capacity(width * height * CHANNELS);
        for y in 0..height {
            let upper = &self.rgb[2 * y * self.width * CHANNELS..];
            let lower = &self.rgb[(2 * y + 1).min(self.height - 1) * self.width * CHANNELS..];
            for x in 0..width {
                let left = 2 * x * CHANNELS;
                let right = (2 * x + 1).min(self.width - 1) * CHANNELS;
                for channel in 0..CHANNELS {
                    let four = [upper[left + channel], upper[right + channel]]
                        .into_iter()
                        .chain([lower[left + channel], lower[right + channel]]);
                    let sum: u16 = four.map(u16::from).sum();
                    rgb.push(((sum + 2) / 4) as u8);
                }
            }
        }
        Self { width, height, rgb: Zeroizing::new(rgb) }
    }

    /// The part of the picture around a view, and where its corner is: what is halved again and
    /// again for one face need not be the whole picture.
    fn part(&self, view: &Similarity, (width, height): (usize, usize)) -> (Self, [f32; 2]) {
        let (right, below) = (width as f32, height as f32);
        let corners = [[0.0, 0.0], [right, 0.0], [0.0, below], [right, below]];
        let corners = corners.map(|at| view.apply(at));
        let range = |axis: usize, limit: usize| {
            let of_corners = || corners.iter().map(|corner| corner[axis]);
            let first = of_corners().fold(f32::INFINITY, f32::min).floor().max(0.0) as usize;
            let last = of_corners().fold(0.0, f32::max).ceil() as usize;
            let first = first.min(limit - 1);
            first..last.saturating_add(2).clamp(first + 1, limit)
        };
        let (columns, lines) = (range(0, self.width), range(1, self.height));
        let corner = [columns.start as f32, lines.start as f32];
        (self.cut(columns, lines), corner)
    }

    /// A square view of `side` x `side` pixels.
    pub(crate) fn square(&self, side: usize, view: &Similarity) -> Zeroizing<Vec<f32>> {
        self.view((side, side), view)
    }

    /// A view of this width and height, RGB from 0 to 255: pixel (x, y) of it is what `view` says,
    /// black outside the picture. Pictures that are much larger are halved first, so that no pixel
    /// is passed over.
    pub(crate) fn view(&self, size: (usize, usize), view: &Similarity) -> Zeroizing<Vec<f32>> {
        let count = size.0 * size.1 * CHANNELS;
        let mut values = Zeroizing::new(Vec::with_capacity(count));
        if !view.is_finite() {
            values.resize(count, 0.0);
            return values;
        }
        let (mut picture, corner) = self.part(view, size);
        let mut view = view.moved([-corner[0], -corner[1]]);
        while view.scale() >= 2.0 && picture.width > 1 && picture.height > 1 {
            picture = picture.halved();
            view = view.halved();
        }
        for y in 0..size.1 {
            for x in 0..size.0 {
                let [x, y] = view.apply([x as f32, y as f32]);
                values.extend(picture.between(x, y));
            }
        }
        values
    }
}

fn mix(a: [f32; CHANNELS], b: [f32; CHANNELS], part: f32) -> [f32; CHANNELS] {
    [0, 1, 2].map(|channel| a[channel] + (b[channel] - a[channel]) * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Picture {
        let pixels = (0..width * height).flat_map(|i| {
            let (x, y) = (i % width, i / width);
            [x as u8, y as u8, 100]
        });
        Picture::from_rgb(width, height, pixels.collect()).expect("three bytes a pixel")
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        assert_eq!(Picture::from_rgb(0, 1, Vec::new()).err(), Some(PictureError::Size));
        assert_eq!(Picture::from_rgb(2, 1, vec![0; 5]).err(), Some(PictureError::Length));
        assert_eq!(Picture::from_rgb(usize::MAX, 2, vec![]).err(), Some(PictureError::Size));
    }

    #[test]
    fn a_cropped_picture_is_the_part_of_it_that_lies_inside() {
        let picture = ramp(8, 8);
        let part = picture.cropped(5..20, 2..4, 100).expect("inside");
        assert_eq!(
            (part.width(), part.height(), &part.rgb()[..6]),
            (3, 2, &[5, 2, 100, 6, 2, 100][..])
        );
        let small = picture.cropped(0..8, 0..8, 4).expect("inside");
        assert_eq!((small.width(), small.height()), (4, 4));
        assert!(
            picture.cropped(8..9, 0..1, 4).is_none() && picture.cropped(3..3, 0..1, 4).is_none()
        );
    }

    #[test]
    fn an_even_view_is_the_picture_and_black_outside() {
        let view = ramp(8, 8).square(10, &Similarity::IDENTITY);
        let pixel = |x: usize, y: usize| &view[(y * 10 + x) * 3..][..3];
        assert_eq!((pixel(3, 5), pixel(9, 0)), (&[3.0, 5.0, 100.0][..], &[0.0, 0.0, 0.0][..]));
    }

    #[test]
    fn a_small_view_of_a_large_picture_is_its_mean_not_a_pixel() {
        let stripes = (0..64 * 64).flat_map(|i| [if i % 2 == 0 { 0 } else { 200 }; 3]).collect();
        let picture = Picture::from_rgb(64, 64, stripes).expect("three bytes a pixel");
        let view = picture.square(8, &Similarity::scaling(8.0));
        let inside = &view[(8 + 1) * 3..(8 + 6) * 3];
        assert!(inside.iter().all(|value| (value - 100.0).abs() < 2.0), "{inside:?}");
    }

    #[test]
    fn a_view_far_outside_or_broken_is_black() {
        for view in [
            Similarity::scaling(1.0).moved([1e9, -1e9]),
            Similarity::scaling(f32::NAN),
            Similarity::scaling(1e30),
        ] {
            assert!(ramp(8, 8).square(4, &view)[3..].iter().all(|value| *value == 0.0));
        }
    }
}
