//! All local minima of an objective, and gradient-descent paths.

use serde::{Deserialize, Serialize};

use super::minimise::Vector;
use super::quadrature::{Accuracy, moments};
use super::{Covariance, Direction, Gaussian, Objective};
use crate::{Error, Result};

/// Number of grid values of the mean along an axis, on a line and in the plane.
const GRID_MEANS: [usize; 2] = [65, 15];
/// Number of grid values of the standard deviation, on a line and in the plane.
const GRID_STDS: [usize; 2] = [33, 9];
/// Optima that differ by less than this many standard deviations are considered identical.
const SAME: f64 = 1e-3;
/// A path ends if the norm of the gradient, in nats per standard deviation of the mixture, is below this.
const MIN_SLOPE: f64 = 1e-4;
/// Maximum number of steps of a path.
pub const MAX_PATH: usize = 100_000;

/// A local minimum of the divergence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Optimum {
    /// The fitted Gaussian.
    pub gaussian: Gaussian,
    /// The divergence in nats.
    pub value: f64,
}

/// Options of [`Objective::path`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathOptions {
    /// Maximum number of steps, from 1 to 100,000.
    pub steps: usize,
    /// Maximum step length in the space of means and standard deviations, relative to the standard deviation of the
    /// mixture.
    pub max_length: f64,
}

impl Default for PathOptions {
    fn default() -> Self {
        Self {
            steps: 1000,
            max_length: 0.02,
        }
    }
}

impl Objective {
    /// All local minima in ascending order of the divergence.
    ///
    /// The forward direction has a single minimum, with the mean and the variance of the mixture. For the reverse
    /// direction, the starting points are the local minima over a regular grid of means and common standard deviations,
    /// and in the plane also the moments of each component and of each pair. They are refined by BFGS (Nocedal &
    /// Wright 2006, algorithm 6.1). Saddle points are excluded: the Hessian must be positive definite.
    ///
    /// # Errors
    /// None for a mixture that [`Objective::new`] accepted.
    pub fn optima(&self) -> Result<Vec<Optimum>> {
        let mut starts = match self.direction {
            Direction::Forward => Vec::new(),
            Direction::Reverse => self.grid_minima(),
        };
        starts.extend(self.moment_starts());
        let mut coarse: Vec<Gaussian> = Vec::new();
        let mut fine: Vec<Gaussian> = Vec::new();
        let mut optima: Vec<Optimum> = Vec::new();
        for start in starts {
            let place = self.refine(start, Accuracy::COARSE);
            if is_known(&mut coarse, self.gaussian(&place.at), 10.0 * SAME) {
                continue;
            }
            let place = self.refine(place.at, Accuracy::FINE);
            let gaussian = self.gaussian(&place.at);
            if self.is_minimum(&place) && !is_known(&mut fine, gaussian.clone(), SAME) {
                let value = place.value;
                optima.push(Optimum { gaussian, value });
            }
        }
        optima.sort_by(|a, b| a.value.total_cmp(&b.value));
        Ok(optima)
    }

    /// The path of steepest descent in the space of means and standard deviations, including the start. A step is
    /// halved until it satisfies Armijo's sufficient-decrease condition. The path ends where the gradient vanishes.
    ///
    /// # Errors
    /// Those of [`slope`](Objective::slope) for the start, and [`Error::InvalidOption`] for options out of range.
    pub fn path(&self, start: &Gaussian, options: PathOptions) -> Result<Vec<Gaussian>> {
        if !(1..=MAX_PATH).contains(&options.steps) {
            let expected = format!("between 1 and {MAX_PATH}");
            return Err(Error::invalid("steps", expected, options.steps));
        }
        if !(options.max_length > 0.0 && options.max_length <= 1.0) {
            let expected = "above 0 and at most 1";
            return Err(Error::invalid("max_length", expected, options.max_length));
        }
        let mut path = vec![start.clone()];
        let mut slope = self.slope(start)?;
        let longest = options.max_length * self.scale();
        let mut rate = f64::INFINITY;
        for _ in 0..options.steps {
            let here = &path[path.len() - 1];
            let slopes = slope.mean.iter().chain(&slope.std);
            let square: f64 = slopes.map(|value| value * value).sum();
            let size = square.sqrt();
            if size * self.scale() < MIN_SLOPE {
                break;
            }
            rate = (2.0 * rate).min(longest / size);
            let next = loop {
                let next = moved(here, &slope, rate);
                match self.slope(&next) {
                    Ok(new) if new.value <= slope.value - 1e-4 * rate * square => {
                        break (next, new);
                    }
                    _ if rate * size < 1e-9 * self.scale() => return Ok(path),
                    _ => rate *= 0.5,
                }
            };
            path.push(next.0);
            slope = next.1;
        }
        Ok(path)
    }

