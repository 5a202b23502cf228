//! `config.json` of diffusers' `UNet2DModel`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub use super::block_type::{DownBlockType, MidBlockType, UpBlockType};
use crate::nn::activation::Activation;
use crate::{Error, Result, json};

/// The fields of `UNet2DModel`'s `config.json`. Missing fields have the defaults of the class.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UNet2dConfig {
    /// Height and width of the training samples (a single number if they are square).
    #[serde(deserialize_with = "read_sample_size")]
    pub sample_size: Option<[usize; 2]>,
    /// Channels of the noisy sample.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Whether the input is mapped from [0, 1] to [-1, 1], by `2 x - 1`.
    pub center_input_sample: bool,
    /// Type of the time embedding.
    pub time_embedding_type: TimeEmbeddingType,
    /// Dimension of the time embedding; `None` for four times the channels of the first block.
    pub time_embedding_dim: Option<usize>,
    /// Offset that is subtracted from the number of frequencies of the sinusoidal embedding.
    pub freq_shift: f64,
    /// Whether the cosines of the sinusoidal embedding come before the sines.
    pub flip_sin_to_cos: bool,
    /// Blocks of the down path, first to last.
    pub down_block_types: Vec<DownBlockType>,
    /// The block at the lowest resolution.
    pub mid_block_type: Option<MidBlockType>,
    /// Blocks of the up path, first to last.
    pub up_block_types: Vec<UpBlockType>,
    /// Channels of each block, from the highest resolution to the lowest.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks per block of the down path; blocks of the up path have one more.
    pub layers_per_block: usize,
    /// Divisor of the output of each layer of the middle block.
    pub mid_block_scale_factor: f64,
    /// Padding of the downsampling convolution; 0 pads only below and to the right.
    pub downsample_padding: usize,
    /// Downsampling of `AttnDownBlock2D`.
    #[serde(deserialize_with = "null_is_default")]
    pub downsample_type: ResampleType,
    /// Upsampling of `AttnUpBlock2D`.
    #[serde(deserialize_with = "null_is_default")]
    pub upsample_type: ResampleType,
    /// Dropout probability in training.
    pub dropout: f64,
    /// Activation function.
    pub act_fn: Activation,
    /// Channels per attention head; `None` for a single head.
    pub attention_head_dim: Option<usize>,
    /// Groups of the normalisations outside the skip blocks. `None`, which only skip blocks support, selects a quarter
    /// of the channels, at most 32.
    pub norm_num_groups: Option<usize>,
    /// Groups of the normalisation before the attention of the middle block.
    pub attn_norm_num_groups: Option<usize>,
    /// Constant that normalisations add to the variance.
    pub norm_eps: f64,
    /// How the time embedding enters the residual blocks.
    pub resnet_time_scale_shift: TimeScaleShift,
    /// Whether the middle block has attention.
    pub add_attention: bool,
    /// Type of the class embedding; `None` with `num_class_embeds` for an index.
    pub class_embed_type: Option<ClassEmbedType>,
    /// Number of classes.
    pub num_class_embeds: Option<usize>,
    /// Number of timesteps of the learned time embedding.
    pub num_train_timesteps: Option<usize>,
}

/// Type of the time embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEmbeddingType {
    /// Sinusoids with fixed frequencies.
    Positional,
    /// Sinusoids of the logarithm of sigma, with random frequencies; the output is divided by sigma.
    Fourier,
    /// A learned vector per timestep.
    Learned,
}

/// How a block with attention changes the resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResampleType {
    /// With a convolution.
    #[default]
    Conv,
    /// With a residual block.
    Resnet,
}

/// How the time embedding enters a residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeScaleShift {
    /// Added before the second normalisation.
    Default,
    /// Scale and shift after the second normalisation, `h (1 + scale) + shift`.
    ScaleShift,
}

/// Type of the class embedding, other than an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassEmbedType {
    /// A number, embedded like a timestep.
    Timestep,
    /// A vector that is added to the time embedding unchanged.
    Identity,
}

