//! DPM-Solver and DPM-Solver++ on Gaussian data and on estimates that are polynomials in the log-SNR.
#![cfg(not(target_family = "wasm"))]

#[path = "../common/mod.rs"]
mod common;

mod accuracy;
mod ends;
mod stochastic;

use tweedie::diffusion::{NoiseLevel, Process, Sde};
use tweedie::sampler::dpm_solver::{self, Equation, Mode, Options, SolverType, Target};
use tweedie::sampler::{Combination, Interval, Route, Stage};

use common::scalar::{self, exact_flow};

/// The data are N(MEAN, SPREAD²).
const MEAN: f64 = 0.4;
const SPREAD: f64 = 0.7;

const TARGETS: [Target; 2] = [Target::Noise, Target::Clean];
const MODES: [Mode; 2] = [Mode::Multistep, Mode::Singlestep];
const SOLVER_TYPES: [SolverType; 2] = [SolverType::Midpoint, SolverType::Heun];

fn options(order: usize, target: Target, mode: Mode) -> Options {
    Options {
        order,
        target,
        mode,
        equation: Equation::Ode,
        solver_type: SolverType::Midpoint,
        lower_order_final: false,
        euler_at_final: false,
    }
}

fn sde(options: Options) -> Options {
    let equation = Equation::Sde;
    Options {
        equation,
        ..options
    }
}

fn variance_preserving() -> Process {
    Process::Sde(Sde::VariancePreserving {
        beta_min: 0.1,
        beta_max: 20.0,
    })
}

fn processes() -> [Process; 3] {
    [
        variance_preserving(),
        Process::Edm { sigma_data: 0.5 },
        Process::FlowMatching { timesteps: 1000.0 },
    ]
}

/// Levels even in the log-SNR.
fn levels(process: &Process, steps: usize) -> Vec<NoiseLevel> {
    let (start, end) = (5.0_f64, 0.1_f64);
    let ratio = |i: usize| start * (end / start).powf(i as f64 / steps as f64);
    (0..=steps).map(|i| process.at_ratio(ratio(i))).collect()
}

fn through(levels: &[NoiseLevel]) -> Route {
    Route::new(Interval::chain(levels), variance_preserving())
}

fn route(process: &Process, steps: usize) -> Route {
    through(&levels(process, steps))
}

/// The same with a last step to no noise.
fn route_to_clean(process: &Process, steps: usize) -> Route {
    let mut levels = levels(process, steps);
    levels[steps] = NoiseLevel::CLEAN;
    through(&levels)
}

fn ends(route: &Route) -> (NoiseLevel, NoiseLevel) {
    let last = route.intervals.last().unwrap();
    (route.intervals[0].from, last.to)
}

fn stages(route: &Route, options: &Options) -> Vec<Stage> {
    dpm_solver::stages(route, options).unwrap()
}

/// Where the stages take `x` on average.
fn mean(stages: &[Stage], x: f64) -> f64 {
    scalar::run(stages, x, scalar::gaussian(MEAN, SPREAD), || 0.0)
}

fn flow_error(route: &Route, options: &Options) -> f64 {
    let (from, to) = ends(route);
    let x = 1.3 * from.sigma;
    mean(&stages(route, options), x) - exact_flow(x, from, to, MEAN, SPREAD)
}

/// The order of each step: one more than it looks back.
fn orders(route: &Route, options: &Options) -> Vec<usize> {
    let stages = stages(route, options);
    stages.iter().map(|stage| stage.next.depth() + 1).collect()
}

#[track_caller]
fn assert_same(found: Combination, expected: Combination) {
    let difference = found - expected;
    let factors = [
        difference.sample,
        difference.clean,
        difference.eps,
        difference.start,
        difference.noise,
    ];
    let worst = factors.iter().chain(&difference.remembered);
    // `max` would pass over what is not a number.
    assert!(
        worst.into_iter().all(|factor| factor.abs() < 1e-12),
        "{found:?} is not {expected:?}"
    );
}
