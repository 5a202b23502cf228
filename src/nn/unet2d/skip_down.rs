//! Blocks of NCSN++ in the down path.

use std::f64::consts::SQRT_2;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::UNet2dConfig;
use super::down::forward_layers;
use super::fir;
use super::resnet::{Resample, ResnetBlock, convolve_pixels};
use super::width::Width;

/// Groups of the normalisation before the attention of a skip block.
pub(super) const ATTENTION_GROUPS: usize = 32;
/// Channels of the sample that skip blocks receive, and of the image that they add to the output.
pub(super) const IMAGE_CHANNELS: usize = 3;

/// Residual blocks, optionally with attention after each, followed by optional downsampling by 2, where the sample is
/// added ("input skip", [Karras et al. 2020](https://arxiv.org/abs/1912.04958), figure 7; NCSN++, [Song et al.
/// 2021](https://arxiv.org/abs/2011.13456), appendix H):
///
/// `image = fir(image)`, `h = resnet_down(h) + skip_conv(image)`.
///
/// The output of every residual block and attention is divided by the square root of 2. These are diffusers'
/// `SkipDownBlock2D` and `AttnSkipDownBlock2D`.
#[derive(Module, Debug)]
pub struct SkipDownBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
    resnet_down: Option<ResnetBlock>,
    skip_conv: Option<Conv2d>,
}

impl SkipDownBlock {
    /// The block at `level`, counted from the highest resolution.
    pub fn new(config: &UNet2dConfig, level: usize, device: &Device) -> Self {
        let channels = config.block_out_channels[level];
        let has_attention = config.down_block_types[level].has_attention();
        let widths = config.down_widths(level);
        let attentions = has_attention.then(|| {
            let attention = |_| new_attention(config, channels, device);
            widths.iter().map(attention)
        });
        let downsamples = level + 1 < config.block_out_channels.len();
        let [_, width] = widths[0];
        Self {
            attentions: attentions.into_iter().flatten().collect(),
            resnets: (widths.iter())
                .map(|&widths| new_resnet(config, widths, device))
                .collect(),
            resnet_down: downsamples.then(|| {
                new_resnet(config, [width; 2], device)
                    .with_resample(Resample::FilterDownsample)
                    .with_shortcut(channels, device)
            }),
            skip_conv: downsamples.then(|| convolve_pixels(IMAGE_CHANNELS, channels, device)),
        }
    }

    /// As [`super::down::DownBlock::forward`].
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
        image: &mut Tensor<4>,
    ) -> Tensor<4> {
        let hidden = forward_layers(&self.resnets, &self.attentions, input, embedding, skips);
        let (Some(resnet), Some(conv)) = (&self.resnet_down, &self.skip_conv) else {
            return hidden;
        };
        *image = fir::downsample(image.clone());
        let hidden = resnet.forward(hidden, embedding) + conv.forward(image.clone());
        skips.push(hidden.clone());
        hidden
    }
}

/// A residual block of NCSN++.
pub(super) fn new_resnet(
    config: &UNet2dConfig,
    widths: [Width; 2],
    device: &Device,
) -> ResnetBlock {
    ResnetBlock::new(config, widths, device).with_output_scale_factor(SQRT_2)
}

/// An attention layer of NCSN++.
pub(super) fn new_attention(config: &UNet2dConfig, channels: usize, device: &Device) -> Attention {
    Attention::new(config, channels, Some(ATTENTION_GROUPS), device)
        .with_output_scale_factor(SQRT_2)
}
