//! The normalised density, by quadrature in the plane.

use super::EnergyModel;
use crate::family::DIMENSIONS;
use crate::random::Generator;

/// Half-width of the grid along both axes.
pub const MAX_COORDINATE: f64 = 8.0;
/// Intervals of the grid along an axis; must be even.
const INTERVALS: usize = 320;

/// The masses of the cells of a regular grid of 321 by 321 points on `[−8, 8]²`.
#[derive(Clone, Debug)]
pub struct DensityGrid {
    /// Cumulative masses of the cells in row-major order; the last is 1.
    cumulative: Vec<f64>,
    log_partition: f64,
    error: f64,
}

impl DensityGrid {
    /// The grid of a model's density with averaged weights.
    pub fn new(model: &EnergyModel) -> Self {
        let points: Vec<f32> = (0..(INTERVALS + 1) * (INTERVALS + 1))
            .flat_map(|index| place(index).map(|value| value as f32))
            .collect();
        let energies = model.energies(&points);
        let least = energies.iter().copied().fold(f32::INFINITY, f32::min);
        let masses = energies
            .iter()
            .map(|energy| libm::exp(f64::from(least - energy)));
        let mut total = 0.0;
        let mut coarse = 0.0;
        let mut cumulative = Vec::with_capacity(energies.len());
        for (index, mass) in masses.enumerate() {
            total += mass;
            let [row, column] = [index / (INTERVALS + 1), index % (INTERVALS + 1)];
            if row.is_multiple_of(2) && column.is_multiple_of(2) {
                coarse += 4.0 * mass;
            }
            cumulative.push(total);
        }
        for sum in &mut cumulative {
            *sum /= total;
        }
        Self {
            cumulative,
            log_partition: libm::log(total) + 2.0 * libm::log(step()) - f64::from(least),
            error: libm::log(coarse / total).abs(),
        }
    }

    /// `ln Z = ln ∫ exp(−E(x)) dx`
    pub fn log_partition(&self) -> f64 {
        self.log_partition
    }

    /// The change in `ln Z` when the grid's step is doubled. If it is small, the actual error is far smaller.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Draws a cell for each sample by its mass, then a uniform position in it; `[count, 2]`.
    pub(super) fn samples(&self, count: usize, generator: &mut Generator) -> Vec<f32> {
        let mut uniforms = vec![0.0; 3 * count];
        generator.fill_uniform(&mut uniforms);
        let mut samples = Vec::with_capacity(count * DIMENSIONS);
        for [u, x, y] in uniforms.as_chunks::<3>().0 {
            let index = self.cumulative.partition_point(|sum| sum <= u);
            let [column, row] = place(index.min(self.cumulative.len() - 1));
            samples.push((column + (x - 0.5) * step()) as f32);
            samples.push((row + (y - 0.5) * step()) as f32);
        }
        samples
    }
}

fn step() -> f64 {
    2.0 * MAX_COORDINATE / INTERVALS as f64
}

fn place(index: usize) -> [f64; DIMENSIONS] {
    [index % (INTERVALS + 1), index / (INTERVALS + 1)]
        .map(|place| place as f64 * step() - MAX_COORDINATE)
}
