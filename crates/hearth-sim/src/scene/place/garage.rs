//! The inside of a garage: a ribbed door, shelves, a workbench, a floor with tyre marks.

use super::{boards, concrete};
use crate::scene::{
    canvas::{Canvas, DESIGN_WIDTH},
    color::Rgb,
    noise::{chance, smooth},
    shape::Shape,
};

/// Where the back wall meets the floor.
const FLOOR: f32 = 520.0;

pub(super) fn paint(canvas: &mut Canvas, seed: u64) {
    ceiling(canvas, seed);
    canvas.paint(&Shape::rect(0.0, 110.0, DESIGN_WIDTH, FLOOR - 110.0), |x, y, _| {
        let lamp = 1.06 - 0.26 * ((x - 760.0) / 900.0).powi(2) - 0.0003 * (y - 110.0);
        concrete(seed, Rgb::hex(0xC6C2B8).lit(lamp), x, y)
    });
    floor(canvas, seed);
    roller_door(canvas);
    shelf(canvas, seed);
    bench(canvas, seed);
    canvas.shade(&Shape::rect(-10.0, FLOOR - 8.0, 1620.0, 18.0), 16.0, 0.66);
}

fn ceiling(canvas: &mut Canvas, seed: u64) {
    canvas.paint(&Shape::rect(0.0, 0.0, DESIGN_WIDTH, 112.0), |x, y, _| {
        // Boards run away from us and meet far behind the wall.
        let across = (x - 780.0) / (290.0 - y) * 180.0;
        boards(seed ^ 3, Rgb::hex(0xA39D92), 70.0, across, y).lit(0.82 + 0.0012 * y)
    });
    let lamp = Shape::polygon(&[(560.0, 44.0), (1010.0, 44.0), (980.0, 70.0), (590.0, 70.0)]);
    canvas.soft(&lamp, 30.0, |_, _, below| below.mix(Rgb::hex(0xFFFBEA), 0.8));
    canvas.fill(&lamp, Rgb::hex(0xFFFDF4));
}

fn floor(canvas: &mut Canvas, seed: u64) {
    canvas.paint(&Shape::rect(0.0, FLOOR, DESIGN_WIDTH, 390.0), |x, y, _| {
        let pool = (-(((x - 780.0) / 620.0).powi(2) + ((y - 640.0) / 190.0).powi(2))).exp();
        concrete(seed ^ 1, Rgb::hex(0x8E8C87).lit(0.82 + 0.3 * pool), x, y)
    });
    for side in [-1.0, 1.0] {
        let (near, far) = (760.0 + side * 300.0, 760.0 + side * 170.0);
        let track = Shape::polygon(&[
            (far - 22.0, FLOOR),
            (far + 22.0, FLOOR),
            (near + 44.0, 900.0),
            (near - 44.0, 900.0),
        ]);
        canvas.soft(&track, 12.0, |x, y, below| {
            below.lit(0.86 + 0.12 * smooth(seed, x / 14.0, y / 60.0))
        });
    }
    let oil = Shape::Ellipse { center: (800.0, 690.0), radii: (95.0, 26.0) };
    canvas.shade(&oil, 18.0, 0.72);
}

fn roller_door(canvas: &mut Canvas) {
    canvas.fill(&Shape::rect(396.0, 138.0, 668.0, FLOOR - 138.0), Rgb::hex(0x8A867E));
    canvas.paint(&Shape::rect(412.0, 154.0, 636.0, FLOOR - 154.0), |_, y, _| {
        let rib = (y - 154.0).rem_euclid(61.0) / 61.0;
        let edge = if rib < 0.06 { 0.68 } else { 1.02 - 0.1 * rib };
        Rgb::hex(0xE2E0DA).lit(edge)
    });
    for pane in 0..4 {
        let x = 446.0 + 148.0 * pane as f32;
        canvas.fill(&Shape::rect(x - 4.0, 224.0, 124.0, 42.0), Rgb::hex(0xB8B5AE));
        canvas.paint(&Shape::rect(x, 228.0, 116.0, 34.0), |px, py, _| {
            Rgb::hex(0xA9C3D6)
                .mix(Rgb::hex(0xEAF1F5), ((px - x) / 116.0 + (262.0 - py) / 60.0) * 0.5)
        });
    }
    canvas.fill(&Shape::rect(706.0, 470.0, 48.0, 10.0), Rgb::hex(0x55524C));
}

