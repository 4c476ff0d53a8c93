//! Finds the 68 points of a face (the scheme of iBUG 300-W): densely connected separable layers.

use zeroize::Zeroize;

use super::centred;
use crate::{
    layers::{Activation, Conv, Depthwise, Map, Padding, average_pool},
    weights::{Pack, PackError, Tensors},
};

/// Side of the picture it looks at.
pub(crate) const SIDE: usize = 112;

/// Points it finds.
pub(crate) const POINTS: usize = 68;

/// Colours are divided by this.
const DIVISOR: f32 = 255.0;

/// Blocks in order: name, channels in and out.
const BLOCKS: [(&str, usize, usize); 4] =
    [("dense0", 3, 32), ("dense1", 32, 64), ("dense2", 64, 128), ("dense3", 128, 256)];

pub(crate) struct LandmarkNetwork {
    blocks: Vec<Dense>,
    last: Conv,
}

/// Four layers, each of which sees the sum of all before it.
struct Dense {
    first: First,
    rest: [Separable; 3],
}

enum First {
    Whole(Conv),
    Separable(Separable),
}

/// A convolution of each channel, and the mixing of channels.
struct Separable {
    depthwise: Depthwise,
    pointwise: Conv,
}

impl LandmarkNetwork {
    pub(crate) fn new(pack: &Pack) -> Result<Self, PackError> {
        let tensors = Tensors::of(pack, "landmarks");
        let blocks = BLOCKS.iter().map(|block| Dense::new(&tensors, block));
        let blocks = blocks.collect::<Result<_, _>>()?;
        let (weights, bias) = ("fc/weights", "fc/bias");
        let weights = tensors.take(weights, &[256, 2 * POINTS])?;
        let bias = tensors.take(bias, &[2 * POINTS])?;
        let rule = (1, Padding::Valid, Activation::Linear);
        Ok(Self { blocks, last: Conv::new([1, 256, 2 * POINTS], rule, weights, bias) })
    }

    /// The points in a picture of [`SIDE`] x [`SIDE`] pixels, RGB from 0 to 255, as fractions of its
    /// side.
    pub(crate) fn run(&self, rgb: &[f32]) -> [[f32; 2]; POINTS] {
        debug_assert_eq!(rgb.len(), SIDE * SIDE * 3);
        let input = centred(rgb, SIDE, DIVISOR);
        let map = self.blocks.iter().fold(input, |mut map, block| {
            let next = block.run(&map);
            // The first one is still a picture of a face.
            map.values.zeroize();
            next
        });
        let answer = self.last.run(&average_pool(&map, 7, 2));
        let mut points = [[0.0; 2]; POINTS];
        for (point, found) in points.iter_mut().zip(answer.values.as_chunks().0) {
            *point = *found;
        }
        points
    }
}

impl Dense {
    fn new(
        tensors: &Tensors<'_>,
        &(name, inputs, outputs): &(&str, usize, usize),
    ) -> Result<Self, PackError> {
        let separable = |layer: usize, inputs, stride| {
            Separable::new(tensors, &format!("{name}/conv{layer}"), (inputs, outputs), stride)
        };
        // The first layer of all sees colours, and does not separate them.
        let first = if inputs == 3 {
            let (weights, bias) = (format!("{name}/conv0/filters"), format!("{name}/conv0/bias"));
            let rule = (2, Padding::Same, Activation::Relu);
            First::Whole(tensors.conv((&weights, &bias), [3, inputs, outputs], rule)?)
        } else {
            First::Separable(separable(0, inputs, 2)?)
        };
        let rest =
            [separable(1, outputs, 1)?, separable(2, outputs, 1)?, separable(3, outputs, 1)?];
        Ok(Self { first, rest })
    }

    fn run(&self, map: &Map) -> Map {
        let mut sum = match &self.first {
            First::Whole(conv) => conv.run(map),
            First::Separable(separable) => separable.run(map).relu(),
        };
        let mut seen = sum.clone();
        for layer in &self.rest {
            sum = sum.add(&layer.run(&seen));
            seen = sum.clone().relu();
        }
        seen
    }
}

impl Separable {
    fn new(
        tensors: &Tensors<'_>,
        name: &str,
        (inputs, outputs): (usize, usize),
        stride: usize,
    ) -> Result<Self, PackError> {
        let depthwise = tensors.take(&format!("{name}/depthwise_filter"), &[3, 3, inputs, 1])?;
        let rule = (stride, Activation::Linear);
        let depthwise = Depthwise::new(rule, depthwise, vec![0.0; inputs]);
        let names = (format!("{name}/pointwise_filter"), format!("{name}/bias"));
        let rule = (1, Padding::Same, Activation::Linear);
        let pointwise = tensors.conv((&names.0, &names.1), [1, inputs, outputs], rule)?;
        Ok(Self { depthwise, pointwise })
    }

    fn run(&self, map: &Map) -> Map {
        self.pointwise.run(&self.depthwise.run(map))
    }
}
