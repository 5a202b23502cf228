//! The noise levels of consistency models and their preconditioning factors.

use super::ConsistencyOptions;
use crate::random::Generator;

/// The exponent `ρ` of the level spacing (Karras et al. 2022, eq. 5).
const RHO: f64 = 7.0;

/// Noise levels `σ_i = (σ_min^(1/ρ) + i/(N − 1)·(σ_max^(1/ρ) − σ_min^(1/ρ)))^ρ` for `i` from 0 to `N − 1`, in ascending
/// order.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    sigmas: Vec<f32>,
    /// Cumulative probabilities of drawing each pair of neighbouring levels.
    cumulative: Vec<f64>,
}

impl Levels {
    /// `count` levels, at least two.
    pub fn new(options: &ConsistencyOptions, count: usize) -> Self {
        let root = |sigma: f64| libm::pow(sigma, 1.0 / RHO);
        let (low, high) = (root(options.min_sigma), root(options.max_sigma));
        let sigma = |index: usize| {
            let part = index as f64 / (count - 1) as f64;
            libm::pow(low + part * (high - low), RHO) as f32
        };
        let mut levels = Self {
            sigmas: (0..count).map(sigma).collect(),
            cumulative: Vec::new(),
        };
        levels.weigh(options.log_sigma_std);
        levels
    }

    /// Sets log-normal probabilities: interval `i` has the mass of `ln σ ~ N(0, std²)` between its ends (Song &
    /// Dhariwal 2024, eq. 10).
    fn weigh(&mut self, std: f64) {
        let distribution =
            |sigma: &f32| libm::erf(libm::log(f64::from(*sigma)) / (2f64.sqrt() * std));
        let values: Vec<f64> = self.sigmas.iter().map(distribution).collect();
        let total = values[values.len() - 1] - values[0];
        let masses = values.windows(2).map(|pair| (pair[1] - pair[0]) / total);
        let sum = |sum: &mut f64, mass: f64| {
            *sum += mass;
            Some(*sum)
        };
        self.cumulative = masses.scan(0.0, sum).collect();
    }

    /// The number of levels at a training step: it doubles at equal intervals from the minimum to the maximum (Song &
    /// Dhariwal 2024, section 3.4).
    pub fn count_at(options: &ConsistencyOptions, step: usize) -> usize {
        let (least, most) = (options.min_levels, options.max_levels);
        let doublings = (most / least).ilog2() as usize;
        let interval = (options.steps / (doublings + 1)).max(1);
        (least << (step / interval).min(doublings)).min(most) + 1
    }

    pub fn sigma(&self, index: usize) -> f32 {
        self.sigmas[index]
    }

    /// Draws neighbouring noise levels for each of `count` points; returns the lower and the upper ones.
    pub fn draw(&self, count: usize, generator: &mut Generator) -> [Vec<f32>; 2] {
        let last = self.cumulative.len() - 1;
        let pick = |u: f32| {
            let found = self.cumulative.partition_point(|sum| *sum <= f64::from(u));
            found.min(last)
        };
        let indices: Vec<usize> = generator.uniform(count).into_iter().map(pick).collect();
        [0, 1].map(|up| {
            indices
                .iter()
                .map(|index| self.sigmas[index + up])
                .collect()
        })
    }

    /// The network's time input for a noise level: linear in `ln σ`, from 0 at the smallest level to 1 at the largest.
    pub fn time(&self, sigma: f32) -> f32 {
        let (first, last) = (self.sigmas[0], self.sigmas[self.sigmas.len() - 1]);
        libm::logf(sigma / first) / libm::logf(last / first)
    }

    /// `c_skip`, `c_out` and `c_in` of the consistency function.
    pub fn consistency(&self, sigma: f32) -> [f32; 3] {
        let above = sigma - self.sigmas[0];
        let scale = 1.0 / (sigma * sigma + 1.0).sqrt();
        [1.0 / (above * above + 1.0), above * scale, scale]
    }

    /// `c_skip`, `c_out` and `c_in` of the denoiser (Karras et al. 2022, table 1, data of unit variance).
    pub fn denoiser(&self, sigma: f32) -> [f32; 3] {
        let scale = 1.0 / (sigma * sigma + 1.0).sqrt();
        [scale * scale, sigma * scale, scale]
    }
}
