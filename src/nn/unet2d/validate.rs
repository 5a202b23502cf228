//! Which configurations a network can be built from.

use super::config::{DownBlockType, TimeEmbeddingType, UNet2dConfig, UpBlockType};
use crate::{Error, Result};

/// More blocks than halve the largest sample to one pixel.
const MAX_BLOCKS: usize = 14;
/// Bounds against a configuration that lies; the largest public checkpoints stay far below.
const MAX_LAYERS: usize = 64;
const MAX_CHANNELS: usize = 1 << 14;
const MAX_SAMPLE_SIZE: usize = 1 << 13;
const MAX_EMBEDDINGS: usize = 1 << 20;

impl UNet2dConfig {
    /// Checks that a network of this configuration can be built.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the first field whose value is out of its domain.
    pub fn validate(&self) -> Result<()> {
        self.validate_blocks()?;
        self.validate_numbers()?;
        self.validate_groups()?;
        self.validate_embeddings()?;
        self.sample_size
            .map_or(Ok(()), |size| self.check_sample(size))
    }

    /// Checks that the network maps a sample of `[height, width]` to one of the same size: each
    /// block but the last halves it.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if it does not.
    pub fn check_sample(&self, [height, width]: [usize; 2]) -> Result<()> {
        let factor = self.downsampling();
        let fits =
            |size: usize| size.is_multiple_of(factor) && (1..=MAX_SAMPLE_SIZE).contains(&size);
        ensure(
            fits(height) && fits(width),
            "sample_size",
            || format!("multiples of {factor} from {factor} to {MAX_SAMPLE_SIZE}"),
            [height, width],
        )
    }

    fn validate_blocks(&self) -> Result<()> {
        let levels = self.block_out_channels.len();
        within("block_out_channels (their number)", levels, 1..=MAX_BLOCKS)?;
        for (name, count) in [
            ("down_block_types", self.down_block_types.len()),
            ("up_block_types", self.up_block_types.len()),
        ] {
            let expected = || format!("as long as block_out_channels, which has {levels} entries");
            ensure(count == levels, name, expected, count)?;
        }
        within("layers_per_block", self.layers_per_block, 1..=MAX_LAYERS)?;
        within("in_channels", self.in_channels, 1..=MAX_CHANNELS)?;
        within("out_channels", self.out_channels, 1..=MAX_CHANNELS)?;
        for &channels in &self.block_out_channels {
            within("block_out_channels", channels, 2..=MAX_CHANNELS)?;
        }
        within("downsample_padding", self.downsample_padding, 0..=1)
    }

    fn validate_numbers(&self) -> Result<()> {
        let positive = |name, value: f64| {
            let expected = || "a finite number above 0".to_owned();
            ensure(value > 0.0 && value.is_finite(), name, expected, value)
        };
        positive("norm_eps", self.norm_eps)?;
        positive("mid_block_scale_factor", self.mid_block_scale_factor)?;
        let expected = || "a probability below 1".to_owned();
        ensure(
            (0.0..1.0).contains(&self.dropout),
            "dropout",
            expected,
            self.dropout,
        )?;
        let half = self.block_out_channels[0] / 2;
        ensure(
            self.freq_shift < half as f64,
            "freq_shift",
            || format!("below half of the first block's channels, {half}"),
            self.freq_shift,
        )
    }

    /// Every normalisation's groups divide its channels, every head has channels.
    fn validate_groups(&self) -> Result<()> {
        within("norm_num_groups", self.norm_num_groups, 1..=MAX_CHANNELS)?;
        let last = self.block_out_channels[self.block_out_channels.len() - 1];
        for &channels in &self.block_out_channels {
            divides("norm_num_groups", self.norm_num_groups, channels)?;
        }
        if let Some(groups) = self.attn_norm_num_groups {
            within("attn_norm_num_groups", groups, 1..=MAX_CHANNELS)?;
            divides("attn_norm_num_groups", groups, last)?;
        }
        let Some(head) = self.attention_head_dim else {
            return Ok(());
        };
        let down = self
            .down_block_types
            .iter()
            .map(|&kind| kind == DownBlockType::Attention);
        let up = self
            .up_block_types
            .iter()
            .rev()
            .map(|&kind| kind == UpBlockType::Attention);
        let attended = down.zip(up).map(|(down, up)| down || up);
        for (&channels, attended) in self.block_out_channels.iter().zip(attended) {
            let most = if attended { channels } else { MAX_CHANNELS };
            within("attention_head_dim", head, 1..=most)?;
        }
        let most = if self.has_middle_attention() {
            last
        } else {
            MAX_CHANNELS
        };
        within("attention_head_dim", head, 1..=most)
    }

    fn validate_embeddings(&self) -> Result<()> {
        within(
            "time_embedding_dim",
            self.embedding_channels(),
            1..=8 * MAX_CHANNELS,
        )?;
        if let Some(classes) = self.num_class_embeds {
            within("num_class_embeds", classes, 1..=MAX_EMBEDDINGS)?;
        }
        match (self.time_embedding_type, self.num_train_timesteps) {
            (TimeEmbeddingType::Learned, None) => Err(Error::InvalidOption {
                name: "num_train_timesteps".to_owned(),
                expected: "given where time_embedding_type is \"learned\"".to_owned(),
                value: "null".to_owned(),
            }),
            (TimeEmbeddingType::Learned, Some(count)) => {
                within("num_train_timesteps", count, 1..=MAX_EMBEDDINGS)
            }
            (TimeEmbeddingType::Positional, _) => Ok(()),
        }
    }
}

fn ensure(
    holds: bool,
    name: &str,
    expected: impl FnOnce() -> String,
    value: impl std::fmt::Debug,
) -> Result<()> {
    match holds {
        true => Ok(()),
        false => Err(Error::invalid(name, expected(), value)),
    }
}

fn within(name: &str, value: usize, range: std::ops::RangeInclusive<usize>) -> Result<()> {
    let expected = || format!("from {} to {}", range.start(), range.end());
    ensure(range.contains(&value), name, expected, value)
}

fn divides(name: &str, groups: usize, channels: usize) -> Result<()> {
    let expected = || format!("a divisor of the {channels} channels that it groups");
    ensure(channels.is_multiple_of(groups), name, expected, groups)
}
