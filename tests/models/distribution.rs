//! All distributions: the CDF against its inverse, the density and scipy, and samples of both methods.

use tweedie::distribution::{
    Cauchy, Component, Discrete, Distribution, Envelope, Exponential, FormulaDensity,
    GaussianMixture, InverseTransform, Laplace, Normal, PiecewiseLinear, Power, Proposal,
    Rejection, Triangular, Uniform, goodness_of_fit,
};
use tweedie::random::Generator;

/// Number of samples of each goodness-of-fit test; a statistic above 1.95/√n has a probability of a thousandth.
const COUNT: usize = 20_000;

fn mixture() -> GaussianMixture {
    let component = |weight, mean, std| Component { weight, mean, std };
    GaussianMixture::new(&[component(0.3, -2.0, 0.5), component(0.7, 1.0, 1.0)]).unwrap()
}

/// Distributions that scipy also has, with the parameters in `distributions.py`.
fn known() -> Vec<(&'static str, Box<dyn Distribution>)> {
    vec![
        ("uniform", Box::new(Uniform::new(-1.0, 3.0).unwrap())),
        ("normal", Box::new(Normal::new(1.0, 2.0).unwrap())),
        ("exponential", Box::new(Exponential::new(0.7).unwrap())),
        ("laplace", Box::new(Laplace::new(-1.0, 0.5).unwrap())),
        (
            "triangular",
            Box::new(Triangular::new(1.0, 2.0, 5.0).unwrap()),
        ),
        ("cauchy", Box::new(Cauchy::new(-2.0, 3.0).unwrap())),
        ("power", Box::new(Power::new(2.0, 2.0).unwrap())),
    ]
}

/// All continuous distributions.
fn continuous() -> Vec<(&'static str, Box<dyn Distribution>)> {
    let hand = PiecewiseLinear::new(
        &[-2.0, -1.0, 0.0, 0.5, 1.0, 4.0],
        &[0.0, 3.0, 0.0, 0.0, 1.0, 0.5],
    );
    let bumps = FormulaDensity::new("exp(-x^2) * (1 + sin(5*x)^2)", -3.0, 3.0);
    let kinks = FormulaDensity::new("abs(sin(3*x)) + floor(x)/2", 0.0, 3.0);
    let mut all = known();
    all.extend([
        ("mixture", Box::new(mixture()) as Box<dyn Distribution>),
        ("drawn", Box::new(hand.unwrap())),
        ("formula", Box::new(bumps.unwrap())),
        ("formula with kinks and jumps", Box::new(kinks.unwrap())),
    ]);
    all
}

fn die() -> Discrete {
    Discrete::new(
        &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        &[1.0, 1.0, 2.0, 0.0, 3.0, 5.0],
    )
    .unwrap()
}

/// Checks a goodness-of-fit test.
fn fits(name: &str, distribution: &dyn Distribution, samples: &[f64]) {
    let fit = goodness_of_fit(distribution, samples).unwrap();
    let most = 1.95 / (samples.len() as f64).sqrt();
    assert!(
        fit.statistic < most,
        "{name}: {} is not below {most}",
        fit.statistic
    );
}

#[test]
fn the_cdf_takes_the_inverse_back_to_u() {
    for (name, distribution) in continuous() {
        for step in 1..2000 {
            let u = f64::from(step) / 2000.0;
            let found = distribution.cdf(distribution.inverse_cdf(u));
            assert!(
                (found - u).abs() < 1e-12,
                "{name}: {u} came back as {found}"
            );
            let found = distribution.survival(distribution.inverse_survival(u));
            assert!(
                (found - u).abs() < 1e-12,
                "{name}: {u} came back as {found}"
            );
        }
    }
}

#[test]
fn no_number_is_too_odd_to_be_asked_for() {
    for (name, distribution) in continuous() {
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324] {
            let density = distribution.density(x);
            assert!(density >= 0.0 || x.is_nan(), "{name}: p({x}) = {density}");
            for probability in [distribution.cdf(x), distribution.survival(x)] {
                let is_fine = (0.0..=1.0).contains(&probability) || x.is_nan();
                assert!(is_fine, "{name}: {probability} at {x}");
            }
        }
        for u in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert!(distribution.inverse_cdf(u).is_nan(), "{name} at {u}");
        }
    }
}

#[test]
fn the_inverse_never_falls() {
    for (name, distribution) in continuous() {
        let mut last = distribution.inverse_cdf(0.0);
        for step in 1..=20_000 {
            let x = distribution.inverse_cdf(f64::from(step) / 20_000.0);
            assert!(x >= last, "{name}: {x} after {last} at step {step}");
            last = x;
        }
        assert_eq!(distribution.support()[1], last, "{name}");
    }
}

