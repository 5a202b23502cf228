//! `config.json` of diffusers' `UNet2DModel`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub use super::block_type::{DownBlockType, MidBlockType, UpBlockType};
use crate::nn::activation::Activation;
use crate::{Error, Result, json};

/// The fields of `UNet2DModel`'s `config.json`; a missing one takes the default of the class.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UNet2dConfig {
    /// Height and width of the samples that it was trained on (one number if they are square).
    #[serde(deserialize_with = "read_sample_size")]
    pub sample_size: Option<[usize; 2]>,
    /// Channels of the noisy sample.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Whether the input is mapped from [0, 1] to [-1, 1] first, `2 x - 1`.
    pub center_input_sample: bool,
    /// How a timestep becomes a vector.
    pub time_embedding_type: TimeEmbeddingType,
    /// Dimensions of the time embedding; `None` means four times the channels of the first block.
    pub time_embedding_dim: Option<usize>,
    /// What is subtracted from the number of frequencies of the sinusoidal embedding.
    pub freq_shift: f64,
    /// Whether the cosines of the sinusoidal embedding stand before the sines.
    pub flip_sin_to_cos: bool,
    /// The blocks on the way down, first to last.
    pub down_block_types: Vec<DownBlockType>,
    /// The block at the lowest resolution.
    pub mid_block_type: Option<MidBlockType>,
    /// The blocks on the way up, first to last.
    pub up_block_types: Vec<UpBlockType>,
    /// Channels of each block, from the highest resolution to the lowest.
    pub block_out_channels: Vec<usize>,
    /// Residual blocks in each block on the way down; on the way up there is one more.
    pub layers_per_block: usize,
    /// Divides the output of each layer of the middle block.
    pub mid_block_scale_factor: f64,
    /// Padding of the convolution that halves the resolution; 0 pads below and to the right only.
    pub downsample_padding: usize,
    /// How `AttnDownBlock2D` halves the resolution.
    #[serde(deserialize_with = "null_is_default")]
    pub downsample_type: ResampleType,
    /// How `AttnUpBlock2D` doubles the resolution.
    #[serde(deserialize_with = "null_is_default")]
    pub upsample_type: ResampleType,
    /// Probability of dropping an activation while training.
    pub dropout: f64,
    /// The non-linearity.
    pub act_fn: Activation,
    /// Channels of an attention head; `None` means one head.
    pub attention_head_dim: Option<usize>,
    /// Groups of the normalisations outside the skip blocks; `None`, with which only those can be
    /// built, means a quarter of the channels and at most 32, as in the skip blocks.
    pub norm_num_groups: Option<usize>,
    /// Groups of the normalisation before the attention of the middle block.
    pub attn_norm_num_groups: Option<usize>,
    /// Added to the variance by the normalisations.
    pub norm_eps: f64,
    /// How the residual blocks are told the time.
    pub resnet_time_scale_shift: TimeScaleShift,
    /// Whether the middle block has attention.
    pub add_attention: bool,
    /// What a class is to the network; `None` with `num_class_embeds` means an index.
    pub class_embed_type: Option<ClassEmbedType>,
    /// Number of classes.
    pub num_class_embeds: Option<usize>,
    /// Number of timesteps of the learned time embedding.
    pub num_train_timesteps: Option<usize>,
}

/// How a timestep becomes a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEmbeddingType {
    /// Sinusoids of fixed frequencies.
    Positional,
    /// Sinusoids of the logarithm of sigma, at frequencies drawn once; the output is divided by sigma.
    Fourier,
    /// A learned vector for each timestep.
    Learned,
}

/// How a block with attention changes the resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResampleType {
    /// By a convolution.
    #[default]
    Conv,
    /// By a residual block.
    Resnet,
}

/// How the time embedding enters a residual block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeScaleShift {
    /// It is added before the second normalisation.
    Default,
    /// It scales and shifts after the second normalisation, `h (1 + scale) + shift`.
    ScaleShift,
}

/// What a class is to the network, where it is not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassEmbedType {
    /// A number, embedded as a timestep is.
    Timestep,
    /// A vector that is added to the time embedding as it is.
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
    /// Reads the fields of a `config.json`. Keys that start with `_` are notes of diffusers.
    ///
    /// # Errors
    /// [`Error::Unsupported`] names a key that is unknown or has a value that is, and
    /// [`Error::InvalidOption`] one whose value is out of its domain.
    pub fn from_json(fields: &Map<String, Value>) -> Result<Self> {
        let mut known = Map::new();
        for (key, value) in fields.iter().filter(|(key, _)| !key.starts_with('_')) {
            // Alone first, so that an error can name its key.
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

    /// Height and width of the samples that it was trained on: the smallest it can map, if unknown.
    pub fn sample_size(&self) -> [usize; 2] {
        self.sample_size.unwrap_or([self.downsampling(); 2])
    }

    /// How many times smaller than the sample the lowest resolution is.
    pub fn downsampling(&self) -> usize {
        1 << self.block_out_channels.len().saturating_sub(1)
    }

    /// Numbers in the largest feature map of one image: on the way up, a level takes what comes from the level below
    /// together with its own skip connection.
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

    /// Dimensions of the vector that the two layers of the time embedding make of a timestep.
    pub(super) fn projection_channels(&self) -> usize {
        match self.time_embedding_type {
            TimeEmbeddingType::Positional | TimeEmbeddingType::Learned => {
                self.block_out_channels[0]
            }
            TimeEmbeddingType::Fourier => 2 * self.block_out_channels[0],
        }
    }

    /// Dimensions of the time embedding.
    pub fn embedding_channels(&self) -> usize {
        self.time_embedding_dim
            .filter(|&channels| channels > 0)
            .unwrap_or_else(|| 4 * self.block_out_channels.first().copied().unwrap_or(0))
    }

    /// Number of classes that a label can name: 0 if the network knows none.
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

/// Says which value a key of `config.json` cannot have, and which it can.
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