impl Default for UNet2dConfig {
    fn default() -> Self {
        use {DownBlockType as Down, UpBlockType as Up};
        Self {
            sample_size: None,
            in_channels: 3,
            out_channels: 3,
            center_input_sample: false,
            time_embedding_type: TimeEmbeddingType::Positional,
            time_embedding_dim: None,
            freq_shift: 0.0,
            flip_sin_to_cos: true,
            down_block_types: vec![
                Down::Down,
                Down::Attention,
                Down::Attention,
                Down::Attention,
            ],
            mid_block_type: Some(MidBlockType::Attention),
            up_block_types: vec![Up::Attention, Up::Attention, Up::Attention, Up::Up],
            block_out_channels: vec![224, 448, 672, 896],
            layers_per_block: 2,
            mid_block_scale_factor: 1.0,
            downsample_padding: 1,
            downsample_type: ResampleType::Conv,
            upsample_type: ResampleType::Conv,
            dropout: 0.0,
            act_fn: Activation::Silu,
            attention_head_dim: Some(8),
            norm_num_groups: Some(32),
            attn_norm_num_groups: None,
            norm_eps: 1e-5,
            resnet_time_scale_shift: TimeScaleShift::Default,
            add_attention: true,
            class_embed_type: None,
            num_class_embeds: None,
            num_train_timesteps: None,
        }
    }
}

impl UNet2dConfig {
    /// Parses the fields of a `config.json`. Keys that start with `_` are metadata of diffusers.
    ///
    /// # Errors
    /// [`Error::Unsupported`] names a key that is unknown or has an unsupported value, and [`Error::InvalidOption`] a
    /// key with a value out of range.
    pub fn from_json(fields: &Map<String, Value>) -> Result<Self> {
        let mut known = Map::new();
        for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with('_')) {
            // Each key is parsed separately first, so that errors can name it.
            let alone = Map::from_iter([(key.clone(), value.clone())]);
            serde_json::from_value::<Self>(Value::Object(alone))
                .map_err(|error| unsupported(key, value, &error))?;
            known.insert(key.clone(), value.clone());
        }
        let config: Self = serde_json::from_value(Value::Object(known))
            .map_err(|error| Error::malformed("config.json", error))?;
        config.validate()?;
        Ok(config)
    }

    /// Height and width of the training samples; if unknown, the smallest that the network supports.
    pub fn sample_size(&self) -> [usize; 2] {
        self.sample_size.unwrap_or([self.downsampling(); 2])
    }

    /// Ratio of the sample's resolution to the lowest resolution.
    pub fn downsampling(&self) -> usize {
        1 << self.block_out_channels.len().saturating_sub(1)
    }

    /// Number of values of the largest feature map per image. In the up path, a level receives the output of the level
    /// below together with its own skip connection.
    pub fn largest_feature_map(&self) -> u64 {
        let [height, width] = self.sample_size().map(|side| side as u64);
        let channels = &self.block_out_channels;
        let of_level = |level: usize| {
            let below = channels.get(level + 1).unwrap_or(&channels[level]);
            let joined = (channels[level] + below) as u64;
            (joined * height * width) >> (2 * level)
        };
        let features = (0..channels.len()).map(of_level).max().unwrap_or(0);
        features.max(2 * self.in_channels as u64 * height * width)
    }

    /// Dimension of the input of the two linear layers of the time embedding.
    pub(super) fn projection_channels(&self) -> usize {
        match self.time_embedding_type {
            TimeEmbeddingType::Positional | TimeEmbeddingType::Learned => {
                self.block_out_channels[0]
            }
            TimeEmbeddingType::Fourier => 2 * self.block_out_channels[0],
        }
    }

    /// Dimension of the time embedding.
    pub fn embedding_channels(&self) -> usize {
        self.time_embedding_dim
            .filter(|&channels| channels > 0)
            .unwrap_or_else(|| 4 * self.block_out_channels.first().copied().unwrap_or(0))
    }

    /// Number of class labels; 0 for an unconditional network.
    pub fn class_count(&self) -> usize {
        match self.class_embed_type {
            None => self.num_class_embeds.unwrap_or(0),
            Some(_) => 0,
        }
    }

    pub(super) fn has_middle_attention(&self) -> bool {
        self.mid_block_type.is_some() && self.add_attention
    }
}

/// The error for an unsupported value of a key of `config.json`, with the supported values.
fn unsupported(key: &str, value: &Value, error: &serde_json::Error) -> Error {
    let message = error.to_string();
    let supported = match message.split_once("expected ") {
        Some((_, expected)) => expected.to_owned(),
        None => message,
    };
    Error::Unsupported {
        name: key.to_owned(),
        value: match json::number(value) {
            Some(number) => number.to_string(),
            None => value.to_string(),
        },
        supported,
    }
}

fn read_sample_size<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<[usize; 2]>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a size, a pair of sizes or null")]
    enum SampleSize {
        Square(usize),
        Rectangle([usize; 2]),
    }
    Ok(Option::deserialize(deserializer)?.map(|size| match size {
        SampleSize::Square(side) => [side, side],
        SampleSize::Rectangle(size) => size,
    }))
}

fn null_is_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ResampleType, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
