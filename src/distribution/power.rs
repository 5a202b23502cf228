//! Power distributions.

use super::{Distribution, Side, Tail, positive};
use crate::{Error, Result};

/// `p(x) = (exponent + 1)·x^exponent / high^(exponent + 1)` on [0, high].
///
/// ```
/// use tweedie::distribution::{Distribution, Power};
///
/// let lecture = Power::new(2.0, 2.0)?; // 3/8·x² on [0, 2]
/// assert_eq!(lecture.density(1.0), 3.0 / 8.0);
/// assert!((lecture.inverse_cdf(1.0 / 8.0) - 1.0).abs() < 1e-15);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    exponent: f64,
    high: f64,
}

impl Power {
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless exponent > −1 (below, the integral is infinite) and high > 0, both finite.
    pub fn new(exponent: f64, high: f64) -> Result<Self> {
        if !(exponent > -1.0 && exponent.is_finite()) {
            let expected = "a finite number above -1";
            return Err(Error::invalid("exponent", expected, exponent));
        }
        Ok(Self {
            exponent,
            high: positive("high", high)?,
        })
    }
}

impl Distribution for Power {
    fn density(&self, x: f64) -> f64 {
        if (0.0..=self.high).contains(&x) {
            (self.exponent + 1.0) / self.high * (x / self.high).powf(self.exponent)
        } else {
            0.0
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        (x / self.high).clamp(0.0, 1.0).powf(self.exponent + 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        let ratio = (x / self.high).clamp(0.0, 1.0);
        -((self.exponent + 1.0) * ratio.ln()).exp_m1()
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if (0.0..=1.0).contains(&u) {
            self.high * u.powf(1.0 / (self.exponent + 1.0))
        } else {
            f64::NAN
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if (0.0..=1.0).contains(&w) {
            self.high * ((-w).ln_1p() / (self.exponent + 1.0)).exp()
        } else {
            f64::NAN
        }
    }

    fn support(&self) -> [f64; 2] {
        [0.0, self.high]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        let k = self.exponent + 1.0;
        Some(self.high * k / (k + 1.0))
    }

    fn variance(&self) -> Option<f64> {
        let k = self.exponent + 1.0;
        Some(self.high * self.high * k / ((k + 1.0).powi(2) * (k + 2.0)))
    }

    fn has_closed_form_inverse(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponent_without_an_integral_is_refused() {
        for exponent in [-1.0, -2.0, f64::NAN, f64::INFINITY] {
            assert!(Power::new(exponent, 1.0).is_err(), "{exponent}");
        }
        assert!(Power::new(1.0, 0.0).is_err());
    }

    #[test]
    fn the_lectures_density_has_its_moments() {
        let lecture = Power::new(2.0, 2.0).unwrap();
        assert_eq!(lecture.mean(), Some(1.5));
        assert!((lecture.variance().unwrap() - 3.0 / 20.0).abs() < 1e-15);
    }
}
