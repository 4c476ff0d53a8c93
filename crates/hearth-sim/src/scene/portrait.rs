//! A photograph of a face, for somebody who walks up to a door.

use std::fmt;

use crate::Picture;

/// How tall a portrait is, in heights of whoever wears it: a photograph has a border around the face.
pub(crate) const HEIGHT: f32 = 0.25;

/// Where its centre is, in heights above the foot point.
pub(crate) const CENTRE: f32 = 0.925;

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

    /// Paints it so tall around a centre, as an oval with a soft edge.
    pub(crate) fn paint(&self, picture: &mut Picture, (x, y): (f32, f32), tall: f32) {
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
                    let [luma, cb, cr] = video(self.at(u, v));
                    let mix = |under: u8, over: f32| {
                        (f32::from(under) + (over - f32::from(under)) * cover + 0.5) as u8
                    };
                    let at = row * picture.width + column;
                    picture.y[at] = mix(picture.y[at], luma);
                    if row % 2 == 0 && column % 2 == 0 {
                        let at = row / 2 * (picture.width / 2) + column / 2;
                        picture.u[at] = mix(picture.u[at], cb);
                        picture.v[at] = mix(picture.v[at], cr);
                    }
                }
            }
        }
    }

    /// The colour at a place, between four pixels; (0, 0) is the upper left corner, (1, 1) the lower
    /// right one.
    fn at(&self, u: f32, v: f32) -> [f32; 3] {
        let place =
            |part: f32, size: usize| (part * size as f32 - 0.5).clamp(0.0, size as f32 - 1.0);
        let (x, y) = (place(u, self.width), place(v, self.height));
        let pixel = |column: usize, row: usize, channel: usize| {
            let (column, row) = (column.min(self.width - 1), row.min(self.height - 1));
            f32::from(self.rgb[(row * self.width + column) * 3 + channel])
        };
        let (left, top) = (x as usize, y as usize);
        let (right_part, lower_part) = (x.fract(), y.fract());
        [0, 1, 2].map(|channel| {
            let line = |row: usize| {
                let (a, b) = (pixel(left, row, channel), pixel(left + 1, row, channel));
                a + (b - a) * right_part
            };
            line(top) + (line(top + 1) - line(top)) * lower_part
        })
    }
}

/// ITU-R BT.601, video range.
fn video([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let light = 0.299 * red + 0.587 * green + 0.114 * blue;
    [
        16.0 + light * 219.0 / 255.0,
        128.0 + (blue - light) / 1.772 * 224.0 / 255.0,
        128.0 + (red - light) / 1.402 * 224.0 / 255.0,
    ]
}
