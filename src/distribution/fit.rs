//! Goodness-of-fit tests.

use std::f64::consts::PI;

use statrs::function::gamma::checked_gamma_ur;

use super::Distribution;
use crate::{Error, Result};

/// Minimum expected count of a category in the χ² test (Cochran 1954).
const MIN_EXPECTED: f64 = 5.0;

/// Result of a goodness-of-fit test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The test, which depends on the type of distribution.
    pub test: FitTest,
    /// Test statistic.
    pub statistic: f64,
    /// Probability of a statistic at least as large, under the null hypothesis.
    pub p_value: f64,
    /// Number of samples.
    pub count: usize,
    /// Sample mean.
    pub mean: f64,
    /// Sample variance, with divisor count − 1.
    pub variance: f64,
}

/// A test of goodness of fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitTest {
    /// `sup |F_n(x) − F(x)|`, for continuous distributions.
    KolmogorovSmirnov,
    /// `Σ (observed − expected)²/expected`, for discrete distributions.
    ChiSquared {
        /// Number of categories minus 1.
        degrees_of_freedom: usize,
    },
}

/// Tests whether samples come from a distribution: Kolmogorov–Smirnov, or χ² for a discrete distribution.
///
/// # Errors
/// [`InvalidOption`](Error::InvalidOption) for fewer than 2 samples, and for NaN.
pub fn goodness_of_fit<D: Distribution + ?Sized>(distribution: &D, samples: &[f64]) -> Result<Fit> {
    if samples.len() < 2 {
        return Err(Error::invalid("samples", "at least 2", samples.len()));
    }
    if let Some(index) = samples.iter().position(|sample| sample.is_nan()) {
        return Err(Error::invalid(
            "samples",
            "numbers",
            format!("NaN at {index}"),
        ));
    }
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (test, statistic, p_value) = match distribution.values() {
        [] => kolmogorov_smirnov(distribution, &sorted),
        values => chi_squared(distribution, values, &sorted),
    };
    let (mean, variance) = moments(samples);
    Ok(Fit {
        test,
        statistic,
        p_value,
        count: samples.len(),
        mean,
        variance,
    })
}

/// Mean and variance, centred to avoid cancellation.
fn moments(samples: &[f64]) -> (f64, f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().map(|sample| sample / count).sum::<f64>();
    let squares = samples.iter().map(|sample| (sample - mean).powi(2));
    (mean, squares.sum::<f64>() / (count - 1.0))
}

fn kolmogorov_smirnov<D: Distribution + ?Sized>(
    distribution: &D,
    sorted: &[f64],
) -> (FitTest, f64, f64) {
    let count = sorted.len() as f64;
    let distance = |(index, sample): (usize, &f64)| {
        let cdf = distribution.cdf(*sample);
        (cdf - index as f64 / count).max((index + 1) as f64 / count - cdf)
    };
    let statistic = sorted.iter().enumerate().map(distance).fold(0.0, f64::max);
    // Stephens (1970): corrects the asymptotic distribution for small samples.
    let root = count.sqrt();
    let p_value = kolmogorov_tail((root + 0.12 + 0.11 / root) * statistic);
    (FitTest::KolmogorovSmirnov, statistic, p_value)
}

/// `P(K > x) = 2·Σ (−1)^(k−1)·exp(−2k²x²)` of the Kolmogorov distribution; for small x by the other series of the theta
/// function.
fn kolmogorov_tail(x: f64) -> f64 {
    const TERMS: i32 = 20;
    if x <= 0.0 {
        return 1.0;
    }
    let tail = if x < 1.0 {
        let term = |k: i32| (-(f64::from(2 * k - 1) * PI / x).powi(2) / 8.0).exp();
        1.0 - (2.0 * PI).sqrt() / x * (1..=TERMS).map(term).sum::<f64>()
    } else {
        let term = |k: i32| (-2.0 * (f64::from(k) * x).powi(2)).exp();
        let signed = |k: i32| if k % 2 == 1 { term(k) } else { -term(k) };
        2.0 * (1..=TERMS).map(signed).sum::<f64>()
    };
    tail.clamp(0.0, 1.0)
}

