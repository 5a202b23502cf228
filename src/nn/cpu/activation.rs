//! Branch-free activation functions, which the compiler vectorises.

use std::f32::consts::FRAC_1_SQRT_2;

use crate::elementary::exp;
use crate::nn::activation::Activation;

/// Replaces each `x` by `act(x)`.
pub(super) fn activate(activation: Activation, numbers: &mut [f32]) {
    match activation {
        Activation::Silu => replace(numbers, |x| silu(x)[0]),
        Activation::Mish => replace(numbers, |x| mish(x)[0]),
        Activation::Gelu => replace(numbers, |x| gelu(x)[0]),
        Activation::Relu => replace(numbers, |x| relu(x)[0]),
        Activation::Tanh => replace(numbers, |x| tanh(x)[0]),
    }
}

/// Replaces each `x` by `act(x)`, and writes the derivatives `act'(x)` to `slopes`.
pub(super) fn differentiate(activation: Activation, numbers: &mut [f32], slopes: &mut [f32]) {
    match activation {
        Activation::Silu => replace_both(numbers, slopes, silu),
        Activation::Mish => replace_both(numbers, slopes, mish),
        Activation::Gelu => replace_both(numbers, slopes, gelu),
        Activation::Relu => replace_both(numbers, slopes, relu),
        Activation::Tanh => replace_both(numbers, slopes, tanh),
    }
}

fn replace(numbers: &mut [f32], function: impl Fn(f32) -> f32) {
    for x in numbers {
        *x = function(*x);
    }
}

fn replace_both(numbers: &mut [f32], slopes: &mut [f32], function: impl Fn(f32) -> [f32; 2]) {
    for (x, slope) in numbers.iter_mut().zip(slopes) {
        [*x, *slope] = function(*x);
    }
}

// Each with its derivative.

#[inline(always)]
pub(super) fn silu(x: f32) -> [f32; 2] {
    let sigmoid = 1.0 / (1.0 + exp(-x));
    let value = x * sigmoid;
    [value, sigmoid + value * (1.0 - sigmoid)]
}

/// `tanh(ln(1 + e)) = n/(n + 2)` with `e = exp(x)` and `n = e·(e + 2)`.
fn mish(x: f32) -> [f32; 2] {
    // Beyond this it is x to the last bit.
    let e = exp(if x > 20.0 { 20.0 } else { x });
    let n = e * (e + 2.0);
    let tanh = n / (n + 2.0);
    let sigmoid = e / (1.0 + e);
    [x * tanh, tanh + x * sigmoid * (1.0 - tanh * tanh)]
}

fn gelu(x: f32) -> [f32; 2] {
    const FRAC_1_SQRT_TAU: f32 = 0.398_942_3;
    let bell = exp(-0.5 * x * x);
    let cdf = normal_cdf(x, bell);
    [x * cdf, cdf + x * bell * FRAC_1_SQRT_TAU]
}

fn relu(x: f32) -> [f32; 2] {
    // NaN fails the comparison and is passed on.
    if x <= 0.0 { [0.0, 0.0] } else { [x, 1.0] }
}

fn tanh(x: f32) -> [f32; 2] {
    let value = 2.0 / (1.0 + exp(-2.0 * x)) - 1.0;
    [value, 1.0 - value * value]
}

/// Cumulative distribution function of the standard normal within 2e-7, where `bell` is `exp(−x²/2)` (Abramowitz &
/// Stegun 1964, 7.1.26).
fn normal_cdf(x: f32, bell: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * FRAC_1_SQRT_2 * x.abs());
    let polynomial = 1.061_405_4;
    let polynomial = polynomial * t - 1.453_152;
    let polynomial = polynomial * t + 1.421_413_8;
    let polynomial = polynomial * t - 0.284_496_72;
    let polynomial = polynomial * t + 0.254_829_6;
    let tail = 0.5 * polynomial * t * bell;
    if x < 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silu_is_its_formula_over_the_whole_range() {
        for x in (-12_000..=12_000).map(|i| i as f32 * 0.01) {
            let mut found = [x];
            activate(Activation::Silu, &mut found);
            let expected = f64::from(x) / (1.0 + (-f64::from(x)).exp());
            let error = (f64::from(found[0]) - expected).abs();
            assert!(error <= 3e-7 * expected.abs().max(1e-7), "{found:?} at {x}");
        }
    }

    /// The functions in double precision; gelu's distribution function by Simpson's rule.
    fn definition(activation: Activation, x: f64) -> f64 {
        let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let cdf = || {
            let width = x / 2000.0;
            let simpson = |i: usize| {
                let factor = [1.0, 4.0, 2.0][if i == 0 || i == 2000 { 0 } else { 2 - i % 2 }];
                factor * density(i as f64 * width)
            };
            // Odd points have weight 4.
            0.5 + (0..=2000).map(simpson).sum::<f64>() * width / 3.0
        };
        match activation {
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::Mish => x * x.exp().ln_1p().tanh(),
            Activation::Gelu => x * cdf(),
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
        }
    }

    #[test]
    fn every_activation_and_its_derivative_are_those_of_the_definition() {
        for activation in [
            Activation::Silu,
            Activation::Mish,
            Activation::Gelu,
            Activation::Relu,
            Activation::Tanh,
        ] {
            // Relu has no derivative at 0, which is excluded.
            for x in (-160..160).map(|i| (f64::from(i) + 0.5) * 0.05) {
                let (mut value, mut slope) = ([x as f32], [0.0]);
                differentiate(activation, &mut value, &mut slope);
                let mut alone = [x as f32];
                activate(activation, &mut alone);
                assert_eq!(alone, value);
                let at = |by: f64| definition(activation, f64::from(x as f32) + by);
                let expected = [at(0.0), (at(1e-5) - at(-1e-5)) / 2e-5];
                let allowed = 1e-6 * x.abs().max(1.0);
                for (found, expected) in [value[0], slope[0]].into_iter().zip(expected) {
                    let error = (f64::from(found) - expected).abs();
                    assert!(
                        error < allowed,
                        "{activation:?} at {x}: {found}, {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for activation in [
            Activation::Silu,
            Activation::Mish,
            Activation::Gelu,
            Activation::Relu,
            Activation::Tanh,
        ] {
            let mut value = [f32::NAN];
            activate(activation, &mut value);
            assert!(value[0].is_nan(), "{activation:?}");
        }
    }
}
