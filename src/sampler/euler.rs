//! Euler's method for the probability-flow ODE, and its ancestral variant.

use super::{Combination, Step, ddim, probability_flow};

/// `y' = y + (s' − s)·eps_hat` with `y = x/alpha` and `s = sigma/alpha` (Karras et al. 2022, algorithm 1 without its
/// correction). This is DDIM with `eta = 0`.
pub fn euler(step: Step) -> Combination {
    probability_flow::euler(step)
}

/// An Euler step down to `s_down`, then fresh noise of standard deviation `s_up` back up to `s'`:
///
/// `s_up = (s'/s)·√(s² − s'²)`, `s_down = √(s'² − s_up²) = s'²/s`
///
/// (as in k-diffusion). This is DDIM with `eta = 1`, a draw from DDPM's posterior.
pub fn ancestral(step: Step) -> Combination {
    ddim::update(step, 1.0, ddim::NoiseEstimate::Rederived)
}
