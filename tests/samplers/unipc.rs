//! UniPC on Gaussian data and on estimates that are polynomials in the log-SNR.

use tweedie::Error;
use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::ddim::{self, Direction};
use tweedie::sampler::dpm_solver::Target;
use tweedie::sampler::unipc::{self, Options, Variant};
use tweedie::sampler::{Combination, Interval, Route, Stage};

use crate::common::levels::{
    self, assert_same, ends, even, is_same, levels, processes, through, variance_preserving,
};
use crate::common::scalar::{self, exact_flow, order};

/// The data are N(MEAN, SPREAD²).
const MEAN: f64 = 0.4;
const SPREAD: f64 = 0.7;

const TARGETS: [Target; 2] = [Target::Noise, Target::Clean];
const VARIANTS: [Variant; 2] = [Variant::Bh1, Variant::Bh2];

fn options(order: usize, variant: Variant, target: Target) -> Options {
    Options {
        order,
        variant,
        target,
        lower_order_final: false,
        uncorrected: Vec::new(),
    }
}

/// The predictor alone.
fn predictor(options: Options) -> Options {
    Options {
        uncorrected: (0..1000).collect(),
        ..options
    }
}

fn stages(route: &Route, options: &Options) -> Vec<Stage> {
    unipc::stages(route, options).unwrap()
}

fn end(stages: &[Stage], x: f64) -> f64 {
    scalar::run(stages, x, scalar::gaussian(MEAN, SPREAD), || unreachable!())
}

fn flow_error(route: &Route, options: &Options) -> f64 {
    let (from, to) = ends(route);
    let x = 1.3 * from.sigma;
    end(&stages(route, options), x) - exact_flow(x, from, to, MEAN, SPREAD)
}

/// The order of each step's prediction, where nothing is corrected.
fn orders(route: &Route, options: &Options) -> Vec<usize> {
    levels::orders(&stages(route, options))
}

