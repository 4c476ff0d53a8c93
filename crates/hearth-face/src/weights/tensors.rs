//! The tensors of one network, taken by name and with the shape the network expects.

use std::collections::HashMap;

use super::{Pack, PackError, StoredTensor};
use crate::layers::{Activation, Conv, Depthwise, Padding};

/// Added to variances before their root is taken (TensorFlow's value, as MobileNet was trained).
const BATCH_NORM_EPSILON: f32 = 0.001;

/// The tensors of one network.
pub(crate) struct Tensors<'a> {
    by_name: HashMap<&'a str, &'a StoredTensor>,
    network: &'static str,
}

impl<'a> Tensors<'a> {
    /// The tensors whose names begin with the network's.
    pub(crate) fn of(pack: &'a Pack, network: &'static str) -> Self {
        let own = |tensor: &'a StoredTensor| {
            let name = tensor.name.strip_prefix(network)?.strip_prefix('/')?;
            Some((name, tensor))
        };
        Self { by_name: pack.tensors().iter().filter_map(own).collect(), network }
    }

    /// The numbers of a tensor of this shape.
    pub(crate) fn take(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, PackError> {
        let tensor = self.by_name.get(name).ok_or(PackError::Tensor(self.network))?;
        let values = tensor.values();
        let is_sane = tensor.shape == shape && values.iter().all(|value| value.is_finite());
        if is_sane { Ok(values) } else { Err(PackError::Tensor(self.network)) }
    }

    /// A dense convolution of `[kernel, inputs, outputs]` from a tensor of weights and one of bias.
    pub(crate) fn conv(
        &self,
        (weights, bias): (&str, &str),
        [kernel, inputs, outputs]: [usize; 3],
        rule: (usize, Padding, Activation),
    ) -> Result<Conv, PackError> {
        let weights = self.take(weights, &[kernel, kernel, inputs, outputs])?;
        let bias = self.take(bias, &[outputs])?;
        Ok(Conv::new([kernel, inputs, outputs], rule, weights, bias))
    }

    /// A convolution followed by `x * scale + shift`, both folded into its weights.
    pub(crate) fn scaled_conv(
        &self,
        name: &str,
        [kernel, inputs, outputs]: [usize; 3],
        rule: (usize, Padding, Activation),
    ) -> Result<Conv, PackError> {
        let mut weights =
            self.take(&format!("{name}/conv/filters"), &[kernel, kernel, inputs, outputs])?;
        let mut bias = self.take(&format!("{name}/conv/bias"), &[outputs])?;
        let scale = self.take(&format!("{name}/scale/weights"), &[outputs])?;
        let shift = self.take(&format!("{name}/scale/biases"), &[outputs])?;
        for row in weights.chunks_exact_mut(outputs) {
            row.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
        }
        for ((bias, scale), shift) in bias.iter_mut().zip(&scale).zip(&shift) {
            *bias = *bias * scale + shift;
        }
        Ok(Conv::new([kernel, inputs, outputs], rule, weights, bias))
    }

    /// A 3 x 3 convolution of each channel, its batch normalisation folded in.
    pub(crate) fn normalised_depthwise(
        &self,
        name: &str,
        channels: usize,
        rule: (usize, Activation),
    ) -> Result<Depthwise, PackError> {
        let of_norm = |part: &str| self.take(&format!("{name}/BatchNorm/{part}"), &[channels]);
        let (gamma, beta) = (of_norm("gamma")?, of_norm("beta")?);
        let (mean, variance) = (of_norm("moving_mean")?, of_norm("moving_variance")?);
        let mut weights = self.take(&format!("{name}/depthwise_weights"), &[3, 3, channels, 1])?;
        let scale: Vec<f32> = gamma
            .iter()
            .zip(&variance)
            .map(|(gamma, variance)| gamma / (variance.max(0.0) + BATCH_NORM_EPSILON).sqrt())
            .collect();
        for row in weights.chunks_exact_mut(channels) {
            row.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
        }
        let bias = beta.iter().zip(&mean).zip(&scale);
        let bias = bias.map(|((beta, mean), scale)| beta - mean * scale).collect();
        Ok(Depthwise::new(rule, weights, bias))
    }
}
