//! The Cauchy distribution.

use std::f64::consts::{FRAC_1_PI, PI};

use super::{Distribution, Side, Tail, finite, positive};
use crate::Result;

/// The position at which a ray of random direction meets a line: `p(x) = 1 / (π·scale·(1 + ((x − location)/scale)²))`.
///
/// Its heavy tails have neither mean nor variance.
///
/// ```
/// use tweedie::distribution::{Cauchy, Distribution};
///
/// let cauchy = Cauchy::new(0.0, 1.0)?;
/// assert!((cauchy.inverse_cdf(0.75) - 1.0).abs() < 1e-15);
/// assert_eq!(cauchy.mean(), None);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cauchy {
    location: f64,
    scale: f64,
}

impl Cauchy {
    /// A Cauchy distribution with median `location` and half interquartile range `scale`.
    ///
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless scale > 0 and both are finite.
    pub fn new(location: f64, scale: f64) -> Result<Self> {
        Ok(Self {
            location: finite("location", location)?,
            scale: positive("scale", scale)?,
        })
    }

    fn standardised(&self, x: f64) -> f64 {
        (x - self.location) / self.scale
    }
}

/// `P(X > z)` of the standard distribution. The arctangent of 1/z keeps the digits that ½ − atan(z)/π loses.
fn upper(z: f64) -> f64 {
    if z > 0.0 {
        (1.0 / z).atan() * FRAC_1_PI
    } else {
        0.5 - z.atan() * FRAC_1_PI
    }
}

/// The z with `upper(z) = w`: the cotangent of πw.
fn upper_inverse(w: f64) -> f64 {
    match w {
        0.0 => f64::INFINITY,
        0.5 => 0.0,
        1.0 => f64::NEG_INFINITY,
        w if !(0.0..=1.0).contains(&w) => f64::NAN,
        w if w < 0.5 => 1.0 / (PI * w).tan(),
        w => -1.0 / (PI * (1.0 - w)).tan(),
    }
}

impl Distribution for Cauchy {
    fn density(&self, x: f64) -> f64 {
        FRAC_1_PI / (self.scale * (1.0 + self.standardised(x).powi(2)))
    }

    fn ln_density(&self, x: f64) -> f64 {
        // `hypot` does not overflow.
        -2.0 * self.standardised(x).hypot(1.0).ln() - self.scale.ln() - PI.ln()
    }

    fn cdf(&self, x: f64) -> f64 {
        upper(-self.standardised(x))
    }

    fn survival(&self, x: f64) -> f64 {
        upper(self.standardised(x))
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        self.location - self.scale * upper_inverse(u)
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        self.location + self.scale * upper_inverse(w)
    }

    fn support(&self) -> [f64; 2] {
        [f64::NEG_INFINITY, f64::INFINITY]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Power { power: 2.0 }
    }

    fn mean(&self) -> Option<f64> {
        None
    }

    fn variance(&self) -> Option<f64> {
        None
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
        for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Cauchy::new(0.0, scale).is_err(), "{scale}");
        }
    }

    #[test]
    fn the_ends_are_infinite_and_the_middle_is_exact() {
        let cauchy = Cauchy::new(3.0, 2.0).unwrap();
        assert_eq!(cauchy.inverse_cdf(0.0), f64::NEG_INFINITY);
        assert_eq!(cauchy.inverse_cdf(0.5), 3.0);
        assert_eq!(cauchy.inverse_cdf(1.0), f64::INFINITY);
        assert!(cauchy.inverse_cdf(-0.1).is_nan());
    }

    #[test]
    fn far_tails_keep_their_digits() {
        let cauchy = Cauchy::new(0.0, 1.0).unwrap();
        for w in [1e-3, 1e-9, 1e-200] {
            let x = cauchy.inverse_survival(w);
            assert!((cauchy.survival(x) / w - 1.0).abs() < 1e-14, "{w}");
            assert_eq!(cauchy.inverse_cdf(w), -x);
        }
    }
}
