//! The normal distribution.

use std::f64::consts::{PI, SQRT_2};

use libm::erfc;
use statrs::function::erf::erfc_inv;

use super::{Distribution, Side, Tail, finite, positive};
use crate::Result;

/// The normal distribution `p(x) = exp(−(x − mean)²/(2·std²)) / (std·√(2π))`.
///
/// ```
/// use tweedie::distribution::{Distribution, Normal};
///
/// let grades = Normal::new(5.0, 2.0)?;
/// assert_eq!(grades.cdf(5.0), 0.5);
/// assert!((grades.inverse_cdf(0.975) - (5.0 + 2.0 * 1.959963984540054)).abs() < 1e-14);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    mean: f64,
    std: f64,
}

impl Normal {
    /// A normal distribution with this mean and standard deviation.
    ///
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless std > 0 and both are finite.
    pub fn new(mean: f64, std: f64) -> Result<Self> {
        Ok(Self {
            mean: finite("mean", mean)?,
            std: positive("sd", std)?,
        })
    }

    /// The standard deviation.
    pub fn std(&self) -> f64 {
        self.std
    }

    fn standardised(&self, x: f64) -> f64 {
        (x - self.mean) / self.std
    }
}

impl Distribution for Normal {
    fn density(&self, x: f64) -> f64 {
        self.ln_density(x).exp()
    }

    fn ln_density(&self, x: f64) -> f64 {
        let z = self.standardised(x);
        -0.5 * z * z - self.std.ln() - 0.5 * (2.0 * PI).ln()
    }

    // erfc from libm, since that of statrs has errors of 1e-10; its inverse is accurate.
    fn cdf(&self, x: f64) -> f64 {
        0.5 * erfc(-self.standardised(x) / SQRT_2)
    }

    fn survival(&self, x: f64) -> f64 {
        0.5 * erfc(self.standardised(x) / SQRT_2)
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if (0.0..=1.0).contains(&u) {
            self.mean - self.std * (SQRT_2 * erfc_inv(2.0 * u))
        } else {
            f64::NAN
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if (0.0..=1.0).contains(&w) {
            self.mean + self.std * (SQRT_2 * erfc_inv(2.0 * w))
        } else {
            f64::NAN
        }
    }

    fn support(&self) -> [f64; 2] {
        [f64::NEG_INFINITY, f64::INFINITY]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Gaussian {
            mean: self.mean,
            std: self.std,
        }
    }

    fn mean(&self) -> Option<f64> {
        Some(self.mean)
    }

    fn variance(&self) -> Option<f64> {
        Some(self.std * self.std)
    }

    fn has_closed_form_inverse(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_deviation_that_is_none_is_refused() {
        for std in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Normal::new(0.0, std).is_err(), "{std}");
        }
        assert!(Normal::new(f64::NAN, 1.0).is_err());
    }

    #[test]
    fn far_tails_keep_their_digits() {
        let normal = Normal::new(0.0, 1.0).unwrap();
        // mpmath, 30 digits: erfc(10/√2)/2, and the z with erfc(z/√2)/2 = 1e-30
        assert!((normal.survival(10.0) / 7.619853024160527e-24 - 1.0).abs() < 1e-13);
        assert!((normal.inverse_survival(1e-30) / 11.464024688443616 - 1.0).abs() < 1e-12);
        assert_eq!(normal.inverse_cdf(1e-30), -normal.inverse_survival(1e-30));
    }
}
