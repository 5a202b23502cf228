//! The triangular distribution.

use super::{Distribution, Side, Tail, finite, increasing};
use crate::{Error, Result};

/// A triangle over [low, high] with its maximum, `2/(high − low)`, at the mode.
///
/// ```
/// use tweedie::distribution::{Distribution, Triangular};
///
/// let triangular = Triangular::new(0.0, 1.0, 4.0)?;
/// assert_eq!(triangular.density(1.0), 0.5);
/// assert_eq!(triangular.inverse_cdf(0.25), 1.0);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triangular {
    low: f64,
    mode: f64,
    high: f64,
}

impl Triangular {
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) unless low <= mode <= high, low < high, and all are finite.
    pub fn new(low: f64, mode: f64, high: f64) -> Result<Self> {
        let [low, high] = increasing(low, high)?;
        let mode = finite("mode", mode)?;
        if (low..=high).contains(&mode) {
            Ok(Self { low, mode, high })
        } else {
            let expected = format!("between low = {low} and high = {high}");
            Err(Error::invalid("mode", expected, mode))
        }
    }

    /// Probability below the mode.
    fn below(&self) -> f64 {
        (self.mode - self.low) / (self.high - self.low)
    }

    /// The x with probability u below it, for u up to that of the mode.
    fn rising(&self, u: f64) -> f64 {
        self.low + (u * (self.high - self.low) * (self.mode - self.low)).sqrt()
    }

    /// The x with probability w above it, for w up to that above the mode.
    fn falling(&self, w: f64) -> f64 {
        self.high - (w * (self.high - self.low) * (self.high - self.mode)).sqrt()
    }
}

impl Distribution for Triangular {
    fn density(&self, x: f64) -> f64 {
        let Self { low, mode, high } = *self;
        let share = match x {
            x if !(low..=high).contains(&x) => 0.0,
            x if x < mode => (x - low) / (mode - low),
            x if x > mode => (high - x) / (high - mode),
            _ => 1.0,
        };
        2.0 * share / (high - low)
    }

    fn cdf(&self, x: f64) -> f64 {
        let Self { low, mode, high } = *self;
        match x {
            x if x <= low => 0.0,
            x if x <= mode => (x - low).powi(2) / ((high - low) * (mode - low)),
            x if x < high => 1.0 - (high - x).powi(2) / ((high - low) * (high - mode)),
            _ => 1.0,
        }
    }

    fn survival(&self, x: f64) -> f64 {
        let Self { low, mode, high } = *self;
        if x >= mode && x < high {
            (high - x).powi(2) / ((high - low) * (high - mode))
        } else {
            1.0 - self.cdf(x)
        }
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        match u {
            u if !(0.0..=1.0).contains(&u) => f64::NAN,
            u if u <= self.below() => self.rising(u),
            u => self.falling(1.0 - u),
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        match w {
            w if !(0.0..=1.0).contains(&w) => f64::NAN,
            w if w < 1.0 - self.below() => self.falling(w),
            w => self.rising(1.0 - w),
        }
    }

    fn support(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        Some((self.low + self.mode + self.high) / 3.0)
    }

    fn variance(&self) -> Option<f64> {
        let (a, b) = (self.mode - self.low, self.high - self.low);
        Some((a * a + b * b - a * b) / 18.0)
    }

    fn landmarks(&self) -> Vec<f64> {
        vec![self.mode]
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
    fn a_top_outside_of_the_interval_is_refused() {
        for (low, mode, high) in [
            (0.0, 2.0, 1.0),
            (0.0, -0.1, 1.0),
            (0.0, f64::NAN, 1.0),
            (1.0, 1.0, 1.0),
        ] {
            assert!(
                Triangular::new(low, mode, high).is_err(),
                "{low}, {mode}, {high}"
            );
        }
    }

    #[test]
    fn the_top_may_stand_at_an_end() {
        for mode in [0.0, 2.0] {
            let triangular = Triangular::new(0.0, mode, 2.0).unwrap();
            assert_eq!(triangular.density(mode), 1.0);
            assert_eq!(triangular.inverse_cdf(0.0), 0.0);
            assert_eq!(triangular.inverse_cdf(1.0), 2.0);
            assert!((triangular.cdf(triangular.inverse_cdf(0.3)) - 0.3).abs() < 1e-15);
        }
    }
}
