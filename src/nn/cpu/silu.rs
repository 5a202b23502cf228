//! SiLU without branches, so that the compiler computes four at a time.

use crate::elementary::exp;

/// Replaces each `x` by `x / (1 + exp(-x))`.
pub(super) fn silu(numbers: &mut [f32]) {
    for x in numbers {
        *x /= 1.0 + exp(-*x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silu_is_its_formula_over_the_whole_range() {
        for x in (-12_000..=12_000).map(|i| i as f32 * 0.01) {
            let mut found = [x];
            silu(&mut found);
            let expected = f64::from(x) / (1.0 + (-f64::from(x)).exp());
            let error = (f64::from(found[0]) - expected).abs();
            assert!(error <= 3e-7 * expected.abs().max(1e-7), "{found:?} at {x}");
        }
        let mut not_a_number = [f32::NAN];
        silu(&mut not_a_number);
        assert!(not_a_number[0].is_nan());
    }
}
