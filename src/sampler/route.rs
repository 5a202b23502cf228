//! The noise levels that a run goes through.

use crate::diffusion::{NoiseLevel, Process};
use crate::{Error, Result};

use super::Interval;

/// Upper limit of a run's steps. The plan of a run is kept in memory, with up to four evaluations a step.
pub(crate) const MAX_STEPS: usize = 10_000;

/// The intervals of a run from noise to data, and the process that their levels belong to.
#[derive(Clone, Debug)]
pub struct Route {
    /// All steps, from the noisiest level on.
    pub intervals: Vec<Interval>,
    /// The first step that is taken: 0, or more where the run starts part-way from a given sample.
    pub begin: usize,
    /// Gives the levels between those of the intervals.
    pub process: Process,
    /// Standard deviation of the noise that a run from nothing else starts as; diffusers' `init_noise_sigma`, in the scale of the first level.
    pub initial_noise: f64,
}

impl Route {
    /// All of the intervals.
    pub fn new(intervals: Vec<Interval>, process: Process) -> Self {
        Self {
            intervals,
            begin: 0,
            process,
            initial_noise: 1.0,
        }
    }

    /// The steps that are taken.
    pub fn remaining(&self) -> &[Interval] {
        &self.intervals[self.begin.min(self.intervals.len())..]
    }

    /// The level that the run starts from, where there is a step to take.
    pub fn start(&self) -> Option<NoiseLevel> {
        self.remaining().first().map(|interval| interval.from)
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
