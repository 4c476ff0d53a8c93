//! The layers that the face networks are made of, on maps of height x width x channels.
//!
//! Channels lie innermost, so that a convolution is one matrix product of patches and weights, and
//! the weights of TensorFlow need no reordering. The product itself (`ndarray`, `matrixmultiply`)
//! picks the processor's widest instructions when it runs.

mod conv;
mod depthwise;
mod pool;

pub(crate) use conv::{Conv, Padding};
pub(crate) use depthwise::Depthwise;
pub(crate) use pool::{average_pool, max_pool};

/// Values of a picture or layer, channels innermost.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) values: Vec<f32>,
}

impl Map {
    /// A map of zeros.
    pub(crate) fn zeros(height: usize, width: usize, channels: usize) -> Self {
        Self { height, width, channels, values: vec![0.0; height * width * channels] }
    }

    /// Gives it another shape; the values are whatever they were.
    fn reshape(&mut self, height: usize, width: usize, channels: usize) {
        (self.height, self.width, self.channels) = (height, width, channels);
        self.values.resize(height * width * channels, 0.0);
    }

    /// The values of a line.
    pub(crate) fn line(&self, y: usize) -> &[f32] {
        let length = self.width * self.channels;
        &self.values[y * length..(y + 1) * length]
    }

    /// The channels of a place.
    pub(crate) fn at(&self, y: usize, x: usize) -> &[f32] {
        let start = (y * self.width + x) * self.channels;
        &self.values[start..start + self.channels]
    }

    /// Adds a map of the same shape.
    pub(crate) fn add(mut self, other: &Self) -> Self {
        debug_assert_eq!(self.values.len(), other.values.len());
        for (value, more) in self.values.iter_mut().zip(&other.values) {
            *value += more;
        }
        self
    }

    /// Negative values become 0.
    pub(crate) fn relu(mut self) -> Self {
        Activation::Relu.apply(&mut self.values);
        self
    }

    /// The same in a larger map, zeros to the right, below and in the channels behind.
    pub(crate) fn grown_to(&self, height: usize, width: usize, channels: usize) -> Self {
        if (height, width, channels) == (self.height, self.width, self.channels) {
            return self.clone();
        }
        let mut grown = Self::zeros(height, width, channels);
        for y in 0..self.height {
            for x in 0..self.width {
                let start = (y * width + x) * channels;
                grown.values[start..start + self.channels].copy_from_slice(self.at(y, x));
            }
        }
        grown
    }
}

/// What follows a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// Nothing.
    Linear,
    /// Negative values become 0.
    Relu,
    /// Values are kept between 0 and 6.
    Relu6,
}

impl Activation {
    pub(crate) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Linear => {}
            Self::Relu => values.iter_mut().for_each(|value| *value = value.max(0.0)),
            Self::Relu6 => values.iter_mut().for_each(|value| *value = value.clamp(0.0, 6.0)),
        }
    }
}

/// Along one side: how many places come out, and how many zeros stand before the first value
/// (TensorFlow's rules for `SAME` and `VALID`).
fn extent(side: usize, kernel: usize, stride: usize, padding: Padding) -> (usize, usize) {
    match padding {
        Padding::Valid => ((side + stride).saturating_sub(kernel) / stride, 0),
        Padding::Same => {
            let out = side.div_ceil(stride);
            let needed = (out.saturating_sub(1) * stride + kernel).saturating_sub(side);
            (out, needed / 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_come_out_as_in_tensorflow() {
        assert_eq!(extent(150, 7, 2, Padding::Valid), (72, 0));
        assert_eq!(extent(72, 3, 2, Padding::Valid), (35, 0));
        assert_eq!(extent(512, 3, 2, Padding::Same), (256, 0));
        assert_eq!(extent(7, 3, 2, Padding::Same), (4, 1));
        assert_eq!(extent(35, 3, 1, Padding::Same), (35, 1));
        assert_eq!(extent(2, 3, 2, Padding::Valid), (0, 0));
    }

    #[test]
    fn a_grown_map_keeps_its_values_and_adds_zeros() {
        let map = Map { height: 1, width: 2, channels: 1, values: vec![3.0, 4.0] };
        let grown = map.grown_to(2, 2, 2);
        assert_eq!(grown.values, [3.0, 0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
