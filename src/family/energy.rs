//! Energy-based models, trained by persistent contrastive divergence or by exact maximum likelihood.
//!
//! `p(x) = exp(−E(x))/Z` with `E(x) = f(x) + |x|²/(2·4)`: a perceptron `f` tilts a Gaussian of standard deviation 2
//! (Xie et al. 2016, eq. 3), so that `Z` is finite. The gradient of the negative log-likelihood is
//!
//! `∇_θ(−ln p(x)) = ∇_θ E(x) − E_p[∇_θ E]`.
//!
//! - Persistent contrastive divergence (Tieleman 2008; Du & Mordatch 2019, algorithm 1) estimates the second term with
//!   chains that move by Langevin dynamics, `x ← x − step_size·∇E(x) + √(2·step_size)·eps`, and persist from step to
//!   step. A finite step size biases them: samples of the chains can look right while the density is wrong.
//! - In the plane, exact maximum likelihood computes `ln Z` as a sum over a grid and needs no sampling. A random shift
//!   of the grid in each step prevents overfitting to its points.

mod density;
mod options;
#[cfg(test)]
mod tests;

use super::graph::{Graph, Var};
use super::{
    Batch, Capabilities, DIMENSIONS, Dense, Family, Losses, Member, Network, SampleRequest,
    check_points, within,
};
use crate::Result;
use crate::random::Generator;

pub use density::{DensityGrid, MAX_COORDINATE};
pub use options::{EnergyOptions, MAX_CHAINS, MAX_LANGEVIN_STEPS, Training};

/// Standard deviation of the base Gaussian that the perceptron tilts.
pub const BASE_STD: f32 = 2.0;
/// Rows per evaluation of the network.
const CHUNK: usize = 4096;
/// Half-width of the square grid of maximum likelihood.
const TRAINING_REACH: f32 = 5.0;

/// An energy-based model of points in the plane.
#[derive(Clone, Debug)]
pub struct EnergyModel {
    options: EnergyOptions,
    network: Network,
    layers: Dense,
    /// The persistent chains, `[chains, 2]`; empty with maximum likelihood.
    chains: Vec<f32>,
}

/// The weights that a computation uses: trained or averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weights {
    Trained,
    Averaged,
}

impl EnergyModel {
    /// The current persistent chains, `[chains, 2]`; empty with maximum likelihood.
    pub fn chains(&self) -> &[f32] {
        &self.chains
    }

    /// Langevin dynamics from points `[count, 2]` with the model's step size (Welling & Teh 2011, eq. 3, all data).
    /// The drift of a coordinate is at most the standard deviation of the noise, for stability where `E` is steep.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for an invalid start, and for more than 100,000 steps.
    pub fn langevin(
        &self,
        start: &[f32],
        steps: usize,
        generator: &mut Generator,
    ) -> Result<Vec<f32>> {
        check_points(start)?;
        within("steps", steps, 0..=MAX_LANGEVIN_STEPS)?;
        let mut points = start.to_vec();
        self.move_chains(&mut points, steps, Weights::Averaged, generator);
        Ok(points)
    }

    /// Exact samples, `[count, 2]`: a cell of the grid of [`DensityGrid`] by its mass, then a uniform position in it.
    ///
    /// # Errors
    /// None: the request has already checked the number.
    pub fn exact_samples(&self, count: usize, generator: &mut Generator) -> Vec<f32> {
        DensityGrid::new(self).samples(count, generator)
    }

