//! What YuNet is shown and what its answer means (Wu et al., "YuNet: A Tiny Millisecond-level Face
//! Detector", 2023; the model of libfacedetection.train with open input size).
//!
//! Its network is run by `hearth-eyes`. For each of three grids it answers, a row a cell: a score of
//! the class, a score of there being something, a box (centre, logarithm of the size) and the five
//! points; scores are through a sigmoid.

use crate::{
    align::{FACE_POINTS, FacePoints, Similarity},
    finder::{FoundFace, surest_faces},
    picture::Picture,
    weights::Sha256Sum,
};

/// SHA-256 of the model this was written for and measured with, `yunet_n_dynamic.onnx`. Another one
/// needs its sum to be named by whoever installs it.
pub const YUNET_SHA256: Sha256Sum =
    match Sha256Sum::from_hex("104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12") {
        Some(sum) => sum,
        None => panic!("not a SHA-256"),
    };

/// Names of its outputs: four a grid, and how many numbers each has a cell.
pub const YUNET_OUTPUTS: [(&str, usize); 12] = [
    ("cls_8", 1),
    ("obj_8", 1),
    ("bbox_8", 4),
    ("kps_8", 2 * FACE_POINTS),
    ("cls_16", 1),
    ("obj_16", 1),
    ("bbox_16", 4),
    ("kps_16", 2 * FACE_POINTS),
    ("cls_32", 1),
    ("obj_32", 1),
    ("bbox_32", 4),
    ("kps_32", 2 * FACE_POINTS),
];

/// Pixels of input a cell of each grid covers.
const STRIDES: [usize; 3] = [8, 16, 32];

/// Longest side of the input: finds faces from about 10 to 300 of its pixels.
const SIDE_MAX: usize = 640;

/// A face this sure is one.
const SCORE_MIN: f32 = 0.6;

/// `e^5 * 32` is far larger than the input.
const LOG_SIZE_MAX: f32 = 5.0;

/// A picture as YuNet is shown it.
pub struct YunetInput {
    width: usize,
    height: usize,
    scale: f32,
    values: zeroize::Zeroizing<Vec<f32>>,
}

/// Numbers of one output, row after row.
pub type YunetOutput<'a> = &'a [f32];

impl YunetInput {
    /// The picture, scaled evenly and filled up with black to whole cells of the coarsest grid.
    pub fn of(picture: &Picture) -> Self {
        let longest = picture.width().max(picture.height());
        let scale = longest as f32 / longest.clamp(1, SIDE_MAX) as f32;
        let side = |pixels: usize| {
            let scaled = (pixels as f32 / scale).round() as usize;
            scaled.max(1).next_multiple_of(STRIDES[2])
        };
        let (width, height) = (side(picture.width()), side(picture.height()));
        let rgb = picture.view((width, height), &Similarity::scaling(scale));
        let pixels = rgb.as_chunks::<3>().0;
        let plane = |channel: usize| pixels.iter().map(move |pixel| pixel[channel]);
        // Blue first, as it was trained.
        let values = plane(2).chain(plane(1)).chain(plane(0)).collect();
        Self { width, height, scale, values: zeroize::Zeroizing::new(values) }
    }

    /// Planes of blue, green and red from 0 to 255, and their shape: 1, 3, height, width.
    pub fn planes(&self) -> ([usize; 4], &[f32]) {
        ([1, 3, self.height, self.width], &self.values)
    }

