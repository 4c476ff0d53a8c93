//! A photograph of a face, for somebody who walks up to a door.

use std::fmt;

use super::{Light, color::Rgb};
use crate::Picture;

/// How tall a portrait is, in heights of whoever wears it: a photograph has a border around the face.
pub(crate) const PORTRAIT_HEIGHT: f32 = 0.25;

/// Where its centre is, in heights above the foot point.
pub(crate) const PORTRAIT_CENTRE: f32 = 0.925;

/// A photograph of a face with a border, red, green and blue.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

impl fmt::Debug for Portrait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portrait({} x {})", self.width, self.height)
    }
}

impl Portrait {
    /// A portrait from three bytes a pixel; `None` if there are more or fewer, or none.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && height > 0 && rgb.len() == width * height * 3;
        fits.then_some(Self { width, height, rgb })
    }

    /// The same face with more or less light on it.
    pub(crate) fn lit(&self, light: f32) -> Self {
        let lit = |value: &u8| (f32::from(*value) * light).round().clamp(0.0, 255.0) as u8;
        Self { rgb: self.rgb.iter().map(lit).collect(), ..*self }
    }

    /// Paints it so tall around a centre, as an oval with a soft edge.
    pub(crate) fn paint(&self, picture: &mut Picture, light: Light, (x, y): (f32, f32), tall: f32) {
        let size = (picture.width as f32, picture.height as f32);
        let wide = tall * self.width as f32 / self.height as f32;
        let range = |centre: f32, length: f32, most: usize| {
            let from = (centre - length / 2.0).max(0.0) as usize;
            from.min(most)..((centre + length / 2.0).max(0.0) as usize).min(most)
        };
        for row in range(y, tall, picture.height) {
            for column in range(x, wide, picture.width) {
                let (u, v) = ((column as f32 - x) / wide + 0.5, (row as f32 - y) / tall + 0.5);
                let from_centre = ((u - 0.5) * 2.0).hypot((v - 0.5) * 2.0);
                let cover = ((1.0 - from_centre) * 8.0).clamp(0.0, 1.0);
                if cover > 0.0 {
                    let place = (column as f32 / size.0, row as f32 / size.1);
                    let color = light.shine(self.at(u, v), place.0, place.1);
                    let mix = |under: u8, over: f32| {
                        (f32::from(under) + (over - f32::from(under)) * cover + 0.5) as u8
                    };
                    let at = row * picture.width + column;
                    picture.y[at] = mix(picture.y[at], color.luma());
                    if row % 2 == 0 && column % 2 == 0 {
                        let at = row / 2 * (picture.width / 2) + column / 2;
                        let (cb, cr) = color.chroma();
                        picture.u[at] = mix(picture.u[at], cb);
                        picture.v[at] = mix(picture.v[at], cr);
                    }
                }
            }
        }
    }

    /// The colour at a place, between four pixels; (0, 0) is the upper left corner, (1, 1) the lower
    /// right one.
    fn at(&self, u: f32, v: f32) -> Rgb {
        let place =
            |part: f32, size: usize| (part * size as f32 - 0.5).clamp(0.0, size as f32 - 1.0);
        let (x, y) = (place(u, self.width), place(v, self.height));
        let pixel = |column: usize, row: usize, channel: usize| {
            let (column, row) = (column.min(self.width - 1), row.min(self.height - 1));
            f32::from(self.rgb[(row * self.width + column) * 3 + channel]) / 255.0
        };
        let (left, top) = (x as usize, y as usize);
        let (right_part, lower_part) = (x.fract(), y.fract());
        let [red, green, blue] = [0, 1, 2].map(|channel| {
            let line = |row: usize| {
                let (a, b) = (pixel(left, row, channel), pixel(left + 1, row, channel));
                a + (b - a) * right_part
            };
            line(top) + (line(top + 1) - line(top)) * lower_part
        });
        Rgb(red, green, blue)
    }
}
