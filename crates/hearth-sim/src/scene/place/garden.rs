//! A garden behind a house: lawn, fence, shed, a tree in the wind.

use super::{boards, concrete, grass, sky, trunk};
use crate::scene::{
    canvas::{Canvas, DESIGN_WIDTH},
    color::Rgb,
    foliage::Crown,
    noise::{chance, cloudy, smooth},
    shape::Shape,
};

/// Where the lawn meets the fence.
const FENCE_FOOT: f32 = 430.0;

/// The tree whose leaves sway.
pub(super) const CROWN: Crown =
    Crown { center: (335.0, 190.0), radii: (270.0, 190.0), color: Rgb::hex(0x5F8438) };

pub(super) fn paint(canvas: &mut Canvas, seed: u64) {
    sky(canvas, 280.0, seed);
    canvas.paint(&Shape::rect(0.0, 120.0, DESIGN_WIDTH, 180.0), |x, y, below| {
        let top = 250.0 - 110.0 * cloudy(seed, x / 120.0, 2.0);
        let tree = Rgb::hex(0x587548).lit(0.6 + 0.7 * cloudy(seed, x / 15.0, y / 13.0));
        if y < top { below } else { tree }
    });
    fence(canvas, seed);
    let lawn = Shape::rect(0.0, FENCE_FOOT, DESIGN_WIDTH, 480.0);
    canvas.paint(&lawn, |x, y, _| grass(seed, 270.0, x, y));
    canvas.shade(&Shape::rect(-20.0, FENCE_FOOT - 14.0, 1640.0, 34.0), 26.0, 0.6);
    shed(canvas, seed);
    beds(canvas, seed);
    trunk(canvas, 335.0, 320.0, 560.0, 27.0);
    patio(canvas, seed);
}

fn fence(canvas: &mut Canvas, seed: u64) {
    canvas.paint(&Shape::rect(0.0, 228.0, DESIGN_WIDTH, FENCE_FOOT - 228.0), |x, y, _| {
        boards(seed, Rgb::hex(0x9A7650), 27.0, x, y)
    });
    for y in [262.0, 385.0] {
        canvas.shade(&Shape::rect(0.0, y + 8.0, DESIGN_WIDTH, 9.0), 5.0, 0.7);
        canvas.fill(&Shape::rect(0.0, y, DESIGN_WIDTH, 11.0), Rgb::hex(0x85633F));
    }
    for post in 0..9 {
        let x = 30.0 + 196.0 * post as f32;
        canvas.paint(&Shape::rect(x, 208.0, 22.0, FENCE_FOOT - 206.0), |px, _, _| {
            Rgb::hex(0x8B6A45).lit(1.1 - 0.3 * (px - x) / 22.0)
        });
    }
}

fn shed(canvas: &mut Canvas, seed: u64) {
    canvas.shade(
        &Shape::polygon(&[(1120.0, 470.0), (1500.0, 470.0), (1640.0, 530.0), (1160.0, 530.0)]),
        24.0,
        0.6,
    );
    canvas.paint(&Shape::rect(1120.0, 200.0, 360.0, 300.0), |x, y, _| {
        boards(seed ^ 8, Rgb::hex(0x6E7F73), 24.0, x, y)
    });
    let roof =
        Shape::polygon(&[(1150.0, 130.0), (1450.0, 130.0), (1510.0, 212.0), (1090.0, 212.0)]);
    canvas.paint(&roof, |x, y, _| {
        concrete(seed, Rgb::hex(0x4A4B4F), x, y).lit(1.25 - 0.004 * (y - 130.0))
    });
    canvas.shade(&Shape::rect(1120.0, 210.0, 360.0, 20.0), 16.0, 0.6);
    canvas.paint(&Shape::rect(1170.0, 268.0, 112.0, 232.0), |x, y, _| {
        boards(seed ^ 9, Rgb::hex(0x8A5A3A), 28.0, x, y)
    });
    canvas.fill(&Shape::Ellipse { center: (1268.0, 390.0), radii: (5.0, 5.0) }, Rgb::hex(0xCCB060));
    super::window(canvas, 1340.0, 285.0, 92.0, 84.0);
}

fn beds(canvas: &mut Canvas, seed: u64) {
    for bush in 0..26 {
        let x = 520.0 + 560.0 * chance(seed, bush, 21);
        let y = 425.0 + 26.0 * chance(seed, bush, 22);
        let size = 18.0 + 26.0 * chance(seed, bush, 23);
        let tone = Rgb::hex(0x3F6430).mix(Rgb::hex(0x7C9148), chance(seed, bush, 24));
        let shape = Shape::Ellipse { center: (x, y), radii: (size * 1.3, size) };
        canvas.paint(&shape, |px, py, _| {
            let up = (y - py) / size;
            tone.lit(0.75 + 0.25 * up + 0.5 * (smooth(seed, px / 7.0, py / 7.0) - 0.5))
        });
    }
}

fn patio(canvas: &mut Canvas, seed: u64) {
    let top = 800.0;
    canvas.shade(&Shape::rect(-10.0, top - 10.0, 1620.0, 20.0), 12.0, 0.7);
    canvas.paint(&Shape::rect(0.0, top, DESIGN_WIDTH, 110.0), |x, y, _| {
        let row = ((y - top) / 46.0).floor();
        let slanted = (x - 800.0) / (y - 250.0) * 580.0 + row * 60.0;
        let column = (slanted / 120.0).floor();
        let joint = slanted - column * 120.0 < 3.5 || y - top - row * 46.0 < 3.0;
        let slab = chance(seed, column as i32, row as i32) - 0.5;
        let tone = if joint { 0.7 } else { 1.0 + 0.12 * slab };
        concrete(seed, Rgb::hex(0xA79E92).lit(tone), x, y)
    });
    let pot = Shape::polygon(&[(1400.0, 740.0), (1520.0, 740.0), (1500.0, 860.0), (1420.0, 860.0)]);
    canvas.paint(&pot, |x, _, _| Rgb::hex(0xB0653F).lit(1.15 - 0.005 * (x - 1400.0)));
    for leaf in 0..40 {
        let (a, r) = (chance(seed, leaf, 31) * 3.1, 40.0 + 70.0 * chance(seed, leaf, 32));
        let tip = (1460.0 + a.cos() * r, 745.0 - a.sin() * r);
        let shape = Shape::Limb { a: (1460.0, 745.0), b: tip, ra: 6.0, rb: 2.0 };
        canvas.fill(&shape, Rgb::hex(0x4F7F3A).lit(0.7 + 0.6 * chance(seed, leaf, 33)));
    }
}
