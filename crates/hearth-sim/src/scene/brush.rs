//! The painter of what moves: puts shaded shapes straight into an encoded-ready picture.
//!
//! Pure. Works on blocks of two by two pixels, because that is what one chroma sample covers.

use super::{
    Light,
    canvas::pixel_range,
    color::Rgb,
    shape::{Bounds, Shape},
};
use crate::Picture;

/// One shape of a figure, already in pixels.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Its outline.
    pub(crate) shape: Shape,
    /// Its colour in full light.
    pub(crate) color: Rgb,
    /// How its surface takes the light.
    pub(crate) finish: Finish,
}

/// How a surface takes the light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Finish {
    /// Evenly: eyes, lamps, lines.
    Flat,
    /// Round, darker towards its edges.
    Round,
    /// Round, with folds.
    Cloth,
    /// A flat surface that mirrors the sky at its top: paint and glass.
    Gloss,
}

/// The box around all parts.
pub(crate) fn bounds(parts: &[Part]) -> Option<Bounds> {
    parts.iter().map(|part| part.shape.bounds()).reduce(Bounds::union)
}

/// Paints the parts one over the other.
pub(crate) fn paint(picture: &mut Picture, light: Light, parts: &[Part]) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    for part in parts {
        let box_of_part = part.shape.bounds();
        let tall = (box_of_part.3 - box_of_part.1).max(1.0);
        blocks(picture, box_of_part, |x, y| {
            let coverage = (0.5 - part.shape.distance(x, y)).clamp(0.0, 1.0);
            if coverage == 0.0 {
                return (0.0, part.color);
            }
            let shade = shade(part, x, y, (y - box_of_part.1) / tall);
            (coverage, light.shine(part.color.lit(shade), x / width, y / height))
        });
    }
}

fn shade(part: &Part, x: f32, y: f32, down: f32) -> f32 {
    match part.finish {
        Finish::Flat => 1.0,
        Finish::Gloss => 1.22 - 0.42 * down,
        Finish::Round | Finish::Cloth => {
            let across = part.shape.across(x, y);
            // The sun stands to the left.
            let round = 1.06 - 0.26 * across * across - 0.15 * across;
            if part.finish == Finish::Round {
                return round;
            }
            round + 0.035 * (down * 17.0 + across * 3.0).sin()
        }
    }
}

/// Darkens the union of some shapes, softly: the shadow of a figure.
pub(crate) fn shadow(picture: &mut Picture, shapes: &[Shape], softness: f32, depth: f32) {
    let Some(around) = shapes.iter().map(Shape::bounds).reduce(Bounds::union) else { return };
    let around =
        Bounds(around.0 - softness, around.1 - softness, around.2 + softness, around.3 + softness);
    blocks(picture, around, |x, y| {
        let distance = shapes.iter().map(|shape| shape.distance(x, y)).fold(f32::MAX, f32::min);
        let coverage = (0.5 - distance / softness).clamp(0.0, 1.0);
        (coverage * depth, Rgb(0.02, 0.02, 0.05))
    });
}

/// Blends `color_at` (coverage and colour of a pixel) into all pixels of a box.
fn blocks(picture: &mut Picture, around: Bounds, color_at: impl Fn(f32, f32) -> (f32, Rgb)) {
    let width = picture.width;
    let columns = pixel_range((around.0 - 1.0) / 2.0, (around.2 + 1.0) / 2.0, width / 2);
    for row in pixel_range((around.1 - 1.0) / 2.0, (around.3 + 1.0) / 2.0, picture.height / 2) {
        for column in columns.clone() {
            let mut covered = 0.0;
            let mut mixed = Rgb(0.0, 0.0, 0.0);
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let (x, y) = (column * 2 + dx, row * 2 + dy);
                let (coverage, color) = color_at(x as f32 + 0.5, y as f32 + 0.5);
                if coverage > 0.0 {
                    blend(&mut picture.y[y * width + x], color.luma(), coverage);
                    covered += coverage;
                    mixed = Rgb(
                        mixed.0 + color.0 * coverage,
                        mixed.1 + color.1 * coverage,
                        mixed.2 + color.2 * coverage,
                    );
                }
            }
            if covered > 0.0 {
                let (u, v) = mixed.lit(1.0 / covered).chroma();
                let place = row * (width / 2) + column;
                blend(&mut picture.u[place], u, covered / 4.0);
                blend(&mut picture.v[place], v, covered / 4.0);
            }
        }
    }
}

fn blend(sample: &mut u8, value: f32, coverage: f32) {
    let below = f32::from(*sample);
    *sample = (below + (value - below) * coverage + 0.5) as u8;
}
