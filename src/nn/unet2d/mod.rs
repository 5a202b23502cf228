//! diffusers' `UNet2DModel`: a U-Net for images, conditioned on the time and optionally on a class ([Ronneberger et al.
//! 2015](https://arxiv.org/abs/1505.04597); for diffusion, [Ho et al. 2020](https://arxiv.org/abs/2006.11239), appendix
//! B; NCSN++, [Song et al. 2021](https://arxiv.org/abs/2011.13456), appendix H).

pub mod attention;
mod block_type;
pub mod conditioning;
pub mod config;
pub mod down;
mod fir;
pub mod mid;
pub mod resample;
pub mod resnet;
pub mod skip_down;
pub mod skip_up;
pub mod up;
mod validate;
pub mod width;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Int, Tensor};

pub use conditioning::Conditioning;
pub use config::UNet2dConfig;

use self::conditioning::{ClassEmbedding, TimeProjection};
use self::down::DownBlock;
use self::mid::MidBlock;
use self::up::UpBlock;
use super::activation::Activation;
use super::convolution::Conv3x3;
use super::embedding::TimestepEmbedding;
use super::norm::GroupNorm;
use super::state_dict;
use crate::random::Generator;
use crate::{Error, Result};

/// Upper limit of the number of parameters.
const MAX_PARAMETERS: usize = 1 << 31;

/// diffusers' `UNet2DModel`.
///
/// Parameter paths are the keys of its state dict. Nothing is allocated before a parameter is used or loaded.
#[derive(Module, Debug)]
pub struct UNet2d {
    conv_in: Conv3x3,
    time_proj: TimeProjection,
    time_embedding: TimestepEmbedding,
    class_embedding: Option<ClassEmbedding>,
    down_blocks: Vec<DownBlock>,
    mid_block: Option<MidBlock>,
    up_blocks: Vec<UpBlock>,
    conv_norm_out: GroupNorm,
    conv_out: Conv3x3,
    #[module(skip)]
    activation: Activation,
    center_input_sample: bool,
}

impl UNet2d {
    /// A network with PyTorch's initial weights, drawn at their first use.
    ///
    /// # Errors
    /// Those of [`UNet2dConfig::validate`], and [`Error::InvalidOption`] for more than 2^31 parameters.
    pub fn new(config: &UNet2dConfig, device: &Device) -> Result<Self> {
        config.validate()?;
        let levels = config.block_out_channels.len();
        let first = config.block_out_channels[0];
        let groups_out = config.width(first).groups;
        let network = Self {
            conv_in: Conv3x3::new(config.in_channels, first, device),
            time_proj: TimeProjection::new(config, device),
            time_embedding: TimestepEmbedding::new(
                config.projection_channels(),
                config.embedding_channels(),
                device,
            ),
            class_embedding: ClassEmbedding::new(config, device),
            down_blocks: (0..levels)
                .map(|level| DownBlock::new(config, level, device))
                .collect(),
            mid_block: config.mid_block_type.map(|_| MidBlock::new(config, device)),
            up_blocks: (0..levels)
                .map(|index| UpBlock::new(config, index, device))
                .collect(),
            conv_norm_out: GroupNorm::new(groups_out, first, config.norm_eps, device),
            conv_out: Conv3x3::new(first, config.out_channels, device),
            activation: config.act_fn,
            center_input_sample: config.center_input_sample,
        };
        match network.parameter_count() {
            0..=MAX_PARAMETERS => Ok(network),
            count => Err(Error::invalid(
                "block_out_channels",
                format!("so small that there are at most {MAX_PARAMETERS} parameters"),
                count,
            )),
        }
    }

    /// A network with initial weights from a generator; they depend only on its seed.
    ///
    /// | layer | weights |
    /// |---|---|
    /// | convolution, linear | weight and bias uniform in ±`1/√fan_in`: PyTorch's `kaiming_uniform_(a=√5)` (He et al. 2015) |
    /// | embedding of a class or timestep | N(0, 1) |
    /// | frequencies of a Fourier embedding | N(0, 16²) |
    /// | normalisation | 1 and 0 |
    ///
    /// These are the distributions of diffusers' `UNet2DModel(**config)`, but drawn in the order of this crate's
    /// parameters.
    ///
    /// # Errors
    /// Those of [`UNet2d::new`].
    pub fn initialised(
        config: &UNet2dConfig,
        generator: &mut Generator,
        device: &Device,
    ) -> Result<Self> {
        Ok(state_dict::initialised(
            Self::new(config, device)?,
            generator,
        ))
    }

