//! The probability-flow ODE: the deterministic flow with the diffusion's marginals.

use crate::diffusion::{NoiseLevel, Process};

use super::{Combination, Evaluation, Step, ddim, runge_kutta};

/// How the flow is integrated from one level to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// One slope per step, order 1. It is DDIM with eta = 0.
    Euler,
    /// The mean of the slopes at both ends, order 2 (Karras et al. 2022, algorithm 1).
    Heun,
    /// The classical method of Runge and Kutta, four slopes per step, order 4.
    RungeKutta4,
}

/// The variables `y = x/scale` and `time` in which the flow is integrated. All describe the same flow; what is a straight
/// line in one is not in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// `y = x/alpha` against `sigma/alpha`, where `dy/ds = eps_hat` (Song et al. 2021, eq. 13; Karras et al. 2022, eq. 1).
    NoiseToSignal,
    /// `y = x/√(alpha² + sigma²)` against the angle `φ = atan(sigma/alpha)`, where `dy/dφ = cos φ·eps_hat − sin φ·x0_hat`,
    /// the velocity of Salimans & Ho 2022 (appendix D). Nothing is infinite in it, and the whole way is `π/2` long.
    Angle,
    /// `y = x/(alpha + sigma)` against `t = sigma/(alpha + sigma)`, where `dy/dt = eps_hat − x0_hat`, the velocity of flow
    /// matching (Lipman et al. 2023, eq. 22).
    Line,
}

impl Coordinates {
    /// Those in which a process' own models are nearly straight.
    pub fn of(process: &Process) -> Self {
        match process {
            Process::FlowMatching { .. } => Self::Line,
            _ => Self::NoiseToSignal,
        }
    }

    /// The factor between `x` and `y`.
    pub fn scale(self, NoiseLevel { alpha, sigma, .. }: NoiseLevel) -> f64 {
        match self {
            Self::NoiseToSignal => alpha,
            Self::Angle => alpha.hypot(sigma),
            Self::Line => alpha + sigma,
        }
    }

    /// The variable that the flow is integrated over.
    pub fn time(self, level: NoiseLevel) -> f64 {
        let NoiseLevel { alpha, sigma, .. } = level;
        match self {
            Self::NoiseToSignal => level.noise_to_signal(),
            Self::Angle => sigma.atan2(alpha),
            Self::Line => sigma / (alpha + sigma),
        }
    }

    /// `dy/dtime` at a sample of this level. The clipped `x0_hat` counts.
    pub fn slope(self, level: NoiseLevel) -> Combination {
        let noise = Combination::noise_estimate(level);
        match self {
            Self::NoiseToSignal => noise,
            Self::Angle => {
                let (sin, cos) = self.time(level).sin_cos();
                cos * noise - sin * Combination::CLEAN
            }
            Self::Line => noise - Combination::CLEAN,
        }
    }

    /// `sigma/alpha` at that time.
    pub fn noise_to_signal(self, time: f64) -> f64 {
        match self {
            Self::NoiseToSignal => time,
            Self::Angle => time.tan(),
            Self::Line => time / (1.0 - time),
        }
    }

    /// Whether the slope exists at a level.
    fn is_regular(self, level: NoiseLevel) -> bool {
        level.sigma > 0.0 && (self != Self::NoiseToSignal || level.alpha > 0.0)
    }
}

/// Euler's step `y' = y + (s' − s)·eps_hat`, the same in all coordinates.
pub fn euler(step: Step) -> Combination {
    ddim::update(step, 0.0, ddim::NoiseEstimate::Rederived)
}

/// The evaluations of each step. A step from pure noise or to no noise at all, where one of the slopes does not exist, is
/// Euler's, and so is one that goes nowhere.
pub fn evaluations(
    steps: &[Step],
    solver: Solver,
    process: &Process,
    coordinates: Coordinates,
) -> Vec<Evaluation> {
    let tableau = match solver {
        Solver::Euler => None,
        Solver::Heun => Some(&runge_kutta::HEUN),
        Solver::RungeKutta4 => Some(&runge_kutta::CLASSICAL),
    };
    let evaluations = |step: &Step| {
        let Step { from, to } = *step;
        let regular = coordinates.is_regular(from) && coordinates.is_regular(to) && from != to;
        match tableau.filter(|_| regular) {
            Some(tableau) => tableau.evaluations(*step, process, coordinates),
            None => vec![Evaluation::new(from, euler(*step))],
        }
    };
    steps.iter().flat_map(evaluations).collect()
}
