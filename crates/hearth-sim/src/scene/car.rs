//! A passenger car from the side.
//!
//! Pure. Described in its own units: the origin is on the ground in the middle, y points up, the
//! height is 1, it drives to the right.

use super::{
    brush::{Finish, Part},
    color::Rgb,
    noise::hash,
    shape::{Shape, Xy},
};

/// A car at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Car {
    /// Middle of the car on the ground, in pixels.
    pub(crate) foot: Xy,
    /// Height in pixels.
    pub(crate) height: f32,
    /// Drives to the left (-1) or right (1).
    pub(crate) direction: f32,
    /// Angle of the wheels in radians.
    pub(crate) roll: f32,
    /// Chooses the paint.
    pub(crate) look: u32,
}

const PAINT: [u32; 7] = [0xA8201A, 0x1F4E79, 0xC9CCD1, 0x23262B, 0x3F6F5B, 0xE6E3DA, 0x7A6A4F];
const GLASS: Rgb = Rgb::hex(0x2B3A45);
const RUBBER: Rgb = Rgb::hex(0x17171A);
const STEEL: Rgb = Rgb::hex(0xB4B8BD);

/// Where the wheels are.
const AXLES: [f32; 2] = [-0.92, 0.95];
/// Radius of a wheel.
pub(crate) const WHEEL_RADIUS: f32 = 0.225;

impl Car {
    /// What is painted, from back to front, in pixels.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let place = hash(u64::from(self.look), 11, 3) as usize % PAINT.len();
        let paint = Rgb::hex(PAINT.get(place).copied().unwrap_or_default());
        let mut parts = Vec::with_capacity(40);
        body(&mut parts, paint);
        windows(&mut parts, paint);
        trim(&mut parts, paint);
        for axle in AXLES {
            wheel(&mut parts, axle, self.roll);
        }
        let scale = (self.height * self.direction.signum(), -self.height);
        for part in &mut parts {
            part.shape = part.shape.placed(scale, self.foot);
        }
        parts
    }

    /// Its shadow on the ground, in pixels.
    pub(crate) fn shadow(&self) -> Vec<Shape> {
        let h = self.height;
        let center = (self.foot.0 + 0.12 * h, self.foot.1 + 0.005 * h);
        vec![Shape::Ellipse { center, radii: (1.62 * h, 0.12 * h) }]
    }
}

fn add(parts: &mut Vec<Part>, corners: &[Xy], rounding: f32, color: Rgb, finish: Finish) {
    // Corners are written in the order of the clock with y up; as seen, that is the other way.
    let corners = corners.iter().rev().copied().collect();
    parts.push(Part { shape: Shape::Convex { corners, rounding }, color, finish });
}

fn body(parts: &mut Vec<Part>, paint: Rgb) {
    let floor = [(-1.4, 0.26), (1.4, 0.26), (1.4, 0.16), (-1.4, 0.16)];
    add(parts, &floor, 0.02, Rgb::hex(0x1C1D1F), Finish::Flat);
    let roof = [(-0.72, 0.95), (0.18, 0.95), (0.66, 0.58), (-1.22, 0.58)];
    add(parts, &roof, 0.045, paint.lit(1.02), Finish::Gloss);
    let hull = [(-1.42, 0.6), (0.7, 0.6), (1.42, 0.5), (1.5, 0.28), (-1.5, 0.28)];
    add(parts, &hull, 0.045, paint, Finish::Gloss);
    for axle in AXLES {
        let radii = (WHEEL_RADIUS + 0.05, WHEEL_RADIUS + 0.05);
        let shape = Shape::Ellipse { center: (axle, WHEEL_RADIUS + 0.01), radii };
        parts.push(Part { shape, color: Rgb::hex(0x111214), finish: Finish::Flat });
    }
}

fn windows(parts: &mut Vec<Part>, paint: Rgb) {
    let rear = [(-0.66, 0.92), (-0.22, 0.92), (-0.22, 0.63), (-1.04, 0.63)];
    add(parts, &rear, 0.01, GLASS, Finish::Gloss);
    let front = [(-0.14, 0.92), (0.16, 0.92), (0.52, 0.63), (-0.14, 0.63)];
    add(parts, &front, 0.01, GLASS, Finish::Gloss);
    // Somebody drives.
    let head = Shape::Ellipse { center: (0.05, 0.76), radii: (0.075, 0.09) };
    parts.push(Part { shape: head, color: Rgb::hex(0x4A3A30), finish: Finish::Round });
    let shine = [(-0.5, 0.915), (-0.4, 0.915), (-0.62, 0.64), (-0.78, 0.64)];
    add(parts, &shine, 0.0, Rgb::hex(0x52687A), Finish::Flat);
    let pillar = [(-0.2, 0.95), (-0.15, 0.95), (-0.15, 0.6), (-0.2, 0.6)];
    add(parts, &pillar, 0.0, paint.lit(0.7), Finish::Flat);
}

fn trim(parts: &mut Vec<Part>, paint: Rgb) {
    let mut line = |a: Xy, b: Xy, radius: f32, color: Rgb| {
        let shape = Shape::Limb { a, b, ra: radius, rb: radius };
        parts.push(Part { shape, color, finish: Finish::Flat });
    };
    line((-1.46, 0.44), (1.44, 0.42), 0.009, paint.lit(0.72));
    line((-0.18, 0.6), (-0.18, 0.27), 0.007, paint.lit(0.6));
    line((0.5, 0.59), (0.44, 0.3), 0.007, paint.lit(0.6));
    line((-0.36, 0.52), (-0.26, 0.52), 0.012, paint.lit(0.5));
    line((0.24, 0.52), (0.34, 0.52), 0.012, paint.lit(0.5));
    line((-1.5, 0.27), (1.5, 0.27), 0.022, Rgb::hex(0x25272A));
    line((1.38, 0.47), (1.46, 0.44), 0.038, Rgb::hex(0xFFF4D0));
    line((-1.47, 0.5), (-1.47, 0.43), 0.035, Rgb::hex(0xC2201C));
}

fn wheel(parts: &mut Vec<Part>, axle: f32, roll: f32) {
    let center = (axle, WHEEL_RADIUS);
    let mut disc = |radius: f32, color: Rgb| {
        let shape = Shape::Ellipse { center, radii: (radius, radius) };
        parts.push(Part { shape, color, finish: Finish::Round });
    };
    disc(WHEEL_RADIUS, RUBBER);
    disc(WHEEL_RADIUS * 0.66, STEEL);
    disc(WHEEL_RADIUS * 0.58, STEEL.lit(0.55));
    for spoke in 0..5 {
        let angle = roll + spoke as f32 * std::f32::consts::TAU / 5.0;
        let tip = WHEEL_RADIUS * 0.6;
        let end = (center.0 + tip * angle.cos(), center.1 + tip * angle.sin());
        let shape = Shape::Limb { a: center, b: end, ra: 0.028, rb: 0.018 };
        parts.push(Part { shape, color: STEEL, finish: Finish::Flat });
    }
}
