use super::*;

const SPLINE: RationalQuadratic = RationalQuadratic {
    bins: 8,
    bound: 4.0,
};

/// Distinct parameters between −2 and 2.
fn parameters(seed: u32) -> Vec<f32> {
    let uniforms = crate::random::Generator::new(seed).uniform(SPLINE.parameters());
    uniforms.into_iter().map(|u| 4.0 * u - 2.0).collect()
}

/// Numbers from −5 to 5.
fn places() -> impl Iterator<Item = f64> {
    (0..=400).map(|index| f64::from(index) * 0.025 - 5.0 + 1e-3)
}

#[test]
fn a_bin_is_that_computed_by_hand() {
    let spline = RationalQuadratic {
        bins: 2,
        bound: 1.0,
    };
    // All widths are 1, the heights are 2·(0.001 + 0.998·3/4) and the remainder, and the derivatives at all knots are
    // 1. In the middle of the first bin ξ = 1/2, so y = y_0 + h/2 and dy/dx = 2s²/(1 + s) with s = h.
    let parameters = [0.0, 0.0, 3f32.ln(), 0.0, 0.0];
    let [y, log_slope] = spline.forward(-0.5, &parameters);
    let height = 1.499;
    assert!((y - (-1.0 + height / 2.0)).abs() < 1e-6, "{y}");
    let slope: f64 = 2.0 * height * height / (1.0 + height);
    assert!((log_slope - slope.ln()).abs() < 1e-6, "{log_slope}");
    let [knot, log_slope] = spline.forward(0.0, &parameters);
    assert!((knot - (-1.0 + height)).abs() < 1e-6, "{knot}");
    assert!(log_slope.abs() < 1e-6, "{log_slope}");
}

#[test]
fn parameters_of_zero_are_the_identity() {
    let zeros = vec![0.0; SPLINE.parameters()];
    for x in places() {
        let [y, log_slope] = SPLINE.forward(x, &zeros);
        assert!((y - x).abs() < 1e-6, "{x}: {y}");
        assert!(log_slope.abs() < 1e-6, "{x}: {log_slope}");
    }
}

#[test]
fn a_spline_rises_and_its_slope_is_that_of_differences() {
    for seed in 0..5 {
        let parameters = parameters(seed);
        let mut before = f64::NEG_INFINITY;
        for x in places() {
            let [y, log_slope] = SPLINE.forward(x, &parameters);
            assert!(y > before, "{y} after {before}");
            before = y;
            const STEP: f64 = 1e-5;
            let [above, below] = [STEP, -STEP].map(|step| SPLINE.forward(x + step, &parameters)[0]);
            let slope = (above - below) / (2.0 * STEP);
            let error = (log_slope.exp() / slope - 1.0).abs();
            // The second derivative is discontinuous at knots.
            assert!(error < 1e-3, "at {x}: {} but {slope}", log_slope.exp());
        }
    }
}

#[test]
fn the_inverse_returns_to_the_start_with_the_same_slope() {
    for seed in 0..5 {
        let parameters = parameters(seed);
        for x in places() {
            let [y, log_slope] = SPLINE.forward(x, &parameters);
            let [restored, log_inverse] = SPLINE.inverse(y, &parameters);
            assert!((restored - x).abs() < 1e-10, "{x}: {restored}");
            assert!((log_inverse - log_slope).abs() < 1e-9, "{x}");
        }
    }
}

#[test]
fn the_tails_are_the_identity_and_join_it_smoothly() {
    let parameters = parameters(3);
    for x in [4.0, 4.5, 1e6, -4.0, -1e6] {
        assert_eq!(SPLINE.forward(x, &parameters), [x, 0.0]);
        assert_eq!(SPLINE.inverse(x, &parameters), [x, 0.0]);
    }
    for x in [4.0 - 1e-9, -4.0 + 1e-9] {
        let [y, log_slope] = SPLINE.forward(x, &parameters);
        assert!((y - x).abs() < 1e-7, "{x}: {y}");
        assert!(log_slope.abs() < 1e-6, "{x}: {log_slope}");
    }
}

#[test]
fn extreme_parameters_keep_the_spline_finite_and_invertible() {
    for extreme in [-1e4, 1e4] {
        let mut parameters = vec![0.0; SPLINE.parameters()];
        for parameter in parameters.iter_mut().step_by(3) {
            *parameter = extreme;
        }
        for x in places() {
            let [y, log_slope] = SPLINE.forward(x, &parameters);
            assert!(y.is_finite() && log_slope.is_finite(), "{x}");
            let [restored, _] = SPLINE.inverse(y, &parameters);
            assert!((restored - x).abs() < 1e-6, "{x}: {restored}");
        }
    }
}

#[test]
fn gradients_are_those_of_differences() {
    const STEP: f32 = 1.0 / 256.0;
    let weights = [0.7, -1.3];
    for seed in 0..3 {
        let parameters = parameters(seed);
        for x in [-3.913, -2.171, -0.737, 0.293, 1.817, 3.631, 5.0] {
            let value = |x: f64, parameters: &[f32]| {
                let [y, log_slope] = SPLINE.forward(x, parameters);
                weights[0] * y + weights[1] * log_slope
            };
            let mut found = vec![f32::NAN; SPLINE.parameters()];
            let by_x = SPLINE.gradients(x, &parameters, weights, &mut found);
            let expected = (value(x + 1e-5, &parameters) - value(x - 1e-5, &parameters)) / 2e-5;
            assert!((by_x - expected).abs() < 1e-4, "{x}: {by_x} but {expected}");
            for (index, found) in found.iter().enumerate() {
                let at = |step: f32| {
                    let mut moved = parameters.clone();
                    moved[index] += step;
                    value(x, &moved)
                };
                let expected = (at(STEP) - at(-STEP)) / f64::from(2.0 * STEP);
                let error = (f64::from(*found) - expected).abs();
                assert!(
                    error < 2e-3 * expected.abs().max(1.0),
                    "{x}, {index}: {found} but {expected}"
                );
            }
        }
    }
}
