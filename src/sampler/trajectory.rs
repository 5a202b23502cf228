//! The sequence of noise levels of a run.

use crate::diffusion::{NoiseLevel, Process};
use crate::{Error, Result};

use super::Step;

/// Upper limit of the steps of a run. The plan is held in memory, with up to four evaluations per step.
pub(crate) const MAX_STEPS: usize = 10_000;

/// The steps of a run from noise to data, and the diffusion process that their levels belong to.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// All steps, starting with the noisiest level.
    pub steps: Vec<Step>,
    /// Index of the first step of the run: 0, or more for a run that starts part-way from a given sample.
    pub begin: usize,
    /// Process that provides intermediate levels.
    pub process: Process,
    /// Standard deviation of the initial noise, in the scale of the first level; `init_noise_sigma` in diffusers.
    pub initial_noise: f64,
}

impl Trajectory {
    /// A trajectory that starts at the first step, with initial noise of standard deviation 1.
    pub fn new(steps: Vec<Step>, process: Process) -> Self {
        Self {
            steps,
            begin: 0,
            process,
            initial_noise: 1.0,
        }
    }

    /// The steps of the run, from `begin` on.
    pub fn remaining(&self) -> &[Step] {
        &self.steps[self.begin.min(self.steps.len())..]
    }

    /// Noise level of the initial sample; `None` where no step is left.
    pub fn start(&self) -> Option<NoiseLevel> {
        self.remaining().first().map(|step| step.from)
    }

    /// Checks that the first level has some signal, for methods that divide by `alpha`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] where the run starts from pure noise.
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
