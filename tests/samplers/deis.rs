//! DEIS on Gaussian data.

use tweedie::Error;
use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::ddim::{self, NoiseEstimate};
use tweedie::sampler::deis::{self, Options, coefficient};
use tweedie::sampler::{Combination, Evaluation, Trajectory};

use crate::common::levels::{
    self, assert_same, ends, even, levels, processes, through, variance_preserving,
};
use crate::common::scalar::{self, exact_flow, order};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

fn options(order: usize) -> Options {
    Options {
        order,
        lower_order_final: false,
    }
}

fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    deis::evaluations(trajectory, options).unwrap()
}

fn end(evaluations: &[Evaluation], x: f64) -> f64 {
    scalar::run(
        evaluations,
        x,
        scalar::gaussian(MEAN, STD),
        || unreachable!(),
    )
}

fn orders(trajectory: &Trajectory, options: &Options) -> Vec<usize> {
    levels::orders(&evaluations(trajectory, options))
}

fn flow_error(trajectory: &Trajectory, options: &Options) -> f64 {
    let (from, to) = ends(trajectory);
    let x = 1.3 * from.sigma;
    end(&evaluations(trajectory, options), x) - exact_flow(x, from, to, MEAN, STD)
}

#[test]
fn each_order_has_its_order() {
    for process in processes() {
        for nominal in 1..=3 {
            let grading = if nominal < 3 { 1 } else { 3 };
            let error = |steps| {
                let trajectory = through(&levels(&process, steps, grading));
                flow_error(&trajectory, &options(nominal))
            };
            let found = order(error, 192);
            assert!(
                (found - nominal as f64).abs() < 0.15,
                "{process:?} {nominal}: {found}"
            );
        }
    }
}

#[test]
fn order_one_is_ddim() {
    for process in processes() {
        let trajectory = even(&process, 6);
        let evaluations = evaluations(&trajectory, &options(1));
        for (evaluation, step) in evaluations.iter().zip(&trajectory.steps) {
            assert_eq!(evaluation.level, step.from);
            let expected = ddim::update(*step, 0.0, NoiseEstimate::Rederived);
            assert_same(evaluation.next, expected, 1e-12);
        }
    }
}

#[test]
fn coefficients_integrate_polynomials_in_the_logarithm_exactly() {
    let nodes = [0.9, 1.3, 2.2];
    for end in [0.8, -1.5, 1.0] {
        for count in 1..=3 {
            let nodes = &nodes[..count];
            for power in 0..count {
                let terms =
                    (0..count).map(|j| coefficient(nodes, j, end) * nodes[j].powi(power as i32));
                // ∫ u^power·exp(u) du
                let antiderivative = |u: f64| match power {
                    0 => u.exp(),
                    1 => (u - 1.0) * u.exp(),
                    _ => (u * u - 2.0 * u + 2.0) * u.exp(),
                };
                let exact = antiderivative(end) - antiderivative(nodes[0]);
                let found: f64 = terms.sum();
                assert!((found - exact).abs() < 1e-12, "{count} {power} {end}");
            }
        }
    }
}

#[test]
fn coefficients_are_exact_for_the_shortest_of_steps() {
    // To first order in the length h of even steps, these are the Adams–Bashforth coefficients.
    let (h, nodes) = (1e-7, [0.0, 1e-7, 2e-7]);
    for (index, expected) in [23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0]
        .into_iter()
        .enumerate()
    {
        let found = coefficient(&nodes, index, -h) / -h;
        assert!((found - expected).abs() < 1e-6, "{index}: {found}");
    }
}

#[test]
fn short_runs_end_with_lower_orders_where_it_is_asked_for() {
    let last = |steps: usize, options: &Options| {
        orders(&even(&variance_preserving(), steps), options)[steps - 3..].to_vec()
    };
    let lower = Options {
        lower_order_final: true,
        ..options(3)
    };
    assert_eq!(last(14, &options(3)), [3, 3, 3]);
    assert_eq!(last(14, &lower), [3, 2, 1]);
    assert_eq!(last(15, &lower), [3, 3, 3]);
}

#[test]
fn a_run_that_starts_part_way_has_no_history() {
    let mut trajectory = even(&variance_preserving(), 20);
    trajectory.begin = 7;
    let found = orders(&trajectory, &options(3));
    assert_eq!((found.len(), &found[..4]), (13, &[1, 2, 3, 3][..]));
    // Uses the full trajectory length, so that a short rest does not lower the order at the end.
    let lower = Options {
        lower_order_final: true,
        ..options(3)
    };
    assert_eq!(orders(&trajectory, &lower), found);
}

#[test]
fn a_repeated_last_level_leaves_the_sample() {
    let mut levels = levels(&Process::Edm { sigma_data: 0.5 }, 20, 1);
    levels[20] = levels[19];
    for order in 1..=3 {
        let evaluations = evaluations(&through(&levels), &options(order));
        assert_same(evaluations[19].next, Combination::SAMPLE, 1e-12);
    }
}

#[test]
fn a_repeated_level_on_the_way_does_no_harm() {
    let once = levels(&variance_preserving(), 96, 1);
    let mut twice = once.clone();
    twice.insert(40, once[40]);
    for order in 1..=3 {
        let expected = flow_error(&through(&once), &options(order));
        let found = flow_error(&through(&twice), &options(order));
        // The history restarts after it, with a step of order 1.
        assert!((found - expected).abs() < 1e-3, "{order}: {found}");
    }
}

#[test]
fn a_run_may_start_from_nothing_but_noise_and_end_at_none() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    let from = |alpha: f64| {
        let mut levels = levels(&process, 20, 1);
        levels[0] = NoiseLevel {
            time: 1000.0,
            alpha,
            sigma: 1.0 - alpha,
        };
        levels[20] = NoiseLevel::CLEAN;
        evaluations(&through(&levels), &options(2))
    };
    let (evaluations, almost) = (from(0.0), from(1e-9));
    assert_same(evaluations[19].next, Combination::CLEAN, 1e-12);
    let (found, almost) = (end(&evaluations, 0.7), end(&almost, 0.7));
    // Not exactly the limit: estimates from pure noise are not part of a polynomial.
    assert!((found - almost).abs() < 0.02, "{found}, {almost}");
}

#[test]
fn other_orders_are_refused() {
    let trajectory = even(&variance_preserving(), 6);
    for order in [0, 4, usize::MAX] {
        match deis::evaluations(&trajectory, &options(order)) {
            Err(Error::InvalidOption { name, .. }) => assert_eq!(name, "order"),
            other => panic!("{other:?}"),
        }
    }
}
