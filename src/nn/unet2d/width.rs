//! Widths of the residual blocks, and the groups of their normalisations.

use super::config::{DownBlockType, UNet2dConfig, UpBlockType};

/// Maximum number of groups where the configuration does not set it.
const MAX_DEFAULT_GROUPS: usize = 32;

/// Number of channels, and of groups of their normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// Number of channels.
    pub channels: usize,
    /// Number of groups.
    pub groups: usize,
}

impl Width {
    /// At least four channels per group: diffusers' rule where `norm_num_groups` does not apply.
    fn by_four(channels: usize) -> Self {
        Self {
            channels,
            groups: (channels / 4).min(MAX_DEFAULT_GROUPS),
        }
    }
}

impl UNet2dConfig {
    /// Width of layers outside the skip blocks.
    pub(super) fn width(&self, channels: usize) -> Width {
        match self.norm_num_groups {
            Some(groups) => Width { channels, groups },
            None => Width::by_four(channels),
        }
    }

    /// Input and output width of each residual block of the down block at `level`, counted from the highest resolution.
    pub(super) fn down_widths(&self, level: usize) -> Vec<[Width; 2]> {
        let width = |channels| match self.down_block_types[level] {
            DownBlockType::Skip | DownBlockType::AttentionSkip => Width::by_four(channels),
            DownBlockType::Down | DownBlockType::Attention | DownBlockType::Resnet => {
                self.width(channels)
            }
        };
        let own = self.block_out_channels[level];
        let above = self.block_out_channels[level.saturating_sub(1)];
        let channels_in = |layer| if layer == 0 { above } else { own };
        (0..self.layers_per_block)
            .map(|layer| [width(channels_in(layer)), width(own)])
            .collect()
    }

    /// Input and output width of each residual block of the up block `index`, counted from the lowest resolution. The
    /// input is that of the layer below together with a skip connection, which for the last layer is the input of this
    /// level in the down path.
    pub(super) fn up_widths(&self, index: usize) -> Vec<[Width; 2]> {
        let kind = self.up_block_types[index];
        let reversed = |index: usize| {
            let level = self.block_out_channels.len() - 1;
            self.block_out_channels[level.saturating_sub(index)]
        };
        let own = reversed(index);
        let last = self.layers_per_block;
        let joined = |layer| {
            let below = match layer {
                0 => reversed(index.saturating_sub(1)),
                _ => own,
            };
            let skip = if layer == last {
                reversed(index + 1)
            } else {
                own
            };
            match kind {
                UpBlockType::Skip => Width::by_four(below + skip),
                // diffusers only divides the skip connection by four.
                UpBlockType::AttentionSkip => Width {
                    channels: below + skip,
                    groups: (below + skip / 4).min(MAX_DEFAULT_GROUPS),
                },
                UpBlockType::Up | UpBlockType::Attention | UpBlockType::Resnet => {
                    self.width(below + skip)
                }
            }
        };
        let output = if kind.is_skip() {
            Width::by_four(own)
        } else {
            self.width(own)
        };
        (0..=last).map(|layer| [joined(layer), output]).collect()
    }
}
