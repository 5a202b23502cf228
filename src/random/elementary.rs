//! Logarithm, sine and cosine of PyTorch's vectorised normal distribution, bit-identical.
//!
//! The functions and coefficients are those of the Cephes library (S. Moshier, `logf.c` and `sinf.c`). Multiplications
//! and additions are fused where PyTorch's compiled AVX2 kernel fuses them.

#![expect(
    clippy::excessive_precision,
    reason = "the coefficients as Cephes gives them"
)]

use std::f32::consts::FRAC_1_SQRT_2;

/// Evaluates a polynomial by Horner's rule; highest power first.
fn polynomial(x: f32, coefficients: &[f32]) -> f32 {
    let step = |sum: f32, coefficient| sum.mul_add(x, coefficient);
    coefficients.iter().copied().reduce(step).unwrap_or(0.0)
}

/// Natural logarithm of a normal positive number.
pub fn log(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 0.693_359_375;
    const LN_2_LOW: f32 = -2.121_944_40e-4;
    const MANTISSA: u32 = 0x007f_ffff;
    // x = mantissa·2^exponent with the mantissa in [√½, √2), then minus 1.
    let bits = x.to_bits();
    let exponent = (bits >> 23) as f32 - 126.0;
    let mantissa = f32::from_bits(bits & MANTISSA | 0.5_f32.to_bits());
    let (m, exponent) = if mantissa < FRAC_1_SQRT_2 {
        (mantissa - 1.0 + mantissa, exponent - 1.0)
    } else {
        (mantissa - 1.0, exponent)
    };
    let square = m * m;
    let series = m * polynomial(
        m,
        &[
            7.037_683_629_2e-2,
            -1.151_461_031_0e-1,
            1.167_699_874_0e-1,
            -1.242_014_084_6e-1,
            1.424_932_278_7e-1,
            -1.666_805_766_5e-1,
            2.000_071_476_5e-1,
            -2.499_999_399_3e-1,
            3.333_333_117_4e-1,
        ],
    );
    let tail = square.mul_add(-0.5, series.mul_add(square, exponent * LN_2_LOW));
    exponent.mul_add(LN_2_HIGH, m + tail)
}

/// Sine and cosine of an angle in [0, 2π].
pub fn sin_cos(angle: f32) -> (f32, f32) {
    // π/4 in three parts, so that the reduction to [−π/4, π/4] is exact.
    const QUARTER_PI: [f32; 3] = [
        0.785_156_25,
        2.418_756_484_985_351_6e-4,
        3.774_894_977_445_941_1e-8,
    ];
    const OCTANTS_PER_RADIAN: f32 = 1.273_239_544_735_16; // 4/π
    let octant = (((angle * OCTANTS_PER_RADIAN) as u32) + 1) & !1;
    let x = QUARTER_PI
        .iter()
        .fold(angle, |x, part| (octant as f32).mul_add(-part, x));
    let square = x * x;
    let cosine = square
        * polynomial(
            square,
            &[
                2.443_315_711_809_948e-5,
                -1.388_731_625_493_765e-3,
                4.166_664_568_298_827e-2,
            ],
        );
    let cosine = cosine.mul_add(square, -(square * 0.5)) + 1.0;
    let sine = square
        * polynomial(
            square,
            &[-1.951_529_589_1e-4, 8.332_160_873_6e-3, -1.666_665_461_1e-1],
        );
    let sine = sine.mul_add(x, x);
    match octant & 6 {
        0 => (sine, cosine),
        2 => (cosine, -sine),
        4 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}
