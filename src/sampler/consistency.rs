//! Multistep sampling from a consistency model.

use super::catalog::Entry;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::Result;

/// Options of multistep consistency sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Smallest noise-to-signal ratio, `s_min`, at which the model is the identity.
    pub sigma_min: f64,
    /// Factor of the fresh noise: `s_noise`.
    pub noise_scale: f64,
}

impl Default for Options {
    /// Estimates of the clean sample at zero noise, with as much fresh noise as each level has.
    fn default() -> Self {
        Self {
            sigma_min: 0.0,
            noise_scale: 1.0,
        }
    }
}

impl SamplingMethod for Options {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "consistency",
        "Consistency, multistep",
        ["Song et al. 2023", "https://arxiv.org/abs/2303.01469"],
    )
    .stochastic()];

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(evaluations(trajectory, self).into())
    }
}

/// The estimate of the clean sample, with fresh noise up to the next level (Song et al. 2023, algorithm 1):
///
/// `y' = x0_hat + √(s'² − s_min²)·z`, with `y = x/alpha` and `s = sigma/alpha`.
///
/// For a flow-matching model this is diffusers' `stochastic_sampling`.
pub fn update(step: Step, options: &Options) -> Combination {
    let to = step.to;
    let above = to.noise_to_signal().powi(2) - options.sigma_min.powi(2);
    let noise = options.noise_scale * above.max(0.0).sqrt();
    to.alpha * (Combination::CLEAN + noise * Combination::NOISE)
}

/// One [`update`] per step.
pub fn evaluations(trajectory: &Trajectory, options: &Options) -> Vec<Evaluation> {
    let evaluation = |step: &Step| Evaluation::new(step.from, update(*step, options));
    trajectory.remaining().iter().map(evaluation).collect()
}