    /// The square root of the mixture's largest variance along an axis.
    fn scale(&self) -> f64 {
        let variance = |axis| self.mixture.moments(axis).1;
        variance(0)
            .max(variance(self.mixture.dimensions - 1))
            .sqrt()
    }

    /// The moments of the whole mixture, of each component and of each pair of components.
    fn moment_starts(&self) -> Vec<Vector> {
        let components = &self.mixture.components;
        let mut sets = vec![components.clone()];
        if self.direction == Direction::Reverse {
            for (index, first) in components.iter().enumerate() {
                sets.push(vec![*first]);
                let others = components[index + 1..].iter();
                sets.extend(others.map(|second| vec![*first, *second]));
            }
        }
        let dimensions = self.mixture.dimensions;
        let start = |set: &Vec<_>| {
            let axes = (0..dimensions).map(|axis| moments(set, axis));
            let (mean, variances): (Vec<f64>, Vec<f64>) = axes.unzip();
            let common = variances.iter().sum::<f64>() / dimensions as f64;
            let std = |variance: &f64| match self.covariance {
                Covariance::Isotropic => common.sqrt(),
                Covariance::Diagonal => variance.sqrt(),
            };
            let std = variances.iter().map(std).collect();
            self.vector(&Gaussian { mean, std })
        };
        sets.iter().map(start).collect()
    }

    /// The local minima over a regular grid of means, which covers all component means, and of common standard
    /// deviations.
    fn grid_minima(&self) -> Vec<Vector> {
        let dimensions = self.mixture.dimensions;
        let means = GRID_MEANS[dimensions - 1];
        let counts = [means, [1, means][dimensions - 1], GRID_STDS[dimensions - 1]];
        let [first, second] = [0, 1].map(|axis| self.range_of_means(axis));
        let smallest = 0.5 * self.mixture.smallest_std();
        let logs = (libm::log(smallest), libm::log(2.0 * self.scale()));
        let at = |[i, j, k]: [usize; 3]| {
            let std = libm::exp(between(logs, k, counts[2]));
            let mean = [between(first, i, counts[0]), between(second, j, counts[1])];
            Gaussian {
                mean: mean[..dimensions].to_vec(),
                std: vec![std; dimensions],
            }
        };
        let values: Vec<f64> = cells(counts)
            .map(|cell| self.slope_at(&at(cell), Accuracy::COARSE).value)
            .collect();
        let minima = cells(counts).filter(|cell| is_grid_minimum(&values, counts, *cell));
        minima.map(|cell| self.vector(&at(cell))).collect()
    }

    fn range_of_means(&self, axis: usize) -> (f64, f64) {
        let means = self.mixture.components.iter().map(|part| part.mean[axis]);
        means.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), mean| {
            (low.min(mean), high.max(mean))
        })
    }
}

fn between((from, to): (f64, f64), index: usize, count: usize) -> f64 {
    if count == 1 {
        return 0.5 * (from + to);
    }
    from + (to - from) * index as f64 / (count - 1) as f64
}

fn cells([a, b, c]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    (0..a * b * c).map(move |index| [index / (b * c), index / c % b, index % c])
}

fn is_grid_minimum(values: &[f64], counts: [usize; 3], cell: [usize; 3]) -> bool {
    let value = |[i, j, k]: [usize; 3]| values[(i * counts[1] + j) * counts[2] + k];
    cells([3, 3, 3]).all(|shift| {
        let mut neighbour = [0; 3];
        for axis in 0..3 {
            match (cell[axis] + shift[axis]).checked_sub(1) {
                Some(index) if index < counts[axis] => neighbour[axis] = index,
                _ => return true,
            }
        }
        value(cell) <= value(neighbour)
    })
}

/// Whether a Gaussian is close to one in the list, relative to the standard deviations. If not, it is added.
fn is_known(list: &mut Vec<Gaussian>, gaussian: Gaussian, tolerance: f64) -> bool {
    let is_known = list
        .iter()
        .any(|other| is_same(other, &gaussian, tolerance));
    if !is_known {
        list.push(gaussian);
    }
    is_known
}

fn is_same(a: &Gaussian, b: &Gaussian, tolerance: f64) -> bool {
    (0..a.mean.len()).all(|axis| {
        let distance = (a.mean[axis] - b.mean[axis]).abs();
        let distance = distance.max((a.std[axis] - b.std[axis]).abs());
        distance < tolerance * a.std[axis].max(b.std[axis])
    })
}

fn moved(from: &Gaussian, slope: &super::Slope, rate: f64) -> Gaussian {
    let step = |values: &[f64], slopes: &[f64]| {
        let pairs = values.iter().zip(slopes);
        pairs.map(|(value, slope)| value - rate * slope).collect()
    };
    Gaussian {
        mean: step(&from.mean, &slope.mean),
        std: step(&from.std, &slope.std),
    }
}
