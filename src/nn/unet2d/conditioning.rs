//! Conditioning: the time, and optionally a class.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig};
use burn::tensor::{Device, Tensor};

use super::config::{ClassEmbedType, TimeEmbeddingType, UNet2dConfig};
use crate::nn::embedding::{
    FourierEmbedding, SinusoidalEmbedding, SinusoidalEmbeddingConfig, TimestepEmbedding,
};

/// The embedded time and class: the result of [`super::UNet2d::embed`].
#[derive(Clone, Debug)]
pub struct Conditioning {
    /// Sum of the embeddings, `[batch, embedding_channels]` or `[1, embedding_channels]`.
    pub embedding: Tensor<2>,
    /// Divisor of the output, `[batch]` or `[1]`: sigma for a Fourier embedding.
    pub divisor: Option<Tensor<1>>,
}

/// Embedding of the timestep.
#[derive(Module, Debug)]
pub(super) enum TimeProjection {
    Positional(SinusoidalEmbedding),
    Fourier(FourierEmbedding),
    Learned(Embedding),
}

impl TimeProjection {
    pub(super) fn new(config: &UNet2dConfig, device: &Device) -> Self {
        let channels = config.block_out_channels[0];
        match config.time_embedding_type {
            TimeEmbeddingType::Positional => {
                Self::Positional(SinusoidalEmbedding::new(&SinusoidalEmbeddingConfig {
                    channels,
                    flip_sin_to_cos: config.flip_sin_to_cos,
                    freq_shift: config.freq_shift,
                }))
            }
            TimeEmbeddingType::Fourier => Self::Fourier(FourierEmbedding::new(channels, device)),
            TimeEmbeddingType::Learned => {
                let timesteps = config.num_train_timesteps.unwrap_or(0);
                Self::Learned(EmbeddingConfig::new(timesteps, channels).init(device))
            }
        }
    }

    /// Maps `[batch]` to `[batch, projection_channels]`.
    pub(super) fn forward(&self, timesteps: Tensor<1>) -> Tensor<2> {
        match self {
            Self::Positional(embedding) => embedding.forward(timesteps),
            Self::Fourier(embedding) => embedding.forward(timesteps),
            Self::Learned(table) => {
                // Timesteps beyond the table use its last row, since schedulers may exceed the training timesteps.
                let [rows, _] = table.weight.val().dims();
                let timesteps = timesteps.int().clamp(0, rows as i64 - 1);
                table.forward(timesteps.unsqueeze_dim(0)).squeeze_dim(0)
            }
        }
    }

    /// Divisor of the network's output at these timesteps.
    pub(super) fn divisor(&self, timesteps: Tensor<1>) -> Option<Tensor<1>> {
        match self {
            Self::Positional(_) | Self::Learned(_) => None,
            Self::Fourier(_) => Some(timesteps),
        }
    }
}

/// Embedding of the class, which is added to the time embedding.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a network has one; on 32 bits it is not large"
)]
pub(super) enum ClassEmbedding {
    Table(Embedding),
    Timestep(TimestepEmbedding),
}

impl ClassEmbedding {
    pub(super) fn new(config: &UNet2dConfig, device: &Device) -> Option<Self> {
        let channels = config.embedding_channels();
        match (config.class_embed_type, config.num_class_embeds) {
            (None, Some(classes)) => Some(Self::Table(
                EmbeddingConfig::new(classes, channels).init(device),
            )),
            (Some(ClassEmbedType::Timestep), _) => Some(Self::Timestep(TimestepEmbedding::new(
                config.projection_channels(),
                channels,
                device,
            ))),
            (Some(ClassEmbedType::Identity), _) | (None, None) => None,
        }
    }
}
