//! The painter of what stands still, in full colour.
//!
//! Pure. Positions are in design units, 1600 by 900, whatever the picture's size, so that one
//! description of a place looks the same at each resolution.

use super::{
    Light,
    color::Rgb,
    shape::{Shape, Xy},
};
use crate::Picture;

/// Width of the design in its own units.
pub(crate) const DESIGN_WIDTH: f32 = 1600.0;
/// Height of the design in its own units.
pub(crate) const DESIGN_HEIGHT: f32 = 900.0;

/// A picture in the making.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

impl Canvas {
    /// An empty canvas for a picture of even size.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![Rgb(0.0, 0.0, 0.0); width * height] }
    }

    fn scale(&self) -> Xy {
        (self.width as f32 / DESIGN_WIDTH, self.height as f32 / DESIGN_HEIGHT)
    }

    /// Fills a shape with a colour.
    pub(crate) fn fill(&mut self, shape: &Shape, color: Rgb) {
        self.paint(shape, |_, _, _| color);
    }

    /// Fills a shape with what `shader` says for a place and the colour that was there.
    pub(crate) fn paint(&mut self, shape: &Shape, shader: impl Fn(f32, f32, Rgb) -> Rgb) {
        self.soft(shape, 1.0, shader);
    }

    /// The same with an edge that is `softness` pixels wide.
    pub(crate) fn soft(
        &mut self,
        shape: &Shape,
        softness: f32,
        shader: impl Fn(f32, f32, Rgb) -> Rgb,
    ) {
        let scale = self.scale();
        let shape = shape.placed(scale, (0.0, 0.0));
        let bounds = shape.bounds();
        let columns = pixel_range(bounds.0 - softness, bounds.2 + softness, self.width);
        for row in pixel_range(bounds.1 - softness, bounds.3 + softness, self.height) {
            for column in columns.clone() {
                let (x, y) = (column as f32 + 0.5, row as f32 + 0.5);
                let coverage = (0.5 - shape.distance(x, y) / softness).clamp(0.0, 1.0);
                if coverage > 0.0 {
                    let pixel = &mut self.pixels[row * self.width + column];
                    let color = shader(x / scale.0, y / scale.1, *pixel);
                    *pixel = pixel.mix(color, coverage);
                }
            }
        }
    }

    /// Darkens a shape softly: shadows and dirt.
    pub(crate) fn shade(&mut self, shape: &Shape, softness: f32, factor: f32) {
        let softness = softness * self.scale().1;
        self.soft(shape, softness.max(1.0), |_, _, below| below.lit(factor));
    }

    /// The picture of it in a light.
    pub(crate) fn picture(&self, light: Light) -> Picture {
        let mut picture = Picture::new(self.width, self.height);
        let (width, height) = (self.width as f32, self.height as f32);
        for row in 0..self.height / 2 {
            for column in 0..self.width / 2 {
                let mut sum = (0.0, 0.0);
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let (x, y) = (column * 2 + dx, row * 2 + dy);
                    let color = self.pixels[y * self.width + x];
                    let color = light.shine(color, x as f32 / width, y as f32 / height);
                    picture.y[y * self.width + x] = (color.luma() + 0.5) as u8;
                    let (u, v) = color.chroma();
                    sum = (sum.0 + u, sum.1 + v);
                }
                let place = row * (self.width / 2) + column;
                picture.u[place] = (sum.0 / 4.0 + 0.5) as u8;
                picture.v[place] = (sum.1 / 4.0 + 0.5) as u8;
            }
        }
        picture
    }
}

/// The pixels from `low` to `high` that lie in a picture of `size`.
pub(crate) fn pixel_range(low: f32, high: f32, size: usize) -> std::ops::Range<usize> {
    // Casts of floats saturate, so that places far outside end at the edge.
    let low = (low.floor().max(0.0) as usize).min(size);
    let high = (high.ceil().max(0.0) as usize).min(size);
    low..high.max(low)
}
