//! The options of score matching.

use serde::{Deserialize, Serialize};

use super::{MAX_LANGEVIN_STEPS, MAX_LEVELS};
use crate::Result;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;

/// A loss that is minimised by the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreObjective {
    /// Denoising score matching: regression on the noise.
    #[default]
    Denoising,
    /// Sliced score matching: the divergence is estimated along one random direction.
    Sliced,
    /// Score matching with the exact divergence of the score.
    ExactTrace,
}

/// Options of [`ScoreModel`](super::ScoreModel).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScoreOptions {
    /// The loss used for training.
    pub objective: ScoreObjective,
    /// Number of noise levels, which form a geometric progression.
    pub levels: usize,
    /// Standard deviation of the smallest noise level, or of the only one.
    pub min_sigma: f64,
    /// Standard deviation of the largest noise level; unused with one level.
    pub max_sigma: f64,
    /// Total number of training steps.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
    /// Langevin steps per noise level.
    pub langevin_steps: usize,
    /// Step size of the Langevin dynamics in units of `σ²`.
    pub step_size: f64,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            objective: ScoreObjective::Denoising,
            levels: 10,
            min_sigma: 0.03,
            max_sigma: 3.0,
            steps: 2500,
            batch: 512,
            learning_rate: 3e-3,
            width: 128,
            depth: 3,
            octaves: 0,
            langevin_steps: 20,
            step_size: 0.1,
            seed: 0,
        }
    }
}

impl ScoreOptions {
    /// Options with one noise level and a given objective.
    pub(super) fn single(objective: ScoreObjective) -> Self {
        Self {
            objective,
            levels: 1,
            min_sigma: 0.1,
            max_sigma: 0.1,
            steps: 1500,
            langevin_steps: 200,
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        within("levels", self.levels, 1..=MAX_LEVELS)?;
        within("langevinSteps", self.langevin_steps, 1..=MAX_LANGEVIN_STEPS)?;
        within("minSigma", self.min_sigma, 1e-3..=1e3)?;
        within("maxSigma", self.max_sigma, self.min_sigma..=1e3)?;
        within("stepSize", self.step_size, 1e-6..=1.0)?;
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

    /// The noise levels as standard deviations, in descending order.
    pub(super) fn sigmas(&self) -> Vec<f32> {
        let last = self.levels.saturating_sub(1);
        if last == 0 {
            return vec![self.min_sigma as f32];
        }
        let ratio = libm::log(self.min_sigma / self.max_sigma);
        let sigma = |level| self.max_sigma * libm::exp(ratio * level as f64 / last as f64);
        (0..=last).map(|level| sigma(level) as f32).collect()
    }
}
