use super::super::Normal;
use super::*;

#[track_caller]
fn refusal(source: &str, low: f64, high: f64) -> String {
    FormulaDensity::new(source, low, high)
        .unwrap_err()
        .to_string()
}

#[test]
fn what_is_no_density_is_refused_with_the_place() {
    assert!(
        refusal("x", -1.0, 2.0).contains("below 0"),
        "{}",
        refusal("x", -1.0, 2.0)
    );
    assert!(refusal("1/x", 0.0, 1.0).contains("x = 0"));
    assert!(
        refusal("1/(x-0.3)^2", 0.0, 1.0).contains("x = 0.3"),
        "{}",
        refusal("1/(x-0.3)^2", 0.0, 1.0)
    );
    assert!(refusal("0*x", 0.0, 1.0).contains("0 everywhere"));
    assert!(refusal("ln(x)", -1.0, -0.5).contains("x = -1"));
    assert!(refusal("1", 1.0, 1.0).starts_with("high must be above"));
    assert!(refusal("1", f64::NEG_INFINITY, 1.0).starts_with("low must be a finite"));
}

#[test]
fn a_truncated_normal_has_its_integral_and_quantiles() {
    let typed = FormulaDensity::new("exp(-x^2/2)/sqrt(2*pi)", -6.0, 6.0).unwrap();
    let normal = Normal::new(0.0, 1.0).unwrap();
    let inside = 1.0 - 2.0 * normal.survival(6.0);
    assert!((typed.integral() - inside).abs() < 1e-13);
    assert!(typed.mean().unwrap().abs() < 1e-13);
    for u in [1e-6, 0.01, 0.3, 0.5, 0.9, 0.999] {
        let exact = normal.inverse_cdf(normal.survival(6.0) + u * inside);
        let found = typed.inverse_cdf(u);
        assert!(
            (found - exact).abs() < 1e-11 / normal.density(exact),
            "{u}: {found} is not {exact}"
        );
    }
}

#[test]
fn kinks_jumps_and_gaps_are_integrated() {
    let kink = FormulaDensity::new("abs(x - 0.3)", 0.0, 1.0).unwrap();
    assert!((kink.integral() - (0.09 + 0.49) / 2.0).abs() < 1e-12);
    let jump = FormulaDensity::new("1 + floor(x / 0.7)", 0.0, 1.0).unwrap();
    assert!((jump.integral() - 1.3).abs() < 1e-12, "{}", jump.integral());
    let pole = FormulaDensity::new("sqrt(abs(x - 0.3))^-1", 0.0, 1.0).unwrap();
    let exact = 2.0 * (0.3_f64.sqrt() + 0.7_f64.sqrt());
    assert!(
        (pole.integral() / exact - 1.0).abs() < 1e-8,
        "{}",
        pole.integral()
    );
    let gap = FormulaDensity::new("max(0, abs(x) - 1)", -2.0, 2.0).unwrap();
    assert!((gap.integral() - 1.0).abs() < 1e-12);
    assert!((gap.cdf(0.0) - 0.5).abs() < 1e-12);
    assert!(gap.density(0.5) == 0.0 && gap.inverse_cdf(0.6) > 1.0);
}

#[test]
fn fast_oscillations_and_long_formulas_are_refused_soon() {
    let began = std::time::Instant::now();
    let long = format!("1+sin({})", vec!["1e9*x"; 1600].join("+"));
    for source in ["1+sin(1e9*x)", &long] {
        let message = refusal(source, 0.0, 1.0);
        assert!(message.contains("oscillates too fast"), "{message}");
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn a_long_formula_has_its_quantiles_soon() {
    let bell = |k: i32| format!("exp(-(x - {k})^2/8)");
    let source = (-150..150).map(bell).collect::<Vec<_>>().join("+");
    let began = std::time::Instant::now();
    let long = FormulaDensity::new(&source, -200.0, 200.0).unwrap();
    let mut us: Vec<f64> = (1..10_000).map(|k| f64::from(k) / 1e4).collect();
    super::super::InverseTransform::new(&long).invert(&mut us);
    for (k, x) in (1..10_000).zip(us) {
        assert!((long.cdf(x) - f64::from(k) / 1e4).abs() < 1e-10, "{k}");
    }
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn a_narrow_peak_is_found() {
    let peak = FormulaDensity::new("exp(-((x - 0.123)/0.002)^2/2)", -10.0, 10.0).unwrap();
    assert!((peak.mean().unwrap() - 0.123).abs() < 1e-12);
    assert!((peak.variance().unwrap().sqrt() - 0.002).abs() < 1e-12);
}

#[test]
fn a_constant_factor_of_any_size_changes_nothing() {
    let plain = FormulaDensity::new("exp(-x^2/2) + x^2", -30.0, 20.0).unwrap();
    for factor in [
        "1e300", "1e303", "1e305", "1e-290", "1e-300", "1e100", "1e-100", "7e90",
    ] {
        let source = format!("{factor}*(exp(-x^2/2) + x^2)");
        let scaled = FormulaDensity::new(&source, -30.0, 20.0).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12 * b.abs();
        assert!(
            close(scaled.mean().unwrap(), plain.mean().unwrap()),
            "{factor}"
        );
        assert!(
            close(scaled.variance().unwrap(), plain.variance().unwrap()),
            "{factor}"
        );
        assert!(close(scaled.density(3.0), plain.density(3.0)), "{factor}");
        assert!(close(scaled.cdf(-7.0), plain.cdf(-7.0)), "{factor}");
        assert!(
            close(scaled.inverse_cdf(0.3), plain.inverse_cdf(0.3)),
            "{factor}"
        );
    }
    assert!(refusal("1e-310*exp(-x^2)", -3.0, 3.0).contains("multiply it by a constant"));
    let largest = FormulaDensity::new("1e308*exp(-x^2/2)", -10.0, 10.0).unwrap();
    assert!((largest.variance().unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn peaks_far_narrower_than_any_grid_are_found() {
    let root = std::f64::consts::PI.sqrt();
    for width in [1e-6, 1e-8, 1e-10] {
        let source = format!("exp(-((x - 0.123)/{width})^2)");
        let peak = FormulaDensity::new(&source, -10.0, 10.0).unwrap();
        assert!((peak.mean().unwrap() - 0.123).abs() < width, "{width}");
        assert!(
            (peak.integral() / (width * root) - 1.0).abs() < 1e-4,
            "{width}"
        );
        // Half of the probability is in the peak, half around it.
        let beside = format!("1/20 + {source}/({width}*sqrt(pi))");
        let both = FormulaDensity::new(&beside, -10.0, 10.0).unwrap();
        assert!(
            (both.integral() - 2.0).abs() < 1e-4,
            "{width}: {}",
            both.integral()
        );
    }
    let end = FormulaDensity::new("x*exp(-x/1e-7)", 0.0, 1.0).unwrap();
    assert!((end.mean().unwrap() / 2e-7 - 1.0).abs() < 1e-9);
}

#[test]
fn it_is_covered_by_the_uniform_proposal() {
    use super::super::{Envelope, Uniform};
    let wavy = FormulaDensity::new("exp(-x^2/2) * (1 + sin(4*x)^2)", -3.0, 3.0).unwrap();
    let envelope = Envelope::new(&wavy, &Uniform::new(-3.0, 3.0).unwrap(), None).unwrap();
    assert!((envelope.supremum * envelope.acceptance_rate - 1.0).abs() < 1e-12);
    assert!((envelope.supremum / 6.0 / wavy.density(envelope.at) - 1.0).abs() < 1e-12);
}
