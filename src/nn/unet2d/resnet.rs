//! The residual block.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::config::{TimeScaleShift, UNet2dConfig};
use super::width::Width;
use super::{fir, resample};
use crate::nn::activation::Activation;
use crate::nn::convolution::{self, Conv3x3};
use crate::nn::norm::GroupNorm;

/// A residual block conditioned on the time ([Ho et al. 2020](https://arxiv.org/abs/2006.11239), appendix B):
///
/// `h = conv1(resample(act(norm1(x))))`, `e = time_emb_proj(embedding)`, `h = conv2(dropout(act(norm2(h + e))))`, or
/// with [`TimeScaleShift::ScaleShift`] `h = conv2(dropout(act(norm2(h) (1 + e_scale) + e_shift)))`; the result is
/// `(shortcut(resample(x)) + h) / output_scale_factor`.
#[derive(Module, Debug)]
pub struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Conv3x3,
    time_emb_proj: Linear,
    norm2: GroupNorm,
    dropout: Dropout,
    conv2: Conv3x3,
    conv_shortcut: Option<Conv2d>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    time_scale_shift: TimeScaleShift,
    #[module(skip)]
    resample: Resample,
    output_scale_factor: f64,
}

/// How a residual block changes the resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    /// Keeps the resolution.
    Keep,
    /// Downsamples by 2.
    Downsample,
    /// Upsamples by 2.
    Upsample,
    /// Downsamples by 2 with an FIR filter.
    FilterDownsample,
    /// Upsamples by 2 with an FIR filter.
    FilterUpsample,
}

impl Resample {
    fn forward(self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Keep => input,
            Self::Downsample => resample::downsample(input),
            Self::Upsample => resample::upsample(input),
            Self::FilterDownsample => fir::downsample(input),
            Self::FilterUpsample => fir::upsample(input),
        }
    }
}

impl ResnetBlock {
    /// A block between two widths.
    pub fn new(config: &UNet2dConfig, [input, output]: [Width; 2], device: &Device) -> Self {
        let (channels_in, channels_out) = (input.channels, output.channels);
        let norm =
            |width: Width| GroupNorm::new(width.groups, width.channels, config.norm_eps, device);
        let projected = match config.resnet_time_scale_shift {
            TimeScaleShift::Default => channels_out,
            TimeScaleShift::ScaleShift => 2 * channels_out,
        };
        Self {
            norm1: norm(input),
            conv1: Conv3x3::new(channels_in, channels_out, device),
            time_emb_proj: LinearConfig::new(config.embedding_channels(), projected).init(device),
            norm2: norm(output),
            dropout: DropoutConfig::new(config.dropout).init(),
            conv2: Conv3x3::new(channels_out, channels_out, device),
            conv_shortcut: (channels_in != channels_out)
                .then(|| convolve_pixels(channels_in, channels_out, device)),
            activation: config.act_fn,
            time_scale_shift: config.resnet_time_scale_shift,
            resample: Resample::Keep,
            output_scale_factor: 1.0,
        }
    }

    /// The same block with resampling.
    pub fn with_resample(mut self, resample: Resample) -> Self {
        self.resample = resample;
        self
    }

    /// The same block with a convolution in its shortcut, even where input and output have the same width.
    pub fn with_shortcut(mut self, channels: usize, device: &Device) -> Self {
        self.conv_shortcut = Some(convolve_pixels(channels, channels, device));
        self
    }

    /// The same block with its output divided by `factor`.
    pub fn with_output_scale_factor(mut self, factor: f64) -> Self {
        self.output_scale_factor = factor;
        self
    }

    /// Maps `[batch, channels_in, height, width]` to `[batch, channels_out, height, width]` (at the new resolution),
    /// given the activated time embedding, `[batch, embedding_channels]`.
    pub fn forward(&self, input: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        let hidden = self.norm1.forward_activated(input.clone(), self.activation);
        let hidden = self.conv1.forward(self.resample.forward(hidden));
        let hidden = self.condition(hidden, embedding);
        let hidden = self.conv2.forward(self.dropout.forward(hidden));

        let input = self.resample.forward(input);
        let shortcut = match &self.conv_shortcut {
            Some(conv) => convolution::convolve_pixels(conv, input),
            None => input,
        };
        rescale(shortcut + hidden, self.output_scale_factor)
    }

    /// Second normalisation, modulated by the time embedding, and the activation function.
    fn condition(&self, hidden: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        let embedding = self.time_emb_proj.forward(embedding.clone());
        let embedding = embedding.unsqueeze_dims(&[2, 3]); // [batch, projected, 1, 1]
        match self.time_scale_shift {
            TimeScaleShift::Default => self
                .norm2
                .forward_activated(hidden + embedding, self.activation),
            TimeScaleShift::ScaleShift => {
                let [scale, shift] = embedding.chunk(2, 1).try_into().expect("two halves");
                let hidden = self.norm2.forward(hidden) * (scale + 1.0) + shift;
                self.activation.forward(hidden)
            }
        }
    }
}

/// A 1x1 convolution.
pub(super) fn convolve_pixels(channels_in: usize, channels_out: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([channels_in, channels_out], [1, 1]).init(device)
}

/// Divides by `factor`, which is usually 1.
pub(super) fn rescale(tensor: Tensor<4>, factor: f64) -> Tensor<4> {
    if factor == 1.0 {
        tensor
    } else {
        tensor / factor
    }
}
