//! Leaves in the wind: a piece of the backdrop whose rows slide back and forth.
//!
//! Pure. Swaying is what a gate must learn to ignore, so it moves many pixels a little. It comes
//! back to where it was after the loop, so that no jump shows.

use super::{
    Light,
    canvas::{DESIGN_HEIGHT, DESIGN_WIDTH},
    color::Rgb,
    noise::{chance, cloudy, smooth, step},
    shape::Xy,
};
use crate::Picture;

/// Farthest that leaves swing, in design units.
const SWING: f32 = 9.0;

/// A crown of leaves, already in the light of the scene.
#[derive(Debug)]
pub(crate) struct Foliage {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    /// Luma and coverage of each pixel.
    leaves: Vec<(u8, u8)>,
    /// Chroma of each block of two by two.
    tint: Vec<(u8, u8)>,
}

/// Where a crown stands, in design units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crown {
    /// Its middle.
    pub(crate) center: Xy,
    /// Its radii.
    pub(crate) radii: Xy,
    /// The colour of its leaves.
    pub(crate) color: Rgb,
}

impl Foliage {
    /// Draws the crown for a picture of the given size.
    pub(crate) fn new(crown: Crown, light: Light, seed: u64, width: usize, height: usize) -> Self {
        let (sx, sy) = (width as f32 / DESIGN_WIDTH, height as f32 / DESIGN_HEIGHT);
        let low = |value: f32| (value.max(0.0) as usize) & !1;
        let left = low((crown.center.0 - crown.radii.0 * 1.15) * sx).min(width);
        let top = low((crown.center.1 - crown.radii.1 * 1.15) * sy).min(height);
        let right = low((crown.center.0 + crown.radii.0 * 1.15) * sx + 2.0).min(width);
        let bottom = low((crown.center.1 + crown.radii.1 * 1.15) * sy + 2.0).min(height);
        let (w, h) = (right.saturating_sub(left), bottom.saturating_sub(top));
        let mut foliage = Self {
            left,
            top,
            width: w,
            height: h,
            leaves: vec![(0, 0); w * h],
            tint: vec![(128, 128); (w / 2) * (h / 2)],
        };
        for row in 0..h {
            for column in 0..w {
                let (px, py) = ((left + column) as f32, (top + row) as f32);
                let (coverage, color) = crown.leaf(px / sx, py / sy, seed);
                let color = light.shine(color, px / width as f32, py / height as f32);
                foliage.leaves[row * w + column] =
                    ((color.luma() + 0.5) as u8, (coverage * 255.0) as u8);
                if row.is_multiple_of(2) && column.is_multiple_of(2) {
                    let (u, v) = color.chroma();
                    foliage.tint[row / 2 * (w / 2) + column / 2] = (u as u8, v as u8);
                }
            }
        }
        foliage
    }

    /// Paints the crown at a moment of the loop, from 0 to 1.
    pub(crate) fn paint(&self, picture: &mut Picture, moment: f32) {
        let scale = picture.width as f32 / DESIGN_WIDTH;
        for row in 0..self.height {
            let up = 1.0 - row as f32 / self.height as f32;
            let slide = (sway(moment, up) * SWING * scale * (0.35 + 0.65 * up)).round() as isize;
            self.paint_row(picture, row, slide);
        }
    }

    fn paint_row(&self, picture: &mut Picture, row: usize, slide: isize) {
        let line = &self.leaves[row * self.width..(row + 1) * self.width];
        for (column, &(luma, coverage)) in line.iter().enumerate() {
            if coverage < 8 {
                continue;
            }
            let Some(x) = (self.left + column).checked_add_signed(slide) else { continue };
            if x >= picture.width {
                continue;
            }
            let y = self.top + row;
            let sample = &mut picture.y[y * picture.width + x];
            *sample = blend(*sample, luma, coverage);
            if row.is_multiple_of(2) && x.is_multiple_of(2) {
                let tint = self.tint.get(row / 2 * (self.width / 2) + column / 2);
                let place = y / 2 * (picture.width / 2) + x / 2;
                if let Some(&(u, v)) = tint {
                    picture.u[place] = blend(picture.u[place], u, coverage);
                    picture.v[place] = blend(picture.v[place], v, coverage);
                }
            }
        }
    }
}

/// Gusts and trembling; whole numbers of swings in a loop, so that its end fits its beginning.
fn sway(moment: f32, up: f32) -> f32 {
    let turn = std::f32::consts::TAU * moment;
    let gust = 0.55 + 0.45 * (turn * 3.0).sin();
    gust * (0.7 * (turn * 13.0 + up * 2.0).sin() + 0.3 * (turn * 31.0 + up * 5.0).sin())
}

fn blend(below: u8, above: u8, coverage: u8) -> u8 {
    let (below, above) = (u32::from(below), u32::from(above));
    let coverage = u32::from(coverage);
    ((below * (255 - coverage) + above * coverage + 127) / 255) as u8
}

impl Crown {
    /// Coverage and colour of the leaves at a place in design units.
    fn leaf(&self, x: f32, y: f32, seed: u64) -> (f32, Rgb) {
        let (dx, dy) = ((x - self.center.0) / self.radii.0, (y - self.center.1) / self.radii.1);
        let ragged = 0.42 * cloudy(seed, x / 34.0, y / 34.0) + 0.1 * smooth(seed, x / 6.0, y / 6.0);
        let inside = 1.18 - (dx * dx + dy * dy).sqrt() - ragged;
        let coverage = step(0.0, 0.06, inside);
        // Clumps catch the sun from the upper left, and lie in each other's shadow below.
        let clump = cloudy(seed ^ 0x3C, x / 26.0, y / 22.0);
        let sun = 0.72 + 0.75 * (clump - 0.5) - 0.24 * (0.55 * dx + 0.85 * dy);
        let speck = 0.16 * (chance(seed, (x / 3.0) as i32, (y / 3.0) as i32) - 0.5);
        (coverage, self.color.lit((sun + speck).max(0.14)))
    }
}
