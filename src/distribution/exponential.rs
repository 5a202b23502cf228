//! The exponential distribution.

use super::{Distribution, Side, Tail, finite, positive};
use crate::Result;

/// The waiting time for an event that occurs `rate` times per unit: `p(x) = rate·exp(−rate·(x − origin))` for x >=
/// origin.
///
/// ```
/// use tweedie::distribution::{Distribution, Exponential};
///
/// let decay = Exponential::new(2.0)?;
/// assert_eq!(decay.mean(), Some(0.5));
/// assert_eq!(decay.inverse_cdf(0.5), std::f64::consts::LN_2 / 2.0);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    rate: f64,
    origin: f64,
}

impl Exponential {
    /// An exponential distribution that starts at 0.
    ///
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless the rate is finite and above 0.
    pub fn new(rate: f64) -> Result<Self> {
        Self::shifted(rate, 0.0)
    }

    /// An exponential distribution that starts at `origin`.
    ///
    /// # Errors
    /// As for [`new`](Self::new), and for an origin that is not finite.
    pub fn shifted(rate: f64, origin: f64) -> Result<Self> {
        Ok(Self {
            rate: positive("rate", rate)?,
            origin: finite("origin", origin)?,
        })
    }
}

impl Distribution for Exponential {
    fn density(&self, x: f64) -> f64 {
        self.ln_density(x).exp()
    }

    fn ln_density(&self, x: f64) -> f64 {
        if x < self.origin {
            f64::NEG_INFINITY
        } else {
            self.rate.ln() - self.rate * (x - self.origin)
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        -(-self.rate * (x - self.origin).max(0.0)).exp_m1()
    }

    fn survival(&self, x: f64) -> f64 {
        (-self.rate * (x - self.origin).max(0.0)).exp()
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if (0.0..=1.0).contains(&u) {
            self.origin - ln_1m(u) / self.rate
        } else {
            f64::NAN
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if (0.0..=1.0).contains(&w) {
            self.origin - w.ln() / self.rate
        } else {
            f64::NAN
        }
    }

    fn support(&self) -> [f64; 2] {
        [self.origin, f64::INFINITY]
    }

    fn tail(&self, side: Side) -> Tail {
        match side {
            Side::Lower => Tail::Bounded,
            Side::Upper => Tail::Exponential { rate: self.rate },
        }
    }

    fn mean(&self) -> Option<f64> {
        Some(self.origin + 1.0 / self.rate)
    }

    fn variance(&self) -> Option<f64> {
        Some(self.rate.powi(-2))
    }

    fn has_closed_form_inverse(&self) -> bool {
        true
    }
}

/// `ln(1 − u)`. For most u, including the generator's multiples of 2⁻⁵³, `1 − u` is exact, and `ln` is faster than
/// `ln_1p`.
fn ln_1m(u: f64) -> f64 {
    let w = 1.0 - u;
    if 1.0 - w == u { w.ln() } else { (-u).ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_none_is_refused() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Exponential::new(rate).is_err(), "{rate}");
        }
    }

    #[test]
    fn nothing_lies_below_the_origin() {
        let shifted = Exponential::shifted(3.0, 2.0).unwrap();
        assert_eq!(shifted.density(1.999), 0.0);
        assert_eq!(shifted.cdf(1.0), 0.0);
        assert_eq!(shifted.inverse_cdf(0.0), 2.0);
        assert_eq!(shifted.inverse_cdf(1.0), f64::INFINITY);
    }

    #[test]
    fn quantiles_keep_their_digits_at_the_smallest_u() {
        let exponential = Exponential::new(1.0).unwrap();
        // 2⁻⁵³ is the smallest positive draw of the generator; the others are not multiples of it.
        for u in [2.0_f64.powi(-53), 1e-300, 1e-17, 3e-9, 0.1, 0.3] {
            let expected = -(-u).ln_1p();
            let error = (exponential.inverse_cdf(u) / expected - 1.0).abs();
            assert!(error < 4.0 * f64::EPSILON, "{u}: {error}");
        }
    }
}
