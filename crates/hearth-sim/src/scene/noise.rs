//! Noise that is the same every time: textures, grain and chance are all drawn from hashes.
//!
//! Pure. No generator with a state, because a frame must not depend on the frames before it.

/// A well-mixed number for a seed and a place (the finaliser of MurmurHash3, public domain).
pub(crate) fn hash(seed: u64, x: i32, y: i32) -> u32 {
    let mut h = (seed as u32) ^ ((seed >> 32) as u32).rotate_left(13);
    h = h.wrapping_add((x as u32).wrapping_mul(0x9E37_79B1));
    h ^= h >> 16;
    h = h.wrapping_mul(0x85EB_CA6B).wrapping_add((y as u32).wrapping_mul(0xC2B2_AE35));
    h ^= h >> 13;
    h = h.wrapping_mul(0xC2B2_AE35);
    h ^ (h >> 16)
}

/// The same as a fraction from 0 to 1.
pub(crate) fn chance(seed: u64, x: i32, y: i32) -> f32 {
    // 24 bits fit exactly into an f32.
    (hash(seed, x, y) >> 8) as f32 / 16_777_216.0
}

/// Smooth noise with a grain of size 1, from 0 to 1.
pub(crate) fn smooth(seed: u64, x: f32, y: f32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (fx, fy) = (ease(x - column), ease(y - row));
    let (column, row) = (column as i32, row as i32);
    let top = mix(chance(seed, column, row), chance(seed, column + 1, row), fx);
    let bottom = mix(chance(seed, column, row + 1), chance(seed, column + 1, row + 1), fx);
    mix(top, bottom, fy)
}

/// Smooth noise of three sizes on top of each other, from 0 to 1: clouds, grass, concrete.
pub(crate) fn cloudy(seed: u64, x: f32, y: f32) -> f32 {
    0.55 * smooth(seed, x, y)
        + 0.3 * smooth(seed ^ 0x51, x * 2.3, y * 2.3)
        + 0.15 * smooth(seed ^ 0xA7, x * 5.1, y * 5.1)
}

/// Between two values.
pub(crate) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// From 0 below `low` to 1 above `high`, smoothly.
pub(crate) fn step(low: f32, high: f32, value: f32) -> f32 {
    ease(((value - low) / (high - low)).clamp(0.0, 1.0))
}