    /// `E` of points in a graph, `[rows, 1]`.
    fn energy_of<'g>(&self, leaves: &[Var<'g>], points: Var<'g>) -> Var<'g> {
        let base = points.square().sum_columns() * (0.5 / (BASE_STD * BASE_STD));
        self.layers.forward(leaves, points) + base
    }

    fn leaves<'g>(&self, graph: &'g Graph, weights: Weights) -> Vec<Var<'g>> {
        match weights {
            Weights::Trained => self.network.leaves(graph),
            Weights::Averaged => self.network.average_leaves(graph),
        }
    }

    /// `E` of points `[count, 2]` with the averaged weights, `[count]`.
    fn energies(&self, points: &[f32]) -> Vec<f32> {
        let mut graph = Graph::new();
        let mut energies = Vec::with_capacity(points.len() / DIMENSIONS);
        for chunk in points.chunks(CHUNK * DIMENSIONS) {
            graph.reset();
            graph.without_recording(|| {
                let leaves = self.leaves(&graph, Weights::Averaged);
                let points = graph.matrix([chunk.len() / DIMENSIONS, DIMENSIONS], chunk);
                let energy = self.energy_of(&leaves, points);
                energy.read(|values| energies.extend_from_slice(values));
            });
        }
        energies
    }

    /// `∇E` at points, `[count, 2]`.
    fn slopes(&self, points: &[f32], weights: Weights, graph: &mut Graph) -> Vec<f32> {
        let mut slopes = Vec::with_capacity(points.len());
        for chunk in points.chunks(CHUNK * DIMENSIONS) {
            graph.reset();
            let leaves = self.leaves(graph, weights);
            let points = graph.matrix([chunk.len() / DIMENSIONS, DIMENSIONS], chunk);
            let energy = self.energy_of(&leaves, points).sum();
            let slope = graph.last_gradients(energy, &[points])[0];
            slope.read(|values| slopes.extend_from_slice(values));
        }
        slopes
    }

    fn move_chains(
        &self,
        points: &mut [f32],
        steps: usize,
        weights: Weights,
        generator: &mut Generator,
    ) {
        let step_size = self.options.step_size as f32;
        let noise_std = (2.0 * step_size).sqrt();
        let mut graph = Graph::new();
        for _ in 0..steps {
            let slopes = self.slopes(points, weights, &mut graph);
            let noise = generator.normal(points.len());
            for (value, (slope, noise)) in points.iter_mut().zip(slopes.iter().zip(&noise)) {
                let drift = (step_size * slope).clamp(-noise_std, noise_std);
                *value += noise_std * noise - drift;
            }
        }
    }

    /// Moves this step's chains, some of which restart, and returns them, `[count, 2]`. Steps cycle through all chains.
    fn advance(&mut self, count: usize, step: usize, generator: &mut Generator) -> Vec<f32> {
        let total = self.chains.len() / DIMENSIONS;
        let first = step as u64 * count as u64 % total as u64;
        let rows: Vec<usize> = (0..count)
            .map(|row| (first as usize + row) % total)
            .collect();
        let uniforms = generator.uniform(count);
        let restarts = generator.normal(count * DIMENSIONS);
        let mut moved = Vec::with_capacity(count * DIMENSIONS);
        for (index, row) in rows.iter().enumerate() {
            let place = index * DIMENSIONS..(index + 1) * DIMENSIONS;
            if f64::from(uniforms[index]) < self.options.restarts {
                moved.extend(restarts[place].iter().map(|z| BASE_STD * z));
            } else {
                moved.extend_from_slice(&self.chains[row * DIMENSIONS..][..DIMENSIONS]);
            }
        }
        let steps = self.options.langevin_steps;
        self.move_chains(&mut moved, steps, Weights::Trained, generator);
        for (row, point) in rows.iter().zip(moved.chunks_exact(DIMENSIONS)) {
            self.chains[row * DIMENSIONS..][..DIMENSIONS].copy_from_slice(point);
        }
        moved
    }

    /// `ln Z`, `[1, 1]`, by the trapezoidal rule on a randomly shifted grid.
    fn log_partition<'g>(
        &self,
        graph: &'g Graph,
        leaves: &[Var<'g>],
        generator: &mut Generator,
    ) -> Var<'g> {
        let side = self.options.grid;
        let step = 2.0 * TRAINING_REACH / side as f32;
        let shift = generator.uniform(DIMENSIONS);
        let place =
            |index: usize, axis: usize| (index as f32 + shift[axis]) * step - TRAINING_REACH;
        let nodes: Vec<f32> = (0..side * side)
            .flat_map(|index| [place(index % side, 0), place(index / side, 1)])
            .collect();
        let nodes = graph.matrix([side * side, DIMENSIONS], &nodes);
        let energies = self.energy_of(leaves, nodes);
        (-energies.transpose()).log_sum_exp() + 2.0 * libm::logf(step)
    }
}

