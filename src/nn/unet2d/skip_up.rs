//! Blocks of NCSN++ in the up path.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::attention::Attention;
use super::config::UNet2dConfig;
use super::fir;
use super::resnet::{Resample, ResnetBlock};
use super::skip_down::{IMAGE_CHANNELS, new_attention, new_resnet};
use super::up::join;
use crate::nn::activation::Activation;
use crate::nn::convolution::Conv3x3;
use crate::nn::norm::GroupNorm;

/// Residual blocks, each with a skip connection from the down path, optional attention, then optional upsampling by 2,
/// before which an image is added to the output ("output skip", [Karras et al. 2020](https://arxiv.org/abs/1912.04958),
/// figure 7; NCSN++, [Song et al. 2021](https://arxiv.org/abs/2011.13456), appendix H):
///
/// `image = fir(image) + skip_conv(silu(skip_norm(h)))`, `h = resnet_up(h)`.
///
/// The output of every residual block and attention is divided by the square root of 2. These are diffusers'
/// `SkipUpBlock2D` and `AttnSkipUpBlock2D`.
#[derive(Module, Debug)]
pub struct SkipUpBlock {
    resnets: Vec<ResnetBlock>,
    /// At most one.
    attentions: Vec<Attention>,
    resnet_up: Option<ResnetBlock>,
    skip_norm: Option<GroupNorm>,
    skip_conv: Option<Conv3x3>,
}

impl SkipUpBlock {
    /// The block `index`, counted from the lowest resolution.
    pub fn new(config: &UNet2dConfig, index: usize, device: &Device) -> Self {
        let level = config.block_out_channels.len() - 1 - index;
        let channels = config.block_out_channels[level];
        let has_attention = config.up_block_types[index].has_attention();
        let widths = config.up_widths(index);
        let [_, width] = widths[0];
        let doubles = level > 0;
        Self {
            resnets: (widths.into_iter())
                .map(|widths| new_resnet(config, widths, device))
                .collect(),
            attentions: (has_attention.then(|| new_attention(config, channels, device)))
                .into_iter()
                .collect(),
            resnet_up: doubles.then(|| {
                new_resnet(config, [width; 2], device)
                    .with_resample(Resample::FilterUpsample)
                    .with_shortcut(channels, device)
            }),
            skip_norm: doubles
                .then(|| GroupNorm::new(width.groups, channels, config.norm_eps, device)),
            skip_conv: doubles.then(|| Conv3x3::new(channels, IMAGE_CHANNELS, device)),
        }
    }

    /// As [`super::up::UpBlock::forward`].
    pub fn forward(
        &self,
        input: Tensor<4>,
        embedding: &Tensor<2>,
        skips: &mut Vec<Tensor<4>>,
        image: &mut Option<Tensor<4>>,
    ) -> Tensor<4> {
        let layers = self.resnets.iter();
        let hidden = layers.fold(input, |hidden, resnet| {
            resnet.forward(join(hidden, skips), embedding)
        });
        let attentions = self.attentions.iter();
        let hidden = attentions.fold(hidden, |hidden, attention| attention.forward(hidden));

        let below = image.take().map(fir::upsample);
        let (Some(resnet), Some(norm), Some(conv)) =
            (&self.resnet_up, &self.skip_norm, &self.skip_conv)
        else {
            *image = below;
            return hidden;
        };
        // diffusers uses SiLU here, independent of `act_fn`.
        let own = conv.forward(Activation::Silu.forward(norm.forward(hidden.clone())));
        *image = Some(match below {
            Some(below) => below + own,
            None => own,
        });
        resnet.forward(hidden, embedding)
    }
}
