//! Spacings of timesteps for runs with fewer steps than in training.

use super::schedule::linspace;
use crate::{Error, Result};

/// Spacing of `steps` timesteps out of `T` (Lin et al. 2024, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestepSpacing {
    /// Every `⌊T/steps⌋`-th timestep from 0, plus the offset; never starts at pure noise.
    Leading,
    /// Evenly spaced from 0 to `T − 1`, both included, rounded half to even.
    Linspace,
    /// Every `T/steps`-th timestep down from `T − 1`; always starts at pure noise.
    Trailing,
}

impl TimestepSpacing {
    /// The timesteps, from the noisiest to the cleanest. `offset` (diffusers' `steps_offset`) only affects
    /// [`Leading`](Self::Leading).
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for zero steps, for more steps than `T`, and for an offset that leads beyond `T − 1`.
    pub fn timesteps(self, total: usize, steps: usize, offset: usize) -> Result<Vec<usize>> {
        if !(1..=total).contains(&steps) {
            return Err(Error::invalid(
                "steps",
                format!("between 1 and {total}"),
                steps,
            ));
        }
        let round = |x: f64| x.round_ties_even() as usize;
        let ascending: Vec<usize> = match self {
            Self::Leading => {
                let stride = total / steps;
                let slack = total - 1 - (steps - 1) * stride;
                if offset > slack {
                    let expected = format!("at most {slack} with {steps} steps of {total}");
                    return Err(Error::invalid("steps_offset", expected, offset));
                }
                (0..steps).map(|i| i * stride + offset).collect()
            }
            Self::Linspace => linspace(0.0, (total - 1) as f64, steps)
                .map(round)
                .collect(),
            Self::Trailing => {
                let stride = total as f64 / steps as f64;
                let down = (0..steps).rev().map(|i| total as f64 - i as f64 * stride);
                down.map(|t| round(t) - 1).collect()
            }
        };
        Ok(ascending.into_iter().rev().collect())
    }
}
