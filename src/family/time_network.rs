//! Perceptrons with a point and a time as inputs.

use std::f32::consts::TAU;

use super::graph::{Graph, Var};
use super::{Activation, DIMENSIONS, Dense, Network, check_network, sizes, within};
use crate::random::Generator;
use crate::train::{LearningRateDecay, LearningRateSchedule, Optimizer};
use crate::{Error, Result};

/// Number of features that encode the time: `t`, `sin 2πt`, `cos 2πt`.
const TIME_FEATURES: usize = 3;
/// Rows per evaluation, chosen so that hidden layers fit into the processor's cache.
const CHUNK: usize = 512;
/// Maximum number of octaves of Fourier features.
const MAX_OCTAVES: usize = 8;

/// The architecture of a [`TimeNetwork`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// Units per hidden layer.
    pub width: usize,
    /// Number of hidden layers.
    pub depth: usize,
    /// Number of octaves of the Fourier features of the point.
    pub octaves: usize,
}

impl Architecture {
    /// # Errors
    /// [`Error::InvalidOption`] for a number outside its range.
    pub fn check(&self) -> Result<()> {
        check_network(self.width, self.depth)?;
        within("octaves", self.octaves, 0..=MAX_OCTAVES)
    }
}

/// # Errors
/// [`Error::InvalidOption`] for a number that is not positive or not finite.
pub(super) fn check_positive(name: &str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(Error::invalid(name, "a positive number", value))
    }
}

/// Adam with a peak learning rate that decays to 0 along half a cosine over `steps` steps.
pub(super) fn cosine(peak: f64, steps: usize) -> Optimizer {
    Optimizer {
        learning_rate: LearningRateSchedule {
            peak,
            warm_up: 0,
            decay: LearningRateDecay::Cosine,
            steps,
        },
        ..Optimizer::default()
    }
}

/// A perceptron `f(x, t)` from a point in the plane and a time in [0, 1] to the plane. Its inputs are `x`, then
/// `sin(2ᵏx)` and `cos(2ᵏx)` of both coordinates for all `k` below the number of octaves (Tancik et al. 2020,
/// section 6), then `t`, `sin 2πt` and `cos 2πt`.
#[derive(Clone, Debug)]
pub struct TimeNetwork {
    network: Network,
    dense: Dense,
    octaves: usize,
}

impl TimeNetwork {
    /// A network with initial weights. The last layer is initialised to 0.
    pub fn new(
        name: &'static str,
        architecture: Architecture,
        optimizer: Optimizer,
        generator: &mut Generator,
    ) -> Self {
        let Architecture {
            width,
            depth,
            octaves,
        } = architecture;
        let mut network = Network::new(name, optimizer);
        let inputs = DIMENSIONS * (1 + 2 * octaves) + TIME_FEATURES;
        let sizes = sizes(inputs, width, depth, DIMENSIONS);
        let dense = Dense::new(&mut network, "", &sizes, Activation::Silu, generator);
        let dense = dense.with_zero_output(&mut network);
        Self {
            network,
            dense,
            octaves,
        }
    }

    /// The parameters of the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The parameters of the network, mutable.
    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Restarts from the averaged weights of another network with the same architecture.
    pub fn start_from(&mut self, other: &Self) {
        self.network.start_from(other.network.average());
    }

    /// `f(x, t)`, `[rows, 2]`, of points `[rows, 2]` and times `[rows, 1]`; `leaves` are the leaves of
    /// [`network`](Self::network).
    pub fn forward<'g>(&self, leaves: &[Var<'g>], x: Var<'g>, t: Var<'g>) -> Var<'g> {
        let mut inputs = vec![x];
        for octave in 0..self.octaves {
            let angle = x * (1 << octave) as f32;
            inputs.extend([angle.sin(), angle.cos()]);
        }
        let angle = t * TAU;
        inputs.extend([t, angle.sin(), angle.cos()]);
        self.dense.forward(leaves, Var::concat(&inputs))
    }

    /// One optimiser step along the gradient of the loss with respect to the leaves.
    pub fn learn<'g>(&mut self, graph: &'g Graph, loss: Var<'g>, leaves: &[Var<'g>]) {
        self.network.learn(&graph.last_gradients(loss, leaves));
    }

    /// An evaluator with the averaged weights, for queries.
    pub fn averaged(&self) -> Evaluator<'_> {
        Evaluator {
            network: self,
            graph: Graph::new(),
        }
    }
}

/// Evaluates a [`TimeNetwork`] with its averaged weights.
#[derive(Debug)]
pub struct Evaluator<'a> {
    network: &'a TimeNetwork,
    graph: Graph,
}

impl Evaluator<'_> {
    /// `f(x, t)`, `[count, 2]`, of points `[count, 2]` at one time.
    pub fn values(&mut self, points: &[f32], time: f32) -> Vec<f32> {
        let network = self.network;
        let mut values = Vec::with_capacity(points.len());
        for points in points.chunks(CHUNK * DIMENSIONS) {
            self.graph.reset();
            let graph = &self.graph;
            graph.without_recording(|| {
                let (x, t) = inputs(graph, points, time);
                let leaves = network.network.average_leaves(graph);
                let output = network.forward(&leaves, x, t);
                output.read(|output| values.extend_from_slice(output));
            });
        }
        values
    }

    /// `f(x, t)`, `[count, 2]`, and its divergence with respect to `x`, `∂f_1/∂x_1 + ∂f_2/∂x_2`, `[count]`.
    pub fn values_with_divergence(&mut self, points: &[f32], time: f32) -> (Vec<f32>, Vec<f32>) {
        let network = self.network;
        let (mut values, mut divergences) = (Vec::new(), Vec::new());
        for points in points.chunks(CHUNK * DIMENSIONS) {
            self.graph.reset();
            let graph = &self.graph;
            let (x, t) = inputs(graph, points, time);
            let leaves = graph.without_recording(|| network.network.average_leaves(graph));
            let output = network.forward(&leaves, x, t);
            output.read(|output| values.extend_from_slice(output));
            let diagonal = |axis: usize| {
                let slopes = graph.last_gradients(output.column(axis), &[x])[0];
                slopes.column(axis)
            };
            let divergence = diagonal(0) + diagonal(1);
            divergence.read(|divergence| divergences.extend_from_slice(divergence));
        }
        (values, divergences)
    }
}

fn inputs<'g>(graph: &'g Graph, points: &[f32], time: f32) -> (Var<'g>, Var<'g>) {
    let rows = points.len() / DIMENSIONS;
    let x = graph.matrix([rows, DIMENSIONS], points);
    (x, graph.filled([rows, 1], time))
}
