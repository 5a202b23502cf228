//! The optimiser.

use serde::{Deserialize, Serialize};

use super::LearningRateSchedule;
use crate::{Error, Result};

/// Adam with decoupled weight decay (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2), gradient
/// clipping and an EMA of the weights. The defaults are PyTorch's, except for the learning rate and the EMA.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Optimizer {
    /// Learning-rate schedule.
    pub learning_rate: LearningRateSchedule,
    /// Adam's `beta_1`: decay of the mean of the gradients, in [0, 1).
    pub beta_1: f64,
    /// Adam's `beta_2`: decay of the mean of their squares, in [0, 1).
    pub beta_2: f64,
    /// Adam's `epsilon`: added to the square root of that mean.
    pub epsilon: f64,
    /// Decoupled weight decay: each step multiplies the weights by 1 minus this times the learning rate. 0 is plain
    /// Adam.
    pub weight_decay: f64,
    /// Maximum norm of the gradients of all parameters together; larger gradients are scaled down to it (Pascanu et al.
    /// 2013, algorithm 1).
    pub max_gradient_norm: Option<f64>,
    /// EMA decay of the weights. After `n` steps the decay is `min(ema_decay, (1 + n)/(10 + n))`.
    pub ema_decay: f64,
}

impl Default for Optimizer {
    fn default() -> Self {
        Self {
            learning_rate: LearningRateSchedule::default(),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            max_gradient_norm: None,
            ema_decay: 0.999,
        }
    }
}

/// Parameters of one optimiser step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Number of completed steps.
    pub step: usize,
    /// Learning rate of this step.
    pub learning_rate: f64,
    /// EMA decay of this step.
    pub ema_decay: f64,
    /// The constant options.
    pub optimizer: Optimizer,
}

impl Optimizer {
    /// Parameters of the step that follows `step` completed steps.
    pub fn update(&self, step: usize) -> Update {
        let n = step as f64;
        Update {
            step,
            learning_rate: self.learning_rate.at(step),
            ema_decay: self.ema_decay.min((1.0 + n) / (10.0 + n)),
            optimizer: *self,
        }
    }

    /// # Errors
    /// [`Error::InvalidOption`] for a value outside its range.
    pub fn check(&self) -> Result<()> {
        let check = |name: &str, value: f64, fits: bool, expected: &str| {
            if fits {
                Ok(())
            } else {
                Err(Error::invalid(name, expected, value))
            }
        };
        let part = |name: &str, value: f64| {
            check(
                name,
                value,
                (0.0..1.0).contains(&value),
                "at least 0 and below 1",
            )
        };
        let peak = self.learning_rate.peak;
        check(
            "learning_rate",
            peak,
            peak > 0.0 && peak.is_finite(),
            "a positive number",
        )?;
        part("beta_1", self.beta_1)?;
        part("beta_2", self.beta_2)?;
        check(
            "epsilon",
            self.epsilon,
            self.epsilon > 0.0 && self.epsilon.is_finite(),
            "a positive number",
        )?;
        let decay = self.weight_decay;
        check(
            "weight_decay",
            decay,
            (0.0..f64::INFINITY).contains(&decay),
            "at least 0",
        )?;
        part("ema_decay", self.ema_decay)?;
        match self.max_gradient_norm {
            Some(norm) => check(
                "max_gradient_norm",
                norm,
                norm > 0.0 && norm.is_finite(),
                "a positive number",
            ),
            None => Ok(()),
        }
    }
}
