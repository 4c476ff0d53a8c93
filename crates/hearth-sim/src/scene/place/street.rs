//! A street seen from across it: house fronts, a pavement, two lanes.

use super::{bricks, concrete, door, grass, hedge, roof, sky, trunk, window};
use crate::scene::{
    canvas::{Canvas, DESIGN_WIDTH},
    color::Rgb,
    foliage::Crown,
    noise::{chance, smooth},
    shape::Shape,
};

/// Where the house fronts meet the ground.
const GROUND: f32 = 505.0;
/// The edge between pavement and road.
const KERB: f32 = 590.0;
/// Where the road ends before our feet.
const VERGE: f32 = 838.0;

const FRONTS: [(f32, f32, u32, u32, u32); 3] = [
    (30.0, 470.0, 0x9A5A45, 0x5E5048, 0x2E4A3B),
    (555.0, 990.0, 0xC8B89C, 0x7A4A38, 0x3A4D74),
    (1085.0, 1570.0, 0xA76B4E, 0x4C4F57, 0x7C2B2B),
];

pub(super) fn paint(canvas: &mut Canvas, seed: u64) {
    sky(canvas, 420.0, seed);
    far_trees(canvas, seed);
    for (place, &front) in FRONTS.iter().enumerate() {
        house(canvas, front, seed + place as u64);
    }
    gardens(canvas, seed);
    pavement(canvas, seed);
    road(canvas, seed);
    let verge = Shape::rect(0.0, VERGE, DESIGN_WIDTH, 62.0);
    canvas.paint(&verge, |x, y, _| grass(seed, 420.0, x, y).lit(0.92));
    canvas.shade(&Shape::rect(0.0, VERGE - 4.0, DESIGN_WIDTH, 10.0), 8.0, 0.7);
    trunk(canvas, 1035.0, 330.0, 520.0, 13.0);
}

/// The tree whose leaves sway.
pub(super) const CROWN: Crown =
    Crown { center: (1035.0, 250.0), radii: (125.0, 135.0), color: Rgb::hex(0x64893E) };

fn far_trees(canvas: &mut Canvas, seed: u64) {
    let band = Shape::rect(0.0, 250.0, DESIGN_WIDTH, 260.0);
    canvas.paint(&band, |x, y, below| {
        let top =
            300.0 + 90.0 * smooth(seed ^ 9, x / 120.0, 0.0) - 30.0 * smooth(seed, x / 22.0, 1.0);
        if y < top {
            return below;
        }
        let clump = smooth(seed, x / 14.0, y / 13.0) + 0.5 * smooth(seed, x / 5.0, y / 5.0);
        Rgb::hex(0x5F7D58).lit(0.62 + 0.36 * clump).mix(Rgb::hex(0xBFD2DC), 0.25)
    });
}

fn house(canvas: &mut Canvas, front: (f32, f32, u32, u32, u32), seed: u64) {
    let (left, right, wall, tiles, paint) = front;
    let (wall, wide) = (Rgb::hex(wall), right - left);
    let facade = Shape::rect(left, 170.0, wide, GROUND - 170.0);
    canvas.paint(&facade, |x, y, _| bricks(seed, wall, x, y).lit(1.05 - 0.12 * (x - left) / wide));
    canvas.shade(&Shape::rect(left, 168.0, wide, 20.0), 16.0, 0.6);
    let chimney = Shape::rect(right - 110.0, 18.0, 46.0, 90.0);
    canvas.paint(&chimney, |x, y, _| bricks(seed ^ 1, wall.lit(0.85), x, y));
    roof(canvas, left, right, 48.0, 172.0, Rgb::hex(tiles));
    for across in [0.1, 0.42, 0.74] {
        window(canvas, left + wide * across, 205.0, wide * 0.17, 96.0);
    }
    window(canvas, left + wide * 0.08, 355.0, wide * 0.24, 104.0);
    window(canvas, left + wide * 0.7, 355.0, wide * 0.22, 104.0);
    door(canvas, left + wide * 0.44, 352.0, wide * 0.145, GROUND - 364.0, Rgb::hex(paint));
    canvas.shade(&Shape::rect(left, GROUND - 12.0, wide, 14.0), 10.0, 0.6);
}

fn gardens(canvas: &mut Canvas, seed: u64) {
    let lawn = Shape::rect(0.0, GROUND - 2.0, DESIGN_WIDTH, 34.0);
    canvas.paint(&lawn, |x, y, _| grass(seed, 380.0, x, y));
    for &(left, right, ..) in &FRONTS {
        let wide = right - left;
        let path = Shape::rect(left + wide * 0.43, GROUND - 2.0, wide * 0.165, 34.0);
        canvas.paint(&path, |x, y, _| concrete(seed, Rgb::hex(0xA59F95), x, y));
        hedge(canvas, left - 30.0, left + wide * 0.41, GROUND - 12.0, GROUND + 30.0, seed ^ 2);
        hedge(canvas, left + wide * 0.62, right + 34.0, GROUND - 12.0, GROUND + 30.0, seed ^ 3);
    }
}

fn pavement(canvas: &mut Canvas, seed: u64) {
    let (top, foot) = (GROUND + 30.0, KERB - 14.0);
    canvas.paint(&Shape::rect(0.0, top, DESIGN_WIDTH, foot - top), |x, y, _| {
        let row = ((y - top) / 16.0).floor();
        let shifted = x + row * 31.0 - (y - top) * 0.3;
        let column = (shifted / 62.0).floor();
        let joint = y - top - row * 16.0 < 1.8 || shifted - column * 62.0 < 2.4;
        let slab = chance(seed, column as i32, row as i32) - 0.5;
        let tone = if joint { 0.76 } else { 1.0 + 0.1 * slab };
        concrete(seed, Rgb::hex(0xB9B3A8).lit(tone), x, y)
    });
    canvas.paint(&Shape::rect(0.0, foot, DESIGN_WIDTH, 8.0), |x, y, _| {
        concrete(seed, Rgb::hex(0xC9C5BC), x, y)
    });
    canvas.paint(&Shape::rect(0.0, foot + 8.0, DESIGN_WIDTH, 8.0), |x, y, _| {
        let joint = if x.rem_euclid(70.0) < 2.5 { 0.7 } else { 1.0 };
        concrete(seed, Rgb::hex(0x8D8980).lit(joint), x, y)
    });
}

fn road(canvas: &mut Canvas, seed: u64) {
    canvas.paint(&Shape::rect(0.0, KERB, DESIGN_WIDTH, VERGE - KERB), |x, y, _| {
        let wheel = |track: f32| (-((y - track) / 13.0).powi(2)).exp();
        let worn = wheel(640.0) + wheel(690.0) + wheel(755.0) + wheel(808.0);
        concrete(seed, Rgb::hex(0x5B5C5F).lit(1.0 - 0.09 * worn), x, y)
    });
    for dash in 0..9 {
        let x = 40.0 + 190.0 * dash as f32;
        let line =
            Shape::polygon(&[(x + 4.0, 716.0), (x + 94.0, 716.0), (x + 90.0, 726.0), (x, 726.0)]);
        canvas.paint(&line, |px, py, below| {
            below.mix(Rgb::hex(0xDAD8D0), 0.55 + 0.4 * smooth(seed, px / 6.0, py / 6.0))
        });
    }
    canvas.shade(&Shape::rect(0.0, KERB - 2.0, DESIGN_WIDTH, 10.0), 8.0, 0.66);
}
