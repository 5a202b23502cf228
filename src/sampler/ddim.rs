//! DDIM: the family of samplers with DDPM's marginals, from deterministic to ancestral.

use super::{Combination, Interval, Stage};

/// Which estimate of the noise a DDIM step keeps a part of. They differ only where `x0_hat` was clipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The network's own `eps_hat`; diffusers' default (`use_clipped_model_output = False`).
    Predicted,
    /// `(x − alpha·x0_hat)/sigma` with the clipped `x0_hat`, so that the two agree with `x`; needed
    /// under guidance (`use_clipped_model_output = True`).
    FromClipped,
}

/// The DDIM step (Song, Meng & Ermon 2021, eq. 12 with the standard deviation of eq. 16):
///
/// `next = alpha'·x0_hat + √(sigma'² − noise²)·eps_hat + noise·z`,
/// `noise = eta·(sigma'/sigma)·√(1 − (alpha/alpha')²)`.
///
/// No step can end with more noise than `sigma'`: a larger `eta` is limited there. With `eta = 0` the interval may also
/// lead to a noisier level: that inverts the sampler.
pub fn update(interval: Interval, eta: f64, direction: Direction) -> Combination {
    let Interval { from, to } = interval;
    let noise = match eta {
        0.0 => 0.0,
        _ => eta * to.sigma / from.sigma * interval.forward_variance().sqrt(),
    }
    .min(to.sigma);
    let remaining = (to.sigma * to.sigma - noise * noise).sqrt();
    let eps = match direction {
        Direction::Predicted => Combination::EPS,
        Direction::FromClipped => Combination::noise_estimate(from),
    };
    to.alpha * Combination::CLEAN + remaining * eps + noise * Combination::NOISE
}

/// One [`update`] for each interval.
pub fn stages(intervals: &[Interval], eta: f64, direction: Direction) -> Vec<Stage> {
    let stage = |interval: &Interval| Stage::new(interval.from, update(*interval, eta, direction));
    intervals.iter().map(stage).collect()
}
