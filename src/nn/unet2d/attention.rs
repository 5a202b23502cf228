//! Self-attention among the pixels of a feature map.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, Tensor};

use super::config::UNet2dConfig;
use super::resnet::rescale;
use crate::nn::norm::GroupNorm;

/// Multi-head self-attention with a residual connection
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762), section 3.2):
///
/// `(x + to_out(softmax(q k^T / sqrt(head_dim)) v)) / output_scale_factor`, where `q`, `k` and `v`
/// are linear in `group_norm(x)` and the pixels are the tokens.
#[derive(Module, Debug)]
pub struct Attention {
    group_norm: Option<GroupNorm>,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    /// One layer, in a list as in diffusers, where it is followed by a dropout.
    to_out: Vec<Linear>,
    heads: usize,
    output_scale_factor: f64,
}

impl Attention {
    /// Attention over `channels`, preceded by a normalisation in `groups` if given.
    pub fn new(
        config: &UNet2dConfig,
        channels: usize,
        groups: Option<usize>,
        device: &Device,
    ) -> Self {
        let head_dim = config.attention_head_dim.unwrap_or(channels);
        let heads = channels / head_dim;
        let inner = heads * head_dim;
        let project = || LinearConfig::new(channels, inner).init(device);
        Self {
            group_norm: groups
                .map(|groups| GroupNorm::new(groups, channels, config.norm_eps, device)),
            to_q: project(),
            to_k: project(),
            to_v: project(),
            to_out: vec![LinearConfig::new(inner, channels).init(device)],
            heads,
            output_scale_factor: 1.0,
        }
    }

    /// The same layer with its output divided by `factor`.
    pub fn with_output_scale_factor(mut self, factor: f64) -> Self {
        self.output_scale_factor = factor;
        self
    }

    /// Maps `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let shape = input.dims();
        let [batch, channels, height, width] = shape;
        let hidden = match &self.group_norm {
            Some(norm) => norm.forward(input.clone()),
            None => input.clone(),
        };
        let tokens = hidden
            .reshape([batch, channels, height * width])
            .swap_dims(1, 2); // [batch, tokens, channels]
        let attended = attention(
            self.split_heads(self.to_q.forward(tokens.clone())),
            self.split_heads(self.to_k.forward(tokens.clone())),
            self.split_heads(self.to_v.forward(tokens)),
            None,
            None,
            AttentionModuleOptions::default(),
        ); // [batch, heads, tokens, head_dim]
        let attended = self.merge_heads(attended);
        let output = self
            .to_out
            .iter()
            .fold(attended, |x, layer| layer.forward(x));
        rescale(
            output.swap_dims(1, 2).reshape(shape) + input,
            self.output_scale_factor,
        )
    }

    /// Reshapes `[batch, tokens, heads * head_dim]` to `[batch, heads, tokens, head_dim]`.
    fn split_heads(&self, tensor: Tensor<3>) -> Tensor<4> {
        let [batch, tokens, inner] = tensor.dims();
        match self.heads {
            1 => tensor.reshape([batch, 1, tokens, inner]),
            heads => tensor
                .reshape([batch, tokens, heads, inner / heads])
                .swap_dims(1, 2),
        }
    }

    /// Reshapes `[batch, heads, tokens, head_dim]` to `[batch, tokens, heads * head_dim]`.
    fn merge_heads(&self, tensor: Tensor<4>) -> Tensor<3> {
        let [batch, heads, tokens, head_dim] = tensor.dims();
        tensor
            .swap_dims(1, 2)
            .reshape([batch, tokens, heads * head_dim])
    }
}