#[test]
fn densities_are_the_slopes_of_their_cdfs() {
    for (name, distribution) in continuous() {
        for step in 1..200 {
            let x = distribution.inverse_cdf(f64::from(step) / 200.0 + 0.0011);
            let h = 1e-4 * (1.0 + x.abs());
            // Simpson's rule over short intervals, which detects a mismatch between density and CDF.
            let density = |x| distribution.density(x);
            let integral = h / 3.0 * (density(x - h) + 4.0 * density(x) + density(x + h));
            let rise = distribution.cdf(x + h) - distribution.cdf(x - h);
            let is_smooth = (density(x + h) - 2.0 * density(x) + density(x - h)).abs() < 1e-5;
            assert!(
                !is_smooth || (integral - rise).abs() < 1e-9,
                "{name} at {x}: {integral} is not {rise}"
            );
        }
    }
}

#[test]
fn densities_integrate_to_1() {
    for (name, distribution) in continuous() {
        // From one quantile to the next, except for the outermost intervals, which may be infinite.
        const PARTS: usize = 2000;
        let edge = |part: usize| distribution.inverse_cdf(part as f64 / PARTS as f64);
        let part = |part: usize| {
            const STEPS: u32 = 200;
            let (from, to) = (edge(part), edge(part + 1));
            let width = (to - from) / f64::from(STEPS);
            let middle = |step: u32| from + (f64::from(step) + 0.5) * width;
            let heights = (0..STEPS).map(|step| distribution.density(middle(step)));
            heights.sum::<f64>() * width
        };
        let integral: f64 = (1..PARTS - 1).map(part).sum();
        let expected = 1.0 - 2.0 / PARTS as f64;
        assert!(
            (integral - expected).abs() < 1e-6,
            "{name}: {integral} is not {expected}"
        );
    }
    let total: f64 = die().values().iter().map(|x| die().density(*x)).sum();
    assert!((total - 1.0).abs() < 1e-15);
}

#[test]
fn logarithms_of_densities_are_those() {
    for (name, distribution) in continuous() {
        for step in 1..100 {
            let x = distribution.inverse_cdf(f64::from(step) / 100.0);
            let (ln, density) = (distribution.ln_density(x), distribution.density(x));
            assert!(
                (ln.exp() - density).abs() <= 1e-13 * density,
                "{name} at {x}"
            );
        }
    }
}

#[track_caller]
fn assert_close(what: &str, found: f64, expected: f64) {
    let tolerance = 1e-15 + 1e-11 * expected.abs();
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found:e} is not {expected:e}"
    );
}

#[test]
fn closed_forms_equal_scipy() {
    let scipy = crate::common::json("distributions.json");
    for (name, distribution) in known() {
        let rows = &scipy["distributions"][name];
        let list = |key: &str| -> Vec<f64> { serde_json::from_value(rows[key].clone()).unwrap() };
        assert_eq!(
            distribution.mean().is_some(),
            rows["mean"].is_number(),
            "{name}"
        );
        if let (Some(mean), Some(variance)) = (distribution.mean(), distribution.variance()) {
            assert_close(name, mean, rows["mean"].as_f64().unwrap());
            assert_close(name, variance, rows["variance"].as_f64().unwrap());
        }
        let xs = list("inverse_cdf");
        for (index, u) in list("u").into_iter().enumerate() {
            let what = |function: &str| format!("{function} of {name} at u = {u}");
            let x = xs[index];
            // At scipy's own quantiles, so that its rounding there is not counted.
            assert_close(
                &what("density"),
                distribution.density(x),
                list("density")[index],
            );
            let room = 1e-15 / distribution.density(x);
            let found = distribution.inverse_cdf(u);
            assert!(
                (found - x).abs() <= room + 1e-12 * x.abs(),
                "{}: {found} is not {x}",
                what("inverse_cdf")
            );
            let exact = list("inverse_survival")[index];
            let found = distribution.inverse_survival(u);
            let room = 1e-15 / distribution.density(exact);
            assert!(
                (found - exact).abs() <= room + 1e-12 * exact.abs(),
                "{}: {found} is not {exact}",
                what("inverse_survival")
            );
            assert_close(&what("cdf"), distribution.cdf(x), list("cdf")[index]);
            assert_close(
                &what("survival"),
                distribution.survival(x),
                list("survival")[index],
            );
        }
    }
}

#[test]
fn the_mixture_equals_scipy() {
    let scipy = &crate::common::json("distributions.json")["mixture"];
    let list = |key: &str| -> Vec<f64> { serde_json::from_value(scipy[key].clone()).unwrap() };
    for (index, x) in list("x").into_iter().enumerate() {
        assert_close("density", mixture().density(x), list("density")[index]);
        assert_close("cdf", mixture().cdf(x), list("cdf")[index]);
        assert_close("survival", mixture().survival(x), list("survival")[index]);
    }
}

