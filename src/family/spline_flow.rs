//! Neural spline flows with monotone rational-quadratic coupling layers (Durkan et al. 2019,
//! <https://arxiv.org/abs/1906.04032>).

use serde::{Deserialize, Serialize};

use super::coupling::Transformation;
use super::flow::{Flow, Shape};
use super::member::{Family, Plan};
use super::options::within;
use super::rational_quadratic::{MAX_BINS, RationalQuadratic};
use crate::random::Generator;
use crate::{Error, Result};

/// Largest `bound` of the splines.
pub const MAX_BOUND: f64 = 1e3;

/// The options of [`SplineFlow`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SplineFlowOptions {
    /// Number of coupling layers, from 1 to 64.
    pub couplings: usize,
    /// Number of bins of each spline, from 2 to 64.
    pub bins: usize,
    /// The splines act on `[−bound, bound]`; outside they are the identity.
    pub bound: f64,
    /// Units in each of the two hidden layers of a network.
    pub width: usize,
    /// Peak learning rate; it decays to 0 along half a cosine.
    pub learning_rate: f64,
    /// Training steps, which is also the length of the learning-rate schedule.
    pub steps: usize,
    /// Batch size: points per training step.
    pub batch: usize,
    /// Seed of the initial weights and the batches.
    pub seed: u32,
}

impl Default for SplineFlowOptions {
    fn default() -> Self {
        Self {
            couplings: 4,
            bins: 8,
            bound: 4.0,
            width: 64,
            learning_rate: 3e-3,
            steps: 2000,
            batch: 512,
            seed: 0,
        }
    }
}

/// A flow of rational-quadratic coupling layers.
pub type SplineFlow = Flow<RationalQuadratic>;

impl Family for SplineFlow {
    const NAME: &'static str = RationalQuadratic::FLOW;
    type Options = SplineFlowOptions;

    fn plan(options: &SplineFlowOptions) -> Plan {
        Plan {
            batch: options.batch,
            steps: options.steps,
            seed: options.seed,
        }
    }

    fn new(options: &SplineFlowOptions, _: usize, generator: &mut Generator) -> Result<Self> {
        within("bins", options.bins, 2..=MAX_BINS)?;
        if !(options.bound > 0.0 && options.bound <= MAX_BOUND) {
            let expected = format!("above 0 and at most {MAX_BOUND}");
            return Err(Error::invalid("bound", expected, options.bound));
        }
        let shape = Shape {
            couplings: options.couplings,
            width: options.width,
            learning_rate: options.learning_rate,
            steps: options.steps,
        };
        let spline = RationalQuadratic {
            bins: options.bins,
            bound: options.bound,
        };
        Self::with(shape, &spline, generator)
    }
}
