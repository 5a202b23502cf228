//! The options of flow matching.

use serde::{Deserialize, Serialize};

use super::MAX_EVALUATIONS;
use crate::Result;
use crate::family::ode::OdeMethod;
use crate::family::time_network::{Architecture, check_positive};
use crate::family::within;

/// How noise and data are paired during training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// Independent pairs.
    #[default]
    Independent,
    /// Optimal transport within blocks of the batch.
    OptimalTransport,
}

/// The networks of flow matching, in training order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The flow between noise and data.
    #[default]
    Flow,
    /// The flow between noise and the samples of the first flow.
    Reflow,
    /// A single step from noise to the samples of the first flow.
    OneStep,
}

/// Options of [`FlowMatching`](super::FlowMatching).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowMatchingOptions {
    /// How noise and data are paired during training.
    pub pairing: Pairing,
    /// Number of points per block of optimal transport.
    pub block: usize,
    /// Training steps of the flow.
    pub steps: usize,
    /// Additional training steps of reflow; 0 disables it.
    pub reflow_steps: usize,
    /// Additional training steps of the distillation to one step; 0 disables it.
    pub distillation_steps: usize,
    /// Number of pairs of noise and sample for reflow and distillation.
    pub pairs: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Peak learning rate of the flow; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Peak learning rate of reflow and distillation.
    pub reflow_learning_rate: f64,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
    /// ODE solver used for sampling.
    pub method: OdeMethod,
    /// Number of network evaluations per sample.
    pub evaluations: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for FlowMatchingOptions {
    fn default() -> Self {
        Self {
            pairing: Pairing::Independent,
            block: 128,
            steps: 2000,
            reflow_steps: 0,
            distillation_steps: 0,
            pairs: 20_000,
            batch: 512,
            learning_rate: 3e-3,
            reflow_learning_rate: 1e-3,
            width: 128,
            depth: 2,
            octaves: 3,
            method: OdeMethod::Midpoint,
            evaluations: 50,
            seed: 0,
        }
    }
}

impl FlowMatchingOptions {
    pub(super) fn check(&self) -> Result<()> {
        within("block", self.block, 2..=1024)?;
        within("pairs", self.pairs, 1..=1_000_000)?;
        within("evaluations", self.evaluations, 1..=MAX_EVALUATIONS)?;
        check_positive("learningRate", self.learning_rate)?;
        check_positive("reflowLearningRate", self.reflow_learning_rate)?;
        self.architecture().check()
    }

    pub(super) fn architecture(&self) -> Architecture {
        Architecture {
            width: self.width,
            depth: self.depth,
            octaves: self.octaves,
        }
    }

    /// The stage of a training step, and the first step of that stage.
    pub(super) fn stage(&self, step: usize) -> (Stage, usize) {
        let reflow = self.steps;
        let one_step = reflow + self.reflow_steps;
        if self.distillation_steps > 0 && step >= one_step {
            (Stage::OneStep, one_step)
        } else if self.reflow_steps > 0 && step >= reflow {
            (Stage::Reflow, reflow)
        } else {
            (Stage::Flow, 0)
        }
    }
}
