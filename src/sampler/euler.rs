//! Euler's method for the probability-flow ODE, and its ancestral variant.

use super::catalog::{Entry, papers};
use super::{
    Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, ddim, probability_flow,
};
use crate::Result;

/// Euler's method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Euler;

impl SamplingMethod for Euler {
    const ENTRIES: &'static [Entry] = &[Entry::new("euler", "Euler", papers::KARRAS_2022)];

    fn scheduler(&self) -> Option<&'static str> {
        Some("EulerDiscreteScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(single(trajectory, euler))
    }
}

/// Euler's method with fresh noise in each step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EulerAncestral;

impl SamplingMethod for EulerAncestral {
    const ENTRIES: &'static [Entry] =
        &[Entry::new("euler-ancestral", "Euler ancestral", papers::KARRAS_2022).stochastic()];

    fn scheduler(&self) -> Option<&'static str> {
        Some("EulerAncestralDiscreteScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(single(trajectory, ancestral))
    }
}

/// One evaluation per step.
fn single(trajectory: &Trajectory, update: fn(Step) -> Combination) -> Plan {
    let evaluation = |step: &Step| Evaluation::new(step.from, update(*step));
    let evaluations: Vec<Evaluation> = trajectory.remaining().iter().map(evaluation).collect();
    evaluations.into()
}

/// `y' = y + (s' − s)·eps_hat` with `y = x/alpha` and `s = sigma/alpha` (Karras et al. 2022, algorithm 1 without its
/// correction). This is DDIM with `eta = 0`.
pub fn euler(step: Step) -> Combination {
    probability_flow::euler(step)
}

/// An Euler step down to `s_down`, then fresh noise of standard deviation `s_up` back up to `s'`:
///
/// `s_up = (s'/s)·√(s² − s'²)`, `s_down = √(s'² − s_up²) = s'²/s`
///
/// (as in k-diffusion). This is DDIM with `eta = 1`, a draw from DDPM's posterior.
pub fn ancestral(step: Step) -> Combination {
    ddim::update(step, 1.0, ddim::NoiseEstimate::Rederived)
}
