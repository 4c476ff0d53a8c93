//! A convolution of each channel by itself, with a kernel of 3 x 3 and zeros around the map.

use super::{Activation, Map, Padding, extent};

/// Side of the kernel.
const KERNEL: usize = 3;

/// A 3 x 3 convolution of each channel, with bias and activation.
pub(crate) struct Depthwise {
    stride: usize,
    activation: Activation,
    /// Kernel row, kernel column, channel; channels innermost.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Depthwise {
    /// A layer; the lengths were checked by the caller against `[3, 3, channels]`.
    pub(crate) fn new(
        (stride, activation): (usize, Activation),
        weights: Vec<f32>,
        bias: Vec<f32>,
    ) -> Self {
        debug_assert_eq!(weights.len(), KERNEL * KERNEL * bias.len());
        Self { stride, activation, weights, bias }
    }

    pub(crate) fn run(&self, map: &Map) -> Map {
        let mut out = Map::default();
        self.run_into(map, &mut out);
        out
    }

    /// Into a map whose memory is used again.
    pub(crate) fn run_into(&self, map: &Map, out: &mut Map) {
        let channels = self.bias.len();
        debug_assert_eq!(map.channels, channels);
        let (height, above) = extent(map.height, KERNEL, self.stride, Padding::Same);
        let (width, left) = extent(map.width, KERNEL, self.stride, Padding::Same);
        out.reshape(height, width, channels);
        for (place, sums) in out.values.chunks_exact_mut(channels).enumerate() {
            sums.copy_from_slice(&self.bias);
            let (y, x) = (place / width * self.stride, place % width * self.stride);
            for (tap, weights) in self.weights.chunks_exact(channels).enumerate() {
                // Below 0 becomes very large, and is outside as well.
                let y = (y + tap / KERNEL).wrapping_sub(above);
                let x = (x + tap % KERNEL).wrapping_sub(left);
                if y < map.height && x < map.width {
                    for ((sum, value), weight) in sums.iter_mut().zip(map.at(y, x)).zip(weights) {
                        *sum += value * weight;
                    }
                }
            }
            self.activation.apply(sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Conv, *};

    /// Each channel is convolved as a dense convolution of that channel alone would.
    #[test]
    fn channels_do_not_mix() {
        let values: Vec<f32> = (0..6 * 5 * 2).map(|i| ((i * 37) % 23) as f32 - 11.0).collect();
        let map = Map { height: 6, width: 5, channels: 2, values };
        let weights: Vec<f32> = (0..18).map(|i| ((i * 5) % 7) as f32 - 3.0).collect();
        for stride in [1, 2] {
            let both =
                Depthwise::new((stride, Activation::Relu6), weights.clone(), vec![1.0, -2.0]);
            let out = both.run(&map);
            for channel in 0..2 {
                let pick = |all: &[f32]| all.iter().skip(channel).step_by(2).copied().collect();
                let one = Map { channels: 1, values: pick(&map.values), ..map };
                let rule = (stride, Padding::Same, Activation::Relu6);
                let bias = vec![[1.0, -2.0][channel]];
                let alone = Conv::new([3, 1, 1], rule, pick(&weights), bias).run(&one);
                let of_both: Vec<f32> = pick(&out.values);
                assert_eq!(of_both, alone.values, "stride {stride}, channel {channel}");
            }
        }
    }
}
