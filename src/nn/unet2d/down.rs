//! The blocks on the way down.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::{DownBlockType, ResampleType, UNet2dConfig};
use super::resample::{DownsampleConv, Downsampler};
use super::resnet::{Resample, ResnetBlock};

/// Residual blocks, perhaps with attention after each, then perhaps a halving of the resolution:
/// diffusers' `DownBlock2D`, `AttnDownBlock2D` and `ResnetDownsampleBlock2D`.
#[derive(Module, Debug)]
pub struct DownBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
    downsamplers: Vec<Downsampler>,
}

impl DownBlock {
    /// The block at `level`, counted from the highest resolution.
    pub fn new(config: &UNet2dConfig, level: usize, device: &Device) -> Self {
        let kind = config.down_block_types[level];
        let channels = config.block_out_channels[level];
        let channels_in = config.block_out_channels[level.saturating_sub(1)];
        let layers = 0..config.layers_per_block;
        let resnets = layers.clone().map(|layer| {
            let channels_in = if layer == 0 { channels_in } else { channels };
            ResnetBlock::new(config, channels_in, channels, device)
        });
        let attentions = match kind {
            DownBlockType::Attention => layers
                .map(|_| Attention::new(config, channels, Some(config.norm_num_groups), device))
                .collect(),
            DownBlockType::Down | DownBlockType::Resnet => Vec::new(),
        };
        let is_last = level + 1 == config.block_out_channels.len();
        let resample = match kind {
            DownBlockType::Down => ResampleType::Conv,
            DownBlockType::Attention => config.downsample_type,
            DownBlockType::Resnet => ResampleType::Resnet,
        };
        let downsampler = || match resample {
            ResampleType::Conv => Downsampler::Conv(DownsampleConv::new(
                channels,
                config.downsample_padding,
                device,
            )),
            ResampleType::Resnet => Downsampler::Resnet(
                ResnetBlock::new(config, channels, channels, device).with_resample(Resample::Halve),
            ),
        };
        Self {
            resnets: resnets.collect(),
            attentions,
            downsamplers: (!is_last).then(downsampler).into_iter().collect(),
        }
    }

    /// Maps `[batch, channels_in, height, width]` to `[batch, channels, height / 2, width / 2]`
    /// (the last block keeps the resolution), and pushes the output of each layer to `skips`.
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
    ) -> Tensor<4> {
        let mut hidden = input;
        for (layer, resnet) in self.resnets.iter().enumerate() {
            hidden = resnet.forward(hidden, embedding);
            if let Some(attention) = self.attentions.get(layer) {
                hidden = attention.forward(hidden);
            }
            skips.push(hidden.clone());
        }
        for downsampler in &self.downsamplers {
            hidden = downsampler.forward(hidden, embedding);
            skips.push(hidden.clone());
        }
        hidden
    }
}