impl Member for EnergyModel {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            sample: true,
            log_density: true,
            score: true,
            energy: true,
            ..Capabilities::default()
        }
    }

    fn step(
        &mut self,
        graph: &mut Graph,
        batch: &Batch,
        generator: &mut Generator,
    ) -> Result<Losses> {
        let is_contrastive = self.options.training == Training::ContrastiveDivergence;
        let negatives = if is_contrastive {
            self.advance(batch.count(), batch.step, generator)
        } else {
            Vec::new()
        };
        let leaves = self.leaves(graph, Weights::Trained);
        let data = self.energy_of(&leaves, batch.matrix(graph)).mean();
        let (name, negative, loss) = if is_contrastive {
            let points = graph.matrix([batch.count(), DIMENSIONS], &negatives);
            let chains = self.energy_of(&leaves, points).mean();
            ("energy of chains", chains, data - chains)
        } else {
            let log_z = self.log_partition(graph, &leaves, generator);
            ("ln Z", log_z, data + log_z)
        };
        let gradients = graph.last_gradients(loss, &leaves);
        self.network.learn(&gradients);
        let number = |value: Var| f64::from(value.item());
        Ok(vec![
            ("loss", number(loss)),
            ("energy of data", number(data)),
            (name, number(negative)),
        ])
    }

    fn networks(&self) -> Vec<&Network> {
        vec![&self.network]
    }

    fn networks_mut(&mut self) -> Vec<&mut Network> {
        vec![&mut self.network]
    }

    fn buffers(&self) -> Vec<(&'static str, &Vec<f32>)> {
        vec![("chains", &self.chains)]
    }

    fn buffers_mut(&mut self) -> Vec<(&'static str, &mut Vec<f32>)> {
        vec![("chains", &mut self.chains)]
    }

    fn evaluations(&self) -> usize {
        self.options.sampling_steps
    }

    /// Langevin dynamics from the base Gaussian; with 0 steps, exact samples from the grid.
    fn sample(&self, request: &SampleRequest, generator: &mut Generator) -> Result<Vec<f32>> {
        let steps = request.steps.unwrap_or(self.options.sampling_steps);
        let plain = SampleRequest {
            steps: None,
            ..request.clone()
        };
        plain.check_plain(self)?;
        let mut start = request.start(DIMENSIONS, generator)?;
        if steps == 0 {
            return Ok(self.exact_samples(request.count, generator));
        }
        for value in &mut start {
            *value *= BASE_STD;
        }
        self.langevin(&start, steps, generator)
    }

    /// `−E(x) − ln Z`, with `ln Z` by quadrature (see [`DensityGrid`]).
    fn log_density(&self, points: &[f32]) -> Result<Vec<f64>> {
        let log_partition = DensityGrid::new(self).log_partition();
        let energies = self.energy(points)?.into_iter();
        Ok(energies.map(|energy| -energy - log_partition).collect())
    }

    /// `−∇E(x)`
    fn score(&self, points: &[f32]) -> Result<Vec<f32>> {
        check_points(points)?;
        let slopes = self.slopes(points, Weights::Averaged, &mut Graph::new());
        Ok(slopes.into_iter().map(|slope| -slope).collect())
    }

    fn energy(&self, points: &[f32]) -> Result<Vec<f64>> {
        check_points(points)?;
        Ok(self.energies(points).into_iter().map(f64::from).collect())
    }
}
