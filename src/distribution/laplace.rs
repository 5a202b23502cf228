//! The Laplace distribution.

use std::f64::consts::LN_2;

use super::{Distribution, Side, Tail, finite, positive};
use crate::Result;

/// The two-sided exponential distribution: `p(x) = exp(−|x − location|/scale) / (2·scale)`.
///
/// ```
/// use tweedie::distribution::{Distribution, Laplace};
///
/// let laplace = Laplace::new(1.0, 0.5)?;
/// assert_eq!(laplace.density(1.0), 1.0);
/// assert_eq!(laplace.variance(), Some(0.5));
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace {
    location: f64,
    scale: f64,
}

impl Laplace {
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless scale > 0 and both are finite.
    pub fn new(location: f64, scale: f64) -> Result<Self> {
        Ok(Self {
            location: finite("location", location)?,
            scale: positive("scale", scale)?,
        })
    }

    /// Twice the probability beyond x, on the side of x.
    fn decay(&self, x: f64) -> f64 {
        (-((x - self.location) / self.scale).abs()).exp()
    }
}

impl Distribution for Laplace {
    fn density(&self, x: f64) -> f64 {
        0.5 * self.decay(x) / self.scale
    }

    fn ln_density(&self, x: f64) -> f64 {
        -((x - self.location) / self.scale).abs() - LN_2 - self.scale.ln()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x < self.location {
            0.5 * self.decay(x)
        } else {
            1.0 - 0.5 * self.decay(x)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        if x < self.location {
            1.0 - 0.5 * self.decay(x)
        } else {
            0.5 * self.decay(x)
        }
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if u < 0.5 {
            self.location + self.scale * (2.0 * u).ln()
        } else {
            self.location - self.scale * (2.0 * (1.0 - u)).ln()
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if w < 0.5 {
            self.location - self.scale * (2.0 * w).ln()
        } else {
            self.location + self.scale * (2.0 * (1.0 - w)).ln()
        }
    }

    fn support(&self) -> [f64; 2] {
        [f64::NEG_INFINITY, f64::INFINITY]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Exponential {
            rate: 1.0 / self.scale,
        }
    }

    fn mean(&self) -> Option<f64> {
        Some(self.location)
    }

    fn variance(&self) -> Option<f64> {
        Some(2.0 * self.scale * self.scale)
    }

    fn landmarks(&self) -> Vec<f64> {
        vec![self.location]
    }

    fn has_closed_form_inverse(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_that_is_none_is_refused() {
        for scale in [0.0, -1.0, f64::NAN] {
            assert!(Laplace::new(0.0, scale).is_err(), "{scale}");
        }
    }

    #[test]
    fn it_is_symmetric_about_its_location() {
        let laplace = Laplace::new(2.0, 3.0).unwrap();
        for offset in [0.0, 0.1, 1.0, 50.0] {
            assert_eq!(laplace.cdf(2.0 - offset), laplace.survival(2.0 + offset));
        }
        assert_eq!(laplace.inverse_cdf(0.25) + laplace.inverse_cdf(0.75), 4.0);
    }
}
