//! The noise levels that a run goes through.

use crate::diffusion::{NoiseLevel, Process};
use crate::{Error, Result};

use super::Step;

/// Upper limit of a run's steps. The plan of a run is kept in memory, with up to four evaluations a step.
pub(crate) const MAX_STEPS: usize = 10_000;

/// The steps of a run from noise to data, and the process that their levels belong to.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// All steps, from the noisiest level on.
    pub steps: Vec<Step>,
    /// The first step that is taken: 0, or more where the run starts part-way from a given sample.
    pub begin: usize,
    /// Gives the levels between those of the steps.
    pub process: Process,
    /// Standard deviation of the noise that a run from nothing else starts as; diffusers' `init_noise_sigma`, in the scale of the first level.
    pub initial_noise: f64,
}

impl Trajectory {
    /// All of the steps.
    pub fn new(steps: Vec<Step>, process: Process) -> Self {
        Self {
            steps,
            begin: 0,
            process,
            initial_noise: 1.0,
        }
    }

    /// The steps that are taken.
    pub fn remaining(&self) -> &[Step] {
        &self.steps[self.begin.min(self.steps.len())..]
    }

    /// The level that the run starts from, where there is a step to take.
    pub fn start(&self) -> Option<NoiseLevel> {
        self.remaining().first().map(|step| step.from)
    }

    /// For methods that divide by `alpha` in every step.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the run starts from noise alone.
    pub(super) fn needs_signal(&self) -> Result<()> {
        match self.start() {
            Some(level) if level.alpha == 0.0 => Err(Error::invalid(
                "the first noise level",
                "one with some signal for this sampler, as with leading spacing",
                "noise alone",
            )),
            _ => Ok(()),
        }
    }
}
