//! Block types of `config.json`.

use serde::Deserialize;

/// Type of a block in the down path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum DownBlockType {
    /// Residual blocks, then a convolution of stride 2.
    #[serde(rename = "DownBlock2D", alias = "UNetResDownBlock2D")]
    Down,
    /// Residual blocks, each followed by attention, then a convolution of stride 2.
    #[serde(rename = "AttnDownBlock2D", alias = "UNetResAttnDownBlock2D")]
    Attention,
    /// Residual blocks, the last of which downsamples by 2.
    #[serde(
        rename = "ResnetDownsampleBlock2D",
        alias = "UNetResResnetDownsampleBlock2D"
    )]
    Resnet,
    /// Residual blocks, the last of which downsamples by 2 with an FIR filter; the sample at that resolution is added.
    #[serde(rename = "SkipDownBlock2D", alias = "UNetResSkipDownBlock2D")]
    Skip,
    /// Like `Skip`, with attention after each residual block except the last.
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

/// Type of a block in the up path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum UpBlockType {
    /// Residual blocks, then upsampling by 2 and a convolution.
    #[serde(rename = "UpBlock2D", alias = "UNetResUpBlock2D")]
    Up,
    /// Residual blocks, each followed by attention, then upsampling by 2 and a convolution.
    #[serde(rename = "AttnUpBlock2D", alias = "UNetResAttnUpBlock2D")]
    Attention,
    /// Residual blocks, the last of which upsamples by 2.
    #[serde(
        rename = "ResnetUpsampleBlock2D",
        alias = "UNetResResnetUpsampleBlock2D"
    )]
    Resnet,
    /// Residual blocks that add an image to the output, the last of which upsamples by 2 with an FIR filter.
    #[serde(rename = "SkipUpBlock2D", alias = "UNetResSkipUpBlock2D")]
    Skip,
    /// Like `Skip`, with one attention layer before the image.
    #[serde(rename = "AttnSkipUpBlock2D", alias = "UNetResAttnSkipUpBlock2D")]
    AttentionSkip,
}

impl DownBlockType {
    /// Whether it is a block of NCSN++, which receives the sample at each resolution.
    pub fn is_skip(self) -> bool {
        matches!(self, Self::Skip | Self::AttentionSkip)
    }

    /// Whether it contains attention.
    pub fn has_attention(self) -> bool {
        matches!(self, Self::Attention | Self::AttentionSkip)
    }
}

impl UpBlockType {
    /// Whether it is a block of NCSN++, which adds to the output at each resolution.
    pub fn is_skip(self) -> bool {
        matches!(self, Self::Skip | Self::AttentionSkip)
    }

    /// Whether it contains attention.
    pub fn has_attention(self) -> bool {
        matches!(self, Self::Attention | Self::AttentionSkip)
    }
}
