//! How a network is told the time: sinusoids of the timestep, and the two layers that follow.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData, activation};

use std::f64::consts::{FRAC_1_PI, TAU};

/// Period of the slowest sinusoid over 2 pi (Vaswani et al. 2017, section 3.5).
const MAX_PERIOD: f32 = 10_000.0;

/// The leading bits of 2 pi: few enough that any whole multiple below 2^16 is exact in `f32`.
const TAU_HIGH: f64 = 6.28125;

/// Embeds a timestep in sinusoids of geometrically spaced frequencies:
///
/// `[sin(t w_0), ..., sin(t w_{h-1}), cos(t w_0), ..., cos(t w_{h-1})]`,
/// `w_i = 10000^(-i / (h - freq_shift))`, `h = channels / 2`,
///
/// the cosines first if `flip_sin_to_cos`, and a zero at the end if `channels` is odd
/// ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762), section 3.5;
/// [Ho et al. 2020](https://arxiv.org/abs/2006.11239), appendix B).
#[derive(Module, Debug)]
pub struct SinusoidalEmbedding {
    channels: usize,
    flip_sin_to_cos: bool,
    freq_shift: f64,
}

impl SinusoidalEmbedding {
    /// An embedding into `channels` dimensions.
    pub fn new(config: &SinusoidalEmbeddingConfig) -> Self {
        Self {
            channels: config.channels,
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
        }
    }

    /// Embeds `timesteps`, `[batch]`, as `[batch, channels]`.
    pub fn forward(&self, timesteps: Tensor<1>) -> Tensor<2> {
        let device = timesteps.device();
        let half = self.channels / 2;
        let frequencies = Tensor::from_data(self.frequencies(), &device); // [1, half]
        let phase = wrap(timesteps.unsqueeze_dim(1) * frequencies); // [batch, half]
        let (sin, cos) = (phase.clone().sin(), phase.cos());
        let embedding = match self.flip_sin_to_cos {
            true => vec![cos, sin],
            false => vec![sin, cos],
        };
        let embedding = Tensor::cat(embedding, 1); // [batch, 2 * half]
        match self.channels - 2 * half {
            0 => embedding,
            odd => {
                let [batch, _] = embedding.dims();
                Tensor::cat(vec![embedding, Tensor::zeros([batch, odd], &device)], 1)
            }
        }
    }

    /// The frequencies `w`, `[1, half]`, rounded as PyTorch rounds them: at t = 1000 it shows.
    fn frequencies(&self) -> TensorData {
        let half = self.channels / 2;
        let denominator = (half as f64 - self.freq_shift) as f32;
        let frequencies = (0..half)
            .map(|i| (-MAX_PERIOD.ln() * i as f32 / denominator).exp())
            .collect::<Vec<_>>();
        TensorData::new(frequencies, [1, half])
    }
}

/// Brings angles into [-pi, pi], where the sine of every GPU is accurate: WGSL promises nothing
/// beyond. Subtracts the multiple of 2 pi in two parts (Cody and Waite 1980), so that no digit is lost.
fn wrap(angle: Tensor<2>) -> Tensor<2> {
    let turns = (angle.clone() * (0.5 * FRAC_1_PI) + 0.5).floor();
    angle - turns.clone() * TAU_HIGH - turns * (TAU - TAU_HIGH)
}

/// Options of a [`SinusoidalEmbedding`], by their names in diffusers.
#[derive(Clone, Debug)]
pub struct SinusoidalEmbeddingConfig {
    /// Dimensions of the embedding.
    pub channels: usize,
    /// Whether the cosines stand before the sines.
    pub flip_sin_to_cos: bool,
    /// What is subtracted from the number of frequencies in the exponent.
    pub freq_shift: f64,
}

/// Two linear layers with a SiLU between them: `linear_2(silu(linear_1(x)))`.
#[derive(Module, Debug)]
pub struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
}

impl TimestepEmbedding {
    /// Layers from `channels_in` to `channels_out` dimensions.
    pub fn new(channels_in: usize, channels_out: usize, device: &Device) -> Self {
        Self {
            linear_1: LinearConfig::new(channels_in, channels_out).init(device),
            linear_2: LinearConfig::new(channels_out, channels_out).init(device),
        }
    }

    /// Maps `[batch, channels_in]` to `[batch, channels_out]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.linear_2
            .forward(activation::silu(self.linear_1.forward(input)))
    }
}
