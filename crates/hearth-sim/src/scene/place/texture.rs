//! What all places are built from: sky, grass, bricks, boards, stones, windows.
//!
//! Pure. Textures are functions of the place in design units and a seed.

use super::super::{
    canvas::{Canvas, DESIGN_WIDTH},
    color::Rgb,
    noise::{chance, cloudy, smooth, step},
    shape::Shape,
};

/// A sky with clouds down to `horizon`.
pub(crate) fn sky(canvas: &mut Canvas, horizon: f32, seed: u64) {
    let (zenith, low) = (Rgb::hex(0x6E9FD0), Rgb::hex(0xCFE0EC));
    canvas.paint(&Shape::rect(0.0, 0.0, DESIGN_WIDTH, horizon), |x, y, _| {
        let down = (y / horizon).clamp(0.0, 1.0);
        let cloud = step(0.5, 0.82, cloudy(seed, x / 310.0, y / 85.0 + 3.0));
        zenith.mix(low, down).mix(Rgb::hex(0xF6F7F8), cloud * (0.85 - 0.4 * down))
    });
}

/// Grass; `far` is the height of the horizon, above which nothing is.
pub(crate) fn grass(seed: u64, far: f32, x: f32, y: f32) -> Rgb {
    // Blades get smaller with the distance.
    let near = ((y - far) / 420.0).clamp(0.06, 1.6);
    let (u, v) = ((x - DESIGN_WIDTH / 2.0) / near, 260.0 / near);
    let patch = cloudy(seed, u / 210.0, v * 6.0 / 21.0);
    let blade = smooth(seed ^ 7, u / 5.0, y / (5.0 * near)) - 0.5;
    let base = Rgb::hex(0x4E7A34).mix(Rgb::hex(0x7E9A4C), patch);
    base.lit(0.9 + 0.34 * blade + 0.22 * (patch - 0.5))
}

/// Asphalt or concrete with stains.
pub(crate) fn concrete(seed: u64, tone: Rgb, x: f32, y: f32) -> Rgb {
    let stain = cloudy(seed, x / 120.0, y / 46.0) - 0.5;
    let speck = chance(seed, (x / 2.5) as i32, (y / 2.5) as i32) - 0.5;
    tone.lit(1.0 + 0.2 * stain + 0.09 * speck)
}

/// A wall of bricks.
pub(crate) fn bricks(seed: u64, tone: Rgb, x: f32, y: f32) -> Rgb {
    let (tall, wide, joint) = (11.0, 30.0, 1.7);
    let row = (y / tall).floor();
    let shifted = x + if row as i32 % 2 == 0 { 0.0 } else { wide / 2.0 };
    let column = (shifted / wide).floor();
    let in_joint = y - row * tall < joint || shifted - column * wide < joint;
    if in_joint {
        return Rgb::hex(0xB5A898).lit(0.9 + 0.1 * smooth(seed, x / 9.0, y / 9.0));
    }
    let stone = chance(seed, column as i32, row as i32) - 0.5;
    let dirt = cloudy(seed ^ 5, x / 140.0, y / 90.0) - 0.5;
    tone.lit(1.0 + 0.28 * stone + 0.2 * dirt)
}

/// Upright boards, `wide` design units each.
pub(crate) fn boards(seed: u64, tone: Rgb, wide: f32, x: f32, y: f32) -> Rgb {
    let board = (x / wide).floor();
    let across = x / wide - board;
    let gap = if across < 0.07 { 0.45 } else { 1.0 };
    let one = chance(seed, board as i32, 1) - 0.5;
    let grain = smooth(seed, x / 2.2, y / 70.0 + board * 9.0) - 0.5;
    tone.lit(gap * (0.97 + 0.24 * one + 0.2 * grain + 0.06 * (across - 0.5)))
}

/// A tiled roof between two heights, narrower at its top.
pub(crate) fn roof(canvas: &mut Canvas, left: f32, right: f32, top: f32, foot: f32, tone: Rgb) {
    let shape = Shape::polygon(&[
        (left + 36.0, top),
        (right - 36.0, top),
        (right + 16.0, foot),
        (left - 16.0, foot),
    ]);
    canvas.paint(&shape, |x, y, _| {
        let row = (y / 9.0).floor();
        let edge = if y - row * 9.0 < 2.0 { 0.78 } else { 1.0 };
        let column = ((x + row * 7.0) / 15.0).floor();
        let tile = chance(77, column as i32, row as i32) - 0.5;
        tone.lit(edge * (0.95 + 0.22 * tile + 0.25 * (foot - y) / (foot - top)))
    });
    canvas.fill(&Shape::rect(left - 18.0, foot - 3.0, right - left + 36.0, 8.0), tone.lit(0.45));
}