fn shelf(canvas: &mut Canvas, seed: u64) {
    canvas.shade(&Shape::rect(52.0, 168.0, 300.0, 370.0), 26.0, 0.8);
    let steel = Rgb::hex(0x5C6268);
    for level in 0..4 {
        let foot = 250.0 + 92.0 * level as f32;
        let mut x = 62.0;
        let mut item = 0;
        while x < 300.0 {
            let salt = level * 40 + item;
            let wide = 30.0 + 46.0 * chance(seed, salt, 51);
            let tall = 30.0 + 44.0 * chance(seed, salt, 52);
            let tones = [0xB08A5A, 0xA0522D, 0x3F6C8F, 0x6E8B57, 0xC2A24A, 0x8C8F94];
            let place = (chance(seed, salt, 53) * tones.len() as f32) as usize;
            let tone = Rgb::hex(tones.get(place).copied().unwrap_or(0xB08A5A));
            let thing = Shape::rect(x, foot - tall, wide.min(334.0 - x), tall);
            canvas.paint(&thing, |px, py, _| {
                let band = if ((py - foot + tall) / tall - 0.45).abs() < 0.09 { 0.8 } else { 1.0 };
                tone.lit(band * (1.08 - 0.22 * (px - x) / wide))
            });
            x += wide + 7.0;
            item += 1;
        }
        canvas.fill(&Shape::rect(48.0, foot, 296.0, 9.0), steel);
        canvas.shade(&Shape::rect(52.0, foot + 9.0, 288.0, 10.0), 8.0, 0.62);
    }
    for x in [46.0, 336.0] {
        canvas.fill(&Shape::rect(x, 160.0, 10.0, 390.0), steel.lit(0.85));
    }
}

fn bench(canvas: &mut Canvas, seed: u64) {
    canvas.shade(&Shape::rect(1120.0, 520.0, 470.0, 60.0), 30.0, 0.62);
    canvas.paint(&Shape::rect(1130.0, 160.0, 400.0, 190.0), |x, y, _| {
        let hole = (x.rem_euclid(19.0) - 9.0).hypot(y.rem_euclid(19.0) - 9.0) < 2.2;
        Rgb::hex(0xA98D66).lit(if hole { 0.5 } else { 1.0 })
    });
    for tool in 0..6 {
        let x = 1165.0 + 62.0 * tool as f32;
        let long = 70.0 + 60.0 * chance(seed, tool, 61);
        let handle =
            Shape::Limb { a: (x, 190.0 + long * 0.5), b: (x, 190.0 + long), ra: 8.0, rb: 7.0 };
        canvas.shade(&handle.placed((1.0, 1.0), (9.0, 6.0)), 6.0, 0.7);
        let tones = [0xB3261E, 0xE0A92C, 0x2E5E86];
        let tone = tones.get(tool as usize % tones.len()).copied().unwrap_or(0xB3261E);
        canvas.fill(&handle, Rgb::hex(tone));
        let steel = Shape::Limb { a: (x, 184.0), b: (x, 190.0 + long * 0.45), ra: 5.0, rb: 4.0 };
        canvas.fill(&steel, Rgb::hex(0x9EA3A8));
    }
    canvas.paint(&Shape::rect(1100.0, 420.0, 480.0, 26.0), |x, y, _| {
        boards(seed, Rgb::hex(0xB58B57), 240.0, x, y)
    });
    for x in [1116.0, 1540.0] {
        canvas.fill(&Shape::rect(x, 446.0, 26.0, 122.0), Rgb::hex(0x84633D));
    }
    canvas.fill(&Shape::rect(1180.0, 372.0, 96.0, 48.0), Rgb::hex(0xA3302A));
    canvas.fill(&Shape::rect(1208.0, 356.0, 40.0, 8.0), Rgb::hex(0x3A3A3C));
    canvas.shade(&Shape::rect(1142.0, 446.0, 398.0, 30.0), 20.0, 0.55);
}
