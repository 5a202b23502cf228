//! The code shared by all normalizing flows of coupling layers.

#[cfg(test)]
mod tests;

use super::coupling::{Coupling, Direction, Transformation};
use super::graph::{Graph, Var};
use super::member::{Capabilities, Losses, Member};
use super::network::Network;
use super::options::{MAX_WIDTH, within};
pub use super::passage::Passage;
use super::passage::by_point;
use super::request::{Batch, DIMENSIONS, SampleRequest, check_latents, check_points};
use crate::Result;
use crate::random::Generator;
use crate::train::{LearningRateDecay, LearningRateSchedule, Optimizer};

/// Maximum number of coupling layers.
pub const MAX_COUPLINGS: usize = 64;
/// `ln 2π`
const LN_TAU: f64 = 1.837_877_066_409_345_3;
/// Maximum number of points per evaluation of the networks.
const CHUNK: usize = 4096;

/// The number of layers of a flow, the width of its networks and its training settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub couplings: usize,
    pub width: usize,
    pub learning_rate: f64,
    pub steps: usize,
}

impl Shape {
    fn optimizer(self) -> Result<Optimizer> {
        const MAX_GRADIENT_NORM: f64 = 5.0;
        let optimizer = Optimizer {
            learning_rate: LearningRateSchedule {
                peak: self.learning_rate,
                decay: LearningRateDecay::Cosine,
                steps: self.steps,
                ..LearningRateSchedule::default()
            },
            max_gradient_norm: Some(MAX_GRADIENT_NORM),
            ..Optimizer::default()
        };
        optimizer.check()?;
        Ok(optimizer)
    }
}

/// A normalizing flow `z = f(x)` from the data to standard normal latents, composed of coupling layers
/// `f = f_L ∘ … ∘ f_1`. Its density is `ln p(x) = ln N(f(x); 0, I) + Σ_l ln|det J_l|` (Dinh et al. 2017, eq. 2 and 3).
/// It is trained by maximum likelihood.
#[derive(Clone, Debug)]
pub struct Flow<T> {
    network: Network,
    couplings: Vec<Coupling<T>>,
}

impl<T: Transformation> Flow<T> {
    pub(super) fn with(
        shape: Shape,
        transformation: &T,
        generator: &mut Generator,
    ) -> Result<Self> {
        within("couplings", shape.couplings, 1..=MAX_COUPLINGS)?;
        within("width", shape.width, 1..=MAX_WIDTH)?;
        let mut network = Network::new("flow", shape.optimizer()?);
        let coupling = |index| {
            let transformation = transformation.clone();
            Coupling::new(&mut network, index, shape.width, transformation, generator)
        };
        Ok(Self {
            couplings: (0..shape.couplings).map(coupling).collect(),
            network,
        })
    }

    /// Number of coupling layers.
    pub fn layers(&self) -> usize {
        self.couplings.len()
    }

    /// Maps points `[count, 2]` to latents and records the positions after every layer.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points.
    pub fn forward(&self, points: &[f32]) -> Result<Passage> {
        check_points(points)?;
        Ok(self.pass(&wide(points), Direction::Forward))
    }

    /// Maps latents `[count, 2]` to points and records the positions after every layer.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid latents.
    pub fn inverse(&self, latents: &[f32]) -> Result<Passage> {
        check_latents(latents, DIMENSIONS)?;
        Ok(self.pass(&wide(latents), Direction::Inverse))
    }

