//! Blocks of the down path.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::{DownBlockType, ResampleType, UNet2dConfig};
use super::resample::{DownsampleConv, Downsampler};
use super::resnet::{Resample, ResnetBlock};
use super::skip_down::SkipDownBlock;

/// A block of the down path.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has a handful")]
pub enum DownBlock {
    /// A block that receives only the output of the level above.
    Plain(PlainDownBlock),
    /// A block that also receives the sample.
    Skip(SkipDownBlock),
}

impl DownBlock {
    /// The block at `level`, counted from the highest resolution.
    pub fn new(config: &UNet2dConfig, level: usize, device: &Device) -> Self {
        if config.down_block_types[level].is_skip() {
            Self::Skip(SkipDownBlock::new(config, level, device))
        } else {
            Self::Plain(PlainDownBlock::new(config, level, device))
        }
    }

    /// Maps `[batch, channels_in, height, width]` to `[batch, channels, height / 2, width / 2]` (the last block keeps
    /// the resolution), and pushes the output of each layer to `skips`. A skip block reads the sample at its resolution
    /// from `image`, and replaces it by the sample at the next one.
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
        image: &mut Tensor<4>,
    ) -> Tensor<4> {
        match self {
            Self::Plain(block) => block.forward(input, embedding, skips),
            Self::Skip(block) => block.forward(input, embedding, skips, image),
        }
    }
}

/// Residual blocks, optionally with attention after each, followed by optional downsampling by 2: diffusers'
/// `DownBlock2D`, `AttnDownBlock2D` and `ResnetDownsampleBlock2D`.
#[derive(Module, Debug)]
pub struct PlainDownBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
    downsamplers: Vec<Downsampler>,
}

impl PlainDownBlock {
    /// The block at `level`, counted from the highest resolution.
    pub fn new(config: &UNet2dConfig, level: usize, device: &Device) -> Self {
        let kind = config.down_block_types[level];
        let channels = config.block_out_channels[level];
        let width = config.width(channels);
        let widths = config.down_widths(level);
        let attention = |_| Attention::new(config, channels, Some(width.groups), device);
        let attentions = kind.has_attention().then(|| widths.iter().map(attention));
        let is_last = level + 1 == config.block_out_channels.len();
        let resample = match kind {
            DownBlockType::Attention => config.downsample_type,
            DownBlockType::Resnet => ResampleType::Resnet,
            _ => ResampleType::Conv,
        };
        let downsampler = || match resample {
            ResampleType::Conv => Downsampler::Conv(DownsampleConv::new(
                channels,
                config.downsample_padding,
                device,
            )),
            ResampleType::Resnet => Downsampler::Resnet(
                ResnetBlock::new(config, [width; 2], device).with_resample(Resample::Downsample),
            ),
        };
        Self {
            attentions: attentions.into_iter().flatten().collect(),
            resnets: (widths.iter())
                .map(|&widths| ResnetBlock::new(config, widths, device))
                .collect(),
            downsamplers: (!is_last).then(downsampler).into_iter().collect(),
        }
    }

    /// As [`DownBlock::forward`].
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        let mut hidden = forward_layers(&self.resnets, &self.attentions, input, embedding, skips);
        for downsampler in &self.downsamplers {
            hidden = downsampler.forward(hidden, embedding);
            skips.push(hidden.clone());
        }
        hidden
    }
}

/// Applies the residual blocks, each followed by its attention if any, and pushes each output to `skips`.
pub(super) fn forward_layers(
    resnets: &[ResnetBlock],
    attentions: &[Attention],
    input: Tensor<4>,
    embedding: &Tensor<2>,
    skips: &mut Vec<Tensor<4>>,
) -> Tensor<4> {
    let mut hidden = input;
    for (layer, resnet) in resnets.iter().enumerate() {
        hidden = resnet.forward(hidden, embedding);
        if let Some(attention) = attentions.get(layer) {
            hidden = attention.forward(hidden);
        }
        skips.push(hidden.clone());
    }
    hidden
}
