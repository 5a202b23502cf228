//! A branch-free exponential function, which the compiler vectorises.

use std::f32::consts::LOG2_E;

/// `exp(x)` for x clamped to [-87, 88], with a relative error of 1e-7: `2^k exp(r)`, where `k` is `x / ln 2` rounded,
/// and a polynomial in `r` (S. Moshier's Cephes library, `expf`).
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    /// Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits.
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
    fn the_exponential_is_exact_to_its_rounding_where_it_is_not_clamped() {
        for x in (-86_999..=87_999).map(|i| i as f32 * 1e-3) {
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 2e-7, "off by {error:e} at {x}");
        }
    }
}