    /// The mean of `−ln p(x)` over points `[count, 2]`, in nats.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points.
    pub fn negative_log_likelihood(&self, points: &[f32]) -> Result<f64> {
        let values = self.log_density(points)?;
        Ok(-values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The largest absolute coordinate of `x − f⁻¹(f(x))` over points `[count, 2]`, with latents in double precision.
    /// Rounding the latents to single precision would add the rounding error times the slope of `f⁻¹`, which is large
    /// where the density is low.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for invalid points.
    pub fn inverse_error(&self, points: &[f32]) -> Result<f64> {
        let latents = self.forward(points)?;
        let restored = self.pass(latents.end(), Direction::Inverse);
        let pairs = restored.end().as_flattened().iter().zip(points);
        let errors = pairs.map(|(restored, given)| (restored - f64::from(*given)).abs());
        Ok(errors.fold(0.0, f64::max))
    }

    fn pass(&self, points: &[[f64; DIMENSIONS]], direction: Direction) -> Passage {
        let mut passage = Passage::empty(self.layers());
        let mut graph = Graph::new();
        for chunk in points.chunks(CHUNK) {
            graph.reset();
            let part = graph.without_recording(|| self.pass_chunk(&graph, chunk, direction));
            passage.extend(part);
        }
        passage
    }

    fn pass_chunk(&self, graph: &Graph, start: &[[f64; 2]], direction: Direction) -> Passage {
        let leaves = self.network.average_leaves(graph);
        let mut points = start.to_vec();
        let mut positions = vec![points.clone()];
        let mut step = |coupling: &Coupling<T>| {
            let log_determinants = coupling.pass(&leaves, &mut points, direction);
            positions.push(points.clone());
            log_determinants
        };
        let layers = self.couplings.iter();
        let log_determinants = match direction {
            Direction::Forward => layers.map(&mut step).collect(),
            Direction::Inverse => layers.rev().map(&mut step).collect(),
        };
        Passage {
            positions,
            log_determinants,
        }
    }

    /// `−ln p(x)` of each point, `[rows, 1]`; `point` holds the two coordinates as columns.
    fn surprise<'g>(&self, leaves: &[Var<'g>], mut point: [Var<'g>; 2]) -> Var<'g> {
        let mut log_determinants = Vec::with_capacity(self.layers());
        for coupling in &self.couplings {
            let (moved, log_determinant) = coupling.forward(leaves, point);
            point = moved;
            log_determinants.push(log_determinant);
        }
        let [x, y] = point.map(|coordinate| coordinate.square() * 0.5);
        let volume = Var::concat(&log_determinants).sum_columns();
        x + y - volume + LN_TAU as f32
    }
}

/// Converts points to single precision, `[count, 2]`.
fn flat(points: &[[f64; 2]]) -> Vec<f32> {
    let numbers = points.as_flattened().iter();
    numbers.map(|number| *number as f32).collect()
}

/// Converts points `[count, 2]` to double precision.
fn wide(points: &[f32]) -> Vec<[f64; 2]> {
    let pairs = points.as_chunks::<DIMENSIONS>().0.iter();
    pairs.map(|point| point.map(f64::from)).collect()
}

/// The names of a flow's fields: one number per point, one per point and layer, and the positions before the first
/// layer and after each layer.
const FIELDS: [&str; 4] = [
    "log-determinant",
    "log-determinant-by-layer",
    "positions",
    "inverse-positions",
];

impl<T: Transformation> Member for Flow<T> {
    fn name(&self) -> &'static str {
        T::FLOW
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
            latents: true,
            score: true,
            ..Capabilities::default()
        }
    }

    fn step(&mut self, graph: &mut Graph, batch: &Batch, _: &mut Generator) -> Result<Losses> {
        let graph = &*graph;
        let leaves = self.network.leaves(graph);
        let points = batch.matrix(graph);
        let loss = self.surprise(&leaves, [points.column(0), points.column(1)]);
        let loss = loss.mean();
        let gradients = graph.last_gradients(loss, &leaves);
        self.network.learn(&gradients);
        Ok(vec![("negative log-likelihood", f64::from(loss.item()))])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.network]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.network]
    }

    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        request.check_plain(self)?;
        self.decode(&request.start(DIMENSIONS, generator)?)
    }

    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        let passage = self.forward(points)?;
        let latents = passage.end().iter();
        let log_normal = |[x, y]: &[f64; 2]| -0.5 * (x * x + y * y) - LN_TAU;
        let terms = latents.map(log_normal).zip(passage.log_determinant());
        Ok(terms.map(|(normal, volume)| normal + volume).collect())
    }

    fn encode(&self, points: &[f32]) -> Result<Vec<f32>> {
        Ok(flat(self.forward(points)?.end()))
    }

    fn decode(&self, latents: &[f32]) -> Result<Vec<f32>> {
        Ok(flat(self.inverse(latents)?.end()))
    }

    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        let mut graph = Graph::new();
        let mut scores = Vec::with_capacity(points.len());
        for chunk in points.chunks(CHUNK * DIMENSIONS) {
            graph.reset();
            let leaves = self.network.average_leaves(&graph);
            let matrix = graph.matrix([chunk.len() / DIMENSIONS, DIMENSIONS], chunk);
            let columns = [matrix.column(0), matrix.column(1)];
            let surprise = self.surprise(&leaves, columns);
            let slopes = graph.last_gradients(surprise, &[matrix]);
            scores.extend(slopes[0].to_vec().into_iter().map(|slope| -slope));
        }
        Ok(scores)
    }

    fn fields(&self) -> &'static [&'static str] {
        &FIELDS
    }

    fn field(&self, name: &str, points: &[f32]) -> Result<Vec<f32>> {
        match name {
            "log-determinant" => {
                let sums = self.forward(points)?.log_determinant().into_iter();
                Ok(sums.map(|number| number as f32).collect())
            }
            "log-determinant-by-layer" => {
                let passage = self.forward(points)?;
                Ok(by_point(&passage.log_determinants, std::slice::from_ref))
            }
            "positions" => {
                let passage = self.forward(points)?;
                Ok(by_point(&passage.positions, |point| point.as_slice()))
            }
            "inverse-positions" => {
                let passage = self.inverse(points)?;
                Ok(by_point(&passage.positions, |point| point.as_slice()))
            }
            _ => Err(self.lacks(&format!("field {name}"))),
        }
    }
}
