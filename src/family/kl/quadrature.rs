//! Expectations under a Gaussian by sums over a regular grid.

use std::f64::consts::TAU;

use super::{Gaussian, MAX_VALUE};
use crate::dataset::GaussianMixture;
use crate::{Error, Result};

/// Maximum number of components of a mixture.
const MAX_COMPONENTS: usize = 64;
/// Maximum number of grid points along an axis, on a line and in the plane.
const MAX_NODES: [usize; 2] = [1 << 15, 1 << 10];
/// Densities below this are computed from logarithms.
const MIN_DENSITY: f64 = 1e-290;

/// A mixture whose weights sum to 1. On a line all second coordinates are 0.
#[derive(Clone, Debug)]
pub(super) struct Mixture {
    pub dimensions: usize,
    pub components: Vec<Component>,
}

/// One component of a mixture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    pub weight: f64,
    pub mean: [f64; 2],
    pub std: f64,
    /// `ln(weight/(2π·std²)^(d/2))`
    log_scale: f64,
}

/// Resolution of a grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accuracy {
    /// Half-width of the grid in standard deviations of the Gaussian.
    reach: f64,
    /// Step relative to the narrowest component, on a line and in the plane.
    step: [f64; 2],
}

impl Accuracy {
    pub const FINE: Self = Self {
        reach: 7.0,
        step: [0.125, 0.25],
    };
    pub const COARSE: Self = Self {
        reach: 4.0,
        step: [0.25, 0.6],
    };
    /// Largest step in standard deviations of the Gaussian itself; the error of the sum is `exp(−2π²/step²)`.
    const MAX_STEP: f64 = 0.4;
}

/// `E_q[ln p]` and its derivatives with respect to the mean and the standard deviation along each axis.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expectation {
    pub value: f64,
    pub mean: [f64; 2],
    pub std: [f64; 2],
}

/// The grid along one axis.
struct Nodes {
    /// Positions `mu + sigma·t`.
    x: Vec<f64>,
    t: Vec<f64>,
    /// Weights, which sum to 1.
    weights: Vec<f64>,
    /// `exp(−(x − mean)²/(2·std²))`, `[nodes, components]`.
    factors: Vec<f64>,
}

impl Mixture {
    pub fn new(given: &GaussianMixture) -> Result<Self> {
        check(given)?;
        let dimensions = given.dimensions;
        let total: f64 = given.weights.iter().sum();
        let means = given.means.chunks_exact(dimensions);
        let parts = means.zip(given.stds.iter().zip(&given.weights));
        let component = |(mean, (std, weight)): (&[f64], (&f64, &f64))| {
            let weight = weight / total;
            let log_area = 0.5 * libm::log(TAU) + libm::log(*std);
            Component {
                weight,
                mean: [mean[0], mean.get(1).copied().unwrap_or(0.0)],
                std: *std,
                log_scale: libm::log(weight) - dimensions as f64 * log_area,
            }
        };
        Ok(Self {
            dimensions,
            components: parts.map(component).collect(),
        })
    }

    pub fn smallest_std(&self) -> f64 {
        let stds = self.components.iter().map(|component| component.std);
        stds.fold(f64::INFINITY, f64::min)
    }

    /// Mean and variance of the mixture along an axis.
    pub fn moments(&self, axis: usize) -> (f64, f64) {
        moments(&self.components, axis)
    }

    /// `E_p[ln p]`, summed over the components.
    pub fn negative_entropy(&self) -> f64 {
        let part = |component: &Component| {
            let gaussian = Gaussian {
                mean: component.mean[..self.dimensions].to_vec(),
                std: vec![component.std; self.dimensions],
            };
            component.weight * self.expectation(&gaussian, Accuracy::FINE).value
        };
        self.components.iter().map(part).sum()
    }

    pub fn expectation(&self, gaussian: &Gaussian, accuracy: Accuracy) -> Expectation {
        let [first, second] = [0, 1].map(|axis| self.nodes(gaussian, axis, accuracy));
        let scales: Vec<f64> = self
            .components
            .iter()
            .map(|component| libm::exp(component.log_scale))
            .collect();
        let count = self.components.len();
        let mut sum = Expectation::default();
        let mut row = vec![0.0; count];
        for (i, factors) in first.factors.chunks_exact(count).enumerate() {
            for (value, (factor, scale)) in row.iter_mut().zip(factors.iter().zip(&scales)) {
                *value = factor * scale;
            }
            for (j, factors) in second.factors.chunks_exact(count).enumerate() {
                let weight = first.weights[i] * second.weights[j];
                let point = [first.x[i], second.x[j]];
                let (log, slope) = self.log_density(point, &row, factors);
                sum.value += weight * log;
                for (axis, t) in [first.t[i], second.t[j]].into_iter().enumerate() {
                    sum.mean[axis] += weight * slope[axis];
                    sum.std[axis] += weight * slope[axis] * t;
                }
            }
        }
        sum
    }

