//! Finds faces: a single-shot detector on MobileNet v1 (Liu et al. 2016; Howard et al. 2017).

use zeroize::Zeroize;

use crate::{
    layers::{Activation, Conv, Depthwise, Map, Padding},
    weights::{Pack, PackError, Tensors},
};

/// Side of the picture it looks at.
pub(crate) const SIDE: usize = 512;

/// Boxes it answers, one for each anchor.
pub(crate) const BOXES: usize = 5_118;

/// Channels and strides of the 13 pairs of layers.
const PAIRS: [(usize, usize, usize); 13] = [
    (32, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 256, 2),
    (256, 256, 1),
    (256, 512, 2),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 512, 1),
    (512, 1024, 2),
    (1024, 1024, 1),
];

/// The pair whose map is the first that boxes are read from.
const FIRST_READ: usize = 10;

/// Kernel, channels and stride of the layers behind, by twos; boxes are read behind each second.
const BEHIND: [[usize; 4]; 8] = [
    [1, 1024, 256, 1],
    [3, 256, 512, 2],
    [1, 512, 128, 1],
    [3, 128, 256, 2],
    [1, 256, 128, 1],
    [3, 128, 256, 2],
    [1, 256, 64, 1],
    [3, 64, 128, 2],
];

/// Channels of the maps that boxes are read from, and anchors a place.
const HEADS: [(usize, usize); 6] = [(512, 3), (1024, 6), (512, 6), (256, 6), (256, 6), (128, 6)];

/// Scores a box: background, face, and one that was never trained.
const CLASSES: usize = 3;

/// Scales of centres and sizes in the boxes' code (the values of the original implementation).
const CENTRE_SCALE: f32 = 10.0;
const SIZE_SCALE: f32 = 5.0;

/// `e^8` times an anchor is far larger than any picture.
const LOG_SIZE_MAX: f32 = 8.0;

pub(crate) struct SingleShotNetwork {
    first: Conv,
    pairs: Vec<(Depthwise, Conv)>,
    behind: Vec<Conv>,
    heads: Vec<Head>,
    anchors: Vec<f32>,
}

struct Head {
    boxes: Conv,
    classes: Conv,
}

/// A place where there may be a face; edges as fractions of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SingleShotBox {
    pub(crate) score: f32,
    pub(crate) top: f32,
    pub(crate) left: f32,
    pub(crate) bottom: f32,
    pub(crate) right: f32,
}

impl SingleShotNetwork {
    pub(crate) fn new(pack: &Pack) -> Result<Self, PackError> {
        let tensors = Tensors::of(pack, "detection");
        let pointwise = |name: &str, shape, stride| {
            let names = (format!("{name}/weights"), format!("{name}/convolution_bn_offset"));
            let rule = (stride, Padding::Same, Activation::Relu6);
            tensors.conv((&names.0, &names.1), shape, rule)
        };
        let first = pointwise("MobilenetV1/Conv2d_0_pointwise", [3, 3, 32], 2)?;
        let mut pairs = Vec::new();
        for (number, &(inputs, outputs, stride)) in PAIRS.iter().enumerate() {
            let name = format!("MobilenetV1/Conv2d_{}", number + 1);
            let rule = (stride, Activation::Relu6);
            let depthwise =
                tensors.normalised_depthwise(&format!("{name}_depthwise"), inputs, rule)?;
            let mixing = pointwise(&format!("{name}_pointwise"), [1, inputs, outputs], 1)?;
            pairs.push((depthwise, mixing));
        }
        let behind =
            BEHIND.iter().enumerate().map(|(number, &[kernel, inputs, outputs, stride])| {
                let name = format!("Prediction/Conv2d_{number}_pointwise");
                pointwise(&name, [kernel, inputs, outputs], stride)
            });
        let behind = behind.collect::<Result<_, _>>()?;
        let heads =
            HEADS.iter().enumerate().map(|(number, head)| Head::new(&tensors, number, head));
        let heads = heads.collect::<Result<_, _>>()?;
        let anchors = tensors.take("Output/extra_dim", &[1, BOXES, 4])?;
        Ok(Self { first, pairs, behind, heads, anchors })
    }

    /// What it makes of a picture of [`SIDE`] x [`SIDE`] pixels, RGB from 0 to 255: boxes with at
    /// least `score_min`, in the order of their anchors.
    pub(crate) fn run(&self, rgb: &[f32], score_min: f32) -> Vec<SingleShotBox> {
        debug_assert_eq!(rgb.len(), SIDE * SIDE * 3);
        let values = rgb.iter().map(|value| value / 127.5 - 1.0).collect();
        let (mut boxes, mut scores) = (Vec::new(), Vec::new());
        let mut heads = self.heads.iter();
        let mut read = |map: &Map| {
            if let Some(head) = heads.next() {
                boxes.extend(head.boxes.run(map).values);
                scores.extend(head.classes.run(map).values);
            }
        };
        let mut input = Map { height: SIDE, width: SIDE, channels: 3, values };
        let mut map = self.first.run(&input);
        // It is still a picture.
        input.values.zeroize();
        let mut between = Map::default();
        for (number, (depthwise, pointwise)) in self.pairs.iter().enumerate() {
            depthwise.run_into(&map, &mut between);
            pointwise.run_into(&between, &mut map);
            if number == FIRST_READ {
                read(&map);
            }
        }
        read(&map);
        for (number, layer) in self.behind.iter().enumerate() {
            map = layer.run(&map);
            if number % 2 == 1 {
                read(&map);
            }
        }
        let rows = boxes.as_chunks::<4>().0.iter().zip(self.anchors.as_chunks::<4>().0);
        let rows = rows.zip(scores.as_chunks::<CLASSES>().0);
        rows.filter_map(|((code, anchor), classes)| {
            let score = 1.0 / (1.0 + (-classes[1]).exp());
            (score >= score_min).then(|| decode(code, anchor, score))
        })
        .collect()
    }
}

impl Head {
    fn new(
        tensors: &Tensors<'_>,
        number: usize,
        &(inputs, anchors): &(usize, usize),
    ) -> Result<Self, PackError> {
        let predictor = |kind: &str, outputs| {
            let name = format!("Prediction/BoxPredictor_{number}/{kind}");
            let names = (format!("{name}/weights"), format!("{name}/biases"));
            let rule = (1, Padding::Same, Activation::Linear);
            tensors.conv((&names.0, &names.1), [1, inputs, outputs], rule)
        };
        Ok(Self {
            boxes: predictor("BoxEncodingPredictor", 4 * anchors)?,
            classes: predictor("ClassPredictor", CLASSES * anchors)?,
        })
    }
}

/// A box from its code (y, x, log height, log width) and its anchor (top, left, bottom, right).
fn decode(code: &[f32; 4], anchor: &[f32; 4], score: f32) -> SingleShotBox {
    let [top, left, bottom, right] = *anchor;
    let (height, width) = (bottom - top, right - left);
    let centre_y = top + height / 2.0 + code[0] / CENTRE_SCALE * height;
    let centre_x = left + width / 2.0 + code[1] / CENTRE_SCALE * width;
    let half = |code: f32, side: f32| (code / SIZE_SCALE).min(LOG_SIZE_MAX).exp() * side / 2.0;
    let (half_height, half_width) = (half(code[2], height), half(code[3], width));
    SingleShotBox {
        score,
        top: centre_y - half_height,
        left: centre_x - half_width,
        bottom: centre_y + half_height,
        right: centre_x + half_width,
    }
}
