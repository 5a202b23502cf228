//! IPNDM: DDIM steps along Adams–Bashforth slopes of order 4.

use super::catalog::{Entry, papers};
use super::{Combination, Evaluation, Plan, SamplingMethod, Step, Trajectory, probability_flow};
use crate::Result;
use crate::diffusion::Process;

/// Lower limit of `alpha` on the angular schedule, applied at pure noise; as in diffusers.
const MIN_ALPHA: f64 = 1e-8;

/// Factors of the latest noise estimates, latest first, by the number of estimates (Liu et al. 2022, eq. 12).
pub(super) const ADAMS_BASHFORTH: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// The improved pseudo numerical method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ipndm;

impl SamplingMethod for Ipndm {
    const ENTRIES: &'static [Entry] = &[Entry::new("ipndm", "IPNDM", papers::ZHANG_2023)];

    fn plan(&self, trajectory: &Trajectory) -> Result<Plan> {
        Ok(evaluations(trajectory).into())
    }
}

/// A DDIM step with a combination `e` of noise estimates,
///
/// `next = alpha'·(x − sigma·e)/alpha + sigma'·e`, `e = (55·e_i − 59·e_{i−1} + 37·e_{i−2} − 9·e_{i−3})/24`
///
/// and lower orders while fewer estimates are available (Zhang & Chen 2023, section 4; "improved PNDM", PNDM without
/// its Runge–Kutta steps).
///
/// At pure noise `x_0` cannot be derived from `e`. On its own angular schedule diffusers' scheduler uses 0 for it, and
/// so does this implementation; on other schedules the first step is an Euler step.
pub fn evaluations(trajectory: &Trajectory) -> Vec<Evaluation> {
    let evaluation = |(known, step): (usize, &Step)| {
        let slope = Combination::noise_estimate(step.from);
        let mut along = *step;
        if trajectory.process == Process::Angular {
            along.from.alpha = along.from.alpha.max(MIN_ALPHA);
        }
        let next = match along.from.alpha {
            0.0 => probability_flow::euler(along),
            _ => transfer(along, Combination::SAMPLE, averaged(slope, known)),
        };
        Evaluation {
            record: Some(slope),
            ..Evaluation::new(step.from, next)
        }
    };
    trajectory
        .remaining()
        .iter()
        .enumerate()
        .map(evaluation)
        .collect()
}

/// Combination of `slope` and the tensors recorded by the `known` previous evaluations.
pub(super) fn averaged(slope: Combination, known: usize) -> Combination {
    let factors = ADAMS_BASHFORTH[known.min(3)];
    let earlier = factors.iter().enumerate().skip(1);
    earlier.fold(factors[0] * slope, |sum, (back, factor)| {
        sum + *factor * Combination::previous(back)
    })
}

/// The DDIM step from `x` with the noise estimate `e`: `alpha'·(x − sigma·e)/alpha + sigma'·e`.
pub(super) fn transfer(Step { from, to }: Step, x: Combination, e: Combination) -> Combination {
    let clean = (x - from.sigma * e) / from.alpha;
    to.alpha * clean + to.sigma * e
}
