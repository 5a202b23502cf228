//! The options of the energy-based model.

use serde::{Deserialize, Serialize};

use super::{BASE_STD, EnergyModel};
use crate::Result;
use crate::family::{
    Activation, DIMENSIONS, Dense, Family, Network, Plan, check_network, sizes, within,
};
use crate::random::Generator;
use crate::train::{LearningRateDecay, LearningRateSchedule, Optimizer};

/// How the energy is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Training {
    /// Persistent contrastive divergence.
    ContrastiveDivergence,
    /// Exact maximum likelihood, with the partition function by quadrature.
    MaximumLikelihood,
}

/// Options of an [`EnergyModel`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnergyOptions {
    /// How the energy is trained.
    pub training: Training,
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Activation function of the hidden layers.
    pub activation: Activation,
    /// Number of persistent chains.
    pub chains: usize,
    /// Fraction of a step's chains that restart from the base Gaussian, from 0 to 1.
    pub restarts: f64,
    /// Langevin steps of a chain per training step.
    pub langevin_steps: usize,
    /// Step size of Langevin dynamics.
    pub step_size: f64,
    /// Langevin steps per sample.
    pub sampling_steps: usize,
    /// Points along each axis of the grid of maximum likelihood.
    pub grid: usize,
    /// Adam's peak learning rate, which decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// EMA decay of the weights.
    pub ema_decay: f64,
    /// Batch size: points, and chains, per training step.
    pub batch: usize,
    /// Total number of training steps.
    pub steps: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u32,
}

impl Default for EnergyOptions {
    fn default() -> Self {
        Self {
            training: Training::MaximumLikelihood,
            width: 64,
            depth: 2,
            activation: Activation::Silu,
            chains: 8192,
            restarts: 0.05,
            langevin_steps: 10,
            step_size: 0.02,
            sampling_steps: 100,
            grid: 64,
            learning_rate: 2e-3,
            ema_decay: 0.999,
            batch: 512,
            steps: 800,
            seed: 0,
        }
    }
}

/// Maximum number of persistent chains.
pub const MAX_CHAINS: usize = 1 << 20;
/// Maximum number of Langevin steps.
pub const MAX_LANGEVIN_STEPS: usize = 100_000;
/// Allowed numbers of points along an axis of the grid of maximum likelihood.
const GRID: std::ops::RangeInclusive<usize> = 8..=512;

impl Family for EnergyModel {
    const NAME: &'static str = "energy";

    type Options = EnergyOptions;

    fn presets() -> Vec<(&'static str, EnergyOptions)> {
        let contrastive = EnergyOptions {
            training: Training::ContrastiveDivergence,
            steps: 1500,
            ..EnergyOptions::default()
        };
        vec![
            ("maximum-likelihood", EnergyOptions::default()),
            ("contrastive-divergence", contrastive),
        ]
    }

    fn plan(options: &EnergyOptions) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &EnergyOptions, _classes: usize, generator: &mut Generator) -> Result<Self> {
        check(options)?;
        let optimizer = Optimizer {
            learning_rate: LearningRateSchedule {
                peak: options.learning_rate,
                warm_up: 0,
                decay: LearningRateDecay::Cosine,
                steps: options.steps,
            },
            ema_decay: options.ema_decay,
            ..Optimizer::default()
        };
        optimizer.check()?;
        let mut network = Network::new("energy", optimizer);
        let sizes = sizes(DIMENSIONS, options.width, options.depth, 1);
        let layers = Dense::new(&mut network, "", &sizes, options.activation, generator);
        let count = match options.training {
            Training::ContrastiveDivergence => options.chains * DIMENSIONS,
            Training::MaximumLikelihood => 0,
        };
        let chains = generator.normal(count).into_iter();
        Ok(Self {
            options: options.clone(),
            network,
            layers,
            chains: chains.map(|z| BASE_STD * z).collect(),
        })
    }
}

fn check(options: &EnergyOptions) -> Result<()> {
    check_network(options.width, options.depth)?;
    within("chains", options.chains, 1..=MAX_CHAINS)?;
    within("restarts", options.restarts, 0.0..=1.0)?;
    let steps = 0..=MAX_LANGEVIN_STEPS;
    within("langevinSteps", options.langevin_steps, steps.clone())?;
    within("samplingSteps", options.sampling_steps, steps)?;
    within("stepSize", options.step_size, 1e-6..=1.0)?;
    within("grid", options.grid, GRID)
}