#[test]
fn tests_of_fit_equal_scipy() {
    let scipy = &crate::common::json("distributions.json")["fit"];
    let list = |key: &str| -> Vec<f64> { serde_json::from_value(scipy[key].clone()).unwrap() };
    let normal = Normal::new(0.0, 1.0).unwrap();
    let fit = goodness_of_fit(&normal, &list("samples")).unwrap();
    assert_close(
        "statistic",
        fit.statistic,
        scipy["ks_statistic"].as_f64().unwrap(),
    );
    // The asymptotic distribution against the exact one for 200 samples.
    let exact = scipy["ks_p_value"].as_f64().unwrap();
    assert!(
        (fit.p_value - exact).abs() < 0.01,
        "{} is not {exact}",
        fit.p_value
    );
}

#[test]
fn samples_by_the_inverse_transform_fit() {
    for (name, distribution) in continuous() {
        let samples = InverseTransform::new(distribution)
            .sample(COUNT, &mut Generator::new(1))
            .unwrap();
        let (_, distribution) = continuous()
            .into_iter()
            .find(|(other, _)| *other == name)
            .unwrap();
        fits(name, &*distribution, &samples);
        if let (Some(mean), Some(variance)) = (distribution.mean(), distribution.variance()) {
            let found = samples.iter().sum::<f64>() / COUNT as f64;
            let most = 4.0 * (variance / COUNT as f64).sqrt();
            assert!(
                (found - mean).abs() < most,
                "{name}: the mean {found} is not {mean}"
            );
        }
    }
    let die = die();
    let samples = InverseTransform::new(&die)
        .sample(COUNT, &mut Generator::new(1))
        .unwrap();
    let fit = goodness_of_fit(&die, &samples).unwrap();
    assert!(fit.p_value > 1e-3, "{fit:?}");
}

#[test]
fn samples_are_the_exact_inverse_within_1e_9_of_u() {
    for (name, distribution) in continuous() {
        let mut us = vec![0.0; 5000];
        Generator::new(3).fill_uniform(&mut us);
        let samples = InverseTransform::new(&*distribution)
            .sample(us.len(), &mut Generator::new(3))
            .unwrap();
        for (u, x) in us.into_iter().zip(samples) {
            let found = distribution.cdf(x);
            assert!(
                (found - u).abs() < 1e-9,
                "{name}: F({x}) = {found} is not {u}"
            );
        }
    }
}

/// All proposals that cover a target, out of four kinds.
fn proposals(target: &dyn Distribution) -> Vec<(Proposal, f64)> {
    let open = [
        Proposal::Uniform {
            low: None,
            high: None,
        },
        Proposal::Normal {
            mean: None,
            std: None,
        },
        Proposal::Exponential {
            rate: None,
            origin: None,
        },
        Proposal::Laplace {
            location: None,
            scale: None,
        },
    ];
    let fitted = open
        .into_iter()
        .filter_map(|proposal| proposal.fitted(target).ok());
    let covering = fitted.filter_map(|proposal| {
        let distribution = proposal.distribution(target).unwrap();
        Some((
            proposal,
            Envelope::new(target, &*distribution, None).ok()?.c,
        ))
    });
    covering.collect()
}

#[test]
fn samples_by_rejection_fit_for_every_proposal_that_covers() {
    let mut tried = 0;
    for (name, target) in continuous() {
        for (proposal, c) in proposals(&*target) {
            let distribution = proposal.distribution(&*target).unwrap();
            let rejection = Rejection::new(&*target, &*distribution, None).unwrap();
            let samples = rejection.sample(COUNT / 2, &mut Generator::new(2)).unwrap();
            fits(
                &format!("{name} by {proposal:?} with c = {c}"),
                &*target,
                &samples,
            );
            tried += 1;
        }
    }
    assert!(tried >= 30, "{tried}");
    let die = die();
    let proposal = Proposal::default_for(&die)
        .fitted(&die)
        .unwrap()
        .distribution(&die)
        .unwrap();
    let rejection = Rejection::new(&die, &*proposal, None).unwrap();
    assert!((rejection.envelope().c - 25.0 / 12.0).abs() < 1e-14);
    let samples = rejection.sample(COUNT, &mut Generator::new(2)).unwrap();
    assert!(goodness_of_fit(&die, &samples).unwrap().p_value > 1e-3);
}

