//! From noise to samples: one method per file, and the resumable loop that runs any of them.
//!
//! A step goes from a noise level `(alpha, sigma)` to a cleaner one `(alpha', sigma')`. What it does is
//! a linear combination whose factors, an [`Update`], follow from the two levels alone:
//!
//! | method | file | source |
//! |---|---|---|
//! | DDPM, the ancestral sampler | `ddpm.rs` | Ho, Jain & Abbeel 2020, <https://arxiv.org/abs/2006.11239> |
//! | DDIM | `ddim.rs` | Song, Meng & Ermon 2021, <https://arxiv.org/abs/2010.02502> |
//! | probability-flow ODE, Euler and Heun | `probability_flow.rs` | Song et al. 2021, <https://arxiv.org/abs/2011.13456> |

mod clipping;
pub mod ddim;
pub mod ddpm;
pub mod probability_flow;
mod sampling;

pub use clipping::Clipping;
pub use sampling::{Progress, Sampling};

use crate::diffusion::{NoiseLevel, NoiseSchedule};

/// A sampling method with its options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// The ancestral sampler of DDPM, which draws from the posterior `q(x_s | x_t, x_0)`.
    Ddpm {
        /// The variance of that draw.
        variance: ddpm::Variance,
    },
    /// The non-Markovian sampler of DDIM.
    Ddim {
        /// Scales the noise added in each step: 0 is deterministic, 1 is the DDPM posterior.
        eta: f64,
        /// Which noise estimate points the way to the next level.
        direction: ddim::Direction,
    },
    /// The deterministic flow with the same marginals as the diffusion.
    ProbabilityFlow {
        /// How the ordinary differential equation is integrated.
        solver: probability_flow::Solver,
    },
}

/// The factors of one step: `next = keep·x + clean·x0_hat + eps·eps_hat + noise·z`, where `z` is fresh
/// standard normal noise and `eps_hat = (x − alpha·x0_hat)/sigma` with `x0_hat` before clipping.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Update {
    /// Factor of the sample itself.
    pub keep: f64,
    /// Factor of the (clipped) estimate of the clean sample.
    pub clean: f64,
    /// Factor of the estimate of the noise, which clipping does not touch.
    pub eps: f64,
    /// Standard deviation of the noise that is added.
    pub noise: f64,
}

/// One step's way: from a noise level to a cleaner one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The level that the sample has, `(alpha, sigma)`.
    pub from: NoiseLevel,
    /// The level that it goes to, `(alpha', sigma')`.
    pub to: NoiseLevel,
}

impl Interval {
    /// The steps through `timesteps` (falling, each below the schedule's length), and from the last one to `end`.
    pub fn between(schedule: &NoiseSchedule, timesteps: &[usize], end: NoiseLevel) -> Vec<Self> {
        let levels: Vec<NoiseLevel> = timesteps
            .iter()
            .filter_map(|t| schedule.level(*t))
            .collect();
        let targets = levels.iter().skip(1).copied().chain([end]);
        let pair = |(from, to): (&NoiseLevel, NoiseLevel)| Self { from: *from, to };
        levels.iter().zip(targets).map(pair).collect()
    }

    /// The steps of diffusers' `DDIMScheduler`: each goes down by `stride = ⌊T/steps⌋` whatever the next
    /// timestep is, and to `end` where that is below zero. With leading spacing it is the same as
    /// [`between`](Self::between).
    pub fn strided(
        schedule: &NoiseSchedule,
        timesteps: &[usize],
        stride: usize,
        end: NoiseLevel,
    ) -> Vec<Self> {
        let target = |t: usize| {
            t.checked_sub(stride)
                .and_then(|t| schedule.level(t))
                .unwrap_or(end)
        };
        let step = |t: &usize| {
            Some(Self {
                from: schedule.level(*t)?,
                to: target(*t),
            })
        };
        timesteps.iter().filter_map(step).collect()
    }
}