    /// The prediction for `sample`, `[batch, in_channels, height, width]`, at `timesteps`, `[batch]` or `[1]` (sigma
    /// for a Fourier embedding), and `class_labels`, `[batch]`. The result has shape
    /// `[batch, out_channels, height, width]`.
    ///
    /// Labels are class indices below [`UNet2dConfig::class_count`], or with `class_embed_type = "timestep"` any valid
    /// timesteps; a Fourier embedding takes the logarithm of both, which must be above 0. For `"identity"` see
    /// [`UNet2d::embed`].
    ///
    /// # Panics
    /// Where labels are missing or not supported, and for a size that [`UNet2dConfig::check_sample`] rejects.
    pub fn forward(
        &self,
        sample: Tensor<4>,
        timesteps: Tensor<1>,
        class_labels: Option<Tensor<1, Int>>,
    ) -> Tensor<4> {
        self.forward_embedded(sample, self.embed(timesteps, class_labels))
    }

    /// Embeds `timesteps`, `[batch]` or `[1]`, and `class_labels`, `[batch]`. Networks with
    /// `class_embed_type = "identity"` have no labels: add vectors to the embedding of the result before
    /// [`UNet2d::forward_embedded`].
    ///
    /// # Panics
    /// Where labels are missing or not supported.
    pub fn embed(
        &self,
        timesteps: Tensor<1>,
        class_labels: Option<Tensor<1, Int>>,
    ) -> Conditioning {
        let divisor = self.time_proj.divisor(timesteps.clone());
        let projected = self.time_proj.forward(timesteps);
        let time = self.time_embedding.forward(projected);
        let embedding = match (&self.class_embedding, class_labels) {
            (Some(ClassEmbedding::Table(table)), Some(labels)) => {
                time + table.forward(labels.unsqueeze_dim(0)).squeeze_dim(0)
            }
            (Some(ClassEmbedding::Timestep(embedding)), Some(labels)) => {
                time + embedding.forward(self.time_proj.forward(labels.float()))
            }
            (None, None) => time,
            (Some(_), None) => panic!("the network needs class labels"),
            (None, Some(_)) => panic!("the network takes no class labels"),
        };
        Conditioning { embedding, divisor }
    }

    /// The prediction for `sample`, `[batch, in_channels, height, width]`, with the result of [`UNet2d::embed`].
    pub fn forward_embedded(&self, sample: Tensor<4>, conditioning: Conditioning) -> Tensor<4> {
        let sample = if self.center_input_sample {
            sample * 2.0 - 1.0
        } else {
            sample
        };
        // All residual blocks use the activated embedding.
        let embedding = self.activation.forward(conditioning.embedding);
        let mut image_in = sample.clone();
        let mut hidden = self.conv_in.forward(sample);
        let mut skips = vec![hidden.clone()];
        for block in &self.down_blocks {
            hidden = block.forward(hidden, &embedding, &mut skips, &mut image_in);
        }
        if let Some(block) = &self.mid_block {
            hidden = block.forward(hidden, &embedding);
        }
        let mut image_out = None;
        for block in &self.up_blocks {
            hidden = block.forward(hidden, &embedding, &mut skips, &mut image_out);
        }
        // diffusers uses SiLU here, independent of `act_fn`.
        let hidden = (self.conv_norm_out).forward_activated(hidden, Activation::Silu);
        let output = self.conv_out.forward(hidden);
        let output = match image_out {
            Some(image) => output + image,
            None => output,
        };
        match conditioning.divisor {
            Some(sigmas) => output / sigmas.reshape([-1, 1, 1, 1]),
            None => output,
        }
    }

    /// Number of parameters; computed without allocating them.
    pub fn parameter_count(&self) -> usize {
        struct Counter(usize);
        impl ModuleVisitor for Counter {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let shape = param.lazy_shape();
                let elements = shape
                    .iter()
                    .fold(1, |all: usize, &size| all.saturating_mul(size));
                self.0 = self.0.saturating_add(elements);
            }
        }
        let mut counter = Counter(0);
        self.visit(&mut counter);
        counter.0
    }
}
