//! Describes a face by 128 numbers: dlib's residual network (`dlib_face_recognition_resnet`).

use zeroize::Zeroize;

use super::centred;
use crate::{
    layers::{Activation, Conv, Map, Padding, average_pool, max_pool},
    weights::{Pack, PackError, Tensors},
};

/// Side of the face it looks at.
pub(crate) const SIDE: usize = 150;

/// Numbers it describes a face by.
pub(crate) const NUMBERS: usize = 128;

/// dlib divides colours by this.
const DIVISOR: f32 = 256.0;

/// Blocks in order: name, channels in and out, and whether it halves the picture.
const BLOCKS: [(&str, usize, usize, bool); 14] = [
    ("conv32_1", 32, 32, false),
    ("conv32_2", 32, 32, false),
    ("conv32_3", 32, 32, false),
    ("conv64_down", 32, 64, true),
    ("conv64_1", 64, 64, false),
    ("conv64_2", 64, 64, false),
    ("conv64_3", 64, 64, false),
    ("conv128_down", 64, 128, true),
    ("conv128_1", 128, 128, false),
    ("conv128_2", 128, 128, false),
    ("conv256_down", 128, 256, true),
    ("conv256_1", 256, 256, false),
    ("conv256_2", 256, 256, false),
    ("conv256_down_out", 256, 256, true),
];

pub(crate) struct RecognitionNetwork {
    first: Conv,
    blocks: Vec<Residual>,
    /// 256 x 128.
    last: Vec<f32>,
}

struct Residual {
    halves: bool,
    first: Conv,
    second: Conv,
}

impl RecognitionNetwork {
    pub(crate) fn new(pack: &Pack) -> Result<Self, PackError> {
        let tensors = Tensors::of(pack, "recognition");
        let rule = (2, Padding::Valid, Activation::Relu);
        let first = tensors.scaled_conv("conv32_down", [7, 3, 32], rule)?;
        let blocks = BLOCKS.iter().map(|block| Residual::new(&tensors, block));
        let blocks = blocks.collect::<Result<_, _>>()?;
        Ok(Self { first, blocks, last: tensors.take("fc", &[256, NUMBERS])? })
    }

    /// The description of a face of [`SIDE`] x [`SIDE`] pixels, RGB from 0 to 255.
    pub(crate) fn run(&self, rgb: &[f32]) -> [f32; NUMBERS] {
        debug_assert_eq!(rgb.len(), SIDE * SIDE * 3);
        let mut input = centred(rgb, SIDE, DIVISOR);
        let map = self.first.run(&input);
        // It is still a picture of a face.
        input.values.zeroize();
        let map = max_pool(&map, 3, 2);
        let map = self.blocks.iter().fold(map, |map, block| block.run(map));
        let places = (map.height * map.width) as f32;
        let mut numbers = [0.0; NUMBERS];
        for place in map.values.chunks_exact(map.channels) {
            for (value, weights) in place.iter().zip(self.last.chunks_exact(NUMBERS)) {
                for (number, weight) in numbers.iter_mut().zip(weights) {
                    *number += value / places * weight;
                }
            }
        }
        numbers
    }
}

impl Residual {
    fn new(
        tensors: &Tensors<'_>,
        &(name, inputs, outputs, halves): &(&str, usize, usize, bool),
    ) -> Result<Self, PackError> {
        let (stride, padding) = if halves { (2, Padding::Valid) } else { (1, Padding::Same) };
        let rule = (stride, padding, Activation::Relu);
        let first = tensors.scaled_conv(&format!("{name}/conv1"), [3, inputs, outputs], rule)?;
        let rule = (1, Padding::Same, Activation::Linear);
        let second = tensors.scaled_conv(&format!("{name}/conv2"), [3, outputs, outputs], rule)?;
        Ok(Self { halves, first, second })
    }

    fn run(&self, map: Map) -> Map {
        let changed = self.second.run(&self.first.run(&map));
        if !self.halves {
            return changed.add(&map).relu();
        }
        // Both ways may come out of different size; dlib fills up with zeros.
        let pooled = average_pool(&map, 2, 2);
        let (height, width) = (pooled.height.max(changed.height), pooled.width.max(changed.width));
        let channels = pooled.channels.max(changed.channels);
        let pooled = pooled.grown_to(height, width, channels);
        changed.grown_to(height, width, channels).add(&pooled).relu()
    }
}
