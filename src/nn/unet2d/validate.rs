//! Validation of network configurations.

use super::config::{DownBlockType, TimeEmbeddingType, UNet2dConfig, UpBlockType};
use super::skip_down::{ATTENTION_GROUPS, IMAGE_CHANNELS};
use super::width::Width;
use crate::{Error, Result};

/// Upper limit of the number of blocks; more would reduce the largest sample to less than one pixel.
const MAX_BLOCKS: usize = 14;
/// Limits that reject implausible configurations; the largest public checkpoints are far below.
const MAX_LAYERS: usize = 64;
const MAX_CHANNELS: usize = 1 << 14;
const MAX_SAMPLE_SIZE: usize = 1 << 13;
const MAX_EMBEDDINGS: usize = 1 << 20;

impl UNet2dConfig {
    /// Checks that the configuration describes a valid network.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] names the first field with an invalid value.
    pub fn validate(&self) -> Result<()> {
        self.validate_blocks()?;
        self.validate_skip_blocks()?;
        self.validate_numbers()?;
        self.validate_groups()?;
        self.validate_heads()?;
        self.validate_embeddings()?;
        self.sample_size
            .map_or(Ok(()), |size| self.check_sample(size))
    }

    /// Checks that a sample of `[height, width]` has an output of the same size: each block except the last downsamples
    /// by 2.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] otherwise.
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

    /// Checks that the sample and the output that skip blocks pass on match the resolution and channels of the next
    /// block. The last block of each path changes no resolution, and uses neither.
    fn validate_skip_blocks(&self) -> Result<()> {
        let last = self.block_out_channels.len() - 1;
        let down: Vec<_> = (self.down_block_types.iter())
            .map(|kind| kind.is_skip())
            .collect();
        let up: Vec<_> = (self.up_block_types.iter())
            .map(|kind| kind.is_skip())
            .collect();
        ensure(
            down[..last].is_sorted_by_key(|is_skip| !is_skip),
            "down_block_types",
            || "such that no other block halves the resolution before a skip block".to_owned(),
            &self.down_block_types,
        )?;
        ensure(
            up.is_sorted(),
            "up_block_types",
            || "such that only skip blocks follow a skip block".to_owned(),
            &self.up_block_types,
        )?;
        for (name, channels, blocks) in [
            ("in_channels", self.in_channels, &down),
            ("out_channels", self.out_channels, &up),
        ] {
            let expected = || format!("{IMAGE_CHANNELS} where skip blocks change the resolution");
            let is_used = blocks[..last].contains(&true);
            ensure(
                channels == IMAGE_CHANNELS || !is_used,
                name,
                expected,
                channels,
            )?;
        }
        Ok(())
    }

    fn validate_numbers(&self) -> Result<()> {
        for (name, value, [least, most]) in [
            ("norm_eps", self.norm_eps, [1e-12, 1.0]),
            (
                "mid_block_scale_factor",
                self.mid_block_scale_factor,
                [1e-6, 1e6],
            ),
        ] {
            let expected = || format!("between {least:e} and {most:e}");
            ensure((least..=most).contains(&value), name, expected, value)?;
        }
        let expected = || "a probability below 1".to_owned();
        ensure(
            (0.0..1.0).contains(&self.dropout),
            "dropout",
            expected,
            self.dropout,
        )?;
        let half = self.block_out_channels[0] / 2;
        let half = half as f64;
        ensure(
            (-half..half).contains(&self.freq_shift)
                || self.time_embedding_type != TimeEmbeddingType::Positional,
            "freq_shift",
            || {
                format!(
                    "from {} to below {half}, half of the first block's channels",
                    -half
                )
            },
            self.freq_shift,
        )
    }

