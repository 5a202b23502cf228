//! RePaint: the known part is drawn from the forward process, and steps are repeated.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{LinearOperator, Observation};
use crate::diffusion::{NoiseLevel, NoiseSchedule};
use crate::sampler::{Step, Terms, Update};

/// The steps of a run with jumps (Lugmayr et al. 2022, figure 9), as indices of a trajectory of `steps` steps, 0 the
/// noisiest: diffusers' `set_timesteps`.
///
/// When the run has reached one of the steps `0, jump_length, 2·jump_length, …` from the end, it jumps back by
/// `jump_length` steps, `jump_samples − 1` times.
pub fn visits(steps: usize, jump_length: usize, jump_samples: usize) -> Vec<usize> {
    let mut jumps = vec![0; steps];
    for start in (0..steps.saturating_sub(jump_length)).step_by(jump_length.max(1)) {
        jumps[start] = jump_samples.saturating_sub(1);
    }
    let mut visits = Vec::new();
    let mut remaining = steps;
    while remaining > 0 {
        remaining -= 1;
        visits.push(steps - 1 - remaining);
        if jumps[remaining] > 0 {
            jumps[remaining] -= 1;
            remaining += jump_length;
        }
    }
    visits
}

/// Number of steps of [`visits`], without computing them.
pub fn visit_count(steps: usize, jump_length: usize, jump_samples: usize) -> usize {
    let starts = steps
        .saturating_sub(jump_length)
        .div_ceil(jump_length.max(1));
    let repeated = starts.saturating_mul(jump_samples.saturating_sub(1));
    steps.saturating_add(repeated.saturating_mul(jump_length))
}

/// One visit of a step.
#[derive(Clone, Debug)]
struct Visit {
    step: Step,
    /// Standard deviation of the fresh noise of the unknown part.
    std: f64,
    /// Factors of the sample and of fresh noise for each part of the return to a noisier level.
    back: Vec<[f64; 2]>,
}

/// The update of RePaint (algorithm 1), with DDIM's step for the unknown part, as in diffusers' `RePaintScheduler`:
///
/// `next = P·(alpha'·y + sigma'·z) + (1 − P)·(alpha'·x0_hat + √(sigma'² − std²)·eps_hat + std·z)`
///
/// with the projection `P = A⁺A` on the observed part, the observed image `y = A⁺·values`, the same noise `z` in both
/// parts, and `std` as for [`ddim::update`](crate::sampler::ddim::update). The observation is treated as exact.
#[derive(Clone, Debug)]
pub struct RePaint {
    visits: Vec<Visit>,
    operator: Arc<dyn LinearOperator<4>>,
    known: Tensor<4>,
}

/// How the sample returns to a noisier level.
#[derive(Clone, Copy, Debug)]
pub enum Return<'a> {
    /// In one step of the forward process.
    Direct,
    /// As diffusers' `undo_step`: one step per training timestep, `stride` of them for each step of the trajectory, and
    /// with the betas from the timestep of the last evaluation on.
    PerTimestep {
        /// Schedule of the training timesteps.
        schedule: &'a NoiseSchedule,
        /// `⌊T/steps⌋`.
        stride: usize,
    },
}

impl RePaint {
    /// The update for the trajectory's steps at the indices `visits`; `None` where the operator is not linear or its
    /// singular value decomposition is not known. `eta` is 0 for DDIM and 1 for DDPM.
    pub fn new(
        steps: &[Step],
        visits: &[usize],
        observation: &Observation<4>,
        eta: f64,
        back: Return<'_>,
    ) -> Option<Self> {
        let operator = observation.operator.linear()?.clone();
        let adjoint = operator.adjoint(observation.values.clone());
        let inverse = |s: f64| if s > 0.0 { 1.0 / (s * s) } else { 0.0 };
        let known = operator.filter(adjoint, &inverse)?;
        let visit = |position: usize| {
            let index = visits[position];
            let next = visits.get(position + 1).copied().unwrap_or(index + 1);
            let step = steps[index];
            Visit {
                step,
                std: ddim_std(step, eta),
                back: if next > index {
                    Vec::new()
                } else {
                    back.factors(steps, index, next)
                },
            }
        };
        Some(Self {
            visits: (0..visits.len()).map(visit).collect(),
            operator,
            known,
        })
    }

    fn projected(&self, images: Tensor<4>) -> Tensor<4> {
        let seen = |s: f64| if s > 0.0 { 1.0 } else { 0.0 };
        let projected = self.operator.filter(images.clone(), &seen);
        projected.unwrap_or(images)
    }
}

/// Standard deviation of the noise of a DDIM step.
fn ddim_std(step: Step, eta: f64) -> f64 {
    let std = eta * step.to.sigma / step.from.sigma * step.forward_variance().max(0.0).sqrt();
    std.min(step.to.sigma)
}

impl Return<'_> {
    /// From the end of the step `last` to the beginning of the step `next`.
    fn factors(self, steps: &[Step], last: usize, next: usize) -> Vec<[f64; 2]> {
        match self {
            Self::Direct => {
                let step = Step {
                    from: steps[next].from,
                    to: steps[last].to,
                };
                let keep = step.from.alpha / step.to.alpha;
                vec![[keep, step.forward_variance().max(0.0).sqrt()]]
            }
            Self::PerTimestep { schedule, stride } => {
                let first = steps[last].from.time as usize;
                let count = (last + 1 - next) * stride;
                let beta = |timestep: usize| {
                    let bars = schedule.alpha_bars();
                    let before = timestep.checked_sub(1).map_or(1.0, |before| bars[before]);
                    bars.get(timestep).map(|bar| 1.0 - bar / before)
                };
                let betas = (first..first + count).filter_map(beta);
                betas
                    .map(|beta| [(1.0 - beta).sqrt(), beta.sqrt()])
                    .collect()
            }
        }
    }
}

impl Update<4> for RePaint {
    fn next(
        &self,
        index: usize,
        terms: &Terms<'_, 4>,
        draw: &mut dyn FnMut() -> Tensor<4>,
    ) -> Tensor<4> {
        let Visit { step, std, back } = &self.visits[index];
        let NoiseLevel { alpha, sigma, .. } = step.to;
        let noise = draw();
        let direction = (sigma * sigma - std * std).max(0.0).sqrt();
        let unknown =
            terms.clipped.clone() * alpha + terms.eps() * direction + noise.clone() * *std;
        let known = self.known.clone() * alpha + noise * sigma;
        let next = unknown.clone() + self.projected(known - unknown);
        back.iter()
            .fold(next, |next, [keep, add]| next * *keep + draw() * *add)
    }
}