    /// The faces that the outputs, in the order of [`YUNET_OUTPUTS`], tell of; `None` if they are not
    /// as long as this input makes them.
    pub fn faces(&self, outputs: &[YunetOutput<'_>; 12]) -> Option<Vec<FoundFace>> {
        let mut found = Vec::new();
        for (stride, four) in STRIDES.into_iter().zip(outputs.as_chunks::<4>().0) {
            let (columns, lines) = (self.width / stride, self.height / stride);
            let [classes, things, boxes, points] = four;
            let (boxes, points) = (boxes.as_chunks::<4>().0, points.as_chunks::<10>().0);
            let lengths = [classes.len(), things.len(), boxes.len(), points.len()];
            if lengths != [columns * lines; 4] {
                return None;
            }
            for cell in 0..columns * lines {
                let score = (classes[cell].clamp(0.0, 1.0) * things[cell].clamp(0.0, 1.0)).sqrt();
                // Asked this way round, what is not a number is no face.
                if score >= SCORE_MIN {
                    let place = (cell % columns, cell / columns, stride);
                    found.push(self.face(place, score, &boxes[cell], &points[cell]));
                }
            }
        }
        Some(surest_faces(found))
    }

    fn face(
        &self,
        (column, line, stride): (usize, usize, usize),
        score: f32,
        code: &[f32; 4],
        points: &[f32; 2 * FACE_POINTS],
    ) -> FoundFace {
        let (column, line, pixels) = (column as f32, line as f32, stride as f32 * self.scale);
        let size = |code: f32| code.min(LOG_SIZE_MAX).exp() * pixels;
        let (width, height) = (size(code[2]), size(code[3]));
        let mut places = [[0.0; 2]; FACE_POINTS];
        for (place, [x, y]) in places.iter_mut().zip(points.as_chunks::<2>().0) {
            // From edges of pixels to their centres.
            *place = [(x + column) * pixels - 0.5, (y + line) * pixels - 0.5];
        }
        let is_sane = places.iter().flatten().all(|value| value.is_finite());
        FoundFace {
            left: (code[0] + column) * pixels - width / 2.0,
            top: (code[1] + line) * pixels - height / 2.0,
            width,
            height,
            score,
            points: is_sane.then_some(FacePoints(places)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn input() -> YunetInput {
        let picture =
            Picture::from_rgb(1_280, 100, vec![50; 1_280 * 300]).expect("three bytes each");
        YunetInput::of(&picture)
    }

    fn outputs(input: &YunetInput) -> [Vec<f32>; 12] {
        let cells = |at: usize| input.width * input.height / STRIDES[at / 4].pow(2);
        std::array::from_fn(|at| vec![0.0; cells(at) * YUNET_OUTPUTS[at].1])
    }

    fn faces(input: &YunetInput, outputs: &[Vec<f32>; 12]) -> Option<Vec<FoundFace>> {
        input.faces(&std::array::from_fn(|at| outputs[at].as_slice()))
    }

    #[test]
    fn a_picture_is_shrunk_and_filled_up_to_whole_cells() {
        let input = input();
        let (shape, planes) = input.planes();
        assert_eq!(shape, [1, 3, 64, 640]);
        assert_eq!((planes.len(), planes[0], planes[63 * 640]), (3 * 64 * 640, 50.0, 0.0));
    }

    #[test]
    fn a_row_becomes_a_face_where_its_cell_is() {
        let input = input();
        let mut outputs = outputs(&input);
        // Stride 16, column 3, line 1; the picture has twice the input's size.
        let cell = 40 + 3;
        (outputs[4][cell], outputs[5][cell]) = (0.81, 1.0);
        outputs[6][4 * cell..][..4].copy_from_slice(&[0.5, 0.5, 0.0, 2f32.ln()]);
        outputs[7][10 * cell..][..2].copy_from_slice(&[0.25, 0.5]);
        let found = faces(&input, &outputs).expect("right lengths");
        let [face] = found[..] else { panic!("one face: {found:?}") };
        assert_eq!((face.left, face.top, face.width, face.height), (96.0, 16.0, 32.0, 64.0));
        assert!((face.score - 0.9).abs() < 1e-6);
        assert_eq!(face.points.map(|points| points.0[0]), Some([103.5, 47.5]));
    }

    #[test]
    fn outputs_of_another_length_are_refused() {
        let input = input();
        for at in 0..12 {
            let mut outputs = outputs(&input);
            outputs[at].pop();
            assert_eq!(faces(&input, &outputs), None, "{}", YUNET_OUTPUTS[at].0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// promise: T-01. Whatever a model file makes of a picture, faces make sense.
        #[test]
        fn arbitrary_outputs_give_only_sane_faces(
            numbers in prop::collection::vec(
                prop_oneof![any::<f32>(), 0f32..1.0, Just(f32::NAN), Just(f32::INFINITY)],
                1..200,
            ),
        ) {
            let input = input();
            let mut endless = numbers.iter().copied().cycle();
            let outputs = outputs(&input).map(|output| {
                endless.by_ref().take(output.len()).collect()
            });
            for face in faces(&input, &outputs).expect("right lengths") {
                prop_assert!(face.score >= SCORE_MIN && face.score <= 1.0);
                prop_assert!(face.area().is_finite() && face.area() > 0.0);
            }
        }
    }
}