#[test]
fn one_of_c_proposals_is_accepted() {
    let (target, proposal) = (
        Power::new(2.0, 2.0).unwrap(),
        Uniform::new(0.0, 2.0).unwrap(),
    );
    let rejection = Rejection::new(&target, &proposal, None).unwrap();
    let mut generator = Generator::new(0);
    let trials: Vec<_> = (0..COUNT)
        .map(|_| rejection.propose(&mut generator))
        .collect();
    let accepted = trials.iter().filter(|trial| trial.is_accepted).count();
    let rate = accepted as f64 / COUNT as f64;
    assert!(
        (rate - 1.0 / 3.0).abs() < 4.0 * (2.0 / 9.0 / COUNT as f64).sqrt(),
        "{rate}"
    );
    for trial in &trials {
        assert!((0.0..1.5).contains(&trial.height));
        assert_eq!(trial.is_accepted, trial.height < target.density(trial.x));
    }
    let samples = rejection.sample(accepted, &mut Generator::new(0)).unwrap();
    let kept: Vec<f64> = trials
        .iter()
        .filter(|trial| trial.is_accepted)
        .map(|trial| trial.x)
        .collect();
    assert_eq!(samples, kept);
}

/// `min(p, c·q)` for the lecture's density with too small a c: 3/8·x² up to √2, then 3/4, normalised.
struct Flattened {
    covered: f64,
}

impl Flattened {
    fn cdf(&self, x: f64) -> f64 {
        let ceiling = 2.0_f64.sqrt();
        (x.min(ceiling).powi(3) / 8.0 + 0.75 * (x - ceiling).max(0.0)) / self.covered
    }
}

#[test]
fn a_c_that_is_too_small_gives_the_density_that_the_envelope_tells() {
    let (target, proposal) = (
        Power::new(2.0, 2.0).unwrap(),
        Uniform::new(0.0, 2.0).unwrap(),
    );
    let rejection = Rejection::new(&target, &proposal, Some(1.5)).unwrap();
    let mut samples = rejection.sample(COUNT, &mut Generator::new(4)).unwrap();
    samples.sort_by(f64::total_cmp);
    let flattened = Flattened {
        covered: 1.5 * rejection.envelope().acceptance_rate,
    };
    let gap =
        |(index, x): (usize, &f64)| (flattened.cdf(*x) - (index as f64 + 0.5) / COUNT as f64).abs();
    let statistic = samples.iter().enumerate().map(gap).fold(0.0, f64::max);
    let most = 1.95 / (COUNT as f64).sqrt();
    assert!(statistic < most, "{statistic}");
    // But not the target, from which they differ by the stated distance.
    assert!(
        goodness_of_fit(&target, &samples).unwrap().statistic > 0.9 * rejection.envelope().distance
    );
    assert!(rejection.envelope().distance > 5.0 * most);
}

#[test]
fn a_seed_means_the_same_samples_for_ever() {
    let golden = |distribution: &dyn Distribution, expected: [f64; 3]| {
        let samples = InverseTransform::new(distribution)
            .sample(3, &mut Generator::new(42))
            .unwrap();
        for (found, expected) in samples.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{samples:?}");
        }
    };
    golden(&Uniform::new(0.0, 1.0).unwrap(), GOLDEN_UNIFORM);
    golden(&Normal::new(0.0, 1.0).unwrap(), GOLDEN_NORMAL);
    golden(&mixture(), GOLDEN_MIXTURE);
    let (target, proposal) = (
        Normal::new(0.0, 1.0).unwrap(),
        Laplace::new(0.0, 1.0).unwrap(),
    );
    let rejection = Rejection::new(&target, &proposal, None).unwrap();
    let samples = rejection.sample(3, &mut Generator::new(42)).unwrap();
    for (found, expected) in samples.iter().zip(GOLDEN_REJECTION) {
        assert!((found - expected).abs() < 1e-9, "{samples:?}");
    }
}

/// `torch.rand(3, dtype=torch.float64)` with seed 42, scipy's `ppf` at these, and for pairs of such uniforms, scipy's
/// Laplace quantiles of the first that are accepted by the second.
const GOLDEN_UNIFORM: [f64; 3] = [
    0.05815448596142969,
    0.06291016742457756,
    0.12358607277440903,
];
const GOLDEN_NORMAL: [f64; 3] = [
    -1.5704563921998504,
    -1.5307939114930118,
    -1.1572453224960277,
];
const GOLDEN_MIXTURE: [f64; 3] = [-2.4331692334064803, -2.4050717602532927, -2.114029125643953];
const GOLDEN_REJECTION: [f64; 3] = [
    -2.1515050777824603,
    -1.3976702395661462,
    0.05376349409343103,
];

#[test]
fn counts_that_cannot_be_met_are_refused() {
    let normal = Normal::new(0.0, 1.0).unwrap();
    let generator = &mut Generator::new(0);
    for count in [0, 1_000_000_000] {
        let error = InverseTransform::new(&normal)
            .sample(count, generator)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("count must be between 1 and 100000000, but is {count}")
        );
    }
    let huge = Rejection::new(&normal, &normal, Some(1e9)).unwrap();
    let error = huge.sample(10, generator).unwrap_err().to_string();
    assert!(
        error.starts_with("c must be so small that 10 samples need"),
        "{error}"
    );
}
