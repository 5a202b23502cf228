//! The options of guidance.

use serde::{Deserialize, Serialize};

use super::MAX_WEIGHT;
use crate::Result;
use crate::diffusion::NoiseSchedule;
use crate::family::denoising;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::{check_network, within};
use crate::nn::MlpConfig;

/// How samples are guided towards their class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuidanceMethod {
    /// By the gradient of a classifier of noisy points.
    #[default]
    Classifier,
    /// By the difference that the class makes to the denoiser.
    ClassifierFree,
}

/// Options of [`Guidance`](super::Guidance).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuidanceOptions {
    /// How samples are guided.
    pub method: GuidanceMethod,
    /// Weight `w` of the guidance, 0 to 100: 0 ignores the class, 1 samples from `p(x ∣ y)`.
    pub guidance: f64,
    /// Number of timesteps of the linear schedule.
    pub timesteps: usize,
    /// Number of DDIM steps per sample, at most `timesteps`; each evaluates two networks.
    pub sampling_steps: usize,
    /// Fraction of the training points whose class is hidden from the denoiser in classifier-free guidance. With a
    /// classifier, the denoiser never receives a class.
    pub class_dropout: f64,
    /// Training steps.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Units per hidden layer of the denoiser.
    pub width: usize,
    /// Number of hidden layers of the denoiser.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point in the denoiser.
    pub octaves: usize,
    /// Units per hidden layer of the classifier.
    pub classifier_width: usize,
    /// Number of hidden layers of the classifier.
    pub classifier_depth: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for GuidanceOptions {
    fn default() -> Self {
        Self {
            method: GuidanceMethod::default(),
            guidance: 1.0,
            timesteps: 1000,
            sampling_steps: 50,
            class_dropout: 0.2,
            steps: 3000,
            batch: 256,
            learning_rate: 3e-3,
            width: 128,
            depth: 2,
            octaves: 3,
            classifier_width: 64,
            classifier_depth: 2,
            seed: 0,
        }
    }
}

/// Maximum number of timesteps.
const MAX_TIMESTEPS: usize = 100_000;

impl GuidanceOptions {
    /// Checks all options and returns the noise schedule.
    pub(super) fn check(&self) -> Result<NoiseSchedule> {
        within("guidance", self.guidance, 0.0..=MAX_WEIGHT)?;
        within("timesteps", self.timesteps, 2..=MAX_TIMESTEPS)?;
        within("samplingSteps", self.sampling_steps, 1..=self.timesteps)?;
        within("classDropout", self.class_dropout, 0.0..=1.0)?;
        check_positive("learningRate", self.learning_rate)?;
        check_network(self.classifier_width, self.classifier_depth)?;
        self.architecture().check()?;
        denoising::schedule(self.timesteps)
    }

    /// The denoiser's network, without its inputs for the class.
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
