//! DPM-Solver and DPM-Solver++ on Gaussian data, and on estimates that are polynomials in the log-SNR.

mod accuracy;
mod ends;
mod stochastic;

use tweedie::diffusion::{NoiseLevel, Process};
use tweedie::sampler::dpm_solver::{self, Equation, Mode, Options, SolverType, Target};
use tweedie::sampler::{Combination, Evaluation, Step, Trajectory};

use crate::common::levels::{
    self, assert_same, ends, even, levels, processes, through, variance_preserving,
};
use crate::common::scalar::{self, exact_flow};

/// The data are N(MEAN, STD²).
const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

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

/// Levels evenly spaced in the log-SNR, with a last step to zero noise.
fn trajectory_to_clean(process: &Process, steps: usize) -> Trajectory {
    let mut levels = levels(process, steps, 1);
    levels[steps] = NoiseLevel::CLEAN;
    through(&levels)
}

fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    dpm_solver::evaluations(trajectory, options).unwrap()
}

/// Mean of the result from `x`.
fn mean(evaluations: &[Evaluation], x: f64) -> f64 {
    scalar::run(evaluations, x, scalar::gaussian(MEAN, STD), || 0.0)
}

fn flow_error(trajectory: &Trajectory, options: &Options) -> f64 {
    let (from, to) = ends(trajectory);
    let x = 1.3 * from.sigma;
    mean(&evaluations(trajectory, options), x) - exact_flow(x, from, to, MEAN, STD)
}

fn orders(trajectory: &Trajectory, options: &Options) -> Vec<usize> {
    levels::orders(&evaluations(trajectory, options))
}
