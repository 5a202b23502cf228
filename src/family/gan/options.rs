//! Options of a GAN, and presets for lessons.

use serde::{Deserialize, Serialize};

use super::GanLoss;
use crate::family::{Activation, Plan, check_network, within};
use crate::train::LearningRateDecay;
use crate::train::{LearningRateSchedule, Optimizer};
use crate::{Error, Result};

/// Architecture and training of a GAN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct GanOptions {
    /// The losses of both players.
    pub loss: GanLoss,
    /// Dimension of the standard normal latents that the generator maps to points.
    pub latents: usize,
    /// Units per hidden layer of both networks.
    pub width: usize,
    /// Number of hidden layers of both networks.
    pub depth: usize,
    /// Activation function of both networks.
    pub activation: Activation,
    /// Adam's learning rate of the generator.
    pub generator_learning_rate: f64,
    /// Adam's learning rate of the discriminator.
    pub discriminator_learning_rate: f64,
    /// How both learning rates decay over `steps`.
    pub decay: LearningRateDecay,
    /// Adam's `beta_1` of both optimisers.
    pub beta1: f64,
    /// Adam's `beta_2` of both optimisers.
    pub beta2: f64,
    /// Generator updates per training step.
    pub generator_steps: usize,
    /// Discriminator updates per training step. They precede those of the generator; each uses its own points.
    pub discriminator_steps: usize,
    /// Weight γ of the R1 penalty, `γ/2·E‖∇d(x)‖²` at data points.
    pub r1: f64,
    /// Weight γ of the R2 penalty, the same expression at samples.
    pub r2: f64,
    /// Weight λ of the gradient penalty `λ·E(‖∇d(x̂)‖ − 1)²` at points interpolated between data and samples.
    pub gradient_penalty: f64,
    /// EMA decay of the generator's weights; samples use the averaged weights.
    pub ema: f64,
    /// Batch size: points per update.
    pub batch: usize,
    /// Total number of training steps.
    pub steps: usize,
    /// Seed of the initial weights, the batches and the latents.
    pub seed: u32,
}

impl Default for GanOptions {
    fn default() -> Self {
        Self {
            loss: GanLoss::NonSaturating,
            latents: 2,
            width: 64,
            depth: 2,
            activation: Activation::LeakyRelu,
            generator_learning_rate: 1e-3,
            discriminator_learning_rate: 1e-3,
            decay: LearningRateDecay::Constant,
            beta1: 0.5,
            beta2: 0.999,
            generator_steps: 1,
            discriminator_steps: 1,
            r1: 0.0,
            r2: 0.0,
            gradient_penalty: 0.0,
            ema: 0.999,
            batch: 256,
            steps: 3000,
            seed: 0,
        }
    }
}

/// Maximum number of latent dimensions.
const MAX_LATENTS: usize = 64;
/// Maximum number of updates of one player per training step.
const MAX_UPDATES: usize = 100;
/// Largest weight of a penalty.
const MAX_PENALTY: f64 = 1e4;

impl GanOptions {
    /// Named sets of options.
    pub fn presets() -> Vec<(&'static str, Self)> {
        let plain = Self::default();
        let works = Self {
            decay: LearningRateDecay::Cosine,
            beta1: 0.0,
            beta2: 0.99,
            r1: 0.3,
            ..plain
        };
        // With momentum and a high learning rate, the generator jumps from mode to mode faster than the discriminator
        // follows.
        let collapse = Self {
            activation: Activation::Relu,
            generator_learning_rate: 3e-3,
            beta1: 0.9,
            ema: 0.0,
            steps: 1000,
            ..plain
        };
        // The decay lets the samples settle; without the penalty it does not recover the lost modes.
        let cured = Self {
            r1: 10.0,
            decay: LearningRateDecay::Cosine,
            steps: 3000,
            ..collapse
        };
        vec![
            ("works", works),
            ("mode-collapse", collapse),
            ("cured-by-r1", cured),
            (
                "saturating",
                Self {
                    loss: GanLoss::Saturating,
                    ..plain
                },
            ),
            (
                "wasserstein",
                Self {
                    loss: GanLoss::Wasserstein,
                    gradient_penalty: 1.0,
                    discriminator_steps: 3,
                    steps: 1500,
                    ..plain
                },
            ),
            (
                "least-squares",
                Self {
                    loss: GanLoss::LeastSquares,
                    ..plain
                },
            ),
            (
                "relativistic",
                Self {
                    loss: GanLoss::Relativistic,
                    r1: 0.1,
                    r2: 0.1,
                    ..plain
                },
            ),
        ]
    }

    pub(super) fn plan(&self) -> Plan {
        Plan {
            batch: self.batch.saturating_mul(self.discriminator_steps),
            steps: self.steps,
            seed: self.seed,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        within("latents", self.latents, 1..=MAX_LATENTS)?;
        check_network(self.width, self.depth)?;
        within("generatorSteps", self.generator_steps, 1..=MAX_UPDATES)?;
        within(
            "discriminatorSteps",
            self.discriminator_steps,
            1..=MAX_UPDATES,
        )?;
        within("r1", self.r1, 0.0..=MAX_PENALTY)?;
        within("r2", self.r2, 0.0..=MAX_PENALTY)?;
        within("gradientPenalty", self.gradient_penalty, 0.0..=MAX_PENALTY)?;
        for (name, rate) in [
            ("generatorLearningRate", self.generator_learning_rate),
            (
                "discriminatorLearningRate",
                self.discriminator_learning_rate,
            ),
        ] {
            if !(rate > 0.0 && rate.is_finite()) {
                return Err(Error::invalid(name, "a positive number", rate));
            }
        }
        for (name, decay) in [
            ("beta1", self.beta1),
            ("beta2", self.beta2),
            ("ema", self.ema),
        ] {
            if !(0.0..1.0).contains(&decay) {
                return Err(Error::invalid(name, "at least 0 and below 1", decay));
            }
        }
        Ok(())
    }

    pub(super) fn generator_optimizer(&self) -> Optimizer {
        let updates = self.steps.saturating_mul(self.generator_steps);
        self.optimizer(self.generator_learning_rate, updates, self.ema)
    }

    /// The discriminator's weights are never averaged.
    pub(super) fn discriminator_optimizer(&self) -> Optimizer {
        let updates = self.steps.saturating_mul(self.discriminator_steps);
        self.optimizer(self.discriminator_learning_rate, updates, 0.0)
    }

    fn optimizer(&self, peak: f64, updates: usize, ema_decay: f64) -> Optimizer {
        Optimizer {
            learning_rate: LearningRateSchedule {
                peak,
                warm_up: 0,
                decay: self.decay,
                steps: updates,
            },
            beta_1: self.beta1,
            beta_2: self.beta2,
            ema_decay,
            ..Optimizer::default()
        }
    }
}