    /// Checks that the groups of every normalisation divide its channels.
    fn validate_groups(&self) -> Result<()> {
        let channels = &self.block_out_channels;
        let (first, last) = (channels[0], channels[channels.len() - 1]);
        if let Some(groups) = self.norm_num_groups {
            within("norm_num_groups", groups, 1..=MAX_CHANNELS)?;
        }
        check_width(self.width(first), self.norm_num_groups)?;
        let down = (self.down_block_types.iter().enumerate())
            .map(|(level, kind)| (kind.is_skip(), self.down_widths(level)));
        let up = (self.up_block_types.iter().enumerate())
            .map(|(index, kind)| (kind.is_skip(), self.up_widths(index)));
        for (is_skip, widths) in down.chain(up) {
            let norm_num_groups = match (is_skip, self.norm_num_groups) {
                (true, _) => None,
                (false, Some(groups)) => Some(groups),
                (false, None) => {
                    let expected = "a number, which all blocks except skip blocks require";
                    return Err(missing("norm_num_groups", expected));
                }
            };
            (widths.into_iter().flatten())
                .try_for_each(|width| check_width(width, norm_num_groups))?;
        }
        if self.mid_block_type.is_some() {
            check_width(self.width(last), self.norm_num_groups)?;
        }
        match self.attn_norm_num_groups {
            Some(groups) => {
                within("attn_norm_num_groups", groups, 1..=MAX_CHANNELS)?;
                divides("attn_norm_num_groups", groups, last)
            }
            None => Ok(()),
        }
    }

    /// Checks that every attention has at least one channel per head, and in a skip block enough channels for its
    /// groups.
    fn validate_heads(&self) -> Result<()> {
        let kinds = (self.down_block_types.iter()).zip(self.up_block_types.iter().rev());
        let levels = || self.block_out_channels.iter().zip(kinds.clone());
        let grouped = levels().filter(|(_, (down, up))| {
            **down == DownBlockType::AttentionSkip || **up == UpBlockType::AttentionSkip
        });
        for (&channels, _) in grouped {
            ensure(
                channels.is_multiple_of(ATTENTION_GROUPS),
                "block_out_channels",
                || format!("a multiple of {ATTENTION_GROUPS} for a skip block with attention"),
                channels,
            )?;
        }
        let Some(head) = self.attention_head_dim else {
            return Ok(());
        };
        within("attention_head_dim", head, 1..=MAX_CHANNELS)?;
        let middle = self.block_out_channels.last();
        let middle = middle.filter(|_| self.has_middle_attention());
        levels()
            .filter(|(_, (down, up))| down.has_attention() || up.has_attention())
            .map(|(channels, _)| channels)
            .chain(middle)
            .try_for_each(|&channels| within("attention_head_dim", head, 1..=channels))
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
            (TimeEmbeddingType::Learned, None) => Err(missing(
                "num_train_timesteps",
                "given where time_embedding_type is \"learned\"",
            )),
            (TimeEmbeddingType::Learned, Some(count)) => {
                within("num_train_timesteps", count, 1..=MAX_EMBEDDINGS)
            }
            (TimeEmbeddingType::Positional | TimeEmbeddingType::Fourier, _) => Ok(()),
        }
    }
}

/// The error for an option that is null.
fn missing(name: &str, expected: &str) -> Error {
    Error::InvalidOption {
        name: name.to_owned(),
        expected: expected.to_owned(),
        value: "null".to_owned(),
    }
}

fn ensure(
    holds: bool,
    name: &str,
    expected: impl FnOnce() -> String,
    value: impl std::fmt::Debug,
) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::invalid(name, expected(), value))
    }
}

fn within(name: &str, value: usize, range: std::ops::RangeInclusive<usize>) -> Result<()> {
    let expected = || format!("from {} to {}", range.start(), range.end());
    ensure(range.contains(&value), name, expected, value)
}

/// Checks a normalisation with `norm_num_groups` groups, or with a quarter of its channels.
fn check_width(width: Width, norm_num_groups: Option<usize>) -> Result<()> {
    let Width { channels, groups } = width;
    match norm_num_groups {
        Some(groups) => divides("norm_num_groups", groups, channels),
        None => ensure(
            groups > 0 && channels.is_multiple_of(groups),
            "block_out_channels",
            || "such that a quarter of the channels, or 32, groups each normalisation".to_owned(),
            format_args!("{channels} channels in {groups} groups"),
        ),
    }
}

fn divides(name: &str, groups: usize, channels: usize) -> Result<()> {
    let expected = || format!("a divisor of the {channels} channels that it groups");
    ensure(channels.is_multiple_of(groups), name, expected, groups)
}
