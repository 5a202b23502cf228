//! Fits one Gaussian to a mixture by minimising either direction of the Kullback–Leibler divergence.
//!
//! The target is `p = Σ_k w_k·N(m_k, s_k²·I)` on a line or in the plane; the fit is `q = N(mu, diag(sigma²))`:
//!
//! | direction | objective | behaviour of the fit |
//! |---|---|---|
//! | forward | `KL(p‖q) = E_p[ln p − ln q]` | covers all modes: maximum likelihood, one optimum |
//! | reverse | `KL(q‖p) = E_q[ln q − ln p]` | settles in some modes: variational inference, several local optima |
//!
//! (Bishop 2006, section 10.1.2 and figures 10.2 and 10.3; Minka 2005, section 3.) Only `E_p[ln p]` and `E_q[ln p]`
//! have no closed form. They are computed as sums over a regular grid in the standardised variable of the Gaussian. The
//! error decreases exponentially as the grid's step shrinks.
//!
//! ```
//! use tweedie::dataset::GaussianMixture;
//! use tweedie::family::kl::{Covariance, Direction, Objective};
//!
//! let mixture = GaussianMixture {
//!     means: vec![-2.0, 2.0],
//!     stds: vec![0.5, 0.5],
//!     weights: vec![0.5, 0.5],
//!     dimensions: 1,
//! };
//! let reverse = Objective::new(&mixture, Direction::Reverse, Covariance::Isotropic)?;
//! assert_eq!(reverse.optima()?.len(), 3);
//! # Ok::<(), tweedie::Error>(())
//! ```

mod minimise;
mod optima;
mod quadrature;
#[cfg(test)]
mod tests;

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::dataset::GaussianMixture;
use crate::{Error, Result};

pub use optima::{Optimum, PathOptions};
use quadrature::{Accuracy, Expectation, Mixture};

/// Direction of the divergence: the distribution over which the expectation is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// `KL(p‖q)`
    Forward,
    /// `KL(q‖p)`
    Reverse,
}

/// The structure of the fit's covariance matrix. On a line both variants are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// `sigma²·I`
    Isotropic,
    /// `diag(sigma_1², sigma_2²)`
    Diagonal,
}

/// A Gaussian with a diagonal covariance matrix. Each list has one entry on a line, two in the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gaussian {
    /// The mean.
    pub mean: Vec<f64>,
    /// The standard deviation along each axis.
    pub std: Vec<f64>,
}

/// The divergence between a mixture and a Gaussian, as a function of the Gaussian.
#[derive(Clone, Debug)]
pub struct Objective {
    mixture: Mixture,
    direction: Direction,
    covariance: Covariance,
    /// `E_p[ln p]`
    negative_entropy: f64,
}

/// The value of the objective and its derivatives with respect to the means and the standard deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Slope {
    /// The divergence in nats.
    pub value: f64,
    /// The derivative with respect to the mean along each axis.
    pub mean: Vec<f64>,
    /// The derivative with respect to the standard deviation along each axis. With an isotropic covariance, each entry
    /// is half of the derivative with respect to the common standard deviation.
    pub std: Vec<f64>,
}

/// A parameter of the Gaussian that varies along an axis of a [map](Objective::map).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameter {
    /// The mean along an axis, 0 or 1.
    Mean(usize),
    /// The standard deviation along an axis, or along both with an isotropic covariance.
    Std(usize),
}

/// Equally spaced values of a parameter, including both ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The parameter that varies.
    pub parameter: Parameter,
    /// The first value.
    pub from: f64,
    /// The last value.
    pub to: f64,
    /// Number of values, at least 2.
    pub count: usize,
}

/// Maximum number of cells of a map.
pub const MAX_CELLS: usize = 1 << 18;
/// Largest absolute coordinate and largest standard deviation.
pub const MAX_VALUE: f64 = 1e6;
/// Smallest standard deviation of the fit relative to the narrowest component of the mixture.
pub const MIN_STD_RATIO: f64 = 1e-3;

impl Objective {
    /// The objective for a mixture on a line or in the plane.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] describes what is wrong with the mixture: the dimensions, the number of components
    /// (from 1 to 64), numbers that are not finite or exceed a million, and standard deviations or weights that are not
    /// positive.
    pub fn new(
        mixture: &GaussianMixture,
        direction: Direction,
        covariance: Covariance,
    ) -> Result<Self> {
        let mixture = Mixture::new(mixture)?;
        Ok(Self {
            negative_entropy: mixture.negative_entropy(),
            mixture,
            direction,
            covariance,
        })
    }

    /// The differential entropy of the mixture in nats.
    pub fn entropy(&self) -> f64 {
        -self.negative_entropy
    }

    /// The divergence in nats and its derivatives.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a Gaussian with the wrong dimension, or with values out of range.
    pub fn slope(&self, gaussian: &Gaussian) -> Result<Slope> {
        self.check(gaussian)?;
        Ok(self.slope_at(gaussian, Accuracy::FINE))
    }

    /// The divergence in nats.
    ///
    /// # Errors
    /// Those of [`slope`](Self::slope).
    pub fn value(&self, gaussian: &Gaussian) -> Result<f64> {
        Ok(self.slope(gaussian)?.value)
    }

