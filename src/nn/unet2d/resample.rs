//! Layers that downsample or upsample by 2.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::module::{avg_pool2d, interpolate};
use burn::tensor::ops::{AvgPoolOptions, InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};

use super::resnet::ResnetBlock;
use crate::nn::convolution::{self, Conv3x3};

/// Downsamples by 2.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has a handful")]
pub enum Downsampler {
    /// With a convolution of stride 2.
    Conv(DownsampleConv),
    /// With a residual block.
    Resnet(ResnetBlock),
}

impl Downsampler {
    /// Maps `[batch, channels, height, width]` to `[batch, channels, height / 2, width / 2]`.
    pub fn forward(&self, input: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        match self {
            Self::Conv(layer) => {
                convolution::convolve_downsampling(&layer.conv, layer.padding, input)
            }
            Self::Resnet(resnet) => resnet.forward(input, embedding),
        }
    }
}

/// A convolution of stride 2.
#[derive(Module, Debug)]
pub struct DownsampleConv {
    conv: Conv2d,
    padding: usize,
}

impl DownsampleConv {
    /// With padding 0, diffusers pads by one pixel below and to the right.
    pub fn new(channels: usize, padding: usize, device: &Device) -> Self {
        let conv = Conv2dConfig::new([channels, channels], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, 1, 1))
            .init(device);
        Self { conv, padding }
    }
}

/// Upsamples by 2.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has a handful")]
pub enum Upsampler {
    /// By repeating pixels, followed by a convolution.
    Conv(UpsampleConv),
    /// With a residual block.
    Resnet(ResnetBlock),
}

impl Upsampler {
    /// Maps `[batch, channels, height, width]` to `[batch, channels, 2 * height, 2 * width]`.
    pub fn forward(&self, input: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        match self {
            Self::Conv(layer) => layer.conv.forward(upsample(input)),
            Self::Resnet(resnet) => resnet.forward(input, embedding),
        }
    }
}

/// A convolution after the upsampling.
#[derive(Module, Debug)]
pub struct UpsampleConv {
    conv: Conv3x3,
}

impl UpsampleConv {
    /// A convolution with `channels` input and output channels.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self {
            conv: Conv3x3::new(channels, channels, device),
        }
    }
}

/// Downsamples height and width by 2 by averaging 2x2 pixels.
pub(super) fn downsample(input: Tensor<4>) -> Tensor<4> {
    avg_pool2d(input, AvgPoolOptions::new([2, 2]))
}

/// Upsamples height and width by 2 by repeating pixels.
pub(super) fn upsample(input: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = input.dims();
    let options =
        InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([2 * height, 2 * width]);
    interpolate(input, options)
}
