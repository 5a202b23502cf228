//! The options of fine-tuning.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::diffusion::NoiseSchedule;
use crate::family::denoising;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::{MAX_STEPS, within};
use crate::nn::MlpConfig;

/// Options of [`Lora`](super::Lora).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoraOptions {
    /// The named data set of the base model.
    pub base: String,
    /// Rank of the update of each layer, 1 to 64; 0 trains all weights.
    pub rank: usize,
    /// Training steps of the base model.
    pub base_steps: usize,
    /// Training steps of fine-tuning.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate of the base model; it decays to 0 along half a cosine.
    pub base_learning_rate: f64,
    /// Peak learning rate of fine-tuning; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Number of timesteps of the linear schedule.
    pub timesteps: usize,
    /// Number of network evaluations per sample, at most `timesteps`.
    pub evaluations: usize,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
    /// Seed of the base model's data, the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for LoraOptions {
    fn default() -> Self {
        Self {
            base: "two-moons".to_owned(),
            rank: 4,
            base_steps: 2000,
            steps: 1000,
            batch: 256,
            base_learning_rate: 3e-3,
            learning_rate: 1e-2,
            timesteps: 1000,
            evaluations: 20,
            width: 128,
            depth: 3,
            octaves: 3,
            seed: 0,
        }
    }
}

/// Maximum rank.
const MAX_RANK: usize = 64;
/// Maximum number of timesteps.
const MAX_TIMESTEPS: usize = 100_000;

impl LoraOptions {
    /// Checks all options but the name of the data set, and returns the noise schedule.
    pub(super) fn check(&self) -> Result<NoiseSchedule> {
        within("rank", self.rank, 0..=MAX_RANK)?;
        within("baseSteps", self.base_steps, 1..=MAX_STEPS)?;
        within("steps", self.steps, 1..=MAX_STEPS)?;
        within("timesteps", self.timesteps, 2..=MAX_TIMESTEPS)?;
        within("evaluations", self.evaluations, 1..=self.timesteps)?;
        check_positive("baseLearningRate", self.base_learning_rate)?;
        check_positive("learningRate", self.learning_rate)?;
        self.architecture().check()?;
        denoising::schedule(self.timesteps)
    }

    pub(super) fn network(&self) -> MlpConfig {
        denoising::network(self.architecture())
    }

    fn architecture(&self) -> Architecture {
        Architecture {
            width: self.width,
            depth: self.depth,
            octaves: self.octaves,
        }
    }
}
