//! The options of consistency models.

use serde::{Deserialize, Serialize};

use super::MAX_EVALUATIONS;
use crate::Result;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;

/// How the two neighbouring points of a trajectory are obtained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsistencyMethod {
    /// Consistency training: the same point with the same noise at two levels.
    Training,
    /// Consistency distillation: one step of the probability-flow ODE of a denoiser.
    #[default]
    Distillation,
}

/// Options of [`Consistency`](super::Consistency).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsistencyOptions {
    /// How the two neighbouring points of a trajectory are obtained.
    pub method: ConsistencyMethod,
    /// Training steps of the denoiser; used by distillation only.
    pub teacher_steps: usize,
    /// Training steps of the consistency model.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate of both networks; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Number of noise levels at the start of training.
    pub min_levels: usize,
    /// Number of noise levels at the end of training.
    pub max_levels: usize,
    /// Standard deviation of the smallest noise level.
    pub min_sigma: f64,
    /// Standard deviation of the largest noise level.
    pub max_sigma: f64,
    /// Standard deviation of `ln σ` of the log-normal distribution, centred at 0, from which noise levels are drawn.
    pub log_sigma_std: f64,
    /// The constant `c` of the pseudo-Huber distance.
    pub huber: f64,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
    /// Number of network evaluations per sample.
    pub evaluations: usize,
    /// Seed of the initial weights, the batches and the noise.
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

    /// Training steps of the denoiser; 0 without distillation.
    pub(super) fn teacher_steps(&self) -> usize {
        match self.method {
            ConsistencyMethod::Training => 0,
            ConsistencyMethod::Distillation => self.teacher_steps,
        }
    }
}
