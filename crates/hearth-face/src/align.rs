//! Turns and scales a face so that its eyes, nose and mouth are where the recognition network
//! expects them.

/// Points of a face that both kinds of detectors find.
pub const FACE_POINTS: usize = 5;

/// Where these points are in dlib's mean face, as fractions: the centres of the six points of each
/// eye, the tip of the nose, the corners of the mouth (`image_transforms/interpolation.h` of dlib,
/// `mean_face_shape`). Left and right as seen in the picture.
const MEAN_FACE: [[f32; 2]; FACE_POINTS] = [
    [0.225_491_8, 0.215_990_3],
    [0.754_761_4, 0.215_990_3],
    [0.490_127, 0.515_625],
    [0.254_149, 0.780_233],
    [0.726_104, 0.780_233],
];

/// Border around the mean face, as a fraction of it, that dlib's recognition was trained with.
const PADDING: f32 = 0.25;

/// Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the
/// picture, in pixels; (0, 0) is the centre of the first pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FacePoints(pub [[f32; 2]; FACE_POINTS]);

impl FacePoints {
    /// The five points out of 68 (iBUG 300-W).
    pub(crate) fn of_68(points: &[[f32; 2]; 68]) -> Self {
        let mean = |range: std::ops::Range<usize>| {
            let count = range.len() as f32;
            let sum = |axis: usize| points[range.clone()].iter().map(|point| point[axis]).sum();
            [0, 1].map(|axis| <f32 as Into<f32>>::into(sum(axis)) / count)
        };
        Self([mean(36..42), mean(42..48), points[30], points[48], points[54]])
    }

    /// Pixels between the centres of the eyes.
    pub fn eye_distance(&self) -> f32 {
        let [left, right, ..] = self.0;
        (right[0] - left[0]).hypot(right[1] - left[1])
    }

    /// How a view of `side` x `side` pixels has to look at the picture so that the face is upright,
    /// centred and as large as in dlib's training. `None` if the points are all one, or no numbers.
    pub(crate) fn chip(&self, side: usize) -> Option<Similarity> {
        let place = |fraction: f32| (PADDING + fraction) / (1.0 + 2.0 * PADDING) * side as f32;
        let expected = MEAN_FACE.map(|point| point.map(place));
        Similarity::fit(&expected, &self.0)
    }
}

/// Scaling, turning and moving: (x, y) becomes (ax - by + dx, bx + ay + dy).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    a: f32,
    b: f32,
    dx: f32,
    dy: f32,
}

impl Similarity {
    #[cfg(test)]
    pub(crate) const IDENTITY: Self = Self { a: 1.0, b: 0.0, dx: 0.0, dy: 0.0 };

    /// Scaling about the corner of the first pixel, so that pixels cover each other evenly.
    pub(crate) fn scaling(scale: f32) -> Self {
        Self { a: scale, b: 0.0, dx: (scale - 1.0) / 2.0, dy: (scale - 1.0) / 2.0 }
    }

    /// The one that brings `from` closest to `to` (least squares; Umeyama 1991 without reflection).
    /// `None` if `from` is a single point or something is not a number.
    pub(crate) fn fit<const N: usize>(from: &[[f32; 2]; N], to: &[[f32; 2]; N]) -> Option<Self> {
        let mean = |points: &[[f32; 2]; N]| {
            [0, 1]
                .map(|axis| points.iter().map(|point| f64::from(point[axis])).sum::<f64>())
                .map(|sum| sum / N as f64)
        };
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut spread, mut along, mut across) = (0.0, 0.0, 0.0);
        for (from, to) in from.iter().zip(to) {
            let [x, y] = [0, 1].map(|axis| f64::from(from[axis]) - from_mean[axis]);
            let [u, v] = [0, 1].map(|axis| f64::from(to[axis]) - to_mean[axis]);
            spread += x * x + y * y;
            along += x * u + y * v;
            across += x * v - y * u;
        }
        let (a, b) = (along / spread, across / spread);
        let dx = to_mean[0] - a * from_mean[0] + b * from_mean[1];
        let dy = to_mean[1] - b * from_mean[0] - a * from_mean[1];
        let found = Self { a: a as f32, b: b as f32, dx: dx as f32, dy: dy as f32 };
        (found.is_finite() && found.scale() > 0.0).then_some(found)
    }

    pub(crate) fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.a * x - self.b * y + self.dx, self.b * x + self.a * y + self.dy]
    }

    /// Followed by a move.
    pub(crate) fn moved(self, by: [f32; 2]) -> Self {
        Self { dx: self.dx + by[0], dy: self.dy + by[1], ..self }
    }

    /// The same place in a picture of half the size: the centre of its first pixel is half a pixel
    /// to the right and below the centre of the first pixel here.
    pub(crate) fn halved(self) -> Self {
        let half = |value: f32| (value - 0.5) / 2.0;
        Self { a: self.a / 2.0, b: self.b / 2.0, dx: half(self.dx), dy: half(self.dy) }
    }

    /// Lengths grow by this factor.
    pub(crate) fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    pub(crate) fn is_finite(&self) -> bool {
        [self.a, self.b, self.dx, self.dy].iter().all(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eyes_land_where_dlib_puts_them() {
        // A face that lies as in the chip of 150 pixels: fitting it changes nothing.
        let chip = MEAN_FACE.map(|point| point.map(|fraction| (0.25 + fraction) / 1.5 * 150.0));
        let view = FacePoints(chip).chip(150).expect("five different points");
        assert!((view.scale() - 1.0).abs() < 1e-5);
        let [x, y] = view.apply([75.0, 75.0]);
        assert!((x - 75.0).abs() < 1e-3 && (y - 75.0).abs() < 1e-3, "{x} {y}");
    }

    #[test]
    fn points_that_are_one_point_give_no_view() {
        assert_eq!(FacePoints([[3.0, 3.0]; 5]).chip(150), None);
        assert_eq!(FacePoints([[f32::NAN, 3.0]; 5]).chip(150), None);
        assert_eq!(Similarity::fit(&[[1.0, 1.0]; 2], &[[0.0, 0.0], [1.0, 1.0]]), None);
    }

    proptest! {
        #[test]
        fn a_fit_finds_the_way_points_were_turned_scaled_and_moved(
            angle in -3.1f32..3.1, scale in 0.1f32..20.0, dx in -500f32..500.0, dy in -500f32..500.0,
        ) {
            let truth = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), dx, dy };
            let turned = MEAN_FACE.map(|point| truth.apply(point));
            let found = Similarity::fit(&MEAN_FACE, &turned).expect("five different points");
            for point in MEAN_FACE {
                let (found, truth) = (found.apply(point), truth.apply(point));
                prop_assert!((found[0] - truth[0]).hypot(found[1] - truth[1]) < 0.01);
            }
        }
    }
}