fn chi_squared<D: Distribution + ?Sized>(
    distribution: &D,
    values: &[f64],
    sorted: &[f64],
) -> (FitTest, f64, f64) {
    let count = sorted.len() as f64;
    let categories = values.iter().map(|value| {
        // Both zeros are the same value but sort differently.
        let from = sorted.partition_point(|sample| sample < value);
        let to = sorted.partition_point(|sample| sample <= value);
        ((to - from) as f64, count * distribution.density(*value))
    });
    let joined = join(categories);
    let degrees_of_freedom = joined.len().saturating_sub(1);
    let test = FitTest::ChiSquared { degrees_of_freedom };
    let observed: f64 = joined.iter().map(|(observed, _)| observed).sum();
    if observed < count {
        // A sample has probability 0.
        return (test, f64::INFINITY, 0.0);
    }
    let term = |(observed, expected): &(f64, f64)| (observed - expected).powi(2) / expected;
    let statistic: f64 = joined.iter().map(term).sum();
    let p_value = match degrees_of_freedom {
        0 => 1.0,
        degrees => checked_gamma_ur(degrees as f64 / 2.0, statistic / 2.0)
            .unwrap_or(f64::from(statistic == 0.0)),
    };
    (test, statistic, p_value)
}

/// Merges adjacent categories until each has a sufficient expected count.
fn join(categories: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut joined: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (observed, expected) in categories {
        open = (open.0 + observed, open.1 + expected);
        if open.1 >= MIN_EXPECTED {
            joined.push(open);
            open = (0.0, 0.0);
        }
    }
    match joined.last_mut() {
        Some(last) => *last = (last.0 + open.0, last.1 + open.1),
        None => joined.push(open),
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::super::{Discrete, Uniform};
    use super::*;

    #[test]
    fn kolmogorovs_distribution_has_its_known_quantiles() {
        // scipy.special.kolmogorov
        for (x, tail) in [
            (0.3, 0.9999906941986655),
            (0.5, 0.9639452436648751),
            (0.99, 0.2808738392255489),
            (1.0, 0.26999967167735456),
            (1.36, 0.049485876755377876),
            (1.95, 0.00099591084288358), // what the tests of samples allow
            (3.0, 3.045995948942526e-8),
        ] {
            let found = kolmogorov_tail(x);
            assert!(
                (found / tail - 1.0).abs() < 1e-12,
                "{x}: {found} is not {tail}"
            );
        }
        assert!((kolmogorov_tail(1.0 - 1e-12) - kolmogorov_tail(1.0)).abs() < 1e-11);
    }

    #[test]
    fn the_statistic_is_the_largest_gap() {
        let uniform = Uniform::new(0.0, 1.0).unwrap();
        let fit = goodness_of_fit(&uniform, &[0.6, 0.1, 0.7, 0.8]).unwrap();
        // F_n jumps from 1/4 to 1/2 at 0.6.
        assert!((fit.statistic - 0.35).abs() < 1e-15);
        assert!((fit.mean - 0.55).abs() < 1e-15);
        assert!((fit.variance - 0.29 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_chi_squared_test_is_that_of_the_tables() {
        let die = Discrete::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1.0; 6]).unwrap();
        let counts = [5, 8, 9, 8, 10, 20];
        let rolls: Vec<f64> = counts
            .iter()
            .zip(die.values())
            .flat_map(|(count, x)| vec![*x; *count])
            .collect();
        let fit = goodness_of_fit(&die, &rolls).unwrap();
        assert_eq!(
            fit.test,
            FitTest::ChiSquared {
                degrees_of_freedom: 5
            }
        );
        assert!((fit.statistic - 13.4).abs() < 1e-12);
        // scipy.stats.chi2.sf(13.4, 5)
        assert!((fit.p_value - 0.01990522033477438).abs() < 1e-12);
    }

    #[test]
    fn rare_values_are_joined_and_impossible_ones_noticed() {
        let rare = Discrete::new(&[0.0, 1.0, 2.0], &[0.98, 0.01, 0.01]).unwrap();
        let fit = goodness_of_fit(&rare, &[0.0; 100]).unwrap();
        assert_eq!(
            fit.test,
            FitTest::ChiSquared {
                degrees_of_freedom: 0
            }
        );
        assert_eq!(fit.p_value, 1.0);
        assert_eq!(goodness_of_fit(&rare, &[0.0, 0.5]).unwrap().p_value, 0.0);
    }

    #[test]
    fn samples_that_are_none_are_refused() {
        let uniform = Uniform::new(0.0, 1.0).unwrap();
        for samples in [&[][..], &[0.5], &[0.5, f64::NAN]] {
            assert!(goodness_of_fit(&uniform, samples).is_err());
        }
    }
}