fn refused(route: &Route, options: &Options) -> String {
    match unipc::stages(route, options) {
        Err(Error::InvalidOption { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

fn assert_order(process: &Process, options: &Options, grading: i32, nominal: f64) {
    let error = |steps| flow_error(&through(&levels(process, steps, grading)), options);
    let found = order(error, 192);
    assert!(
        (found - nominal).abs() < 0.15,
        "{process:?} {options:?}: {found}"
    );
}

#[test]
fn the_predictor_has_its_order() {
    for (process, target) in processes().iter().flat_map(|p| TARGETS.map(|t| (p, t))) {
        for variant in VARIANTS {
            for nominal in 1..=3 {
                let options = predictor(options(nominal, variant, target));
                let grading = if nominal < 3 { 1 } else { 3 };
                assert_order(process, &options, grading, nominal as f64);
            }
        }
    }
}

#[test]
fn the_corrector_adds_one_to_the_order() {
    for (process, target) in processes().iter().flat_map(|p| TARGETS.map(|t| (p, t))) {
        for variant in VARIANTS {
            for nominal in 1..=3 {
                let options = options(nominal, variant, target);
                let grading = if nominal < 3 { 1 } else { 3 };
                assert_order(process, &options, grading, nominal as f64 + 1.0);
            }
        }
    }
}

#[test]
fn high_orders_stay_exact_in_the_shortest_of_steps() {
    // The first steps are 1e-7 of the way: the order conditions have to be exact for them.
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        let route = through(&levels(&variance_preserving(), 200, 3));
        for nominal in 4..=6 {
            let error = flow_error(&route, &options(nominal, variant, target));
            assert!(
                error.abs() < 1e-6,
                "{target:?} {variant:?} {nominal}: {error}"
            );
        }
    }
}

#[test]
fn order_one_without_corrector_is_ddim() {
    for (process, target) in processes().iter().flat_map(|p| TARGETS.map(|t| (p, t))) {
        let route = even(process, 6);
        for variant in VARIANTS {
            let stages = stages(&route, &predictor(options(1, variant, target)));
            for (stage, interval) in stages.iter().zip(&route.intervals) {
                assert_eq!(stage.level, interval.from);
                let expected = ddim::update(*interval, 0.0, Direction::FromClipped);
                assert_same(stage.next, expected, 1e-9);
            }
        }
    }
}

#[test]
fn the_variants_differ_where_a_weight_is_fixed_and_nowhere_else() {
    // Where the order conditions are solved, the function B(h) cancels.
    let route = even(&variance_preserving(), 8);
    for target in TARGETS {
        let [one, two] = VARIANTS.map(|variant| stages(&route, &options(3, variant, target)));
        let same: Vec<bool> = one
            .iter()
            .zip(&two)
            .map(|(one, two)| is_same(one.next, two.next, 1e-9))
            .collect();
        // The prediction of order 2 and the correction of order 1, both in the second stage, have a weight of 1/2.
        assert_eq!(same[..2], [true, false], "{target:?}");
        assert_eq!(same[2..], [true; 6], "{target:?}");
    }
}

/// What the target is taken to be, whatever the sample: a quadratic in the log-SNR, and its derivatives.
fn quadratic(log_snr: f64) -> [f64; 3] {
    [
        0.3 + log_snr * (-0.7 + log_snr * 0.4),
        -0.7 + 0.8 * log_snr,
        0.8,
    ]
}

/// Where the ODE takes `x`: `x'/sigma' = x/sigma + ∫ exp(λ)·x0_hat dλ`, or `x'/alpha' = x/alpha − ∫ exp(−λ)·eps_hat dλ`.
fn quadratic_flow(x: f64, Interval { from, to }: Interval, target: Target) -> f64 {
    let antiderivative = |level: NoiseLevel| {
        let [m, first, second] = quadratic(level.log_snr());
        match target {
            Target::Clean => level.ratio().recip() * (m - first + second),
            Target::Noise => level.ratio() * (m + first + second),
        }
    };
    let gain = antiderivative(to) - antiderivative(from);
    match target {
        Target::Clean => to.sigma * (x / from.sigma + gain),
        Target::Noise => to.alpha * (x / from.alpha + gain),
    }
}

#[test]
fn predictions_of_order_three_and_corrections_of_order_two_are_exact_for_quadratics() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    // Uneven levels.
    let levels = [5.0, 3.0, 2.4, 1.1, 0.8, 0.7].map(|ratio| process.at_ratio(ratio));
    let route = through(&levels);
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        let denoise = |x: f64, level: NoiseLevel| {
            let [estimate, ..] = quadratic(level.log_snr());
            match target {
                Target::Clean => estimate,
                Target::Noise => (x - level.sigma * estimate) / level.alpha,
            }
        };
        let run = |stages: &[Stage]| scalar::run(stages, 0.6, denoise, || unreachable!());
        // The sample at a level once it is corrected: what the stage there keeps.
        let corrected = |stages: &[Stage], index: usize| {
            let mut stages = stages[..=index].to_vec();
            stages[index].next = stages[index].start.unwrap();
            run(&stages)
        };
        for order in [2, 3] {
            let stages = stages(&route, &options(order, variant, target));
            let exact = quadratic_flow(corrected(&stages, 3), route.intervals[3], target);
            let found = corrected(&stages, 4);
            assert!(
                (found - exact).abs() < 1e-12,
                "{target:?}: {found}, {exact}"
            );
            if order == 3 {
                let found = run(&stages[..4]);
                assert!(
                    (found - exact).abs() < 1e-12,
                    "{target:?}: {found}, {exact}"
                );
            }
        }
    }
}

#[test]
fn steps_that_are_listed_are_not_corrected() {
    let route = even(&variance_preserving(), 6);
    let options = Options {
        uncorrected: vec![0, 3],
        ..options(2, Variant::Bh2, Target::Clean)
    };
    let stages = stages(&route, &options);
    let corrected = |stage: &Stage| stage.start != Some(Combination::SAMPLE);
    let found: Vec<bool> = stages.iter().map(corrected).collect();
    // The result of a step is corrected in the one after it.
    assert_eq!(found, [false, false, true, true, false, true]);
}

#[test]
fn a_run_ends_with_lower_orders_where_it_is_asked_for() {
    let route = even(&variance_preserving(), 20);
    let plain = predictor(options(3, Variant::Bh2, Target::Clean));
    let lower = Options {
        lower_order_final: true,
        ..plain.clone()
    };
    assert_eq!(orders(&route, &plain)[..4], [1, 2, 3, 3]);
    assert_eq!(orders(&route, &plain)[17..], [3, 3, 3]);
    assert_eq!(orders(&route, &lower)[16..], [3, 3, 2, 1]);
}

#[test]
fn a_run_that_starts_part_way_has_no_history() {
    let mut route = even(&variance_preserving(), 20);
    route.begin = 15;
    let options = Options {
        lower_order_final: true,
        ..options(3, Variant::Bh2, Target::Clean)
    };
    assert_eq!(orders(&route, &predictor(options.clone())), [1, 2, 3, 2, 1]);
    // There is nothing to correct in the sample that the run starts from.
    let first = stages(&route, &options)[0];
    assert_eq!(first.level, route.intervals[15].from);
    assert_eq!(first.start, Some(Combination::SAMPLE));
}

#[test]
fn the_last_step_to_no_noise_is_the_estimate() {
    for (process, steps) in processes().iter().flat_map(|p| (1..6).map(move |n| (p, n))) {
        let mut levels = levels(process, steps, 1);
        levels[steps] = NoiseLevel::CLEAN;
        for order in 1..=3 {
            let options = Options {
                lower_order_final: true,
                ..options(order, Variant::Bh2, Target::Clean)
            };
            let stages = stages(&through(&levels), &options);
            assert_same(stages[steps - 1].next, Combination::CLEAN, 1e-9);
        }
    }
}

#[test]
fn a_repeated_last_level_leaves_the_corrected_sample() {
    let mut levels = levels(&Process::Edm { sigma_data: 0.5 }, 12, 1);
    levels[12] = levels[11];
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        for order in 1..=6 {
            let stages = stages(&through(&levels), &options(order, variant, target));
            assert_same(stages[11].next, stages[11].start.unwrap(), 1e-9);
        }
    }
}

