//! Real-valued non-volume-preserving flows (Real NVP) with affine coupling layers (Dinh et al. 2017,
//! <https://arxiv.org/abs/1605.08803>).

use serde::{Deserialize, Serialize};

use super::coupling::Transformation;
use super::flow::{Flow, Shape};
use super::member::{Family, Plan};
use crate::Result;
use crate::elementary::exp;
use crate::random::Generator;

/// The options of [`RealNvp`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RealNvpOptions {
    /// Number of coupling layers, from 1 to 64.
    pub couplings: usize,
    /// Units in each of the two hidden layers of a network.
    pub width: usize,
    /// Peak learning rate; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Training steps, which is also the length of the learning-rate schedule.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Seed of the initial weights and the batches.
    pub seed: u32,
}

impl Default for RealNvpOptions {
    fn default() -> Self {
        Self {
            couplings: 8,
            width: 64,
            learning_rate: 3e-3,
            steps: 2000,
            batch: 512,
            seed: 0,
        }
    }
}

/// `y = x·exp(s) + t` (Dinh et al. 2017, eq. 7 and 8) with `s = 2·tanh(r/2)`, so that a layer scales by a factor
/// between `e⁻²` and `e²`. The parameters are `r` and `t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine;

/// `s` as a function of `r`.
fn log_scale(parameter: f32) -> f64 {
    // 2·tanh(r/2)
    4.0 / (1.0 + f64::from(exp(-parameter))) - 2.0
}

impl Transformation for Affine {
    const FLOW: &'static str = "real-nvp";

    fn parameters(&self) -> usize {
        2
    }

    fn forward(&self, x: f64, parameters: &[f32]) -> [f64; 2] {
        let s = log_scale(parameters[0]);
        [x * libm::exp(s) + f64::from(parameters[1]), s]
    }

    fn inverse(&self, y: f64, parameters: &[f32]) -> [f64; 2] {
        let s = log_scale(parameters[0]);
        [(y - f64::from(parameters[1])) * libm::exp(-s), s]
    }

    fn gradients(&self, x: f64, parameters: &[f32], gradient: [f64; 2], output: &mut [f32]) -> f64 {
        let [to_y, to_log] = gradient;
        let s = log_scale(parameters[0]);
        let scale = libm::exp(s);
        // ds/dr = 1 − tanh²(r/2)
        let slope = 1.0 - s * s / 4.0;
        output[0] = ((to_y * x * scale + to_log) * slope) as f32;
        output[1] = to_y as f32;
        to_y * scale
    }
}

/// A flow of affine coupling layers. It deforms the plane continuously, and each layer scales every line uniformly.
/// Thin bridges of density therefore remain between separate modes.
pub type RealNvp = Flow<Affine>;

impl Family for RealNvp {
    const NAME: &'static str = Affine::FLOW;
    type Options = RealNvpOptions;

    fn plan(options: &RealNvpOptions) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &RealNvpOptions, _: usize, generator: &mut Generator) -> Result<Self> {
        let shape = Shape {
            couplings: options.couplings,
            width: options.width,
            learning_rate: options.learning_rate,
            steps: options.steps,
        };
        Self::with(shape, &Affine, generator)
    }
}
