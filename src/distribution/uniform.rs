//! The uniform distribution.

use super::{Distribution, Side, Tail, increasing};
use crate::Result;

/// The uniform distribution `p(x) = 1/(high − low)` on [low, high].
///
/// ```
/// use tweedie::distribution::{Distribution, Uniform};
///
/// let die = Uniform::new(1.0, 7.0)?;
/// assert_eq!(die.inverse_cdf(0.5), 4.0);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless low < high and both are finite.
    pub fn new(low: f64, high: f64) -> Result<Self> {
        let [low, high] = increasing(low, high)?;
        Ok(Self { low, high })
    }
}

impl Distribution for Uniform {
    fn density(&self, x: f64) -> f64 {
        if (self.low..=self.high).contains(&x) {
            1.0 / (self.high - self.low)
        } else {
            0.0
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        ((self.high - x) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if (0.0..=1.0).contains(&u) {
            // Rounding must not lead out of the support.
            (self.low + u * (self.high - self.low)).min(self.high)
        } else {
            f64::NAN
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if (0.0..=1.0).contains(&w) {
            (self.high - w * (self.high - self.low)).max(self.low)
        } else {
            f64::NAN
        }
    }

    fn support(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        Some(0.5 * self.low + 0.5 * self.high)
    }

    fn variance(&self) -> Option<f64> {
        Some((self.high - self.low).powi(2) / 12.0)
    }

    fn has_closed_form_inverse(&self) -> bool {
        true
    }

    fn inverse_is_cheap(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_order_or_not_finite_are_refused() {
        for (low, high) in [
            (1.0, 1.0),
            (2.0, 1.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (-f64::MAX, f64::MAX),
        ] {
            assert!(Uniform::new(low, high).is_err(), "{low}, {high}");
        }
    }

    #[test]
    fn the_ends_are_reached_and_not_passed() {
        let uniform = Uniform::new(-0.1, 0.3).unwrap();
        assert_eq!(uniform.inverse_cdf(0.0), -0.1);
        assert_eq!(uniform.inverse_cdf(1.0), 0.3);
        assert!(uniform.inverse_cdf(1.5).is_nan());
    }
}