#[test]
fn a_repeated_level_on_the_way_does_no_harm() {
    let once = levels(&variance_preserving(), 96, 1);
    let mut twice = once.clone();
    twice.insert(40, once[40]);
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        for order in 1..=4 {
            let options = options(order, variant, target);
            let found = flow_error(&through(&twice), &options);
            // The history begins anew behind it, with a step of order 1.
            assert!(found.abs() < 1e-3, "{options:?}: {found}");
        }
    }
}

#[test]
fn a_run_may_start_from_nothing_but_noise() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    let from = |alpha: f64| {
        let mut levels = levels(&process, 12, 1);
        levels[0] = NoiseLevel {
            time: 1000.0,
            alpha,
            sigma: 1.0 - alpha,
        };
        through(&levels)
    };
    for order in 1..=3 {
        let options = options(order, Variant::Bh2, Target::Clean);
        let [found, almost] = [0.0, 1e-9].map(|alpha| end(&stages(&from(alpha), &options), 0.7));
        // Not quite the limit: an estimate from noise alone is no part of a polynomial.
        assert!((found - almost).abs() < 0.02, "{order}: {found}, {almost}");
    }
}

#[test]
fn what_has_no_formula_is_refused() {
    let levels = levels(&variance_preserving(), 6, 1);
    for order in [0, 7, usize::MAX] {
        let options = options(order, Variant::Bh2, Target::Clean);
        assert_eq!(refused(&through(&levels), &options), "order");
    }
    let (mut clean, mut silent) = (levels.clone(), levels);
    clean[6] = NoiseLevel::CLEAN;
    silent[0] = NoiseLevel {
        time: 999.0,
        alpha: 0.0,
        sigma: 1.0,
    };
    for (variant, target) in [
        (Variant::Bh1, Target::Clean),
        (Variant::Bh1, Target::Noise),
        (Variant::Bh2, Target::Noise),
    ] {
        let options = Options {
            lower_order_final: true,
            ..options(2, variant, target)
        };
        assert_eq!(refused(&through(&clean), &options), "final_sigma");
        assert_eq!(
            refused(&through(&silent), &options),
            "the first noise level"
        );
    }
    let options = options(2, Variant::Bh2, Target::Clean);
    assert_eq!(refused(&through(&clean), &options), "final_sigma");
}
