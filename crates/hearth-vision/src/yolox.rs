//! Reads the output tensor of a YOLOX detector.
//!
//! The exported network leaves its head undecoded: a row a grid cell and stride, holding
//! `x, y, log w, log h, objectness, one score a class`, with the two kinds of scores already
//! through a sigmoid (Ge et al., "YOLOX: Exceeding YOLO Series in 2021", and its ONNX export).

use hearth_model::Rect;
use thiserror::Error;

use crate::{Letterbox, suppress_overlaps};

/// One thing a detector saw in one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Number of its class.
    pub class: usize,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Where, as fractions of the picture.
    pub area: Rect,
}

/// Why a tensor is not the output of such a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TensorError {
    /// It does not have the shape this input size leads to.
    #[error("the tensor has {found} numbers where {expected} are expected")]
    Shape {
        /// Numbers the head has.
        expected: usize,
        /// Numbers given.
        found: usize,
    },
}

/// Pixels of input a cell of each of the three grids covers.
const STRIDES: [usize; 3] = [8, 16, 32];

/// Numbers before the class scores.
const BOX_FIELDS: usize = 5;

/// Boxes of one class that overlap more than this are one thing (the value of YOLOX's demo).
const OVERLAP_MAX: f32 = 0.45;

/// Candidates kept before overlaps are dropped; bounds the quadratic step against a hostile model.
const CANDIDATES_MAX: usize = 300;

/// `e^8 * 32` is far larger than any picture.
const LOG_SIZE_MAX: f32 = 8.0;

/// The shape of a YOLOX head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YoloxHead {
    side: usize,
    classes: usize,
}

impl YoloxHead {
    /// For a square input of `side` pixels and this many classes.
    pub const fn new(side: usize, classes: usize) -> Self {
        Self { side, classes }
    }

    /// Width and height of the input.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Rows of the tensor.
    pub fn rows(&self) -> usize {
        STRIDES.iter().map(|stride| (self.side / stride).pow(2)).sum()
    }

    /// Numbers a row.
    pub fn row_len(&self) -> usize {
        BOX_FIELDS + self.classes
    }

    /// Things with at least `score_min`, best first, without doubles. `tensor` is row after row.
    pub fn decode(
        &self,
        tensor: &[f32],
        letterbox: &Letterbox,
        score_min: f32,
    ) -> Result<Vec<Detection>, TensorError> {
        let expected = self.rows() * self.row_len();
        if tensor.len() != expected || self.classes == 0 {
            return Err(TensorError::Shape { expected, found: tensor.len() });
        }
        let mut rows = tensor.chunks_exact(self.row_len());
        let mut found = Vec::new();
        for stride in STRIDES {
            let cells = self.side / stride;
            for (index, row) in rows.by_ref().take(cells * cells).enumerate() {
                let place = (index % cells, index / cells, stride);
                found.extend(read_row(row, place, letterbox, score_min));
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(CANDIDATES_MAX);
        Ok(suppress_overlaps(found, OVERLAP_MAX))
    }
}

/// One row at (column, row, stride); `None` if it is not sure enough or makes no sense.
fn read_row(
    row: &[f32],
    (column, line, stride): (usize, usize, usize),
    letterbox: &Letterbox,
    score_min: f32,
) -> Option<Detection> {
    let (&[x, y, log_width, log_height, objectness], classes) =
        row.split_first_chunk::<BOX_FIELDS>()?;
    // Asked this way round, a score that is not a number does not pass.
    let sure = |score: f32| score >= score_min && score > 0.0 && score <= 1.0;
    if !sure(objectness) {
        return None;
    }
    let best = classes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let (class, class_score) = best.map(|(class, score)| (class, *score))?;
    let score = objectness * class_score;
    if !sure(score) {
        return None;
    }
    let stride = stride as f32;
    let area = letterbox.to_picture(
        (x + column as f32) * stride,
        (y + line as f32) * stride,
        log_width.min(LOG_SIZE_MAX).exp() * stride,
        log_height.min(LOG_SIZE_MAX).exp() * stride,
    )?;
    Some(Detection { class, score, area })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::PixelRegion;

    const HEAD: YoloxHead = YoloxHead::new(64, 3);

    fn letterbox() -> Letterbox {
        Letterbox::new(PixelRegion::whole(128, 64), (128, 64), 64)
    }

    #[test]
    fn the_published_input_has_3549_rows_of_85() {
        let head = YoloxHead::new(416, 80);
        assert_eq!((head.rows(), head.row_len()), (3_549, 85));
    }

    #[test]
    fn a_row_becomes_a_box_where_its_cell_is() {
        let mut tensor = vec![0.0; HEAD.rows() * HEAD.row_len()];
        // Stride 8, column 3, line 2: centre (28, 20), 16 x 8 input pixels.
        let start = (2 * 8 + 3) * HEAD.row_len();
        let row = [0.5, 0.5, 2f32.ln(), 0.0, 0.9, 0.1, 0.8, 0.2];
        tensor[start..start + 8].copy_from_slice(&row);
        let found = HEAD.decode(&tensor, &letterbox(), 0.5).expect("right shape");
        let [one] = found[..] else { panic!("one thing: {found:?}") };
        assert_eq!(one.class, 1);
        assert!((one.score - 0.72).abs() < 1e-6);
        let truth = Rect { x: 40.0 / 128.0, y: 32.0 / 64.0, w: 32.0 / 128.0, h: 16.0 / 64.0 };
        assert!(one.area.iou(&truth) > 0.999, "{one:?}");
    }

    #[test]
    fn a_tensor_of_another_shape_is_refused() {
        assert!(HEAD.decode(&[0.0; 7], &letterbox(), 0.5).is_err());
    }

    fn any_number() -> impl Strategy<Value = f32> {
        prop_oneof![any::<f32>(), 0.0f32..1.0, Just(f32::NAN), Just(f32::INFINITY)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// promise: T-01. Whatever a model file makes of a picture, boxes and scores make sense.
        #[test]
        fn arbitrary_tensors_give_only_sane_boxes(
            tensor in prop::collection::vec(any_number(), HEAD.rows() * HEAD.row_len()),
            score_min in any_number(),
        ) {
            let found = HEAD.decode(&tensor, &letterbox(), score_min).expect("right shape");
            prop_assert!(found.len() <= CANDIDATES_MAX);
            for one in found {
                prop_assert!(one.class < 3);
                prop_assert!(one.score > 0.0 && one.score <= 1.0);
                prop_assert!(one.area.x >= 0.0 && one.area.y >= 0.0);
                prop_assert!(one.area.x + one.area.w <= 1.0001);
                prop_assert!(one.area.y + one.area.h <= 1.0001);
            }
        }

        #[test]
        fn arbitrary_lengths_never_panic(tensor in prop::collection::vec(any_number(), 0..900)) {
            let fits = tensor.len() == HEAD.rows() * HEAD.row_len();
            prop_assert_eq!(HEAD.decode(&tensor, &letterbox(), 0.3).is_ok(), fits);
        }
    }
}
