//! The block at the lowest resolution.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::{TimeScaleShift, UNet2dConfig};
use super::resnet::ResnetBlock;

/// Residual block, optional attention, residual block: diffusers' `UNetMidBlock2D`.
#[derive(Module, Debug)]
pub struct MidBlock {
    resnets: Vec<ResnetBlock>,
    attentions: Vec<Attention>,
}

impl MidBlock {
    /// The middle block of a network.
    pub fn new(config: &UNet2dConfig, device: &Device) -> Self {
        let channels = config.block_out_channels[config.block_out_channels.len() - 1];
        let factor = config.mid_block_scale_factor;
        let width = config.width(channels);
        let resnet =
            |_| ResnetBlock::new(config, [width; 2], device).with_output_scale_factor(factor);
        // With scale and shift, diffusers normalises before this attention only if the groups are given.
        let groups = config
            .attn_norm_num_groups
            .or(match config.resnet_time_scale_shift {
                TimeScaleShift::Default => Some(width.groups),
                TimeScaleShift::ScaleShift => None,
            });
        let attention =
            || Attention::new(config, channels, groups, device).with_output_scale_factor(factor);
        Self {
            resnets: (0..2).map(resnet).collect(),
            attentions: config
                .has_middle_attention()
                .then(attention)
                .into_iter()
                .collect(),
        }
    }

    /// Maps `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, input: Tensor<4>, embedding: &Tensor<2>) -> Tensor<4> {
        let mut hidden = input;
        for (layer, resnet) in self.resnets.iter().enumerate() {
            hidden = resnet.forward(hidden, embedding);
            if let Some(attention) = self.attentions.get(layer) {
                hidden = attention.forward(hidden);
            }
        }
        hidden
    }
}