/// A window with a frame, curtains and the sky in its panes.
pub(crate) fn window(canvas: &mut Canvas, x: f32, y: f32, w: f32, h: f32) {
    canvas.shade(&Shape::rect(x - 7.0, y - 5.0, w + 16.0, h + 14.0), 8.0, 0.72);
    canvas.fill(&Shape::rect(x - 6.0, y - 6.0, w + 12.0, h + 12.0), Rgb::hex(0xECEAE4));
    canvas.paint(&Shape::rect(x, y, w, h), |px, py, _| {
        let (across, down) = ((px - x) / w, (py - y) / h);
        let shine = step(0.06, 0.0, (across + down * 0.6 - 0.65).abs() - 0.05);
        let glass = Rgb::hex(0x44586A).mix(Rgb::hex(0x9FB6C6), 0.55 * (1.0 - down));
        let curtain = step(0.24, 0.2, across.min(1.0 - across)) * 0.55;
        glass.mix(Rgb::hex(0xD9D3C7), curtain).mix(Rgb::hex(0xE8EFF4), 0.4 * shine)
    });
    let bar = Rgb::hex(0xE4E2DC);
    canvas.fill(&Shape::rect(x + w / 2.0 - 2.5, y, 5.0, h), bar);
    canvas.fill(&Shape::rect(x, y + h * 0.4, w, 4.0), bar);
    canvas.fill(&Shape::rect(x - 12.0, y + h + 5.0, w + 24.0, 7.0), Rgb::hex(0xBFB9AE));
}

/// A door with panels, a knob and a step.
pub(crate) fn door(canvas: &mut Canvas, x: f32, y: f32, w: f32, h: f32, tone: Rgb) {
    canvas.fill(&Shape::rect(x - 8.0, y - 8.0, w + 16.0, h + 8.0), Rgb::hex(0xE6E2D8));
    canvas.paint(&Shape::rect(x, y, w, h), |_, py, _| tone.lit(1.08 - 0.25 * (py - y) / h));
    for (row, tall) in [(0.08, 0.36), (0.52, 0.4)] {
        for column in [0.12, 0.55] {
            let panel = Shape::rect(x + w * column, y + h * row, w * 0.33, h * tall);
            canvas.fill(&panel, tone.lit(0.78));
        }
    }
    let knob = Shape::Ellipse { center: (x + w * 0.9, y + h * 0.52), radii: (4.5, 4.5) };
    canvas.fill(&knob, Rgb::hex(0xE0C068));
    canvas.fill(&Shape::rect(x - 18.0, y + h, w + 36.0, 12.0), Rgb::hex(0xA9A398));
}

/// A hedge along a line, ragged at its top.
pub(crate) fn hedge(canvas: &mut Canvas, left: f32, right: f32, top: f32, foot: f32, seed: u64) {
    let tone = Rgb::hex(0x3F6A2E);
    let shape = Shape::rect(left, top - 14.0, right - left, foot - top + 14.0);
    canvas.paint(&shape, |x, y, below| {
        let ragged = top - 8.0 + 14.0 * cloudy(seed, x / 21.0, 0.5);
        if y < ragged {
            return below;
        }
        let clump = cloudy(seed, x / 17.0, y / 15.0);
        let down = (y - top) / (foot - top);
        tone.lit(0.62 + 1.0 * (clump - 0.35) + 0.32 * (0.5 - down))
    });
    canvas.shade(&Shape::rect(left, foot - 8.0, right - left, 14.0), 12.0, 0.6);
}

/// A trunk for a crown of leaves.
pub(crate) fn trunk(canvas: &mut Canvas, x: f32, top: f32, foot: f32, radius: f32) {
    let bark = |px: f32, py: f32, seed: u64| {
        let round = 1.1 - 0.5 * ((px - x) / radius + 0.3).abs().min(1.0);
        Rgb::hex(0x5C4733).lit(round + 0.35 * (smooth(seed, px / 4.0, py / 22.0) - 0.5))
    };
    let limb = |a, b, ra, rb| Shape::Limb { a, b, ra, rb };
    let shadow = limb((x, foot), (x + 250.0, foot - 34.0), radius * 0.9, radius * 2.6);
    canvas.shade(&shadow, 16.0, 0.7);
    canvas
        .paint(&limb((x, top), (x, foot - 4.0), radius * 0.7, radius), |px, py, _| bark(px, py, 3));
    for (dx, dy) in [(-3.2, -3.4), (2.8, -4.2)] {
        let end = (x + dx * radius, top + dy * radius);
        let branch = limb((x, top + 12.0), end, radius * 0.5, radius * 0.25);
        canvas.paint(&branch, |px, py, _| bark(px, py, 4));
    }
}
