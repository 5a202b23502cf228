//! DDIM: the family of samplers with DDPM's marginals, from deterministic to ancestral.

use super::{Interval, Update};

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
/// No step can end with more noise than `sigma'`: a larger `eta` is limited there.
pub fn update(interval: Interval, eta: f64, direction: Direction) -> Update {
    let Interval { from, to } = interval;
    let beta = 1.0 - (from.alpha / to.alpha).powi(2);
    let noise = (eta * to.sigma / from.sigma * beta.sqrt()).min(to.sigma);
    let remaining = (to.sigma * to.sigma - noise * noise).sqrt();
    match direction {
        Direction::Predicted => Update {
            keep: 0.0,
            clean: to.alpha,
            eps: remaining,
            noise,
        },
        // The same with eps_hat = (x − alpha·x0_hat)/sigma put in.
        Direction::FromClipped => Update {
            keep: remaining / from.sigma,
            clean: to.alpha - remaining / from.sigma * from.alpha,
            eps: 0.0,
            noise,
        },
    }
}
