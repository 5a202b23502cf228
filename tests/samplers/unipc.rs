//! UniPC on Gaussian data, and on estimates that are polynomials in the log-SNR.

use tweedie::Error;
use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::ddim::{self, NoiseEstimate};
use tweedie::sampler::dpm_solver::Target;
use tweedie::sampler::unipc::{self, Options, Variant};
use tweedie::sampler::{Combination, Evaluation, Step, Trajectory};

use crate::common::levels::{
    self, assert_same, ends, even, is_same, levels, processes, through, variance_preserving,
};
use crate::common::scalar::{self, exact_flow, order};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

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

/// Without the corrector.
fn predictor(options: Options) -> Options {
    Options {
        uncorrected: (0..1000).collect(),
        ..options
    }
}

fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    unipc::evaluations(trajectory, options).unwrap()
}

fn end(evaluations: &[Evaluation], x: f64) -> f64 {
    scalar::run(
        evaluations,
        x,
        scalar::gaussian(MEAN, STD),
        || unreachable!(),
    )
}

fn flow_error(trajectory: &Trajectory, options: &Options) -> f64 {
    let (from, to) = ends(trajectory);
    let x = 1.3 * from.sigma;
    end(&evaluations(trajectory, options), x) - exact_flow(x, from, to, MEAN, STD)
}

/// The order of each step's prediction, without corrections.
fn orders(trajectory: &Trajectory, options: &Options) -> Vec<usize> {
    levels::orders(&evaluations(trajectory, options))
}

