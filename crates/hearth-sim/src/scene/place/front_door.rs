//! What the camera above a front door sees: a garden path, a gate, the street behind it.

use super::{concrete, grass, hedge, roof, sky, trunk, window};
use crate::scene::{
    canvas::{Canvas, DESIGN_WIDTH},
    color::Rgb,
    foliage::Crown,
    noise::{chance, cloudy, smooth},
    shape::Shape,
};

/// Where the lawn meets the hedge.
const HEDGE_FOOT: f32 = 385.0;
/// Height of the vanishing point of the path.
const HORIZON: f32 = 235.0;

/// The tree whose leaves sway.
pub(super) const CROWN: Crown =
    Crown { center: (1375.0, 165.0), radii: (235.0, 170.0), color: Rgb::hex(0x6C8F3C) };

pub(super) fn paint(canvas: &mut Canvas, seed: u64) {
    sky(canvas, 260.0, seed);
    neighbours(canvas, seed);
    street(canvas, seed);
    hedge(canvas, 0.0, 655.0, 268.0, HEDGE_FOOT, seed ^ 4);
    hedge(canvas, 925.0, DESIGN_WIDTH, 268.0, HEDGE_FOOT, seed ^ 5);
    gate_posts(canvas, seed);
    let lawn = Shape::rect(0.0, HEDGE_FOOT - 4.0, DESIGN_WIDTH, 520.0);
    canvas.paint(
        &lawn,
        |x, y, below| if y < HEDGE_FOOT { below } else { grass(seed, HORIZON, x, y) },
    );
    path(canvas, seed);
    flower_bed(canvas, seed);
    trunk(canvas, 1375.0, 270.0, 470.0, 26.0);
    porch(canvas, seed);
}

fn neighbours(canvas: &mut Canvas, seed: u64) {
    canvas.paint(&Shape::rect(0.0, 150.0, DESIGN_WIDTH, 120.0), |x, y, below| {
        let top = 215.0 - 60.0 * cloudy(seed, x / 90.0, 0.0);
        let tree = Rgb::hex(0x64805A).lit(0.7 + 0.5 * cloudy(seed, x / 12.0, y / 11.0));
        if y < top { below } else { tree.mix(Rgb::hex(0xBFD2DC), 0.3) }
    });
    for (left, right, wall) in [(120.0, 500.0, 0xD3C7AE), (880.0, 1230.0, 0xB98A6C)] {
        let wall = Rgb::hex(wall);
        canvas.paint(&Shape::rect(left, 140.0, right - left, 150.0), |x, y, _| {
            wall.lit(0.98 + 0.08 * (smooth(seed, x / 20.0, y / 20.0) - 0.5))
        });
        roof(canvas, left, right, 70.0, 142.0, Rgb::hex(0x6B4B40));
        for across in [0.16, 0.45, 0.74] {
            window(canvas, left + (right - left) * across, 168.0, 44.0, 52.0);
        }
    }
}

fn street(canvas: &mut Canvas, seed: u64) {
    let bands = [(268.0, 300.0, 0xB3AEA4), (300.0, 352.0, 0x65666A), (352.0, 386.0, 0xB9B4AA)];
    for (top, foot, tone) in bands {
        canvas.paint(&Shape::rect(0.0, top, DESIGN_WIDTH, foot - top), |x, y, _| {
            concrete(seed, Rgb::hex(tone), x, y)
        });
    }
}

fn gate_posts(canvas: &mut Canvas, seed: u64) {
    for x in [648.0, 902.0] {
        canvas.shade(&Shape::rect(x + 20.0, 376.0, 90.0, 14.0), 10.0, 0.66);
        canvas.paint(&Shape::rect(x, 238.0, 32.0, 148.0), |px, py, _| {
            let round = 1.12 - 0.34 * (px - x) / 32.0;
            concrete(seed, Rgb::hex(0xC3B7A2).lit(round), px, py)
        });
        let cap = Shape::polygon(&[
            (x + 6.0, 222.0),
            (x + 26.0, 222.0),
            (x + 39.0, 240.0),
            (x - 7.0, 240.0),
        ]);
        canvas.fill(&cap, Rgb::hex(0xD8CFBE));
    }
}

/// Paving stones that run towards the vanishing point.
fn path(canvas: &mut Canvas, seed: u64) {
    let shape = Shape::polygon(&[
        (684.0, HEDGE_FOOT - 6.0),
        (898.0, HEDGE_FOOT - 6.0),
        (1290.0, 900.0),
        (290.0, 900.0),
    ]);
    canvas.shade(
        &Shape::polygon(&[(676.0, 382.0), (906.0, 382.0), (1312.0, 900.0), (268.0, 900.0)]),
        14.0,
        0.72,
    );
    canvas.paint(&shape, |x, y, _| {
        // Perspective: rows get lower with the distance, columns meet in the vanishing point.
        let depth = 60_000.0 / (y - HORIZON);
        let across = (x - 790.0) / (y - HORIZON) * 3.4;
        let row = (depth / 42.0).floor();
        let shifted = across + row * 0.5;
        let column = shifted.floor();
        let (in_row, in_column) = (depth / 42.0 - row, shifted - column);
        let joint = in_row < 0.06 || in_column < 0.035;
        let stone = chance(seed, column as i32, row as i32) - 0.5;
        let hue = Rgb::hex(0xB7A58F).mix(Rgb::hex(0x9C9690), 0.5 + stone);
        let tone = if joint { 0.66 } else { 1.0 + 0.16 * stone };
        concrete(seed, hue.lit(tone), x, y)
    });
}

fn flower_bed(canvas: &mut Canvas, seed: u64) {
    let colors = [0xC8425A, 0xE0B23C, 0xD9D4E8, 0x8E5BB0];
    for flower in 0..230 {
        let salt = flower * 7;
        let down = chance(seed, salt, 1);
        let y = 420.0 + 430.0 * down * down;
        let edge = 684.0 - (y - 379.0) * 0.757;
        let x = edge - 22.0 - chance(seed, salt, 2) * (40.0 + 0.26 * (y - 379.0));
        let size = 3.0 + 9.0 * (y - 379.0) / 520.0;
        let leaf = Shape::Ellipse { center: (x, y + size), radii: (size * 1.5, size) };
        canvas.fill(&leaf, Rgb::hex(0x3C5F2B).lit(0.8 + 0.4 * chance(seed, salt, 3)));
        let blossom = Shape::Ellipse { center: (x, y), radii: (size, size * 0.8) };
        let tone = colors.get(flower as usize % colors.len()).copied().unwrap_or_default();
        canvas.fill(&blossom, Rgb::hex(tone).lit(0.85 + 0.3 * chance(seed, salt, 4)));
    }
}

fn porch(canvas: &mut Canvas, seed: u64) {
    canvas.shade(&Shape::rect(-20.0, 835.0, 1640.0, 90.0), 50.0, 0.62);
    let mat = Shape::polygon(&[(590.0, 852.0), (990.0, 852.0), (1022.0, 900.0), (558.0, 900.0)]);
    canvas
        .paint(&mat, |x, y, _| Rgb::hex(0x6B4A33).lit(0.8 + 0.4 * smooth(seed, x / 2.0, y / 3.0)));
    canvas.shade(&Shape::rect(86.0, -10.0, 70.0, 920.0), 40.0, 0.62);
    canvas.paint(&Shape::rect(-4.0, -4.0, 96.0, 908.0), |x, y, _| {
        let round = 1.08 - 0.0042 * x;
        Rgb::hex(0xDAD4C6).lit(round + 0.05 * (smooth(seed, x / 7.0, y / 80.0) - 0.5))
    });
}
