//! Chebyshev series.

use std::f64::consts::PI;

use super::DEGREE;

/// Chebyshev coefficients of the polynomial with the given values at the nodes `cos(πk/DEGREE)`: a discrete cosine
/// transform.
pub(super) fn coefficients(values: &[f64; DEGREE + 1]) -> [f64; DEGREE + 1] {
    let halved = |index: usize| {
        if index == 0 || index == DEGREE {
            0.5
        } else {
            1.0
        }
    };
    std::array::from_fn(|j| {
        let term = |k: usize| halved(k) * values[k] * cosine(j * k);
        2.0 / DEGREE as f64 * halved(j) * (0..=DEGREE).map(term).sum::<f64>()
    })
}

/// `cos(π·index/DEGREE)`.
pub(super) fn cosine(index: usize) -> f64 {
    use std::sync::LazyLock;
    static COSINES: LazyLock<[f64; 2 * DEGREE]> =
        LazyLock::new(|| std::array::from_fn(|index| (PI * index as f64 / DEGREE as f64).cos()));
    COSINES[index % (2 * DEGREE)]
}

/// The integral over [−1, 1] of a Chebyshev series.
pub(super) fn integral(series: &[f64]) -> f64 {
    let even = series.iter().enumerate().step_by(2);
    even.map(|(k, c)| 2.0 * c / (1.0 - (k * k) as f64)).sum()
}

/// Chebyshev coefficients of the integral from −1, times a factor.
pub(super) fn antiderivative(series: &[f64; DEGREE + 1], factor: f64) -> [f64; DEGREE + 2] {
    let at = |k: usize| series.get(k).copied().unwrap_or(0.0);
    let mut result: [f64; DEGREE + 2] = std::array::from_fn(|k| match k {
        0 => 0.0,
        1 => factor * (at(0) - 0.5 * at(2)),
        k => factor * (at(k - 1) - at(k + 1)) / (2 * k) as f64,
    });
    // It is 0 at −1, where the polynomials alternate between 1 and −1.
    let alternating = |(k, c): (usize, &f64)| if k % 2 == 0 { -c } else { *c };
    result[0] = result.iter().enumerate().map(alternating).sum();
    result
}

/// The value of a Chebyshev series (Clenshaw 1955).
pub(super) fn clenshaw(series: &[f64], t: f64) -> f64 {
    let (mut one, mut two) = (0.0, 0.0);
    for c in series.iter().skip(1).rev() {
        (one, two) = (2.0 * t * one - two + c, one);
    }
    t * one - two + series[0]
}
