//! A convolution: patches of the map, as rows, times the weights.

use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

use super::{Activation, Map, extent};

/// Patches gathered before they are multiplied: a block stays in the second-level cache.
const PATCHES_AT_ONCE: usize = 512;

/// What stands around the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Nothing: the kernel stays inside.
    Valid,
    /// Zeros, so that a stride of 1 keeps the size.
    Same,
}

/// A convolution with bias and activation.
pub(crate) struct Conv {
    kernel: usize,
    inputs: usize,
    outputs: usize,
    stride: usize,
    padding: Padding,
    activation: Activation,
    /// Kernel row, kernel column, input, output; outputs innermost.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Conv {
    /// A layer with a square kernel; the lengths of `weights` and `bias` were checked by the caller
    /// against `[kernel, kernel, inputs, outputs]`.
    pub(crate) fn new(
        [kernel, inputs, outputs]: [usize; 3],
        (stride, padding, activation): (usize, Padding, Activation),
        weights: Vec<f32>,
        bias: Vec<f32>,
    ) -> Self {
        debug_assert_eq!(weights.len(), kernel * kernel * inputs * outputs);
        debug_assert_eq!(bias.len(), outputs);
        Self { kernel, inputs, outputs, stride, padding, activation, weights, bias }
    }

    pub(crate) fn run(&self, map: &Map) -> Map {
        let mut out = Map::default();
        self.run_into(map, &mut out);
        out
    }

    /// Into a map whose memory is used again: large ones are dear to get from the system.
    pub(crate) fn run_into(&self, map: &Map, out: &mut Map) {
        debug_assert_eq!(map.channels, self.inputs);
        let (height, above) = extent(map.height, self.kernel, self.stride, self.padding);
        let (width, left) = extent(map.width, self.kernel, self.stride, self.padding);
        let places = height * width;
        let depth = self.kernel * self.kernel * self.inputs;
        let is_own_patch = self.kernel == 1 && self.stride == 1;
        let patch_count = if is_own_patch { 0 } else { PATCHES_AT_ONCE.min(places) };
        let mut patches = vec![0.0; patch_count * depth];
        out.reshape(height, width, self.outputs);
        // A block at a time from bias to activation, while it is in the cache.
        let blocks = out.values.chunks_mut(PATCHES_AT_ONCE * self.outputs);
        for (block, values) in blocks.enumerate() {
            let (first, count) = (block * PATCHES_AT_ONCE, values.len() / self.outputs);
            for place in values.chunks_exact_mut(self.outputs) {
                place.copy_from_slice(&self.bias);
            }
            if is_own_patch {
                let patches = &map.values[first * depth..(first + count) * depth];
                self.multiply(patches, depth, values);
            } else {
                let patches = &mut patches[..count * depth];
                for (number, patch) in patches.chunks_exact_mut(depth).enumerate() {
                    let place = first + number;
                    let corner = (place / width * self.stride, place % width * self.stride);
                    self.gather(map, corner, (above, left), patch);
                }
                self.multiply(patches, depth, values);
            }
            self.activation.apply(values);
        }
    }

    /// Adds patches x weights to values.
    fn multiply(&self, patches: &[f32], depth: usize, values: &mut [f32]) {
        let places = values.len() / self.outputs;
        let patches = ArrayView2::from_shape((places, depth), patches);
        let weights = ArrayView2::from_shape((depth, self.outputs), &self.weights);
        let values = ArrayViewMut2::from_shape((places, self.outputs), values);
        if let (Ok(patches), Ok(weights), Ok(mut values)) = (patches, weights, values) {
            general_mat_mul(1.0, &patches, &weights, 1.0, &mut values);
        } else {
            debug_assert!(false, "a layer was built with checked shapes");
        }
    }

    /// The patch whose corner is at `corner` of the padded map.
    fn gather(
        &self,
        map: &Map,
        corner: (usize, usize),
        padding: (usize, usize),
        patch: &mut [f32],
    ) {
        let span = self.kernel * self.inputs;
        for (row, cells) in patch.chunks_exact_mut(span).enumerate() {
            let Some(y) = (corner.0 + row).checked_sub(padding.0).filter(|y| *y < map.height)
            else {
                cells.fill(0.0);
                continue;
            };
            let line = map.line(y);
            // The columns of the kernel that lie inside the map.
            let first = padding.1.saturating_sub(corner.1).min(self.kernel);
            let end = (map.width + padding.1).saturating_sub(corner.1).min(self.kernel).max(first);
            let from = (corner.1 + first).saturating_sub(padding.1) * self.inputs;
            let (before, rest) = cells.split_at_mut(first * self.inputs);
            let (inside, after) = rest.split_at_mut((end - first) * self.inputs);
            before.fill(0.0);
            inside.copy_from_slice(&line[from..from + inside.len()]);
            after.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, as slowly as it is written down.
    fn by_definition(conv: &Conv, map: &Map) -> Map {
        let (height, above) = extent(map.height, conv.kernel, conv.stride, conv.padding);
        let (width, left) = extent(map.width, conv.kernel, conv.stride, conv.padding);
        let mut out = Map::zeros(height, width, conv.outputs);
        for place in 0..height * width {
            for output in 0..conv.outputs {
                let mut sum = f64::from(conv.bias[output]);
                for tap in 0..conv.kernel * conv.kernel {
                    let y = (place / width * conv.stride + tap / conv.kernel).checked_sub(above);
                    let x = (place % width * conv.stride + tap % conv.kernel).checked_sub(left);
                    let (Some(y), Some(x)) = (y, x) else { continue };
                    if y < map.height && x < map.width {
                        for input in 0..conv.inputs {
                            let weight =
                                conv.weights[(tap * conv.inputs + input) * conv.outputs + output];
                            sum += f64::from(map.at(y, x)[input]) * f64::from(weight);
                        }
                    }
                }
                out.values[place * conv.outputs + output] = sum as f32;
            }
        }
        out
    }

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed | 1;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_convolution_is_what_its_definition_says(
            (height, width) in (1usize..30, 1usize..30),
            (kernel, inputs, outputs) in (1usize..5, 1usize..5, 1usize..6),
            (stride, same, seed) in (1usize..4, any::<bool>(), any::<u32>()),
        ) {
            let padding = if same { Padding::Same } else { Padding::Valid };
            prop_assume!(same || height.min(width) >= kernel);
            let conv = Conv::new(
                [kernel, inputs, outputs],
                (stride, padding, Activation::Linear),
                numbers(kernel * kernel * inputs * outputs, seed),
                numbers(outputs, seed ^ 7),
            );
            let values = numbers(height * width * inputs, seed ^ 99);
            let map = Map { height, width, channels: inputs, values };
            let (got, want) = (conv.run(&map), by_definition(&conv, &map));
            prop_assert_eq!((got.height, got.width), (want.height, want.width));
            for (got, want) in got.values.iter().zip(&want.values) {
                prop_assert!((got - want).abs() < 1e-5, "{} is not {}", got, want);
            }
        }
    }
}
