//! Whether a view of a face is good enough to say whose it is, and if not, why.
//!
//! Measured on the aligned chip, so that the same limits hold for every camera. Those for size and
//! blur were set where recognition of the test data's faces, shrunk and blurred, begins to fail; those
//! for pose and light are cautious guesses.

use serde::Serialize;

use crate::align::FacePoints;

/// Pixels between the eyes. Test pictures shrunk to 16 to 21 were still all told apart, at 12 to 16
/// as well; noise of a camera at night is not in them, hence the upper one.
const EYE_DISTANCE_MIN: f32 = 16.0;

/// From here on, more pixels add nothing to a chip in which the eyes are 53 pixels apart.
const EYE_DISTANCE_FULL: f32 = 53.0;

/// Variance of the Laplacian of the chip, over its variance: small for what is blurred. With eyes 75
/// pixels apart, a Gaussian blur of 4 pixels leaves 0.0086 (median) and every pair right; 8 pixels
/// leave 0.0039, and 8 % of the pairs of different persons come nearer than 0.6.
const SHARPNESS_MIN: f32 = 0.006;
const SHARPNESS_FULL: f32 = 0.04;

/// How far the nose may lie beside the middle between eyes and corners of the mouth, in distances of
/// the eyes: at 0.35 the head is turned by about 40 degrees.
const YAW_MAX: f32 = 0.35;

/// Height of the nose between eyes (0) and mouth (1); it is about 0.55 in an upright face.
const PITCH_RANGE: std::ops::RangeInclusive<f32> = 0.25..=0.85;

/// Mean brightness of the inner part of the chip, 0 to 255.
const DARK_MAX: f32 = 35.0;
const BRIGHT_MIN: f32 = 225.0;

/// Standard deviation of brightness: below, there is no face to be seen in the fog.
const CONTRAST_MIN: f32 = 12.0;

/// Why a view of a face is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Too few pixels.
    TooSmall,
    /// Out of focus or moving.
    Blurred,
    /// Not looking this way.
    TurnedAway,
    /// Too dark.
    TooDark,
    /// Too bright.
    TooBright,
    /// Without contrast.
    Flat,
}

/// How good a view of a face is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Pixels between the eyes.
    pub eye_distance: f32,
    /// Sharpness of the chip; higher is sharper.
    pub sharpness: f32,
    /// How far the head is turned sideways: 0 is straight on, 1 and more cannot be recognised.
    pub yaw: f32,
    /// Height of the nose between eyes (0) and mouth (1).
    pub pitch: f32,
    /// Mean brightness, 0 to 255.
    pub brightness: f32,
    /// Standard deviation of brightness.
    pub contrast: f32,
    /// 0 (useless) to 1, to choose the best of several views.
    pub score: f32,
    /// What is wrong with it; nothing if it may be used.
    pub flaws: Vec<Flaw>,
}

impl Quality {
    /// Whether a face may be recognised or enrolled from this view.
    pub fn is_good(&self) -> bool {
        self.flaws.is_empty()
    }

    /// Measures a chip of `side` x `side` pixels, RGB from 0 to 255, and where its points were in
    /// the picture.
    pub(crate) fn measure(chip: &[f32], side: usize, points: &FacePoints) -> Self {
        let light: Vec<f32> = chip.as_chunks::<3>().0.iter().map(brightness_of).collect();
        let inner = Inner::of(&light, side);
        let (yaw, pitch) = pose(points);
        let mut quality = Self {
            eye_distance: points.eye_distance(),
            sharpness: inner.sharpness,
            yaw,
            pitch,
            brightness: inner.mean,
            contrast: inner.deviation,
            score: 0.0,
            flaws: Vec::new(),
        };
        quality.judge();
        quality
    }

    fn judge(&mut self) {
        // Asked this way round, what is not a number is a flaw.
        let checks = [
            (self.eye_distance >= EYE_DISTANCE_MIN, Flaw::TooSmall),
            (self.sharpness >= SHARPNESS_MIN, Flaw::Blurred),
            (self.yaw <= 1.0 && PITCH_RANGE.contains(&self.pitch), Flaw::TurnedAway),
            (self.brightness > DARK_MAX, Flaw::TooDark),
            (self.brightness < BRIGHT_MIN, Flaw::TooBright),
            (self.contrast >= CONTRAST_MIN, Flaw::Flat),
        ];
        self.flaws = checks.iter().filter(|(is_fine, _)| !is_fine).map(|(_, flaw)| *flaw).collect();
        let part = |value: f32, full: f32| (value / full).clamp(0.0, 1.0);
        let straight = 1.0 - part(self.yaw, 1.5);
        let lit = 1.0 - part((self.brightness - 120.0).abs(), 180.0);
        let score = part(self.eye_distance, EYE_DISTANCE_FULL)
            * part(self.sharpness, SHARPNESS_FULL).sqrt()
            * straight
            * lit;
        self.score = if score.is_finite() { score } else { 0.0 };
    }
}

/// ITU-R BT.601.
fn brightness_of(pixel: &[f32; 3]) -> f32 {
    0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
}