fn refused(trajectory: &Trajectory, options: &Options) -> String {
    match unipc::evaluations(trajectory, options) {
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
    // The first steps are 1e-7 of the range, which requires exact order conditions.
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        let trajectory = through(&levels(&variance_preserving(), 200, 3));
        for nominal in 4..=6 {
            let error = flow_error(&trajectory, &options(nominal, variant, target));
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
        let trajectory = even(process, 6);
        for variant in VARIANTS {
            let evaluations = evaluations(&trajectory, &predictor(options(1, variant, target)));
            for (evaluation, step) in evaluations.iter().zip(&trajectory.steps) {
                assert_eq!(evaluation.level, step.from);
                let expected = ddim::update(*step, 0.0, NoiseEstimate::Rederived);
                assert_same(evaluation.next, expected, 1e-9);
            }
        }
    }
}

#[test]
fn the_variants_differ_where_a_weight_is_fixed_and_nowhere_else() {
    // Where the order conditions are solved, the function B(h) cancels.
    let trajectory = even(&variance_preserving(), 8);
    for target in TARGETS {
        let [one, two] =
            VARIANTS.map(|variant| evaluations(&trajectory, &options(3, variant, target)));
        let same: Vec<bool> = one
            .iter()
            .zip(&two)
            .map(|(one, two)| is_same(one.next, two.next, 1e-9))
            .collect();
        // The prediction of order 2 and the correction of order 1, both in the second evaluation, have a weight of 1/2.
        assert_eq!(same[..2], [true, false], "{target:?}");
        assert_eq!(same[2..], [true; 6], "{target:?}");
    }
}

/// The target, independent of the sample: a quadratic in the log-SNR, and its derivatives.
fn quadratic(log_snr: f64) -> [f64; 3] {
    [
        0.3 + log_snr * (-0.7 + log_snr * 0.4),
        -0.7 + 0.8 * log_snr,
        0.8,
    ]
}

/// The exact ODE from `x`: `x'/sigma' = x/sigma + ∫ exp(λ)·x0_hat dλ`, or `x'/alpha' = x/alpha − ∫ exp(−λ)·eps_hat dλ`.
fn quadratic_flow(x: f64, Step { from, to }: Step, target: Target) -> f64 {
    let antiderivative = |level: NoiseLevel| {
        let [m, first, second] = quadratic(level.log_snr());
        match target {
            Target::Clean => level.noise_to_signal().recip() * (m - first + second),
            Target::Noise => level.noise_to_signal() * (m + first + second),
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
    let levels = [5.0, 3.0, 2.4, 1.1, 0.8, 0.7]
        .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let trajectory = through(&levels);
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        let denoise = |x: f64, level: NoiseLevel| {
            let [estimate, ..] = quadratic(level.log_snr());
            match target {
                Target::Clean => estimate,
                Target::Noise => (x - level.sigma * estimate) / level.alpha,
            }
        };
        let run =
            |evaluations: &[Evaluation]| scalar::run(evaluations, 0.6, denoise, || unreachable!());
        // The corrected sample at a level, as recorded by its evaluation.
        let corrected = |evaluations: &[Evaluation], index: usize| {
            let mut evaluations = evaluations[..=index].to_vec();
            evaluations[index].next = evaluations[index].start.unwrap();
            run(&evaluations)
        };
        for order in [2, 3] {
            let evaluations = evaluations(&trajectory, &options(order, variant, target));
            let exact = quadratic_flow(corrected(&evaluations, 3), trajectory.steps[3], target);
            let found = corrected(&evaluations, 4);
            assert!(
                (found - exact).abs() < 1e-12,
                "{target:?}: {found}, {exact}"
            );
            if order == 3 {
                let found = run(&evaluations[..4]);
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
    let trajectory = even(&variance_preserving(), 6);
    let options = Options {
        uncorrected: vec![0, 3],
        ..options(2, Variant::Bh2, Target::Clean)
    };
    let evaluations = evaluations(&trajectory, &options);
    let corrected = |evaluation: &Evaluation| evaluation.start != Some(Combination::SAMPLE);
    let found: Vec<bool> = evaluations.iter().map(corrected).collect();
    // The result of a step is corrected in the next one.
    assert_eq!(found, [false, false, true, true, false, true]);
}

#[test]
fn a_run_ends_with_lower_orders_where_it_is_asked_for() {
    let trajectory = even(&variance_preserving(), 20);
    let plain = predictor(options(3, Variant::Bh2, Target::Clean));
    let lower = Options {
        lower_order_final: true,
        ..plain.clone()
    };
    assert_eq!(orders(&trajectory, &plain)[..4], [1, 2, 3, 3]);
    assert_eq!(orders(&trajectory, &plain)[17..], [3, 3, 3]);
    assert_eq!(orders(&trajectory, &lower)[16..], [3, 3, 2, 1]);
}

#[test]
fn a_run_that_starts_part_way_has_no_history() {
    let mut trajectory = even(&variance_preserving(), 20);
    trajectory.begin = 15;
    let options = Options {
        lower_order_final: true,
        ..options(3, Variant::Bh2, Target::Clean)
    };
    assert_eq!(
        orders(&trajectory, &predictor(options.clone())),
        [1, 2, 3, 2, 1]
    );
    // The initial sample is not corrected.
    let first = evaluations(&trajectory, &options)[0];
    assert_eq!(first.level, trajectory.steps[15].from);
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
            let evaluations = evaluations(&through(&levels), &options);
            assert_same(evaluations[steps - 1].next, Combination::CLEAN, 1e-9);
        }
    }
}

#[test]
fn a_repeated_last_level_leaves_the_corrected_sample() {
    let mut levels = levels(&Process::Edm { sigma_data: 0.5 }, 12, 1);
    levels[12] = levels[11];
    for (target, variant) in TARGETS.into_iter().flat_map(|t| VARIANTS.map(|v| (t, v))) {
        for order in 1..=6 {
            let evaluations = evaluations(&through(&levels), &options(order, variant, target));
            assert_same(evaluations[11].next, evaluations[11].start.unwrap(), 1e-9);
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
            // The history restarts after it, with a step of order 1.
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
        let [found, almost] =
            [0.0, 1e-9].map(|alpha| end(&evaluations(&from(alpha), &options), 0.7));
        // Not exactly the limit: estimates from pure noise are not part of a polynomial.
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
