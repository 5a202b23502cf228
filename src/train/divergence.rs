//! Whether training still makes sense.

use crate::{Error, Result};

/// Losses that the mean is taken over.
const RECENT: usize = 20;
/// How many times worse than a network that answers 0 to everything.
const WORSE: f64 = 10.0;

/// Watches the losses: training has diverged when one is not finite, or when the last 20 are on average over ten times those of a network that answers 0
/// to everything, from which a new network starts.
#[derive(Clone, Debug, Default)]
pub struct Divergence {
    /// The last losses, each with that of the network that answers 0.
    recent: Vec<[f64; 2]>,
    found: Option<Error>,
}

impl Divergence {
    /// Notes the loss of a step, counted from 0, and that of a network that answers 0.
    ///
    /// # Errors
    /// [`Error::Diverged`], from here on.
    pub fn note(&mut self, step: usize, loss: f64, silent: f64) -> Result<()> {
        if self.recent.len() == RECENT {
            self.recent.remove(0);
        }
        self.recent.push([loss, silent]);
        let sum = |which: usize| self.recent.iter().map(|pair| pair[which]).sum::<f64>();
        let exploded = self.recent.len() == RECENT && sum(0) > WORSE * sum(1);
        if exploded || !loss.is_finite() {
            self.found = Some(Error::Diverged { step, loss });
        }
        self.check()
    }

    /// # Errors
    /// [`Error::Diverged`] if that was noted.
    pub fn check(&self) -> Result<()> {
        self.found.clone().map_or(Ok(()), Err)
    }
}
