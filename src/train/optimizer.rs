//! From gradients to steps.

use serde::{Deserialize, Serialize};

use super::LearningRateSchedule;
use crate::{Error, Result};

/// Adam with decoupled weight decay (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2), clipping and an average of the weights. The
/// defaults are PyTorch's but for the rate and the average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Optimizer {
    /// The learning rate, step by step.
    pub learning_rate: LearningRateSchedule,
    /// How much of the mean of the gradients stays in a step.
    pub beta_1: f64,
    /// How much of the mean of their squares stays in a step.
    pub beta_2: f64,
    /// Added to the root of that mean.
    pub epsilon: f64,
    /// Each step also shrinks the weights by this times the learning rate; 0 is Adam.
    pub weight_decay: f64,
    /// Gradients whose norm, over all parameters, is larger are scaled down to it (Pascanu et al. 2013, algorithm 1).
    pub max_gradient_norm: Option<f64>,
    /// How much of the average of the weights stays in a step, in the end: after `n` steps it is `min(ema_decay, (1 + n)/(10 + n))`.
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

/// What one step of the optimiser takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Steps done before.
    pub step: usize,
    /// The rate of this one.
    pub learning_rate: f64,
    /// How much of the average of the weights stays.
    pub ema_decay: f64,
    /// The rest.
    pub optimizer: Optimizer,
}

impl Optimizer {
    /// What the step after `step` steps takes.
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
    /// [`Error::InvalidOption`] for a number outside its range.
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