    /// `ln p` and its gradient at a point, given one factor per axis of the density of each component.
    fn log_density(&self, point: [f64; 2], row: &[f64], factors: &[f64]) -> (f64, [f64; 2]) {
        let (mut density, mut slope) = (0.0, [0.0; 2]);
        for (component, (a, b)) in self.components.iter().zip(row.iter().zip(factors)) {
            let part = a * b;
            density += part;
            let force = part / (component.std * component.std);
            slope[0] += force * (component.mean[0] - point[0]);
            slope[1] += force * (component.mean[1] - point[1]);
        }
        if density < MIN_DENSITY {
            return self.log_density_of_tail(point);
        }
        (libm::log(density), slope.map(|slope| slope / density))
    }

    /// The same computed from logarithms, for points where the densities underflow.
    fn log_density_of_tail(&self, point: [f64; 2]) -> (f64, [f64; 2]) {
        let exponent = |component: &Component| {
            let offset = [0, 1].map(|axis| (point[axis] - component.mean[axis]) / component.std);
            component.log_scale - 0.5 * (offset[0] * offset[0] + offset[1] * offset[1])
        };
        let exponents: Vec<f64> = self.components.iter().map(exponent).collect();
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut density, mut slope) = (0.0, [0.0; 2]);
        for (component, exponent) in self.components.iter().zip(&exponents) {
            let part = libm::exp(exponent - largest);
            density += part;
            for (axis, slope) in slope.iter_mut().enumerate() {
                let offset = component.mean[axis] - point[axis];
                *slope += part * offset / (component.std * component.std);
            }
        }
        let log = largest + libm::log(density);
        (log, slope.map(|slope| slope / density))
    }

    /// The grid along an axis. On a line, the second axis has a single point.
    fn nodes(&self, gaussian: &Gaussian, axis: usize, accuracy: Accuracy) -> Nodes {
        let mut t = vec![0.0];
        let (mean, std) = match (gaussian.mean.get(axis), gaussian.std.get(axis)) {
            (Some(mean), Some(std)) => {
                t = self.offsets(*std, accuracy);
                (*mean, *std)
            }
            _ => (0.0, 1.0),
        };
        let densities: Vec<f64> = t.iter().map(|t| libm::exp(-0.5 * t * t)).collect();
        let total: f64 = densities.iter().sum();
        let x: Vec<f64> = t.iter().map(|t| mean + std * t).collect();
        let factor = |x: &f64, component: &Component| {
            let offset = (x - component.mean[axis]) / component.std;
            libm::exp(-0.5 * offset * offset)
        };
        let factors = x
            .iter()
            .flat_map(|x| self.components.iter().map(move |part| factor(x, part)))
            .collect();
        Nodes {
            weights: densities.iter().map(|density| density / total).collect(),
            factors,
            x,
            t,
        }
    }

    /// The grid points in standard deviations of the Gaussian.
    fn offsets(&self, std: f64, accuracy: Accuracy) -> Vec<f64> {
        let place = self.dimensions - 1;
        let step = accuracy.step[place] * self.smallest_std() / std;
        let step = step.min(Accuracy::MAX_STEP);
        let half = libm::ceil(accuracy.reach / step).min((MAX_NODES[place] / 2) as f64);
        let (step, half) = (accuracy.reach / half, half as i32);
        (-half..=half)
            .map(|index| f64::from(index) * step)
            .collect()
    }
}

/// Mean and variance along an axis of a subset of a mixture's components.
pub(super) fn moments(components: &[Component], axis: usize) -> (f64, f64) {
    let total: f64 = components.iter().map(|part| part.weight).sum();
    let mean = components.iter().map(|part| part.weight * part.mean[axis]);
    let mean = mean.sum::<f64>() / total;
    let square = |part: &Component| {
        let offset = part.mean[axis] - mean;
        part.weight * (part.std * part.std + offset * offset)
    };
    (mean, components.iter().map(square).sum::<f64>() / total)
}

fn check(given: &GaussianMixture) -> Result<()> {
    let GaussianMixture {
        means,
        stds,
        weights,
        dimensions,
    } = given;
    if !(1..=2).contains(dimensions) {
        return Err(Error::invalid("dimensions", "1 or 2", dimensions));
    }
    let components = stds.len();
    if !(1..=MAX_COMPONENTS).contains(&components) {
        let expected = format!("1 to {MAX_COMPONENTS} numbers");
        return Err(Error::invalid("spreads", expected, components));
    }
    let lists = [
        ("means", means.len(), components * dimensions),
        ("weights", weights.len(), components),
    ];
    for (name, found, expected) in lists {
        if found != expected {
            return Err(Error::invalid(name, format!("{expected} numbers"), found));
        }
    }
    let is_valid = |mean: &&f64| mean.abs() <= MAX_VALUE; // false for NaN
    if let Some(mean) = means.iter().find(|mean| !is_valid(mean)) {
        return Err(Error::invalid("means", "numbers from -1e6 to 1e6", mean));
    }
    for (name, list) in [("spreads", stds), ("weights", weights)] {
        let is_valid = |value: &&f64| **value >= 1.0 / MAX_VALUE && **value <= MAX_VALUE;
        if let Some(value) = list.iter().find(|value| !is_valid(value)) {
            return Err(Error::invalid(name, "numbers from 1e-6 to 1e6", value));
        }
    }
    Ok(())
}
