//! Group normalisation.

use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor};

use super::activation::Activation;
use super::cpu;
#[cfg(not(target_family = "wasm"))]
use super::cpu::native;

/// Group normalisation ([Wu and He 2018](https://arxiv.org/abs/1803.08494)): for each sample and each group of adjacent
/// channels, `(x - mean) / sqrt(variance + eps)`, then for each channel `weight * x + bias`.
#[derive(Module, Debug)]
pub struct GroupNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// A normalisation of `channels` in `groups`; `groups` must divide `channels`.
    pub fn new(groups: usize, channels: usize, eps: f64, device: &Device) -> Self {
        Self {
            weight: Initializer::Ones.init([channels], device),
            bias: Initializer::Zeros.init([channels], device),
            groups,
            eps,
        }
    }

    /// Normalises `[batch, channels, height, width]`, and applies an activation function.
    pub fn forward_activated(&self, input: Tensor<4>, activation: Activation) -> Tensor<4> {
        #[cfg(not(target_family = "wasm"))]
        if activation == Activation::Silu && native::is_here(&input) {
            return self.forward_here(input, native::Activated::Silu);
        }
        activation.forward(self.forward(input))
    }

    #[cfg(not(target_family = "wasm"))]
    fn forward_here(&self, input: Tensor<4>, activated: native::Activated) -> Tensor<4> {
        let groups = native::Groups {
            count: self.groups,
            eps: self.eps as f32,
            activated,
        };
        native::normalise(input, self.weight.val(), self.bias.val(), groups)
    }

    /// Normalises `[batch, channels, height, width]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        #[cfg(not(target_family = "wasm"))]
        if native::is_here(&input) {
            return self.forward_here(input, native::Activated::Not);
        }
        let (weight, bias) = (self.weight.val(), self.bias.val());
        if cpu::is_browser(&input) && !weight.is_autodiff() {
            return cpu::normalise(input, [weight, bias], self.groups, self.eps);
        }
        let shape = input.dims();
        let [batch, channels, height, width] = shape;
        let members = channels / self.groups;
        let input = input.reshape([batch * self.groups, members * height * width]);
        let centred = input.clone() - input.mean_dim(1);
        let variance = centred.clone().square().mean_dim(1); // [batch * groups, 1]
        let normal = centred / (variance + self.eps).sqrt();
        // Reshaped before the product, since Burn's fusion would otherwise stop between the product and the sum.
        let weight = weight.reshape([1, channels, 1, 1]);
        let bias = bias.reshape([1, channels, 1, 1]);
        normal.reshape(shape) * weight + bias
    }
}
