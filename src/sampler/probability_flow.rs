//! The probability-flow ODE: the deterministic flow with the diffusion's marginals.
//!
//! In the variables `y = x/alpha` and `s = sigma/alpha` it reads `dy/ds = (y − x0_hat)/s = eps_hat`
//! (Song et al. 2021, eq. 13; Karras et al. 2022, eq. 1 with their `sigma` written `s`). The clipped `x0_hat` counts.

use super::{Interval, Update, ddim};

/// How the flow is integrated from one level to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solver {
    /// One slope per step, order 1. It is DDIM with eta = 0.
    Euler,
    /// The mean of the slopes at both ends, order 2, two network evaluations per step (Karras et al. 2022,
    /// algorithm 1). A step from pure noise or to no noise at all, where one of the slopes does not exist, is Euler's,
    /// and so is one that goes nowhere.
    Heun,
}

/// Euler's step `y' = y + (s' − s)·eps_hat`.
pub fn euler(interval: Interval) -> Update {
    ddim::update(interval, 0.0, ddim::Direction::FromClipped)
}

/// Heun's step `y' = y + (s' − s)·(eps_hat + eps_hat')/2`, written as `x' = keep·x + eps·(eps_hat + eps_hat')`;
/// `None` where only Euler's exists.
pub fn heun(Interval { from, to }: Interval) -> Option<Update> {
    if from.alpha == 0.0 || to.sigma == 0.0 || from == to {
        return None;
    }
    Some(Update {
        keep: to.alpha / from.alpha,
        eps: to.alpha / 2.0 * (to.sigma / to.alpha - from.sigma / from.alpha),
        ..Update::default()
    })
}
