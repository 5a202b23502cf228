//! The kinds of block that `config.json` can name.

use serde::Deserialize;

/// A block on the way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum DownBlockType {
    /// Residual blocks, then a convolution of stride 2.
    #[serde(rename = "DownBlock2D", alias = "UNetResDownBlock2D")]
    Down,
    /// The same with attention after each residual block.
    #[serde(rename = "AttnDownBlock2D", alias = "UNetResAttnDownBlock2D")]
    Attention,
    /// Residual blocks, the last of which halves the resolution.
    #[serde(
        rename = "ResnetDownsampleBlock2D",
        alias = "UNetResResnetDownsampleBlock2D"
    )]
    Resnet,
    /// Residual blocks, the last of which halves the resolution through a filter and is joined by
    /// the sample of that resolution.
    #[serde(rename = "SkipDownBlock2D", alias = "UNetResSkipDownBlock2D")]
    Skip,
    /// The same with attention after each residual block but the last.
    #[serde(rename = "AttnSkipDownBlock2D", alias = "UNetResAttnSkipDownBlock2D")]
    AttentionSkip,
}

/// The block at the lowest resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum MidBlockType {
    /// Residual block, attention, residual block.
    #[serde(rename = "UNetMidBlock2D")]
    Attention,
}

/// A block on the way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum UpBlockType {
    /// Residual blocks, then a doubling of the resolution and a convolution.
    #[serde(rename = "UpBlock2D", alias = "UNetResUpBlock2D")]
    Up,
    /// The same with attention after each residual block.
    #[serde(rename = "AttnUpBlock2D", alias = "UNetResAttnUpBlock2D")]
    Attention,
    /// Residual blocks, the last of which doubles the resolution.
    #[serde(
        rename = "ResnetUpsampleBlock2D",
        alias = "UNetResResnetUpsampleBlock2D"
    )]
    Resnet,
    /// Residual blocks that add an image to the output, the last of which doubles the resolution
    /// through a filter.
    #[serde(rename = "SkipUpBlock2D", alias = "UNetResSkipUpBlock2D")]
    Skip,
    /// The same with one attention before the image.
    #[serde(rename = "AttnSkipUpBlock2D", alias = "UNetResAttnSkipUpBlock2D")]
    AttentionSkip,
}

impl DownBlockType {
    /// Whether it is a block of NCSN++, which takes the sample at each resolution.
    pub fn is_skip(self) -> bool {
        matches!(self, Self::Skip | Self::AttentionSkip)
    }

    /// Whether there is attention in it.
    pub fn has_attention(self) -> bool {
        matches!(self, Self::Attention | Self::AttentionSkip)
    }
}

impl UpBlockType {
    /// Whether it is a block of NCSN++, which adds to the output at each resolution.
    pub fn is_skip(self) -> bool {
        matches!(self, Self::Skip | Self::AttentionSkip)
    }

    /// Whether there is attention in it.
    pub fn has_attention(self) -> bool {
        matches!(self, Self::Attention | Self::AttentionSkip)
    }
}