/// How far the head is turned (1 is [`YAW_MAX`]), and the height of the nose between eyes and mouth.
fn pose(
    FacePoints([left_eye, right_eye, nose, mouth_left, mouth_right]): &FacePoints,
) -> (f32, f32) {
    let middle = |a: &[f32; 2], b: &[f32; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let (eyes, mouth) = (middle(left_eye, right_eye), middle(mouth_left, mouth_right));
    let down = [mouth[0] - eyes[0], mouth[1] - eyes[1]];
    let to_nose = [nose[0] - eyes[0], nose[1] - eyes[1]];
    let length = down[0].hypot(down[1]);
    let apart = (right_eye[0] - left_eye[0]).hypot(right_eye[1] - left_eye[1]);
    let beside = (to_nose[0] * down[1] - to_nose[1] * down[0]).abs() / length;
    let along = (to_nose[0] * down[0] + to_nose[1] * down[1]) / (length * length);
    // A head in profile has its eyes close together.
    (beside / apart.max(length / 2.0) / YAW_MAX, along)
}

/// The part of a chip that is face whatever the hair: the middle half.
struct Inner {
    mean: f32,
    deviation: f32,
    sharpness: f32,
}

impl Inner {
    fn of(light: &[f32], side: usize) -> Self {
        let range = side / 4..side - side / 4;
        let (mut sum, mut squares, mut edges, mut count) = (0.0, 0.0, 0.0, 0.0);
        for y in range.clone() {
            for x in range.clone() {
                let at = y * side + x;
                let value = f64::from(light[at]);
                let around = light[at - 1] + light[at + 1] + light[at - side] + light[at + side];
                let edge = f64::from(around) - 4.0 * value;
                sum += value;
                squares += value * value;
                edges += edge * edge;
                count += 1.0;
            }
        }
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        // At least one grey level: an even wall is not sharp.
        let sharpness = edges / count / variance.max(1.0);
        Self { mean: mean as f32, deviation: variance.sqrt() as f32, sharpness: sharpness as f32 }
    }
}

/// A view without flaws, for tests.
#[cfg(test)]
pub(crate) fn good() -> Quality {
    Quality {
        eye_distance: 60.0,
        sharpness: 0.3,
        yaw: 0.1,
        pitch: 0.55,
        brightness: 120.0,
        contrast: 40.0,
        score: 0.8,
        flaws: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 150;

    /// A face straight on, as in the chip.
    const STRAIGHT: FacePoints =
        FacePoints([[47.5, 46.6], [100.5, 46.6], [74.0, 76.6], [50.4, 103.0], [97.6, 103.0]]);

    fn chip(light: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        (0..SIDE * SIDE).flat_map(|i| [light(i % SIDE, i / SIDE); 3]).collect()
    }

    fn pattern(x: usize, y: usize) -> f32 {
        if (x / 5 + y / 7).is_multiple_of(2) { 60.0 } else { 180.0 }
    }

    fn flaws(chip: &[f32], points: &FacePoints) -> Vec<Flaw> {
        Quality::measure(chip, SIDE, points).flaws
    }

    #[test]
    fn a_sharp_straight_well_lit_view_has_no_flaw() {
        let quality = Quality::measure(&chip(pattern), SIDE, &STRAIGHT);
        assert!(quality.is_good() && quality.score > 0.8, "{quality:?}");
    }

    #[test]
    fn each_flaw_is_named() {
        let small = FacePoints(STRAIGHT.0.map(|point| point.map(|value| value * 0.25)));
        assert_eq!(flaws(&chip(pattern), &small), [Flaw::TooSmall]);
        let soft = |x: usize, _: usize| 120.0 + 60.0 * (x as f32 / 24.0).sin();
        assert_eq!(flaws(&chip(soft), &STRAIGHT), [Flaw::Blurred]);
        assert_eq!(flaws(&chip(|x, y| pattern(x, y) / 5.0), &STRAIGHT), [Flaw::TooDark]);
        assert_eq!(
            flaws(&chip(|x, y| 240.0 + pattern(x, y) / 9.0), &STRAIGHT),
            [Flaw::TooBright, Flaw::Flat]
        );
        assert_eq!(flaws(&chip(|_, _| 100.0), &STRAIGHT), [Flaw::Blurred, Flaw::Flat]);
    }

    #[test]
    fn a_turned_head_is_noticed_at_any_angle_of_the_camera() {
        let mut turned = STRAIGHT.0;
        turned[2][0] += 25.0;
        assert_eq!(flaws(&chip(pattern), &FacePoints(turned)), [Flaw::TurnedAway]);
        let on_its_side = STRAIGHT.0.map(|[x, y]| [-y, x]);
        assert_eq!(flaws(&chip(pattern), &FacePoints(on_its_side)), []);
        let mut looking_down = STRAIGHT.0;
        looking_down[2][1] = 100.0;
        assert_eq!(flaws(&chip(pattern), &FacePoints(looking_down)), [Flaw::TurnedAway]);
    }

    #[test]
    fn points_that_make_no_sense_are_a_flaw() {
        for points in [[[0.0; 2]; 5], [[f32::NAN; 2]; 5]] {
            let quality = Quality::measure(&chip(pattern), SIDE, &FacePoints(points));
            assert!(!quality.is_good() && (0.0..=1.0).contains(&quality.score), "{quality:?}");
        }
    }
}
