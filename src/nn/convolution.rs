//! The 3x3 convolution that keeps the resolution: nearly all of a U-Net's work.

use burn::module::{Initializer, Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

use super::cpu;

/// A 3x3 convolution of stride 1 on an image padded by one pixel of zeros.
#[derive(Module, Debug)]
pub struct Conv3x3 {
    /// `[channels_out, channels_in, 3, 3]`
    weight: Param<Tensor<4>>,
    /// `[channels_out]`
    bias: Param<Tensor<1>>,
}

impl Conv3x3 {
    /// A layer with PyTorch's initialisation, uniform within `1 / sqrt(9 channels_in)` of zero.
    pub fn new(channels_in: usize, channels_out: usize, device: &Device) -> Self {
        let bound = 1.0 / (9.0 * channels_in as f64).sqrt();
        let initializer = Initializer::Uniform {
            min: -bound,
            max: bound,
        };
        Self {
            weight: initializer.init([channels_out, channels_in, 3, 3], device),
            bias: initializer.init([channels_out], device),
        }
    }

    /// Maps `[batch, channels_in, height, width]` to `[batch, channels_out, height, width]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        match cpu::is_browser(&input) && !weight.is_autodiff() {
            true => cpu::convolve(input, weight, bias),
            false => {
                let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
                conv2d(input, weight, Some(bias), options)
            }
        }
    }
}
