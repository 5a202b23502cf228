//! The options of score matching.

use serde::{Deserialize, Serialize};

use super::{MAX_LANGEVIN_STEPS, MAX_LEVELS};
use crate::Result;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;

/// A loss whose minimum is the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreObjective {
    /// Regression on the noise.
    #[default]
    Denoising,
    /// The divergence of the score along one random direction.
    Sliced,
    /// The divergence of the score itself.
    ExactTrace,
}

/// Options of [`ScoreModel`](super::ScoreModel).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScoreOptions {
    /// The loss.
    pub objective: ScoreObjective,
    /// Number of noise levels, in geometric progression.
    pub levels: usize,
    /// Standard deviation of the least noise, and of the only one.
    pub min_sigma: f64,
    /// Standard deviation of the largest noise, if there are several levels.
    pub max_sigma: f64,
    /// Steps of training.
    pub steps: usize,
    /// Points in a step.
    pub batch: usize,
    /// Peak learning rate. It falls along a cosine to 0.
    pub learning_rate: f64,
    /// Units of a hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Octaves of Fourier features of the point.
    pub octaves: usize,
    /// Langevin steps at a noise level.
    pub langevin_steps: usize,
    /// Step size of Langevin dynamics in units of `σ²`.
    pub step_size: f64,
    /// Seed of weights, batches and noise.
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
    /// One noise level and an objective.
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

    /// The noise levels, from the largest to the least.
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
