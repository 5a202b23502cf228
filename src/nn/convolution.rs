//! The 3x3 convolution of stride 1, which dominates the cost of a U-Net.

use burn::module::{Initializer, Module, Param};
use burn::nn::conv::Conv2d;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

use super::cpu;
#[cfg(not(target_family = "wasm"))]
use super::cpu::native::{self, Geometry};

/// A 3x3 convolution of stride 1 with zero padding of one pixel.
#[derive(Module, Debug)]
pub struct Conv3x3 {
    /// `[channels_out, channels_in, 3, 3]`
    weight: Param<Tensor<4>>,
    /// `[channels_out]`
    bias: Param<Tensor<1>>,
}

impl Conv3x3 {
    /// A layer with PyTorch's initialisation, uniform in ±`1 / sqrt(9 channels_in)`.
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
        #[cfg(not(target_family = "wasm"))]
        if native::is_here(&input) {
            let geometry = geometry(&input, 3);
            return native::convolve(input, weight, bias, geometry);
        }
        if cpu::is_browser(&input) && !weight.is_autodiff() {
            cpu::convolve(input, weight, bias)
        } else {
            let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
            conv2d(input, weight, Some(bias), options)
        }
    }
}

/// A 1x1 convolution.
pub(super) fn convolve_pixels(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(not(target_family = "wasm"))]
    if let (Some(bias), true) = (&layer.bias, native::is_here(&input)) {
        let geometry = geometry(&input, 1);
        return native::convolve(input, layer.weight.val(), bias.val(), geometry);
    }
    layer.forward(input)
}

/// A convolution that downsamples by 2: `layer` has a 3x3 kernel and a stride of 2, with `padding` before the first
/// pixel and one pixel after the last.
pub(super) fn convolve_downsampling(layer: &Conv2d, padding: usize, input: Tensor<4>) -> Tensor<4> {
    #[cfg(not(target_family = "wasm"))]
    if let (Some(bias), true, 0..=1) = (&layer.bias, native::is_here(&input), padding) {
        let geometry = Geometry {
            step: 2,
            first: 1 - padding,
            ..geometry(&input, 3)
        };
        return native::convolve(input, layer.weight.val(), bias.val(), geometry);
    }
    #[cfg(target_family = "wasm")]
    let _ = padding;
    layer.forward(input)
}

#[cfg(not(target_family = "wasm"))]
fn geometry(input: &Tensor<4>, kernel: usize) -> Geometry {
    let [_, _, height, width] = input.dims();
    Geometry {
        height,
        width,
        kernel,
        step: 1,
        first: 0,
    }
}
