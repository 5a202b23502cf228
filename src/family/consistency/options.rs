//! The options of consistency models.

use serde::{Deserialize, Serialize};

use super::MAX_EVALUATIONS;
use crate::Result;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;

/// Where neighbouring points of a trajectory come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsistencyMethod {
    /// A point with the same noise at two levels.
    Training,
    /// One step of the probability flow of a denoiser.
    #[default]
    Distillation,
}

/// Options of [`Consistency`](super::Consistency).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsistencyOptions {
    /// Where neighbouring points of a trajectory come from.
    pub method: ConsistencyMethod,
    /// Steps of the denoiser; distillation only.
    pub teacher_steps: usize,
    /// Steps of the consistency model.
    pub steps: usize,
    /// Points in a step.
    pub batch: usize,
    /// Peak learning rate of both. It falls along a cosine to 0.
    pub learning_rate: f64,
    /// Number of noise levels at first.
    pub min_levels: usize,
    /// Number of noise levels in the end.
    pub max_levels: usize,
    /// Standard deviation of the least noise.
    pub min_sigma: f64,
    /// Standard deviation of the largest noise.
    pub max_sigma: f64,
    /// Noise levels are drawn log-normally about 0 with this standard deviation of `ln σ`.
    pub log_sigma_std: f64,
    /// The constant of the pseudo-Huber distance.
    pub huber: f64,
    /// Units of a hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Octaves of Fourier features of the point.
    pub octaves: usize,
    /// Evaluations of the network for a sample.
    pub evaluations: usize,
    /// Seed of weights, batches and noise.
    pub seed: u32,
}

impl Default for ConsistencyOptions {
    fn default() -> Self {
        Self {
            method: ConsistencyMethod::Distillation,
            teacher_steps: 1500,
            steps: 3000,
            batch: 256,
            learning_rate: 2e-3,
            min_levels: 20,
            max_levels: 40,
            min_sigma: 0.02,
            max_sigma: 10.0,
            log_sigma_std: 1.6,
            huber: 0.03,
            width: 128,
            depth: 2,
            octaves: 3,
            evaluations: 1,
            seed: 0,
        }
    }
}

impl ConsistencyOptions {
    pub(super) fn check(&self) -> Result<()> {
        within("minLevels", self.min_levels, 2..=10_000)?;
        within("maxLevels", self.max_levels, self.min_levels..=10_000)?;
        within("minSigma", self.min_sigma, 1e-3..=1.0)?;
        within("maxSigma", self.max_sigma, 1.1 * self.min_sigma..=1e3)?;
        within("evaluations", self.evaluations, 1..=MAX_EVALUATIONS)?;
        check_positive("logSigmaStd", self.log_sigma_std)?;
        check_positive("huber", self.huber)?;
        check_positive("learningRate", self.learning_rate)?;
        self.architecture().check()
    }

    pub(super) fn architecture(&self) -> Architecture {
        Architecture {
            width: self.width,
            depth: self.depth,
            octaves: self.octaves,
        }
    }

    /// Steps of the denoiser that is distilled.
    pub(super) fn teacher_steps(&self) -> usize {
        match self.method {
            ConsistencyMethod::Training => 0,
            ConsistencyMethod::Distillation => self.teacher_steps,
        }
    }
}
