//! Configuration of a point network.

use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_PI_2;

use crate::diffusion::NoiseLevel;
use crate::nn::activation::Activation;
use crate::{Error, Result};

/// Upper limit of the width; larger values are rejected as likely mistakes.
const MAX_WIDTH: usize = 4096;
/// Upper limit of the depth.
const MAX_DEPTH: usize = 16;
/// Upper limit of the dimension of the points.
const MAX_FEATURES: usize = 1024;
/// Upper limit of the number of parameters: 64 MiB, which training stores four times.
const MAX_PARAMETERS: usize = 1 << 24;
/// Upper limit of the number of frequencies; more do not improve the resolution of levels.
const MAX_FREQUENCIES: usize = 16;
/// Upper limit of the number of octaves; higher frequencies than `2^7` are finer than any training set in the plane.
const MAX_OCTAVES: usize = 8;
/// Limit of `|ln(sigma/alpha)|`, beyond which there is zero or pure noise.
const MAX_LOG_NOISE_TO_SIGNAL: f64 = 12.0;

/// Configuration of an [`Mlp`](super::Mlp).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MlpConfig {
    /// Dimension of the points, 2 in the plane; also of the output.
    pub features: usize,
    /// Width of the hidden layers, 1 to 4096.
    pub width: usize,
    /// Number of hidden layers, 1 to 16.
    pub depth: usize,
    /// Activation function between the layers.
    pub activation: Activation,
    /// Embedding of the noise level.
    pub time_embedding: TimeEmbedding,
    /// Octaves of Fourier features of each coordinate, 0 to 8: in addition to `x_i` the input contains `sin(2^k·x_i)`
    /// and `cos(2^k·x_i)` for k = 0 … octaves − 1 (Tancik et al. 2020, section 6.1, positional encoding). Without them
    /// a network learns coarse shapes first, and fine ones, such as the gaps of a checkerboard, only after very many
    /// steps.
    #[serde(default)]
    pub octaves: usize,
}

impl Default for MlpConfig {
    /// Points in the plane, and three hidden layers of width 128.
    fn default() -> Self {
        Self {
            features: 2,
            width: 128,
            depth: 3,
            activation: Activation::Silu,
            time_embedding: TimeEmbedding::LogSnr,
            octaves: 0,
        }
    }
}

/// Embedding of the noise level. It depends only on `sigma/alpha`, so that it applies to every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeEmbedding {
    /// The one number `c = ln(sigma/alpha)/4`, `c_noise` of Karras et al. 2022 (table 1).
    LogSnr,
    /// This, and `sin(2^k·π/2·c)`, `cos(2^k·π/2·c)` for k = 0 … frequencies − 1 (Fourier features: Tancik et al. 2020,
    /// section 6.1, positional encoding).
    Fourier {
        /// Number of frequencies, 1 to 16.
        frequencies: usize,
    },
}

impl TimeEmbedding {
    /// Number of input features of the embedding.
    pub fn width(self) -> usize {
        match self {
            Self::LogSnr => 1,
            Self::Fourier { frequencies } => 1 + 2 * frequencies,
        }
    }

    /// Writes the embedding of a level to `row`, of length [`width`](Self::width).
    pub(crate) fn write(self, level: NoiseLevel, row: &mut [f32]) {
        let log_noise_to_signal = -level.log_snr();
        let c = log_noise_to_signal.clamp(-MAX_LOG_NOISE_TO_SIGNAL, MAX_LOG_NOISE_TO_SIGNAL) / 4.0;
        row[0] = c as f32;
        for (k, pair) in row[1..].chunks_exact_mut(2).enumerate() {
            let (sine, cosine) = (f64::from(1 << k) * FRAC_PI_2 * c).sin_cos();
            pair.copy_from_slice(&[sine as f32, cosine as f32]);
        }
    }
}

impl MlpConfig {
    /// Number of input features per coordinate: the coordinate and its Fourier features.
    pub fn coordinate_width(&self) -> usize {
        1 + 2 * self.octaves
    }

    /// Number of inputs of the first layer: the features of each coordinate in turn, then the time embedding.
    pub fn inputs(&self) -> usize {
        self.features * self.coordinate_width() + self.time_embedding.width()
    }

    /// Writes the input features of a point to `row`, of length `features * coordinate_width`.
    pub(crate) fn write_point(&self, point: &[f32], row: &mut [f32]) {
        for (x, block) in point
            .iter()
            .zip(row.chunks_exact_mut(self.coordinate_width()))
        {
            block[0] = *x;
            for (octave, pair) in block[1..].chunks_exact_mut(2).enumerate() {
                let (sine, cosine) = (frequency(octave) * x).sin_cos();
                pair.copy_from_slice(&[sine, cosine]);
            }
        }
    }

    /// `[outputs, inputs]` of each layer.
    pub fn layers(&self) -> impl Iterator<Item = [usize; 2]> {
        let Self { width, depth, .. } = *self;
        let (first, features) = (self.inputs(), self.features);
        (0..=depth).map(move |layer| {
            let inputs = if layer == 0 { first } else { width };
            let outputs = if layer == depth { features } else { width };
            [outputs, inputs]
        })
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.layers()
            .map(|[outputs, inputs]| outputs * (inputs + 1))
            .sum()
    }

    /// # Errors
    /// [`Error::InvalidOption`] for a value outside its range, and for more than 2^24 parameters in total.
    pub fn validate(&self) -> Result<()> {
        let within = |name: &str, value: usize, most: usize| match value {
            value if (1..=most).contains(&value) => Ok(()),
            _ => Err(Error::invalid(name, format!("between 1 and {most}"), value)),
        };
        within("features", self.features, MAX_FEATURES)?;
        within("width", self.width, MAX_WIDTH)?;
        within("depth", self.depth, MAX_DEPTH)?;
        if self.octaves > MAX_OCTAVES {
            let expected = format!("between 0 and {MAX_OCTAVES}");
            return Err(Error::invalid("octaves", expected, self.octaves));
        }
        if let TimeEmbedding::Fourier { frequencies } = self.time_embedding {
            within("frequencies", frequencies, MAX_FREQUENCIES)?;
        }
        match self.parameter_count() {
            0..=MAX_PARAMETERS => Ok(()),
            count => {
                let expected =
                    format!("so small that there are at most {MAX_PARAMETERS} parameters");
                Err(Error::invalid("width", expected, count))
            }
        }
    }
}

/// `2^octave`, the frequency of a Fourier feature.
pub(crate) fn frequency(octave: usize) -> f32 {
    (1u32 << octave) as f32
}
