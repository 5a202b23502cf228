//! Orders of the ODE solvers, and cases in which they are exact.

use tweedie::sampler::ddim::{self, NoiseEstimate};
use tweedie::sampler::dpm_solver::exponential_tail;

use super::*;
use crate::common::scalar::order;

#[test]
fn every_variant_of_the_ode_has_its_order() {
    for process in processes() {
        for (target, mode) in TARGETS
            .into_iter()
            .flat_map(|t| MODES.map(|mode| (t, mode)))
        {
            for (nominal, solver_type) in
                (1..=3).flat_map(|order| SOLVER_TYPES.map(|kind| (order, kind)))
            {
                let options = Options {
                    solver_type,
                    ..options(nominal, target, mode)
                };
                // The multistep solver of "order 3" uses half of the second derivative, as in diffusers.
                let expected = match (mode, nominal) {
                    (Mode::Multistep, 3) => 2.0,
                    _ => nominal as f64,
                };
                let found = order(|steps| flow_error(&even(&process, steps), &options), 192);
                assert!(
                    (found - expected).abs() < 0.15,
                    "{process:?} {options:?}: {found}"
                );
            }
        }
    }
}

#[test]
fn the_third_order_multistep_errs_less_than_the_second() {
    for (process, target) in processes().iter().flat_map(|p| TARGETS.map(|t| (p, t))) {
        let error = |order| {
            let options = options(order, target, Mode::Multistep);
            flow_error(&even(process, 192), &options).abs()
        };
        assert!(error(3) < error(2) / 2.0, "{process:?} {target:?}");
    }
}

#[test]
fn order_one_is_ddim() {
    for (process, target) in processes().iter().flat_map(|p| TARGETS.map(|t| (p, t))) {
        let trajectory = even(process, 6);
        for mode in MODES {
            let evaluations = evaluations(&trajectory, &options(1, target, mode));
            for (evaluation, step) in evaluations.iter().zip(&trajectory.steps) {
                assert_eq!(evaluation.level, step.from);
                let expected = ddim::update(*step, 0.0, NoiseEstimate::Rederived);
                assert_same(evaluation.next, expected, 1e-12);
            }
        }
    }
}

/// The target, independent of the sample: a polynomial in the log-SNR, and its derivatives.
fn polynomial(degree: usize, log_snr: f64) -> [f64; 3] {
    let (constant, linear) = (0.3, -0.7);
    let square = if degree == 2 { 0.4 } else { 0.0 };
    [
        constant + log_snr * (linear + log_snr * square),
        linear + 2.0 * log_snr * square,
        2.0 * square,
    ]
}

/// A denoiser with this polynomial as its target.
fn polynomial_denoiser(target: Target, degree: usize) -> impl Fn(f64, NoiseLevel) -> f64 {
    move |x, level| {
        let [estimate, ..] = polynomial(degree, level.log_snr());
        match target {
            Target::Clean => estimate,
            Target::Noise => (x - level.sigma * estimate) / level.alpha,
        }
    }
}

/// The exact ODE from `x`: `x'/sigma' = x/sigma + ∫ exp(λ)·x0_hat dλ`, or `x'/alpha' = x/alpha − ∫ exp(−λ)·eps_hat dλ`.
fn polynomial_flow(x: f64, Step { from, to }: Step, target: Target, degree: usize) -> f64 {
    let antiderivative = |level: NoiseLevel| {
        let [m, first, second] = polynomial(degree, level.log_snr());
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
fn a_step_of_the_taylor_expansion_is_exact_for_polynomials() {
    let process = Process::FlowMatching { timesteps: 1000.0 };
    // Uneven levels.
    let levels = [5.0, 3.0, 2.4, 1.1, 0.8, 0.7, 0.2]
        .map(|noise_to_signal| process.at_noise_to_signal(noise_to_signal));
    let trajectory = through(&levels);
    // Singlestep steps start at the start of their group, multistep steps at the previous sample.
    for (mode, order, first, last) in [
        (Mode::Multistep, 2, 4, 5),
        (Mode::Singlestep, 2, 4, 6),
        (Mode::Singlestep, 3, 3, 6),
    ] {
        for target in TARGETS {
            let options = Options {
                solver_type: SolverType::Heun,
                ..options(order, target, mode)
            };
            let evaluations = evaluations(&trajectory, &options);
            let run = |count: usize| {
                let denoise = polynomial_denoiser(target, order - 1);
                scalar::run(&evaluations[..count], 0.6, denoise, || unreachable!())
            };
            let step = Step {
                from: levels[first],
                to: levels[last],
            };
            let exact = polynomial_flow(run(first), step, target, order - 1);
            let found = run(last);
            assert!(
                (found - exact).abs() < 1e-12,
                "{options:?}: {found}, {exact}"
            );
        }
    }
}

#[test]
fn the_exponential_tail_is_what_is_left_of_the_series() {
    for z in [-30.0, -1.0, -0.999, -0.1, 0.1, 0.999, 1.0, 8.0_f64] {
        let (mut series, mut term) = (0.0, 1.0);
        for terms in 0..=6 {
            let whole = series + exponential_tail(z, terms) * z.powi(terms as i32);
            assert!((whole / z.exp_m1() - 1.0).abs() < 1e-9, "{z} {terms}");
            term *= z / (terms + 1) as f64;
            series += term;
        }
    }
}

#[test]
fn the_exponential_tail_is_exact_at_its_limits() {
    for (terms, next_factorial) in [(0, 1.0), (1, 2.0), (2, 6.0), (3, 24.0)] {
        for z in [1e-12, -1e-12, 1e-8] {
            let noise_to_signal = exponential_tail(z, terms) * next_factorial / z;
            assert!((noise_to_signal - 1.0).abs() < 1e-8, "{z} {terms}");
        }
        assert_eq!(exponential_tail(0.0, terms), 0.0);
        // −1/terms!
        let limit = -((terms + 1) as f64) / next_factorial;
        assert_eq!(exponential_tail(f64::NEG_INFINITY, terms), limit);
    }
}
