//! Probability mass functions.

use super::{Distribution, Side, Tail, finite, unit};
use crate::{Error, Result};

/// Upper limit of the number of values.
const MAX_VALUES: usize = 100_000;

/// A finite set of values, each with its probability, for instance a loaded die or a histogram.
///
/// ```
/// use tweedie::distribution::{Discrete, Distribution};
///
/// let coin = Discrete::new(&[0.0, 1.0], &[1.0, 3.0])?;
/// assert_eq!(coin.density(1.0), 0.75);
/// assert_eq!(coin.inverse_cdf(0.25), 0.0); // inf{x : F(x) >= u}
/// assert_eq!(coin.inverse_cdf(0.26), 1.0);
/// # Ok::<(), tweedie::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Discrete {
    /// Values with positive probability.
    values: Vec<f64>,
    probabilities: Vec<f64>,
    /// `F(values[i])`; the last is 1.
    cumulative: Vec<f64>,
    /// Guide table: for the k-th of equal parts of [0, 1], the index at which the search starts (Chen & Asau 1974).
    guide: Vec<u32>,
}

impl Discrete {
    /// A distribution with increasing values and their weights, which are normalised.
    ///
    /// # Errors
    /// [`InvalidOption`](Error::InvalidOption) for zero or too many values, for values that do not increase, and for
    /// weights that are negative, not finite or all 0.
    pub fn new(values: &[f64], weights: &[f64]) -> Result<Self> {
        check(values, weights)?;
        let unit = unit(weights.iter().copied());
        let total: f64 = weights.iter().map(|weight| weight / unit).sum();
        let likely = values
            .iter()
            .zip(weights)
            .filter(|(_, weight)| **weight > 0.0);
        let (values, probabilities): (Vec<f64>, Vec<f64>) = likely
            .map(|(x, weight)| (*x, weight / unit / total))
            .unzip();
        let mut sum = 0.0;
        let sums = probabilities.iter().map(|probability| {
            sum += probability;
            f64::min(sum, 1.0)
        });
        let mut cumulative: Vec<f64> = sums.collect();
        if let Some(last) = cumulative.last_mut() {
            *last = 1.0;
        }
        let parts = values.len().next_power_of_two() * 2;
        let start = |part: usize| {
            let u = part as f64 / parts as f64;
            cumulative.partition_point(|sum| *sum < u) as u32
        };
        Ok(Self {
            guide: (0..=parts).map(start).collect(),
            values,
            probabilities,
            cumulative,
        })
    }

    /// A distribution with equal probabilities.
    pub(super) fn equally_likely(values: &[f64]) -> Result<Self> {
        Self::new(values, &vec![1.0; values.len()])
    }

    /// The probabilities of [`values`](Distribution::values).
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    fn expectation(&self, function: impl Fn(f64) -> f64) -> f64 {
        let terms = self.values.iter().zip(&self.probabilities);
        terms
            .map(|(x, probability)| probability * function(*x))
            .sum()
    }
}

fn check(values: &[f64], weights: &[f64]) -> Result<()> {
    if !(1..=MAX_VALUES).contains(&values.len()) {
        let expected = format!("a list of 1 to {MAX_VALUES}");
        return Err(Error::invalid("values", expected, values.len()));
    }
    if weights.len() != values.len() {
        let expected = format!("as many as the {} values", values.len());
        return Err(Error::invalid("weights", expected, weights.len()));
    }
    for x in values {
        finite("values", *x)?;
    }
    if let Some(pair) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::invalid("values", "increasing", pair));
    }
    if let Some(weight) = weights
        .iter()
        .find(|weight| !(weight.is_finite() && **weight >= 0.0))
    {
        return Err(Error::invalid("weights", "finite and not below 0", weight));
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(Error::invalid(
            "weights",
            "above 0 somewhere",
            "0 everywhere",
        ));
    }
    Ok(())
}

impl Distribution for Discrete {
    fn density(&self, x: f64) -> f64 {
        match self.values.binary_search_by(|value| value.total_cmp(&x)) {
            Ok(index) => self.probabilities[index],
            // Zero is signed.
            Err(_) if x == 0.0 && x.is_sign_negative() => self.density(0.0),
            Err(_) => 0.0,
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        match self.values.partition_point(|value| *value <= x) {
            0 => 0.0,
            count => self.cumulative[count - 1],
        }
    }

    fn inverse_cdf(&self, u: f64) -> f64 {
        if !(0.0..=1.0).contains(&u) {
            return f64::NAN;
        }
        let part = (u * (self.guide.len() - 1) as f64) as usize;
        let mut index = self.guide[part] as usize;
        while self.cumulative[index] < u {
            index += 1;
        }
        self.values[index]
    }

    fn support(&self) -> [f64; 2] {
        [self.values[0], self.values[self.values.len() - 1]]
    }

    fn tail(&self, _: Side) -> Tail {
        Tail::Bounded
    }

    fn mean(&self) -> Option<f64> {
        Some(self.expectation(|x| x))
    }

    fn variance(&self) -> Option<f64> {
        let mean = self.expectation(|x| x);
        Some(self.expectation(|x| (x - mean).powi(2)))
    }

    fn values(&self) -> &[f64] {
        &self.values
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
    fn weights_of_any_size_are_relative() {
        for size in [f64::MAX, 1e300, 1e-300, 1e-320] {
            let dice = Discrete::new(&[1.0, 2.0, 3.0], &[size, size, 0.5 * size]).unwrap();
            assert!((dice.density(3.0) - 0.2).abs() < 1e-4, "{size:e}");
            assert!((dice.mean().unwrap() - 1.8).abs() < 1e-3, "{size:e}");
        }
    }

    #[test]
    fn lists_that_are_no_probabilities_are_refused() {
        for (values, weights) in [
            (&[][..], &[][..]),
            (&[1.0, 2.0], &[1.0]),
            (&[1.0, 1.0], &[1.0, 1.0]),
            (&[2.0, 1.0], &[1.0, 1.0]),
            (&[1.0, f64::NAN], &[1.0, 1.0]),
            (&[1.0, 2.0], &[1.0, -0.5]),
            (&[1.0, 2.0], &[0.0, 0.0]),
            (&[1.0, 2.0], &[1.0, f64::INFINITY]),
        ] {
            assert!(
                Discrete::new(values, weights).is_err(),
                "{values:?} {weights:?}"
            );
        }
    }

    #[test]
    fn the_inverse_is_the_first_value_that_reaches_u() {
        let die = Discrete::new(&[-1.0, 0.0, 2.0, 3.0, 7.0], &[0.0, 2.0, 0.0, 1.0, 1.0]).unwrap();
        for (u, x) in [
            (0.0, 0.0),
            (0.3, 0.0),
            (0.5, 0.0),
            (0.500001, 3.0),
            (0.75, 3.0),
            (0.76, 7.0),
            (1.0, 7.0),
        ] {
            assert_eq!(die.inverse_cdf(u), x, "{u}");
        }
        assert_eq!(die.support(), [0.0, 7.0]);
        assert_eq!(die.density(-0.0), 0.5);
        assert_eq!(die.density(2.0), 0.0);
    }

    #[test]
    fn many_uneven_values_are_found_as_by_search() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let weights: Vec<f64> = (0..1000)
            .map(|index| f64::from(index % 17).powi(6))
            .collect();
        let uneven = Discrete::new(&values, &weights).unwrap();
        for step in 0..=5000 {
            let u = f64::from(step) / 5000.0;
            let index = uneven.cumulative.partition_point(|sum| *sum < u);
            assert_eq!(uneven.inverse_cdf(u), uneven.values[index], "{u}");
        }
    }
}
