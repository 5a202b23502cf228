//! The blocks on the way up.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::{ResampleType, UNet2dConfig, UpBlockType};
use super::resample::{UpsampleConv, Upsampler};
use super::resnet::{Resample, ResnetBlock};

/// Residual blocks, each fed with an output from the way down and perhaps followed by attention,
/// then perhaps a doubling of the resolution: diffusers' `UpBlock2D`, `AttnUpBlock2D` and
/// `ResnetUpsampleBlock2D`.
#[derive(Module, Debug)]
pub struct UpBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
    upsamplers: Vec<Upsampler>,
}

impl UpBlock {
    /// The block `index`, counted from the lowest resolution.
    pub fn new(config: &UNet2dConfig, index: usize, device: &Device) -> Self {
        let kind = config.up_block_types[index];
        let layers = 0..=config.layers_per_block;
        let channels = Channels::new(config, index);
        let resnets = layers.clone().map(|layer| {
            let channels_in = channels.below(layer) + channels.skip(layer, config.layers_per_block);
            ResnetBlock::new(config, channels_in, channels.own, device)
        });
        let attentions = match kind {
            UpBlockType::Attention => layers
                .map(|_| Attention::new(config, channels.own, Some(config.norm_num_groups), device))
                .collect(),
            UpBlockType::Up | UpBlockType::Resnet => Vec::new(),
        };
        let is_last = index + 1 == config.block_out_channels.len();
        let resample = match kind {
            UpBlockType::Up => ResampleType::Conv,
            UpBlockType::Attention => config.upsample_type,
            UpBlockType::Resnet => ResampleType::Resnet,
        };
        let upsampler = || match resample {
            ResampleType::Conv => Upsampler::Conv(UpsampleConv::new(channels.own, device)),
            ResampleType::Resnet => Upsampler::Resnet(
                ResnetBlock::new(config, channels.own, channels.own, device)
                    .with_resample(Resample::Double),
            ),
        };
        Self {
            resnets: resnets.collect(),
            attentions,
            upsamplers: (!is_last).then(upsampler).into_iter().collect(),
        }
    }

    /// Maps `[batch, channels_below, height, width]` to `[batch, channels, 2 * height, 2 * width]`
    /// (the last block keeps the resolution), and pops one tensor of `skips` for each layer.
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        let mut hidden = input;
        for (layer, resnet) in self.resnets.iter().enumerate() {
            let skip = skips
                .pop()
                .expect("the way down left a skip for each layer");
            hidden = resnet.forward(Tensor::cat(vec![hidden, skip], 1), embedding);
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

/// Channels around a block on the way up.
struct Channels {
    /// Of the block before, at half the resolution.
    below: usize,
    /// Of this block.
    own: usize,
    /// Of the block at twice the resolution on the way down.
    above: usize,
}

impl Channels {
    fn new(config: &UNet2dConfig, index: usize) -> Self {
        let reversed = |index: usize| {
            let level = config.block_out_channels.len() - 1;
            config.block_out_channels[level.saturating_sub(index)]
        };
        Self {
            below: reversed(index.saturating_sub(1)),
            own: reversed(index),
            above: reversed(index + 1),
        }
    }

    /// Channels that come from below into `layer`.
    fn below(&self, layer: usize) -> usize {
        if layer == 0 { self.below } else { self.own }
    }

    /// Channels of the skip into `layer`: the last one is what entered this level on the way down.
    fn skip(&self, layer: usize, last: usize) -> usize {
        if layer == last { self.above } else { self.own }
    }
}
