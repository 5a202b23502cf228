//! The probability-flow ODE: the deterministic flow with the marginals of the diffusion process.

use crate::diffusion::{NoiseLevel, Process};

use super::catalog::{Domain, Entry, OptionValue, Parameter, papers, words};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, ddim, runge_kutta};
use crate::Result;

/// The probability-flow ODE, integrated from level to level of the trajectory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProbabilityFlow {
    /// How the ordinary differential equation is integrated.
    pub solver: Solver,
}

impl SamplingMethod for ProbabilityFlow {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "probability-flow",
        "Probability-flow ODE",
        papers::SONG_2021,
    )
    .evaluating(2)
    .with(&[Parameter::new(
        "solver",
        "Solver",
        "Evaluations per step: Euler one, Heun two, Runge–Kutta four, with increasing accuracy.",
        Domain::choice(Solver::WORDS, "heun"),
    )])];

    fn option(&mut self, name: &str) -> Option<&mut dyn OptionValue> {
        (name == "solver").then_some(&mut self.solver)
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        let process = &trajectory.process;
        let coordinates = Coordinates::of(process);
        Ok(evaluations(trajectory.remaining(), self.solver, process, coordinates).into())
    }
}

/// Integration of the flow from one level to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// One slope per step, order 1. This is DDIM with eta = 0.
    Euler,
    /// The mean of the slopes at both ends, order 2 (Karras et al. 2022, algorithm 1).
    #[default]
    Heun,
    /// The classical Runge–Kutta method, four slopes per step, order 4.
    RungeKutta4,
}

words!(Solver {
    Euler = "euler",
    Heun = "heun",
    RungeKutta4 = "rk4",
});

/// Variables `y = x/scale` and `time` in which the flow is integrated. All describe the same flow, but a straight line
/// in one is curved in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// `y = x/alpha` against `sigma/alpha`, where `dy/ds = eps_hat` (Song et al. 2021, eq. 13; Karras et al. 2022, eq. 1).
    NoiseToSignal,
    /// `y = x/√(alpha² + sigma²)` against the angle `φ = atan(sigma/alpha)`, where
    /// `dy/dφ = cos φ·eps_hat − sin φ·x0_hat`, the velocity of Salimans & Ho 2022 (appendix D). All quantities are
    /// finite, and the whole range is `π/2` long.
    Angle,
    /// `y = x/(alpha + sigma)` against `t = sigma/(alpha + sigma)`, where `dy/dt = eps_hat − x0_hat`, the velocity of flow
    /// matching (Lipman et al. 2023, eq. 22).
    Line,
}

impl Coordinates {
    /// The coordinates in which models trained with the process are nearly straight.
    pub fn of(process: &Process) -> Self {
        match process {
            Process::FlowMatching { .. } => Self::Line,
            _ => Self::NoiseToSignal,
        }
    }

    /// The factor `scale` in `x = scale·y`.
    pub fn scale(self, NoiseLevel { alpha, sigma, .. }: NoiseLevel) -> f64 {
        match self {
            Self::NoiseToSignal => alpha,
            Self::Angle => alpha.hypot(sigma),
            Self::Line => alpha + sigma,
        }
    }

    /// The integration variable.
    pub fn time(self, level: NoiseLevel) -> f64 {
        let NoiseLevel { alpha, sigma, .. } = level;
        match self {
            Self::NoiseToSignal => level.noise_to_signal(),
            Self::Angle => sigma.atan2(alpha),
            Self::Line => sigma / (alpha + sigma),
        }
    }

    /// `dy/dtime` for a sample at this level, computed from the clipped `x0_hat`.
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

    /// `sigma/alpha` at the given time.
    pub fn noise_to_signal(self, time: f64) -> f64 {
        match self {
            Self::NoiseToSignal => time,
            Self::Angle => time.tan(),
            Self::Line => time / (1.0 - time),
        }
    }

    /// Whether the slope is defined at a level.
    fn is_regular(self, level: NoiseLevel) -> bool {
        level.sigma > 0.0 && (self != Self::NoiseToSignal || level.alpha > 0.0)
    }
}

/// The Euler step `y' = y + (s' − s)·eps_hat`, the same in all coordinates.
pub fn euler(step: Step) -> Combination {
    ddim::update(step, 0.0, ddim::NoiseEstimate::Rederived)
}

/// The evaluations of all steps. A step from pure noise or to zero noise, where one of the slopes is undefined, and a
/// step of length zero are Euler steps.
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
