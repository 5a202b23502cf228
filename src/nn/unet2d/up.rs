//! Blocks of the up path.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::{ResampleType, UNet2dConfig, UpBlockType};
use super::resample::{UpsampleConv, Upsampler};
use super::resnet::{Resample, ResnetBlock};
use super::skip_up::SkipUpBlock;

/// A block of the up path.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has a handful")]
pub enum UpBlock {
    /// A block that only passes its output to the level above.
    Plain(PlainUpBlock),
    /// A block that also adds to the output of the network.
    Skip(SkipUpBlock),
}

impl UpBlock {
    /// The block `index`, counted from the lowest resolution.
    pub fn new(config: &UNet2dConfig, index: usize, device: &Device) -> Self {
        if config.up_block_types[index].is_skip() {
            Self::Skip(SkipUpBlock::new(config, index, device))
        } else {
            Self::Plain(PlainUpBlock::new(config, index, device))
        }
    }

    /// Maps `[batch, channels_below, height, width]` to `[batch, channels, 2 * height, 2 * width]` (the last block
    /// keeps the resolution), and pops one tensor from `skips` for each layer. A skip block reads the `image` of the
    /// skip block below, and replaces it by its own.
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
        image: &mut Option<Tensor<4>>,
    ) -> Tensor<4> {
        match self {
            Self::Plain(block) => block.forward(input, embedding, skips),
            Self::Skip(block) => block.forward(input, embedding, skips, image),
        }
    }
}

/// Residual blocks, each with a skip connection from the down path and optionally followed by attention, then optional
/// upsampling by 2: diffusers' `UpBlock2D`, `AttnUpBlock2D` and `ResnetUpsampleBlock2D`.
#[derive(Module, Debug)]
pub struct PlainUpBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
    upsamplers: Vec<Upsampler>,
}

impl PlainUpBlock {
    /// The block `index`, counted from the lowest resolution.
    pub fn new(config: &UNet2dConfig, index: usize, device: &Device) -> Self {
        let kind = config.up_block_types[index];
        let level = config.block_out_channels.len() - 1 - index;
        let channels = config.block_out_channels[level];
        let width = config.width(channels);
        let widths = config.up_widths(index);
        let attention = |_| Attention::new(config, channels, Some(width.groups), device);
        let attentions = kind.has_attention().then(|| widths.iter().map(attention));
        let resample = match kind {
            UpBlockType::Attention => config.upsample_type,
            UpBlockType::Resnet => ResampleType::Resnet,
            _ => ResampleType::Conv,
        };
        let upsampler = || match resample {
            ResampleType::Conv => Upsampler::Conv(UpsampleConv::new(channels, device)),
            ResampleType::Resnet => Upsampler::Resnet(
                ResnetBlock::new(config, [width; 2], device).with_resample(Resample::Upsample),
            ),
        };
        Self {
            attentions: attentions.into_iter().flatten().collect(),
            resnets: (widths.iter())
                .map(|&widths| ResnetBlock::new(config, widths, device))
                .collect(),
            upsamplers: (level > 0).then(upsampler).into_iter().collect(),
        }
    }

    /// As [`UpBlock::forward`].
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        let mut hidden = input;
        for (layer, resnet) in self.resnets.iter().enumerate() {
            hidden = resnet.forward(join(hidden, skips), embedding);
            if let Some(attention) = self.attentions.get(layer) {
                hidden = attention.forward(hidden);
            }
        }
        for upsampler in &self.upsamplers {
            hidden = upsampler.forward(hidden, embedding);
        }
        hidden
    }
}

/// Concatenates the channels from below with the newest of `skips`.
pub(super) fn join(hidden: Tensor<4>, skips: &mut Vec<Tensor<4>>) -> Tensor<4> {
    let skip = skips
        .pop()
        .expect("the way down left a skip for each layer");
    Tensor::cat(vec![hidden, skip], 1)
}
