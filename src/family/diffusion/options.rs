//! The options of diffusion.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::diffusion::NoiseSchedule;
use crate::family::denoising;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;
use crate::nn::MlpConfig;
use crate::points::PointTrainingOptions;
use crate::sampler::ddpm::Variance;

/// The variance of a step of the reverse process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReverseVariance {
    /// The variance of the posterior, `β̃_t`: exact if the data are one point.
    FixedSmall,
    /// The variance of the forward step, `β_t`: exact if the data are standard normal.
    #[default]
    FixedLarge,
    /// Between the two, from the network.
    Learned,
}

impl ReverseVariance {
    /// The same variance as an option of ancestral sampling.
    pub(super) fn of_sampler(self) -> Variance {
        match self {
            Self::FixedSmall => Variance::FixedSmall,
            Self::FixedLarge => Variance::FixedLarge,
            Self::Learned => Variance::LearnedRange,
        }
    }
}

/// How samples are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiffusionSampler {
    /// DPM-Solver++(2M) along the probability flow, without fresh noise.
    #[default]
    DpmSolver,
    /// The reverse process with the model's variance: DDPM.
    Ancestral,
}

/// Options of [`Diffusion`](super::Diffusion).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiffusionOptions {
    /// Variance of the reverse steps.
    pub variance: ReverseVariance,
    /// Weight λ of `L_vlb`, the sum of all terms of the bound in nats per coordinate, in the loss of a model with a
    /// learned variance; 0.001 in the paper.
    pub vlb_weight: f64,
    /// Number of timesteps `T` of the linear schedule.
    pub timesteps: usize,
    /// How samples are drawn.
    pub sampler: DiffusionSampler,
    /// Number of network evaluations per sample, at most `timesteps`.
    pub evaluations: usize,
    /// Training steps.
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
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for DiffusionOptions {
    /// The recipe of [`PointTrainingOptions`], with fewer timesteps, since the bound evaluates the network at each.
    fn default() -> Self {
        let recipe = PointTrainingOptions::default();
        Self {
            variance: ReverseVariance::default(),
            vlb_weight: 1e-3,
            timesteps: 200,
            sampler: DiffusionSampler::default(),
            evaluations: 20,
            steps: recipe.steps,
            batch: recipe.batch,
            learning_rate: recipe.learning_rate,
            width: recipe.width,
            depth: recipe.depth,
            octaves: recipe.octaves,
            seed: 0,
        }
    }
}

/// Maximum number of timesteps.
const MAX_TIMESTEPS: usize = 10_000;
/// Maximum weight of `L_vlb`.
const MAX_VLB_WEIGHT: f64 = 1e3;

impl DiffusionOptions {
    /// Checks all options and returns the noise schedule.
    pub(super) fn check(&self) -> Result<NoiseSchedule> {
        within("timesteps", self.timesteps, 2..=MAX_TIMESTEPS)?;
        within("evaluations", self.evaluations, 1..=self.timesteps)?;
        within("vlbWeight", self.vlb_weight, 0.0..=MAX_VLB_WEIGHT)?;
        check_positive("learningRate", self.learning_rate)?;
        self.architecture().check()?;
        denoising::schedule(self.timesteps)
    }

    /// The network without the outputs for the variance.
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
