//! IPNDM: Adams–Bashforth slopes of order 4 in DDIM's step.

use super::{Combination, Evaluation, Step, Trajectory, probability_flow};
use crate::diffusion::Process;

/// Noise alone counts as having this much signal on the angular schedule, as in diffusers.
const MIN_ALPHA: f64 = 1e-8;

/// Factors of the last estimates of the noise, the latest first, by how many there are (Liu et al. 2022, eq. 12).
pub(super) const ADAMS_BASHFORTH: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// DDIM's step with a combined estimate `e` of the noise,
///
/// `next = alpha'·(x − sigma·e)/alpha + sigma'·e`, `e = (55·e_i − 59·e_{i−1} + 37·e_{i−2} − 9·e_{i−3})/24`
///
/// and lower orders while there are fewer estimates (Zhang & Chen 2023, section 4; "improved PNDM", PNDM without its Runge–Kutta
/// steps).
///
/// From noise alone `x_0` is not in `e`. On its own angular schedule diffusers' scheduler takes it for 0 there, and so do we; on
/// others the first step is Euler's.
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

/// The estimates combined: `slope`, and what the `known` previous evaluations recorded.
pub(super) fn averaged(slope: Combination, known: usize) -> Combination {
    let factors = ADAMS_BASHFORTH[known.min(3)];
    let earlier = factors.iter().enumerate().skip(1);
    earlier.fold(factors[0] * slope, |sum, (back, factor)| {
        sum + *factor * Combination::previous(back)
    })
}

/// DDIM's step from `x` along the noise `e`: `alpha'·(x − sigma·e)/alpha + sigma'·e`.
pub(super) fn transfer(Step { from, to }: Step, x: Combination, e: Combination) -> Combination {
    let clean = (x - from.sigma * e) / from.alpha;
    to.alpha * clean + to.sigma * e
}
