//! Densities given as formulas.

mod expression;
mod panels;
mod parser;
mod peaks;

pub use expression::Expression;

use super::quantile::numeric_inverse_by;
use super::{Distribution, Side, Tail, increasing};
use crate::{Error, Result};
use panels::Panels;

/// A formula in x on an interval, divided by its integral.
///
/// The integral, the CDF and the moments are computed from Chebyshev polynomials on panels, which are bisected until
/// the error is about 1e-13. The formula need not be normalised.
///
/// Peaks wider than about 5e-5 of the interval are always found. Narrower peaks are found where a subexpression has a
/// zero or an extremum there, like `x - 0.3` at the peak of `exp(-((x - 0.3)/1e-9)^2)`. Others may be missed, for
/// instance among more than a hundred oscillations; split the interval there.
///
/// ```
/// use tweedie::distribution::{Distribution, FormulaDensity};
///
/// let bumps = FormulaDensity::new("exp(-x^2) * (1 + sin(5*x)^2)", -3.0, 3.0)?;
/// assert!((bumps.cdf(0.0) - 0.5).abs() < 1e-12);
///
/// let error = FormulaDensity::new("exp(-x^2", -3.0, 3.0).unwrap_err();
/// assert_eq!(error.to_string(), "the formula is wrong at column 9: ) expected before the end");
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FormulaDensity {
    expression: Expression,
    panels: Panels,
    /// Divisor of all values.
    unit: f64,
}

/// Values between the reciprocal of this and this are used unscaled: their products with squares of x neither overflow
/// nor underflow.
const LARGE: f64 = 1e90;

/// A power of two near the largest value where that is very large or small, otherwise 1.
///
/// # Errors
/// [`InvalidOption`](crate::Error::InvalidOption) for values so small that they have lost accuracy.
fn unit(expression: &Expression, [low, high]: [f64; 2], peaks: &[f64]) -> Result<f64> {
    const MIN_MASS: f64 = 1e-306;
    const GRID: usize = 1024;
    let grid = (0..=GRID).map(|index| low + (high - low) * (index as f64 / GRID as f64));
    let values = grid
        .chain(peaks.iter().copied())
        .map(|x| expression.evaluate(x).abs());
    let unit = super::unit(values);
    if unit < MIN_MASS {
        let expected = format!("above {MIN_MASS:e} somewhere; multiply it by a constant");
        return Err(Error::invalid("the density", expected, unit));
    }
    let is_ordinary = (1.0 / LARGE..=LARGE).contains(&unit);
    Ok(if is_ordinary { 1.0 } else { unit })
}

impl FormulaDensity {
    /// Parses a formula and normalises it.
    ///
    /// # Errors
    /// [`Formula`](crate::Error::Formula) with the column where it cannot be parsed;
    /// [`InvalidOption`](crate::Error::InvalidOption) unless low < high and both are finite, and, naming an x, where
    /// the values are negative, not finite, 0 everywhere, or have no finite integral.
    pub fn new(source: &str, low: f64, high: f64) -> Result<Self> {
        let [low, high] = increasing(low, high)?;
        let expression = Expression::parse(source)?;
        let ends = [low, high];
        let peaks = peaks::peaks(&expression, ends);
        let unit = unit(&expression, ends, &peaks)?;
        let function = |x| expression.evaluate(x) / unit;
        let panels = Panels::new(&function, expression.cost(), ends, &peaks)?;
        Ok(Self {
            expression,
            panels,
            unit,
        })
    }

    /// The inverse of the CDF. Its slope is that of the polynomials, whose cost does not depend on the formula.
    fn quantile(&self, side: Side, w: f64) -> f64 {
        let slope = |x| self.panels.value(x).max(0.0) / self.panels.integral();
        numeric_inverse_by(self, side, w, &slope)
    }

    /// Integral of the formula over the interval.
    pub fn integral(&self) -> f64 {
        self.panels.integral() * self.unit
    }
}

impl Distribution for FormulaDensity {
    fn density(&self, x: f64) -> f64 {
        let [low, high] = self.panels.ends();
        if (low..=high).contains(&x) {
            // Rounding may turn a 0 into a small negative value.
            self.expression.evaluate(x).max(0.0) / self.unit / self.panels.integral()
        } else {
            0.0
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        self.panels.below(x)
    }

    fn survival(&self, x: f64) -> f64 {
        self.panels.above(x)
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if u > 0.5 {
            self.quantile(Side::Upper, 1.0 - u)
        } else {
            self.quantile(Side::Lower, u)
        }
    }

    fn inverse_survival(&self, w: f64) -> f64 {
        if w > 0.5 {
            self.quantile(Side::Lower, 1.0 - w)
        } else {
            self.quantile(Side::Upper, w)
        }
    }

    fn support(&self) -> [f64; 2] {
        self.panels.support()
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        Some(self.panels.moment(0.0, 1))
    }

    fn variance(&self) -> Option<f64> {
        Some(self.panels.moment(self.panels.moment(0.0, 1), 2))
    }

    fn landmarks(&self) -> Vec<f64> {
        self.panels.places()
    }

    fn has_closed_form_inverse(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
