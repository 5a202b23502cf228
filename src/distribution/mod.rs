//! One-dimensional distributions, and two methods to sample from all of them: the inverse transform and rejection.
//!
//! Each target has one file and implements [`Distribution`]. [`InverseTransform`] maps one uniform to one sample,
//! `x = F⁻¹(u)`. [`Rejection`] draws from a proposal density and keeps the proposals under the target's density.
//! [`goodness_of_fit`] tests samples.
//!
//! ```
//! use tweedie::distribution::{Distribution, InverseTransform, Laplace, Normal, Rejection, goodness_of_fit};
//! use tweedie::random::Generator;
//!
//! let target = Normal::new(0.0, 1.0)?;
//! let samples = InverseTransform::new(&target).sample(10_000, &mut Generator::new(0))?;
//! assert!(goodness_of_fit(&target, &samples)?.p_value > 0.01);
//!
//! // The smallest envelope of a normal by a Laplace density: c = √(2e/π).
//! let proposal = Laplace::new(0.0, 1.0)?;
//! let rejection = Rejection::new(&target, &proposal, None)?;
//! assert!((rejection.envelope().c - 1.3154892).abs() < 1e-7);
//! # Ok::<(), tweedie::Error>(())
//! ```

mod cauchy;
mod discrete;
mod envelope;
mod exponential;
mod fit;
pub mod formula;
mod inverse_table;
mod inverse_transform;
mod laplace;
mod mixture;
mod normal;
mod piecewise_linear;
mod power;
mod proposal;
mod proposal_fit;
mod quantile;
mod ratio;
mod rejection;
mod tail;
mod triangular;
mod uniform;

pub use cauchy::Cauchy;
pub use discrete::Discrete;
pub use envelope::Envelope;
pub use exponential::Exponential;
pub use fit::{Fit, FitTest, goodness_of_fit};
pub use formula::FormulaDensity;
pub use inverse_table::InverseTable;
pub use inverse_transform::InverseTransform;
pub use laplace::Laplace;
pub use mixture::{Component, GaussianMixture};
pub use normal::Normal;
pub use piecewise_linear::PiecewiseLinear;
pub use power::Power;
pub use proposal::Proposal;
pub use quantile::numeric_inverse;
pub use rejection::{Rejection, Trial};
pub use tail::{Side, Tail};
pub use triangular::Triangular;
pub use uniform::Uniform;

use crate::{Error, Result};

/// Maximum number of samples per call: 800 MB.
pub const MAX_SAMPLES: usize = 100_000_000;

/// A probability distribution on the real line: continuous with a density, or discrete where [`values`](Self::values)
/// is not empty.
pub trait Distribution {
    /// The density p(x); for a discrete distribution the probability of x. 0 outside the support.
    fn density(&self, x: f64) -> f64;

    /// `ln p(x)`, finite even where p(x) underflows.
    fn ln_density(&self, x: f64) -> f64 {
        self.density(x).ln()
    }

    /// The cumulative distribution function `F(x) = P(X <= x)`.
    fn cdf(&self, x: f64) -> f64;

    /// `1 − F(x)`, accurate in the upper tail.
    fn survival(&self, x: f64) -> f64 {
        1.0 - self.cdf(x)
    }

    /// The generalised inverse `inf{x : F(x) >= u}`; at 0 and 1 the ends of the support. NaN outside [0, 1].
    fn inverse_cdf(&self, u: f64) -> f64;

    /// `inverse_cdf(1 − w)`, accurate for small w.
    fn inverse_survival(&self, w: f64) -> f64 {
        self.inverse_cdf(1.0 - w)
    }

    /// The smallest closed interval with probability 1.
    fn support(&self) -> [f64; 2];

    /// Decay of the density on one side.
    fn tail(&self, side: Side) -> Tail;

    /// The mean, if it exists.
    fn mean(&self) -> Option<f64>;

    /// The variance, if it exists.
    fn variance(&self) -> Option<f64>;

    /// Positions that a numeric search must include, in increasing order: kinks, jumps, narrow modes. The ends of the
    /// support are excluded.
    fn landmarks(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Values of a discrete distribution, in increasing order; empty for a continuous one.
    fn values(&self) -> &[f64] {
        &[]
    }

    /// Whether [`inverse_cdf`](Self::inverse_cdf) is an elementary function.
    fn has_closed_form_inverse(&self) -> bool;

    /// Whether [`inverse_cdf`](Self::inverse_cdf) is as fast as a lookup in an [`InverseTable`].
    fn inverse_is_cheap(&self) -> bool {
        false
    }

    /// Replaces each u by `inverse_cdf(u)`.
    fn invert(&self, us: &mut [f64]) {
        for u in us {
            *u = self.inverse_cdf(*u);
        }
    }
}

/// Limits of the parameters of distributions, within which densities and second moments are finite in `f64`.
const MIN_NUMBER: f64 = 1e-100;
const MAX_NUMBER: f64 = 1e100;

/// Checks for a finite number with an absolute value of at most 1e100.
fn finite(name: &str, value: f64) -> Result<f64> {
    let expected = match value {
        value if !value.is_finite() => "a finite number".to_owned(),
        value if value.abs() > MAX_NUMBER => {
            format!("between {:e} and {MAX_NUMBER:e}", -MAX_NUMBER)
        }
        value => return Ok(value),
    };
    Err(Error::invalid(name, expected, value))
}

/// Checks for a number between 1e-100 and 1e100.
fn positive(name: &str, value: f64) -> Result<f64> {
    let expected = match value {
        value if !(value.is_finite() && value > 0.0) => "a finite number above 0".to_owned(),
        value if !(MIN_NUMBER..=MAX_NUMBER).contains(&value) => {
            format!("between {MIN_NUMBER:e} and {MAX_NUMBER:e}")
        }
        value => return Ok(value),
    };
    Err(Error::invalid(name, expected, value))
}

/// Checks for two finite numbers in increasing order.
fn increasing(low: f64, high: f64) -> Result<[f64; 2]> {
    let (low, high) = (finite("low", low)?, finite("high", high)?);
    if low < high && (high - low).is_finite() {
        Ok([low, high])
    } else {
        Err(Error::invalid("high", format!("above low = {low}"), high))
    }
}

/// Checks the requested number of samples.
pub(crate) fn sample_count(count: usize) -> Result<usize> {
    if (1..=MAX_SAMPLES).contains(&count) {
        Ok(count)
    } else {
        let expected = format!("between 1 and {MAX_SAMPLES}");
        Err(Error::invalid("count", expected, count))
    }
}

/// The power of two at or below the largest of some sizes. All sizes can be divided by it without rounding, so that
/// their sums and products neither overflow nor underflow. 1 where no size is positive and finite.
fn unit(sizes: impl Iterator<Item = f64>) -> f64 {
    let largest = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
    if largest > 0.0 {
        // The logarithm of the largest number rounds up to 1024.
        largest.log2().floor().min(1023.0).exp2()
    } else {
        1.0
    }
}
