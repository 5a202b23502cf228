//! SiLU without branches, so that the compiler computes four at a time.

use std::f32::consts::LOG2_E;

/// Replaces each `x` by `x / (1 + exp(-x))`.
pub(super) fn silu(numbers: &mut [f32]) {
    for x in numbers {
        *x /= 1.0 + exp(-*x);
    }
}

/// `exp(x)` for x clamped to [-87, 88], within 1e-7 of it: `2^k exp(r)`, where `k` is `x / ln 2`
/// rounded, and a polynomial in `r` (S. Moshier's Cephes library, `expf`).
fn exp(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    /// Adding 1.5 * 2^23 rounds to a whole number, which then lies in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const EXPONENT_BIAS: u32 = 127;

    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let rounded = x * LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = x - k * LN_2_HIGH - k * LN_2_LOW;
    let polynomial = 1.987_569_1e-4;
    let polynomial = polynomial * r + 1.398_199_9e-3;
    let polynomial = polynomial * r + 8.333_452e-3;
    let polynomial = polynomial * r + 4.166_579_6e-2;
    let polynomial = polynomial * r + 1.666_666_5e-1;
    let polynomial = polynomial * r + 0.5;
    let exp_r = polynomial * r * r + r + 1.0;
    let exponent = rounded
        .to_bits()
        .wrapping_sub(ROUND.to_bits() - EXPONENT_BIAS);
    exp_r * f32::from_bits(exponent << 23)
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
