//! Heun's method for the probability-flow ODE, under its own name.

use super::catalog::{Entry, papers};
use super::probability_flow::{ProbabilityFlow, Solver};
use super::{Plan, SamplingMethod, Trajectory};
use crate::Result;

/// [`ProbabilityFlow`] with [`Solver::Heun`], in the noise levels of diffusers' scheduler (Karras et al. 2022,
/// algorithm 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heun;

impl SamplingMethod for Heun {
    const ENTRIES: &'static [Entry] =
        &[Entry::new("heun", "Heun", papers::KARRAS_2022).evaluating(2)];

    fn scheduler(&self) -> Option<&'static str> {
        Some("HeunDiscreteScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        let solver = Solver::Heun;
        ProbabilityFlow { solver }.plan(trajectory)
    }
}