    /// The divergence in nats as two parameters vary and the others are taken from a Gaussian: `[y.count, x.count]` in
    /// row-major order. On a line the values are exact; in the plane their relative error is about 1e-3.
    ///
    /// # Errors
    /// Those of [`slope`](Self::slope), and [`Error::InvalidOption`] for an axis with fewer than 2 values and for more
    /// than 262,144 cells.
    pub fn map(&self, gaussian: &Gaussian, x: Axis, y: Axis) -> Result<Vec<f64>> {
        for axis in [x, y] {
            if axis.count < 2 {
                return Err(Error::invalid("count", "at least 2", axis.count));
            }
            for value in [axis.from, axis.to] {
                self.check(&self.varied(gaussian, axis, value)?)?;
            }
        }
        let cells = x.count.saturating_mul(y.count);
        if cells > MAX_CELLS {
            let expected = format!("at most {MAX_CELLS} cells");
            return Err(Error::invalid("count", expected, cells));
        }
        let accuracy = match self.mixture.dimensions {
            1 => Accuracy::FINE,
            _ => Accuracy::COARSE,
        };
        let mut values = Vec::with_capacity(cells);
        for row in 0..y.count {
            let base = self.varied(gaussian, y, y.at(row))?;
            for column in 0..x.count {
                let varied = self.varied(&base, x, x.at(column))?;
                values.push(self.slope_at(&varied, accuracy).value);
            }
        }
        Ok(values)
    }

    fn varied(&self, gaussian: &Gaussian, axis: Axis, value: f64) -> Result<Gaussian> {
        let mut varied = gaussian.clone();
        let is_isotropic = self.covariance == Covariance::Isotropic;
        let (list, index) = match axis.parameter {
            Parameter::Mean(index) => (&mut varied.mean, index),
            Parameter::Std(index) => (&mut varied.std, index),
        };
        let dimensions = list.len();
        let Some(entry) = list.get_mut(index) else {
            let expected = format!("an axis below {dimensions}");
            return Err(Error::invalid("parameter", expected, index));
        };
        *entry = value;
        if is_isotropic && matches!(axis.parameter, Parameter::Std(_)) {
            varied.std.fill(value);
        }
        Ok(varied)
    }

    fn check(&self, gaussian: &Gaussian) -> Result<()> {
        let dimensions = self.mixture.dimensions;
        for (name, list) in [("mean", &gaussian.mean), ("std", &gaussian.std)] {
            if list.len() != dimensions {
                let expected = format!("{dimensions} numbers, as the mixture has dimensions");
                return Err(Error::invalid(name, expected, list.len()));
            }
        }
        let is_mean = |mean: &f64| mean.abs() <= MAX_VALUE;
        if let Some(mean) = gaussian.mean.iter().find(|mean| !is_mean(mean)) {
            return Err(Error::invalid("mean", "between -1e6 and 1e6", mean));
        }
        let smallest = MIN_STD_RATIO * self.mixture.smallest_std();
        let is_std = |std: &f64| (smallest..=MAX_VALUE).contains(std);
        if let Some(std) = gaussian.std.iter().find(|std| !is_std(std)) {
            let expected = format!("between {smallest:e} and 1e6");
            return Err(Error::invalid("std", expected, std));
        }
        if self.covariance == Covariance::Isotropic
            && gaussian.std[0] != gaussian.std[dimensions - 1]
        {
            let expected = "the same along both axes for an isotropic covariance";
            return Err(Error::invalid("std", expected, &gaussian.std));
        }
        Ok(())
    }

    fn slope_at(&self, gaussian: &Gaussian, accuracy: Accuracy) -> Slope {
        match self.direction {
            Direction::Forward => self.forward(gaussian),
            Direction::Reverse => self.reverse(gaussian, accuracy),
        }
    }

    /// `E_p[ln p] + Σ_i (ln sigma_i + ½·ln 2π + (var_i + (mean_i − mu_i)²)/(2·sigma_i²))` with the moments of the
    /// mixture.
    fn forward(&self, gaussian: &Gaussian) -> Slope {
        let mut slope = Slope {
            value: self.negative_entropy,
            mean: Vec::new(),
            std: Vec::new(),
        };
        for (axis, (mu, sigma)) in gaussian.mean.iter().zip(&gaussian.std).enumerate() {
            let (mean, variance) = self.mixture.moments(axis);
            let precision = 1.0 / (sigma * sigma);
            let square = variance + (mean - mu) * (mean - mu);
            slope.value += libm::log(*sigma) + 0.5 * libm::log(TAU) + 0.5 * square * precision;
            slope.mean.push((mu - mean) * precision);
            slope.std.push((1.0 - square * precision) / sigma);
        }
        slope
    }

    /// `−Σ_i (ln sigma_i + ½·ln 2πe) − E_q[ln p]`
    fn reverse(&self, gaussian: &Gaussian, accuracy: Accuracy) -> Slope {
        let Expectation { value, mean, std } = self.mixture.expectation(gaussian, accuracy);
        let mut slope = Slope {
            value: -value,
            mean: Vec::new(),
            std: Vec::new(),
        };
        for (axis, sigma) in gaussian.std.iter().enumerate() {
            slope.value -= libm::log(*sigma) + 0.5 * (libm::log(TAU) + 1.0);
            slope.mean.push(-mean[axis]);
            slope.std.push(-1.0 / sigma - std[axis]);
        }
        slope
    }
}

impl Axis {
    fn at(&self, index: usize) -> f64 {
        let part = index as f64 / (self.count - 1) as f64;
        self.from + part * (self.to - self.from)
    }
}
