//! DDPM: ancestral sampling from the posterior of the forward process.

use super::catalog::Entry;
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory};
use crate::Result;

/// DDPM's sampler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ddpm {
    /// Variance of the draw.
    pub variance: Variance,
}

impl Default for Ddpm {
    /// The variance of the posterior.
    fn default() -> Self {
        Self {
            variance: Variance::FixedSmall,
        }
    }
}

impl SamplingMethod for Ddpm {
    const ENTRIES: &'static [Entry] = &[Entry::new(
        "ddpm",
        "DDPM",
        ["Ho, Jain & Abbeel 2020", "https://arxiv.org/abs/2006.11239"],
    )
    .stochastic()];

    fn scheduler(&self) -> Option<&'static str> {
        Some("DDPMScheduler")
    }

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(evaluations(trajectory.remaining(), self.variance).into())
    }
}

/// Variance of the reverse step, where `beta = 1 − (alpha/alpha')²` is the variance of the forward step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// The variance of the posterior, `sigma'²/sigma²·beta`: `"fixed_small"` and, computed in logarithms,
    /// `"fixed_small_log"` (Ho et al. 2020, eq. 7).
    FixedSmall,
    /// `beta`: `"fixed_large"` and `"fixed_large_log"` (Ho et al. 2020, section 3.2).
    FixedLarge,
    /// The network's output: `"learned"`.
    Learned,
    /// `exp(f·ln beta + (1 − f)·ln fixed_small)` with `f = (v + 1)/2` from the network's `v` in [−1, 1]:
    /// `"learned_range"` (Nichol & Dhariwal 2021, eq. 15).
    LearnedRange,
}

impl Variance {
    /// Whether the network predicts the variance, in additional channels after those of the prediction.
    pub fn is_learned(self) -> bool {
        matches!(self, Self::Learned | Self::LearnedRange)
    }
}

/// Lower limit of the posterior variance, which keeps its logarithm finite; as in diffusers.
const MIN_VARIANCE: f64 = 1e-20;

/// How the network's output determines the variance of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LearnedVariance {
    /// The output is the variance.
    Direct,
    /// The output interpolates the log-variance: −1 is `min`, 1 is `max`.
    Between {
        /// `ln fixed_small`
        min: f64,
        /// `ln beta`
        max: f64,
    },
}

/// The posterior `q(x' | x, x_0) = N(sample·x + clean·x_0, noise²)` with the variance
/// [`FixedSmall`](Variance::FixedSmall) (Ho et al. 2020, eq. 6 and 7):
/// `sample = alpha/alpha'·sigma'²/sigma²`, `clean = alpha'·beta/sigma²`.
pub fn posterior(step: Step) -> Combination {
    let Step { from, to } = step;
    let variance_ratio = (to.sigma / from.sigma).powi(2);
    let beta = step.forward_variance();
    from.alpha / to.alpha * variance_ratio * Combination::SAMPLE
        + to.alpha * beta / (from.sigma * from.sigma) * Combination::CLEAN
        + (variance_ratio * beta).sqrt() * Combination::NOISE
}

/// One draw from the posterior per step. The step from timestep 0 returns the mean without noise (Ho et al. 2020,
/// algorithm 2).
pub fn evaluations(steps: &[Step], variance: Variance) -> Vec<Evaluation> {
    let evaluation = |step: &Step| {
        let mut next = posterior(*step);
        let (small, beta) = (next.noise, step.forward_variance());
        let has_noise = step.from.time > 0.0;
        next.noise = match variance {
            _ if !has_noise => 0.0,
            Variance::FixedLarge => beta.sqrt(),
            _ => small,
        };
        let learned = match variance {
            Variance::Learned => Some(LearnedVariance::Direct),
            Variance::LearnedRange => Some(LearnedVariance::Between {
                min: (small * small).max(MIN_VARIANCE).ln(),
                max: beta.ln(),
            }),
            _ => None,
        };
        Evaluation {
            learned_variance: learned.filter(|_| has_noise),
            ..Evaluation::new(step.from, next)
        }
    };
    steps.iter().map(evaluation).collect()
}
