//! Time embeddings: sinusoids of the timestep or of the noise level, followed by two linear layers.

use burn::module::{Initializer, Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData, activation};

use std::f64::consts::{FRAC_1_PI, TAU};

/// Period of the slowest sinusoid, divided by 2 pi (Vaswani et al. 2017, section 3.5).
const MAX_PERIOD: f32 = 10_000.0;

/// The leading bits of 2 pi; few enough that integer multiples below 2^16 are exact in `f32`.
const TAU_HIGH: f64 = 6.28125;

/// Sinusoidal embedding of a timestep, with geometrically spaced frequencies:
///
/// `[sin(t w_0), ..., sin(t w_{h-1}), cos(t w_0), ..., cos(t w_{h-1})]`, `w_i = 10000^(-i / (h - freq_shift))`,
/// `h = channels / 2`,
///
/// with the cosines first if `flip_sin_to_cos`, and a final zero if `channels` is odd ([Vaswani et al.
/// 2017](https://arxiv.org/abs/1706.03762), section 3.5; [Ho et al. 2020](https://arxiv.org/abs/2006.11239), appendix
/// B).
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
        let embedding = if self.flip_sin_to_cos {
            vec![cos, sin]
        } else {
            vec![sin, cos]
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

    /// The frequencies `w`, `[1, half]`, rounded as in PyTorch, which matters at t = 1000.
    fn frequencies(&self) -> TensorData {
        let half = self.channels / 2;
        let denominator = (half as f64 - self.freq_shift) as f32;
        let frequencies = (0..half)
            .map(|i| (-MAX_PERIOD.ln() * i as f32 / denominator).exp())
            .collect::<Vec<_>>();
        TensorData::new(frequencies, [1, half])
    }
}

/// Reduces angles to [-pi, pi], where the sine of every GPU is accurate; WGSL guarantees nothing beyond. Subtracts the
/// multiple of 2 pi in two parts (Cody and Waite 1980), so that no digit is lost.
fn wrap(angle: Tensor<2>) -> Tensor<2> {
    let turns = (angle.clone() * (0.5 * FRAC_1_PI) + 0.5).floor();
    angle - turns.clone() * TAU_HIGH - turns * (TAU - TAU_HIGH)
}

/// Options of a [`SinusoidalEmbedding`], by their names in diffusers.
#[derive(Clone, Debug)]
pub struct SinusoidalEmbeddingConfig {
    /// Dimension of the embedding.
    pub channels: usize,
    /// Whether the cosines come before the sines.
    pub flip_sin_to_cos: bool,
    /// Offset that is subtracted from the number of frequencies in the exponent.
    pub freq_shift: f64,
}

/// Standard deviation of the initial frequencies of a [`FourierEmbedding`].
pub(super) const FREQUENCY_SCALE: f64 = 16.0;

/// Random Fourier features of the logarithm of the noise level:
///
/// `[sin(2 pi w_0 ln(sigma)), ..., cos(2 pi w_0 ln(sigma)), ...]`, `w_i` drawn from N(0, 16^2)
///
/// The frequencies are not trained ([Tancik et al. 2020](https://arxiv.org/abs/2006.10739), equation 5; [Song et al.
/// 2021](https://arxiv.org/abs/2011.13456), appendix C.2).
#[derive(Module, Debug)]
pub struct FourierEmbedding {
    /// The frequencies `w`.
    weight: Param<Tensor<1>>,
}

impl FourierEmbedding {
    /// An embedding into `2 * frequencies` dimensions.
    pub fn new(frequencies: usize, device: &Device) -> Self {
        let initializer = Initializer::Normal {
            mean: 0.0,
            std: FREQUENCY_SCALE,
        };
        Self {
            weight: (initializer.init([frequencies], device)).set_require_grad(false),
        }
    }

    /// Embeds `sigmas`, `[batch]`, all above 0, as `[batch, 2 * frequencies]`.
    pub fn forward(&self, sigmas: Tensor<1>) -> Tensor<2> {
        let turns = sigmas.log().unsqueeze_dim(1) * self.weight.val().unsqueeze_dim(0);
        // Whole turns are removed before multiplication by 2 pi rounds the rest.
        let whole = (turns.clone() + 0.5).floor();
        let phase = (turns - whole) * TAU; // [batch, frequencies]
        Tensor::cat(vec![phase.clone().sin(), phase.cos()], 1)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourier_embedding_is_the_formula_at_every_noise_level_of_a_variance_exploding_process() {
        let frequencies = [0.3_f32, -7.0, 16.0, 40.0];
        let sigmas = [0.01_f32, 0.35, 1.0, 2.7, 50.0, 1348.0];
        let device = Device::flex();
        let embedding = FourierEmbedding {
            weight: Param::from_tensor(Tensor::from_data(frequencies, &device)),
        };
        let output = embedding.forward(Tensor::from_data(sigmas, &device));
        assert_eq!(output.dims(), [6, 8]);
        let values: Vec<f32> = output.into_data().try_to_vec().unwrap();
        for (row, sigma) in values.chunks(8).zip(sigmas) {
            for (i, frequency) in frequencies.into_iter().enumerate() {
                let angle = TAU * f64::from(frequency) * f64::from(sigma).ln();
                // Rounding of the logarithm and the product.
                let allowed = 1e-6 + 2e-7 * angle.abs();
                for (found, expected) in [(row[i], angle.sin()), (row[4 + i], angle.cos())] {
                    let error = (f64::from(found) - expected).abs();
                    assert!(
                        error <= allowed,
                        "{found} is not {expected} at {sigma}, {frequency}"
                    );
                }
            }
        }
    }
}
